"""Great vessels to be looked at: smooth tubes from the scaffold's openings.

Way points are by rule, along the torso's axes (mm), and move with the aortic
valve; they are for orientation and carry no evidence.
"""

# pyright: reportMissingImports=false, reportOptionalMemberAccess=false

import numpy as np
import pyvista as pv
import trimesh
from numpy.typing import ArrayLike

from cine_mapping.reference.pose import Pose
from cine_mapping.reference.scaffold import Opening

AORTIC_VALVE = np.array([4.0, -40.0, 5.0])
"""Where the valve lies in the frame of the way points below."""
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
PULMONARY_BRANCHES = (
    (7.0, ((13, -32, 53), (24, -14, 61), (36, -1, 61), (52, 10, 57))),
    (7.0, ((15, -30, 55), (2, -12, 56), (-22, 2, 50), (-46, 4, 44))),
)
WAYS = {
    "left ventricle myocardium": np.array(ASCENDING_AND_ARCH + DESCENDING),
    "conus arteriosus": np.array(((10, -42, 46), (14, -29, 56))),
    "superior vena cava": np.array(((-26, -17, 32), (-27, -17, 60), (-24, -18, 94))),
    "inferior vena cava": np.array(((-6, 11, -52), (-9, 10, -70), (-11, 9, -95))),
}


def build_vessels(openings: tuple[Opening, ...], pose: Pose) -> trimesh.Trimesh:
    """Sweep all tubes and put them into one mesh of closed pieces.

    Parameters
    ----------
    openings : tuple of Opening
        Where the tubes begin, in the heart's own frame.
    pose : Pose

    Returns
    -------
    trimesh.Trimesh
        LPS, mm.
    """
    valve = next(o for o in openings if o.name == "left ventricle myocardium")
    move = pose.apply(valve.centre) - AORTIC_VALVE
    tubes = [_tube(radius, np.add(way, move)) for radius, way in ARCH_BRANCHES + PULMONARY_BRANCHES]
    for opening in openings:
        centre, out = pose.apply(opening.centre), pose.turn(opening.direction)
        way = WAYS[opening.name] + move if opening.name in WAYS else [centre + VEIN_STUB_MM * out]
        tubes.append(_tube(opening.radius, [centre - 3 * out, centre, centre + 8 * out, *way]))
    counts = np.cumsum([0, *(len(tube.vertices) for tube in tubes)])
    faces = [tube.faces + count for tube, count in zip(tubes, counts, strict=False)]
    return trimesh.Trimesh(np.concatenate([t.vertices for t in tubes]), np.concatenate(faces), process=False)


def _tube(radius: float, way: ArrayLike) -> trimesh.Trimesh:
    points = np.asarray(way, dtype=float)
    length = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
    line = pv.Spline(points, max(4, int(length / SPACING_MM)))
    surface = line.tube(radius=radius, n_sides=SIDES, capping=True).triangulate().clean()
    mesh = trimesh.Trimesh(surface.points, surface.faces.reshape(-1, 4)[:, 1:], process=False)
    trimesh.repair.fix_normals(mesh)
    return trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
