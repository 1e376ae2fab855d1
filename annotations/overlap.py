"""How far a predicted mask and an annotated one agree, with what chance would give.

A Dice score means nothing without the annotated fraction p: marking everything
already scores 2p/(1+p).  Every score here carries both.

Conventions: where both masks are empty they agree, and Dice, IoU, precision and
recall are 1; where one of them is empty, all four are 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.errors import InputError


@dataclass(frozen=True)
class Overlap:
    """Agreement of two masks, weighted by area or by number of samples.

    Parameters
    ----------
    dice, iou, precision, recall : float
    fraction : float
        Annotated share of what is scored, p.
    all_positive : float
        Dice of marking everything, 2p/(1+p).
    """

    dice: float
    iou: float
    precision: float
    recall: float
    fraction: float
    all_positive: float


def mesh_overlap(predicted: ArrayLike, annotated: ArrayLike, *, areas: ArrayLike) -> Overlap:
    """Compare two masks on a mesh by the area they cover.

    Parameters
    ----------
    predicted, annotated : (v,) bool
    areas : (v,) float, mm2
        Not negative; vertices of area 0 are not scored (`annotations.masks.scored_areas`).

    Returns
    -------
    Overlap

    Raises
    ------
    InputError
        If shapes differ, masks are not bool, areas are negative or all zero, or
        the annotated vertices are all outside what is scored.
    """
    weights = checked_weights(areas)
    if weights.ndim != 1:
        msg = f"areas must have shape (v,), got {weights.shape}"
        raise InputError(msg)
    return _overlap(predicted, annotated, weights)


def lead_time_overlap(predicted: ArrayLike, annotated: ArrayLike) -> Overlap:
    """Compare two masks on leads x time; every lead and sample counts the same.

    Parameters
    ----------
    predicted, annotated : (12, n) bool
        On the beat or on the recording.

    Returns
    -------
    Overlap

    Raises
    ------
    InputError
        If shapes differ or are not (12, n), or masks are not bool.
    """
    shape = np.shape(annotated)
    if len(shape) != 2 or shape[0] != 12:
        msg = f"masks on leads x time must have shape (12, n), got {shape}"
        raise InputError(msg)
    return _overlap(predicted, annotated, checked_weights(np.ones(shape)))


def area_fraction(mask: ArrayLike, weights: ArrayLike) -> float:
    """Share of the scored area (or samples) that a mask covers.

    Parameters
    ----------
    mask : (...) bool
    weights : (...) float
        Area per vertex, mm2, or ones.

    Returns
    -------
    float
        0 to 1.

    Raises
    ------
    InputError
        If shapes differ, the mask is not bool, or weights are negative or all zero.
    """
    scored = checked_weights(weights)
    return float(scored[checked_mask("mask", mask, scored)].sum() / scored.sum())


def top_fraction_mask(values: ArrayLike, weights: ArrayLike, *, fraction: float) -> NDArray[np.bool_]:
    """Turn a map into a mask by a rule fixed beforehand: its densest part of a given size.

    Vertices enter in order of falling density, ``values / weights``, until their
    weight reaches ``fraction`` of the whole; the last one may overshoot.  Without
    the division, a vertex would rank high for being large.  Equal densities are
    ordered by a fixed shuffle, so that a map without contrast scores as chance
    does, not as the numbering of the mesh does.  A vertex without positive value
    never enters: the mask is smaller where the map does not reach as far.

    With the annotated fraction as ``fraction`` this is top-k with k as large as the
    annotation.  It tells the map how much to mark, so it is optimistic: say so
    beside the score.

    Parameters
    ----------
    values : (...) float
        Evidence per vertex, or per lead and sample; what stands for the class is positive.
    weights : (...) float
        Area per vertex, mm2, or ones; those of weight 0 never enter.
    fraction : float
        0 to 1.

    Returns
    -------
    (...) bool

    Raises
    ------
    InputError
        If shapes differ, a value is not finite, or the fraction is out of range.
    """
    scored = checked_weights(weights)
    amounts = np.asarray(values, dtype=float)
    if amounts.shape != scored.shape or not np.isfinite(amounts).all():
        msg = f"values must be finite with shape {scored.shape} as the weights, got shape {amounts.shape}"
        raise InputError(msg)
    density = np.divide(amounts, scored, out=np.zeros_like(amounts), where=scored > 0)
    return top_density_mask(density, scored, fraction=fraction)


def top_density_mask(density: ArrayLike, weights: ArrayLike, *, fraction: float) -> NDArray[np.bool_]:
    """Do as `top_fraction_mask` for what is a density already.

    Parameters
    ----------
    density : (...) float
        Evidence per mm2, or per sample; what stands for the class is positive.
    weights, fraction
        As in `top_fraction_mask`.

    Returns
    -------
    (...) bool

    Raises
    ------
    InputError
        If shapes differ, a value is not finite, or the fraction is out of range.
    """
    scored = checked_weights(weights)
    ranked = np.asarray(density, dtype=float)
    if ranked.shape != scored.shape or not np.isfinite(ranked).all():
        msg = f"density must be finite with shape {scored.shape} as the weights, got shape {ranked.shape}"
        raise InputError(msg)
    if not 0 <= fraction <= 1:
        msg = f"fraction must lie between 0 and 1, got {fraction}"
        raise InputError(msg)
    order, before = densest_first(ranked.ravel(), scored.ravel())
    mask = np.zeros(ranked.size, dtype=bool)
    # the slack keeps rounding of the sum from taking one vertex more than was annotated
    mask[order[before < fraction * scored.sum() * (1 - 1e-9)]] = True
    return mask.reshape(ranked.shape)


def densest_first(
    density: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Order places by falling density: those of positive density and weight, and the weight before each.

    Equal densities are ordered by a fixed shuffle (see `top_fraction_mask`).

    Parameters
    ----------
    density, weights : (v,) float64

    Returns
    -------
    order : (k,) int64
    before : (k,) float64
        Weight of all that come earlier.
    """
    shuffle = np.random.default_rng(0).permutation(density.size)
    order = np.lexsort((shuffle, -density))
    order = order[(density[order] > 0) & (weights[order] > 0)]
    added = weights[order]
    return order, np.concatenate([[0.0], np.cumsum(added)[:-1]]) if len(added) else added


def _overlap(predicted: ArrayLike, annotated: ArrayLike, weights: NDArray[np.float64]) -> Overlap:
    p, a = checked_mask("predicted", predicted, weights), checked_mask("annotated", annotated, weights)
    size_p, size_a, both = (float(weights[mask].sum()) for mask in (p, a, p & a))
    if a.any() and size_a == 0:
        msg = "the annotated vertices all lie outside what is scored; score on areas that include them"
        raise InputError(msg)
    fraction = size_a / float(weights.sum())
    if size_p == 0 or size_a == 0:
        agree = float(size_p == size_a)
        return Overlap(agree, agree, agree, agree, fraction, 2 * fraction / (1 + fraction))
    return Overlap(
        dice=2 * both / (size_p + size_a),
        iou=both / float(weights[p | a].sum()),
        precision=both / size_p,
        recall=both / size_a,
        fraction=fraction,
        all_positive=2 * fraction / (1 + fraction),
    )


def checked_weights(given: ArrayLike) -> NDArray[np.float64]:
    """Give weights as float64; refuse those that are negative, not finite or all zero."""
    weights = np.asarray(given, dtype=float)
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        msg = "areas or weights must be finite, not negative, and not all zero"
        raise InputError(msg)
    return weights


def checked_mask(name: str, given: ArrayLike, weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Give a mask as it is.

    Parameters
    ----------
    name : str
        Of the mask, for the sentence.
    given : (...) bool
    weights : (...) float64

    Returns
    -------
    (...) bool

    Raises
    ------
    InputError
        If it is not bool, or not of the weights' shape.
    """
    mask = np.asarray(given)
    if mask.dtype != bool or mask.shape != weights.shape:
        msg = f"{name} must be a bool mask with shape {weights.shape}, got {mask.dtype} {mask.shape}"
        raise InputError(msg)
    return mask
