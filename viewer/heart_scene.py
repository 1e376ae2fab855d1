"""Draw the heart from one side as pixels with their depth; nothing but OpenGL here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import ATRIA, REGIONS, Anatomy, Mesh
from viewer.outline import Line, part_of, smooth, to_polydata
from viewer.views import View

ATRIA_COLOUR = "#e6d3cb"
VESSEL_COLOUR = "#d9b3a7"
INSIDE_COLOUR = "#b98f83"
VESSEL_OPACITY, VESSEL_FADE_MM = 0.8, (4.0, 30.0)
NEAR, EYE, FAR = 1.0, 600.0, 1200.0
TOLERANCE_MM = 2.0
RIM = 0.05
PALE = ("Oranges",)
"""Colour maps that begin light."""


@dataclass(frozen=True, eq=False)
class Paint:
    """Colours of the ventricles.

    Parameters
    ----------
    values : (v,) float
        One value per vertex of the heart; those of the atria are not looked at.
    colours : str
        Name of a matplotlib colour map.
    limits : (2,) float
        Values at the ends of the colour map.
    """

    values: NDArray[np.float64]
    colours: str
    limits: tuple[float, float]

    @property
    def signed(self) -> bool:
        """Whether colours are two-sided around zero."""
        return self.limits[0] < 0

    @property
    def pale(self) -> bool:
        """Whether zero is light, so that lines on it must be dark."""
        return self.signed or self.colours in PALE


@dataclass(frozen=True)
class Frame:
    """What a picture shows.

    Parameters
    ----------
    centre : (float, float, float), mm
    half_width : float, mm
    pixels : int
        Of each side.
    """

    centre: tuple[float, float, float]
    half_width: float
    pixels: int


@dataclass(frozen=True, eq=False)
class Shot:
    """The heart from one side.

    Parameters
    ----------
    view : View
    frame : Frame
    picture : (p, p, 3) uint8
    depth : (q, q) float32, mm
        Distance of what is seen from the plane of the eye.
    """

    view: View
    frame: Frame
    picture: NDArray[np.uint8]
    depth: NDArray[np.float32]

    def shows(self, line: Line) -> NDArray[np.bool_]:
        """Tell which points of a line face the eye with nothing before them.

        Parameters
        ----------
        line : Line

        Returns
        -------
        (n,) bool
        """
        eye = np.array(self.view.towards_eye)
        side = len(self.depth)
        plane = self.view.project(line.points, self.frame.centre) / self.frame.half_width
        column = np.clip(((1 + plane[:, 0]) / 2 * side).astype(int), 0, side - 1)
        row = np.clip(((1 - plane[:, 1]) / 2 * side).astype(int), 0, side - 1)
        distance = EYE - (line.points - np.array(self.frame.centre)) @ eye
        # A surface seen at a slant changes depth within a pixel, and at its rim it is all slant.
        return (distance <= self.depth[row, column] + TOLERANCE_MM) & (line.normals @ eye > RIM)


def _add_atrium(plotter: Any, part: Mesh) -> None:
    if len(part.triangles):
        plotter.add_mesh(
            to_polydata(part), color=ATRIA_COLOUR, smooth_shading=True,
            ambient=0.46, diffuse=0.56, specular=0.05, specular_power=10,
        )  # fmt: skip


def _add_vessels(plotter: Any, anatomy: Anatomy) -> None:
    """Add the great vessels, fading out where they leave the heart: they only say which way is up."""
    if not len(anatomy.vessels.triangles):
        return
    import pyvista
    from scipy.spatial import KDTree

    data = to_polydata(anatomy.vessels)
    distance, _ = KDTree(anatomy.heart.points).query(anatomy.vessels.points)
    near, far = VESSEL_FADE_MM
    colour = np.array(pyvista.Color(VESSEL_COLOUR).int_rgb + (255,), dtype=np.uint8)
    data["colour"] = np.tile(colour, (data.n_points, 1))
    data["colour"][:, 3] = 255 * VESSEL_OPACITY * np.clip((far - distance) / (far - near), 0, 1)
    plotter.add_mesh(
        data, scalars="colour", rgba=True, smooth_shading=True, culling="back",
        ambient=0.5, diffuse=0.5, specular=0.0,
    )  # fmt: skip


def _add_ventricles(
    plotter: Any, anatomy: Anatomy, paint: Paint, without: Sequence[str], bar: Mapping[str, Any] | None
) -> Any:
    ventricles, vertices = part_of(anatomy.heart, anatomy.ventricles)
    data = to_polydata(ventricles)
    data["value"] = paint.values[vertices]
    gone = _gone(anatomy, without)[vertices]
    if gone.any():
        data["gone"] = smooth(gone.astype(float), ventricles)
        data = data.clip_scalar(scalars="gone", value=0.5)
        plotter.add_mesh(data, color=INSIDE_COLOUR, culling="front", lighting=False)
    plotter.add_mesh(
        data, scalars="value", cmap=paint.colours, clim=paint.limits, n_colors=256, culling="back",
        show_scalar_bar=bar is not None, scalar_bar_args=dict(bar or {}), smooth_shading=True,
        ambient=0.48, diffuse=0.56, specular=0.12, specular_power=14,
    )  # fmt: skip
    return data


def add_heart(
    plotter: Any,
    anatomy: Anatomy,
    paint: Paint,
    *,
    without: Sequence[str],
    plain: bool = False,
    bar: Mapping[str, Any] | None = None,
) -> Any:
    """Put a heart on the stage.

    Parameters
    ----------
    plotter : pyvista.Plotter
    anatomy : Anatomy
    paint : Paint
    without : sequence of str
        Regions taken away to look inside; atria and vessels go with them.
    plain : bool
        Leave out atria and vessels too.
    bar : mapping, optional
        Options of PyVista's colour bar; none is drawn by default.

    Returns
    -------
    pyvista.PolyData
        The ventricles, coloured by their point array ``value``.
    """
    data = _add_ventricles(plotter, anatomy, paint, without, bar)
    if not without and not plain:
        for name in ATRIA:
            _add_atrium(plotter, part_of(anatomy.heart, anatomy.region == REGIONS.index(name))[0])
        _add_vessels(plotter, anatomy)
    return data


def _gone(anatomy: Anatomy, without: Sequence[str]) -> NDArray[np.bool_]:
    return np.isin(anatomy.region, [REGIONS.index(name) for name in without])


def _shoot(plotter: Any, view: View, frame: Frame) -> Shot:
    eye = np.array(frame.centre) + EYE * np.array(view.towards_eye)
    plotter.camera_position = [tuple(eye), frame.centre, view.up]
    plotter.enable_parallel_projection()
    plotter.camera.parallel_scale = frame.half_width
    plotter.camera.clipping_range = (NEAR, FAR)
    plotter.render()
    fine = plotter.screenshot(return_img=True)
    depth = -plotter.get_image_depth(fill_value=-FAR, reset_camera_clipping_range=False)
    return Shot(view, frame, _halve(fine), depth)


def _halve(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = picture.shape[0] // 2, picture.shape[1] // 2
    blocks = picture.reshape(rows, 2, columns, 2, -1).astype(np.uint16)
    return (blocks.sum(axis=(1, 3)) // 4).astype(np.uint8)


def opened(anatomy: Anatomy, without: Sequence[str]) -> Mesh:
    """Give what is left of the ventricles once regions are taken away.

    Parameters
    ----------
    anatomy : Anatomy
    without : sequence of str
        Names of `REGIONS`.

    Returns
    -------
    Mesh
        With all vertices of the heart, and only triangles that stay.
    """
    kept = anatomy.ventricles & ~_gone(anatomy, without)
    triangles = anatomy.heart.triangles
    return Mesh(anatomy.heart.points, triangles[kept[triangles].all(axis=1)])


def shoot(
    anatomy: Anatomy, paint: Paint, views: Sequence[tuple[View, Frame]], *, without: Sequence[str] = ()
) -> list[Shot]:
    """Draw the heart from several sides.

    Parameters
    ----------
    anatomy : Anatomy
    paint : Paint
    views : sequence of (View, Frame)
        All with the same number of pixels.
    without : sequence of str
        Regions taken away to look inside; atria and vessels go with them.

    Returns
    -------
    list of Shot
    """
    import pyvista

    side = 2 * views[0][1].pixels
    plotter = pyvista.Plotter(off_screen=True, window_size=[side, side], lighting="light kit")
    try:
        plotter.renderer.enable_depth_peeling(4)
        plotter.disable_anti_aliasing()  # pictures are drawn twice as large and halved instead
        plotter.background_color = pyvista.Color("white")
        add_heart(plotter, anatomy, paint, without=without)
        return [_shoot(plotter, view, frame) for view, frame in views]
    finally:
        plotter.close()
