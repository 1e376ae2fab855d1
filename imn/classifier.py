"""Make an untrained network from a recipe: ecglocus or one of its rivals."""

from typing import TYPE_CHECKING

from imn.errors import InputError
from imn.labels import LABELS
from imn.recipe import Recipe

if TYPE_CHECKING:
    from torch import nn


def build(recipe: Recipe) -> "nn.Module":
    """Make a network with fresh weights.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    nn.Module
        From (B, 12, n) float32, mV at 100 Hz above the isoelectric line, to (B, k) logits of
        `imn.labels.LABELS`.

    Raises
    ------
    InputError
        If there is no model of this name.
    """
    if recipe.model == "ecglocus":
        from imn.network import Architecture, Network

        sizes = (
            recipe.widths,
            recipe.kernel,
            recipe.heads,
            recipe.dropout,
            recipe.identified,
            recipe.smoothing_s,
        )
        return Network(Architecture(LABELS, recipe.mixtures, *sizes))
    from imn.rivals import RIVALS

    if recipe.model not in RIVALS:
        msg = f"expected model ecglocus, {', '.join(RIVALS)}, got {recipe.model}; choose one of them"
        raise InputError(msg)
    return RIVALS[recipe.model](len(LABELS))
