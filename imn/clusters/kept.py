"""Held-out folds on disk, so that an interrupted benchmark goes on where it was."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from imn.archives import read_archive
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

    Returns
    -------
    HeldOut

    Raises
    ------
    InputError
        As `held_out`, or if an archive is damaged.
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
    held = read_archive(file, "a held-out fold", advice="remove the file, it is scored anew")
    if str(held.pop("written_by")) != _written_by():
        return None
    recipe = Recipe(**json.loads(str(held.pop("recipe"))))
    return HeldOut(recipe=recipe, model=str(held.pop("model")), fold=int(held.pop("fold")), **held)
