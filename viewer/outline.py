"""Smooth outlines of regions on a triangulated surface."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.anatomy import Mesh

SMOOTHING_MM = 6.0


@dataclass(frozen=True, eq=False)
class Line:
    """A line on a surface.

    Parameters
    ----------
    points : (n, 3) float64, mm
    normals : (n, 3) float64
        Outward normals of the surface there.
    """

    points: NDArray[np.float64]
    normals: NDArray[np.float64]


def smooth(values: ArrayLike, mesh: Mesh, *, width: float = SMOOTHING_MM) -> NDArray[np.float64]:
    """Average values with their neighbours until steps are about ``width`` wide.

    Parameters
    ----------
    values : (v,) or (v, k) float
    mesh : Mesh
    width : float, mm

    Returns
    -------
    like values, float64
        Never beyond the range of the input; constants stay.
    """
    from scipy.sparse import coo_array, diags_array

    corners = mesh.triangles
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    lengths = np.linalg.norm(np.diff(mesh.points[edges].astype(float), axis=1)[:, 0], axis=1)
    rounds = max(4, round((width / lengths.mean()) ** 2))
    both = np.concatenate([edges, edges[:, ::-1]])
    n = len(mesh.points)
    neighbours = coo_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(n, n)).tocsr()
    average = diags_array(1.0 / np.maximum(neighbours.sum(axis=1), 1.0)) @ neighbours
    result = np.asarray(values, dtype=float)
    for _ in range(rounds):
        result = 0.5 * (result + average @ result)
    return result


def part_of(mesh: Mesh, kept: NDArray[np.bool_]) -> tuple[Mesh, NDArray[np.int64]]:
    """Cut out the triangles whose three corners are all kept.

    Parameters
    ----------
    mesh : Mesh
    kept : (v,) bool

    Returns
    -------
    part : Mesh
    vertices : (w,) int64
        Where each vertex of the part was in the whole mesh.
    """
    triangles = mesh.triangles[kept[mesh.triangles].all(axis=1)]
    vertices, renumbered = np.unique(triangles, return_inverse=True)
    part = Mesh(mesh.points[vertices], renumbered.reshape(-1, 3).astype(np.int32))
    return part, vertices.astype(np.int64)


def to_polydata(mesh: Mesh) -> Any:
    """Give the mesh as `pyvista.PolyData`."""
    import pyvista

    return pyvista.PolyData.from_regular_faces(np.asarray(mesh.points), np.asarray(mesh.triangles))


def frontier(indicators: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn indicators of regions into fields that are zero where two regions meet.

    Regions that share a border then share one line, and three meet in a point.

    Parameters
    ----------
    indicators : (v, k) float

    Returns
    -------
    (v, k) float64
        Each indicator minus the largest of the others.
    """
    order = np.sort(indicators, axis=1)
    largest, second = order[:, -1:], order[:, -2:-1]
    return indicators - np.where(indicators == largest, second, largest)


def contours(mesh: Mesh, fields: ArrayLike, *, lift: float = 0.5, rounds: int = 0) -> list[Line]:
    """Trace where each field is zero, as lines just above the surface.

    Parameters
    ----------
    mesh : Mesh
    fields : (v, k) float
    lift : float, mm
        Along the outward normal.
    rounds : int
        As in `rounded`.

    Returns
    -------
    list of Line
    """
    if not len(mesh.triangles):
        return []
    data = to_polydata(mesh)
    normals = mesh.vertex_normals
    data["normal"] = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    lines: list[Line] = []
    for field in np.asarray(fields, dtype=float).T:
        data["field"] = field
        edge = data.contour([0.0], scalars="field").strip(max_length=100_000)
        if edge.n_points:
            normal = np.asarray(edge["normal"], dtype=float)
            points = np.asarray(edge.points, dtype=float) + lift * normal
            lines += [
                Line(rounded(points[cell.point_ids], rounds), normal[cell.point_ids]) for cell in edge.cell
            ]
    return lines


def rounded(points: NDArray[np.float64], rounds: int) -> NDArray[np.float64]:
    """Take the corners off a line; open ends stay where they are.

    Parameters
    ----------
    points : (n, 3) float64
    rounds : int
        How often each point moves half-way to the middle of its neighbours.

    Returns
    -------
    (n, 3) float64
    """
    closed = len(points) > 3 and np.array_equal(points[0], points[-1])
    for _ in range(rounds if len(points) > 2 else 0):
        before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
        if closed:
            before[0], after[-1] = points[-2], points[1]
        moved = 0.5 * points + 0.25 * (before + after)
        if not closed:
            moved[[0, -1]] = points[[0, -1]]
        points = moved
    return points


def region_edges(mesh: Mesh, labels: NDArray[np.integer]) -> list[Line]:
    """Trace where regions meet, as smooth lines.

    Parameters
    ----------
    mesh : Mesh
    labels : (v,) int

    Returns
    -------
    list of Line
        Empty where there is one region only.
    """
    if not len(mesh.triangles):
        return []
    found = np.unique(labels)
    if len(found) < 2:
        return []
    indicators = smooth((labels[:, None] == found).astype(float), mesh)
    return contours(mesh, frontier(indicators))


def mask_outline(mesh: Mesh, mask: NDArray[np.bool_]) -> list[Line]:
    """Trace where a mask ends, as smooth lines.

    Parameters
    ----------
    mesh : Mesh
    mask : (v,) bool

    Returns
    -------
    list of Line
        Empty when it covers nothing.
    """
    if not len(mesh.triangles) or not mask.any():
        return []
    indicator = smooth(mask.astype(float), mesh)
    level = 0.5 * indicator.max()  # a region smaller than the smoothing never reaches 1
    return contours(mesh, (indicator - level)[:, None], rounds=4)
