"""How large a region must be to hold the true one in four of five cases.

Split conformal prediction (Vovk et al. 2005; Angelopoulos and Bates 2023,
arXiv 2107.07511): on cases that had no part in the fit, the threshold on the
probability is set so that in 80 % of them 90 % of the true region's area
lies above it.
"""

import numpy as np
from numpy.typing import NDArray

LEVEL, INSIDE = 0.80, 0.90
ROUNDING = 1e-9
"""So that a fifth of ten is two."""


def held_threshold(
    probability: NDArray[np.floating], truth: NDArray[np.bool_], areas: NDArray[np.floating]
) -> float:
    """Highest threshold above which 90 % of the true region lies.

    Parameters
    ----------
    probability : (n,) float
    truth : (n,) bool
    areas : (n,) float, mm2

    Returns
    -------
    float
        NaN without a region on the surface.
    """
    inside = truth & (areas > 0)
    if not inside.any():
        return float("nan")
    order = np.argsort(-probability[inside])
    filled = np.cumsum(areas[inside][order])
    last = np.searchsorted(filled, INSIDE * filled[-1] * (1 - 1e-12))
    return float(probability[inside][order[last]])


def credible_threshold(held: NDArray[np.floating]) -> float:
    """Threshold that four of five of these cases pass, with the finite-sample correction.

    Parameters
    ----------
    held : (c,) float
        `held_threshold` of each calibration case.

    Returns
    -------
    float
        0 where there are too few cases.
    """
    ranked = np.sort(held[np.isfinite(held)])
    at = int(np.floor((1 - LEVEL) * (len(ranked) + 1) + ROUNDING)) - 1
    return float(ranked[at]) if at >= 0 else 0.0
