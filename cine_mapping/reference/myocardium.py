"""The reference anatomy's ventricles as a volume, in the same pose."""

# pyright: reportMissingImports=false

import logging
from pathlib import Path

from cine_mapping.long_axis import LongAxis
from cine_mapping.myocardium import Myocardium
from cine_mapping.myocardium_io import save_myocardium
from cine_mapping.reference.pose import Pose
from cine_mapping.reference.volume import Volume
from cine_mapping.ventricular_coordinates import make_myocardium

ORIGIN = (
    "Ventricles of the reference anatomy (scaffoldmaker 0.21.0, MeshType_3d_heart1, Human 1; Apache-2.0) "
    "cut into tetrahedra, with Laplace coordinates and rule-based fibres; no person's scan"
)
log = logging.getLogger(__name__)


def build_myocardium(volume: Volume, pose: Pose, axis: LongAxis, *, path: Path) -> Myocardium:
    """Make the reference myocardium and write it.

    Parameters
    ----------
    volume : Volume
    pose : Pose
    axis : LongAxis
        Of the anatomy, so that both have the same segments; in the scaffold's frame.
    path : Path

    Returns
    -------
    Myocardium
    """
    points = pose.apply(volume.points)
    placed = LongAxis(pose.apply(axis.base), pose.apply(axis.apex), pose.turn(axis.right), axis.insertions)
    myocardium = make_myocardium(
        points, volume.tetrahedra, volume.surface, axis=placed, name="reference", origin=ORIGIN
    )
    save_myocardium(myocardium, path)
    left, right = (myocardium.node_volumes[myocardium.ventricle == k].sum() / 1000 for k in (0, 1))
    log.info(
        "%d nodes, %d tetrahedra, LV %.0f ml, RV %.0f ml, file %.2f MB",
        len(points), len(volume.tetrahedra), left, right, path.stat().st_size / 1e6,
    )  # fmt: skip
    return myocardium
