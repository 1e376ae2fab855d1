"""The mean of several maps of the same evidence: cross-modal averaging over methods.

What members agree on stays, what each gets wrong by itself thins out; a member
near chance costs more than it brings, so members are weighted by skill.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.operators.pattern import Operator, Pattern


@dataclass(frozen=True, eq=False)
class Average:
    """Members, each with its weight; a weighted mean of maps that conserve conserves.

    Parameters
    ----------
    members : sequence of Operator
    weights : sequence of float
        Not negative; as they are, relative to their sum.
    """

    members: Sequence[Operator]
    weights: Sequence[float]

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Give the mean map, (n,) float64."""
        maps = np.stack([member.apply(pattern) for member in self.members])
        shares = np.asarray(self.weights, dtype=float)
        return (shares / shares.sum()) @ maps
