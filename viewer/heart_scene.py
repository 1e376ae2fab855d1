"""Draw the heart from one side as pixels with their depth; nothing but OpenGL here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import ATRIA, REGIONS, Anatomy, Mesh
from viewer.outline import Line, part_of, to_polydata
from viewer.views import View

ATRIA_COLOUR = "#e6d3cb"
VESSEL_COLOUR = "#dcbfb5"
NEAR, EYE, FAR = 1.0, 600.0, 1200.0
TOLERANCE_MM = 2.0
RIM = 0.05


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


@dataclass(frozen=True)
class Frame:
    """What a picture shows: its middle and half its width in mm, its side in pixels."""

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
        """Tell which points of a line face the eye with nothing before them, (n,) bool."""
        eye = np.array(self.view.towards_eye)
        side = len(self.depth)
        plane = self.view.project(line.points, self.frame.centre) / self.frame.half_width
        column = np.clip(((1 + plane[:, 0]) / 2 * side).astype(int), 0, side - 1)
        row = np.clip(((1 - plane[:, 1]) / 2 * side).astype(int), 0, side - 1)
        distance = EYE - (line.points - np.array(self.frame.centre)) @ eye
        # A surface seen at a slant changes depth within a pixel, and at its rim it is all slant.
        return (distance <= self.depth[row, column] + TOLERANCE_MM) & (line.normals @ eye > RIM)


def _add_neutral(plotter: Any, part: Mesh, colour: str) -> None:
    if len(part.triangles):
        plotter.add_mesh(
            to_polydata(part), color=colour, smooth_shading=True,
            ambient=0.46, diffuse=0.56, specular=0.05, specular_power=10,
        )  # fmt: skip


def _add_heart(plotter: Any, anatomy: Anatomy, paint: Paint) -> None:
    ventricles, vertices = part_of(anatomy.heart, anatomy.ventricles)
    data = to_polydata(ventricles)
    data["value"] = paint.values[vertices]
    plotter.add_mesh(
        data, scalars="value", cmap=paint.colours, clim=paint.limits, n_colors=256,
        show_scalar_bar=False, smooth_shading=True,
        ambient=0.48, diffuse=0.56, specular=0.12, specular_power=14,
    )  # fmt: skip
    for name in ATRIA:
        _add_neutral(plotter, part_of(anatomy.heart, anatomy.region == REGIONS.index(name))[0], ATRIA_COLOUR)
    _add_neutral(plotter, anatomy.vessels, VESSEL_COLOUR)


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


def shoot(anatomy: Anatomy, paint: Paint, views: Sequence[tuple[View, Frame]]) -> list[Shot]:
    """Draw the heart from several sides.

    Parameters
    ----------
    anatomy : Anatomy
    paint : Paint
    views : sequence of (View, Frame)
        All with the same number of pixels.

    Returns
    -------
    list of Shot
    """
    import pyvista

    side = 2 * views[0][1].pixels
    plotter = pyvista.Plotter(off_screen=True, window_size=[side, side], lighting="light kit")
    try:
        plotter.disable_anti_aliasing()  # pictures are drawn twice as large and halved instead
        plotter.background_color = pyvista.Color("white")
        _add_heart(plotter, anatomy, paint)
        return [_shoot(plotter, view, frame) for view, frame in views]
    finally:
        plotter.close()
