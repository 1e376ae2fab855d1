"""Lead fields: the voltage that a unit current dipole at a point gives in each lead.

Units: a dipole of 1 mA mm, millimetres, S/m, millivolt.  Then the potential at
distance r of a dipole pointing at the observer is 1000 / (4 pi sigma r^2) mV.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.anatomy import ELECTRODES
from imn.leads import EXPANSION

TORSO_S_PER_M = 0.22
"""Mean conductivity of the torso."""


def lead_montage() -> NDArray[np.float64]:
    """Twelve leads from the potentials at nine electrodes, (12, 9) float64.

    I = LA - RA, II = LL - RA, V leads against Wilson's central terminal
    (RA + LA + LL) / 3; the other limb leads follow from I and II.
    """
    index = {name: i for i, name in enumerate(ELECTRODES)}
    independent = np.zeros((8, len(ELECTRODES)))
    independent[:2, index["RA"]] = -1
    independent[0, index["LA"]] = independent[1, index["LL"]] = 1
    for row, name in enumerate(("V1", "V2", "V3", "V4", "V5", "V6"), start=2):
        independent[row, index[name]] = 1
        independent[row, [index[limb] for limb in ("RA", "LA", "LL")]] -= 1 / 3
    return EXPANSION @ independent


def to_lead_vectors(electrode_vectors: ArrayLike) -> NDArray[np.float32]:
    """Lead vectors from the potentials that unit dipoles give at the electrodes.

    Parameters
    ----------
    electrode_vectors : (9, v, 3) float, mV per mA mm

    Returns
    -------
    (12, v, 3) float32, mV per mA mm
    """
    potentials = np.asarray(electrode_vectors, dtype=float)
    independent = lead_montage()[[0, 1, 6, 7, 8, 9, 10, 11]]
    return expand_lead_vectors(np.tensordot(independent, potentials, axes=1).astype(np.float32))


def expand_lead_vectors(independent: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the vectors of all twelve leads from those of the independent ones.

    Parameters
    ----------
    independent : (8, v, 3) float32
        Of I, II, V1 ... V6.

    Returns
    -------
    (12, v, 3) float32
    """
    return np.tensordot(EXPANSION, independent.astype(float), axes=1).astype(np.float32)


def infinite_medium(
    points: ArrayLike, electrodes: ArrayLike, conductivity: float = TORSO_S_PER_M
) -> NDArray[np.float32]:
    """Lead vectors in an unbounded homogeneous conductor.

    The potential of a dipole p at distance r is p . r / (4 pi sigma |r|^3)
    (Malmivuo & Plonsey 1995, eq. 8.12).  A stand-in for anatomies without a
    boundary-element solution: limb leads come out too small beside the chest
    leads, since the torso's surface is missing.

    Parameters
    ----------
    points : (v, 3) float, mm
    electrodes : (9, 3) float, mm
        In the order of `ELECTRODES`.
    conductivity : float, S/m

    Returns
    -------
    (12, v, 3) float32, mV per mA mm
    """
    reach = np.asarray(electrodes, dtype=float)[:, None] - np.asarray(points, dtype=float)
    distance = np.linalg.norm(reach, axis=2, keepdims=True)
    return to_lead_vectors(1000 * reach / (4 * np.pi * conductivity * distance**3))
