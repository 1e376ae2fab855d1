"""Which recordings a batch is about: folders, RECORDS files, tables and lists of paths, or recordings.

Paths are given one after another, never held all at once.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from imn.errors import InputError

COLUMNS = ("path", "filename_lr", "filename", "file", "record")
"""Column of a table that names recordings: the first of these that it has."""
PTBXL, RECORDS = "ptbxl_database.csv", "RECORDS"
_BESIDE_HEADER = (".dat", ".mat")
"""Signal files, which their header stands for."""


def list_recordings(inputs: Sequence[Path], column: str | None = None) -> Iterator[str]:
    """Give the path of every recording that inputs name, in their order.

    Parameters
    ----------
    inputs : sequence of Path
        A folder stands for PTB-XL if it holds ``ptbxl_database.csv``, for its RECORDS file if it has one,
        else for every recording below it, in order of name.  Tables (``.csv``, ``.parquet``) list
        paths, which are relative to the table's folder.
    column : str, optional
        Of tables; by default the first of `COLUMNS`.

    Yields
    ------
    str

    Raises
    ------
    InputError
        If an input is missing or cannot be read, or a RECORDS file names what lies outside its folder.
    """
    for path in inputs:
        try:
            yield from _listed(path, column)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            said = getattr(error, "strerror", None) or error
            msg = f"{path}: expected recordings or a list of them, could not read it ({said}); check its name"
            raise InputError(msg) from error


def _listed(path: Path, column: str | None) -> Iterator[str]:
    if path.is_dir():
        yield from _folder(path, column)
    elif path.name == RECORDS:
        yield from _records(path, path.parent)
    elif path.suffix.lower() in (".parquet", ".pq"):
        yield from _parquet(path, column)
    elif path.suffix.lower() == ".csv" and (found := _column_of(path, column)):
        yield from _csv(path, found)
    elif path.is_file() or path.with_name(path.name + ".hea").is_file():
        yield str(path)
    else:
        msg = f"{path}: expected a recording, a folder or a list of recordings, found nothing; check its name"
        raise InputError(msg)


def _folder(folder: Path, column: str | None) -> Iterator[str]:
    if (folder / PTBXL).is_file():
        yield from _listed(folder / PTBXL, column)
    elif (folder / RECORDS).is_file():
        yield from _records(folder / RECORDS, folder)
    else:
        yield from _below(folder)


def _below(folder: Path) -> Iterator[str]:
    from imn.formats import formats

    ends = tuple({end for one in formats() for end in one.SUFFIXES if end not in _BESIDE_HEADER})
    for where, folders, names in os.walk(folder):
        folders.sort()
        yield from (str(Path(where) / name) for name in sorted(names) if name.lower().endswith(ends))


def _records(path: Path, root: Path) -> Iterator[str]:
    """Read PhysioNet's list: recordings without suffix, or folders (ending in /) with a list of their own."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            name = line.strip()
            if not name:
                continue
            inside = root / _inside(path, name)
            if name.endswith("/"):
                yield from _records(inside / RECORDS, inside)
            else:
                yield str(inside)


def _inside(path: Path, name: str) -> PurePosixPath:
    listed = PurePosixPath(name)
    if listed.is_absolute() or ".." in listed.parts or not listed.parts:
        msg = f"{path}: expected recordings below its own folder, got {name[:80]!r}; correct the list"
        raise InputError(msg)
    return listed


def _column_of(path: Path, column: str | None) -> str | None:
    """Find the column that names recordings; None where the table is a recording itself."""
    with path.open(newline="", encoding="utf-8") as file:
        return _choose(path, next(csv.reader(file), []), column)


def _choose(path: Path, names: Sequence[str], column: str | None) -> str | None:
    if column is not None and column not in names:
        has = ", ".join(names)[:200]
        msg = f"{path}: expected column {column}, found {has}; name the column that holds paths"
        raise InputError(msg)
    return column or next((name for name in COLUMNS if name in names), None)


def _csv(path: Path, column: str) -> Iterator[str]:
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            named = _named(path, row[column])
            # A data set's own table stays in its folder; a list that somebody made may point anywhere.
            yield str(path.parent / (_inside(path, named) if path.name == PTBXL else named))


def _named(path: Path, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        msg = f"{path}: expected a path in every line, found {value!r}; complete the list"
        raise InputError(msg)
    return value.strip()


def _parquet(path: Path, column: str | None) -> Iterator[str]:
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            found = _choose(path, file.schema_arrow.names, column)
            if found is None:
                has = ", ".join(file.schema_arrow.names)[:200]
                msg = f"{path}: expected a column {' or '.join(COLUMNS)}, found {has}; name it by --column"
                raise InputError(msg)
            for batch in file.iter_batches(columns=[found]):
                yield from (str(path.parent / _named(path, value)) for value in batch.column(0).to_pylist())
    except pyarrow.ArrowException as error:
        msg = f"{path}: expected a Parquet file, could not read it; give an undamaged copy"
        raise InputError(msg) from error
