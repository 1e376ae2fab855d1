"""The study as tables: one line per arm, one per comparison, one per bin of probability."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.bootstrap import Interval
from imn.calibration import BINS
from imn.sampling.arms import AS_PUBLISHED, CUT, HELD, RESAMPLED, SLOW, UNTOLD, Arm
from imn.sampling.measures import bin_of, differences, measured, patient_weights
from imn.sampling.runs import Held

SEED = 0


def arm_rows(helds: Sequence[Held]) -> list[dict[str, Any]]:
    """Give one line per arm: what it is, how many recordings, every measure with its interval."""
    return [
        {
            **described(held.arm),
            "n_af": int(held.cases.positive.sum()),
            "n_normal": int((~held.cases.positive).sum()),
            **flat(measured(held, weights)),
        }
        for held, weights in _weighted(helds)
    ]


def difference_rows(helds: Sequence[Held]) -> list[dict[str, Any]]:
    """Give one line per comparison, on the same recordings and the same draws of patients.

    Each rate against 100 Hz; the receptive field held, or cut, against as published.
    """
    by_arm = {held.arm: held for held in helds}
    rows = []
    for held, weights in _weighted(helds):
        for words, other in _others(held.arm):
            if other in by_arm:
                found = differences(held, by_arm[other], weights)
                rows.append({"difference": words, **described(held.arm), **flat(found)})
    return rows


def reliability_rows(helds: Sequence[Held]) -> list[dict[str, Any]]:
    """Give one line per arm and bin of probability that holds any: mean probability, share of AF."""
    rows = []
    for held in helds:
        at = bin_of(held.probability)
        for b in range(BINS):
            inside = at == b
            if inside.any():
                figures = {
                    "n": int(inside.sum()),
                    "probability": float(held.probability[inside].mean()),
                    "share_af": float(held.cases.positive[inside].mean()),
                }
                rows.append({**described(held.arm), "bin": b, **figures})
    return rows


def described(arm: Arm) -> dict[str, Any]:
    """Say what an arm is, in columns; a receptive field of CNN1D in seconds."""
    return {
        "made_from_hz": arm.source,
        "network": arm.network,
        "hz": arm.fs,
        "field": arm.context,
        "field_s": arm.field.seconds(arm.fs) if arm.field else None,
    }


def flat(found: Mapping[str, Interval]) -> dict[str, float | None]:
    """Put intervals in columns: value, low, high of each."""
    columns = {}
    for name, one in found.items():
        parts = {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high}
        columns |= {key: float(value) if np.isfinite(value) else None for key, value in parts.items()}
    return columns


def _others(arm: Arm) -> Iterator[tuple[str, Arm]]:
    """Name what an arm is compared with."""
    if arm.fs != SLOW and arm.context not in (CUT, UNTOLD):
        yield f"{arm.fs:g} - {SLOW:g} Hz", Arm(arm.source, arm.network, SLOW, arm.context)
    if arm.context in (HELD, CUT):
        yield f"{arm.context} - {AS_PUBLISHED}", Arm(arm.source, arm.network, arm.fs)
    if arm.context == UNTOLD:
        yield f"{UNTOLD} - {RESAMPLED}", Arm(arm.source, arm.network, arm.fs, RESAMPLED)


def _weighted(helds: Sequence[Held]) -> Iterator[tuple[Held, NDArray[np.float64]]]:
    """Give each arm with the draws of its recordings' patients, made once for arms of the same ones."""
    for _, alike in groupby(helds, key=lambda held: held.cases.ids):
        weights = None
        for held in alike:
            if weights is None:
                weights = patient_weights(held.cases.patients, seed=SEED)
            yield held, weights
