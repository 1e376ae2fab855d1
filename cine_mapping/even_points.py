"""Points spread evenly over the labelled sheets of a surface, and through what it encloses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import SURFACES, Mesh

FINENESS = 4
"""Samples along an edge of the mesh to be made."""
ROUNDS = 12
RIM_SHARE = 2 / 3
"""In a triangle between two sheets, what belongs less than this to either is rim."""
CLEAR = 0.6
"""Share of the edge that inner points keep off the surface."""
_RIM = SURFACES.index("basal rim")


@dataclass(frozen=True, eq=False)
class Samples:
    """Places spread densely over a surface.

    Parameters
    ----------
    points : (s, 3) float64, mm
    areas : (s,) float64, mm2
    surface : (s,) int8
        Index into `SURFACES`.
    """

    points: NDArray[np.float64]
    areas: NDArray[np.float64]
    surface: NDArray[np.int8]


def sample_surface(mesh: Mesh, surface: NDArray[np.integer], spacing: float) -> Samples:
    """Cut each triangle into equal ones no longer than the spacing and take their middles.

    Parameters
    ----------
    mesh : Mesh
    surface : (v,) int
        Index into `SURFACES`.
    spacing : float, mm

    Returns
    -------
    Samples
    """
    corners = mesh.points[mesh.triangles].astype(float)
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    cuts = np.maximum(np.ceil(longest / spacing), 1).astype(int)
    area = np.linalg.norm(mesh.triangle_normals, axis=1)
    points, areas, labels = [], [], []
    for cut in np.unique(cuts):
        shares = _middles(int(cut))
        these = cuts == cut
        points.append(np.einsum("sc,fci->fsi", shares, corners[these]).reshape(-1, 3))
        areas.append(np.repeat(area[these] / len(shares), len(shares)))
        labels.append(_labels(surface[mesh.triangles[these]], shares).ravel())
    return Samples(np.concatenate(points), np.concatenate(areas), np.concatenate(labels).astype(np.int8))


def _middles(cut: int) -> NDArray[np.float64]:
    """Barycentric coordinates of the middles of the cut * cut equal parts of a triangle."""
    i, j = (grid.ravel() for grid in np.meshgrid(np.arange(cut), np.arange(cut), indexing="ij"))
    upright, turned = i + j < cut, i + j < cut - 1
    u = np.concatenate([i[upright] + 1 / 3, i[turned] + 2 / 3]) / cut
    v = np.concatenate([j[upright] + 1 / 3, j[turned] + 2 / 3]) / cut
    return np.stack([u, v, 1 - u - v], axis=1)


def _labels(corner: NDArray[np.integer], shares: NDArray[np.float64]) -> NDArray[np.integer]:
    """Label of each place in each triangle, (f, s): the nearest corner's, or rim between two sheets."""
    near = corner[:, shares.argmax(axis=1)]
    same = corner[:, :, None] == near[:, None, :]
    held = np.einsum("fcs,sc->fs", same, shares)
    return np.where(held < RIM_SHARE, _RIM, near)


def even_sheet(points: NDArray[np.float64], areas: NDArray[np.float64], edge: float) -> NDArray[np.int64]:
    """Choose of dense places some about an edge's length apart (Lloyd's relaxation).

    Parameters
    ----------
    points : (s, 3) float64, mm
        Of one sheet.
    areas : (s,) float64, mm2
    edge : float, mm

    Returns
    -------
    (k,) int64
        Which of the places, rising.
    """
    from scipy.spatial import KDTree

    centres = points[_apart(points, 0.75 * edge)]
    tree = KDTree(points)
    for _ in range(ROUNDS):
        owner = KDTree(centres).query(points)[1]
        weight = np.bincount(owner, areas, minlength=len(centres))
        mean = np.stack([np.bincount(owner, areas * x, minlength=len(centres)) for x in points.T], axis=1)
        centres = points[tree.query(mean / weight.clip(1e-12)[:, None])[1]]
    return np.unique(tree.query(centres)[1])


def _apart(points: NDArray[np.float64], distance: float) -> NDArray[np.int64]:
    """Take the points in their order, each if none taken before lies within the distance."""
    from scipy.spatial import KDTree

    tree = KDTree(points)
    free = np.ones(len(points), dtype=bool)
    for i, place in enumerate(points):
        if free[i]:
            free[tree.query_ball_point(place, distance)] = False
            free[i] = True
    return np.flatnonzero(free)


def body_centred(low: NDArray[np.float64], high: NDArray[np.float64], edge: float) -> NDArray[np.float64]:
    """Body-centred cubic grid over a box, nearest neighbours an edge's length apart.

    Parameters
    ----------
    low, high : (3,) float64, mm
        Corners of the box.
    edge : float, mm

    Returns
    -------
    (n, 3) float64, mm
    """
    cube = edge * 2 / 3**0.5
    axes = [np.arange(a, b + cube, cube) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.concatenate([grid, grid + cube / 2])
