"""Lines and words over the pixels of the heart, drawn as vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.heart_scene import Paint, Shot
from viewer.outline import Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FOUND_COLOUR, TRUE_COLOUR, TRACK_COLOUR = "#000000", "#00805e", "#0b62a4"
DASHES: tuple[float, tuple[float, float]] = (0.0, (2.2, 1.9))


@dataclass(frozen=True, eq=False)
class Mark:
    """A region of the heart to be outlined.

    Parameters
    ----------
    mask : (v,) bool
    name : str
        What the legend calls it.
    colour : str
    dashed : bool
        Tells marks apart without colour.
    """

    mask: NDArray[np.bool_]
    name: str
    colour: str = TRUE_COLOUR
    dashed: bool = False


def _shown_pieces(shot: Shot, line: Line) -> list[NDArray[np.float64]]:
    shown = shot.shows(line)
    flat = shot.view.project(line.points, shot.frame.centre)
    breaks = np.flatnonzero(np.diff(shown.astype(int))) + 1
    pieces = zip(np.split(flat, breaks), np.split(shown, breaks), strict=True)
    return [piece for piece, visible in pieces if visible[0] and len(piece) > 1]


def draw_lines(axes: "Axes", shot: Shot, lines: list[Line], **style: Any) -> None:
    """Draw the parts of lines that the heart does not hide.

    Parameters
    ----------
    axes : Axes
        In mm of the picture plane.
    shot : Shot
    lines : list of Line
    **style
        Of `matplotlib.collections.LineCollection`.
    """
    from matplotlib.collections import LineCollection

    pieces = [piece for line in lines for piece in _shown_pieces(shot, line)]
    axes.add_collection(LineCollection(pieces, capstyle="round", joinstyle="round", **style))


def draw_edges(axes: "Axes", shot: Shot, lines: list[Line], paint: Paint) -> None:
    """Draw the edges of segments, thin and soft.

    Parameters
    ----------
    axes, shot, lines
        As in `draw_lines`.
    paint : Paint
        Dark lines on pale colours, pale ones on dark.
    """
    colour, alpha = ("#2b2b2b", 0.7) if paint.pale else ("#ffffff", 0.55)
    draw_lines(axes, shot, lines, colors=colour, linewidths=0.8, alpha=alpha, zorder=2)


def draw_mark(axes: "Axes", shot: Shot, lines: list[Line], mark: Mark) -> None:
    """Draw the outline of a region on a white casing.

    Parameters
    ----------
    axes, shot, lines
        As in `draw_lines`; the lines are the region's outline.
    mark : Mark
        Its colour, and whether it is dashed.
    """
    pattern = DASHES if mark.dashed else "-"
    draw_lines(axes, shot, lines, colors="white", linewidths=4.6, alpha=0.92, zorder=3)
    draw_lines(axes, shot, lines, colors=mark.colour, linewidths=2.6, linestyles=pattern, zorder=4)


def draw_track(axes: "Axes", shot: Shot, track: NDArray[np.float64]) -> None:
    """Draw a path through the heart over everything, with a dot where it starts.

    Parameters
    ----------
    axes, shot
        As in `draw_lines`.
    track : (n, 3) float64, mm
    """
    flat = shot.view.project(track, shot.frame.centre)
    for colour, width in (("white", 3.2), (TRACK_COLOUR, 1.7)):
        axes.plot(*flat.T, color=colour, linewidth=width, solid_capstyle="round", zorder=5)
    dot = {"markersize": 7.5, "markeredgecolor": "white", "markeredgewidth": 1.3, "zorder": 6}
    axes.plot(*flat[0], "o", color=TRACK_COLOUR, **dot)


def draw_words(axes: "Axes", shot: Shot, half: tuple[float, float]) -> None:
    """Name the view and what lies at its four sides.

    Parameters
    ----------
    axes, shot
        As in `draw_lines`.
    half : (float, float), mm
        Half the width and height that are shown.
    """
    from matplotlib.patheffects import withStroke

    w, h = half
    left, right, top, bottom = shot.view.letters
    over: dict[str, Any] = {"zorder": 7, "path_effects": [withStroke(linewidth=2.5, foreground="white")]}
    soft = {"color": "#5c5c5c", "fontsize": 10.5, **over}
    axes.text(-w * 0.98, h * 0.98, shot.view.name, fontsize=12.5, fontweight="bold", va="top", **over)
    axes.text(-w * 0.955, 0, left, ha="left", va="center", **soft)
    axes.text(w * 0.955, 0, right, ha="right", va="center", **soft)
    axes.text(0, h * 0.98, top, ha="center", va="top", **soft)
    axes.text(0, -h * 0.98, bottom, ha="center", va="bottom", **soft)


def draw_bar(figure: "Figure", box: tuple[float, float, float, float], paint: Paint, words: str) -> None:
    """Draw the colour bar; arrows at its ends say that colours were cut off.

    Parameters
    ----------
    figure : Figure
    box : (left, bottom, width, height)
        As parts of the figure.
    paint : Paint
    words : str
        What the colours mean, with the unit.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.ticker import MaxNLocator

    axes = figure.add_axes(box)
    over = np.abs(paint.values).max() > paint.limits[1]
    extend = ("both" if paint.signed else "max") if over else "neither"
    colours = ScalarMappable(Normalize(*paint.limits), paint.colours)
    bar = figure.colorbar(colours, cax=axes, extend=extend, ticks=MaxNLocator(4, steps=[1, 2, 5, 10]))
    bar.ax.tick_params(labelsize=10.5)
    bar.set_label(words if box[3] * figure.get_figheight() > 2.5 else words.replace(", ", "\n"), fontsize=11)
    if paint.signed:
        ends = {"transform": axes.transAxes, "ha": "center", "fontsize": 10.5}
        axes.text(0.5, 1.08, "supports", va="bottom", **ends)
        axes.text(0.5, -0.08, "opposes", va="top", **ends)


def draw_legend(figure: "Figure", marks: Sequence[Mark], *, track: bool) -> None:
    """Explain the lines below the views.

    Parameters
    ----------
    figure : Figure
    marks : sequence of Mark
    track : bool
        Whether there is a path.
    """
    from matplotlib.lines import Line2D

    keys = [Line2D([], [], color="#555555", linewidth=0.9, label="AHA segments")]
    for mark in marks:
        pattern = DASHES if mark.dashed else "-"
        keys.append(Line2D([], [], color=mark.colour, linewidth=2.6, linestyle=pattern, label=mark.name))
    if track:
        dot = {
            "marker": "o",
            "markersize": 7,
            "markevery": [0],
            "label": "mean path (dot: start)",
        }
        keys.append(Line2D([], [], color=TRACK_COLOUR, linewidth=1.7, **dot))
    letters = sum(len(str(key.get_label())) + 8 for key in keys)
    figure.legend(
        handles=keys, loc="lower left", bbox_to_anchor=(0.005, 0.0), ncols=len(keys),
        fontsize=11 * min(1.0, 112 / letters),
        frameon=False, handlelength=2.4, columnspacing=1.5, borderaxespad=0.3,
    )  # fmt: skip
