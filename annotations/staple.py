"""The region that raters mean, and how well each marks it: STAPLE (Warfield et al. 2004)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from annotations.agreement import MISSING, checked_ratings
from annotations.overlap import checked_weights
from imn.errors import InputError

START = 0.99999
"""Sensitivity and specificity of every rater at first, as in the paper."""
MOST_STEPS = 5000
TOLERANCE = 1e-9
"""Steps end when no sensitivity or specificity moves more."""
SMALLEST = 1e-300
LEAST_MASS = 1e-6
"""Units, of mean weight, that must be inside (outside) before sensitivity (specificity) is told from them."""


@dataclass(frozen=True, eq=False)
class Consensus:
    """What raters mean, by `staple`.

    Parameters
    ----------
    probability : (n,) float64
        That a unit is in the region, given all ratings.
    sensitivity, specificity : (r,) float64
        Of each rater against that region; NaN of one who rated nothing.
    log_likelihood : tuple of float
        Of the ratings after each step, in natural units per unit of mean weight.
    """

    probability: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    specificity: NDArray[np.float64]
    log_likelihood: tuple[float, ...]

    @property
    def region(self) -> NDArray[np.bool_]:
        """Units more probably inside than not, (n,) bool."""
        return self.probability >= 0.5


def staple(
    ratings: ArrayLike, *, weights: ArrayLike | None = None, prior: ArrayLike | None = None
) -> Consensus:
    """Estimate region and raters together by expectation and maximisation.

    Parameters
    ----------
    ratings : (r, n) int
        Raters by units: 1 inside, 0 outside, `MISSING` where a rater did not look.
    weights : (n,) float, optional
        Area of each unit.
    prior : float or (n,) float, optional
        Probability of a unit to be inside before any rating; by default the
        share of all ratings that say so, as in the paper, never 0 or 1.

    Returns
    -------
    Consensus
        Of one rater it is what the rater says.  Two raters that disagree have
        more than one explanation; the start, the same for both, chooses.

    Raises
    ------
    InputError
        If shapes differ, or a rating is not 0, 1 or `MISSING`, or a prior not between 0 and 1.

    Notes
    -----
    S. K. Warfield, K. H. Zou, W. M. Wells, IEEE Trans Med Imaging 2004;23:903, the
    binary case, starting from sensitivities and specificities of 0.99999.

    Deviations: units have weights; raters may have rated some units only; no
    Markov random field joins neighbours.
    """
    given = checked_ratings(ratings)
    if given.max() > 1:
        msg = f"STAPLE takes 1 inside, 0 outside or {MISSING} for no rating, got {given.max()}"
        raise InputError(msg)
    units = given.shape[1]
    scored = np.ones(units) if weights is None else checked_weights(weights)
    if scored.shape != (units,) or (prior is not None and np.shape(prior) not in ((), (units,))):
        msg = f"weights and prior must have shape ({units},), one for each unit"
        raise InputError(msg)
    before = _prior(given, scored, prior)
    first, kind = _kinds(given, before)
    mass = np.bincount(kind, weights=scored / scored.mean()).astype(float)
    alike = given[:, first]
    inside, *rates, steps = _alternate(alike == 1, alike == 0, before[first], mass)
    return Consensus(inside[kind], rates[0], rates[1], steps)


def _kinds(
    ratings: NDArray[np.int64], prior: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find units with the same ratings and prior: a few hundred kinds stand for all.

    Returns
    -------
    first : (k,) int64
        A unit of each kind.
    kind : (n,) int64
    """
    first, kind = np.unique(prior, return_index=True, return_inverse=True)[1:]
    for row in ratings:
        # numbered anew after each rater, so that any number of them fits into an integer
        first, kind = np.unique(3 * kind + row - MISSING, return_index=True, return_inverse=True)[1:]
    return first, kind


def _prior(
    ratings: NDArray[np.int64], weights: NDArray[np.float64], given: ArrayLike | None
) -> NDArray[np.float64]:
    if given is None:
        return np.full(ratings.shape[1], share_inside(ratings, weights))
    before = np.broadcast_to(np.asarray(given, dtype=float), ratings.shape[1:])
    if not ((before > 0) & (before < 1)).all():
        msg = "a prior must lie between 0 and 1 and be neither; leave it out to take it from the ratings"
        raise InputError(msg)
    return before


def share_inside(ratings: NDArray[np.int64], weights: NDArray[np.float64]) -> float:
    """Share of all ratings that say inside, by weight.

    Parameters
    ----------
    ratings : (r, n) int64
        1, 0 or `MISSING`.
    weights : (n,) float64

    Returns
    -------
    float
        Kept off 0 and 1 by a thousandth of a unit; 1/2 where nothing is rated.
    """
    inside = ((ratings == 1) * weights).sum()
    rated = ((ratings != MISSING) * weights).sum()
    least = 1e-3 / ratings.shape[1]
    return float(np.clip(inside / rated, least, 1 - least)) if rated > 0 else 0.5


def _alternate(
    yes: NDArray[np.bool_], no: NDArray[np.bool_], prior: NDArray[np.float64], mass: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], tuple[float, ...]]:
    p = q = np.full(len(yes), START)
    steps: list[float] = []
    for _ in range(MOST_STEPS):
        inside, outside, likelihood = _expect(yes, no, prior, p, q)
        steps.append(float(mass @ likelihood))
        new_p, new_q = _maximise(yes, no, mass * inside, p), _maximise(no, yes, mass * outside, q)
        moved = max(np.abs(new_p - p).max(), np.abs(new_q - q).max())
        p, q = new_p, new_q
        if moved <= TOLERANCE:
            break
    inside, _, likelihood = _expect(yes, no, prior, p, q)
    silent = ~(yes | no).any(axis=1)
    steps.append(float(mass @ likelihood))
    return inside, np.where(silent, np.nan, p), np.where(silent, np.nan, q), tuple(steps)


def _expect(
    yes: NDArray[np.bool_],
    no: NDArray[np.bool_],
    prior: NDArray[np.float64],
    p: NDArray[np.float64],
    q: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Probability to be inside (W in the paper) and outside, and the log-likelihood of each kind of unit."""
    log_p, log_q, log_1p, log_1q = (np.log(np.maximum(rate, SMALLEST)) for rate in (p, q, 1 - p, 1 - q))
    a = np.log(prior) + log_p @ yes + log_1p @ no
    b = np.log1p(-prior) + log_q @ no + log_1q @ yes
    both = np.logaddexp(a, b)
    return np.exp(a - both), np.exp(b - both), both


def _maximise(
    said: NDArray[np.bool_], other: NDArray[np.bool_], mass: NDArray[np.float64], old: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Part of the mass that each rater names rightly (p, q in the paper).

    Where next to no mass is there, nothing is learnt of the rater: were all to say no,
    no sensitivity could be told, and taking 0 for it would call their silence void.
    """
    right = said @ mass
    total = right + other @ mass
    return np.divide(right, total, out=old.copy(), where=total > LEAST_MASS)
