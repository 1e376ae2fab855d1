"""Lungs and blood of the reference anatomy: what conducts otherwise inside its torso.

The lungs are a rule, as the torso is: what lies within the chest wall above the
diaphragm, clear of heart, great vessels, mediastinum and spine.  The blood is what
the endocardia enclose, closed by a flat lid at the valves.
"""

# pyright: reportMissingImports=false

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyvista as pv
import trimesh
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from cine_mapping.anatomy import SURFACES, Anatomy, Mesh
from cine_mapping.inner_surfaces import save_inner
from cine_mapping.reference.remesh import even
from cine_mapping.reference.torso import trunk_depth

GRID_MM = 4.0
CHEST_WALL_MM, HEART_MM, VESSEL_MM = 26.0, 9.0, 8.0
DOMES = {"right lung": (-78.0, 5.0, -12.0), "left lung": (82.0, 5.0, -30.0)}
"""Middle of each dome of the diaphragm at rest: the right in the fourth, the left in the fifth space."""
DOME_MM, APEX_MM, CONE = 95.0, 150.0, 0.75
"""Radius of curvature of the domes; the lungs' tops, and how fast they taper below it."""
MEDIASTINUM_MM, SPINE = 22.0, (0.0, 88.0, 36.0)
ROUND_MM = 10.0
LUNG_VERTICES, BLOOD_VERTICES = 420, 260
SHRINK_MM = 1.5
log = logging.getLogger(__name__)


def build_inner(anatomy: Anatomy, path: Path) -> Mapping[str, Mesh]:
    """Make lungs and blood pools for the reference anatomy and write them.

    Parameters
    ----------
    anatomy : Anatomy
    path : Path

    Returns
    -------
    mapping of str to Mesh
    """
    inner = {name: _mesh(even(part, LUNG_VERTICES)) for name, part in _lungs(anatomy).items()}
    for name in ("LV", "RV"):
        inner[f"{name} blood"] = _mesh(_blood(anatomy, f"{name} endocardium"))
    save_inner(inner, path)
    for name, mesh in inner.items():
        ml = trimesh.Trimesh(mesh.points, mesh.triangles, process=False).volume / 1000
        log.info("%s: %d vertices, %.0f ml", name, len(mesh.points), ml)
    return inner


def _mesh(surface: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(surface.vertices, np.float32), np.asarray(surface.faces, np.int32))


def _lungs(anatomy: Anatomy) -> dict[str, trimesh.Trimesh]:
    axes = [np.arange(low, high, GRID_MM) for low, high in ((-180, 181), (-130, 141), (-200, 181))]
    grid = pv.ImageData(
        dimensions=tuple(len(a) for a in axes), spacing=(GRID_MM,) * 3, origin=tuple(a[0] for a in axes)
    )
    places = np.asarray(grid.points, dtype=float)
    clear = _room(anatomy, places)
    found = {}
    for name, dome in DOMES.items():
        side = np.sign(dome[0]) * places[:, 0] - MEDIASTINUM_MM
        field = np.minimum.reduce([clear, side, _above(places, np.array(dome)), _below_apex(places, dome[0])])
        found[name] = _largest(grid, field)
    return found


def _room(anatomy: Anatomy, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each place lies within chest wall and clear of heart, vessels and spine, mm."""
    heart = KDTree(anatomy.heart.points).query(places)[0] - HEART_MM
    vessels = KDTree(anatomy.vessels.points).query(places)[0] - VESSEL_MM
    x, y, radius = SPINE
    spine = np.hypot(places[:, 0] - x, places[:, 1] - y) - radius
    return np.minimum.reduce([trunk_depth(places) - CHEST_WALL_MM, heart, vessels, spine])


def _above(places: NDArray[np.float64], dome: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height above a dome of the diaphragm."""
    fall = ((places[:, :2] - dome[:2]) ** 2).sum(axis=1) / (2 * DOME_MM)
    return places[:, 2] - dome[2] + fall


def _below_apex(places: NDArray[np.float64], side: float) -> NDArray[np.float64]:
    away = np.hypot(places[:, 0] - np.sign(side) * 52.0, places[:, 1] - 25.0)
    return (APEX_MM - CONE * away - places[:, 2]).clip(max=40.0)


def _largest(grid: pv.ImageData, field: NDArray[np.float64]) -> trimesh.Trimesh:
    """Take the rounded surface of the largest piece where a field is positive."""
    pieces = np.empty(grid.dimensions, dtype=np.int32)
    ndimage.label(field.reshape(grid.dimensions, order="F") > 0, output=pieces)
    kept = pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
    kept = np.asarray(ndimage.binary_opening(kept, iterations=int(ROUND_MM // GRID_MM)), dtype=bool)
    inner, outer = (np.asarray(ndimage.distance_transform_edt(part)) for part in (kept, ~kept))
    depth = inner - outer
    soft = ndimage.gaussian_filter(depth, 1.0)
    surface = grid.contour([0.0], soft.ravel(order="F"), method="flying_edges").triangulate()
    surface = surface.extract_largest().smooth_taubin(n_iter=30, pass_band=0.1)
    return trimesh.Trimesh(surface.points, surface.faces.reshape(-1, 4)[:, 1:], process=True)


def _blood(anatomy: Anatomy, endocardium: str) -> trimesh.Trimesh:
    """Turn an endocardium round, close it, even it out and draw it in a little."""
    on = (anatomy.surface == SURFACES.index(endocardium))[anatomy.heart.triangles].all(axis=1)
    part = trimesh.Trimesh(anatomy.heart.points, anatomy.heart.triangles[on][:, ::-1], process=False)
    part.remove_unreferenced_vertices()
    points, faces = np.asarray(part.vertices, dtype=float), np.asarray(part.faces)
    for loop in trimesh.graph.connected_components(_border(part)):
        edges = _border(part)
        edges = edges[np.isin(edges[:, 0], loop)]
        centre = points[np.unique(edges)].mean(axis=0)
        faces = np.r_[faces, np.c_[edges[:, ::-1], np.full(len(edges), len(points))]]
        points = np.r_[points, centre[None]]
    closed = even(trimesh.Trimesh(points, faces, process=False), BLOOD_VERTICES)
    return trimesh.Trimesh(closed.vertices - SHRINK_MM * closed.vertex_normals, closed.faces, process=False)


def _border(surface: trimesh.Trimesh) -> NDArray[np.int64]:
    """Edges of one triangle only, in its direction."""
    directed = surface.edges
    _, which, count = np.unique(np.sort(directed, axis=1), axis=0, return_inverse=True, return_counts=True)
    return directed[count[which.ravel()] == 1]
