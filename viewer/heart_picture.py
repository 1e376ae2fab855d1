"""The picture of the heart: evidence, regions and path in standard views."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.anatomy import Anatomy
from imn.errors import InputError
from imn.files import replacing
from viewer.heart_overlay import Mark, draw_bar, draw_edges, draw_legend, draw_mark, draw_track, draw_words
from viewer.heart_scene import Frame, Paint, Shot, opened, shoot
from viewer.offscreen import rendering_problem
from viewer.outline import Line, mask_outline, region_edges
from viewer.views import COMPLETE, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIGNED, MAGNITUDE = "PuOr_r", "cividis"
DPI, WIDTH_IN, BAR_IN, HEAD_IN, FOOT_IN = 200, 10.0, 1.08, 0.64, 0.42
MARGIN = 1.14


@dataclass(frozen=True)
class Sheet:
    """Words and layout of a picture of the heart.

    Parameters
    ----------
    title, subtitle : str
    bar : str
        What the colours mean, with the unit.
    views : sequence of View
    columns : int
    colours : str
        Name of a matplotlib colour map for values of which none is negative.
    top : float, optional
        Value at the end of the colours, so that pictures can be set beside each
        other; by default the 99.8th percentile of the ventricles' vertices.
    """

    title: str = ""
    subtitle: str = ""
    bar: str = "evidence, logit per cm²"
    views: Sequence[View] = COMPLETE
    columns: int = 3
    colours: str = MAGNITUDE
    top: float | None = None

    @property
    def cell_in(self) -> float:
        """Width of one view in inches."""
        return (WIDTH_IN - BAR_IN) / self.columns

    @property
    def rows(self) -> int:
        """How many rows the views fill."""
        return -(-len(self.views) // self.columns)


@dataclass(frozen=True, eq=False)
class _Content:
    """What is shown, whatever the view."""

    anatomy: Anatomy
    paint: Paint
    marks: Sequence[Mark]
    track: NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class _Panel:
    """One view with the lines that lie on what it shows."""

    shot: Shot
    edges: list[Line]
    outlines: list[list[Line]]


def density(values: ArrayLike, anatomy: Anatomy) -> NDArray[np.float64]:
    """Spread evidence of vertices over the area that belongs to them.

    Parameters
    ----------
    values : (v,) float, logit
    anatomy : Anatomy

    Returns
    -------
    (v,) float64, logit per cm²
    """
    areas = anatomy.heart.areas / 100.0
    return np.divide(np.asarray(values, dtype=float), areas, out=np.zeros(len(areas)), where=areas > 0)


def paint_for(values: NDArray[np.float64], anatomy: Anatomy, sheet: Sheet | None = None) -> Paint:
    """Choose colours: two-sided around zero if anything is negative, else from zero up.

    Parameters
    ----------
    values : (v,) float
    anatomy : Anatomy
    sheet : Sheet, optional
        Its colours, and where its scale ends; by default at the 99.8th percentile
        of the ventricles' vertices.

    Returns
    -------
    Paint
    """
    sheet = sheet or Sheet()
    shown, top = values[anatomy.ventricles], sheet.top
    if top is None:
        top = float(np.quantile(np.abs(shown), 0.998)) or float(np.abs(shown).max()) or 1.0
    if (shown < 0).any():
        return Paint(values, SIGNED, (-top, top))
    return Paint(values, sheet.colours, (0.0, top))


def frames(anatomy: Anatomy, views: Sequence[View], pixels: int) -> tuple[list[Frame], float]:
    """Centre the heart in each view and choose one scale that fits all of them.

    Parameters
    ----------
    anatomy : Anatomy
    views : sequence of View
    pixels : int
        Width and height of each picture.

    Returns
    -------
    frames : list of Frame
    ratio : float
        Height over width that the views need.
    """
    points = np.asarray(anatomy.heart.points[np.unique(anatomy.heart.triangles)], dtype=float)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    centres, halves = [], []
    for view in views:
        plane = view.project(points, middle)
        low, high = plane.min(axis=0), plane.max(axis=0)
        centres.append(middle + ((low + high) / 2) @ view.axes)
        halves.append((high - low) / 2)
    width, height = np.max(halves, axis=0) * MARGIN
    half = float(max(width, height))
    return [Frame((float(x), float(y), float(z)), half, pixels) for x, y, z in centres], float(height) / half


def _panels(content: _Content, sheet: Sheet) -> tuple[list[_Panel], float]:
    """Draw every view; views of the heart in the same state share one scene."""
    made, ratio = frames(content.anatomy, sheet.views, round(sheet.cell_in * DPI))
    panels: dict[View, _Panel] = {}
    for state in dict.fromkeys(view.without for view in sheet.views):
        seen = opened(content.anatomy, state)
        edges = region_edges(seen, content.anatomy.region)
        outlines = [mask_outline(seen, mark.mask) for mark in content.marks]
        jobs = [job for job in zip(sheet.views, made, strict=True) if job[0].without == state]
        shots = shoot(content.anatomy, content.paint, jobs, without=state)
        panels |= {shot.view: _Panel(shot, edges, outlines) for shot in shots}
    return [panels[view] for view in sheet.views], ratio


def _fill(axes: "Axes", panel: _Panel, content: _Content, ratio: float) -> None:
    shot = panel.shot
    w = shot.frame.half_width
    axes.imshow(shot.picture, extent=(-w, w, -w, w), interpolation="antialiased")
    axes.set(xlim=(-w, w), ylim=(-w * ratio, w * ratio))
    axes.axis("off")
    draw_edges(axes, shot, panel.edges, content.paint)
    for mark, lines in zip(content.marks, panel.outlines, strict=True):
        draw_mark(axes, shot, lines, mark)
    if content.track is not None:
        draw_track(axes, shot, content.track)
    draw_words(axes, shot, (w, w * ratio))


def _compose(panels: Sequence[_Panel], content: _Content, sheet: Sheet, ratio: float) -> "Figure":
    from matplotlib.figure import Figure

    cell = sheet.cell_in
    body = sheet.rows * cell * ratio
    height = HEAD_IN + body + FOOT_IN
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, facecolor="white")
    for number, panel in enumerate(panels):
        row, column = divmod(number, sheet.columns)
        bottom = FOOT_IN + body - (row + 1) * cell * ratio
        box = (column * cell / WIDTH_IN, bottom / height, cell / WIDTH_IN, cell * ratio / height)
        _fill(figure.add_axes(box), panel, content, ratio)
    bar = (0.903, (FOOT_IN + 0.13 * body) / height, 0.018, 0.72 * body / height)
    draw_bar(figure, bar, content.paint, sheet.bar)
    draw_legend(figure, content.marks, track=content.track is not None)
    figure.text(0.008, 1 - 0.10 / height, sheet.title, fontsize=15, fontweight="bold", va="top")
    figure.text(0.008, 1 - 0.38 / height, sheet.subtitle, fontsize=11.5, color="#444444", va="top")
    return figure


def _check(anatomy: Anatomy, values: NDArray[np.float64], marks: Sequence[Mark]) -> None:
    v = len(anatomy.heart.points)
    for name, array in [("values", values), *((f"mark {mark.name!r}", mark.mask) for mark in marks)]:
        if array.shape != (v,):
            msg = f"{name} must have shape ({v},), one per vertex of {anatomy.name!r}, got {array.shape}"
            raise InputError(msg)
    problem = rendering_problem()
    if problem:
        raise InputError(problem)


def draw_heart(
    path: str | Path,
    anatomy: Anatomy,
    values: ArrayLike,
    *,
    marks: Sequence[Mark] = (),
    track: ArrayLike | None = None,
    sheet: Sheet | None = None,
) -> None:
    """Draw evidence on the heart in standard views as one PNG, 2000 pixels wide.

    Parameters
    ----------
    path : str or Path
    anatomy : Anatomy
    values : (v,) float
        What the colours show, for example `density` of `HeartMap.supporting`.
        Anything below zero makes the colours two-sided.
    marks : sequence of Mark
        Regions to outline; lines that the heart hides are not drawn.
    track : (t, 3) float, mm, optional
        Mean path of activation, one wave; drawn through the wall.
    sheet : Sheet, optional

    Raises
    ------
    InputError
        If a shape does not fit the anatomy, or this machine cannot draw
        (`viewer.offscreen.rendering_problem`).
    """
    sheet = sheet or Sheet()
    field = np.asarray(values, dtype=float)
    _check(anatomy, field, marks)
    line = None if track is None else np.asarray(track, dtype=float)
    content = _Content(anatomy, paint_for(field, anatomy, sheet), marks, line)
    panels, ratio = _panels(content, sheet)
    figure = _compose(panels, content, sheet, ratio)
    with replacing(path) as draft:
        figure.savefig(draft, dpi=DPI)
