"""A random forest that reads cluster proportions, and how well it stands in for the model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError

TREES, SEED = 300, 0
SMALLEST_LEAF, TRIED = 2, 1 / 3
"""Recordings in a leaf; share of the clusters tried at each split (Breiman 2001 for regression)."""
DECIDED = 0.5
"""Probability from which a label is given."""


@dataclass(frozen=True, eq=False)
class Forest:
    """A forest from cluster proportions to one value per superclass.

    Parameters
    ----------
    trees : RandomForestRegressor
        Of scikit-learn.
    """

    trees: Any

    def predict(self, proportions: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give the values of recordings.

        Parameters
        ----------
        proportions : (r, K) float
            Share of each recording that belongs to each cluster.

        Returns
        -------
        (r, k) float64
            One for each superclass.
        """
        return np.asarray(self.trees.predict(proportions), dtype=float)


def fit_forest(
    proportions: NDArray[np.floating],
    targets: NDArray[np.floating] | NDArray[np.bool_],
    *,
    trees: int = TREES,
) -> Forest:
    """Fit a forest.

    Parameters
    ----------
    proportions : (r, K) float
    targets : (r, k) float
        The model's probabilities, or 1 where a label is true.
    trees : int

    Returns
    -------
    Forest

    Raises
    ------
    InputError
        If scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import RandomForestRegressor
    except ModuleNotFoundError as error:
        msg = "the forest on clusters needs scikit-learn; install it with: pip install 'ecglocus[clusters]'"
        raise InputError(msg) from error
    forest = RandomForestRegressor(
        trees, min_samples_leaf=SMALLEST_LEAF, max_features=TRIED, random_state=SEED, n_jobs=1
    )
    return Forest(forest.fit(proportions, np.asarray(targets, dtype=float)))


def agreement(given: NDArray[np.floating], model: NDArray[np.floating]) -> NDArray[np.float64]:
    """Share of labels on which two classifiers decide alike, for each recording.

    Parameters
    ----------
    given, model : (r, k) float
        Probabilities.

    Returns
    -------
    (r,) float64
    """
    return ((given >= DECIDED) == (model >= DECIDED)).mean(axis=1)
