"""Myocardium in files: one compressed ``.npz`` each, plain arrays only."""

import zipfile
from dataclasses import fields
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cine_mapping.myocardium import Myocardium
from imn.errors import InputError
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


def load_myocardium(name_or_path: str | Path) -> Myocardium:
    """Read a myocardium.

    Parameters
    ----------
    name_or_path : str or Path
        ``"reference"`` for the one that comes with the package, in the frame
        of the anatomy of the same name, or a file written by `save_myocardium`.

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
    """Write a myocardium; `load_myocardium` gives back equal arrays."""
    words = {"format": FORMAT, "name": myocardium.name, "origin": myocardium.origin}
    arrays = {key: np.asarray(getattr(myocardium, key), dtype=kind) for key, kind in _TYPES.items()}
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **{k: np.array(v) for k, v in words.items()}, **arrays)


def _read(path: Path) -> Myocardium:
    arrays = _arrays(path)
    if str(arrays.get("format")) != FORMAT:
        msg = f"{path}: expected a file of format {FORMAT!r}; write it with save_myocardium"
        raise InputError(msg)
    missing = [field.name for field in fields(Myocardium) if field.name not in arrays]
    if missing:
        msg = f"{path}: the myocardium lacks {', '.join(missing)}; write it again with save_myocardium"
        raise InputError(msg)
    values = {key: arrays[key].astype(kind, copy=False) for key, kind in _TYPES.items()}
    return Myocardium(**values, name=str(arrays["name"]), origin=str(arrays["origin"]))


def _arrays(path: Path) -> dict[str, NDArray]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except FileNotFoundError as error:
        msg = f"{path}: expected 'reference' or a myocardium file, found no such file; check the path"
        raise InputError(msg) from error
    except (OSError, ValueError, EOFError, TypeError, zipfile.BadZipFile) as error:
        msg = f"{path}: expected a file written by save_myocardium, could not read it as one ({error})"
        raise InputError(msg) from error
