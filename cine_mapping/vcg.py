"""Vectorcardiogram: twelve leads to three orthogonal axes and back.

Frank's axes: X to the patient's left, Y to the foot, Z to the back.  Rows of
the matrices are axes, columns the independent leads I, II, V1 ... V6.

References
----------
Kors et al. 1990, Eur Heart J 11:1083 (regression; used to show the loop).
Dower et al. 1980, Clin Cardiol 3:87; Edenbrandt and Pahlm 1988, J Electrocardiol
21:361 (inverse; used with Dower's forward matrix to pull evidence back,
since the pair is an inverse of each other and keeps a dipole's evidence whole).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.leads import DOWER, INDEPENDENT_INDEX, fold_weights

KORS = np.array(
    [
        [0.38, -0.07, -0.13, 0.05, -0.01, 0.14, 0.06, 0.54],
        [-0.07, 0.93, 0.06, -0.02, -0.05, 0.06, -0.17, 0.13],
        [0.11, -0.23, -0.43, -0.06, -0.14, -0.20, -0.11, 0.31],
    ]
)
INVERSE_DOWER = np.array(
    [
        [0.156, -0.010, -0.172, -0.074, 0.122, 0.231, 0.239, 0.194],
        [-0.227, 0.887, 0.057, -0.019, -0.106, -0.022, 0.041, 0.048],
        [0.022, 0.102, -0.229, -0.310, -0.246, -0.063, 0.055, 0.108],
    ]
)
LPS_FROM_FRANK = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""(3, 3): a Frank vector (left, foot, back) in mesh axes (left, back, head)."""


def loop(signal: ArrayLike, matrix: NDArray[np.float64] = KORS) -> NDArray[np.float64]:
    """Give the vectorcardiogram of a 12-lead signal.

    Parameters
    ----------
    signal : (12, n) float, mV
    matrix : (3, 8) float

    Returns
    -------
    (3, n) float64, mV
        Frank X, Y, Z.
    """
    return matrix @ np.asarray(signal, dtype=float)[list(INDEPENDENT_INDEX)]


def pull_back(weights: ArrayLike, signal: ArrayLike) -> NDArray[np.float64]:
    """Carry linear evidence on twelve leads over to the three axes.

    With B Dower's forward matrix and z the inverse Dower loop, a lead weight w
    acts on a dipole as ``B.T @ w``; the evidence of an axis is that weight times
    the loop.  What the sum over axes lacks is the part of the signal that is
    no dipole in Dower's sense.

    Parameters
    ----------
    weights : (12, n) float, logit per mV
    signal : (12, n) float, mV

    Returns
    -------
    (3, n) float64, logit
    """
    return (DOWER.T @ fold_weights(weights)) * loop(signal, INVERSE_DOWER)
