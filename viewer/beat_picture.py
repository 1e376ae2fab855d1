"""The median beat in twelve leads with its fiducial points and the folded evidence."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cine_mapping.beat import Beat, Fiducials
from imn.errors import InputError
from imn.files import replacing
from imn.leads import LEADS
from viewer.ecg_paper import (
    DPI,
    Strip,
    binned,
    colour_limit,
    draw_grid,
    draw_key,
    draw_name,
    draw_shading,
    draw_trace,
    new_sheet,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MM_PER_S = 50.0
COLUMNS, ROW_MM, SIDE_MM, HEAD_MM, FOOT_MM = 4, 32.0, 7.0, 13.0, 17.0
GAP_MM, LABELS_MM = 5.0, 6.0
FIDUCIAL = "#1f4e79"


def fiducial_marks(fiducials: Fiducials) -> list[tuple[str, int]]:
    """Name the fiducial points that are there, in order of time.

    Parameters
    ----------
    fiducials : Fiducials

    Returns
    -------
    list of (str, int)
        Short name and sample of the beat.
    """
    named = [
        ("P", fiducials.p_onset),
        ("P end", fiducials.p_end),
        ("QRS", fiducials.qrs_onset),
        ("J", fiducials.j_point),
        ("T", fiducials.t_peak),
        ("end", fiducials.t_end),
    ]
    return [(name, sample) for name, sample in named if sample is not None]


def _draw_fiducials(axes: "Axes", strip: Strip, beat: Beat, *, names: bool) -> None:
    low, high = strip.y - strip.half_mm, strip.y + strip.half_mm
    for name, sample in fiducial_marks(beat.fiducials):
        x = strip.x + sample / beat.fs * MM_PER_S
        axes.plot([x, x], [low, high], color=FIDUCIAL, linewidth=0.7, linestyle=(0, (3, 2)), zorder=3)
        if names and name != "P end":
            axes.text(x, high + 0.8, name, color=FIDUCIAL, fontsize=7, ha="center", va="bottom", zorder=5)


def draw_beat(
    path: str | Path, beat: Beat, *, evidence: ArrayLike | None = None, title: str = "", label: str = ""
) -> None:
    """Draw the median beat of twelve leads at 50 mm/s and 10 mm/mV as PNG of 200 dpi.

    Parameters
    ----------
    path : str or Path
    beat : Beat
    evidence : (12, m) float, logit per sample, optional
        As `Evidence.leads`; shades the paper behind the traces.
    title : str
    label : str
        The class the evidence is for.

    Raises
    ------
    InputError
        If the evidence does not fit the beat.
    """
    signal = np.asarray(beat.signal, dtype=float)
    given = None if evidence is None else np.asarray(evidence, dtype=float)
    if given is not None and given.shape != signal.shape:
        msg = f"evidence must have the beat's shape {signal.shape}, got {given.shape}"
        raise InputError(msg)
    beat_mm = signal.shape[1] / beat.fs * MM_PER_S
    pitch = 5.0 * float(np.ceil((beat_mm + GAP_MM) / 5.0))
    rows = -(-len(LEADS) // COLUMNS)
    width, height = COLUMNS * pitch + GAP_MM, 5.0 * float(np.ceil((rows * ROW_MM + LABELS_MM) / 5.0))
    size = (width + 2 * SIDE_MM, HEAD_MM + height + FOOT_MM)
    figure, axes = new_sheet(*size)
    paper = draw_grid(axes, (SIDE_MM, FOOT_MM, SIDE_MM + width, FOOT_MM + height))
    bins = None if given is None else binned(given, beat.fs)
    limit = 1.0 if bins is None else colour_limit(bins)
    for i, lead in enumerate(LEADS):
        column, row = divmod(i, rows)
        y = FOOT_MM + height - LABELS_MM - (row + 0.5) * ROW_MM
        strip = Strip(SIDE_MM + GAP_MM + column * pitch, y, MM_PER_S, ROW_MM * 0.42, paper)
        if bins is not None:
            draw_shading(axes, strip, bins[i], limit)
        draw_trace(axes, strip, signal[i], beat.fs)
        _draw_fiducials(axes, strip, beat, names=row == 0)
        draw_name(axes, strip.x + 0.5, y + ROW_MM * 0.34, lead)
    axes.text(SIDE_MM, size[1] - 3, title, fontsize=12, fontweight="bold", va="top")
    notes = f"50 mm/s   10 mm/mV   median of {int(beat.kept.sum())} of {len(beat.kept)} beats"
    axes.text(SIDE_MM, FOOT_MM - 2.5, notes, fontsize=8.5, color="#333333", va="top")
    if bins is not None:
        words = f"evidence for {label} folded onto the beat, logit per 10 ms"
        draw_key(axes, (size[0] - 92, 7.2, 60, 4), limit, words)
    with replacing(path) as draft:
        figure.savefig(draft, dpi=DPI)
