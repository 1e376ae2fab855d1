"""Area under the ROC curve, with the interval that a small test set demands."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.bootstrap import Interval, percentile_interval, resamples_of


def auroc(positive: ArrayLike, score: ArrayLike) -> NDArray[np.float64]:
    """Chance that a positive case scores above a negative one, ties counting half.

    Parameters
    ----------
    positive : (..., n) bool
    score : (..., n) float

    Returns
    -------
    (...) float64
        NaN where only one kind is present.
    """
    from scipy.stats import rankdata

    positive = np.asarray(positive, dtype=bool)
    n_positive = positive.sum(axis=-1)
    n_negative = positive.shape[-1] - n_positive
    above = np.where(positive, rankdata(score, axis=-1), 0.0).sum(axis=-1) - n_positive * (n_positive + 1) / 2
    pairs = n_positive * n_negative
    return np.where(pairs > 0, above / np.maximum(pairs, 1), np.nan)


def auroc_intervals(
    positive: ArrayLike, score: ArrayLike, *, resamples: int = 2000, seed: int = 0
) -> tuple[tuple[Interval, ...], Interval]:
    """AUROC of each class and their mean, with percentile bootstrap intervals.

    Recordings are drawn with replacement, the same draw for all classes, so
    the interval of the mean holds their correlation.

    Parameters
    ----------
    positive : (n, k) bool
    score : (n, k) float
    resamples : int
    seed : int

    Returns
    -------
    per class : tuple of Interval
    macro : Interval
    """
    positive, score = np.asarray(positive, dtype=bool).T, np.asarray(score, dtype=float).T
    draws = resamples_of(positive.shape[1], resamples=resamples, seed=seed)
    drawn = np.array([auroc(truth[draws], own[draws]) for truth, own in zip(positive, score, strict=True)])
    found = auroc(positive, score)
    per_class = tuple(percentile_interval(value, column) for value, column in zip(found, drawn, strict=True))
    return per_class, percentile_interval(found.mean(), drawn.mean(axis=0))


def auroc_gains(
    positive: ArrayLike, scores: ArrayLike, *, resamples: int = 2000, seed: int = 0
) -> tuple[Interval, ...]:
    """AUROC of the first score minus that of each, with paired percentile bootstrap intervals.

    Parameters
    ----------
    positive : (n,) bool
    scores : (n, k) float
        Columns are rival scores of the same recordings.
    resamples : int
    seed : int

    Returns
    -------
    tuple of Interval
        One per column; the first is zero.
    """
    positive, scores = np.asarray(positive, dtype=bool), np.asarray(scores, dtype=float).T
    draws = resamples_of(len(positive), resamples=resamples, seed=seed)
    drawn = np.array([auroc(np.broadcast_to(positive[d], scores.shape), scores[:, d]) for d in draws])
    found = auroc(np.broadcast_to(positive, scores.shape), scores)
    gains = drawn[:, :1] - drawn
    return tuple(
        percentile_interval(found[0] - value, gain) for value, gain in zip(found, gains.T, strict=True)
    )


def macro_gain(
    positive: ArrayLike, first: ArrayLike, second: ArrayLike, *, resamples: int = 2000, seed: int = 0
) -> Interval:
    """Mean AUROC over classes of one classifier minus that of another, with its paired bootstrap interval.

    Parameters
    ----------
    positive : (n, k) bool
    first, second : (n, k) float
        Scores of the same recordings.
    resamples : int
    seed : int

    Returns
    -------
    Interval
    """
    truth = np.asarray(positive, dtype=bool).T
    scores = [np.asarray(part, dtype=float).T for part in (first, second)]
    draws = resamples_of(truth.shape[1], resamples=resamples, seed=seed)
    drawn = [
        np.mean([auroc(t[draws], s[draws]) for t, s in zip(truth, part, strict=True)], 0) for part in scores
    ]
    found = [auroc(truth, part).mean() for part in scores]
    return percentile_interval(found[0] - found[1], drawn[0] - drawn[1])
