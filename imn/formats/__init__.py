"""Files that recordings come in: one module per format, found by being here.

A format is a module of this package with

``SUFFIXES : tuple of str``
    Of its files, in lower case, for the message that lists what can be read.
``recognises(path: Path) -> bool``
    Whether the path names such a recording (by name only; the file may be bad).
``read(path: Path, told: Told) -> Channels``
    Its channels as the file names them, in physical units or, if ``told.digital``,
    in converter steps (unit "adu"); `InputError` with one sentence otherwise.

What a file says is never overruled by what is told: it may only fill in what the file leaves out.

Lead names, units and consistency are checked in `imn.assembly`, once for all formats.
"""

import math
import os
import pkgutil
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import numpy as np

from imn.assembly import Channels, assemble
from imn.errors import InputError
from imn.reading import Told
from imn.record import Record


class Format(Protocol):
    """What a module of this package provides."""

    SUFFIXES: tuple[str, ...]

    def recognises(self, path: Path) -> bool:
        """Tell by its name whether a path is such a recording.

        Parameters
        ----------
        path : Path
            It need not be there.

        Returns
        -------
        bool
        """
        ...

    def read(self, path: Path, told: Told) -> Channels:
        """Read all channels.

        Parameters
        ----------
        path : Path
        told : Told
            What the user says of the file.

        Returns
        -------
        Channels

        Raises
        ------
        InputError
            If the file is damaged, is none of these, or does not say something that was not told either.
        """
        ...


def formats() -> tuple[Format, ...]:
    """Import every format of this package.

    Returns
    -------
    tuple of Format
        In order of name.
    """
    return _formats(tuple(__path__))


# Folders are listed once, as reading a recording takes hardly longer than that.
@lru_cache(maxsize=8)
def _formats(folders: tuple[str, ...]) -> tuple[Format, ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(folders))
    return tuple(cast(Format, import_module(f"{__name__}.{name}")) for name in names)


# What overflows or has no value on the way is found in the samples, and refused there.
@np.errstate(all="ignore")
def read_record(
    path: str | os.PathLike[str],
    *,
    adu_per_mv: float | None = None,
    fs: float | None = None,
    unit: str | None = None,
    leads: Sequence[str] = (),
) -> Record:
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
    fs : float, Hz, optional
        Sampling rate, where the file does not state it (tables, arrays).
    unit : str, optional
        Of all channels ("mV", "uV"), where the file does not state it.
    leads : sequence of str
        Names of the channels in their order, where the file does not state them.

    Returns
    -------
    Record

    Raises
    ------
    InputError
        If the file is missing, is no such recording, is damaged or too short,
        or leads are missing, flat or contradict each other; if what is told
        differs from what the file says.
    """
    path = Path(path)
    if adu_per_mv is not None and not (math.isfinite(adu_per_mv) and adu_per_mv > 0):
        msg = (
            f"adu_per_mv: expected a positive number of converter steps per mV, got {adu_per_mv}; correct it"
        )
        raise InputError(msg)
    told = Told(adu_per_mv is not None, fs, unit, tuple(leads))
    try:
        channels = _read_channels(path, told)
    except OSError as error:
        msg = f"{str(path)[:200]}: expected a file that can be read, got {error.strerror}; check its name"
        raise InputError(msg) from error
    _check_told(path, told, channels)
    return assemble(channels, adu_per_mv=adu_per_mv)


def _check_told(path: Path, told: Told, channels: Channels) -> None:
    """Refuse what is told if the file says otherwise."""
    said = (
        ("rate", told.fs, channels.fs, told.fs is None or math.isclose(told.fs, channels.fs, rel_tol=1e-6)),
        (
            "unit",
            told.unit,
            " and ".join(dict.fromkeys(channels.units)),
            told.unit is None or set(channels.units) <= {told.unit, "adu"},
        ),
        ("leads", told.leads, channels.names, not told.leads or tuple(channels.names) == told.leads),
    )
    for name, given, found, agrees in said:
        if not agrees:
            msg = f"{path}: expected the {name} that the file states, {found}, was told {given}; leave it out"
            raise InputError(msg)


def _read_channels(path: Path, told: Told) -> Channels:
    known = formats()
    for candidate in known:
        if candidate.recognises(path):
            return candidate.read(path, told)
    suffixes = ", ".join(suffix for candidate in known for suffix in candidate.SUFFIXES)
    found = "a folder" if path.is_dir() else "another kind of file" if path.exists() else "no such file"
    msg = f"{path}: expected an ECG recording ({suffixes}), found {found}; give the path of one recording"
    raise InputError(msg)
