"""How far a probability can be taken at its word: calibration error and Brier score.

References
----------
Brier 1950, Mon Weather Rev 78:1 (mean squared error of a probability).
Naeini, Cooper, Hauskrecht, AAAI 2015; Guo et al., ICML 2017, arXiv 1706.04599 (eq. 3:
expected calibration error over bins of equal width).

Deviations
----------
- Labels are not exclusive, so each has an error of its own: bins are over the probability of
  the label being present, not over the confidence of the class that wins.
- In few recordings the error of a perfectly calibrated model is not zero.  Beside each error
  stands the one to be expected of the same probabilities, were they right.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.bootstrap import Interval, percentile_interval, resamples_of
from imn.errors import InputError

BINS = 10


@dataclass(frozen=True)
class Calibration:
    """Calibration error and Brier score of several labels.

    Parameters
    ----------
    error : (k,) tuple of Interval
        Expected calibration error of each label.
    error_macro : Interval
        Their mean.
    error_if_calibrated : (k,) tuple of float
        Mean error of the same probabilities with labels drawn from them: what chance alone gives.
    brier : (k,) tuple of Interval
    brier_macro : Interval
    brier_of_prevalence : (k,) tuple of float
        Of always giving the label's own frequency: what a useful probability stays under.
    """

    error: tuple[Interval, ...]
    error_macro: Interval
    error_if_calibrated: tuple[float, ...]
    brier: tuple[Interval, ...]
    brier_macro: Interval
    brier_of_prevalence: tuple[float, ...]


def expected_calibration_error(
    positive: ArrayLike, probability: ArrayLike, *, bins: int = BINS
) -> NDArray[np.float64]:
    """Give the mean distance of probability and frequency over bins of the probability.

    ``sum_b n_b / n * |mean probability in b - share of positives in b|`` with bins
    ``[0, 1/bins), ..., [1 - 1/bins, 1]``.

    Parameters
    ----------
    positive : (n, k) bool
    probability : (n, k) float, 0 to 1
    bins : int

    Returns
    -------
    (k,) float64

    Raises
    ------
    InputError
        If the shapes differ, nothing is given, or a value is no probability.
    """
    positive, probability = _checked(positive, probability)
    return np.abs(_gaps(positive, probability, bins).sum(axis=0)).sum(axis=-1) / len(positive)


def brier_score(positive: ArrayLike, probability: ArrayLike) -> NDArray[np.float64]:
    """Give the mean squared distance of probability and truth of each label.

    Parameters
    ----------
    positive : (n, k) bool
    probability : (n, k) float, 0 to 1

    Returns
    -------
    (k,) float64

    Raises
    ------
    InputError
        As `expected_calibration_error`.
    """
    positive, probability = _checked(positive, probability)
    return ((probability - positive) ** 2).mean(axis=0)


def calibration(
    positive: ArrayLike, probability: ArrayLike, *, bins: int = BINS, resamples: int = 2000, seed: int = 0
) -> Calibration:
    """Measure calibration of each label and on average, with bootstrap intervals.

    Recordings are drawn as in `imn.metrics.auroc_intervals`, the same for all labels.

    Parameters
    ----------
    positive : (n, k) bool
    probability : (n, k) float, 0 to 1
    bins : int
    resamples : int
    seed : int

    Returns
    -------
    Calibration

    Raises
    ------
    InputError
        As `expected_calibration_error`.

    Notes
    -----
    Each resample adds the noise of the sample once more to the calibration error, which
    cannot be negative.  Its percentiles are therefore shifted by the mean of that excess, and
    cut at zero: they tell how the error varies between samples of this size.
    """
    positive, probability = _checked(positive, probability)
    n, k = positive.shape
    counts = _counts(n, resamples, seed)
    gaps, squares = _gaps(positive, probability, bins), (probability - positive) ** 2
    drawn_gaps = (counts @ gaps.reshape(n, -1)).reshape(resamples, k, bins)
    error, drawn_error = np.abs(gaps.sum(axis=0)).sum(axis=-1) / n, np.abs(drawn_gaps).sum(axis=-1) / n
    brier, drawn_brier = squares.mean(axis=0), counts @ squares / n
    prevalence = positive.mean(axis=0)
    return Calibration(
        tuple(_shifted(*pair) for pair in zip(error, drawn_error.T, strict=True)),
        _shifted(error.mean(), drawn_error.mean(axis=1)),
        tuple(_error_if_calibrated(probability, bins, seed).tolist()),
        tuple(percentile_interval(*pair) for pair in zip(brier, drawn_brier.T, strict=True)),
        percentile_interval(brier.mean(), drawn_brier.mean(axis=1)),
        tuple((prevalence * (1 - prevalence)).tolist()),
    )


def _checked(positive: ArrayLike, probability: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    truth, given = np.asarray(positive, dtype=float), np.asarray(probability, dtype=float)
    if truth.ndim != 2 or truth.shape != given.shape or not len(truth):
        msg = f"expected truth and probability of shape (n, k), got {truth.shape} and {given.shape}"
        raise InputError(msg)
    if not ((given >= 0) & (given <= 1)).all():
        msg = "expected probabilities from 0 to 1, found others; apply the sigmoid to the logits first"
        raise InputError(msg)
    return truth, given


def _gaps(truth: NDArray[np.float64], given: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """(n, k, bins): what each recording adds to the sum of probability minus truth in its bin."""
    at = np.minimum((given * bins).astype(int), bins - 1)
    return (given - truth)[..., None] * (at[..., None] == np.arange(bins))


def _counts(n: int, resamples: int, seed: int) -> NDArray[np.float64]:
    """(resamples, n): how often each recording is drawn."""
    draws = resamples_of(n, resamples=resamples, seed=seed)
    flat = np.bincount((draws + n * np.arange(resamples)[:, None]).ravel(), minlength=n * resamples)
    return flat.reshape(resamples, n).astype(float)


def _error_if_calibrated(given: NDArray[np.float64], bins: int, seed: int) -> NDArray[np.float64]:
    """(k,): mean error over 200 drawings of the labels from the probabilities."""
    rng = np.random.default_rng(seed)
    drawn = [
        np.abs(_gaps((rng.random(given.shape) < given).astype(float), given, bins).sum(axis=0)).sum(axis=-1)
        for _ in range(200)
    ]
    return np.mean(drawn, axis=0) / len(given)


def _shifted(value: np.floating, drawn: NDArray[np.float64]) -> Interval:
    return percentile_interval(value, np.maximum(drawn - (drawn.mean() - value), 0.0))
