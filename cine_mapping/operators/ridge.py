"""A linear operator per family, learned from simulations: leads and times in, patches out.

Ridge regression from a pattern's direction to the true share of each patch.
Being linear it is a filter per patch; its positive part is what is shown.

Source
------
The least-squares inverse of simulated signatures, as in minimum norm estimates
with a prior covariance taken from samples (Hauk 2004, NeuroImage 21:1612).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.operators.layout import lay_out
from cine_mapping.operators.library import Library, directions, require_family
from cine_mapping.operators.patches import Patches
from cine_mapping.operators.pattern import Pattern

PENALTY = 0.01
"""Against the mean square of a pattern's direction, times the number of examples."""


@dataclass(frozen=True, eq=False)
class Ridge:
    """Operators by family.

    Parameters
    ----------
    operators : dict of str to (8 b + 1, p) float64
        The last row is the mean.
    patches : Patches
    volumes : (n,) float64, mm3
    """

    operators: dict[str, NDArray[np.float64]]
    patches: Patches
    volumes: NDArray[np.float64]

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Lay a pattern's total out by the positive part of the estimate.

        Parameters
        ----------
        pattern : Pattern

        Returns
        -------
        (n,) float64

        Raises
        ------
        InputError
            If the library held no such family.
        """
        require_family(pattern.family, self.operators)
        operator = self.operators[pattern.family]
        patch = (directions(pattern.values[None]) @ operator[:-1] + operator[-1])[0]
        return lay_out(self.patches.spread @ patch * self.volumes, pattern.total)


def plan_ridge(
    library: Library, names: tuple[str, ...], patches: Patches, volumes: NDArray[np.float64]
) -> Ridge:
    """Fit an operator for each family that the library holds; less than a second each.

    Parameters
    ----------
    library : Library
    names : tuple of str
        Of the families, by the library's numbers.
    patches : Patches
    volumes : (n,) float64, mm3

    Returns
    -------
    Ridge
    """
    operators = {}
    for family in np.unique(library.family[library.family > 0]):
        some = library.of(int(family))
        given = directions(some.values)
        square = (given**2).mean()
        mean, middle = given.mean(axis=0), some.truth.mean(axis=0, dtype=float)
        given = given - mean
        normal = given.T @ given + PENALTY * square * len(given) * np.eye(given.shape[1])
        slope = np.linalg.solve(normal, given.T @ (some.truth - middle))
        operators[names[family]] = np.vstack([slope, middle - mean @ slope])
    return Ridge(operators, patches, volumes)
