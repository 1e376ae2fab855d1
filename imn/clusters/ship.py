"""Fit the clusters that the package ships: ``python -m imn.clusters.ship PTBXL``.

Of the shipped network, on folds 1-8.  They belong to it alone: after training it anew, fit them anew.
"""

import sys
from pathlib import Path

from imn.clusters.blocks import read_activations
from imn.clusters.clusters import Recipe, fit_clusters, save_clusters
from imn.clusters.protocol import read_data
from imn.clusters.sequence import SHIPPED
from imn.model import load_model

RECIPE = Recipe(32, evidence=2.0)
"""Fewer clusters than most folds chose, so that the ribbon can be read."""


def main(data: str, path: Path = SHIPPED) -> None:
    """Read folds 1-8 of PTB-XL with the shipped network, fit, and write the clusters."""
    model = load_model()
    activations = read_activations(model.members, read_data(data, range(1, 9)).signal)
    save_clusters(path, fit_clusters(activations, RECIPE, model.name))


if __name__ == "__main__":
    main(sys.argv[1])
