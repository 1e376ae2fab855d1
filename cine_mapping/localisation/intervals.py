"""Intervals of scores whose cases come in groups: patients are drawn with replacement, not cases.

Cases of one heart share its anatomy and errors; drawn one by one they would
promise more than they hold (Field and Welsh 2007, J R Stat Soc B 69:369).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.bootstrap import Interval, percentile_interval, resamples_of
from imn.errors import InputError

RESAMPLES = 2000
Statistic = Callable[..., Any]
"""As `numpy.mean`, of a row of values."""


def interval_over_patients(
    values: ArrayLike,
    patients: ArrayLike,
    *,
    statistic: Statistic = np.mean,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Bootstrap a mean or median over patients.

    Parameters
    ----------
    values : (n,) float
        One per case.
    patients : (n,) int or str
        Whose case it is.
    statistic : callable
        `numpy.mean`, `numpy.median` or another.
    resamples, seed : int

    Returns
    -------
    Interval
        The statistic of all cases, with the 2.5th and 97.5th percentile of it
        over draws of patients with all their cases.

    Raises
    ------
    InputError
        If values and patients do not fit, a value is not finite, or there are
        fewer than two patients.
    """
    cases, owner, count = _checked(values, patients)
    drawn = [
        statistic(np.repeat(cases, np.bincount(row, minlength=count)[owner]))
        for row in resamples_of(count, resamples=resamples, seed=seed)
    ]
    return percentile_interval(float(statistic(cases)), drawn)


def paired_interval_over_patients(
    a: ArrayLike,
    b: ArrayLike,
    patients: ArrayLike,
    *,
    statistic: Statistic = np.mean,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Bootstrap the mean or median of a - b over patients (see `interval_over_patients`).

    Parameters
    ----------
    a, b : (n,) float
        Scores of the same cases in the same order.
    patients : (n,) int or str
    statistic : callable
    resamples, seed : int

    Returns
    -------
    Interval

    Raises
    ------
    InputError
        If scores and patients are not of the same cases, or as `interval_over_patients`.
    """
    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if first.shape != second.shape:
        msg = f"expected paired scores of the same cases, got shapes {first.shape} and {second.shape}"
        raise InputError(msg)
    return interval_over_patients(
        first - second, patients, statistic=statistic, resamples=resamples, seed=seed
    )


def _checked(values: ArrayLike, patients: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64], int]:
    cases, given = np.asarray(values, dtype=float), np.asarray(patients)
    if cases.ndim != 1 or given.shape != cases.shape or not np.isfinite(cases).all():
        msg = (
            f"expected a finite score and a patient for each case, got shapes {cases.shape} and "
            f"{given.shape}; leave cases without a score out of both"
        )
        raise InputError(msg)
    names, owner = np.unique(given, return_inverse=True)
    if len(names) < 2:
        msg = f"expected cases of at least two patients, got {len(names)}; an interval needs more of them"
        raise InputError(msg)
    return cases, owner.astype(np.int64), len(names)
