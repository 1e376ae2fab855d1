"""Scores of a map that need no threshold, or show every one: where it peaks, what lies inside, how it ranks.

All take a map as a density (evidence per mm2, or per lead and sample), what is
annotated, and the weight of each place (area, or one per sample).  Places of
weight 0 are not scored.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from annotations.overlap import checked_mask, checked_weights, densest_first
from imn.errors import InputError

CURVE = tuple(round(i / 100, 2) for i in range(1, 101))
"""Fractions of the surface at which the whole curve is drawn."""
FIXED_FRACTION = 0.2
"""The fixed quantile: the densest fifth, whatever the annotation's size."""


def pointing_game(density: ArrayLike, annotated: ArrayLike, *, weights: ArrayLike) -> float:
    """Tell whether the peak of a map lies inside the annotation, 0 or 1 (Zhang et al. 2018).

    Parameters
    ----------
    density : (...) float
    annotated : (...) bool
    weights : (...) float

    Returns
    -------
    float
        A plateau counts by the part of it that lies inside; a map without anything
        positive points nowhere and scores 0.

    Raises
    ------
    InputError
        If shapes differ or a value is not finite.

    Notes
    -----
    J. Zhang et al., Int J Comput Vis 2018;126:1084.

    Deviations: no margin around the annotation is forgiven.
    """
    values, inside, scored = _checked(density, annotated, weights)
    seen = scored > 0
    top = values[seen].max()
    if top <= 0:
        return 0.0
    peak = seen & (values == top)
    return float(scored[peak & inside].sum() / scored[peak].sum())


def relevance_mass(density: ArrayLike, annotated: ArrayLike, *, weights: ArrayLike) -> float:
    """Share of a map's positive evidence that lies inside the annotation, 0 to 1 (Arras et al. 2022).

    Parameters
    ----------
    density : (...) float
    annotated : (...) bool
    weights : (...) float

    Returns
    -------
    float
        Of an even map it is the annotated fraction; of a map without anything positive, 0.

    Raises
    ------
    InputError
        As `pointing_game`.

    Notes
    -----
    L. Arras, A. Osman, W. Samek, Information Fusion 2022;81:14 (relevance mass accuracy).
    """
    values, inside, scored = _checked(density, annotated, weights)
    mass = np.clip(values, 0, None) * scored
    return float(mass[inside].sum() / mass.sum()) if mass.sum() > 0 else 0.0


def average_precision(density: ArrayLike, annotated: ArrayLike, *, weights: ArrayLike) -> float:
    """Area under the precision-recall curve as average precision, sum of (R_n - R_(n-1)) P_n.

    Equals `sklearn.metrics.average_precision_score` with the weights as sample weights.

    Parameters
    ----------
    density : (...) float
        Ranked whatever its sign.
    annotated : (...) bool
    weights : (...) float

    Returns
    -------
    float
        Of a map that says nothing it is the annotated fraction; NaN where nothing
        scored is annotated.

    Raises
    ------
    InputError
        As `pointing_game`.
    """
    values, inside, scored = _checked(density, annotated, weights)
    seen = scored > 0
    order = np.argsort(-values[seen], kind="stable")
    ranked, areas, hits = values[seen][order], scored[seen][order], inside[seen][order]
    if not hits.any():
        return float("nan")
    # places of one density enter together
    ends = np.append(ranked[1:] != ranked[:-1], True)
    found = np.cumsum(areas * hits)[ends]
    precision = found / np.cumsum(areas)[ends]
    return float((np.diff(found, prepend=0.0) * precision).sum() / found[-1])


def dice_curve(
    density: ArrayLike, annotated: ArrayLike, *, weights: ArrayLike, fractions: Sequence[float] = CURVE
) -> NDArray[np.float64]:
    """Dice of the densest part of a map at every size.

    The best point of the curve was found by looking at the annotation: it is
    no score, and none of this package's figures uses it.

    Parameters
    ----------
    density : (...) float
    annotated : (...) bool
    weights : (...) float
    fractions : sequence of float
        Sizes, as parts of what is scored.

    Returns
    -------
    (len(fractions),) float64
        At each the Dice of ``top_density_mask(density, weights, fraction=...)``.

    Raises
    ------
    InputError
        As `pointing_game`, and if a fraction is not between 0 and 1.
    """
    values, inside, scored = _checked(density, annotated, weights)
    sizes = np.asarray(fractions, dtype=float)
    if not ((sizes >= 0) & (sizes <= 1)).all():
        msg = f"fractions must lie between 0 and 1, got {sizes.min()} to {sizes.max()}"
        raise InputError(msg)
    order, before = densest_first(values, scored)
    counts = np.searchsorted(before, sizes * scored.sum() * (1 - 1e-9), side="left")
    area = np.append(0.0, np.cumsum(scored[order]))[counts]
    both = np.append(0.0, np.cumsum(scored[order] * inside[order]))[counts]
    total = area + scored[inside].sum()
    return np.divide(2 * both, total, out=np.ones_like(total), where=total > 0)


def _checked(
    density: ArrayLike, annotated: ArrayLike, weights: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Give all three in one row each."""
    scored = checked_weights(weights)
    inside = checked_mask("annotated", annotated, scored)
    values = np.asarray(density, dtype=float)
    if values.shape != scored.shape or not np.isfinite(values).all():
        msg = f"density must be finite with shape {scored.shape} as the weights, got shape {values.shape}"
        raise InputError(msg)
    return values.ravel(), inside.ravel(), scored.ravel()
