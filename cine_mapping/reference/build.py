"""Put the reference anatomy together and say how it came out."""

# pyright: reportMissingImports=false

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from cine_mapping.anatomy import REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.anatomy_io import save_anatomy
from cine_mapping.electrodes import place_electrodes
from cine_mapping.lead_field import infinite_medium, to_lead_vectors
from cine_mapping.long_axis import LongAxis, find_long_axis
from cine_mapping.myocardium import INSIDE
from cine_mapping.reference.inner import build_inner
from cine_mapping.reference.myocardium import build_myocardium
from cine_mapping.reference.pose import find_pose
from cine_mapping.reference.remesh import even, labels_at, snap_borders, weld
from cine_mapping.reference.scaffold import Heart, Scaffold, build_heart
from cine_mapping.reference.torso import build_torso
from cine_mapping.reference.vessels import build_vessels
from cine_mapping.reference.volume import Volume, build_volume
from cine_mapping.segments import label_segments, septal_edges, tidy
from cine_mapping.torso_potential import bounded_potential
from cine_mapping.ventricular_coordinates import ON_ANATOMY
from cine_mapping.volume_conductor import solve_torso

VENTRICLE_VERTICES, ATRIA_VERTICES = 4500, 1500
TORSO_VERTICES, FINE_TORSO_VERTICES = 1800, 4000
ORIGIN = (
    "Idealised four-chamber heart of scaffoldmaker 0.21.0 (MeshType_3d_heart1, Human 1; Apache-2.0) in a "
    "torso made by rule; no person's scan; lead vectors by boundary elements, homogeneous, 0.22 S/m"
)
log = logging.getLogger(__name__)


def build_reference(path: Path) -> Anatomy:
    """Make the reference anatomy and write it, and its myocardium, lungs and blood beside it.

    Parameters
    ----------
    path : Path
        Of the anatomy.

    Returns
    -------
    Anatomy
    """
    heart, volume = build_heart(), build_volume(Scaffold())
    points, triangles, surface, region, axis = _heart_mesh(heart, volume)
    fine = build_torso(FINE_TORSO_VERTICES)
    pose = find_pose(axis, points[surface == SURFACES.index("epicardium")], fine)
    points = pose.apply(points)
    electrodes = place_electrodes(_mesh(*_parts(fine)), within=(0, 0, 0))
    vectors = to_lead_vectors(bounded_potential(solve_torso(_mesh(*_parts(fine))), electrodes, points)[1])
    anatomy = Anatomy(
        name="reference",
        heart=_mesh(points, triangles),
        surface=surface,
        region=region,
        vessels=_mesh(*_parts(build_vessels(heart.openings, pose))),
        torso=_mesh(*_parts(build_torso(TORSO_VERTICES))),
        electrodes=electrodes.astype(np.float32),
        lead_vectors=vectors,
        origin=ORIGIN,
    )
    save_anatomy(anatomy, path)
    build_myocardium(volume, pose, axis, path=path.with_name(f"{path.stem}_myocardium.npz"))
    build_inner(anatomy, path.with_name(f"{path.stem}_inner.npz"))
    _report(anatomy, heart, path)
    return anatomy


def _heart_mesh(
    heart: Heart, volume: Volume
) -> tuple[NDArray, NDArray, NDArray[np.int8], NDArray[np.int8], LongAxis]:
    """Ventricles, then atria, in the scaffold's frame, labelled where the volume's septum ends."""
    dense, dense_labels = weld(heart.ventricles)
    ventricles = even(dense, VENTRICLE_VERTICES)
    surface = _indices(labels_at(ventricles, dense, dense_labels), SURFACES)
    axis = find_long_axis(ventricles.vertices, ventricles.faces, surface)
    outer = volume.surface != INSIDE
    axis = replace(
        axis, insertions=septal_edges(volume.points[outer], ON_ANATOMY[volume.surface[outer]], axis)
    )
    region = label_segments(ventricles.vertices, ventricles.faces, surface, axis)
    dense, dense_labels = weld(heart.atria)
    atria = snap_borders(even(dense, ATRIA_VERTICES), dense)
    sides = _indices(labels_at(atria, dense, dense_labels), REGIONS)
    sides = tidy(sides, atria.faces, np.zeros_like(sides)).astype(np.int8)
    walls = np.array([SURFACES.index(REGIONS[side]) for side in sides], dtype=np.int8)
    points = np.concatenate([ventricles.vertices, atria.vertices])
    triangles = np.concatenate([ventricles.faces, atria.faces + len(ventricles.vertices)])
    return points, triangles, np.concatenate([surface, walls]), np.concatenate([region, sides]), axis


def _indices(labels: NDArray[np.str_], names: tuple[str, ...]) -> NDArray[np.int8]:
    return np.array([names.index(label) for label in labels], dtype=np.int8)


def _parts(mesh: trimesh.Trimesh) -> tuple[NDArray, NDArray]:
    return np.asarray(mesh.vertices), np.asarray(mesh.faces)


def _mesh(points: NDArray, triangles: NDArray) -> Mesh:
    return Mesh(points.astype(np.float32), triangles.astype(np.int32))


def _report(anatomy: Anatomy, heart: Heart, path: Path) -> None:
    """Log sizes, volumes, and how far the infinite medium is from the bounded torso."""
    left, _ = weld(heart.left_ventricle)
    log.info("%d heart vertices, LV myocardium %.0f ml", len(anatomy.heart.points), left.volume / 1000)
    log.info("file %.2f MB", path.stat().st_size / 1e6)
    free = infinite_medium(anatomy.heart.points, anatomy.electrodes)[:, anatomy.ventricles]
    bound = anatomy.lead_vectors[:, anatomy.ventricles]
    log.info(
        "infinite medium against boundary elements: r %.3f", np.corrcoef(free.ravel(), bound.ravel())[0, 1]
    )
    for name, rows in (("limb", slice(0, 6)), ("chest", slice(6, 12))):
        gain = np.linalg.norm(free[rows]) / np.linalg.norm(bound[rows])
        log.info("%s leads: gain %.2f", name, gain)
