"""Held-out folds on disk, so that an interrupted benchmark goes on where it was."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from imn.clusters.clusters import Recipe
from imn.clusters.protocol import CHOICES, Data, HeldOut, held_out
from imn.files import replacing

FORMAT = "ecglocus-held-out-clusters-1"


def kept(folder: Path, path: Path, data: Callable[[], Data]) -> HeldOut:
    """Score one model on the fold it never saw, or read what was found before.

    Parameters
    ----------
    folder : Path
        Holds one archive per model, by the hash of its weights.
    path : Path
        Weights.
    data : callable
        Gives the recordings; not called where the fold is there.
    """
    from imn.storage import load_members

    file = folder / f"{load_members(path).name}.npz"
    found = _read(file) if file.is_file() else None
    if found is None:
        found = held_out(path, data())
        _write(file, found)
    return found


def _written_by() -> str:
    return json.dumps([FORMAT, [asdict(recipe) for recipe in CHOICES]])


def _write(file: Path, held: HeldOut) -> None:
    arrays = {field.name: getattr(held, field.name) for field in fields(held) if field.name != "recipe"}
    recipe = json.dumps(asdict(held.recipe))
    with replacing(file) as draft:
        np.savez_compressed(draft, written_by=_written_by(), recipe=recipe, **arrays)


def _read(file: Path) -> HeldOut | None:
    """Read an archive; None if it was written with other choices."""
    with np.load(file, allow_pickle=False) as held:
        if str(held["written_by"]) != _written_by():
            return None
        given = {field.name: held[field.name] for field in fields(HeldOut) if field.name != "recipe"}
        recipe = Recipe(**json.loads(str(held["recipe"])))
    given |= {"model": str(given["model"]), "fold": int(given["fold"])}
    return HeldOut(recipe=recipe, **given)
