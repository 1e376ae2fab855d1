"""Likeness of the leads and what a patch at each place would give.

Equations
---------
With the voltages ``l_i`` that a smooth patch of transmembrane potential about
node i gives in the leads, ``z_i = l_i . a / |l_i|``: the amplitude that
least squares gives a patch that is alone, times ``|l_i|``.

Source: the one-source scan of Mosher et al. 1992, IEEE Trans Biomed Eng 39:541,
with the sign kept.

Deviations
----------
- Noise is taken as equal and independent in the eight leads.
- A patch (Gaussian, 22 mm), since the potential of a single node gives next to nothing.
"""

import numpy as np

from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.operators.lead_fields import smooth_transfer
from cine_mapping.operators.sloreta import SMOOTH_MM
from cine_mapping.operators.spatial_filter import SpatialFilter


def plan_matched_filter(heart: VirtualHeart, *, width: float = SMOOTH_MM) -> SpatialFilter:
    """Prepare the matched filter.

    Parameters
    ----------
    heart : VirtualHeart
        To map onto, in the torso and with the electrodes assumed.
    width : float, mm
        Of the patch.

    Returns
    -------
    SpatialFilter
    """
    patches = smooth_transfer(heart, width)
    return SpatialFilter(-(patches / np.linalg.norm(patches, axis=0)).T, heart.myocardium.node_volumes)
