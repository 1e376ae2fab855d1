"""The wall that the heart's vector points to, or points away from.

Equations
---------
``z_i = u_i . M a`` with the matrix M from leads to the vector and the direction
``u_i`` from the middle of the heart to node i; the sign is the family's
(`polarity`).

Source: the injury vector of van Dam et al. (Gorgels et al. 2023, J Electrocardiol
81:258), the vector by Kors et al. 1990 (Eur Heart J 11:1083).

Deviations
----------
- Direction from the heart's middle, not the normal of a segment.
- Through QRS and T as well as ST, each wave with its sign.
"""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.operators.lead_fields import outward
from cine_mapping.operators.spatial_filter import SpatialFilter
from cine_mapping.vcg import KORS, LPS_FROM_FRANK

KORS_LPS = LPS_FROM_FRANK @ KORS
"""(3, 8): the vector in mesh axes from the independent leads."""


def plan_dipole(heart: VirtualHeart, *, matrix: NDArray[np.float64] = KORS_LPS) -> SpatialFilter:
    """Prepare the vector's rule.

    Parameters
    ----------
    heart : VirtualHeart
        To map onto; of its place in the torso only the direction counts.
    matrix : (3, 8) float
        From the independent leads to the vector in the axes of the mesh.

    Returns
    -------
    SpatialFilter
    """
    return SpatialFilter(outward(heart.myocardium) @ matrix, heart.myocardium.node_volumes)
