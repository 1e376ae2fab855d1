"""One set of wave limits per beat from marks of single leads, and how two such sets compare.

References
----------
AAMI EC57 (a wave is found if marked within 150 ms); CSE Working Party 1985, Eur Heart J 6:815 (standard
deviations of differences that experts have between themselves, the usual tolerances).

Deviations
----------
- A limit of all leads is the median over the leads that have it (``median``), or the third earliest
  onset and the third latest end (``third``), after the rule of Laguna et al. 1994, Comput Biomed Res
  27:45, that an outermost mark needs two more to stand with it.  Peaks are medians by either rule.
- A beat, or a wave of it, is there where at least half the leads have it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotations.ludb import WaveMark

POINTS = (
    "P onset",
    "P peak",
    "P end",
    "QRS onset",
    "QRS peak",
    "QRS end",
    "T onset",
    "T peak",
    "T end",
)
"""Columns of a table of beats; NaN where a beat lacks the point."""
WAVES = ("P", "QRS", "T")
PEAKS = tuple(POINTS.index(f"{wave} peak") for wave in WAVES)
QRS_PEAK = POINTS.index("QRS peak")
RULES = ("median", "third")
LEAST_LEADS = 6
WINDOW_MS = 150.0
APART_MS = 120.0
"""QRS peaks of two leads further apart than this are two beats."""
P_BEFORE_MS, T_AFTER_MS = 400.0, 600.0
"""Reach of a beat: peaks of P and T lie within, and not beyond the neighbouring beats."""
CSE_MS: Mapping[str, float] = {
    "P onset": 10.2,
    "P end": 12.7,
    "QRS onset": 6.5,
    "QRS end": 11.6,
    "T end": 30.6,
}


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two tables of the beats of one recording against each other.

    Parameters
    ----------
    found, missed, extra : (3,) int64
        Waves, as `WAVES`, that both have, only the reference, only the other.
    errors : (b, 9) float64, ms
        Differences, the other minus the reference, of each beat that both have; NaN where a wave
        was not found or a point is missing.
    """

    found: NDArray[np.int64]
    missed: NDArray[np.int64]
    extra: NDArray[np.int64]
    errors: NDArray[np.float64]


def beat_points(
    leads: Mapping[str, Sequence[WaveMark]], fs: float, *, rule: str = "median"
) -> NDArray[np.float64]:
    """Join the marks of single leads beat by beat.

    Parameters
    ----------
    leads : mapping of str to sequence of WaveMark
    fs : float, Hz
    rule : "median" or "third"

    Returns
    -------
    (k, 9) float64, samples
        Columns as `POINTS`, beats in order of time.
    """
    peaks = _beats(leads, fs)
    rows = np.full((len(peaks), len(leads), len(POINTS)), np.nan)
    for at, marks in enumerate(leads.values()):
        for mark in marks:
            beat = _beat_of(mark, peaks, fs)
            if beat is not None:
                first = 3 * WAVES.index(mark.wave)
                limits = (mark.onset, mark.peak, mark.end)
                rows[beat, at, first : first + 3] = [np.nan if x is None else x for x in limits]
    return np.stack([_join(rows[:, :, i], point, rule) for i, point in enumerate(POINTS)], axis=1)


def _beats(leads: Mapping[str, Sequence[WaveMark]], fs: float) -> NDArray[np.float64]:
    """Median QRS peaks of beats that enough leads have, (k,) samples."""
    peaks = np.array(sorted(m.peak for marks in leads.values() for m in marks if m.wave == "QRS"), float)
    groups = np.split(peaks, np.flatnonzero(np.diff(peaks) > APART_MS * fs / 1000) + 1)
    return np.array([np.median(group) for group in groups if len(group) >= LEAST_LEADS])


def _beat_of(mark: WaveMark, peaks: NDArray[np.float64], fs: float) -> int | None:
    """Say which beat a mark belongs to: QRS to the nearest, P to the next, T to the last one."""
    if not peaks.size:
        return None
    if mark.wave == "QRS":
        beat, reach = int(np.abs(peaks - mark.peak).argmin()), APART_MS
    elif mark.wave == "P":
        beat, reach = int(np.searchsorted(peaks, mark.peak)), P_BEFORE_MS
    else:
        beat, reach = int(np.searchsorted(peaks, mark.peak)) - 1, T_AFTER_MS
    if not 0 <= beat < len(peaks) or abs(peaks[beat] - mark.peak) > reach * fs / 1000:
        return None
    return beat


def _join(marks: NDArray[np.float64], point: str, rule: str) -> NDArray[np.float64]:
    """One value per beat from those of its leads, (k, leads) to (k,)."""
    count = np.isfinite(marks).sum(axis=1)
    joined = np.full(len(marks), np.nan)
    for beat in np.flatnonzero(count >= LEAST_LEADS):
        values = np.sort(marks[beat][np.isfinite(marks[beat])])
        if rule == "median" or point.endswith("peak"):
            joined[beat] = np.median(values)
        else:
            joined[beat] = values[2 if point.endswith("onset") else -3]
    return joined


def compare(reference: NDArray[np.float64], other: NDArray[np.float64], fs: float) -> Comparison:
    """Compare two tables between the first and the last beat of the reference.

    Parameters
    ----------
    reference, other : (k, 9) and (j, 9) float, samples
    fs : float, Hz

    Returns
    -------
    Comparison
        Of P before the first and T after the last beat only what the reference has counts.
    """
    window = WINDOW_MS * fs / 1000
    if not len(reference):
        none = np.zeros(len(WAVES), dtype=np.int64)
        return Comparison(none, none, none, np.zeros((0, len(POINTS))))
    first, last = reference[[0, -1], QRS_PEAK] + (-window, window)
    other = other[(other[:, QRS_PEAK] >= first) & (other[:, QRS_PEAK] <= last)]
    pairs = _pairs(reference[:, QRS_PEAK], other[:, QRS_PEAK], window)
    matched = np.full((len(reference), len(POINTS)), np.nan)
    matched[pairs[:, 0]] = other[pairs[:, 1]]
    ours, theirs = (np.isfinite(rows[:, PEAKS]) for rows in (matched, reference))
    agreed = ours & theirs & ~(np.abs(matched - reference)[:, PEAKS] > window)
    extra = ours & ~agreed
    extra[0, 0] &= theirs[0, 0]
    extra[-1, 2] &= theirs[-1, 2]
    alone = np.isfinite(np.delete(other, pairs[:, 1], axis=0)[:, PEAKS])
    errors = np.where(np.repeat(agreed, 3, axis=1), matched - reference, np.nan) * 1000 / fs
    return Comparison(
        agreed.sum(axis=0),
        (theirs & ~agreed).sum(axis=0),
        extra.sum(axis=0) + alone.sum(axis=0),
        errors[pairs[:, 0]],
    )


def _pairs(a: NDArray[np.float64], b: NDArray[np.float64], window: float) -> NDArray[np.int64]:
    """Pair each of a with the nearest of b, each once, the nearest first, (p, 2)."""
    distance = np.abs(a[:, None] - b)
    pairs, free_a, free_b = [], set(range(len(a))), set(range(len(b)))
    for at in np.argsort(distance, axis=None):
        i, j = divmod(int(at), len(b))
        if distance[i, j] > window:
            break
        if i in free_a and j in free_b:
            pairs.append((i, j))
            free_a.remove(i)
            free_b.remove(j)
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
