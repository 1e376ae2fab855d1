"""How a network is built and fitted: every number that was chosen.

Mixtures, their share and the rotation were chosen on folds 2, 4, 6 and 8 of PTB-XL, each
held out in turn, by macro AUROC and by `imn.evaluation.lead_figures`; attention, what W is
found from, the fidelity and the smoothing on folds 2 and 6, also by how alike two seeds'
evidence is.
Fold 9 chose nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imn.errors import InputError

MIXTURES = (
    ("MI", ("AMI", "IMI", "LMI")),
    ("CD", ("LAFB", "IRBBB", "1AVB", "IVCD", "CRBBB", "CLBBB")),
)
"""Superclasses whose kinds lie in different places, and the labels that read them."""


@dataclass(frozen=True)
class Recipe:
    """Numbers that decide what network comes out, given recordings and a seed.

    Parameters
    ----------
    model : str
        ``ecglocus``, or the name of a rival (`imn.rivals.RIVALS`).
    mixtures : tuple of (str, tuple of str)
        See `imn.network.Architecture`; ecglocus only, as are the next six.
    widths : (int, int, int)
        Channels at 50, 25 and 12.5 Hz.
    kernel : int
        Odd, samples at each of these rates.
    heads : int
        Of the attention over the recording.
    dropout : float
    identified : bool
    smoothing_s : float
    epochs : int
    patience : int
        Epochs without a better validation AUROC before fitting ends.
    batch : int
    rate : float
        Highest learning rate.
    decay : float
        Decoupled weight decay.
    n_crop : int
        Samples at 100 Hz seen at once while fitting.
    rotation_deg : float
        See `imn.augmentation.vary`.
    finding_share : float
        Weight of the findings' cross-entropy beside the superclasses'.
    fidelity : float
        Weight of the local-fidelity term; self-explaining networks only.
    """

    model: str = "ecglocus"
    mixtures: tuple[tuple[str, tuple[str, ...]], ...] = MIXTURES
    widths: tuple[int, int, int] = (32, 48, 64)
    kernel: int = 5
    heads: int = 4
    dropout: float = 0.2
    identified: bool = True
    smoothing_s: float = 0.02
    epochs: int = 12
    patience: int = 6
    batch: int = 32
    rate: float = 3e-3
    decay: float = 0.05
    n_crop: int = 500
    rotation_deg: float = 8.0
    finding_share: float = 1.7
    fidelity: float = 1.0


OWN_NEEDS: Mapping[str, Mapping[str, Any]] = {
    "ecglocus": {},
    "paper": {"rate": 2e-3, "n_crop": 1000, "epochs": 16, "fidelity": 0.0},
    "xresnet1d101": {"n_crop": 1000, "epochs": 20, "fidelity": 0.0},
    "s4": {"epochs": 20, "fidelity": 0.0},
    "cnn": {"n_crop": 1000, "epochs": 20, "fidelity": 0.0},
}
"""Learning rate, crop and epochs where a network needs its own.

The paper's sum over samples is not scaled by length, so it must see whole
recordings; rivals are given more epochs than ours, since they go on rising.
"""


def recipe_for(model: str) -> Recipe:
    """Give the recipe of a model.

    Data, folds, labels, loss, variation of the recordings, optimiser, schedule
    and choice of epoch are the same for all; see `OWN_NEEDS` for the rest.

    Parameters
    ----------
    model : str
        ``ecglocus`` or a rival.

    Returns
    -------
    Recipe

    Raises
    ------
    InputError
        If there is no such model.
    """
    if model not in OWN_NEEDS:
        msg = f"expected model {', '.join(OWN_NEEDS)}, got {model}; choose one of them"
        raise InputError(msg)
    return Recipe(model=model, **OWN_NEEDS[model])
