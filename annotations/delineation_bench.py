"""Check the limits of waves against LUDB's cardiologists, beside NeuroKit2's on the same recordings.

Two views of one comparison.  Beat by beat, over all annotated beats: sensitivity, positive predictive value,
mean and standard deviation of the differences.  By recording, as the CSE tolerances are meant, for each
recording has one set of limits: the median difference over its beats, its mean and standard
deviation over recordings.  The reference is the median over leads (fixed beforehand; our
delineation was fitted to it on these recordings), and beside it the outermost limits that three
leads share (`annotations.wave_points`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.delineators import METHODS, neurokit_marks, our_points
from annotations.ludb import LudbEntry, read_index, read_marks, read_signal
from annotations.wave_points import CSE_MS, POINTS, RULES, WAVES, Comparison, beat_points, compare
from imn.bootstrap import percentile_interval, resamples_of
from imn.results import result, versions

ENGINES = ("ecglocus", *(f"NeuroKit2 {method}" for method in METHODS))
OURS = ENGINES[0]
GOAL_QRS = 0.99
TOLERATED = ("QRS onset", "QRS end", "T end")


@dataclass(frozen=True, eq=False)
class Case:
    """One recording, compared.

    Parameters
    ----------
    id : str
    paced : bool
    by_rule : mapping of str to mapping of str to Comparison
        By rule of the reference, then by engine.
    """

    id: str
    paced: bool
    by_rule: Mapping[str, Mapping[str, Comparison]]


def bench_delineation(data_dir: Path, command: str) -> dict[str, Any]:
    """Compare the engines with the experts on every recording of LUDB that is there.

    Parameters
    ----------
    data_dir : Path
        LUDB in its native layout.
    command : str
        What was run, for the record.

    Returns
    -------
    dict
        As `imn.results.result` gives; a row per engine and point.

    Raises
    ------
    InputError
        If LUDB is damaged or NeuroKit2 is not installed.
    """
    from tqdm import tqdm

    cases = [case_of(entry) for entry in tqdm(read_index(data_dir), desc="delineate", disable=None)]
    unpaced = [case for case in cases if not case.paced]
    data = (
        "LUDB 1.0.1 (ODC-By 1.0, Kalyakulina et al. 2020), reference: median over leads of the experts' marks"
    )
    measured = result(
        command,
        data,
        len(cases),
        rows=rows_of(cases, RULES[0]),
        headline=headline_of(cases),
        tables={
            "Against the outermost limits that three leads share": rows_of(cases, RULES[1]),
            "Without paced recordings": rows_of(unpaced, RULES[0]),
        },
    )
    measured["versions"] |= versions(("neurokit2",))
    return measured


def case_of(entry: LudbEntry) -> Case:
    """Run the engines on one recording and compare them with the experts."""
    record, marks = read_signal(entry), read_marks(entry)
    ours, theirs = our_points(record), [neurokit_marks(record, method) for method in METHODS]
    by_rule = {}
    for rule in RULES:
        reference = beat_points(marks, record.fs, rule=rule)
        tables = (ours, *(beat_points(leads, record.fs, rule=rule) for leads in theirs))
        compared = (compare(reference, table, record.fs) for table in tables)
        by_rule[rule] = dict(zip(ENGINES, compared, strict=True))
    return Case(entry.id, entry.paced, by_rule)


def rows_of(cases: Sequence[Case], rule: str) -> list[dict[str, Any]]:
    """Give a row per point and engine; sensitivity and predictive value belong to the point's wave.

    Parameters
    ----------
    cases : sequence of Case
    rule : str
        Of the reference, one of `RULES`.

    Returns
    -------
    list of dict
    """
    rows = []
    for at, point in enumerate(POINTS):
        for engine in ENGINES:
            own = [case.by_rule[rule][engine] for case in cases]
            found, missed, extra = (
                sum(getattr(one, name)[WAVES.index(point.split()[0])] for one in own)
                for name in ("found", "missed", "extra")
            )
            beats = _finite(np.concatenate([one.errors[:, at] for one in own]))
            medians = _finite(np.array([_median(one.errors[:, at]) for one in own]))
            tolerance, spread = CSE_MS.get(point), _deviation(medians)
            rows.append(
                {
                    "point": point,
                    "engine": engine,
                    "sensitivity": float(found / max(found + missed, 1)),
                    "predictive": float(found / max(found + extra, 1)),
                    "beats": beats.size,
                    "mean_ms": _mean(beats),
                    "sd_ms": _deviation(beats),
                    "recordings": medians.size,
                    "recording_mean_ms": _mean(medians),
                    "recording_sd_ms": spread,
                    "cse_ms": tolerance,
                    "within_cse": _within(spread, tolerance),
                }
            )
    return rows


def headline_of(cases: Sequence[Case]) -> dict[str, Any]:
    """Sensitivity of QRS, and the spreads that CSE has a tolerance for, with intervals over recordings."""
    own = [case.by_rule[RULES[0]][OURS] for case in cases]
    qrs = WAVES.index("QRS")
    counts = np.array([(one.found[qrs], one.missed[qrs]) for one in own], dtype=float)
    drawn = counts[resamples_of(len(cases))].sum(axis=1)
    sums = counts.sum(axis=0)
    sensitivity = percentile_interval(sums[0] / sums.sum(), drawn[:, 0] / drawn.sum(axis=1))
    figures = {"delineation_qrs_sensitivity": vars(sensitivity) | {"goal": GOAL_QRS}}
    for point in TOLERATED:
        medians = np.array([_median(one.errors[:, POINTS.index(point)]) for one in own])
        spread = percentile_interval(np.nanstd(medians), np.nanstd(medians[resamples_of(len(cases))], axis=1))
        name = f"delineation_{point.replace(' ', '_').lower()}_sd_ms"
        figures[name] = vars(spread) | {"goal": CSE_MS[point]}
    return figures


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[np.isfinite(values)]


def _median(values: NDArray[np.float64]) -> float:
    kept = _finite(values)
    return float(np.median(kept)) if kept.size else float("nan")


def _mean(values: NDArray[np.float64]) -> float | None:
    return float(values.mean()) if values.size else None


def _deviation(values: NDArray[np.float64]) -> float | None:
    return float(values.std()) if values.size else None


def _within(spread: float | None, tolerance: float | None) -> bool | None:
    return None if spread is None or tolerance is None else spread <= tolerance
