"""Values from one heart's wall to another's, by ventricular coordinates."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.myocardium import VENTRICLES, Myocardium
from imn.errors import InputError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LENGTH_MM, RADIUS_MM, WALL_MM = 90.0, 35.0, 10.0
"""How far apart places are that differ by one in a coordinate: those of a usual left ventricle."""


def place(apicobasal: ArrayLike, rotational: ArrayLike, transmural: ArrayLike) -> NDArray[np.float64]:
    """Points whose distances compare ventricular coordinates, the same for every heart.

    The angle lies on a circle that closes towards the apex, where it has no
    meaning.

    Parameters
    ----------
    apicobasal, rotational, transmural : (n,) float
        As in `Myocardium`; of one ventricle.

    Returns
    -------
    (n, 4) float64, mm
    """
    height, angle, depth = (np.asarray(v, dtype=float) for v in (apicobasal, rotational, transmural))
    radius = RADIUS_MM * np.sin(np.pi / 2 * height)
    return np.stack(
        [LENGTH_MM * height, radius * np.cos(angle), radius * np.sin(angle), WALL_MM * depth], axis=-1
    )


def places(myocardium: Myocardium) -> NDArray[np.float64]:
    """`place` of every node.

    Parameters
    ----------
    myocardium : Myocardium

    Returns
    -------
    (n, 4) float64, mm
    """
    return place(myocardium.apicobasal, myocardium.rotational, myocardium.transmural)


def plan_transfer(source: Myocardium, target: Myocardium, *, conserve: bool = False) -> "csr_matrix":
    """Find where each node's value goes.

    Parameters
    ----------
    source, target : Myocardium
    conserve : bool
        False: each target node takes the value of the source node nearest to
        it in coordinates and of the same ventricle (rows add up to one).
        True: a source node's value is shared out, by volume, among the
        target nodes it is nearest to, or goes to the nearest of them where
        it is nearest to none (columns add up to one, so that totals stay).

    Returns
    -------
    (target nodes, source nodes) sparse float64

    Raises
    ------
    InputError
        If one heart lacks a ventricle that the other needs.
    """
    from scipy.sparse import csr_matrix, diags_array

    shape = (len(target.points), len(source.points))
    nearest = _nearest(source, target)
    if not conserve:
        return csr_matrix((np.ones(shape[0]), (np.arange(shape[0]), nearest)), shape=shape)
    shares = csr_matrix((target.node_volumes, (np.arange(shape[0]), nearest)), shape=shape)
    total = np.asarray(shares.sum(axis=0)).ravel()
    unmet = np.flatnonzero(total == 0)
    onto = _nearest(target, source)[unmet]
    shares = shares @ diags_array(1 / np.where(total > 0, total, 1.0))
    return csr_matrix(shares + csr_matrix((np.ones(len(unmet)), (onto, unmet)), shape=shape))


def transfer(
    values: ArrayLike, source: Myocardium, target: Myocardium, *, conserve: bool = False
) -> NDArray[np.float64]:
    """Bring values at the nodes of one heart to the nodes of another.

    Parameters
    ----------
    values : (n,) or (n, k) float
        At the source's nodes; with `conserve` amounts per node, whose sum stays.
    source, target : Myocardium
    conserve : bool
        See `plan_transfer`.

    Returns
    -------
    (n',) or (n', k) float64
        At the target's nodes.

    Raises
    ------
    InputError
        As `plan_transfer`, or if there is not one value per node of the source.
    """
    given = np.asarray(values, dtype=float)
    if given.ndim not in (1, 2) or len(given) != len(source.points):
        msg = f"expected a value for each of the {len(source.points)} nodes, got an array {given.shape}"
        raise InputError(msg)
    return plan_transfer(source, target, conserve=conserve) @ given


def _nearest(source: Myocardium, target: Myocardium) -> NDArray[np.int64]:
    """Source node nearest to each target node in coordinates and of its ventricle."""
    from scipy.spatial import KDTree

    found = np.empty(len(target.points), dtype=np.int64)
    of_source, of_target = places(source), places(target)
    for side, name in enumerate(VENTRICLES):
        there, here = np.flatnonzero(source.ventricle == side), np.flatnonzero(target.ventricle == side)
        if len(here) and not len(there):
            msg = f"expected a {name} in {source.name!r} as in {target.name!r}, found none; complete the one"
            raise InputError(msg)
        if len(here):
            found[here] = there[KDTree(of_source[there]).query(of_target[here])[1]]
    return found
