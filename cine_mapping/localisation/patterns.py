"""Patterns of simulated cases: what a mapping is given when the truth is known."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.localisation.cases import NAMES, TIMES_MS, Cases
from cine_mapping.operators.pattern import Pattern, binned

NOISE_MV = 0.01
"""Standard deviation of what noise leaves in a bin of a median beat."""
_INTO_BINS = binned(np.eye(len(TIMES_MS)), TIMES_MS)


def binned_cases(courses: NDArray[np.floating]) -> NDArray[np.float32]:
    """Average courses over the bins.

    Parameters
    ----------
    courses : (s, 8, t) float, mV
        At `TIMES_MS`.

    Returns
    -------
    (s, 8, b) float32, mV
    """
    return (courses.astype(np.float32) @ _INTO_BINS.astype(np.float32)).astype(np.float32)


def usual_beat(cases: Cases) -> NDArray[np.float32]:
    """Mean normal beat of the patients, for a patient whose own is not at hand.

    Parameters
    ----------
    cases : Cases

    Returns
    -------
    (8, b) float32, mV
    """
    _, first = np.unique(cases.patient, return_index=True)
    return binned_cases(cases.well[first]).mean(axis=0)


def differences(cases: Cases, usual: NDArray[np.floating] | None = None) -> NDArray[np.float32]:
    """Give the sick beat less a reference.

    Parameters
    ----------
    cases : Cases
    usual : (8, b) float, mV, optional
        The reference; each patient's own normal beat by default.

    Returns
    -------
    (s, 8, b) float32, mV
    """
    sick = binned_cases(cases.sick)
    return sick - (binned_cases(cases.well) if usual is None else np.asarray(usual, dtype=np.float32))


def case_patterns(
    cases: Cases, usual: NDArray[np.floating] | None = None, *, noise: float = NOISE_MV, seed: int = 0
) -> list[Pattern]:
    """Patterns of the differences, with noise.

    Parameters
    ----------
    cases, usual
        As in `differences`.
    noise : float, mV
        Standard deviation of what is added to each lead and bin.
    seed : int

    Returns
    -------
    list of s Pattern
    """
    values = differences(cases, usual).astype(float)
    values += noise * np.random.default_rng(seed).standard_normal(values.shape)
    return [Pattern(NAMES[f], v) for f, v in zip(cases.family, values, strict=True)]
