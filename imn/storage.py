"""A model on disk: weights as safetensors, and a card in JSON beside them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from imn.classifier import build
from imn.errors import InputError
from imn.json_files import read_object
from imn.labels import LABELS
from imn.leads import LEADS
from imn.network import FS
from imn.recipe import Recipe
from imn.results import write_bytes, write_text

FORMAT = "ecglocus-imn-2"


@dataclass(frozen=True, eq=False)
class Stored:
    """What a weights file and its card hold.

    Parameters
    ----------
    name : str
        Of the file, and the first 12 digits of its SHA-256.
    classes : tuple of str
    members : tuple of nn.Module
        In evaluation mode.
    card : mapping
    """

    name: str
    classes: tuple[str, ...]
    members: tuple[nn.Module, ...]
    card: Mapping[str, Any]


def save_members(
    path: Path | str, members: Sequence[nn.Module], recipe: Recipe, facts: Mapping[str, Any]
) -> Path:
    """Write networks of one recipe as one model, with its card.

    Parameters
    ----------
    path : path
        Ends in ``.safetensors``; the card gets the same name in ``.json``.
    members : sequence of nn.Module
    recipe : Recipe
        That each was made by.
    facts : mapping
        Whatever else the card should say: data, licence, metrics, seeds.
        What follows from the networks themselves is set here.

    Returns
    -------
    path of the weights
    """
    path = Path(path)
    tensors = {
        f"{i}/{name}": value.contiguous()
        for i, member in enumerate(members)
        for name, value in member.state_dict().items()
    }
    content = save(tensors, {"format": FORMAT})
    card = dict(facts) | {
        "format": FORMAT,
        "sha256": sha256(content).hexdigest(),
        "classes": list(LABELS),
        "leads": list(LEADS),
        "fs": FS,
        "members": len(members),
        "normalisation": "mV minus the isoelectric line (imn.conditioning.baseline); no scaling per record",
        "recipe": asdict(recipe),
    }
    write_bytes(path, content)
    write_text(path.with_suffix(".json"), json.dumps(card, indent=2, allow_nan=False) + "\n")
    return path


def load_members(path: Path | str) -> Stored:
    """Read a model back.

    Parameters
    ----------
    path : path
        Ends in ``.safetensors``; its card lies beside it in ``.json``.

    Returns
    -------
    Stored

    Raises
    ------
    InputError
        If the file or its card is missing, damaged, or of another kind.
    """
    path = Path(path)
    card_path = path.with_suffix(".json")
    for file in (path, card_path):
        if not file.is_file():
            msg = f"expected model weights {path} with their card {card_path.name}, found no {file.name}"
            raise InputError(msg)
    content = path.read_bytes()
    digest = sha256(content).hexdigest()
    try:
        card = read_object(card_path, "the card of a model", advice="give one trained with ecglocus")
        if card["format"] != FORMAT or card["leads"] != list(LEADS) or card["fs"] != FS:
            msg = f"{card_path}: expected a card of format {FORMAT}; give a model trained with ecglocus"
            raise InputError(msg)
        if card["sha256"] != digest:
            msg = f"{path}: content does not match its card (SHA-256 differs); fetch both files again"
            raise InputError(msg)
        members = _members(load(content), card)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        msg = f"{path}: not a model that this version can read ({error}); give a model trained with ecglocus"
        raise InputError(msg) from error
    return Stored(f"{path.stem}-{digest[:12]}", tuple(card["classes"]), members, card)


def _members(tensors: Mapping[str, Any], card: Mapping[str, Any]) -> tuple[nn.Module, ...]:
    if card["classes"] != list(LABELS) or card["members"] < 1:
        msg = "card and weights disagree"
        raise ValueError(msg)
    recipe = dict(card["recipe"])
    if recipe.keys() != {field.name for field in fields(Recipe)}:
        # A default in place of what is missing would be another network, silently.
        msg = "its recipe has other fields"
        raise ValueError(msg)
    recipe["mixtures"] = tuple((name, tuple(readers)) for name, readers in recipe["mixtures"])
    recipe["widths"] = tuple(recipe["widths"])
    members = []
    for i in range(card["members"]):
        prefix = f"{i}/"
        network = build(Recipe(**recipe))
        network.load_state_dict(
            {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
        )
        members.append(network.eval().requires_grad_(False))
    return tuple(members)
