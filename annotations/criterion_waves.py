"""Where on the beat of a recording the waves lie that criteria read.

The limits of P, QRS and T are those of the delineation (`cine_mapping.delineation`), one set for all
leads; Q, R and S are told apart in each lead by the sign against the level at QRS onset.

References
----------
CSE Working Party 1985, Comput Biomed Res 18:439: a deflection below 20 uV is no wave of QRS.
Thygesen et al. 2018, Circulation 138:e618: Q waves and loss of R, judged at the start of QRS.

Deviations
----------
- Where QRS starts upright, its first 40 ms stand for the Q that is not there: so long a Q wave
  must be at least to be pathological by the older rule, and there a lost R is missed.
- T onset is by proportion (`cine_mapping.wave_share.t_onset`).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from annotations.marks import Interval
from annotations.statement_rules import Criterion
from cine_mapping.beat import Beat
from cine_mapping.wave_share import t_onset
from imn.leads import LEADS

WAVE_MV = 0.02
PART_S = 0.04
"""Length of the first and last part of QRS."""
LEVEL_S = 0.02
"""Before QRS onset, over which the level of a lead is taken."""

Span = tuple[int, int]


def criterion_intervals(beat: Beat, criteria: Iterable[Criterion]) -> tuple[Interval, ...]:
    """Place criteria on the median beat.

    Parameters
    ----------
    beat : Beat
    criteria : iterable of Criterion
        As `annotations.derived_rules.criteria` gives.

    Returns
    -------
    tuple of Interval
        On the beat, in order of time, leads of equal times together, no time of a lead twice;
        empty where the beat has none of the waves.
    """
    marked = np.zeros(beat.signal.shape, dtype=bool)
    for criterion in criteria:
        for lead in criterion.leads:
            row = LEADS.index(lead)
            for wave in criterion.waves:
                for start, stop in _spans(beat, row, wave):
                    marked[row, start:stop] = True
    leads_of: dict[Span, list[str]] = {}
    for lead, row in zip(LEADS, marked, strict=True):
        for span in _runs(row):
            leads_of.setdefault(span, []).append(lead)
    return tuple(_interval(tuple(leads), span, beat) for span, leads in sorted(leads_of.items()))


def _interval(leads: tuple[str, ...], span: Span, beat: Beat) -> Interval:
    onset, offset = ((sample - beat.r_peak) / beat.fs for sample in span)
    return Interval(leads, onset, offset, "beat")


def _spans(beat: Beat, row: int, wave: str) -> list[Span]:
    """Stretches of a wave in one lead; none where the beat has no such wave."""
    return _of_qrs(beat, row, wave) if wave in ("Q", "R", "S") else _of_all_leads(beat, wave)


def _of_all_leads(beat: Beat, wave: str) -> list[Span]:
    marks, m = beat.fiducials, beat.signal.shape[1]
    onset, end, part = marks.qrs_onset, marks.j_point, round(PART_S * beat.fs)
    before = 0 if marks.p_onset is None else marks.p_onset
    spans: dict[str, list[tuple[int | None, int | None]]] = {
        "P": [(marks.p_onset, marks.p_end)],
        "PR": [(marks.p_onset, onset)],
        "QRS": [(onset, end)],
        "early QRS": [(onset, min(onset + part, end))],
        "late QRS": [(max(end - part, onset), end)],
        "ST": [(end, t_onset(marks))],
        "T": [(t_onset(marks), marks.t_end + 1)],
        "TQ": [(0, before or onset), (marks.t_end + 1, m)],
    }
    return [(start, stop) for start, stop in spans[wave] if start is not None and stop is not None]


def _of_qrs(beat: Beat, row: int, wave: str) -> list[Span]:
    """Tell Q, R and S of one lead apart by their sign against the level before QRS."""
    onset, end = beat.fiducials.qrs_onset, beat.fiducials.j_point
    before = max(onset - round(LEVEL_S * beat.fs), 0)
    lead = beat.signal[row, onset:end] - np.median(beat.signal[row, before : onset + 1])
    above, below = (_waves(sign * lead, onset) for sign in (1, -1))
    first_r = above[0][0] if above else end
    if wave == "R":
        return above
    if wave == "S":
        return [span for span in below if span[0] >= first_r] if above else below
    if below and below[0][0] < first_r:
        return [(onset, below[0][1])]
    return [(onset, min(onset + round(PART_S * beat.fs), end))]


def _waves(lead: NDArray[np.floating], first: int) -> list[Span]:
    """Stretches above the level that are high enough for a wave."""
    runs = _runs(lead > 0)
    return [(first + a, first + b) for a, b in runs if lead[a:b].max() >= WAVE_MV]


def _runs(row: NDArray[np.bool_]) -> list[Span]:
    edges = np.flatnonzero(np.diff(row, prepend=False, append=False))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
