"""From transmembrane potentials to leads: the heart wall as current source.

The impressed current is ``-sigma_i grad V_m`` in the wall (bidomain source,
Plonsey & Barr); the voltage in a lead is its scalar product with the lead
vector, summed over the wall.  The wall is cut into tetrahedra between its
surfaces; intracellular conductivity is lower through the wall than along it.

Deviations
----------
- Transversely isotropic about the wall's normal; no fibre direction.
- Lead vectors are those of a homogeneous torso.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy

ALONG_S_PER_M, THROUGH_S_PER_M = 0.10, 0.05
"""Effective intracellular conductivities: mean of along and across the fibres, and across them."""
MA_MM = 1e-3
"""S/m * mV * mm2 in mA mm."""
SLIVER_MM3 = 1e-3


def wall_tetrahedra(points: NDArray[np.floating], normals: NDArray[np.floating]) -> NDArray[np.int64]:
    """Fill the wall between its surfaces with tetrahedra.

    Of the Delaunay tetrahedra of the surface's vertices those are kept whose
    centre lies behind the surface at all four corners.

    Parameters
    ----------
    points : (n, 3) float, mm
        On a closed surface sampled finely against its thickness.
    normals : (n, 3) float
        Pointing out of the wall.

    Returns
    -------
    (t, 4) int64
    """
    from scipy.spatial import Delaunay

    points = np.asarray(points, dtype=float)
    corners = Delaunay(points).simplices.astype(np.int64)
    centre = points[corners].mean(axis=1, keepdims=True)
    behind = np.einsum("tki,tki->tk", centre - points[corners], normals[corners]) < 0
    sides = points[corners[:, 1:]] - points[corners[:, :1]]
    return corners[behind.all(axis=1) & (np.abs(np.linalg.det(sides)) > 6 * SLIVER_MM3)]


def transfer(
    anatomy: Anatomy, *, along: float = ALONG_S_PER_M, through: float = THROUGH_S_PER_M
) -> NDArray[np.float64]:
    """Lead voltages per transmembrane potential at each vertex of the ventricles.

    Parameters
    ----------
    anatomy : Anatomy
    along, through : float, S/m
        Effective intracellular conductivity along the wall and through it.

    Returns
    -------
    (12, n) float64, mV per mV
        A uniform potential gives nothing.
    """
    keep = anatomy.ventricles
    points = anatomy.heart.points[keep].astype(float)
    normals = anatomy.heart.vertex_normals[keep]
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    corners = wall_tetrahedra(points, normals)
    sides = points[corners[:, 1:]] - points[corners[:, :1]]
    volume = np.abs(np.linalg.det(sides)) / 6
    slopes = np.linalg.inv(sides).transpose(0, 2, 1)
    slopes = np.concatenate([-slopes.sum(axis=1, keepdims=True), slopes], axis=1)
    normal = _wall_normal(normals[corners])
    tensor = along * np.eye(3) + (through - along) * np.einsum("ti,tj->tij", normal, normal)
    lead = anatomy.lead_vectors[:, keep].astype(float)[:, corners].mean(axis=2)
    parts = -MA_MM * np.einsum("lti,tij,tkj,t->ltk", lead, tensor, slopes, volume, optimize=True)
    out = np.zeros((12, len(points)))
    for row, part in zip(out, parts, strict=True):
        np.add.at(row, corners, part)
    return out


reference_transfer = lru_cache(maxsize=4)(transfer)
"""`transfer` with the standard conductivities, kept for each anatomy in use."""


def _wall_normal(normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Find the main direction of the corners' normals, whichever way they point, (t, 3)."""
    _, axes = np.linalg.eigh(np.einsum("tki,tkj->tij", normals, normals))
    return axes[:, :, 2]
