"""Beamformer: what comes from each place while all else that the leads do is held down.

Equations
---------
With the covariance ``R`` of the leads over the bins that say something and the
patch's voltages ``l_i``, ``w_i = R^-1 l_i / sqrt(l_i' R^-1 l_i)``, the
linearly constrained minimum variance filter scaled to the same output
for every place if R is all there is; ``z_i = w_i . a``.

Source: Van Veen et al. 1997, IEEE Trans Biomed Eng 44:867.

Deviations
----------
- The covariance is that of one beat's 36 bins, held up by 0.3 of its mean
  variance: with less the filter suppresses the source itself, which is
  active all the time.
- A smooth patch of transmembrane potential, its sign kept.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.operators.lead_fields import regularised_inverse, smooth_transfer
from cine_mapping.operators.pattern import Pattern
from cine_mapping.operators.polarity import POLARITY, UNKNOWN, wave_bins
from cine_mapping.operators.sloreta import SMOOTH_MM
from cine_mapping.operators.spatial_filter import WIDTHS_MS, SpatialFilter

NOISE = 0.3


@dataclass(frozen=True, eq=False)
class Beamformer:
    """Voltages of a patch about each node, and what else the filter needs.

    Parameters
    ----------
    patches : (8, n) float64
    volumes : (n,) float64, mm3
    noise : float
    """

    patches: NDArray[np.float64]
    volumes: NDArray[np.float64]
    noise: float

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Lay out the pattern, (n,) float64 of the pattern's total; see `SpatialFilter.apply`."""
        return SpatialFilter(-self._weights(pattern), self.volumes).apply(pattern)

    def _weights(self, pattern: Pattern) -> NDArray[np.float64]:
        bins = np.any([wave_bins(wave) for wave in POLARITY.get(pattern.family, UNKNOWN)], axis=0)
        used = pattern.values * bins
        covariance = (used * WIDTHS_MS) @ used.T
        if not covariance.any():
            return np.zeros_like(self.patches.T)
        filters = regularised_inverse(covariance, self.noise) @ self.patches
        return (filters / np.sqrt(np.einsum("ln,ln->n", self.patches, filters))).T


def plan_lcmv(heart: VirtualHeart, *, width: float = SMOOTH_MM, noise: float = NOISE) -> Beamformer:
    """Prepare the beamformer.

    Parameters
    ----------
    heart : VirtualHeart
        To map onto, in the torso and with the electrodes assumed.
    width : float, mm
        Of the patch.
    noise : float
        Added to the covariance's diagonal, relative to its mean.

    Returns
    -------
    Beamformer
    """
    return Beamformer(smooth_transfer(heart, width), heart.myocardium.node_volumes, noise)
