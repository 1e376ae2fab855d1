"""Muscle fibres by rule: the helix angle turns evenly from endocardium to epicardium."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.laplace import gradient_at_nodes
from cine_mapping.stiffness import FiniteElements

ENDOCARDIAL_DEG, EPICARDIAL_DEG = 60.0, -60.0


def helix_angle(
    transmural: NDArray[np.floating],
    endocardial: float = ENDOCARDIAL_DEG,
    epicardial: float = EPICARDIAL_DEG,
) -> NDArray[np.float64]:
    """Angle of the fibres to the circumference, linear through the wall.

    Parameters
    ----------
    transmural : (n,) float
        0 at the endocardium, 1 at the epicardium.
    endocardial, epicardial : float, degrees

    Returns
    -------
    (n,) float64, degrees
        Positive in a right-handed helix.
    """
    return endocardial + (epicardial - endocardial) * np.asarray(transmural, dtype=float)


def rule_based_fibres(
    elements: FiniteElements, transmural: NDArray[np.floating], apicobasal: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Fibre directions from the coordinates' gradients.

    Right-handed helix beneath the endocardium (+60 degrees), circumferential
    at mid-wall, left-handed beneath the epicardium (-60 degrees): Streeter et
    al. 1969 (Circ Res 24:339), as a rule Bayer et al. 2012 (Ann Biomed Eng
    40:2243).

    Parameters
    ----------
    elements : FiniteElements
    transmural : (n,) float
        0 ... 1, in the septum from left to right.
    apicobasal : (n,) float

    Returns
    -------
    (n, 3) float32
        Unit vectors.

    Deviations
    ----------
    One transmural field instead of three that are interpolated as
    quaternions: the same in the walls, less smooth where the right ventricle
    joins.  No sheets, no transverse angle, and no bundles of their own in
    the outflow tract, around the valves or in the apical vortex.
    """
    outward = _unit(gradient_at_nodes(elements, transmural), np.zeros(3))
    upward = gradient_at_nodes(elements, apicobasal)
    upward = upward - (upward * outward).sum(axis=1, keepdims=True) * outward
    around = _unit(np.cross(_unit(upward, np.zeros(3)), outward), np.array([1.0, 0.0, 0.0]))
    angle = np.deg2rad(helix_angle(transmural))[:, None]
    along = np.cos(angle) * around + np.sin(angle) * np.cross(outward, around)
    return _unit(along, np.array([1.0, 0.0, 0.0])).astype(np.float32)


def _unit(vectors: NDArray[np.float64], otherwise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vectors of length one; where there is no direction, the one given."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(length > 1e-9, vectors / length.clip(1e-30), otherwise)
