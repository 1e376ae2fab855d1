"""Lead vectors in the bounded torso, by boundary elements with ``openmeeg``.

The torso is one homogeneous conductor.  The nine electrodes are few and the
dipoles many, so the symmetric head matrix is solved for the electrodes and
applied to the dipoles in portions (adjoint, or reciprocal, solution).
"""

# pyright: reportMissingImports=false

import numpy as np
import openmeeg as om
import trimesh
from numpy.typing import NDArray
from scipy.linalg import solve

from cine_mapping.anatomy import Mesh
from cine_mapping.flat_triangles import FlatTriangles
from cine_mapping.lead_field import to_lead_vectors
from cine_mapping.torso_potential import nearest_on_skin

PORTION = 400


def bounded_torso(
    points: NDArray[np.float64],
    electrodes: NDArray[np.float64],
    torso: trimesh.Trimesh,
    conductivity: float,
) -> NDArray[np.float32]:
    """Lead vectors in a homogeneous torso.

    Parameters
    ----------
    points : (v, 3) float, mm
    electrodes : (9, 3) float, mm
        On the torso; potentials are interpolated in their triangle.
    torso : Trimesh
        Closed, normals outwards.
    conductivity : float, S/m

    Returns
    -------
    (12, v, 3) float32, mV per mA mm
    """
    # openmeeg counts the other way round: outward triangles turn every sign.
    inward = np.ascontiguousarray(torso.faces[:, ::-1], dtype=np.int32)
    geometry = om.make_nested_geometry([(np.asarray(torso.vertices), inward)], conductivity=[conductivity])
    head = om.Matrix(om.HeadMat(geometry)).array()
    rows = np.zeros((len(electrodes), len(head)))
    triangle, shares = nearest_on_skin(FlatTriangles(Mesh(torso.vertices, torso.faces)), electrodes)
    rows[np.arange(len(rows))[:, None], torso.faces[triangle]] = shares
    adjoint = solve(head, rows.T, assume_a="sym").T
    axes = np.tile(np.eye(3), (PORTION, 1))
    potentials = []
    for start in range(0, len(points), PORTION):
        part = np.repeat(points[start : start + PORTION], 3, axis=0)
        dipoles = om.Matrix(np.asfortranarray(np.c_[part, axes[: len(part)]]))
        sources = om.DipSourceMat(geometry, dipoles, "").array()
        potentials.append((adjoint @ sources).reshape(len(electrodes), -1, 3))
    return to_lead_vectors(1000 * np.concatenate(potentials, axis=1))
