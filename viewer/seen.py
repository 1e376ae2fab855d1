"""The heart as the viewer shows it, drawn on the server: stills, frames of a movie, the fallback.

VTK is used from one thread only: one plotter used from several gives wrong or
blank pictures without a word.  `render` runs a job on that thread.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import radians, sin
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from imn.errors import InputError
from viewer.heart_scene import Paint, add_heart
from viewer.offscreen import rendering_problem
from viewer.views import AP, INFERIOR, LAO_45, LEFT_LATERAL, RAO_30, View

FOV = 20.0
"""Angle of view of the picture's shorter side, degrees; the browser's is the same."""
MARGIN = 1.12
FIRST_VIEWS = (AP, RAO_30, LAO_45, LEFT_LATERAL, INFERIOR)
T = TypeVar("T")
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="render")


@dataclass(frozen=True)
class Camera:
    """From where one looks, LPS, mm.

    Parameters
    ----------
    position, target : (float, float, float)
        Of the eye, and of what is in the middle.
    up : (float, float, float)
        Direction that is up in the picture.
    """

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    up: tuple[float, float, float]


def render(job: Callable[[], T]) -> T:
    """Run a job on the one thread that may draw.

    Parameters
    ----------
    job : callable
        Takes nothing.

    Returns
    -------
    Any
        What the job gives.

    Raises
    ------
    InputError
        If this machine cannot draw.
    """
    problem = rendering_problem()
    if problem:
        raise InputError(problem)
    return _THREAD.submit(job).result()


def camera_of(view: Mapping[str, Any], anatomy: Anatomy) -> Camera:
    """Take the camera of a view; from the front, all in sight, where it has none.

    Parameters
    ----------
    view : mapping
        ``camera`` has ``position``, ``target`` and ``up``, each of three numbers.
    anatomy : Anatomy

    Returns
    -------
    Camera

    Raises
    ------
    InputError
        If it is there but is no camera.
    """
    given = view.get("camera")
    if given:
        try:
            parts = [tuple(float(x) for x in given[key]) for key in ("position", "target", "up")]
        except (KeyError, TypeError, ValueError) as error:
            msg = f"expected a camera of position, target and up, could not read it ({error!r})"
            raise InputError(msg) from error
        if any(len(part) != 3 or not np.isfinite(part).all() for part in parts) or parts[0] == parts[1]:
            msg = f"expected a camera of three finite points, got {given}"
            raise InputError(msg)
        return Camera(*parts)  # type: ignore[arg-type]
    return standard_camera(AP, anatomy)


def standard_camera(view: View, anatomy: Anatomy) -> Camera:
    """Look from a standard view so that the whole heart is in sight.

    Parameters
    ----------
    view : View
    anatomy : Anatomy

    Returns
    -------
    Camera
    """
    points = anatomy.heart.points.astype(float)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    radius = np.linalg.norm(points - middle, axis=1).max() * MARGIN
    eye = middle + np.array(view.towards_eye) * radius / sin(radians(FOV / 2))
    return Camera(_point(eye), _point(middle), view.up)


def best_view(anatomy: Anatomy, values: NDArray[np.floating]) -> View:
    """Choose the standard view towards which a map's positive values lie, as the browser does at first.

    Parameters
    ----------
    anatomy : Anatomy
    values : (v,) float

    Returns
    -------
    View
        From the front where no value is positive.
    """
    weight, area = np.clip(values, 0, None) * anatomy.ventricles, anatomy.heart.areas * anatomy.ventricles
    if not weight.sum() > 0:
        return AP
    points = anatomy.heart.points.astype(float)
    out = weight @ points / weight.sum() - area @ points / area.sum()
    return max(FIRST_VIEWS, key=lambda view: float(np.dot(out, view.towards_eye)))


class Stage:
    """One heart set up to be drawn again and again; to be used on the render thread only.

    Parameters
    ----------
    anatomy : Anatomy
    paint : Paint
        Its values can be changed by `frame`.
    camera : Camera
    size : (int, int)
        Width and height in pixels.
    plain : bool
        Ventricles only.
    """

    def __init__(
        self, anatomy: Anatomy, paint: Paint, *, camera: Camera, size: tuple[int, int], plain: bool = False
    ) -> None:
        import pyvista

        self._plotter = pyvista.Plotter(off_screen=True, window_size=list(size), lighting="light kit")
        self._plotter.disable_anti_aliasing()
        self._plotter.renderer.enable_depth_peeling(4)
        self._plotter.background_color = pyvista.Color("white")
        self._vertices = np.flatnonzero(anatomy.ventricles)
        self._data = add_heart(self._plotter, anatomy, paint, without=(), plain=plain)
        self.look(camera)

    def look(self, camera: Camera) -> None:
        """Look from somewhere else."""
        view = self._plotter.camera
        self._plotter.camera_position = [camera.position, camera.target, camera.up]
        width, height = self._plotter.window_size
        view.view_angle = FOV
        view.SetUseHorizontalViewAngle(width < height)
        self._plotter.reset_camera_clipping_range()

    def frame(self, values: NDArray[np.float64] | None = None) -> NDArray[np.uint8]:
        """Draw what the camera sees.

        Parameters
        ----------
        values : (v,) float64, optional
            For the vertices of the heart, in place of those before.

        Returns
        -------
        (h, w, 3) uint8
        """
        if values is not None:
            self._data["value"][:] = values[self._vertices]
            self._data.GetPointData().GetArray("value").Modified()
        self._plotter.render()
        return np.asarray(self._plotter.screenshot(return_img=True))

    def save_gltf(self, path: str) -> None:
        """Write what is drawn as glTF."""
        self._plotter.export_gltf(path)

    def close(self) -> None:
        """Give the memory back."""
        self._plotter.close()


def still(
    anatomy: Anatomy, paint: Paint, *, camera: Camera, size: tuple[int, int], plain: bool = False
) -> NDArray[np.uint8]:
    """Draw one picture of the heart.

    Parameters
    ----------
    anatomy, paint, camera, plain
        As in `Stage`.
    size : (int, int)
        Width and height in pixels.

    Returns
    -------
    (h, w, 3) uint8

    Raises
    ------
    InputError
        If this machine cannot draw.
    """

    def job() -> NDArray[np.uint8]:
        # Twice as large and halved: smoother than what software OpenGL does by itself, and faster.
        stage = Stage(anatomy, paint, camera=camera, size=(2 * size[0], 2 * size[1]), plain=plain)
        try:
            fine = stage.frame().astype(np.uint16)
        finally:
            stage.close()
        rows, columns = size[1], size[0]
        return (fine.reshape(rows, 2, columns, 2, 3).sum(axis=(1, 3)) // 4).astype(np.uint8)

    return render(job)


def _point(values: NDArray[np.floating]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z
