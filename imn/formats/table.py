"""CSV and TSV: a column per lead, with rate and unit in the file or told.

A file states them itself by comment lines before the header (``# fs: 500`` and ``# unit: mV``),
by a column ``time [s]`` or ``time [ms]`` with even steps, and by units in the header (``II [uV]``).
"""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imn.assembly import Channels
from imn.reading import Told, check_size, read_by_library, refusal

SUFFIXES = (".csv", ".tsv")
LARGEST = 64 * 2**20
MOST_ROWS = 5_000_000
"""Ten minutes at 8 kHz.  More, or a larger file, would take a gigabyte of memory."""
_HEADING = re.compile(r"\s*(.*?)\s*(?:[\[(]\s*(\S+)\s*[\])])?\s*")
_SECONDS = {"s": 1.0, "ms": 1e-3}
EVEN = 0.01
"""How far a step of time may be from the mean, as a share."""


def recognises(path: Path) -> bool:
    """Tell by its suffix whether a path is a table of text."""
    return path.suffix.lower() in SUFFIXES


def read(path: Path, told: Told) -> Channels:
    """Read a table of samples.

    Raises
    ------
    InputError
        If it names no leads, unit or rate and none are told, or is no table of numbers.
    """
    check_size(path, LARGEST)
    return read_by_library(path, "a table of samples in UTF-8", lambda: _channels(path, told))


def _channels(path: Path, told: Told) -> Channels:
    content = path.read_bytes()
    if max(content.count(b"\n"), content.count(b"\r")) > MOST_ROWS:
        raise refusal(path, f"expected at most {MOST_ROWS} rows, found more", "cut it to one recording")
    lines = content.decode("utf-8-sig").splitlines()
    del content
    stated = dict(_statement(line) for line in lines if line.startswith("#") and ":" in line)
    rows = [line for line in lines if line.strip() and not line.startswith("#")]
    if not rows:
        raise refusal(path, "expected rows of samples, found none", "give a complete recording")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else next((c for c in ";\t" if c in rows[0]), ",")
    headings = [cell.strip() for cell in next(csv.reader(rows[:1], delimiter=delimiter))]
    if _are_numbers(headings):
        if not told.leads:
            raise refusal(
                path, "expected a first row that names the leads, found numbers", "name them: --leads"
            )
        headings, rows = list(told.leads), ["", *rows]
    elif told.leads:
        raise refusal(path, "expected the leads that the file names, was told some", "leave them out")
    values = _numbers(path, rows[1:], delimiter=delimiter, columns=len(headings))
    parts = [match for heading in headings if (match := _HEADING.fullmatch(heading))]
    names, units = [m[1] for m in parts], [m[2] or stated.get("unit") or told.unit for m in parts]
    times = [i for i, name in enumerate(names) if name.lower() in ("time", "t")]
    kept = [i for i in range(len(names)) if i not in times]
    fs = _rate(path, stated, told, column=_column(path, values, units, times))
    missing = [names[i] for i in kept if not units[i]]
    if missing:
        said = f"expected a unit for lead {', '.join(missing)[:80]}, found none"
        raise refusal(path, said, "tell it: --unit mV, or write it in the file")
    given = ["adu" if told.digital else str(units[i]) for i in kept]
    return Channels([names[i] for i in kept], given, values[:, kept].T, fs, path.stem, str(path))


def _statement(line: str) -> tuple[str, str]:
    name, _, value = line.lstrip("#").partition(":")
    return name.strip().lower(), value.strip()


def _are_numbers(cells: Sequence[str]) -> bool:
    try:
        return all(np.isfinite(float(cell)) for cell in cells)
    except ValueError:
        return False


def _numbers(path: Path, rows: Sequence[str], *, delimiter: str, columns: int) -> NDArray[np.float64]:
    counts = ((i, row.count(delimiter) + 1) for i, row in enumerate(rows, 2))
    wrong = next(((i, count) for i, count in counts if count != columns), None)
    if wrong is not None:
        said = f"expected {columns} values in every row, found {wrong[1]} in row {wrong[0]}"
        raise refusal(path, said, "get an undamaged copy")
    if not rows:
        said = "expected samples below the names of the leads, found none"
        raise refusal(path, said, "give a complete recording")
    try:
        return np.loadtxt(rows, delimiter=delimiter, comments=None, quotechar='"', ndmin=2)
    except ValueError:
        said = "expected numbers with a decimal point below the names of the leads, found other text"
        raise refusal(path, said, "export it so") from None


def _column(
    path: Path, values: NDArray[np.float64], units: Sequence[str | None], times: Sequence[int]
) -> float | None:
    """Find the rate that a column of times gives, Hz."""
    if not times:
        return None
    unit, steps = units[times[0]], np.diff(values[:, times[0]])
    if not np.isfinite(steps).all():
        raise refusal(path, "expected a time in every row, found none in some", "get an undamaged copy")
    if unit not in _SECONDS or len(times) > 1:
        found = f"{len(times)} columns" if len(times) > 1 else f"unit {unit}" if unit else "no unit"
        said = f"expected one column of times in s or ms, named as time [s], found {found}"
        raise refusal(path, said, "name it so")
    step = float(steps.mean()) if len(steps) else 0.0
    if not step > 0 or (np.abs(steps - step) > EVEN * step).any():
        raise refusal(path, "expected times in even steps, found others", "resample to one rate")
    return 1.0 / (step * _SECONDS[unit])


def _rate(path: Path, stated: Mapping[str, str], told: Told, *, column: float | None) -> float:
    given = stated.get("fs")
    if given is not None:
        try:
            return float(given)
        except ValueError:
            said = f"expected a sampling rate in Hz after # fs:, found {given[:20]!r}"
            raise refusal(path, said, "correct it") from None
    if column is not None:
        return column
    if told.fs is None:
        said = "expected a sampling rate, found none in the file"
        raise refusal(path, said, 'tell it: --fs 500, or write "# fs: 500" in its first line')
    return told.fs
