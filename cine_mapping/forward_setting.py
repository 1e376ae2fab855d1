"""Any anatomy as a setting for virtual patients."""

from cine_mapping.anatomy import Anatomy
from cine_mapping.forward.patients import Setting
from cine_mapping.long_axis import LongAxis
from cine_mapping.volume_mesh import EDGE_MM, fill


def setting_of(anatomy: Anatomy, *, edge: float = EDGE_MM, axis: LongAxis | None = None) -> Setting:
    """Fill an anatomy's ventricles and put them into its torso, to draw patients about.

    Parameters
    ----------
    anatomy : Anatomy
    edge : float, mm
        About as long as the tetrahedra's edges.
    axis : LongAxis, optional
        As in `volume_mesh.fill`.

    Raises
    ------
    InputError
        As `volume_mesh.fill`.
    """
    return Setting(fill(anatomy, edge=edge, axis=axis), anatomy.torso, anatomy.electrodes)
