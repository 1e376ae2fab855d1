"""Smooth fields in the heart wall: harmonic between surfaces, and lengths along them."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.stiffness import SIEMENS, FiniteElements
from imn.errors import InputError

RELATIVE_TOLERANCE = 1e-9


def harmonic(elements: FiniteElements, fixed: NDArray[np.floating]) -> NDArray[np.float64]:
    """Solve Laplace's equation with no flux where nothing is fixed.

    Parameters
    ----------
    elements : FiniteElements
    fixed : (n,) float
        Values where they are given, NaN elsewhere.

    Returns
    -------
    (n,) float64
        Never outside the range of the given values.

    Raises
    ------
    InputError
        If nothing is fixed, or a piece of the wall touches nothing that is.
    """
    values = _solve(elements, np.zeros(len(elements.points)), fixed)
    return values.clip(np.nanmin(fixed), np.nanmax(fixed))


def length_along(
    elements: FiniteElements, field: NDArray[np.floating], start: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Length from the start in the direction in which a field rises.

    The function whose gradient is nearest, in the least squares sense, to
    the unit vectors along the field's gradient (as in the heat method of
    Crane et al. 2013, ACM Trans Graph 32:152).

    Parameters
    ----------
    elements : FiniteElements
    field : (n,) float
    start : (n,) bool

    Returns
    -------
    (n,) float64, mm
        Zero at the start, nowhere negative.

    Raises
    ------
    InputError
        As `harmonic`.
    """
    slope = gradient(elements, field)
    unit = slope / np.linalg.norm(slope, axis=1, keepdims=True).clip(1e-30)
    pull = elements.volumes[:, None] * np.einsum("mki,mi->mk", elements.gradients, unit)
    load = np.zeros(len(elements.points))
    np.add.at(load, elements.tetrahedra.ravel(), pull.ravel())
    return _solve(elements, load, np.where(start, 0.0, np.nan)).clip(0)


def gradient(elements: FiniteElements, field: NDArray[np.floating]) -> NDArray[np.float64]:
    """Gradient of a field in each tetrahedron.

    Parameters
    ----------
    elements : FiniteElements
    field : (n,) float
        At the nodes.

    Returns
    -------
    (m, 3) float64, per mm
    """
    return np.einsum("mki,mk->mi", elements.gradients, np.asarray(field, dtype=float)[elements.tetrahedra])


def gradient_at_nodes(elements: FiniteElements, field: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean gradient of a node's tetrahedra, weighted by volume.

    Parameters
    ----------
    elements : FiniteElements
    field : (n,) float
        At the nodes.

    Returns
    -------
    (n, 3) float64, per mm
    """
    weighted = elements.volumes[:, None] * gradient(elements, field)
    total, volume = np.zeros((len(elements.points), 3)), np.zeros(len(elements.points))
    for corner in range(4):
        np.add.at(total, elements.tetrahedra[:, corner], weighted)
        np.add.at(volume, elements.tetrahedra[:, corner], elements.volumes)
    return total / volume.clip(1e-30)[:, None]


def _solve(
    elements: FiniteElements, load: NDArray[np.float64], fixed: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Solve the Poisson equation with given values, by conjugate gradients scaled by the diagonal."""
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import cg

    values = np.array(fixed, dtype=float)
    free = np.isnan(values)
    stiffness = elements.stiffness(np.broadcast_to(np.eye(3) / SIEMENS, (len(values), 3, 3)))
    _refuse_adrift(stiffness, free)
    if not free.any():
        return values
    inner = stiffness[free][:, free]
    known = load[free] - stiffness[free][:, ~free] @ values[~free]
    scale = diags_array(1 / inner.diagonal())
    values[free], problem = cg(inner, known, rtol=RELATIVE_TOLERANCE, maxiter=20 * len(values), M=scale)
    if problem:
        msg = f"the field did not converge on {len(values)} nodes: look for very flat tetrahedra"
        raise InputError(msg)
    return values


def _refuse_adrift(stiffness, free: NDArray[np.bool_]) -> None:
    from scipy.sparse.csgraph import connected_components

    _, piece = connected_components(stiffness, directed=False)
    adrift = ~np.isin(piece, piece[~free])
    if adrift.any():
        msg = f"{adrift.sum()} nodes hang together with no surface whose value is given: label the surfaces"
        raise InputError(msg)
