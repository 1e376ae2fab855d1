"""Great vessels to be looked at: smooth tubes from the scaffold's openings.

Way points are by rule, in the frame of the torso (mm); they are for
orientation and carry no evidence.
"""

# pyright: reportMissingImports=false, reportOptionalMemberAccess=false

import numpy as np
import pyvista as pv
import trimesh
from numpy.typing import NDArray

from cine_mapping.reference.pose import Pose
from cine_mapping.reference.scaffold import Opening

SIDES = 20
SPACING_MM = 4.0
VEIN_STUB_MM = 20.0
ASCENDING_AND_ARCH = ((-13, -36, 34), (-10, -31, 60), (3, -13, 80), (17, 11, 80), (25, 32, 60))
DESCENDING = ((25, 41, 30), (22, 44, -20), (18, 46, -90))
ARCH_BRANCHES = (
    (5.5, ((-3, -20, 74), (-9, -23, 92), (-18, -24, 112))),
    (4.0, ((6, -8, 80), (8, -10, 96), (10, -12, 114))),
    (4.2, ((15, 7, 80), (20, 6, 96), (30, 4, 112))),
)
PULMONARY_TRUNK = ((10, -42, 46), (14, -29, 56))
PULMONARY_BRANCHES = (
    (7.0, ((13, -32, 53), (24, -14, 61), (36, -1, 61), (52, 10, 57))),
    (7.0, ((15, -30, 55), (2, -12, 56), (-22, 2, 50), (-46, 4, 44))),
)
VENA_CAVA = {
    "superior vena cava": ((-26, -17, 32), (-27, -17, 60), (-24, -18, 94)),
    "inferior vena cava": ((-6, 5, -42), (-9, 7, -62), (-11, 9, -92)),
}


def build_vessels(openings: tuple[Opening, ...], pose: Pose) -> trimesh.Trimesh:
    """Sweep all tubes and put them into one mesh of closed pieces."""
    tubes = [_tube(radius, way) for radius, way in ARCH_BRANCHES + PULMONARY_BRANCHES]
    for opening in openings:
        centre, out = pose.apply(opening.centre), pose.turn(opening.direction)
        root = [centre - 3 * out, centre, centre + 8 * out]
        if opening.name == "left ventricle myocardium":
            tubes.append(_tube(opening.radius, (*root, *ASCENDING_AND_ARCH, *DESCENDING)))
        elif opening.name == "conus arteriosus":
            tubes.append(_tube(opening.radius, (*root, *PULMONARY_TRUNK)))
        elif opening.name in VENA_CAVA:
            tubes.append(_tube(opening.radius, (*root, *VENA_CAVA[opening.name])))
        else:
            tubes.append(_tube(opening.radius, (*root, centre + VEIN_STUB_MM * out)))
    counts = np.cumsum([0, *(len(tube.vertices) for tube in tubes)])
    faces = [tube.faces + count for tube, count in zip(tubes, counts, strict=False)]
    return trimesh.Trimesh(np.concatenate([t.vertices for t in tubes]), np.concatenate(faces), process=False)


def _tube(radius: float, way: tuple) -> trimesh.Trimesh:
    points: NDArray[np.float64] = np.asarray([np.asarray(p, dtype=float) for p in way])
    length = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
    line = pv.Spline(points, max(4, int(length / SPACING_MM)))
    surface = line.tube(radius=radius, n_sides=SIDES, capping=True).triangulate().clean()
    mesh = trimesh.Trimesh(surface.points, surface.faces.reshape(-1, 4)[:, 1:], process=False)
    trimesh.repair.fix_normals(mesh)
    return trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
