"""Current dipoles of least norm.

Equations
---------
Of all dipole moments ``p_i`` per volume that give the leads ``a = sum_i V_i p_i vol_i``
the one of least ``sum_i |p_i|^2 vol_i`` is ``p_i = V_i' (sum_j V_j V_j' vol_j + lambda I)^-1 a``,
``V_i`` being the (8, 3) lead vectors at node i.

Source: Hamalainen and Ilmoniemi 1994, Med Biol Eng Comput 32:35 (minimum norm estimates).

Deviations
----------
- Three components are estimated; the one outward from the middle of the
  heart is mapped, since only it has a sign that the family can turn.
- No depth weighting: the wall next to the electrodes takes most.
"""

import numpy as np

from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.operators.lead_fields import lead_vectors, outward, regularised_inverse
from cine_mapping.operators.spatial_filter import SpatialFilter

NOISE = 0.1


def plan_minimum_norm(heart: VirtualHeart, *, noise: float = NOISE) -> SpatialFilter:
    """Prepare the minimum norm estimate.

    Parameters
    ----------
    heart : VirtualHeart
        To map onto, in the torso and with the electrodes assumed.
    noise : float
        Variance of the noise, relative to the mean variance that the prior gives a lead.

    Returns
    -------
    SpatialFilter
    """
    vectors, volumes = lead_vectors(heart), heart.myocardium.node_volumes
    gram = np.einsum("lni,kni,n->lk", vectors, vectors, volumes, optimize=True)
    outwards = np.einsum("lni,ni->nl", vectors, outward(heart.myocardium))
    return SpatialFilter(outwards @ regularised_inverse(gram, noise), volumes)
