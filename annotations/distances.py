"""How far apart two regions of a heart lie: along its surfaces and straight through its wall."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from annotations.overlap import checked_mask, checked_weights
from cine_mapping.anatomy import SURFACES, Anatomy, Mesh
from imn.errors import InputError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

WALLED = tuple(SURFACES.index(name) for name in ("LV endocardium", "RV endocardium", "epicardium"))
"""Surfaces with muscle between them."""


@dataclass(frozen=True, eq=False)
class Ways:
    """Ways from vertex to vertex of a heart; made by `plan_ways`.

    Parameters
    ----------
    points : (v, 3) float64, mm
    lengths : sparse (v, v), mm
        Of the direct ways, each stored once.
    """

    points: NDArray[np.float64]
    lengths: "csr_matrix"


@dataclass(frozen=True)
class RegionDistance:
    """Distances between two regions, mm.

    Parameters
    ----------
    hausdorff : float
        Farthest that any place of one region lies from the other.
    hausdorff_95 : float
        Within it lie 95 % of each region's area.
    centre : float
        Between the middles of both.
    """

    hausdorff: float
    hausdorff_95: float
    centre: float


def plan_ways(mesh: Mesh, surface: ArrayLike | None = None) -> Ways:
    """Find the direct ways between vertices, once for a mesh.

    A vertex is joined to those within four rings of triangles: along single edges
    shortest ways would be a seventh too long, so they are within 1 %.

    Parameters
    ----------
    mesh : Mesh
    surface : (v,) int, optional
        Index into `cine_mapping.anatomy.SURFACES`.  With it each vertex of endocardium
        and epicardium is also joined to the nearest one on the wall's other
        side; without it, both sides meet at the base only.

    Returns
    -------
    Ways
    """
    from scipy.sparse import csr_matrix

    from cine_mapping.forward.eikonal import two_rings

    points, count = mesh.points.astype(float), len(mesh.points)
    edges = mesh.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    pairs = two_rings(two_rings(edges, count), count)
    if surface is not None:
        pairs = np.concatenate([pairs, _through_the_wall(points, np.asarray(surface))])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    # a way of length zero would be none at all to a sparse matrix
    lengths = np.linalg.norm(points[pairs[:, 1]] - points[pairs[:, 0]], axis=1).clip(1e-9)
    return Ways(points, csr_matrix((lengths, pairs.T), shape=(count, count)))


@lru_cache(maxsize=4)
def plan_heart_ways(anatomy: Anatomy) -> Ways:
    """Find the direct ways between vertices of a heart, through its wall too; once for an anatomy.

    Parameters
    ----------
    anatomy : Anatomy

    Returns
    -------
    Ways
        As `plan_ways` gives them, with the anatomy's surfaces.
    """
    return plan_ways(anatomy.heart, anatomy.surface)


def distance_to(ways: Ways, mask: ArrayLike) -> NDArray[np.float64]:
    """Length of the shortest way from each vertex to any of a mask.

    Parameters
    ----------
    ways : Ways
    mask : (v,) bool

    Returns
    -------
    (v,) float64, mm
        Infinite where there is none, and everywhere if the mask is empty.
    """
    from scipy.sparse.csgraph import dijkstra

    sources = np.flatnonzero(mask)
    if not len(sources):
        return np.full(len(ways.points), np.inf)
    reached = dijkstra(ways.lengths, directed=False, indices=sources, min_only=True)
    return np.asarray(reached, dtype=np.float64)


def region_distance(ways: Ways, a: ArrayLike, b: ArrayLike, *, areas: ArrayLike) -> RegionDistance | None:
    """Measure how far apart two regions lie.

    Parameters
    ----------
    ways : Ways
    a, b : (v,) bool
    areas : (v,) float, mm2
        Vertices of area 0 do not count.

    Returns
    -------
    RegionDistance or None
        None where a region is empty, or no way joins them.

    Raises
    ------
    InputError
        If shapes do not fit the mesh.

    Notes
    -----
    D. P. Huttenlocher, G. A. Klanderman, W. J. Rucklidge, IEEE Trans Pattern Anal Mach
    Intell 1993;15:850: ``H(A, B) = max(h(A, B), h(B, A))`` with ``h(A, B)`` the largest
    distance of a point of A from B.

    Deviations: ways lead over and through the heart; the 95 % form takes the 95th
    percentile, by area, of each direction and the larger of both; it counts
    whole regions, not their borders; the middle of a region is its vertex nearest to its
    centre of area.
    """
    scored = checked_weights(areas)
    if scored.shape != (len(ways.points),):
        msg = f"areas must have shape ({len(ways.points)},) as the mesh, got {scored.shape}"
        raise InputError(msg)
    first, second = (checked_mask(name, mask, scored) & (scored > 0) for name, mask in (("a", a), ("b", b)))
    if not first.any() or not second.any():
        return None
    there, back = distance_to(ways, second)[first], distance_to(ways, first)[second]
    middle = np.zeros_like(first)
    middle[_middle(ways, first, scored)] = True
    centre = distance_to(ways, middle)[_middle(ways, second, scored)]
    if not np.isfinite([there.max(), back.max(), centre]).all():
        return None
    most = max(_percentile(there, scored[first]), _percentile(back, scored[second]))
    return RegionDistance(float(max(there.max(), back.max())), most, float(centre))


def _through_the_wall(points: NDArray[np.float64], surface: NDArray[np.integer]) -> NDArray[np.int64]:
    """Pair each vertex with the nearest on another surface of the same muscle, (e, 2)."""
    from scipy.spatial import KDTree

    pairs = [np.empty((0, 2), dtype=np.int64)]
    for kind in WALLED:
        here, beyond = (np.flatnonzero(m) for m in (surface == kind, np.isin(surface, WALLED)))
        beyond = beyond[surface[beyond] != kind]
        if len(here) and len(beyond):
            nearest = KDTree(points[beyond]).query(points[here])[1]
            pairs.append(np.stack([here, beyond[nearest]], axis=1))
    return np.concatenate(pairs)


def _middle(ways: Ways, mask: NDArray[np.bool_], areas: NDArray[np.float64]) -> int:
    points = ways.points[mask]
    centre = areas[mask] @ points / areas[mask].sum()
    return int(np.flatnonzero(mask)[((points - centre) ** 2).sum(axis=1).argmin()])


def _percentile(values: NDArray[np.float64], weights: NDArray[np.float64], share: float = 0.95) -> float:
    """Smallest value below or at which the share of the weight lies."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, share * reached[-1] * (1 - 1e-12))])
