"""NumPy arrays: .npy with all told, .npz with ``signal``, ``fs``, ``leads`` and ``unit`` in it."""

from pathlib import Path
from typing import Any

import numpy as np

from imn.archives import read_array, unpack
from imn.assembly import Channels
from imn.leads import LEADS
from imn.reading import LARGEST_FILE, Told, check_size, read_by_library, refusal

SUFFIXES = (".npy", ".npz")


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
    return read_by_library(path, "an array of numbers", lambda: _channels(path, told))


def _channels(path: Path, told: Told) -> Channels:
    held = _held(path)
    fs = held.get("fs", told.fs)
    unit = "adu" if told.digital else held.get("unit", told.unit)
    leads = tuple(str(name) for name in np.atleast_1d(held.get("leads", np.array(told.leads))))
    missing = [n for n, v in (("fs", fs), ("unit", unit), ("leads", leads or None)) if v is None]
    if missing:
        said = f"expected {', '.join(missing)}, found none in the file"
        raise refusal(path, said, f"tell {'them' if missing[1:] else 'it'}: --{' --'.join(missing)}")
    if "leads" in held and told.leads:
        raise refusal(path, "expected the leads that the file names, was told some", "leave them out")
    signal = np.asarray(held["signal"], dtype=float)
    if signal.ndim != 2 or len(leads) not in signal.shape or signal.shape[0] == signal.shape[1]:
        said = f"expected an array of {len(leads)} leads and their samples, got shape {signal.shape}"
        raise refusal(path, said, f"give one row for each lead, such as {', '.join(LEADS[:3])} ...")
    rows = signal if signal.shape[0] == len(leads) else signal.T
    return Channels(leads, [str(unit)] * len(leads), rows, float(fs), path.stem, str(path))


def _held(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                file.seek(0)
                return {"signal": read_array(file, path.stat().st_size)}
            held = unpack(file, among=("signal", "fs", "leads", "unit").__contains__, largest=LARGEST_FILE)
    except ValueError as error:
        raise refusal(
            path, f"expected an array of numbers, found {error}", "save it by NumPy anew"
        ) from error
    if "signal" not in held:
        raise refusal(path, "expected an array named signal, found none", "name the one with the leads so")
    return held | {name: held[name].item() for name in ("fs", "unit") if name in held}
