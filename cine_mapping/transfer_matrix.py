"""Twelve leads from transmembrane potentials: ECG = L V_m."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.lead_field import lead_montage
from imn.errors import InputError
from imn.leads import EXPANSION, INDEPENDENT_INDEX

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def transfer_matrix(stiffness: "csr_matrix", potential: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lead voltages per transmembrane potential at each node, ``L = -(K_i Z^T)^T``.

    The impressed current density is ``-sigma_i grad V_m``; its scalar product
    with the gradient of a lead's lead-field potential Z, summed over the wall,
    is the voltage in the lead (Geselowitz 1989; Potse 2018).

    Parameters
    ----------
    stiffness : (n, n) sparse float64, S
        Of the intracellular conductivity (`cine_mapping.stiffness`).
    potential : (9, n) float64, mV per mA
        Lead-field potential of the electrodes, in the order of `ELECTRODES`
        (`cine_mapping.torso_potential`); a constant added to one changes nothing.

    Returns
    -------
    (12, n) float64, mV per mV
        Limb leads by Einthoven and Goldberger, V leads against Wilson's central
        terminal; a uniform potential gives nothing.

    Raises
    ------
    InputError
        If the arrays do not fit together.
    """
    montage, nodes = lead_montage()[list(INDEPENDENT_INDEX)], stiffness.get_shape()[0]
    if potential.shape != (montage.shape[1], nodes):
        message = f"potential must be (9, {nodes}), one row an electrode, got {potential.shape}"
        raise InputError(message)
    leads = montage @ potential
    leads -= leads.mean(axis=1, keepdims=True)
    return EXPANSION @ -(stiffness @ leads.T).T
