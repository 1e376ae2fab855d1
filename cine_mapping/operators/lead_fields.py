"""What the eight independent leads see of the wall's nodes, in the forms that mappings need."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.lead_field import lead_montage
from cine_mapping.myocardium import Myocardium
from cine_mapping.stiffness import FiniteElements
from imn.leads import INDEPENDENT_INDEX

_AT_ONCE = 1000


def node_transfer(heart: VirtualHeart) -> NDArray[np.float64]:
    """Voltage per transmembrane potential at each node.

    Parameters
    ----------
    heart : VirtualHeart

    Returns
    -------
    (8, n) float64, mV per mV
    """
    return heart.transfer[list(INDEPENDENT_INDEX)]


def smooth_transfer(heart: VirtualHeart, width: float) -> NDArray[np.float64]:
    """Voltage that a smooth patch of potential about each node gives.

    ``L C`` with ``C_ij = exp(-|r_i - r_j|^2 / (2 width^2))``: for transmembrane
    potentials with that covariance it is their covariance with the leads.

    Parameters
    ----------
    heart : VirtualHeart
    width : float, mm

    Returns
    -------
    (8, n) float64
    """
    leads, points = node_transfer(heart), heart.myocardium.points.astype(float)
    # About the middle, since squares of far coordinates would lose digits.
    points = points - points.mean(axis=0)
    square = (points**2).sum(axis=1)
    smooth = np.empty_like(leads)
    for start in range(0, len(points), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        away = square[part] + square[:, None] - 2 * points @ points[part].T
        smooth[:, part] = leads @ np.exp(-0.5 * away / width**2)
    return smooth


def lead_vectors(heart: VirtualHeart) -> NDArray[np.float64]:
    """Voltage per unit dipole along each axis at each node.

    The gradient of the lead-field potential, averaged over the tetrahedra about
    the node by volume (reciprocity).

    Parameters
    ----------
    heart : VirtualHeart

    Returns
    -------
    (8, n, 3) float64, mV per mA mm
    """
    corners = heart.myocardium.tetrahedra
    elements = FiniteElements(heart.myocardium.points, corners)
    potential = lead_montage()[list(INDEPENDENT_INDEX)] @ heart.potential
    gradient = np.einsum("lmk,mki->mli", potential[:, corners], elements.gradients)
    weighted = (gradient * elements.volumes[:, None, None]).reshape(len(corners), -1)
    around = np.zeros((heart.graph.nodes, weighted.shape[1]))
    for corner in corners.T:
        np.add.at(around, corner, weighted)
    around /= 4 * heart.myocardium.node_volumes[:, None]
    return around.reshape(-1, len(potential), 3).transpose(1, 0, 2)


def outward(myocardium: Myocardium) -> NDArray[np.float64]:
    """Direction from the middle of the wall to each node.

    Parameters
    ----------
    myocardium : Myocardium

    Returns
    -------
    (n, 3) float64
        Unit vectors.
    """
    points, volumes = myocardium.points.astype(float), myocardium.node_volumes
    away = points - volumes @ points / volumes.sum()
    return away / np.linalg.norm(away, axis=1, keepdims=True).clip(min=1e-9)


def regularised_inverse(gram: NDArray[np.float64], noise: float) -> NDArray[np.float64]:
    """Inverse of ``gram + noise * mean(diag(gram)) * identity``.

    Parameters
    ----------
    gram : (8, 8) float64
    noise : float

    Returns
    -------
    (8, 8) float64
    """
    return np.linalg.inv(gram + noise * np.diag(gram).mean() * np.eye(len(gram)))
