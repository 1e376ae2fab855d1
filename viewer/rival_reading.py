"""The model's rival on one recording: its evidence through the same beat, heart and averaging."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cine_mapping.heart_map import HeartMap

if TYPE_CHECKING:
    from cine_mapping.anatomy import Anatomy
    from cine_mapping.myocardium import Myocardium
    from imn.model import Model
    from imn.rivals.reading import Rival
    from viewer.analysis import Analysis

NONE, GRADIENTS, SHIPPED = "", "gradients", "shipped"
"""Choices beside weights files: no rival, the network itself by integrated gradients, the shipped network."""
RIVAL, LESS = "rival", "less_rival"
"""Maps of a view: the rival's, and the model's less the rival's."""


@dataclass(frozen=True, eq=False)
class RivalReading:
    """What a rival says of one label in one recording.

    Parameters
    ----------
    name : str
        As a view names it (`short_name`).
    title : str
        Which network, and how it was asked.
    logit, bias : float
        Bias is what the rival says beside its evidence.
    conserved : bool
        Whether evidence and bias sum to the logit.
    heart : HeartMap
        Its evidence, averaged over the modalities as the model's is.
    """

    name: str
    title: str
    logit: float
    bias: float
    conserved: bool
    heart: HeartMap

    def plain(self, drawn: HeartMap) -> dict[str, Any]:
        """Give its words for the browser.

        Parameters
        ----------
        drawn : HeartMap
            The model's average.

        Returns
        -------
        dict
            ``name``, ``title``, ``logit``, ``bias``, ``conserved`` and, under ``sizes``, what
            `size_of` says of the model's and the rival's map.
        """
        facts = ("name", "title", "logit", "bias", "conserved")
        sizes = {"model": size_of(drawn), "rival": size_of(self.heart)}
        return {name: getattr(self, name) for name in facts} | {"sizes": sizes}


def size_of(held: HeartMap) -> float:
    """Sum evidence for and against over heart and beat, each counted as positive.

    Maps of networks that are sure to different degrees are compared as parts of this.

    Parameters
    ----------
    held : HeartMap

    Returns
    -------
    float, logit
        1 for a map without evidence.
    """
    return held.amount or 1.0


def read_rival(
    analysis: "Analysis", anatomy: "Anatomy", rival: "Rival", *, name: str, wall: "Myocardium | None" = None
) -> RivalReading:
    """Ask a rival about the recording and label of an analysis.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
        That it was projected on.
    rival : Rival
    name : str
    wall : Myocardium, optional
        As in `plan_modalities`.

    Returns
    -------
    RivalReading

    Raises
    ------
    InputError
        If the rival has no such label, or cannot read such a recording.
    """
    from cine_mapping.modalities import TAUGHT, average, plan_modalities
    from imn.rivals.reading import conserves

    said = rival.explain(analysis.record, analysis.target)
    plan = plan_modalities(anatomy, analysis.beat, wall=wall)
    heart = average(plan.apply(said, analysis.target, statements=TAUGHT in analysis.maps))
    numbers = (float(said.logits[0]), float(said.bias[0]), conserves(said))
    return RivalReading(name, rival.title, *numbers, heart)


def choices(models: tuple[str, ...], model: str) -> list[str]:
    """List what a network can be compared with.

    Parameters
    ----------
    models : tuple of str
        Weights that are offered beside the shipped ones.
    model : str
        The network that is shown; empty for the shipped one.

    Returns
    -------
    list of str
        `NONE` first.
    """
    shipped = [SHIPPED] if model else []
    return [NONE, GRADIENTS, *shipped, *(path for path in models if path != model)]


def short_name(choice: str) -> str:
    """Name a choice without its path, as views are shared."""
    return choice if choice in (NONE, GRADIENTS, SHIPPED) else Path(choice).stem


def words_of(choice: str) -> str:
    """Say what a choice is."""
    words = {NONE: "no rival", GRADIENTS: "itself, by integrated gradients", SHIPPED: "the shipped network"}
    return words.get(choice, short_name(choice))


def chosen(choice: str, model: "Model") -> "Rival":
    """Make the rival that was chosen.

    Parameters
    ----------
    choice : str
        Of `choices`.
    model : Model
        The network that is shown.

    Returns
    -------
    Rival

    Raises
    ------
    InputError
        If the weights cannot be read.
    """
    from imn.rivals.reading import by_gradients

    if choice == GRADIENTS:
        return by_gradients(model.name, model.classes, model.members)
    return _loaded(choice)


@lru_cache(maxsize=2)
def _loaded(choice: str) -> "Rival":
    from imn.model import SHIPPED as WEIGHTS
    from imn.rivals.reading import load_rival

    return load_rival(WEIGHTS if choice == SHIPPED else choice)


def share_factors(analysis: "Analysis") -> tuple[float, float]:
    """Give the factors that bring the model's and the rival's map to one size.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    model, rival : float, percent per logit
        1 where there is no rival.
    """
    if analysis.rival is None:
        return 1.0, 1.0
    sizes = np.array([size_of(analysis.average), size_of(analysis.rival.heart)])
    model, rival = (100.0 / sizes).tolist()
    return model, rival
