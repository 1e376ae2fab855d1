"""Evidence on the heart: a vertex x time map in factors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class HeartMap:
    """Evidence for one class on the vertices of a heart over one beat.

    The map is ``basis @ (positive + negative)``.  Columns of the basis are
    not negative and sum to one, so the map holds exactly the evidence it was
    given; evidence for and against the class never cancel.

    Parameters
    ----------
    label : str
    modality : str
    basis : (v, k) float64
    positive : (k, m) float64, logit
        Never below zero.
    negative : (k, m) float64, logit
        Never above zero.
    """

    label: str
    modality: str
    basis: NDArray[np.float64]
    positive: NDArray[np.float64]
    negative: NDArray[np.float64]

    @property
    def values(self) -> NDArray[np.float64]:
        """The whole map, (v, m) float64, logit per vertex and sample."""
        return self.basis @ (self.positive + self.negative)

    @property
    def supporting(self) -> NDArray[np.float64]:
        """Positive evidence of each vertex over the whole beat, (v,) float64, logit."""
        return self.basis @ self.positive.sum(axis=1)

    @property
    def opposing(self) -> NDArray[np.float64]:
        """Negative evidence of each vertex over the whole beat, (v,) float64, logit."""
        return self.basis @ self.negative.sum(axis=1)

    @property
    def total(self) -> float:
        """Sum over the mesh and the beat: logit minus bias."""
        return float(self.supporting.sum() + self.opposing.sum())
