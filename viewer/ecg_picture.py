"""The recording on ECG paper at true print scale, with the evidence behind it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.errors import InputError
from imn.files import replacing
from imn.leads import LEADS
from viewer.ecg_layouts import Layout, layout_named
from viewer.ecg_paper import (
    BIN_S,
    DPI,
    INK,
    Strip,
    binned,
    colour_limit,
    draw_calibration,
    draw_grid,
    draw_key,
    draw_name,
    draw_shading,
    draw_trace,
    new_sheet,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

MM_PER_S = 25.0
LONGEST_S = 10.0
SIDE_MM, PULSE_MM, HEAD_MM, FOOT_MM = 7.0, 10.0, 17.0, 17.0
TALL_MM = 5.0


@dataclass(frozen=True)
class EcgSheet:
    """Words and layout of an ECG on paper.

    Parameters
    ----------
    title, subtitle : str
    label : str
        The class the evidence is for.
    layout : str
        One of `viewer.ecg_layouts.LAYOUTS`.
    """

    title: str = ""
    subtitle: str = ""
    label: str = ""
    layout: str = "3x4+1"


@dataclass(frozen=True)
class _Stretch:
    """Part of one lead at one place: samples are shown from start_s to end_s."""

    lead: str
    row: int
    start_s: float
    end_s: float


def stretches(layout: Layout, duration_s: float) -> list[_Stretch]:
    """Cut the time shown into the columns of a layout, rhythm strips in full.

    Parameters
    ----------
    layout : Layout
    duration_s : float
        Time shown, at most 10 s.

    Returns
    -------
    list of _Stretch
        Lead, row, start and end (s) of each piece of a trace; rhythm strips come last.
    """
    each = duration_s / layout.columns
    cut = [_Stretch(lead, row, column * each, (column + 1) * each) for row, column, lead in layout.places]
    below = layout.rows - len(layout.rhythm)
    return cut + [_Stretch(lead, below + i, 0.0, duration_s) for i, lead in enumerate(layout.rhythm)]


def _shown_sum(bins: NDArray[np.float64], parts: list[_Stretch]) -> float:
    """Sum the evidence that is on the paper, each bin once."""
    on_paper = np.zeros(bins.shape, dtype=bool)
    for part in parts:
        on_paper[LEADS.index(part.lead), round(part.start_s / BIN_S) : round(part.end_s / BIN_S)] = True
    return float(bins[on_paper].sum())


def _height_mm(layout: Layout) -> float:
    return 5.0 * float(np.ceil((layout.rows * layout.row_mm + TALL_MM) / 5.0))


def _draw_part(axes: "Axes", part: _Stretch, layout: Layout, paper: "Rectangle") -> Strip:
    y = paper.get_y() + paper.get_height() - TALL_MM - (part.row + 0.5) * layout.row_mm
    x = SIDE_MM + PULSE_MM + part.start_s * MM_PER_S
    draw_name(axes, x + 1.0, y + layout.row_mm * 0.30, part.lead)
    if part.start_s == 0:
        draw_calibration(axes, SIDE_MM + 1.5, y)
    else:
        for low, high in ((-3.0, -1.2), (1.2, 3.0)):
            axes.plot([x, x], [y + low, y + high], color=INK, linewidth=0.7, zorder=4)
    return Strip(x, y, MM_PER_S, layout.row_mm * 0.36, paper)


def _shade(axes: "Axes", parts: list[_Stretch], strips: list[Strip], bins: NDArray[np.float64]) -> float:
    limit = colour_limit(bins)
    for part, strip in zip(parts, strips, strict=True):
        first, last = round(part.start_s / BIN_S), round(part.end_s / BIN_S)
        draw_shading(axes, strip, bins[LEADS.index(part.lead), first:last], limit)
    return limit


def _draw_words(axes: "Axes", sheet: EcgSheet, size: tuple[float, float], notes: list[str]) -> None:
    width, height = size
    axes.text(SIDE_MM, height - 2.5, sheet.title, fontsize=13, fontweight="bold", va="top")
    axes.text(SIDE_MM, height - 9.5, sheet.subtitle, fontsize=10, color="#333333", va="top")
    lines = ["25 mm/s   10 mm/mV   calibration pulse 1 mV", *notes]
    axes.text(
        SIDE_MM, FOOT_MM - 2.5, "\n".join(lines), fontsize=8.5, color="#333333", va="top", linespacing=1.35
    )


def _check(signal: NDArray[np.float64], evidence: NDArray[np.float64] | None) -> None:
    for name, array in (("signal", signal), ("evidence", evidence)):
        if array is not None and (array.ndim != 2 or array.shape != (len(LEADS), signal.shape[-1])):
            msg = f"{name} must have shape (12, n), both the same n, got {array.shape}; give one recording"
            raise InputError(msg)


def draw_ecg(
    path: str | Path,
    signal: ArrayLike,
    *,
    fs: float,
    evidence: ArrayLike | None = None,
    sheet: EcgSheet | None = None,
) -> None:
    """Draw a recording on ECG paper, 25 mm/s and 10 mm/mV in print, as PNG of 200 dpi.

    Parameters
    ----------
    path : str or Path
    signal : (12, n) float, mV
        Rows in the order of `imn.leads.LEADS`.  The first 10 s are shown.
    fs : float, Hz
    evidence : (12, n) float, logit per sample, optional
        For example `Explanation.evidence_for`; shades the paper behind the traces.
    sheet : EcgSheet, optional

    Raises
    ------
    InputError
        If a shape is not (12, n) or there is no such layout.
    """
    figure = ecg_figure(signal, fs=fs, evidence=evidence, sheet=sheet)
    with replacing(path) as draft:
        figure.savefig(draft, dpi=DPI)


def ecg_figure(
    signal: ArrayLike, *, fs: float, evidence: ArrayLike | None = None, sheet: EcgSheet | None = None
) -> "Figure":
    """Draw what `draw_ecg` writes, as a figure of true print size.

    Parameters
    ----------
    signal, fs, evidence, sheet
        As in `draw_ecg`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        As `draw_ecg`.
    """
    sheet = sheet or EcgSheet()
    layout = layout_named(sheet.layout)
    leads = np.asarray(signal, dtype=float)
    given = None if evidence is None else np.asarray(evidence, dtype=float)
    _check(leads, given)
    duration = leads.shape[1] / fs
    parts = stretches(layout, min(duration, LONGEST_S))
    paper_mm = 5.0 * float(np.ceil((PULSE_MM + min(duration, LONGEST_S) * MM_PER_S + 3.0) / 5.0))
    size = (paper_mm + 2 * SIDE_MM, HEAD_MM + _height_mm(layout) + FOOT_MM)
    figure, axes = new_sheet(*size)
    paper = draw_grid(axes, (SIDE_MM, FOOT_MM, SIDE_MM + paper_mm, FOOT_MM + _height_mm(layout)))
    strips = [_draw_part(axes, part, layout, paper) for part in parts]
    for part, strip in zip(parts, strips, strict=True):
        first, last = round(part.start_s * fs), round(part.end_s * fs)
        draw_trace(axes, strip, leads[LEADS.index(part.lead), first : last + 1], fs)
    notes = [f"first {LONGEST_S:g} s of {duration:.1f} s"] if duration > LONGEST_S + 1 / fs else []
    if given is not None:
        bins = binned(given, fs)
        limit = _shade(axes, parts, strips, bins)
        shares = f"{_shown_sum(bins, parts):+.2f} of {given.sum():+.2f}".replace("-", "−")
        notes.append(f"evidence on this paper {shares} logit in all leads")
        draw_key(axes, (size[0] - 92, 7.2, 60, 4), limit, f"evidence for {sheet.label}, logit per 10 ms")
    _draw_words(axes, sheet, size, notes)
    return figure
