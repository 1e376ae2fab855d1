"""What each lead hears of each place, times what the lead shows: no inverse at all.

Equations
---------
``density_i = sum_l sum_t |L_li V_i(t)| |a_l(t)| dt / vol_i`` with the transfer L
and the transmembrane potential V of the heart's normal beat.

Source: none; the plain reading of "evidence times sensitivity", which every
inverse has to beat.

Deviations
----------
- V is the normal beat of the heart mapped onto, whatever the beat at hand.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.beat import excite
from cine_mapping.forward.changes import no_changes
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.forward.physiology import Physiology
from cine_mapping.forward.potentials import transmembrane_potential
from cine_mapping.operators.lead_fields import node_transfer
from cine_mapping.operators.pattern import BINS_MS, Pattern, binned
from cine_mapping.operators.spatial_filter import WIDTHS_MS, lay_by_density

STEP_MS = 5.0


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What is heard of each node and what it does.

    Parameters
    ----------
    heard : (8, n) float64
        Size of the transfer per volume.
    active : (n, b) float64, mV
        Potential above rest in the normal beat.
    volumes : (n,) float64, mm3
    """

    heard: NDArray[np.float64]
    active: NDArray[np.float64]
    volumes: NDArray[np.float64]

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Lay out the pattern by sensitivity and activity, its sign left aside.

        Parameters
        ----------
        pattern : Pattern

        Returns
        -------
        (n,) float64
            Amounts at the nodes, which sum to the pattern's total.
        """
        shown = self.active @ (np.abs(pattern.values) * WIDTHS_MS).T
        return lay_by_density((self.heard.T * shown).sum(axis=1), self.volumes, pattern.total)


def plan_sensitivity(heart: VirtualHeart, *, physiology: Physiology = Physiology()) -> Sensitivity:  # noqa: B008
    """Prepare sensitivity and activity.

    Parameters
    ----------
    heart : VirtualHeart
        To map onto, in the torso and with the electrodes assumed.
    physiology : Physiology
        Of the normal beat.

    Returns
    -------
    Sensitivity
    """
    course = excite(heart, no_changes(heart, physiology), physiology)
    times = np.arange(BINS_MS[0], BINS_MS[-1], STEP_MS) + STEP_MS / 2
    potential = transmembrane_potential(course, times + course.activation.min())
    volumes = heart.myocardium.node_volumes
    return Sensitivity(np.abs(node_transfer(heart)) / volumes, binned(potential, times), volumes)
