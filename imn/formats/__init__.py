"""Files that recordings come in: one module per format, found by being here.

A format is a module of this package with

``SUFFIXES : tuple of str``
    Of its files, in lower case, for the message that lists what can be read.
``recognises(path: Path) -> bool``
    Whether the path names such a recording (by name only; the file may be bad).
``read(path: Path, *, digital: bool) -> Channels``
    Its channels as the file names them, in physical units or, if ``digital``,
    in converter steps (unit "adu"); `InputError` with one sentence otherwise.

Lead names, units and consistency are checked in `imn.assembly`, once for all formats.
"""

import math
import os
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from imn.assembly import Channels, assemble
from imn.errors import InputError
from imn.record import Record


class Format(Protocol):
    """What a module of this package provides."""

    SUFFIXES: tuple[str, ...]

    def recognises(self, path: Path) -> bool:
        """Tell by its name whether a path is such a recording."""
        ...

    def read(self, path: Path, *, digital: bool) -> Channels:
        """Read all channels."""
        ...


def formats() -> tuple[Format, ...]:
    """Import every format of this package, in order of name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(cast(Format, import_module(f"{__name__}.{name}")) for name in names)


def read_record(path: str | os.PathLike[str], *, adu_per_mv: float | None = None) -> Record:
    """Read a 12-lead recording.

    Leads are matched by name whatever their order and case, converted to mV,
    and checked against each other (`imn.assembly.assemble`).

    Parameters
    ----------
    path : str or path
        With or without the format's suffix.
    adu_per_mv : float, optional
        Take converter steps instead of the file's gains, with this many steps
        per mV in every lead.  For files whose gains are known to be wrong:
        LUDB states gains that make every lead 1 mV high, where in truth one
        step is 1 uV (``adu_per_mv=1000``).

    Returns
    -------
    Record

    Raises
    ------
    InputError
        If the file is missing, is no such recording, is damaged or too short,
        or leads are missing, flat or contradict each other.
    """
    path = Path(path)
    if adu_per_mv is not None and not (math.isfinite(adu_per_mv) and adu_per_mv > 0):
        msg = f"adu_per_mv must be a positive number of converter steps per mV, got {adu_per_mv}"
        raise InputError(msg)
    try:
        channels = _read_channels(path, digital=adu_per_mv is not None)
    except OSError as error:
        msg = f"{str(path)[:200]}: expected a file that can be read, got {error.strerror}; check its name"
        raise InputError(msg) from error
    return assemble(channels, adu_per_mv=adu_per_mv)


def _read_channels(path: Path, *, digital: bool) -> Channels:
    known = formats()
    for candidate in known:
        if candidate.recognises(path):
            return candidate.read(path, digital=digital)
    suffixes = ", ".join(suffix for candidate in known for suffix in candidate.SUFFIXES)
    found = "a folder" if path.is_dir() else "another kind of file" if path.exists() else "no such file"
    msg = f"{path}: expected an ECG recording ({suffixes}), found {found}; give the path of one recording"
    raise InputError(msg)
