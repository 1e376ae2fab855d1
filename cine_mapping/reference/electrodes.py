"""Nine electrodes on the skin by anatomical rule.

Each is where a ray meets the skin; heights are relative to the fourth
intercostal space (z = 0), the fifth lies 31 mm lower.

========  ===============================================================
V1, V2    right and left sternal border, 22 mm from the midline, fourth
          intercostal space, ray to the front
V4        mid-clavicular line, 85 mm left, fifth intercostal space, to the front
V3        half-way between V2 and V4, to the front
V5        anterior axillary line at V4's height: 30 degrees before the left
V6        mid-axillary line at V4's height: straight left
RA, LA    front of the upper arms, 100 mm above the fourth intercostal space
LL        left groin, front, 290 mm below
========  ===============================================================
"""

# pyright: reportMissingImports=false

import numpy as np
import trimesh
from numpy.typing import NDArray

from cine_mapping.anatomy import ELECTRODES

STERNAL_MM, CLAVICULAR_MM, FIFTH_SPACE_MM = 22.0, 85.0, -31.0
ARM, GROIN = (195.0, 10.0, 100.0), (95.0, 0.0, -290.0)
FRONT, LEFT = (0.0, -1.0, 0.0), (1.0, 0.0, 0.0)


def place_electrodes(torso: trimesh.Trimesh) -> NDArray[np.float64]:
    """Positions in the order of `ELECTRODES`, (9, 3) mm."""
    axilla = np.deg2rad(30)
    rays = {
        "RA": ((-ARM[0], *ARM[1:]), FRONT),
        "LA": (ARM, FRONT),
        "LL": (GROIN, FRONT),
        "V1": ((-STERNAL_MM, 0, 0), FRONT),
        "V2": ((STERNAL_MM, 0, 0), FRONT),
        "V4": ((CLAVICULAR_MM, 0, FIFTH_SPACE_MM), FRONT),
        "V5": ((0, 0, FIFTH_SPACE_MM), (np.cos(axilla), -np.sin(axilla), 0)),
        "V6": ((0, 0, FIFTH_SPACE_MM), LEFT),
    }
    found = {name: _exit(torso, *ray) for name, ray in rays.items()}
    between = (found["V2"] + found["V4"]) / 2
    found["V3"] = _exit(torso, (between[0], 0, between[2]), FRONT)
    return np.stack([found[name] for name in ELECTRODES])


def _exit(torso: trimesh.Trimesh, start: tuple, direction: tuple) -> NDArray[np.float64]:
    """Where a ray from inside leaves the torso for good."""
    origin, way = np.asarray(start, dtype=float), np.asarray(direction, dtype=float)
    a, b, c = (torso.triangles[:, i] for i in range(3))
    # Moeller & Trumbore 1997
    across = np.cross(way, c - a)
    scale = np.einsum("fi,fi->f", b - a, across)
    sound = np.abs(scale) > 1e-9
    scale = np.where(sound, scale, 1.0)
    u = np.einsum("fi,fi->f", origin - a, across) / scale
    turn = np.cross(origin - a, b - a)
    v = turn @ way / scale
    t = np.einsum("fi,fi->f", turn, c - a) / scale
    hit = sound & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (t > 0)
    return origin + way * t[hit].max()
