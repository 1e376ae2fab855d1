"""Where the heart lies in the chest.

Frame: LPS millimetres with the origin on the midline at the height of the
fourth intercostal space beside the sternum, half-way from front to back.

The long axis points along (0.643, -0.616, -0.456), 27 degrees below the
transverse plane (Hoekema et al. 1999, 25 subjects); the heart is rolled by
20 degrees about it, the right ventricle downwards; the apex lies 72 mm left
of the midline, just below the fifth intercostal space, and the epicardium
comes within 30 mm of the anterior skin.  Closer or higher, and the chest
leads see the front of the right ventricle and little else.
"""

# pyright: reportMissingImports=false

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray

from cine_mapping.long_axis import LongAxis

APEX_DIRECTION = np.array([0.643, -0.616, -0.456])
ROLL_DEG = 20.0
APEX_LEFT_MM, APEX_HEIGHT_MM = 72.0, -55.0
SKIN_DEPTH_MM = 30.0


@dataclass(frozen=True, eq=False)
class Pose:
    """A rigid motion: ``points @ rotation.T + shift``.

    Parameters
    ----------
    rotation : (3, 3) float64
    shift : (3,) float64, mm
    """

    rotation: NDArray[np.float64]
    shift: NDArray[np.float64]

    def apply(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Move points, (..., 3) mm."""
        return np.asarray(points, dtype=float) @ self.rotation.T + self.shift

    def turn(self, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """Turn directions, (..., 3)."""
        return np.asarray(vectors, dtype=float) @ self.rotation.T


def find_pose(axis: LongAxis, epicardium: NDArray[np.float64], torso: trimesh.Trimesh) -> Pose:
    """Turn the heart to the rule, then push it back until it keeps its distance from the skin.

    Parameters
    ----------
    axis : LongAxis
    epicardium : (v, 3) float64, mm
        Both in the heart's own frame.
    torso : trimesh.Trimesh
        LPS, mm.

    Returns
    -------
    Pose
        From the heart's own frame to LPS.
    """
    down = APEX_DIRECTION / np.linalg.norm(APEX_DIRECTION)
    rightward = np.cross(down, [0.0, 0.0, 1.0])
    rightward = -np.sign(rightward[0]) * rightward / np.linalg.norm(rightward)
    roll = float(np.deg2rad(ROLL_DEG))
    septum = np.cos(roll) * rightward + np.sin(roll) * np.cross(down, rightward)
    target = np.stack([down, septum, np.cross(septum, down)])
    rotation = (target.T @ axis.frame).astype(np.float64)
    points = epicardium @ rotation.T
    shift = np.array([APEX_LEFT_MM, 0.0, APEX_HEIGHT_MM]) - rotation @ axis.apex
    front = points + shift * [1, 0, 1]
    near, far = -120.0, 120.0
    while far - near > 0.05:
        middle = (near + far) / 2
        distance = trimesh.proximity.signed_distance(torso, (front + [0, middle, 0])[::5]).min()
        near, far = (near, middle) if distance > SKIN_DEPTH_MM else (middle, far)
    shift[1] = far
    return Pose(rotation, shift)
