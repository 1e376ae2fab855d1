"""The twelve leads: their names, their order, and what ties them together.

A 12-lead ECG has eight independent channels.  ``III``, ``aVR``, ``aVL`` and
``aVF`` follow from ``I`` and ``II`` (Einthoven 1913, Goldberger 1942), so the
lead axis of any linear weight on twelve leads is not identified:
adding a weight that is zero on every physically possible signal changes the
picture but not the sum.  `to_identified` takes that freedom away.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
INDEPENDENT_INDEX = tuple(LEADS.index(name) for name in INDEPENDENT)


def _expansion() -> NDArray[np.float64]:
    matrix = np.zeros((12, 8))
    matrix[INDEPENDENT_INDEX, range(8)] = 1.0
    matrix[2, :2] = -1.0, 1.0
    matrix[3, :2] = -0.5, -0.5
    matrix[4, :2] = 1.0, -0.5
    matrix[5, :2] = -0.5, 1.0
    matrix.setflags(write=False)
    return matrix


EXPANSION = _expansion()
"""(12, 8) float64: twelve leads from the eight independent ones."""

IDENTIFIED = EXPANSION @ np.linalg.pinv(EXPANSION)
"""(12, 12) float64: projector onto the span of physically possible signals."""

DOWER = np.array(
    [
        [0.632, -0.235, 0.059],
        [0.235, 1.066, -0.132],
        [-0.515, 0.157, -0.917],
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],
    ]
)
"""(8, 3) float64: the independent leads from Frank's X (left), Y (foot), Z (back) (Dower et al. 1980)."""


def expand(independent: ArrayLike) -> NDArray[np.float64]:
    """Give all twelve leads from the eight independent ones.

    Parameters
    ----------
    independent : (..., 8, n) float, mV

    Returns
    -------
    (..., 12, n) float64, mV
    """
    return EXPANSION @ np.asarray(independent, dtype=float)


def to_identified(weights: ArrayLike) -> NDArray[np.float64]:
    """Remove the part of lead weights that no possible signal can see.

    The result is the weight of least norm that gives the same sum on every
    signal obeying Einthoven's and Goldberger's identities.

    Parameters
    ----------
    weights : (..., 12, n) float

    Returns
    -------
    (..., 12, n) float64
    """
    return IDENTIFIED @ np.asarray(weights, dtype=float)


def fold_weights(weights: ArrayLike) -> NDArray[np.float64]:
    """Fold weights on twelve leads to the eight independent ones.

    Parameters
    ----------
    weights : (..., 12, n) float

    Returns
    -------
    (..., 8, n) float64
        ``sum(folded * x8) == sum(weights * x12)`` for every possible signal.
    """
    return EXPANSION.T @ np.asarray(weights, dtype=float)
