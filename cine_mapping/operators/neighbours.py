"""The regions of those simulated beats whose patterns look most alike.

A dictionary of signatures, weighted by how well each one's direction fits: the
mean of the true regions under weights ``exp((cosine - best cosine) / width)``.
Nadaraya (1964) and Watson (1964) regression on the sphere of directions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.operators.layout import lay_out
from cine_mapping.operators.library import Library, directions, require_family
from cine_mapping.operators.patches import Patches
from cine_mapping.operators.pattern import Pattern

WIDTH = 0.03


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Signatures and regions by family.

    Parameters
    ----------
    signatures : dict of str to (s, 8 b) float64
        Unit vectors.
    regions : dict of str to (s, p) float32
    patches : Patches
    volumes : (n,) float64, mm3
    """

    signatures: dict[str, NDArray[np.float64]]
    regions: dict[str, NDArray[np.float32]]
    patches: Patches
    volumes: NDArray[np.float64]

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Lay a pattern's total out by the mean region of its neighbours.

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
        require_family(pattern.family, self.signatures)
        cosine = self.signatures[pattern.family] @ directions(pattern.values[None])[0]
        weight = np.exp((cosine - cosine.max()) / WIDTH)
        patch = weight @ self.regions[pattern.family] / weight.sum()
        return lay_out(self.patches.spread @ patch * self.volumes, pattern.total)


def plan_neighbours(
    library: Library, names: tuple[str, ...], patches: Patches, volumes: NDArray[np.float64]
) -> Neighbours:
    """Sort a library by family.

    Parameters
    ----------
    library : Library
    names : tuple of str
        Of the families, by the library's numbers.
    patches : Patches
    volumes : (n,) float64, mm3

    Returns
    -------
    Neighbours
    """
    parts = {
        names[family]: library.of(int(family)) for family in np.unique(library.family[library.family > 0])
    }
    return Neighbours(
        {name: directions(part.values) for name, part in parts.items()},
        {name: part.truth for name, part in parts.items()},
        patches,
        volumes,
    )
