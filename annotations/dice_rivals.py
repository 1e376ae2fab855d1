"""The same comparison for other classifiers and for post-hoc maps of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.dice_scores import Scores, lead_time_scores
from annotations.masks import scored_areas
from annotations.paired import paired_interval
from annotations.readings import BEST, DRAWN, PLAIN, Reading, dice_at, maps_of, place_mask
from cine_mapping.anatomy import Anatomy
from imn.labels import FINDINGS, SUPERCLASSES

SHOWN = (PLAIN, "leads", DRAWN, BEST)
SEED = 0
DATA = "PTB-XL"
"""Recordings of the rate and length that the classifiers were trained on."""


def rival_rows(
    readings: Sequence[Reading], scores: Sequence[Scores], models: Path, anatomy: Anatomy
) -> list[dict[str, Any]]:
    """Put every classifier's maps through the same mappings, paired with ours.

    Parameters
    ----------
    readings : sequence of Reading
        Ours; those of `DATA` are used.
    scores : sequence of dict
        Ours, of the same readings.
    models : Path
    anatomy : Anatomy

    Returns
    -------
    list of dict
        One per classifier and method, ours first.
    """
    from tqdm import tqdm

    from imn.attribution.apart import attributions, pairs

    at = [i for i, reading in enumerate(readings) if reading.stated.source == DATA]
    own = [readings[i] for i in at]
    ours = [{name: scores[i][name] for name in SHOWN} | lead_time_of(readings[i]) for i in at]
    names = (*SUPERCLASSES, *(finding.name for finding in FINDINGS))
    signal = np.stack([reading.explanation.signal for reading in own]).astype(np.float32)
    target = np.array([names.index(reading.label) for reading in own], dtype=np.int64)
    rows = [_row("ecglocus", "own", ours, ours)]
    for subject, method in tqdm(list(pairs()), desc="rivals", disable=None):
        made = attributions(subject, method, models, signal=signal, target=target)
        theirs = [_scores(r.by(_weights(a, r)), anatomy) for r, a in zip(own, made, strict=True)]
        rows.append(_row(subject.name, method, theirs, ours))
    return rows


def lead_time_of(reading: Reading) -> Scores:
    """Give the Dice on leads and time; none where no criterion is known."""
    return {"leads and time": lead_time_scores(reading).get("evidence", np.nan)}


def _weights(attribution: NDArray[np.float32], reading: Reading) -> NDArray[np.float32]:
    """Find the weights that give an attribution on the reading's signal; zero where there is no signal."""
    deflection = reading.explanation.deflection
    return np.divide(attribution, deflection, out=np.zeros(attribution.shape), where=deflection != 0).astype(
        np.float32
    )


def _scores(reading: Reading, anatomy: Anatomy) -> Scores:
    areas, truth, maps = scored_areas(anatomy), place_mask(reading, anatomy), maps_of(reading, anatomy)
    return {name: dice_at(maps[name], truth, areas) for name in SHOWN} | lead_time_of(reading)


def _row(name: str, method: str, theirs: Sequence[Scores], ours: Sequence[Scores]) -> dict[str, Any]:
    means = {key: float(np.nanmean([one[key] for one in theirs])) for key in (*SHOWN, "leads and time")}
    row: dict[str, Any] = {"classifier": name, "method": method, "n": len(theirs)} | means
    gain = paired_interval([o[BEST] for o in ours], [t[BEST] for t in theirs], seed=SEED)
    return row | {"ours less this": gain.mean, "low": gain.low, "high": gain.high, "p": gain.p}
