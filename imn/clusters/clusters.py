"""Clusters of a network's activations: every moment of a recording belongs to each of them by some share.

Boubekki et al., arXiv 2509.15198 (2025): activations of the last three blocks are clustered, a
recording becomes a sequence of clusters, and the entropy of the assignment is an uncertainty for
every moment.

Deviations
----------
The paper gives neither algorithm, number of clusters, scaling nor temperature.  Here each channel is
standardised and each block weighs as much as another whatever its width; principal components come
before mini-batch k-means (Sculley, WWW 2010) or a mixture of Gaussians with diagonal covariance.  A
share of k-means falls off as exp(-d^2 / T), where T is the median squared distance within clusters.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from imn.archives import read_archive
from imn.clusters.blocks import EVIDENCE, Activations
from imn.errors import InputError
from imn.files import replacing

BATCH = 64
SMALLEST_SD = 1e-6
DIMENSIONS = 64
N_BLOCKS = 3
FORMAT = "ecglocus-clusters-1"


@dataclass(frozen=True)
class Recipe:
    """How clusters are found.

    Parameters
    ----------
    n_clusters : int
    kind : "kmeans" or "gaussian"
    evidence : float
        Size of a mesomorphic network's evidence beside that of each block, which is one; 0 leaves it out.
    moments : int
        Drawn from each recording to fit on.
    seed : int
    """

    n_clusters: int = 16
    kind: Literal["kmeans", "gaussian"] = "kmeans"
    evidence: float = 2.0
    moments: int = 24
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of one model's activations; made by `fit_clusters`.

    The share of cluster k in activations a is proportional to
    ``exp(offset[k] - sum(precision[k] * (z - centres[k])**2) / 2)``, with
    ``z = (a - mean) @ axes``.

    Parameters
    ----------
    model : str
        Name and content hash of the weights whose activations these are.
    widths : tuple of int
        Channels of each block.
    mean : (c,) float32
    axes : (c, d) float32
    centres, precision : (K, d) float32
    offset : (K,) float32
    """

    model: str
    widths: tuple[int, ...]
    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    centres: NDArray[np.float32]
    precision: NDArray[np.float32]
    offset: NDArray[np.float32]

    def __len__(self) -> int:
        """Give K."""
        return len(self.centres)

    def assign(self, activations: Activations) -> NDArray[np.float32]:
        """Give the share of each cluster at each moment.

        Parameters
        ----------
        activations : Activations

        Returns
        -------
        (r, s, K) float32
            Not negative; sums to one over the clusters.

        Raises
        ------
        InputError
            If the activations are another model's.
        """
        if activations.widths != self.widths:
            msg = (
                f"expected activations of {self.widths} channels, got {activations.widths}; use {self.model}"
            )
            raise InputError(msg)
        parts = range(0, len(activations), BATCH)
        return np.concatenate([self._shares(activations[slice(i, i + BATCH)].on_grid()) for i in parts])

    def permuted(self, order: Sequence[int] | NDArray[np.integer]) -> "Clusters":
        """Give the same clusters by other numbers: the new cluster i is the old ``order[i]``."""
        at = np.asarray(order)
        parts = (self.centres[at], self.precision[at], self.offset[at])
        return Clusters(self.model, self.widths, self.mean, self.axes, *parts)

    def _shares(self, activations: NDArray[np.float32]) -> NDArray[np.float32]:
        z = (activations - self.mean) @ self.axes
        weighted = self.precision * self.centres
        constant = self.offset - 0.5 * (weighted * self.centres).sum(1)
        score = z @ weighted.T - 0.5 * (z * z) @ self.precision.T + constant
        score = np.exp(score - score.max(axis=-1, keepdims=True))
        return score / score.sum(axis=-1, keepdims=True)


def entropy(shares: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give how undecided the assignment is at each moment.

    Parameters
    ----------
    shares : (..., K) float

    Returns
    -------
    (...) float64
        0 where a moment is all of one cluster, 1 where it is of all alike.
    """
    p = np.asarray(shares, dtype=float)
    logs = np.log(p, out=np.zeros_like(p), where=p > 0)
    return np.clip(-(p * logs).sum(axis=-1) / np.log(max(p.shape[-1], 2)), 0.0, 1.0)


def proportions(shares: NDArray[np.floating], *, hard: bool = False) -> NDArray[np.float64]:
    """Give how much of each recording each cluster has.

    Parameters
    ----------
    shares : (r, s, K) float
    hard : bool
        Count moments by their largest share.

    Returns
    -------
    (r, K) float64
        Sums to one.
    """
    if hard:
        shares = np.eye(shares.shape[-1])[shares.argmax(axis=-1)]
    return shares.mean(axis=1, dtype=float)


def fit_clusters(activations: Activations, recipe: Recipe, model: str) -> Clusters:
    """Find clusters in moments drawn evenly from recordings.

    Parameters
    ----------
    activations : Activations
        Of the recordings to learn from, and of no other.
    recipe : Recipe
    model : str
        Whose activations they are.

    Returns
    -------
    Clusters

    Raises
    ------
    InputError
        If there are fewer moments than clusters.
    """
    drawn = draw(activations, recipe)
    if len(drawn) < recipe.n_clusters:
        msg = f"expected {recipe.n_clusters} moments or more, got {len(drawn)}; give more recordings"
        raise InputError(msg)
    mean, axes = _principal(drawn, _sizes(activations, recipe))
    fit = {"kmeans": _kmeans, "gaussian": _gaussian}[recipe.kind]
    parts = fit(((drawn - mean) @ axes).astype(np.float32), recipe)
    return Clusters(model, activations.widths, mean, axes, *(np.asarray(p, np.float32) for p in parts))


def draw(activations: Activations, recipe: Recipe) -> NDArray[np.float32]:
    """Draw the same number of moments from each recording.

    Parameters
    ----------
    activations : Activations
    recipe : Recipe

    Returns
    -------
    (r * moments, c) float32
    """
    rng = np.random.default_rng(recipe.seed)
    at = rng.integers(0, activations.steps, (len(activations), min(recipe.moments, activations.steps)))
    return activations.on_grid(at).reshape(-1, sum(activations.widths))


def _sizes(activations: Activations, recipe: Recipe) -> NDArray[np.float64]:
    """Give the standard deviation that each channel shall have, (c,): blocks weigh alike, members share."""
    members = sum(block != EVIDENCE for block in activations.blocks) / N_BLOCKS
    sizes = [recipe.evidence if block == EVIDENCE else 1 / np.sqrt(members) for block in activations.blocks]
    widths = activations.widths
    return np.repeat(np.array(sizes) / np.sqrt(widths), widths)


def _principal(
    drawn: NDArray[np.float32], sizes: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean (c,) and axes (c, d) that bring channels to their sizes and keep what then varies most."""
    mean, sd = drawn.mean(axis=0, dtype=float), drawn.std(axis=0, dtype=float)
    scale = np.where(sd > SMALLEST_SD, sizes / np.maximum(sd, SMALLEST_SD), 0.0)
    z = (drawn - mean) * scale
    values, vectors = np.linalg.eigh(z.T @ z / len(z))
    kept = np.argsort(-values)[:DIMENSIONS]
    axes = scale[:, None] * vectors[:, kept]
    return mean.astype(np.float32), axes.astype(np.float32)


def _kmeans(z: NDArray[np.float32], recipe: Recipe) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    from sklearn.cluster import MiniBatchKMeans

    given: dict[str, Any] = {"random_state": recipe.seed, "n_init": 3, "batch_size": 4096}
    found: Any = MiniBatchKMeans(recipe.n_clusters, **given).fit(z)
    centres = found.cluster_centers_
    squared = ((z - centres[found.labels_]) ** 2).sum(axis=1)
    temperature = max(float(np.median(squared)), SMALLEST_SD)
    return centres, np.full_like(centres, 2 / temperature), np.zeros(len(centres))


def _gaussian(z: NDArray[np.float32], recipe: Recipe) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    from sklearn.mixture import GaussianMixture

    start = _kmeans(z, recipe)[0]
    mixture: Any = GaussianMixture(
        recipe.n_clusters,
        covariance_type="diag",
        means_init=start,
        random_state=recipe.seed,
        max_iter=30,
        tol=1e-2,
        reg_covar=1e-4,
    )
    from sklearn.exceptions import ConvergenceWarning

    # A few steps from k-means are enough; the likelihood creeps on for hundreds.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(z)
    precision = 1 / mixture.covariances_
    return mixture.means_, precision, np.log(mixture.weights_) + 0.5 * np.log(precision).sum(axis=1)


def save_clusters(path: Path | str, clusters: Clusters) -> Path:
    """Write clusters as one NumPy archive without pickle, whole or not at all."""
    with replacing(path) as draft:
        np.savez_compressed(
            draft,
            format=FORMAT,
            model=clusters.model,
            widths=np.array(clusters.widths),
            mean=clusters.mean,
            axes=clusters.axes,
            centres=clusters.centres,
            precision=clusters.precision,
            offset=clusters.offset,
        )
    return Path(path)


def load_clusters(path: Path | str) -> Clusters:
    """Read clusters back.

    Raises
    ------
    InputError
        If the file is missing or of another kind.
    """
    advice = "make them with ecglocus bench clusters"
    arrays = {"mean": "c", "axes": "cd", "centres": "kd", "precision": "kd", "offset": "k"}
    shapes = {"model": "", "widths": "b", **arrays}
    held = read_archive(Path(path), "a file of clusters", advice=advice, form=FORMAT, shapes=shapes)
    return Clusters(str(held["model"]), tuple(held["widths"].tolist()), *(held[name] for name in arrays))
