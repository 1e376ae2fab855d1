"""Which vertices of a biventricular wall are epicardium, and which line which cavity."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import SURFACES, Mesh
from cine_mapping.voxels import grid_around, winding_numbers

COINCIDENT_MM = 1e-3
VOXEL_MM, DIRECTIONS, COVERED = 2.0, 64, 0.25
SMALLEST_CAVITY = 0.1
"""Patches below this share of the endocardium are no cavity of their own."""
_LV, _RV, _EPICARDIUM = (SURFACES.index(name) for name in ("LV endocardium", "RV endocardium", "epicardium"))


def label_by_pericardium(wall: Mesh, pericardium: NDArray[np.floating]) -> NDArray[np.int8] | None:
    """Call epicardium what coincides with a vertex of the pericardium; the rest are cavities.

    Parameters
    ----------
    wall : Mesh
        LPS, mm.
    pericardium : (p, 3) float, mm

    Returns
    -------
    (v,) int8 or None
        Index into `SURFACES`; None if the rest is no cavity, or more than two.
    """
    from scipy.spatial import KDTree

    distance, _ = KDTree(pericardium).query(wall.points)
    return _label_cavities(wall, distance < COINCIDENT_MM)


def label_by_shape(wall: Mesh) -> NDArray[np.int8] | None:
    """Call endocardium what the wall itself hides from most sides.

    From each vertex, rays go out into the half space before the wall; in a
    cavity most of them meet wall again, outside the heart few.

    Parameters
    ----------
    wall : Mesh
        Closed, outwards, LPS, mm.

    Returns
    -------
    (v,) int8 or None
        As `label_by_pericardium`.
    """
    return _label_cavities(wall, _majority(wall, covered(wall) < COVERED))


def covered(wall: Mesh) -> NDArray[np.float64]:
    """Share of the half space before each vertex that the wall covers, weighted by the cosine.

    Parameters
    ----------
    wall : Mesh
        Closed, mm.

    Returns
    -------
    (v,) float64
        0 to 1: large in a cavity, small on the outside.
    """
    grid = grid_around(wall.points, VOXEL_MM)
    solid = winding_numbers(wall.points, wall.triangles, grid) > 0
    normals = wall.vertex_normals / np.linalg.norm(wall.vertex_normals, axis=1, keepdims=True).clip(1e-12)
    start = wall.points + 1.5 * VOXEL_MM * normals
    far = int(np.linalg.norm(np.ptp(wall.points, axis=0)) / VOXEL_MM)
    shade, total = np.zeros(len(start)), np.zeros(len(start))
    for direction in _sphere(DIRECTIONS):
        weight = np.maximum(normals @ direction, 0)
        ahead = np.flatnonzero(weight > 0)
        met = np.zeros(len(ahead), bool)
        for step in range(1, far):
            met |= solid[grid.nearest(start[ahead] + step * VOXEL_MM * direction)]
        shade[ahead] += weight[ahead] * met
        total += weight
    return shade / total.clip(1e-12)


def _sphere(count: int) -> NDArray[np.float64]:
    """Evenly spread unit vectors (Fibonacci lattice), (count, 3)."""
    z = 1 - (2 * np.arange(count) + 1) / count
    angle = np.pi * (1 + 5**0.5) * np.arange(count)
    return np.stack([np.sqrt(1 - z**2) * np.cos(angle), np.sqrt(1 - z**2) * np.sin(angle), z], axis=1)


def _majority(wall: Mesh, outside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Let each vertex follow the most of its neighbours, a few times over."""
    links = _links(wall, np.ones(len(wall.points), bool))
    for _ in range(3):
        share = links @ outside.astype(float) / np.maximum(links.sum(axis=1), 1)
        outside = np.where(share == 0.5, outside, share > 0.5)
    return outside


def _links(wall: Mesh, keep: NDArray[np.bool_]):
    """Neighbours along edges whose two ends are kept, sparse (v, v)."""
    from scipy.sparse import coo_array

    pairs = np.concatenate([wall.triangles[:, [0, 1]], wall.triangles[:, [1, 2]], wall.triangles[:, [2, 0]]])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    pairs = pairs[keep[pairs].all(axis=1)]
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    return coo_array((np.ones(len(pairs)), pairs.T), shape=(len(keep),) * 2).tocsr()


def _label_cavities(wall: Mesh, outside: NDArray[np.bool_]) -> NDArray[np.int8] | None:
    """Part what is not outside into its connected patches; the one further left is the left ventricle."""
    from scipy.sparse.csgraph import connected_components

    if outside.all() or not outside.any():
        return None
    _, patch = connected_components(_links(wall, ~outside), directed=False)
    names, size = np.unique(patch[~outside], return_counts=True)
    cavities = names[size >= SMALLEST_CAVITY * (~outside).sum()]
    if len(cavities) > 2:
        return None
    by_left = sorted(cavities, key=lambda name: -wall.points[patch == name, 0].mean())
    surface = np.full(len(outside), _EPICARDIUM, dtype=np.int8)
    for kind, name in zip((_LV, _RV), by_left, strict=False):
        surface[(patch == name) & ~outside] = kind
    return surface
