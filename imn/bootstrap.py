"""Intervals of what is measured on few recordings: resampling them with replacement."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.errors import InputError

Statistic = Callable[..., Any]
"""As `numpy.mean`: takes an array and ``axis``."""


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval.

    Parameters
    ----------
    value : float
    low, high : float
    """

    value: float
    low: float
    high: float


def resamples_of(n: int, *, resamples: int = 2000, seed: int = 0) -> NDArray[np.int64]:
    """Draw recordings with replacement.

    Parameters
    ----------
    n : int
        How many recordings there are.
    resamples : int
    seed : int

    Returns
    -------
    (resamples, n) int64
        In 0 ... n - 1.
    """
    return np.random.default_rng(seed).integers(0, n, (resamples, n))


def percentile_interval(value: float | np.floating, drawn: ArrayLike) -> Interval:
    """Give a figure with the 2.5th and 97.5th percentile of it over resamples.

    A resample in which the figure is not defined (NaN) says nothing and is left out.

    Parameters
    ----------
    value : float
    drawn : (resamples,) float

    Returns
    -------
    Interval
    """
    low, high = np.nanpercentile(np.asarray(drawn, dtype=float), (2.5, 97.5))
    return Interval(float(value), float(low), float(high))


def interval(
    values: ArrayLike, *, statistic: Statistic = np.mean, seed: int = 0, level: float = 0.95
) -> Interval:
    """Bootstrap a mean or median over recordings.

    Parameters
    ----------
    values : (n,) float
        One per recording.
    statistic : callable
        `numpy.mean` (BCa, Efron 1987) or another such as `numpy.median`
        (percentiles: the jackknife that BCa rests on fails for quantiles).
    seed : int
    level : float

    Returns
    -------
    Interval
        Where all values are the same, the interval is that value.

    Raises
    ------
    InputError
        If there are fewer than two values, or one is not finite.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2:
        msg = f"expected scores of at least two cases in one row, got shape {values.shape}"
        raise InputError(msg)
    if not np.isfinite(values).all():
        msg = "expected finite scores, found NaN or infinity; leave such cases out"
        raise InputError(msg)
    value = float(statistic(values, axis=-1))
    # BCa divides by the spread of the jackknife, which rounding alone must not provide
    if np.ptp(values) <= 1e-12:
        return Interval(value, value, value)
    from scipy.stats import bootstrap

    result = bootstrap(
        (values,),
        statistic,
        batch=max(1, 10_000_000 // len(values)),
        confidence_level=level,
        method="BCa" if statistic is np.mean else "percentile",
        # scipy 1.15 renamed it to rng and still takes this name, which older ones need
        random_state=np.random.default_rng(seed),  # pyright: ignore[reportCallIssue]
    )
    low, high = result.confidence_interval
    return Interval(value, float(low), float(high))


def paired_interval(
    a: ArrayLike, b: ArrayLike, *, statistic: Statistic = np.mean, seed: int = 0, level: float = 0.95
) -> Interval:
    """Bootstrap the mean or median of a - b over recordings (see `interval`).

    Parameters
    ----------
    a, b : (n,) float
        Scores of the same recordings in the same order.
    statistic : callable
    seed : int
    level : float

    Returns
    -------
    Interval

    Raises
    ------
    InputError
        If the scores are not paired, not finite, or of fewer than two recordings.
    """
    first, second = paired_values(a, b)
    return interval(first - second, statistic=statistic, seed=seed, level=level)


def paired_values(a: ArrayLike, b: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give two scores of the same recordings as float64.

    Parameters
    ----------
    a, b : (n,) float
        In the same order.

    Returns
    -------
    first, second : (n,) float64

    Raises
    ------
    InputError
        If the scores are not paired, not finite, or of fewer than two recordings.
    """
    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if first.ndim != 1 or first.shape != second.shape or len(first) < 2:
        msg = f"expected paired scores of at least two cases, got shapes {first.shape} and {second.shape}"
        raise InputError(msg)
    if not (np.isfinite(first) & np.isfinite(second)).all():
        msg = "expected finite scores, found NaN or infinity; leave such cases out of both"
        raise InputError(msg)
    return first, second
