"""What a triangulated surface from somewhere else may have wrong, and its mending."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Mesh

WELD_MM = 1e-4
PORTION = 200


@dataclass(frozen=True)
class Finding:
    """What was seen on import, in one sentence.

    Parameters
    ----------
    severity : {"note", "mended", "warning", "error"}
        With an error nothing is written.
    sentence : str
    """

    severity: Literal["note", "mended", "warning", "error"]
    sentence: str


def clean(mesh: Mesh, name: str) -> tuple[Mesh, NDArray[np.int64], list[Finding]]:
    """Merge points that lie on each other, drop empty and repeated triangles and points of none.

    Two triangles back to back, a fold without thickness, go both.

    Parameters
    ----------
    mesh : Mesh
    name : str
        For the findings.

    Returns
    -------
    mesh : Mesh
    kept : (v,) int64
        Which point of the given mesh each point is.
    findings : list of Finding
    """
    key = np.rint(mesh.points.astype(float) / WELD_MM)
    _, first, same = np.unique(key, axis=0, return_index=True, return_inverse=True)
    faces = first[same.ravel()][mesh.triangles]
    flat = (faces == np.roll(faces, 1, axis=1)).any(axis=1)
    sound = _single(faces[~flat])
    kept = np.unique(sound).astype(np.int64)
    found = []
    merged, repeated = len(mesh.points) - len(first), len(faces) - flat.sum() - len(sound)
    if merged or flat.any() or repeated:
        words = f"{name}: {merged} points on top of others merged, {flat.sum()} empty and {repeated} repeated"
        found.append(Finding("mended", f"{words} triangles dropped"))
    renumbered = np.searchsorted(kept, sound).astype(np.int32)
    return Mesh(mesh.points[kept], renumbered), kept, found


def _single(triangles: NDArray[np.integer]) -> NDArray[np.integer]:
    """One of each set of triangles on the same three points, none where they face both ways."""
    ordered = np.sort(triangles, axis=1)
    lowest = triangles.argmin(axis=1)
    second = np.take_along_axis(triangles, ((lowest + 1) % 3)[:, None], axis=1)[:, 0]
    facing = np.where(second == ordered[:, 1], 1, -1)
    _, once, group = np.unique(ordered, axis=0, return_index=True, return_inverse=True)
    balance = np.bincount(group.ravel(), facing)
    return triangles[np.sort(once[balance != 0])]


def wind_outwards(mesh: Mesh, name: str) -> tuple[Mesh, list[Finding]]:
    """Turn triangles so that all of them are counter-clockwise seen from outside.

    Neighbours are made to agree first, then each closed piece encloses a
    positive volume, but a piece inside another (a cavity) a negative one.

    Parameters
    ----------
    mesh : Mesh
        Closed.
    name : str
        For the finding.

    Returns
    -------
    mesh : Mesh
    findings : list of Finding
        Says how many were turned; empty if none.
    """
    turned, piece = _agreeing(mesh.triangles)
    triangles = np.where(turned[:, None], mesh.triangles[:, ::-1], mesh.triangles)
    pieces = [triangles[piece == number] for number in range(piece.max() + 1)]
    outward = [part if volume(Mesh(mesh.points, part)) > 0 else part[:, ::-1] for part in pieces]
    for number, part in enumerate(outward):
        others = [other for k, other in enumerate(outward) if k != number]
        depth = sum(bool(inside(mesh.points[part[:1, 0]], Mesh(mesh.points, o))[0]) for o in others)
        triangles[piece == number] = part if depth % 2 == 0 else part[:, ::-1]
    changed = int((triangles != mesh.triangles).any(axis=1).sum())
    found = (
        [Finding("mended", f"{name}: {changed} of {len(triangles)} triangles turned to face outwards")]
        if changed
        else []
    )
    return Mesh(mesh.points, triangles), found


def _agreeing(triangles: NDArray[np.int32]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Triangles to turn so that neighbours agree, and which connected piece each belongs to.

    Each triangle stands twice in a graph, as it is and turned; neighbours
    are linked where they agree.  What hangs together with a piece's first
    triangle, as it is, stays.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(triangles)
    directed = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    face = np.tile(np.arange(count), 3)
    upward = directed[:, 0] < directed[:, 1]
    low, high = directed.min(axis=1), directed.max(axis=1)
    order = np.lexsort((high, low))
    low, high, face, upward = low[order], high[order], face[order], upward[order]
    next_to = (low[1:] == low[:-1]) & (high[1:] == high[:-1])
    one, two = face[:-1][next_to], face[1:][next_to]
    opposed = np.where(upward[:-1][next_to] == upward[1:][next_to], count, 0)
    links = np.concatenate(
        [np.stack([one, two + opposed]), np.stack([one + count, two + count - opposed])], 1
    )
    graph = coo_array((np.ones(links.shape[1]), links), shape=(2 * count, 2 * count))
    _, twin = connected_components(graph, directed=False)
    plain = coo_array((np.ones(len(one)), (one, two)), shape=(count, count))
    pieces, piece = connected_components(plain, directed=False)
    seed = np.zeros(pieces, dtype=int)
    seed[piece[::-1]] = np.arange(count)[::-1]
    return twin[:count] != twin[seed[piece]], piece


def open_edges(mesh: Mesh) -> int:
    """Count edges that belong to an odd number of triangles.

    Parameters
    ----------
    mesh : Mesh

    Returns
    -------
    int
        0 if the surface is closed.
    """
    edges = np.concatenate([mesh.triangles[:, [0, 1]], mesh.triangles[:, [1, 2]], mesh.triangles[:, [2, 0]]])
    low, high = np.sort(edges.astype(np.int64), axis=1).T
    _, count = np.unique(low * len(mesh.points) + high, return_counts=True)
    return int((count % 2).sum())


def volume(mesh: Mesh) -> float:
    """Volume inside a closed surface (divergence theorem).

    Parameters
    ----------
    mesh : Mesh
        In mm.

    Returns
    -------
    float, ml
        Positive if it faces outwards.
    """
    centred = Mesh(mesh.points - mesh.points.mean(axis=0, dtype=float), mesh.triangles)
    middles = centred.points[centred.triangles].astype(float).mean(axis=1)
    return float((middles * centred.triangle_normals).sum() / 3000)


def inside(points: NDArray[np.floating], mesh: Mesh) -> NDArray[np.bool_]:
    """Tell which points a closed surface encloses, by the solid angle that it fills.

    The solid angle of each triangle is that of van Oosterom & Strackee 1983
    (IEEE Trans Biomed Eng 30:125).

    Parameters
    ----------
    points : (n, 3) float, mm
    mesh : Mesh
        Closed.

    Returns
    -------
    (n,) bool
    """
    from scipy.spatial.distance import cdist

    corners = mesh.points[mesh.triangles].astype(float)
    normal = 2 * mesh.triangle_normals
    height = np.einsum("fi,fi->f", normal, corners[:, 0])
    squared = [((corners[:, i] - corners[:, (i + 1) % 3]) ** 2).sum(axis=1) for i in range(3)]
    used, faces = np.unique(mesh.triangles, return_inverse=True)
    faces = faces.reshape(-1, 3)
    angle = np.zeros(len(points))
    low, high = mesh.points[used].min(axis=0), mesh.points[used].max(axis=0)
    boxed = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    for start in range(0, len(boxed), PORTION):
        some = boxed[start : start + PORTION]
        part = np.asarray(points[some], dtype=float)
        a, b, c = (cdist(part, mesh.points[used])[:, faces[:, i]] for i in range(3))
        below = a * b * c + ((a * a + b * b - squared[0]) * c + (b * b + c * c - squared[1]) * a) / 2
        below += (c * c + a * a - squared[2]) * b / 2
        angle[some] = np.arctan2(height - part @ normal.T, below).sum(axis=1)
    return np.abs(angle) > np.pi
