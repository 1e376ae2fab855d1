"""Meshes and descriptions for tests, as a user would have them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyvista

from cine_mapping.anatomy import AHA_SEGMENTS, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.anatomy_import import Imported

LV, RV, EPICARDIUM, RIM = (
    SURFACES.index(name) for name in ("LV endocardium", "RV endocardium", "epicardium", "basal rim")
)


def ventricles_of(anatomy: Anatomy) -> Mesh:
    """The first vertices, without the atria."""
    count, triangles = int(anatomy.ventricles.sum()), anatomy.heart.triangles
    return Mesh(anatomy.heart.points[:count], triangles[(triangles < count).all(axis=1)])


def ball(radius: float = 1.0, centre: tuple[float, float, float] = (0, 0, 0), levels: int = 3) -> Mesh:
    sphere = pyvista.Icosphere(radius=radius, center=centre, nsub=levels)
    return Mesh(np.asarray(sphere.points, np.float32), np.asarray(sphere.regular_faces, np.int32))


def surface_of(mesh: Mesh) -> pyvista.PolyData:
    return pyvista.PolyData(mesh.points, np.c_[np.full(len(mesh.triangles), 3), mesh.triangles].ravel())


def save(mesh: Mesh, path: Path, **arrays: np.ndarray) -> None:
    surface = surface_of(mesh)
    for name, values in arrays.items():
        surface[name] = values
    surface.save(path)


def describe(folder: Path, **changes: Any) -> Path:
    """Write ``anatomy.json`` with these keys changed, None taking one away."""
    surfaces = {"wall": "heart.ply", "torso": "torso.ply"}
    given = {"name": "mine", "frame": "LPS", "unit": "mm", "surfaces": surfaces, "electrodes": "rule"}
    folder.mkdir(exist_ok=True)
    words = {key: value for key, value in (given | changes).items() if value is not None}
    (folder / "anatomy.json").write_text(json.dumps(words), encoding="utf-8")
    return folder


def words(imported: Imported, severity: str = "") -> str:
    return "\n".join(f.sentence for f in imported.findings if severity in f.severity)


def shares(anatomy: Anatomy) -> np.ndarray:
    """Share of the left ventricle's surface in each AHA segment."""
    area = np.bincount(anatomy.region, anatomy.heart.areas, minlength=len(REGIONS))[: len(AHA_SEGMENTS)]
    return area / area.sum()
