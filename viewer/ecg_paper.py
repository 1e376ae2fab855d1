"""ECG paper: one sheet whose coordinates are millimetres, with grid, strips and shading."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

DPI = 200
MM_PER_INCH = 25.4
MM_PER_MV = 10.0
BIN_S = 0.01
PAPER, THIN, THICK, INK = "#fffafa", "#f7d3d6", "#ecacb3", "#151515"
COLOURS = "PuOr_r"


@dataclass(frozen=True)
class Strip:
    """A stretch of one lead on paper.

    Parameters
    ----------
    x, y : float, mm
        Where time zero and 0 mV stand.
    mm_per_s : float
    half_mm : float
        How far the shading reaches above and below.
    paper : matplotlib.patches.Rectangle
        The ruled sheet it lies on, as `draw_grid` gives it.
    """

    x: float
    y: float
    mm_per_s: float
    half_mm: float
    paper: "Rectangle"


def new_sheet(width_mm: float, height_mm: float) -> tuple["Figure", "Axes"]:
    """Make a figure of true print size with one axes in millimetres.

    Parameters
    ----------
    width_mm, height_mm : float

    Returns
    -------
    figure : Figure
    axes : Axes
        Over all of it, without frame.
    """
    from viewer.shown_figure import ShownFigure

    figure = ShownFigure(
        figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH), dpi=DPI, facecolor="white"
    )
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, width_mm), ylim=(0, height_mm))
    axes.axis("off")
    return figure, axes


def draw_grid(axes: "Axes", box: tuple[float, float, float, float]) -> "Rectangle":
    """Rule paper every 1 mm and, stronger, every 5 mm.

    Parameters
    ----------
    axes : Axes
    box : (4,) float, mm
        Left, bottom, right, top; sides are whole multiples of 5 mm.

    Returns
    -------
    matplotlib.patches.Rectangle
        The paper, that traces are cut to.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Rectangle

    left, bottom, right, top = box
    paper = Rectangle((left, bottom), right - left, top - bottom, facecolor=PAPER, edgecolor="none", zorder=0)
    axes.add_patch(paper)
    for step, colour, width in ((1.0, THIN, 0.3), (5.0, THICK, 0.55)):
        across = [[(left, y), (right, y)] for y in np.arange(bottom, top + 0.01, step)]
        upright = [[(x, bottom), (x, top)] for x in np.arange(left, right + 0.01, step)]
        axes.add_collection(LineCollection(across + upright, colors=colour, linewidths=width, zorder=1))
    return paper


def binned(evidence: ArrayLike, fs: float) -> NDArray[np.float64]:
    """Sum evidence in steps of 10 ms, so that colours do not depend on the sampling rate.

    Parameters
    ----------
    evidence : (r, n) float, logit per sample
    fs : float, Hz
        Below 100 Hz a sample is shared out evenly over the bins it covers.

    Returns
    -------
    (r, b) float64, logit per 10 ms
        Rows keep their sums.
    """
    rows = np.asarray(evidence, dtype=float)
    n = rows.shape[1]
    bins = int(np.ceil(n / fs / BIN_S - 1e-9))
    edges = np.minimum(np.arange(bins + 1) * BIN_S * fs, n)
    running = np.concatenate([np.zeros((len(rows), 1)), rows.cumsum(axis=1)], axis=1)
    return np.diff(np.stack([np.interp(edges, np.arange(n + 1), row) for row in running]), axis=1)


def colour_limit(bins: NDArray[np.float64]) -> float:
    """Size of evidence that gets the full colour: the 99.5th percentile.

    Parameters
    ----------
    bins : (...) float64, logit per 10 ms

    Returns
    -------
    float
        1 if there is no evidence.
    """
    return float(np.quantile(np.abs(bins), 0.995)) or float(np.abs(bins).max()) or 1.0


def shades(values: ArrayLike, limit: float) -> NDArray[np.float64]:
    """Colour evidence: orange supports, purple opposes, nothing is clear.

    Parameters
    ----------
    values : (...) float
    limit : float
        Size that gets the full colour.

    Returns
    -------
    (..., 4) float64, RGBA
    """
    from matplotlib import colormaps

    scaled = np.clip(np.asarray(values, dtype=float) / limit, -1, 1)
    # The dark ends of the colour map would swallow the trace; 0.14 to 0.86 stays lighter than ink.
    colours = np.array(colormaps[COLOURS](0.5 + 0.36 * scaled))
    colours[..., 3] = np.clip(4.0 * np.abs(scaled), 0, 0.9)
    return colours


def draw_shading(axes: "Axes", strip: Strip, bins: NDArray[np.float64], limit: float) -> None:
    """Shade the paper behind a trace by evidence.

    Parameters
    ----------
    axes : Axes
    strip : Strip
    bins : (b,) float64, logit per 10 ms
    limit : float
        As in `shades`.
    """
    if not len(bins):
        return
    width = len(bins) * BIN_S * strip.mm_per_s
    extent = (strip.x, strip.x + width, strip.y - strip.half_mm, strip.y + strip.half_mm)
    keep = axes.get_xlim(), axes.get_ylim()
    axes.imshow(shades(bins[None], limit), extent=extent, aspect="auto", interpolation="nearest", zorder=2)
    axes.set(xlim=keep[0], ylim=keep[1])


def draw_trace(axes: "Axes", strip: Strip, signal: NDArray[np.floating[Any]], fs: float) -> None:
    """Draw a lead from the strip's origin; it ends where the paper ends.

    Parameters
    ----------
    axes : Axes
    strip : Strip
    signal : (n,) float, mV
    fs : float, Hz
    """
    x = strip.x + np.arange(len(signal)) / fs * strip.mm_per_s
    (trace,) = axes.plot(x, strip.y + MM_PER_MV * signal, color=INK, linewidth=0.85, zorder=4)
    trace.set_clip_path(strip.paper)


def draw_calibration(axes: "Axes", x: float, y: float) -> None:
    """Draw a pulse of 1 mV, 5 mm wide.

    Parameters
    ----------
    axes : Axes
    x, y : float, mm
        Where its line begins.
    """
    steps = np.array([[0, 0], [1, 0], [1, 10], [6, 10], [6, 0], [7, 0]]) + [x, y]
    axes.plot(*steps.T, color=INK, linewidth=0.85, solid_joinstyle="miter", zorder=4)


def draw_name(axes: "Axes", x: float, y: float, name: str) -> None:
    """Write a lead's name with a pale rim, below the trace so that it hides nothing.

    Parameters
    ----------
    axes : Axes
    x, y : float, mm
        Left end and middle of the word.
    name : str
    """
    from matplotlib.patheffects import withStroke

    rim = [withStroke(linewidth=2.5, foreground="white")]
    axes.text(x, y, name, fontsize=9.5, fontweight="bold", va="center", zorder=3, path_effects=rim)


def draw_key(axes: "Axes", box: tuple[float, float, float, float], limit: float, words: str) -> None:
    """Draw the colour key: opposing to supporting, with its numbers.

    Parameters
    ----------
    axes : Axes
    box : (4,) float, mm
        Left, bottom, width, height of the coloured bar.
    limit : float
        Value of the full colour.
    words : str
        What is shown, with its unit.
    """
    left, bottom, width, height = box
    keep = axes.get_xlim(), axes.get_ylim()
    ramp = shades(np.linspace(-limit, limit, 201)[None], limit)
    axes.imshow(ramp, extent=(left, left + width, bottom, bottom + height), aspect="auto", zorder=2)
    axes.set(xlim=keep[0], ylim=keep[1])
    small: dict[str, Any] = {"fontsize": 8, "zorder": 5}
    for at, value in ((0.0, f"≤ −{limit:.2g}"), (0.5, "0"), (1.0, f"≥ +{limit:.2g}")):
        axes.text(left + at * width, bottom - 0.8, value, ha="center", va="top", **small)
    axes.text(left - 7, bottom + height / 2, "opposes", ha="right", va="center", **small)
    axes.text(left + width + 7, bottom + height / 2, "supports", ha="left", va="center", **small)
    axes.text(left + width / 2, bottom + height + 0.8, words, ha="center", va="bottom", **small)
