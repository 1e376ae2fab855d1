"""Myocardium in files: one compressed ``.npz`` each, plain arrays only."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from cine_mapping.myocardium import Myocardium
from imn.archives import read_archive
from imn.files import replacing

FORMAT = "ecglocus myocardium 1"
_TYPES = {
    "points": np.float32,
    "tetrahedra": np.int32,
    "surface": np.int8,
    "apicobasal": np.float32,
    "rotational": np.float32,
    "transmural": np.float32,
    "ventricle": np.int8,
    "fibres": np.float32,
    "region": np.int8,
}

_SHAPES = {key: "n" for key in _TYPES} | {"points": "n3", "tetrahedra": "t4", "fibres": "n3"}


def load_myocardium(name_or_path: str | Path) -> Myocardium:
    """Read a myocardium.

    Parameters
    ----------
    name_or_path : str or Path
        ``"reference"`` for the one that comes with the package, in the frame
        of the anatomy of the same name, or a file written by `save_myocardium`.

    Returns
    -------
    Myocardium

    Raises
    ------
    InputError
        If there is no such file, or it is not a sound myocardium.
    """
    if str(name_or_path) == "reference":
        with as_file(files("cine_mapping") / "anatomies" / "reference_myocardium.npz") as path:
            return _read(path)
    return _read(Path(name_or_path))


def save_myocardium(myocardium: Myocardium, path: str | Path) -> None:
    """Write a myocardium; `load_myocardium` gives back equal arrays.

    Parameters
    ----------
    myocardium : Myocardium
    path : str or Path
        A NumPy archive, ``.npz``; it appears whole or not at all.
    """
    words = {"format": FORMAT, "name": myocardium.name, "origin": myocardium.origin}
    arrays = {key: np.asarray(getattr(myocardium, key), dtype=kind) for key, kind in _TYPES.items()}
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **{k: np.array(v) for k, v in words.items()}, **arrays)


def _read(path: Path) -> Myocardium:
    arrays = read_archive(
        path,
        "'reference' or a myocardium file",
        advice="check the path, or write it with save_myocardium",
        form=FORMAT,
        shapes={"name": "", "origin": "", **_SHAPES},
    )
    values = {key: arrays[key].astype(kind, copy=False) for key, kind in _TYPES.items()}
    return Myocardium(**values, name=str(arrays["name"]), origin=str(arrays["origin"]))
