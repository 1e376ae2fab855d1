"""Dense patches to one clean surface of even triangles."""

# pyright: reportMissingImports=false

import numpy as np
import pyacvd
import pyvista as pv
import trimesh
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from cine_mapping.reference.scaffold import Surface

WELD_MM = 1e-3
NORMAL_WEIGHT_MM = 4.0
"""Two sides of a thin wall must not be mistaken for each other: one radian of normal counts as much."""


def weld(surface: Surface) -> tuple[trimesh.Trimesh, NDArray[np.str_]]:
    """Merge coincident points, drop what collapses, orient outward.

    Collapsed elements at the apex leave pairs of triangles lying on each
    other: both go.

    Parameters
    ----------
    surface : Surface

    Returns
    -------
    mesh : trimesh.Trimesh
    labels : (f,) str
        Of its triangles.
    """
    pairs = KDTree(surface.points).query_pairs(WELD_MM, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(surface.points),) * 2)
    _, point = connected_components(links, directed=False)
    _, first = np.unique(point, return_index=True)
    faces = point[surface.triangles]
    sound = (faces != np.roll(faces, 1, axis=1)).all(axis=1)
    _, group, count = np.unique(
        np.sort(faces[sound], axis=1), axis=0, return_inverse=True, return_counts=True
    )
    keep = np.flatnonzero(sound)[count[group.ravel()] == 1]
    mesh = trimesh.Trimesh(surface.points[first], faces[keep], process=False)
    mesh.remove_unreferenced_vertices()
    trimesh.repair.fix_winding(mesh)
    return _outward(mesh), surface.labels[keep]


def even(mesh: trimesh.Trimesh, vertices: int) -> trimesh.Trimesh:
    """Cover a surface with evenly spread points (Valette & Chassery 2004).

    Parameters
    ----------
    mesh : trimesh.Trimesh
    vertices : int
        About how many.

    Returns
    -------
    trimesh.Trimesh
        Facing outwards.
    """
    triangles = np.c_[np.full(len(mesh.faces), 3), mesh.faces]
    clusters = pyacvd.Clustering(pv.PolyData(np.asarray(mesh.vertices), triangles.ravel()))
    clusters.subdivide(2)
    clusters.cluster(vertices)
    result = clusters.create_mesh()
    faces = result.faces.reshape(-1, 4)[:, 1:]
    out = trimesh.Trimesh(np.asarray(result.points, dtype=float), faces, process=False)
    return _outward(out)


def _outward(mesh: trimesh.Trimesh) -> trimesh.Trimesh:
    """Turn a consistently wound mesh so that its normals point away from its middle on the whole."""
    a, b, c = (mesh.vertices[mesh.faces[:, i]] - mesh.vertices.mean(axis=0) for i in range(3))
    faces = mesh.faces if np.einsum("fi,fi", a, np.cross(b, c)) > 0 else mesh.faces[:, ::-1]
    return trimesh.Trimesh(mesh.vertices, faces, process=False)


def labels_at(mesh: trimesh.Trimesh, dense: trimesh.Trimesh, labels: NDArray[np.str_]) -> NDArray[np.str_]:
    """Take labels over from a dense mesh: that of the nearest triangle that faces the same way.

    Parameters
    ----------
    mesh : trimesh.Trimesh
    dense : trimesh.Trimesh
    labels : (f,) str
        Of the triangles of the dense mesh.

    Returns
    -------
    (v,) str
        For each vertex of the mesh.
    """
    tree = KDTree(np.c_[dense.triangles_center, NORMAL_WEIGHT_MM * dense.face_normals])
    _, nearest = tree.query(np.c_[mesh.vertices, NORMAL_WEIGHT_MM * mesh.vertex_normals])
    return labels[nearest]


def snap_borders(mesh: trimesh.Trimesh, dense: trimesh.Trimesh) -> trimesh.Trimesh:
    """Move the border of an open mesh, which remeshing draws in, back onto the dense border.

    Parameters
    ----------
    mesh, dense : trimesh.Trimesh

    Returns
    -------
    trimesh.Trimesh
        With the triangles of the mesh.
    """
    border, dense_border = _border(mesh), _border(dense)
    _, nearest = KDTree(dense.vertices[dense_border]).query(mesh.vertices[border])
    vertices = mesh.vertices.copy()
    vertices[border] = dense.vertices[dense_border][nearest]
    return trimesh.Trimesh(vertices, mesh.faces, process=False)


def _border(mesh: trimesh.Trimesh) -> NDArray[np.int64]:
    edges, count = np.unique(np.sort(mesh.edges, axis=1), axis=0, return_counts=True)
    return np.unique(edges[count == 1])
