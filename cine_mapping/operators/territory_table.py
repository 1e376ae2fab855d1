"""The table of leads and walls that every textbook has.

Equations
---------
``e_l = sum_t told(a_l(t)) dt`` is what lead l shows as the family says (shift of
ST, loss of R; `polarity.told`), for all twelve leads; each lead lays it out evenly
by volume over its segments.

Sources
-------
Wagner et al. 2009 and the AHA/ACCF/HRS statements (which leads face which wall);
for V1 ... V4 and aVL corrected by magnetic resonance: V1 and V2 see the middle and
apical septum, not its base, aVL the middle of the anterior wall (Bayes de Luna
et al. 2006, Circulation 114:1755; Allencherril et al. 2018).

Deviations
----------
- aVR, which faces the cavity, says nothing.
- The table has no lead for the right ventricle; with twelve leads only V1 looks at it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import AHA_SEGMENTS
from cine_mapping.myocardium import Myocardium
from cine_mapping.operators.pattern import Pattern
from cine_mapping.operators.polarity import told
from cine_mapping.operators.spatial_filter import WIDTHS_MS, lay_by_density
from imn.leads import LEADS, expand

_INFERIOR = (4, 10, 15, 3, 9)
SEGMENTS_OF_LEAD = {
    "I": (1, 7, 6, 12),
    "II": _INFERIOR,
    "III": _INFERIOR,
    "aVL": (1, 7, 6, 12),
    "aVF": _INFERIOR,
    "V1": (8, 14),
    "V2": (8, 14, 7, 13),
    "V3": (7, 13, 14, 17),
    "V4": (7, 13, 14, 17),
    "V5": (12, 16, 11),
    "V6": (12, 16, 11),
}
"""AHA numbers of the segments that each lead faces."""


@dataclass(frozen=True, eq=False)
class TerritoryTable:
    """Density that each lead lays on each node.

    Parameters
    ----------
    faced : (n, 12) float64, 1/mm3
        Even over the lead's segments, with sum 1 over their volume.
    volumes : (n,) float64, mm3
    """

    faced: NDArray[np.float64]
    volumes: NDArray[np.float64]

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Lay out the pattern by the table.

        Parameters
        ----------
        pattern : Pattern

        Returns
        -------
        (n,) float64
            Amounts at the nodes, which sum to the pattern's total.
        """
        shown = told(expand(pattern.values), pattern.family) @ WIDTHS_MS
        return lay_by_density(self.faced @ shown, self.volumes, pattern.total)


def plan_territory_table(myocardium: Myocardium) -> TerritoryTable:
    """Find which nodes each lead faces.

    Parameters
    ----------
    myocardium : Myocardium
        To map onto.

    Returns
    -------
    TerritoryTable
    """
    volumes = myocardium.node_volumes
    number = np.where(myocardium.region < len(AHA_SEGMENTS), myocardium.region + 1, 0)
    inside = np.stack([np.isin(number, SEGMENTS_OF_LEAD.get(lead, ())) for lead in LEADS], axis=1)
    held = volumes @ inside
    return TerritoryTable(inside / np.where(held > 0, held, 1), volumes)
