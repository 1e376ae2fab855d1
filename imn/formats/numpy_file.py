"""NumPy arrays: .npy with all told, .npz with ``signal``, ``fs``, ``leads`` and ``unit`` in it."""

import math
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from imn.assembly import Channels
from imn.leads import LEADS
from imn.reading import LARGEST_FILE, Told, check_size, read_by_library, refusal

SUFFIXES = (".npy", ".npz")
_LAST_CHARACTER = 0x10FFFF


def recognises(path: Path) -> bool:
    """Tell by its suffix whether a path is a NumPy file."""
    return path.suffix.lower() in SUFFIXES


def read(path: Path, told: Told) -> Channels:
    """Read an array (leads, samples) or (samples, leads); never a pickled one.

    Raises
    ------
    InputError
        If rate, unit or leads are neither in the file nor told, or shapes do not fit.
    """
    check_size(path)
    return read_by_library(path, "an array without pickled objects", lambda: _channels(path, told))


def _channels(path: Path, told: Told) -> Channels:
    held = _held(path)
    fs = held.get("fs", told.fs)
    unit = "adu" if told.digital else held.get("unit", told.unit)
    leads = tuple(str(name) for name in np.atleast_1d(held.get("leads", np.array(told.leads))))
    missing = [n for n, v in (("fs", fs), ("unit", unit), ("leads", leads or None)) if v is None]
    if missing:
        options = " ".join(f"--{name}" for name in missing)
        raise refusal(path, f"expected {', '.join(missing)}, found none in the file", f"tell them: {options}")
    if "leads" in held and told.leads:
        raise refusal(path, "expected no leads to be told, the file names them", "leave them out")
    signal = np.asarray(held["signal"], dtype=float)
    if signal.ndim != 2 or len(leads) not in signal.shape or signal.shape[0] == signal.shape[1]:
        said = f"expected an array of {len(leads)} leads and their samples, got shape {signal.shape}"
        raise refusal(path, said, f"give one row for each lead, such as {', '.join(LEADS[:3])} ...")
    rows = signal if signal.shape[0] == len(leads) else signal.T
    return Channels(leads, [str(unit)] * len(leads), rows, float(fs), path.stem, str(path))


def _held(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            file.seek(0)
            return {"signal": _array(path, file, path.stat().st_size)}
        with zipfile.ZipFile(file) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            names = [name for name in ("signal", "fs", "leads", "unit") if f"{name}.npy" in sizes]
            held = {}
            for name in names:
                with archive.open(f"{name}.npy") as member:
                    held[name] = _array(path, member, sizes[f"{name}.npy"])
    if "signal" not in held:
        raise refusal(path, "expected an array named signal, found none", "name it so")
    return held | {name: held[name].item() for name in ("fs", "unit") if name in held}


def _array(path: Path, file: IO[bytes], size: int) -> NDArray[Any]:
    """Read one array of which no more is held than its file or its member of an archive has bytes.

    NumPy itself makes room for whatever shape the header states before it looks at the data.
    """
    version = np.lib.format.read_magic(file)
    headers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, by_columns, kind = headers[version](file)
    if kind.hasobject:
        raise refusal(path, "expected an array without pickled objects, found some", "save numbers")
    needed = math.prod(shape) * kind.itemsize
    if not 0 <= needed <= min(size, LARGEST_FILE):
        said = f"expected an array of at most {min(size, LARGEST_FILE)} bytes, its header says {needed}"
        raise refusal(path, said, "get an undamaged copy")
    values = np.frombuffer(file.read(needed), kind).reshape(shape, order="F" if by_columns else "C")
    if kind.kind == "U" and values.size and values.ravel().view(np.uint32).max() > _LAST_CHARACTER:
        raise refusal(path, "expected text, found no characters", "get an undamaged copy")
    return values
