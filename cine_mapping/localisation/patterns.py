"""Patterns of simulated cases: what a mapping is given when the truth is known."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.localisation.cases import NAMES, TIMES_MS, Cases
from cine_mapping.operators.pattern import Pattern, binned

NOISE_MV = 0.01
"""Standard deviation of what noise leaves in a bin of a median beat."""
_INTO_BINS = binned(np.eye(len(TIMES_MS)), TIMES_MS)


def binned_cases(courses: NDArray[np.floating]) -> NDArray[np.float32]:
    """Average courses at `TIMES_MS` over the bins, (s, 8, t) to (s, 8, b)."""
    return (courses.astype(np.float32) @ _INTO_BINS.astype(np.float32)).astype(np.float32)


def usual_beat(cases: Cases) -> NDArray[np.float32]:
    """Mean normal beat of the patients, (8, b) float32, mV, for a patient whose own is not at hand."""
    _, first = np.unique(cases.patient, return_index=True)
    return binned_cases(cases.well[first]).mean(axis=0)


def differences(cases: Cases, usual: NDArray[np.floating] | None = None) -> NDArray[np.float32]:
    """Give the sick beat less a reference, (s, 8, b) float32, mV.

    Parameters
    ----------
    cases : Cases
    usual : (8, b) float, mV, optional
        The reference; each patient's own normal beat by default.
    """
    sick = binned_cases(cases.sick)
    return sick - (binned_cases(cases.well) if usual is None else np.asarray(usual, dtype=np.float32))


def case_patterns(
    cases: Cases, usual: NDArray[np.floating] | None = None, *, noise: float = NOISE_MV, seed: int = 0
) -> list[Pattern]:
    """Patterns of the differences, with noise."""
    values = differences(cases, usual).astype(float)
    values += noise * np.random.default_rng(seed).standard_normal(values.shape)
    return [Pattern(NAMES[f], v) for f, v in zip(cases.family, values, strict=True)]
