"""Linear looks at each place from the leads, and how what they show is laid out on the wall."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.operators.layout import lay_out
from cine_mapping.operators.pattern import BINS_MS, Pattern
from cine_mapping.operators.polarity import told

WIDTHS_MS = np.diff(BINS_MS)


@dataclass(frozen=True, eq=False)
class SpatialFilter:
    """What each place would have to do to explain a moment of the leads.

    Parameters
    ----------
    weights : (n, 8) float64
        Applied to the leads; positive where the vector points to the place.
    volumes : (n,) float64, mm3
        Of wall that belongs to each node.
    """

    weights: NDArray[np.float64]
    volumes: NDArray[np.float64]

    def courses(self, pattern: Pattern) -> NDArray[np.float64]:
        """Give what each place does in time, linear in the pattern.

        Parameters
        ----------
        pattern : Pattern

        Returns
        -------
        (n, b) float64
        """
        return self.weights @ pattern.values

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Lay out the pattern by what each place does as the family says.

        ``density_i = sum_t told(w_i . a(t)) dt`` with `polarity.told`.

        Parameters
        ----------
        pattern : Pattern

        Returns
        -------
        (n,) float64
            Amounts at the nodes, which sum to the pattern's total.
        """
        density = told(self.courses(pattern), pattern.family) @ WIDTHS_MS
        return lay_by_density(density, self.volumes, pattern.total)


def lay_by_density(
    density: NDArray[np.float64], volumes: NDArray[np.float64], total: float
) -> NDArray[np.float64]:
    """Spread an amount over the wall as a density per volume says; evenly where it says nothing.

    Parameters
    ----------
    density : (n,) float64
        Not negative, in any unit.
    volumes : (n,) float64, mm3
    total : float
        Of either sign.

    Returns
    -------
    (n,) float64
        Amounts at the nodes, all of the total's sign, which sum to it.
    """
    largest = density.max()
    # Divided first so that densities near the smallest number do not sum to nothing.
    return lay_out(volumes * (density / largest) if largest > 0 else volumes, total)
