"""Expert statements against the model: Dice of every map, its controls, and what twenty cases can say.

References are ``derived``: a rule made regions of cardiologists' statements.  None was drawn by an
expert, so these figures share with published ones nothing but the name.  A recording counts once
for each label that has a place; a patient's recordings and labels are averaged before anything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from annotations.dice_scores import (
    CONTROLS,
    Scores,
    control_scores,
    lead_time_scores,
    others_scores,
    reading_scores,
)
from annotations.masks import scored_areas
from annotations.paired import paired_interval
from annotations.readings import BEST, DRAWN, MAPS, PLAIN, Reading, ludb_stated, ptbxl_stated, read_all
from cine_mapping.anatomy import Anatomy
from imn import bootstrap
from imn.results import figure, result

if TYPE_CHECKING:
    from imn.model import Model

FOLD = 9
GOAL_GAIN, GOAL_DICE = 0.09, 0.56
SMALL, SUBSAMPLES = 20, 1000
SEED = 0


@dataclass(frozen=True)
class Plan:
    """What to compare on.

    Parameters
    ----------
    ptbxl, ludb : Path
        Root folders.
    models : Path, optional
        Of ``ecglocus bench attribution``: rivals and their post-hoc maps as well.
    """

    ptbxl: Path
    ludb: Path
    models: Path | None = None


def bench_dice(plan: Plan, model: "Model", anatomy: Anatomy, command: str) -> dict[str, Any]:
    """Score every map of every recording.

    Parameters
    ----------
    plan : Plan
    model : Model
        One that never saw fold 9.
    anatomy : Anatomy
    command : str
        What was run, for the record.

    Returns
    -------
    dict
        As `imn.results.result` gives.
    """
    from tqdm import tqdm

    stated = [*ptbxl_stated(plan.ptbxl, [FOLD]), *ludb_stated(plan.ludb)]
    readings = list(tqdm(read_all(stated, model), desc="read", disable=None))
    rng, scores, truths, best = np.random.default_rng(SEED), [], [], []
    for reading in tqdm(readings, desc="map", disable=None):
        found, truth, shares = reading_scores(reading, anatomy)
        scores.append(found | control_scores(reading, anatomy, truth, rng))
        truths.append(truth)
        best.append(shares[BEST])
    others = others_scores(readings, best, truths, scored_areas(anatomy), rng)
    scores = [own | {"another patient's map": other} for own, other in zip(scores, others, strict=True)]
    tables = {
        "By data set and label": _by_part(readings, scores),
        "Twenty cases": _twenty(readings, scores),
        "Leads and time": _lead_time(readings),
    }
    if plan.models is not None:
        from annotations.dice_rivals import rival_rows

        tables["Other classifiers and post-hoc maps"] = rival_rows(readings, scores, plan.models, anatomy)
    patients = len({reading.stated.patient for reading in readings})
    data = (
        f"PTB-XL fold {FOLD} (CC BY 4.0, Wagner et al. 2020) and LUDB (ODC-By 1.0, Kalyakulina et al. 2020): "
        f"{len({r.stated.id + r.stated.source for r in readings})} recordings of {patients} patients, "
        f"{len(readings)} pairs of recording and label; references derived from statements; {model.name}"
    )
    return result(
        command,
        data,
        len(readings),
        rows=_rows(readings, scores),
        headline=_headline(readings, scores),
        tables=tables,
    )


def per_patient(readings: Sequence[Reading], values: Sequence[float]) -> NDArray[np.float64]:
    """Average over the recordings and labels of a patient.

    Parameters
    ----------
    readings : sequence of Reading
    values : sequence of float
        One for each reading.

    Returns
    -------
    (patients,) float64
        In order of appearance.
    """
    held: dict[str, list[float]] = {}
    for reading, value in zip(readings, values, strict=True):
        held.setdefault(reading.stated.patient, []).append(value)
    return np.array([float(np.mean(own)) for own in held.values()])


def _column(readings: Sequence[Reading], scores: Sequence[Scores], name: str) -> NDArray[np.float64]:
    return per_patient(readings, [one[name] for one in scores])


def _rows(readings: Sequence[Reading], scores: Sequence[Scores]) -> list[dict[str, Any]]:
    plain, rows = _column(readings, scores, PLAIN), []
    for name in (*MAPS, *CONTROLS):
        own = _column(readings, scores, name)
        found = bootstrap.interval(own)
        gain = None if name == PLAIN else paired_interval(own, plain, seed=SEED)
        rows.append(
            {
                "map": name,
                "Dice": found.value,
                "low": found.low,
                "high": found.high,
                "less plain": gain.mean if gain else None,
                "its low": gain.low if gain else None,
                "its high": gain.high if gain else None,
                "p": gain.p if gain else None,
                "at 20 %": _mean(readings, scores, f"{name} @ fixed"),
                "reaching": _mean(readings, scores, f"{name} @ reaching"),
            }
        )
    return rows


def _mean(readings: Sequence[Reading], scores: Sequence[Scores], name: str) -> float | None:
    return float(_column(readings, scores, name).mean()) if name in scores[0] else None


def _by_part(readings: Sequence[Reading], scores: Sequence[Scores]) -> list[dict[str, Any]]:
    parts = dict.fromkeys((r.stated.source, r.label) for r in readings)
    rows = []
    for source, label in parts:
        at = [i for i, r in enumerate(readings) if (r.stated.source, r.label) == (source, label)]
        own, held = [readings[i] for i in at], [scores[i] for i in at]
        means = {
            name: _mean(own, held, name) for name in (*MAPS, "usual place", "all positive", "marked part")
        }
        rows.append({"data": source, "label": label, "n": len(at)} | means)
    return rows


def _twenty(readings: Sequence[Reading], scores: Sequence[Scores]) -> list[dict[str, Any]]:
    """Draw twenty patients again and again: how far the mean gain and its test can stray."""
    rng, plain = np.random.default_rng(SEED), _column(readings, scores, PLAIN)
    rows = []
    for name in (DRAWN, BEST):
        gain = _column(readings, scores, name) - plain
        means = np.array([rng.choice(gain, SMALL, replace=False).mean() for _ in range(SUBSAMPLES)])
        low, high = np.percentile(means, (2.5, 97.5))
        rows.append(
            {
                "map": name,
                "gain over plain": float(gain.mean()),
                "2.5 %": float(low),
                "97.5 %": float(high),
                "gain of 0.09 or more": float((means >= GOAL_GAIN).mean()),
                "loss": float((means < 0).mean()),
            }
        )
    return rows


def _lead_time(readings: Sequence[Reading]) -> list[dict[str, Any]]:
    found = [(reading, lead_time_scores(reading)) for reading in readings]
    own, held = [r for r, s in found if s], [s for _, s in found if s]
    rows = []
    for name in held[0]:
        values = _column(own, held, name)
        spread = bootstrap.interval(values)
        rows.append(
            {"map": name, "n": len(own), "Dice": spread.value, "low": spread.low, "high": spread.high}
        )
    return rows


def _headline(readings: Sequence[Reading], scores: Sequence[Scores]) -> Mapping[str, Mapping[str, Any]]:
    def mean(name: str, goal: float | None = None) -> dict[str, Any]:
        return figure(bootstrap.interval(_column(readings, scores, name)), goal, map=name)

    def gain(name: str, over: str, goal: float | None = None) -> dict[str, Any]:
        found = paired_interval(*(_column(readings, scores, one) for one in (name, over)), seed=SEED)
        kept = {"value": found.mean, "low": found.low, "high": found.high, "goal": goal, "p": found.p}
        return kept | {"map": name, "over": over}

    stronger = max((PLAIN, "leads"), key=lambda name: _column(readings, scores, name).mean())
    return {
        "dice_cross_modal": mean(BEST, GOAL_DICE),
        "dice_gain": gain(BEST, stronger, GOAL_GAIN),
        "dice_all_positive": mean("all positive"),
        "dice_plain": mean(PLAIN),
        "dice_drawn_average": mean(DRAWN),
        "dice_drawn_gain": gain(DRAWN, stronger, GOAL_GAIN),
        "dice_gain_over_usual_place": gain(BEST, "usual place"),
    }
