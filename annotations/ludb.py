"""LUDB in its PhysioNet layout: recordings, statements, and the wave marks of its cardiologists.

Kalyakulina et al. 2020, IEEE Access 8:186181, doi 10.1109/ACCESS.2020.3029211.

Each lead has marks of its own.  The headers' gains make every lead 1 mV high, where in truth a
converter step is 1 uV; the first and last beats of a recording are not marked.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from imn.errors import InputError
from imn.formats import read_record
from imn.leads import LEADS
from imn.record import Record

STEPS_PER_MV = 1000.0
SYMBOLS: Mapping[str, str] = {"p": "P", "N": "QRS", "t": "T"}
KINDS: Mapping[str, str] = {
    "stemi": "STEMI",
    "scar formation": "scar",
    "ischemia": "ischaemia",
    "undefined ischemia/scar/supp.nstemi": "undefined",
    "non-specific repolarization abnormalities": "repolarisation",
}
OTHER: Mapping[str, str] = {
    "incomplete right bundle branch block": "IRBBB",
    "complete right bundle branch block": "CRBBB",
    "incomplete left bundle branch block": "ILBBB",
    "complete left bundle branch block": "CLBBB",
    "left anterior hemiblock": "LAFB",
    "non-specific intravintricular conduction delay": "IVCD",
    "i degree av block": "1AVB",
    "iii degree av-block": "3AVB",
    "left ventricular hypertrophy": "LVH",
    "right ventricular hypertrophy": "RVH",
    "left atrial hypertrophy": "LAO/LAE",
    "left atrial overload": "LAO/LAE",
    "right atrial hypertrophy": "RAO/RAE",
    "right atrial overload": "RAO/RAE",
    "atrial fibrillation": "AFIB",
    "atrial flutter, typical": "AFLT",
}
"""LUDB's words for statements that PTB-XL has as well."""
COLUMNS = (
    "Rhythms",
    "Conduction abnormalities",
    "Hypertrophies",
    "Ischemia",
    "Non-specific repolarization abnormalities",
)
PACING = "Cardiac pacing"


@dataclass(frozen=True)
class LudbEntry:
    """One recording of LUDB.

    Parameters
    ----------
    id : str
    file : Path
        Without suffix.
    statements : tuple of str
        Keys of `annotations.statement_rules.RULES`; what has no rule is left out.
    paced : bool
        Whether the ventricles are paced at least at times.
    """

    id: str
    file: Path
    statements: tuple[str, ...]
    paced: bool


@dataclass(frozen=True)
class WaveMark:
    """One wave of one lead as marked.

    Parameters
    ----------
    wave : str
    onset, end : int or None, samples
        None where it is not marked.
    peak : int, samples
    """

    wave: str
    onset: int | None
    peak: int
    end: int | None


def is_ludb(folder: Path | str) -> bool:
    """Tell by its files whether a folder is LUDB's."""
    return (Path(folder) / "ludb.csv").is_file()


def read_index(data_dir: Path | str) -> tuple[LudbEntry, ...]:
    """List the recordings that are there, in order of their numbers.

    Parameters
    ----------
    data_dir : path
        Folder with ``ludb.csv`` and ``data``.

    Returns
    -------
    tuple of LudbEntry

    Raises
    ------
    InputError
        If the table or a column is missing, or no recording is there.
    """
    root = Path(data_dir)
    path = root / "ludb.csv"
    if not path.is_file():
        msg = f"expected ludb.csv in {root}, found no such file; give the root folder of LUDB"
        raise InputError(msg)
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [name for name in ("ID", *COLUMNS, PACING) if name not in (reader.fieldnames or ())]
        if missing:
            msg = f"{path}: expected column {', '.join(missing)}, found none; use the original LUDB file"
            raise InputError(msg)
        entries = [_entry(row, root) for row in reader]
    found = tuple(entry for entry in entries if entry.file.with_suffix(".hea").is_file())
    if not found:
        msg = f"{root / 'data'}: expected recordings of LUDB, found none; give its root folder"
        raise InputError(msg)
    return found


def read_signal(entry: LudbEntry) -> Record:
    """Read a recording, one converter step being 1 uV.

    Parameters
    ----------
    entry : LudbEntry

    Returns
    -------
    Record

    Raises
    ------
    InputError
        As `imn.formats.read_record`.
    """
    return read_record(entry.file.with_suffix(".hea"), adu_per_mv=STEPS_PER_MV)


def read_marks(entry: LudbEntry) -> dict[str, tuple[WaveMark, ...]]:
    """Read what the cardiologists marked in each lead.

    Onset and end belong to a wave only where they stand right beside its peak: some files
    have unequal numbers of them.

    Parameters
    ----------
    entry : LudbEntry

    Returns
    -------
    dict of str to tuple of WaveMark
        By lead, in order of time.

    Raises
    ------
    InputError
        If a file is missing or cannot be read.
    """
    return {lead: _marks_of(entry, lead) for lead in LEADS}


def _marks_of(entry: LudbEntry, lead: str) -> tuple[WaveMark, ...]:
    import wfdb

    path = entry.file.with_suffix(f".{lead.lower()}")
    if not path.is_file():
        msg = f"{path}: expected the wave marks of lead {lead}, found no such file; get a complete copy"
        raise InputError(msg)
    # wfdb raises whatever its parsing meets on a damaged file
    try:
        found = wfdb.rdann(str(entry.file), lead.lower())
    except Exception as error:
        msg = f"{path}: expected WFDB annotations, could not read them; get an undamaged copy"
        raise InputError(msg) from error
    symbols, samples = ["", *(found.symbol or ()), ""], [0, *found.sample.tolist(), 0]
    return tuple(
        WaveMark(
            SYMBOLS[symbols[i]],
            samples[i - 1] if symbols[i - 1] == "(" else None,
            samples[i],
            samples[i + 1] if symbols[i + 1] == ")" else None,
        )
        for i in range(1, len(symbols) - 1)
        if symbols[i] in SYMBOLS
    )


def _entry(row: Mapping[str, str], root: Path) -> LudbEntry:
    number = row["ID"].strip()
    lines = [line for column in COLUMNS for line in (row[column] or "").splitlines()]
    statements = (_statement(line.strip().lower()) for line in lines)
    return LudbEntry(
        id=number,
        file=root / "data" / number,
        statements=tuple(dict.fromkeys(name for name in statements if name)),
        paced="ventricular" in row[PACING].lower() or "pacemaker" in row[PACING].lower(),
    )


def _statement(words: str) -> str | None:
    """Name a line of the table as the rules do."""
    kind, _, wall = words.partition(": ")
    if kind in KINDS and wall:
        return f"{KINDS[kind]} {wall.removesuffix(' wall')}"
    return OTHER.get(words)
