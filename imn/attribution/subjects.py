"""Who is compared: ecglocus and its rivals, each trained twice from other seeds by one protocol."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from imn.ensemble import Ensemble
from imn.recipe import recipe_for
from imn.storage import load_members
from imn.training import TrainingConfig, finished, train

POST_HOC = ("saliency", "integrated_gradients", "gradient_shap", "guided_gradcam", "occlusion")
SHUFFLED = "ecglocus-shuffled"


@dataclass(frozen=True)
class Subject:
    """One classifier and how it can be explained.

    Parameters
    ----------
    name : str
    model : str
        Of its recipe.
    members : int
        Networks whose mean it is.
    methods : tuple of str
        Of `imn.attribution.methods.METHODS`.
    """

    name: str
    model: str
    members: int
    methods: tuple[str, ...]


SUBJECTS = (
    Subject(
        "ecglocus", "ecglocus", 5, ("own", "saliency", "integrated_gradients", "gradient_shap", "occlusion")
    ),
    Subject("ecglocus, one network", "ecglocus", 1, ("own", *POST_HOC)),
    Subject("paper", "paper", 1, ("own", *POST_HOC)),
    Subject("xresnet1d101", "xresnet1d101", 1, POST_HOC),
    Subject("s4", "s4", 1, POST_HOC),
    Subject("cnn", "cnn", 1, POST_HOC),
)
"""Guided Grad-CAM is defined for one network with one last layer, not for a mean of five."""

RIVALS = tuple(subject for subject in SUBJECTS if subject.model != "ecglocus")


def configs(data: Path, models: Path) -> Iterator[TrainingConfig]:
    """Give every training run that the comparison needs.

    Parameters
    ----------
    data : Path
        Root folder of PTB-XL.
    models : Path
        Gets one run folder per run.

    Yields
    ------
    TrainingConfig
    """
    sizes = {subject.model: subject.members for subject in reversed(SUBJECTS) if subject.members > 1}
    for model in dict.fromkeys(subject.model for subject in SUBJECTS):
        count = sizes.get(model, 1)
        for side, first in (("a", 0), ("b", count)):
            seeds, out = tuple(range(first, first + count)), models / f"{model}-{side}"
            yield TrainingConfig(data, out, name=model, seeds=seeds, recipe=recipe_for(model))
    for name, changes in VARIANTS.items():
        out, recipe = models / name, replace(recipe_for("ecglocus"), **changes)
        yield TrainingConfig(data, out, name="ecglocus", seeds=(0, 1, 2), recipe=recipe)
    shuffled = TrainingConfig(data, models / SHUFFLED, name="ecglocus", seeds=(0,))
    yield replace(shuffled, recipe=recipe_for("ecglocus"), shuffled=True)


VARIANTS: Mapping[str, Mapping[str, object]] = {
    "ecglocus-free-leads": {"identified": False},
    "ecglocus-one-label": {"mixtures": ()},
    "ecglocus-superclasses-only": {"mixtures": (), "finding_share": 0.0},
}
"""What the remedies of evidence on the wrong leads are measured against: ecglocus without
one remedy, or without two; three members."""


def train_all(data: Path, models: Path) -> None:
    """Train what is missing; a run cut before its end continues.

    Parameters
    ----------
    data : Path
        Root folder of PTB-XL.
    models : Path
    """
    for config in configs(data, models):
        if not finished(config.out / f"{config.name}.safetensors"):
            train(config)


def weights_path(subject: Subject, models: Path, side: str) -> Path:
    """Name the weights of a subject.

    Parameters
    ----------
    subject : Subject
    models : Path
        As `train_all` leaves it.
    side : "a" or "b"
        Which of the two trainings.

    Returns
    -------
    Path
    """
    return models / f"{subject.model}-{side}" / f"{subject.model}.safetensors"


def load(subject: Subject, models: Path, side: str) -> nn.Module:
    """Read a subject as one classifier.

    Parameters
    ----------
    subject : Subject
    models : Path
        As `train_all` leaves it.
    side : "a" or "b"
        Which seeds.

    Returns
    -------
    nn.Module, in evaluation mode

    Raises
    ------
    InputError
        If the weights are missing or damaged.
    """
    members = load_members(weights_path(subject, models, side)).members
    return members[0] if subject.members == 1 else Ensemble(members[: subject.members]).eval()
