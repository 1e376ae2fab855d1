"""How far raters agree beyond chance: Cohen's and Fleiss' kappa, Krippendorff's alpha, pairwise Dice.

Ratings are names of categories as whole numbers from 0; `MISSING` says that a
rater did not rate a unit.  A unit (a vertex, a lead and sample) counts by its
weight; equal weights give the published coefficients.  All of them depend on the
ratings through one small matrix per record, which makes resampling records cheap.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from annotations.overlap import checked_weights
from imn.bootstrap import Interval, percentile_interval, resamples_of
from imn.errors import InputError

MISSING = -1
Coefficient = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From matrices (..., k, k) to values (...), NaN where it is not defined."""


def cohen_kappa(a: ArrayLike, b: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Agreement of two raters beyond what their own frequencies give by chance (Cohen 1960).

    Parameters
    ----------
    a, b : (n,) int
        Units that either did not rate are left out.
    weights : (n,) float, optional

    Returns
    -------
    float
        1 for the same ratings, 0 for chance; NaN where both use one category only, or
        no unit is rated by both.

    Raises
    ------
    InputError
        If shapes differ, or a rating is not a whole number from 0 or `MISSING`.

    Notes
    -----
    J. Cohen, Educ Psychol Meas 1960;20:37: ``(p_o - p_e) / (1 - p_e)``.
    """
    return float(kappa_of(contingency(a, b, weights=weights)))


def fleiss_kappa(ratings: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Agreement of several raters beyond what their joint frequencies give by chance (Fleiss 1971).

    Parameters
    ----------
    ratings : (r, n) int
        Raters by units.
    weights : (n,) float, optional

    Returns
    -------
    float
        NaN where one category only is used.

    Raises
    ------
    InputError
        If the units are not all rated by the same number of raters, two or more, or as `cohen_kappa`.

    Notes
    -----
    J. L. Fleiss, Psychol Bull 1971;76:378.
    """
    given = checked_ratings(ratings)
    raters = (given != MISSING).sum(axis=0)
    if raters.min() != raters.max() or raters[0] < 2:
        msg = (
            "Fleiss' kappa needs each unit rated by the same number of raters, two or more, got "
            f"{raters.min()} to {raters.max()}; leave units out or use Krippendorff's alpha"
        )
        raise InputError(msg)
    return float(fleiss_of(coincidences(given, weights=weights)))


def krippendorff_alpha(ratings: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Agreement of any number of raters on nominal data, some of it missing (Krippendorff 2011).

    Parameters
    ----------
    ratings : (r, n) int
        Raters by units; units with fewer than two ratings have no part in it.
    weights : (n,) float, optional

    Returns
    -------
    float
        1 for the same ratings, 0 for chance; NaN where one category only is used, or no
        unit has two ratings.

    Raises
    ------
    InputError
        As `cohen_kappa`.

    Notes
    -----
    K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section C:
    ``1 - (n - 1) (n - sum o_cc) / (n^2 - sum n_c^2)`` of the coincidences ``o_ck``.

    Deviations: units may have weights; they are scaled so that the units with two
    ratings or more have weight 1 in the mean, since the formula counts values.
    """
    return float(alpha_of(coincidences(ratings, weights=weights)))


def contingency(
    a: ArrayLike, b: ArrayLike, *, weights: ArrayLike | None = None, categories: int | None = None
) -> NDArray[np.float64]:
    """Weight of the units by what both raters say.

    Parameters
    ----------
    a, b : (n,) int
        As in `cohen_kappa`.
    weights : (n,) float, optional
    categories : int, optional
        k; by default as many as the ratings use.

    Returns
    -------
    (k, k) float64
        Rows for the first rater.

    Raises
    ------
    InputError
        As `cohen_kappa`.
    """
    given = checked_ratings([np.asarray(a), np.asarray(b)])
    scored = _unit_weights(weights, given.shape[1])
    k = categories or _categories(given)
    both = (given != MISSING).all(axis=0)
    index = given[0, both] * k + given[1, both]
    return np.bincount(index, weights=scored[both], minlength=k * k).astype(float).reshape(k, k)


def coincidences(
    ratings: ArrayLike, *, weights: ArrayLike | None = None, categories: int | None = None
) -> NDArray[np.float64]:
    """Krippendorff's coincidence matrix: pairs of values in a unit over raters less one.

    Parameters
    ----------
    ratings : (r, n) int
        As in `krippendorff_alpha`.
    weights : (n,) float, optional
    categories : int, optional
        k; by default as many as the ratings use.

    Returns
    -------
    (k, k) float64

    Raises
    ------
    InputError
        As `cohen_kappa`.
    """
    given = checked_ratings(ratings)
    scored = _unit_weights(weights, given.shape[1])
    k = categories or _categories(given)
    counts = (given[:, :, None] == np.arange(k)).sum(axis=0).astype(float)
    raters = counts.sum(axis=1)
    counts, raters, scored = counts[raters > 1], raters[raters > 1], scored[raters > 1]
    if scored.sum() > 0:
        scored = scored / scored.mean()
    each = scored / (raters - 1)
    return (counts * each[:, None]).T @ counts - np.diag(each @ counts)


def kappa_of(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cohen's kappa of contingency tables, (..., k, k) to (...)."""
    total = table.sum(axis=(-2, -1))
    agreed = np.trace(table, axis1=-2, axis2=-1)
    chance = (table.sum(axis=-1) * table.sum(axis=-2)).sum(axis=-1)
    # (p_o - p_e) / (1 - p_e) with both sides times total^2: exact where all agree
    return _beyond_chance(agreed * total - chance, total, chance)


def fleiss_of(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fleiss' kappa of coincidence matrices, (..., k, k) to (...): the mean of P_i is their trace."""
    values = matrix.sum(axis=-1)
    total, chance = values.sum(axis=-1), (values**2).sum(axis=-1)
    return _beyond_chance(np.trace(matrix, axis1=-2, axis2=-1) * total - chance, total, chance)


def alpha_of(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Krippendorff's alpha of coincidence matrices, (..., k, k) to (...)."""
    values = matrix.sum(axis=-1)
    total, chance = values.sum(axis=-1), (values**2).sum(axis=-1)
    disagreed = total - np.trace(matrix, axis1=-2, axis2=-1)
    return 1 - _beyond_chance((total - 1) * disagreed, total, chance)


def dice_of(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Dice of contingency tables of yes and no, (..., 2, 2) to (...); 1 where neither says yes."""
    both = 2 * table[..., 1, 1]
    either = both + table[..., 0, 1] + table[..., 1, 0]
    return np.divide(both, either, out=np.ones(np.shape(either)), where=either > 0)


def over_records(
    coefficient: Coefficient, matrices: Sequence[NDArray[np.float64]], *, seed: int = 0
) -> Interval | None:
    """Give a coefficient of all records together, with an interval over draws of records.

    Parameters
    ----------
    coefficient : callable
        Such as `kappa_of`.
    matrices : sequence of (k, k) float64
        One per record.
    seed : int

    Returns
    -------
    Interval or None
        Percentiles of 2,000 draws (BCa needs a jackknife, which one record can make undefined).
        Of one record the figure has no interval: its ends are NaN.  None where it is not defined.
    """
    stack = np.asarray(matrices, dtype=float)
    value = float(coefficient(stack.sum(axis=0))) if len(stack) else np.nan
    if np.isnan(value):
        return None
    if len(stack) < 2:
        return Interval(value, np.nan, np.nan)
    drawn = stack[resamples_of(len(stack), seed=seed)].sum(axis=1)
    return percentile_interval(value, coefficient(drawn))


def checked_ratings(given: ArrayLike | Sequence[ArrayLike]) -> NDArray[np.int64]:
    """Give ratings of raters by units as int64.

    Parameters
    ----------
    given : (r, n) int

    Returns
    -------
    (r, n) int64

    Raises
    ------
    InputError
        If raters differ in length, there is none, or a rating is not a whole number from 0 or `MISSING`.
    """
    try:
        ratings = np.asarray(given)
    except ValueError as error:
        msg = "every rater must have a rating, or MISSING, for every unit; the raters differ in length"
        raise InputError(msg) from error
    if ratings.ndim != 2 or not ratings.size:
        msg = f"ratings must have shape (raters, units), got {ratings.shape}"
        raise InputError(msg)
    whole = np.nan_to_num(ratings.astype(float), nan=np.inf, posinf=np.inf)
    if not np.isfinite(whole).all() or (whole != np.round(whole)).any() or (whole < MISSING).any():
        msg = f"a rating must be a whole number from 0, or {MISSING} where there is none"
        raise InputError(msg)
    return whole.astype(np.int64)


def _unit_weights(weights: ArrayLike | None, units: int) -> NDArray[np.float64]:
    scored = np.ones(units) if weights is None else checked_weights(weights)
    if scored.shape != (units,):
        msg = f"weights must have shape ({units},), one for each unit, got {scored.shape}"
        raise InputError(msg)
    return scored


def _categories(ratings: NDArray[np.int64]) -> int:
    return max(int(ratings.max()) + 1, 2)


def _beyond_chance(
    above: NDArray[np.float64], total: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Divide by what chance leaves of the whole; NaN where one category only is used, up to rounding."""
    left = np.asarray(total**2 - chance, dtype=float)
    return np.divide(above, left, out=np.full(left.shape, np.nan), where=left > 1e-12 * total**2)
