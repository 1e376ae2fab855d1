"""One held-out fold: clusters and forest of the training folds, scored on the one the network never saw.

Nothing of the held-out fold enters: neither networks nor clusters nor forests nor any choice.  Recipes
are compared within the training folds, on two of them that their clusters and forest did not see.
PTB-XL's folds have no patient in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.clusters.blocks import EVIDENCE, Activations, read_activations
from imn.clusters.clusters import Clusters, Recipe, entropy, fit_clusters, proportions
from imn.clusters.forest import Forest, fit_forest
from imn.errors import InputError
from imn.labels import SUPERCLASSES

CHOICES = (
    *(Recipe(n, evidence=size) for size in (0.0, 2.0) for n in (16, 32, 64)),
    Recipe(32, "gaussian"),
)
"""What is chosen from."""
N_INNER = 2
"""Training folds on which recipes are compared."""
TRIAL_TREES = 100
SMALLEST = 1e-9
"""Keeps entropies apart from nothing where every assignment is certain."""


@dataclass(frozen=True, eq=False)
class Data:
    """Recordings of PTB-XL with what is known of them.

    Parameters
    ----------
    signal : (r, 12, n) float32, mV
        At 100 Hz above the isoelectric line.
    truth : (r, 5) bool
        Superclasses.
    fold : (r,) int
    patient : (r,) str
    """

    signal: NDArray[np.float32]
    truth: NDArray[np.bool_]
    fold: NDArray[np.int64]
    patient: NDArray[np.str_]

    def __getitem__(self, kept: NDArray[np.bool_] | NDArray[np.integer]) -> "Data":
        """Keep some recordings."""
        return Data(self.signal[kept], self.truth[kept], self.fold[kept], self.patient[kept])


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What was found on one held-out fold, r recordings.

    Parameters
    ----------
    model : str
    fold : int
    recipe : Recipe
        Chosen on the training folds.
    truth : (r, 5) bool
    patient : (r,) str
    network : (r, 5) float64
        The network's probabilities.
    surrogate : (r, 5) float64
        By a forest taught the network's probabilities.
    plain : (r, 5) float64
        The same by clusters of the activations alone, without evidence.
    labelled : (r, 5) float64
        By a forest taught the true labels.
    constant : (5,) float64
        The network's mean probability in training, which knows nothing of a recording.
    entropy : (r,) float64
        Mean over the recording, in standard deviations of the training recordings from their mean.
    """

    model: str
    fold: int
    recipe: Recipe
    truth: NDArray[np.bool_]
    patient: NDArray[np.str_]
    network: NDArray[np.float64]
    surrogate: NDArray[np.float64]
    plain: NDArray[np.float64]
    labelled: NDArray[np.float64]
    constant: NDArray[np.float64]
    entropy: NDArray[np.float64]


def read_data(data_dir: Path | str, folds: Sequence[int]) -> Data:
    """Read folds of PTB-XL."""
    from imn.ptbxl import read_index
    from imn.training import prepare

    entries = read_index(data_dir, folds)
    recordings = prepare(entries)
    return Data(
        np.asarray(recordings.signal),
        np.asarray(recordings.labels)[:, : len(SUPERCLASSES)] > 0,
        np.array([entry.fold for entry in entries]),
        np.array([entry.patient for entry in entries]),
    )


def held_out(path: Path, data: Data) -> HeldOut:
    """Score one model on the fold it never saw.

    Parameters
    ----------
    path : Path
        Weights; the card says which folds they were trained on and which they never saw.
    data : Data
        With at least these folds.

    Returns
    -------
    HeldOut

    Raises
    ------
    InputError
        If the card does not say so, a patient is on both sides, or scikit-learn is missing.
    """
    from imn.storage import load_members

    stored = load_members(path)
    train, test = split(stored.card, data)
    activations = read_activations(stored.members, data[train | test].signal)
    at = train[train | test]
    return score(stored.name, activations[at], activations[~at], data[train], data[test])


def split(card: Any, data: Data) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell the recordings that a model was trained on from those it never saw.

    Parameters
    ----------
    card : mapping
        Of the model.
    data : Data

    Returns
    -------
    train, test : (r,) bool

    Raises
    ------
    InputError
        If the card does not say, a side is empty, or a patient is on both sides.
    """
    try:
        known, unseen = card["data"]["trained_on_folds"], card["data"]["held_out_fold"]
    except (KeyError, TypeError) as error:
        msg = "expected a card that names training folds and held-out fold; train with ecglocus train"
        raise InputError(msg) from error
    train, test = np.isin(data.fold, known), data.fold == unseen
    shared = set(data.patient[train]) & set(data.patient[test])
    if unseen in known or shared or not train.any() or not test.any():
        msg = (
            f"expected fold {unseen} to share no patient with folds {known} and none to be empty, "
            f"got {len(shared)} shared; give PTB-XL's own folds"
        )
        raise InputError(msg)
    return train, test


def score(model: str, known: Activations, unseen: Activations, train: Data, test: Data) -> HeldOut:
    """Choose a recipe, fit clusters and forests on the training folds, and read the held-out one.

    Parameters
    ----------
    model : str
        Name and content hash of the weights.
    known, unseen : Activations
        Of training recordings, and of held-out ones.
    train, test : Data
        Of the same recordings.

    Returns
    -------
    HeldOut
    """
    chosen = choose(known, train.fold)
    clusters, forest, features = stand_in(known, chosen)
    shares = clusters.assign(unseen)
    plain = replace(chosen, evidence=0.0)
    alone, forest_alone, _ = (clusters, forest, features) if plain == chosen else stand_in(known, plain)
    labelled = fit_forest(features, train.truth)
    calm = entropy_of(clusters, known)
    return HeldOut(
        model=model,
        fold=int(test.fold[0]),
        recipe=chosen,
        truth=test.truth,
        patient=test.patient,
        network=unseen.probabilities,
        surrogate=forest.predict(proportions(shares)),
        plain=forest_alone.predict(proportions(alone.assign(unseen))),
        labelled=labelled.predict(proportions(shares)),
        constant=known.probabilities.mean(axis=0),
        entropy=(entropy(shares).mean(axis=1) - calm.mean()) / max(float(calm.std()), SMALLEST),
    )


def entropy_of(clusters: Clusters, activations: Activations) -> NDArray[np.float64]:
    """Mean assignment entropy of recordings.

    Parameters
    ----------
    clusters : Clusters
    activations : Activations

    Returns
    -------
    (r,) float64
        0 to 1.
    """
    return entropy(clusters.assign(activations)).mean(axis=1)


def stand_in(
    activations: Activations, recipe: Recipe, *, model: str = "", trees: int | None = None
) -> tuple[Clusters, Forest, NDArray[np.float64]]:
    """Fit clusters, and a forest that gives the model's probabilities from their proportions.

    Parameters
    ----------
    activations : Activations
    recipe : Recipe
    model : str
        Named in the clusters.
    trees : int, optional
        As in `fit_forest` by default.

    Returns
    -------
    clusters : Clusters
    forest : Forest
    proportions : (r, K) float64
        Of the same recordings.
    """
    clusters = fit_clusters(activations, recipe, model)
    features = proportions(clusters.assign(activations))
    given = {} if trees is None else {"trees": trees}
    return clusters, fit_forest(features, activations.probabilities, **given), features


def choose(
    activations: Activations, fold: NDArray[np.integer], choices: Sequence[Recipe] = CHOICES
) -> Recipe:
    """Choose how to cluster by how well proportions reproduce the model.

    Clusters and forest are fitted without the last `N_INNER` folds given and compared there by the mean
    squared difference of probabilities.  The fewest clusters are taken whose difference from the
    best recipe is within one standard error of that difference.

    Parameters
    ----------
    activations : Activations
        Of training recordings only.
    fold : (r,) int
        Three folds or more.
    choices : sequence of Recipe
        Those with evidence are passed over where the network has none.

    Returns
    -------
    Recipe
    """
    inner = np.isin(fold, np.unique(fold)[-N_INNER:])
    if EVIDENCE not in activations.blocks:
        choices = tuple(dict.fromkeys(replace(recipe, evidence=0.0) for recipe in choices))
    known, unseen = activations[~inner], activations[inner]
    errors = np.array([_errors(known, unseen, recipe) for recipe in choices])
    return choices[fewest([recipe.n_clusters for recipe in choices], errors)]


def fewest(sizes: Sequence[int], errors: NDArray[np.float64]) -> int:
    """Give the row of the fewest clusters within one standard error of the best, (choices, r) errors."""
    more = errors - errors[errors.mean(axis=1).argmin()]
    good = more.mean(axis=1) <= more.std(axis=1) / np.sqrt(errors.shape[1])
    return min(np.flatnonzero(good).tolist(), key=lambda i: (sizes[i], errors[i].mean()))


def _errors(known: Activations, unseen: Activations, recipe: Recipe) -> NDArray[np.float64]:
    clusters, forest, _ = stand_in(known, recipe, trees=TRIAL_TREES)
    given = forest.predict(proportions(clusters.assign(unseen)))
    return ((given - unseen.probabilities) ** 2).mean(axis=1)
