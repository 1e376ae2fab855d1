"""One recording as a sequence of clusters, on its own samples."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imn.clusters.blocks import FS, grid_times, read_activations
from imn.clusters.clusters import Clusters, entropy, load_clusters
from imn.conditioning import Resampling
from imn.errors import InputError
from imn.explanation import Explanation

if TYPE_CHECKING:
    from imn.model import Model

SHIPPED = Path(__file__).parent / "shipped.npz"
"""Clusters of the shipped model, fitted on PTB-XL's folds 1 to 8 (CC BY 4.0, Wagner et al. 2020)."""


@dataclass(frozen=True, eq=False)
class ClusterSequence:
    """How much each moment of a recording belongs to each cluster.

    Parameters
    ----------
    shares : (K, n) float64
        On the samples of the recording; each column sums to one.
    """

    shares: NDArray[np.float64]

    @property
    def clusters(self) -> NDArray[np.int64]:
        """Cluster of the largest share at each sample, (n,) int64."""
        return self.shares.argmax(axis=0)

    @property
    def hard(self) -> NDArray[np.float64]:
        """One where a sample is of a cluster, (K, n) float64."""
        return np.eye(len(self.shares))[self.clusters].T

    @property
    def entropy(self) -> NDArray[np.float64]:
        """How undecided the assignment is, (n,) float64 from 0 to 1."""
        return entropy(self.shares.T)


def read_sequence(model: "Model", clusters: Clusters, explanation: Explanation) -> ClusterSequence:
    """Assign every sample of an explained recording to the clusters of the model that explained it.

    Parameters
    ----------
    model : Model
    clusters : Clusters
        Of this model's activations.
    explanation : Explanation
        Of any rate.

    Returns
    -------
    ClusterSequence

    Raises
    ------
    InputError
        If the clusters are another model's.
    """
    if clusters.model != model.name:
        msg = f"expected clusters of {model.name}, got those of {clusters.model}; fit them with this model"
        raise InputError(msg)
    n = explanation.signal.shape[1]
    shown = Resampling.plan(n, explanation.fs, FS).apply(explanation.signal[None])
    shares = clusters.assign(read_activations(model.members, shown))[0].astype(float)
    at, known = np.arange(n) * FS / explanation.fs, grid_times(shown.shape[-1])
    rows = np.stack([np.interp(at, known, row) for row in shares.T])
    return ClusterSequence(rows / rows.sum(axis=0))


@lru_cache(maxsize=1)
def _shipped() -> Clusters | None:
    return load_clusters(SHIPPED) if SHIPPED.is_file() else None


def shipped_clusters(model: "Model") -> Clusters | None:
    """Give the clusters that came with the shipped model.

    Parameters
    ----------
    model : Model

    Returns
    -------
    Clusters or None
        None for any other model.
    """
    found = _shipped()
    return found if found is not None and found.model == model.name else None


def weights_of(sequence: ClusterSequence, explanation: Explanation) -> Mapping[str, NDArray[np.float64]]:
    """Give the part of each logit that lies in the samples of each cluster.

    Parameters
    ----------
    sequence : ClusterSequence
    explanation : Explanation
        Of the same recording.

    Returns
    -------
    mapping of label to (K,) float64, logit
        Sums to logit minus bias.
    """
    hard = sequence.hard
    return {label: hard @ explanation.evidence_for(label).sum(axis=0) for label in explanation.classes}
