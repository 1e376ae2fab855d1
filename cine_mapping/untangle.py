"""Tetrahedra that came out flat or inside out are opened by moving nodes a little."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.myocardium import FACES, boundary_triangles, signed_volumes

QUALITY = 0.05
"""Volume asked for, as a share of that of a regular tetrahedron with the same edges (root mean square)."""
SMOOTHING, ROUNDS = 2, 300
SURFACE_EASE = 0.3
"""Nodes of the surface move less readily than those inside."""
_EDGES = np.array([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])


def open_up(points: NDArray[np.float64], tetrahedra: NDArray[np.integer]) -> NDArray[np.float64]:
    """Move nodes until no tetrahedron is much flatter than `QUALITY`, or rounds run out.

    Inner nodes go half-way to the middle of their neighbours first.  Then
    each flat tetrahedron asks its nodes for the volume it lacks, and a node
    goes where its tetrahedra ask on average.

    Parameters
    ----------
    points : (n, 3) float, mm
    tetrahedra : (m, 4) int

    Returns
    -------
    (n, 3) float64, mm
    """
    inner = np.ones(len(points), dtype=bool)
    inner[boundary_triangles(tetrahedra)] = False
    points = _smooth(points, tetrahedra, inner)
    ease = np.where(inner, 1.0, SURFACE_EASE)[:, None]
    for _ in range(ROUNDS):
        regular = regular_volumes(points, tetrahedra)
        volumes = signed_volumes(points, tetrahedra)
        if (volumes > 0.5 * QUALITY * regular).all():
            break
        lack = 1.5 * QUALITY * regular - volumes
        poor, lack = tetrahedra[lack > 0], lack[lack > 0]
        a, b, c = (points[poor[:, FACES.T[k]]] for k in range(3))
        slope = -np.cross(b - a, c - a) / 6
        step = slope * (lack / (slope**2).sum(axis=(1, 2)).clip(1e-9))[:, None, None]
        total, count = np.zeros_like(points), np.zeros(len(points))
        np.add.at(total, poor.ravel(), step.reshape(-1, 3))
        np.add.at(count, poor.ravel(), 1)
        points = points + ease * total / np.maximum(count, 1)[:, None]
    return points


def regular_volumes(points: NDArray[np.float64], tetrahedra: NDArray[np.integer]) -> NDArray[np.float64]:
    """Volume of the regular tetrahedron with the same root mean square edge.

    Parameters
    ----------
    points : (n, 3) float64, mm
    tetrahedra : (m, 4) int

    Returns
    -------
    (m,) float64, mm3
    """
    edges = points[tetrahedra[:, _EDGES[:, 0]]] - points[tetrahedra[:, _EDGES[:, 1]]]
    return (edges**2).sum(axis=2).mean(axis=1) ** 1.5 / (6 * np.sqrt(2))


def _smooth(
    points: NDArray[np.float64], tetrahedra: NDArray[np.integer], inner: NDArray[np.bool_]
) -> NDArray[np.float64]:
    from scipy.sparse import coo_array

    pairs = np.concatenate([tetrahedra[:, _EDGES], tetrahedra[:, _EDGES[:, ::-1]]]).reshape(-1, 2)
    pairs = np.unique(pairs, axis=0)
    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(points),) * 2).tocsr()
    degree = np.maximum(np.asarray(links.sum(axis=1)).ravel(), 1)[:, None]
    for _ in range(SMOOTHING):
        points = np.where(inner[:, None], (points + links @ points / degree) / 2, points)
    return points
