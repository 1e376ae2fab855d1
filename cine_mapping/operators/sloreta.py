"""Standardised estimate of smooth transmembrane potentials, in the manner of sLORETA.

Equations
---------
Potentials ``v`` at the nodes have the prior covariance ``C`` (Gaussian of the
distance).  From leads ``a = L v + noise`` the expected potential is
``v = C L' (L C L' + lambda I)^-1 a``; its prior variance at node i is
``s_i = [C L' (L C L' + lambda I)^-1 L C]_ii``, and what is mapped is
``z_i = v_i / sqrt(s_i)``.

Source: Pascual-Marqui 2002, Methods Find Exp Clin Pharmacol 24D:5 (standardised
low resolution brain electromagnetic tomography).

Deviations
----------
- The source is the transmembrane potential, one number a node, not three
  components of a current; a wall concerned has less of it where the vector
  points to the wall (`polarity`), more where it points away.
- A smooth prior (22 mm), not an uncorrelated one.
- The sign is kept and turned by the family; sLORETA maps squares.
- Reference leads instead of a common average reference.
"""

import numpy as np

from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.operators.lead_fields import node_transfer, regularised_inverse, smooth_transfer
from cine_mapping.operators.spatial_filter import SpatialFilter

SMOOTH_MM = 22.0
NOISE = 0.1


def plan_sloreta(heart: VirtualHeart, *, width: float = SMOOTH_MM, noise: float = NOISE) -> SpatialFilter:
    """Prepare the standardised estimate.

    Parameters
    ----------
    heart : VirtualHeart
        To map onto, in the torso and with the electrodes assumed.
    width : float, mm
        Over which potentials are alike.
    noise : float
        Variance of the noise, relative to the mean variance that the prior gives a lead.

    Returns
    -------
    SpatialFilter
    """
    smooth = smooth_transfer(heart, width)
    inverse = regularised_inverse(smooth @ node_transfer(heart).T, noise)
    weights = smooth.T @ inverse
    spread = np.sqrt(np.einsum("nl,ln->n", weights, smooth))
    return SpatialFilter(-weights / spread[:, None], heart.myocardium.node_volumes)
