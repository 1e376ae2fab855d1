"""Pictures for notebooks and scripts: what `Record.plot`, `HeartMap.plot` and their like find.

They are entry points of the group ``ecglocus.plot`` (`imn.plotting`); nothing of ours imports this module.
"""

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pyvista
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.heart_map import HeartMap
from imn.errors import InputError
from imn.explanation import Explanation
from imn.labels import WORDS
from imn.record import Record
from viewer.ecg_picture import EcgSheet, ecg_figure
from viewer.exports import maps_polydata
from viewer.heart_picture import density, frames, paint_for
from viewer.heart_scene import EYE, Paint, add_heart
from viewer.offscreen import rendering_problem
from viewer.views import COMPLETE, POSTERIOR, View

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMED = {"supporting": "evidence for", "opposing": "evidence against", "both": "net evidence for"}
UNEVEN = ("jet", "hsv", "rainbow", "gist_rainbow", "nipy_spectral", "gist_ncar", "prism", "flag")
"""Colour maps that show edges where the values have none (Borland and Taylor 2007, IEEE CG&A 27(2):14)."""
MOMENT_S, MOMENT = 0.01, "logit per cm² and 10 ms"
SIZE, BELOW = (700, 600), 0.13


def plot_record(record: Record, *, layout: str = "3x4+1", title: str | None = None) -> "Figure":
    """Draw a recording on ECG paper (`Record.plot`).

    Parameters
    ----------
    record : Record
    layout, title
        As in `Record.plot`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If there is no such layout.
    """
    sheet = EcgSheet(record.id if title is None else title, layout=layout)
    return ecg_figure(record.signal, fs=record.fs, sheet=sheet)


def plot_explanation(
    explanation: Explanation, label: str, *, layout: str = "3x4+1", title: str | None = None
) -> "Figure":
    """Draw a recording with the evidence for one class behind it (`Explanation.plot`).

    Parameters
    ----------
    explanation : Explanation
    label : str
    layout, title
        As in `Explanation.plot`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If the model has no such class, or there is no such layout.
    """
    k = explanation.index_of(label)
    said = f"{WORDS.get(label, label)}: probability {explanation.probabilities[k]:.2f}"
    sheet = EcgSheet(explanation.record_id if title is None else title, said, label, layout)
    evidence = explanation.evidence_for(label)
    return ecg_figure(explanation.signal, fs=explanation.fs, evidence=evidence, sheet=sheet)


class HeartPlotter(pyvista.Plotter):
    """A plotter that shows its picture at the end of a notebook's cell."""

    def show(self, *args: Any, **options: Any) -> Any:
        """Show as `pyvista.Plotter.show` does; in a notebook without trame as a picture, with no warning.

        Parameters
        ----------
        *args, **options
            As `pyvista.Plotter.show` takes them.

        Returns
        -------
        Any
            What `pyvista.Plotter.show` gives.
        """
        chosen = options.get("jupyter_backend") or pyvista.global_theme.jupyter_backend
        if self.notebook and chosen is None and not pyvista.registered_jupyter_backends():
            options["jupyter_backend"] = "static"
        return super().show(*args, **options)

    def _repr_png_(self) -> bytes | None:
        if self.off_screen and self.last_image is None and not self._closed:
            self.last_image = self.screenshot(return_img=True)
        return super()._repr_png_()


def plot_map(
    heart_map: HeartMap,
    values: str = "supporting",
    *,
    t: float | tuple[float, float] | None = None,
    clim: float | tuple[float, float] | None = None,
    cmap: str | None = None,
    view: str = "AP",
    anatomy: Anatomy | None = None,
    plotter: pyvista.Plotter | None = None,
    show: bool = False,
) -> pyvista.Plotter:
    """Draw a map on its heart (`HeartMap.plot`).

    Parameters
    ----------
    heart_map : HeartMap
    values, t, clim, cmap, view, anatomy, plotter, show
        As in `HeartMap.plot`.

    Returns
    -------
    pyvista.Plotter

    Raises
    ------
    InputError
        As `HeartMap.plot`.
    """
    heart, seen = _heart_of(heart_map, anatomy), _view_named(view)
    shown, unit = _values(heart_map, values, t)
    paint = _paint(density(shown, heart), heart, clim, cmap)
    problem = rendering_problem()
    if problem:
        raise InputError(problem)
    stage = _stage() if plotter is None else plotter
    bar = _bar(stage, f"{NAMED[values]} {heart_map.label}, {unit}")
    add_heart(stage, heart, paint, without=seen.without, bar=bar)
    _look(stage, heart, seen)
    if show:
        stage.show()
    return stage


def map_polydata(heart_map: HeartMap, *, anatomy: Anatomy | None = None) -> pyvista.PolyData:
    """Give the heart with a map in its point arrays (`HeartMap.to_polydata`).

    Parameters
    ----------
    heart_map : HeartMap
    anatomy : Anatomy, optional
        The map's own by default.

    Returns
    -------
    pyvista.PolyData

    Raises
    ------
    InputError
        If the heart is not known, or has another number of vertices than the map.
    """
    return maps_polydata(_heart_of(heart_map, anatomy), {heart_map.modality: heart_map})


def _heart_of(heart_map: HeartMap, given: Anatomy | None) -> Anatomy:
    heart, vertices = given or heart_map.anatomy, len(heart_map.basis)
    if heart is None:
        msg = f"{heart_map!r}: expected a map that knows its heart; name it: anatomy=load_anatomy(...)"
        raise InputError(msg)
    if len(heart.heart.points) != vertices:
        got = len(heart.heart.points)
        msg = f"anatomy: expected the heart of the map, of {vertices} vertices, got {heart.name} of {got}"
        raise InputError(msg)
    return heart


def _view_named(name: str) -> View:
    known = {view.name.partition("\n")[0].rstrip("°").lower(): view for view in (*COMPLETE, POSTERIOR)}
    found = known.get(name.rstrip("°").lower())
    if found is None:
        msg = f"view must be one of {', '.join(known)}, got {name!r}"
        raise InputError(msg)
    return found


def _values(
    heart_map: HeartMap, sign: str, t: float | tuple[float, float] | None
) -> tuple[NDArray[np.float64], str]:
    """Give what is to be drawn for each vertex, and its unit once it is spread over areas."""
    if sign not in NAMED:
        msg = f"values must be one of {', '.join(NAMED)}, got {sign!r}"
        raise InputError(msg)
    courses = {"supporting": heart_map.positive, "opposing": heart_map.negative}
    course = courses[sign] if sign in courses else heart_map.positive + heart_map.negative
    if t is None:
        return heart_map.basis @ course.sum(axis=1), "logit per cm²"
    seconds = _seconds(heart_map)
    wanted = np.asarray(t, dtype=float)
    if wanted.shape not in ((), (2,)) or not _within(seconds, wanted):
        span = f"{seconds[0]:.3f} to {seconds[-1]:.3f}"
        msg = f"t must be one moment or an interval (from, to) in {span} s from the R peak, got {t}"
        raise InputError(msg)
    if wanted.shape:
        during = (seconds >= wanted[0]) & (seconds <= wanted[1])
        return heart_map.basis @ course[:, during].sum(axis=1), "logit per cm²"
    nearest = int(np.abs(seconds - wanted).argmin())
    return heart_map.basis @ course[:, nearest] * (MOMENT_S / (seconds[1] - seconds[0])), MOMENT


def _seconds(heart_map: HeartMap) -> NDArray[np.float64]:
    """Give the times of the samples from the R peak."""
    beat = heart_map.beat
    if beat is None:
        msg = f"t: expected a map that knows its beat, got {heart_map!r}; leave t out, or map anew"
        raise InputError(msg)
    return (np.arange(heart_map.positive.shape[1]) - beat.r_peak) / beat.fs


def _within(seconds: NDArray[np.float64], wanted: NDArray[np.float64]) -> bool:
    margin = (seconds[1] - seconds[0]) / 2
    first, last = np.min(wanted), np.max(wanted)
    # Written so that not-a-number is not within.
    return bool(
        seconds[0] - margin <= first
        and last <= seconds[-1] + margin
        and np.all(np.diff(np.atleast_1d(wanted)) > 0)
    )


def _paint(
    values: NDArray[np.float64], anatomy: Anatomy, clim: float | tuple[float, float] | None, cmap: str | None
) -> Paint:
    paint = paint_for(values, anatomy)
    limits = paint.limits
    if clim is not None:
        ends = np.asarray(clim, dtype=float)
        limits = (
            (-float(ends) if paint.signed else 0.0, float(ends)) if ends.ndim == 0 else tuple(ends.tolist())
        )
        if len(limits) != 2 or not limits[0] < limits[1] or not np.isfinite(limits).all():
            msg = f"clim must be a positive number or (low, high), got {clim}"
            raise InputError(msg)
    return Paint(values, _colours(paint.colours if cmap is None else cmap), (limits[0], limits[1]))


def _colours(name: str) -> str:
    from matplotlib import colormaps

    if name not in colormaps or name.removesuffix("_r") in UNEVEN:
        even = "cividis, viridis, PuOr_r, RdBu_r"
        msg = f"cmap must be a colour map of matplotlib that is even to the eye, such as {even}, got {name!r}"
        raise InputError(msg)
    return name


def _stage() -> HeartPlotter:
    # PyVista looked at the environment when it was imported, before the test scene was drawn.
    hidden = os.environ.get("PYVISTA_OFF_SCREEN", "").lower() == "true"
    stage = HeartPlotter(off_screen=hidden or None, window_size=list(SIZE), lighting="light kit")
    stage.background_color = pyvista.Color("white")
    return stage


def _bar(stage: pyvista.Plotter, title: str) -> dict[str, Any]:
    """Give options of a colour bar of its own: PyVista shares one among all that have the same title."""
    title += "\n"  # keeps the title off the number below it
    while title in stage.scalar_bars.keys():  # noqa: SIM118 - it is no dict
        title += " "
    place = {"position_x": 0.2, "position_y": 0.01, "width": 0.6, "height": 0.11}
    sizes = {"title_font_size": 15, "label_font_size": 13, "n_labels": 3}
    return {"title": title, "color": "black", "fmt": "%.2g", **place, **sizes}


def _look(stage: pyvista.Plotter, anatomy: Anatomy, view: View) -> None:
    """Look from one side, with room for the colour bar below."""
    (frame,), _ = frames(anatomy, [view], 1)
    middle = np.array(frame.centre) - BELOW * frame.half_width * np.array(view.up)
    eye = middle + EYE * np.array(view.towards_eye)
    stage.camera_position = [tuple(eye), tuple(middle), view.up]
    stage.camera.enable_parallel_projection()
    stage.camera.parallel_scale = (1 + BELOW) * frame.half_width
    stage.reset_camera_clipping_range()
