"""A torso by rule: a tapered superelliptic trunk with a neck and arm stubs, melted together.

Half widths and depths by height are those of an average man (chest about
330 x 235 mm); nothing is taken from any person's scan.
"""

# pyright: reportMissingImports=false

import numpy as np
import pyvista as pv
import trimesh
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from cine_mapping.reference.remesh import even

#                 height, half width, half depth, middle (mm)
TRUNK = np.array(
    [
        (-340, 168, 112, 6),
        (-290, 170, 114, 6),
        (-210, 152, 106, 2),
        (-130, 148, 108, 0),
        (-60, 156, 115, 0),
        (0, 164, 118, 0),
        (60, 168, 116, 2),
        (110, 168, 106, 8),
        (150, 150, 88, 16),
        (185, 104, 72, 22),
        (215, 66, 62, 20),
        (260, 58, 60, 14),
    ],
    dtype=float,
)
BOTTOM_MM, TOP_MM = -320.0, 245.0
EXPONENT = 2.4
SHOULDER, ELBOW, ARM_RADIUS = np.array([158.0, 14, 128]), np.array([208.0, 16, -20]), (52.0, 44.0)
ARM_END_MM = 25.0
MELT_MM, ROUND_MM = 22.0, 14.0
GRID_MM = 5.0


def build_torso(vertices: int) -> trimesh.Trimesh:
    """Mesh the skin, closed.

    Parameters
    ----------
    vertices : int
        About how many, evenly spread.

    Returns
    -------
    trimesh.Trimesh
    """
    axes = [np.arange(low, high, GRID_MM) for low, high in ((-290, 291), (-160, 161), (-350, 281))]
    grid = pv.ImageData(
        dimensions=tuple(len(a) for a in axes), spacing=(GRID_MM,) * 3, origin=tuple(a[0] for a in axes)
    )
    field = _depth_inside(np.asarray(grid.points, dtype=float))
    surface = grid.contour([0.0], field, method="flying_edges").triangulate()
    dense = trimesh.Trimesh(surface.points, surface.faces.reshape(-1, 4)[:, 1:], process=True)
    return even(dense, vertices)


def _depth_inside(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """About the depth below the skin, mm, negative outside."""
    z = points[:, 2]
    trunk = trunk_depth(points)
    arm = _capsule(points * [1, 1, 1], SHOULDER, ELBOW)
    arms = np.maximum(arm, _capsule(points * [-1, 1, 1], SHOULDER, ELBOW))
    arms = _round_minimum(arms, z - ARM_END_MM)
    body = _smooth_maximum(trunk, arms)
    return _round_minimum(_round_minimum(body, z - BOTTOM_MM), TOP_MM - z)


def trunk_depth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Estimate the depth below the skin of the trunk without its arms.

    Parameters
    ----------
    points : (n, 3) float64, mm

    Returns
    -------
    (n,) float64, mm
        Negative outside.
    """
    x, y, z = points.T
    profile = PchipInterpolator(TRUNK[:, 0], TRUNK[:, 1:])
    width, depth, middle = profile(np.clip(z, TRUNK[0, 0], TRUNK[-1, 0])).T
    radius = (np.abs(x / width) ** EXPONENT + np.abs((y - middle) / depth) ** EXPONENT) ** (1 / EXPONENT)
    return np.minimum(width, depth) * (1 - radius)


def _capsule(points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray:
    along = np.clip((points - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
    radius = ARM_RADIUS[0] + along * (ARM_RADIUS[1] - ARM_RADIUS[0])
    return radius - np.linalg.norm(points - start - along[:, None] * (end - start), axis=1)


def _smooth_maximum(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    overlap = np.maximum(MELT_MM - np.abs(a - b), 0) / MELT_MM
    return np.maximum(a, b) + overlap**2 * MELT_MM / 4


def _round_minimum(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection whose edge is rounded with radius ROUND_MM."""
    corner = np.hypot(np.maximum(ROUND_MM - a, 0), np.maximum(ROUND_MM - b, 0))
    return np.where((a < ROUND_MM) & (b < ROUND_MM), ROUND_MM - corner, np.minimum(a, b))
