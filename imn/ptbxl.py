"""PTB-XL in its native PhysioNet layout: labels, folds, patients, signals.

Wagner et al., Sci Data 2020; 7: 154, doi 10.1038/s41597-020-0495-6.
"""

import ast
import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError
from imn.formats import read_record
from imn.labels import ANTERIOR, FINDINGS, INFERIOR, SUPERCLASSES

FS = 100.0
SEXES = {"0": "male", "1": "female"}
"""As the table writes them."""


@dataclass(frozen=True)
class Entry:
    """One line of ``ptbxl_database.csv``, with its statements sorted out.

    Parameters
    ----------
    id : int
    patient : str
    fold : int
        1..10; no patient is in two folds.
    file : Path
        The 100 Hz recording, without suffix.
    codes : mapping of str to float
        Every listed statement with its likelihood in percent; 0 means unknown.
    superclasses : frozenset of str
        Of every diagnostic statement listed, whatever its likelihood.
    age : float, years, optional
        300 stands for more than 89, as PTB-XL has it.
    sex : str, optional
        ``male`` or ``female``.
    """

    id: int
    patient: str
    fold: int
    file: Path
    codes: Mapping[str, float]
    superclasses: frozenset[str]
    age: float | None = None
    sex: str | None = None

    @property
    def territory(self) -> str | None:
        """``anterior`` or ``inferior`` if infarct statements name just one of them."""
        anterior, inferior = bool(ANTERIOR & self.codes.keys()), bool(INFERIOR & self.codes.keys())
        if anterior == inferior:
            return None
        return "anterior" if anterior else "inferior"

    @property
    def infarct_likelihood(self) -> float:
        """Largest likelihood, in percent, among the anterior and inferior infarct statements."""
        return max((self.codes[c] for c in self.codes if c in ANTERIOR | INFERIOR), default=0.0)


def read_index(data_dir: Path | str, folds: Iterable[int] | None = None) -> tuple[Entry, ...]:
    """Read which recordings there are and what is said of them.

    Parameters
    ----------
    data_dir : path
        Folder with ``ptbxl_database.csv``, ``scp_statements.csv`` and ``records100``.
    folds : iterable of int, optional
        Keep these only; all by default.

    Returns
    -------
    tuple of Entry, in the order of the file

    Raises
    ------
    InputError
        If a file or a column is missing, or no recording is left.
    """
    root = Path(data_dir)
    statements = _statements(root)
    wanted = None if folds is None else set(folds)
    rows = _table(
        root / "ptbxl_database.csv", ("ecg_id", "patient_id", "scp_codes", "strat_fold", "filename_lr")
    )
    entries = (_entry(row, root, statements) for row in rows)
    kept = tuple(entry for entry in entries if wanted is None or entry.fold in wanted)
    if not kept:
        msg = f"{root}: expected recordings of folds {sorted(wanted or ())}, found none; choose other folds"
        raise InputError(msg)
    return kept


def read_signals(entries: Sequence[Entry], progress: bool = False) -> NDArray[np.float32]:
    """Read the 100 Hz recordings, leads in standard order.

    Parameters
    ----------
    entries : sequence of Entry
    progress : bool
        Show a bar on standard error, where that is a terminal.

    Returns
    -------
    (r, 12, n) float32, mV

    Raises
    ------
    InputError
        If a recording is missing, has other leads or another length.
    """
    from tqdm import tqdm

    bar = tqdm(entries, desc="read", unit="rec", disable=None if progress else True)
    signals = [_signal(entry.file) for entry in bar]
    lengths = {signal.shape[1] for signal in signals}
    if len(lengths) > 1:
        msg = f"expected recordings of one length, got {sorted(lengths)} samples; use PTB-XL's records100"
        raise InputError(msg)
    return np.stack(signals)


def labels(entries: Sequence[Entry]) -> NDArray[np.float32]:
    """Tell which labels each recording has.

    Statements count as listed, whatever their likelihood.

    Parameters
    ----------
    entries : sequence of Entry

    Returns
    -------
    (r, k) float32
        1 where it has the label; columns as `imn.labels.LABELS`.
    """
    rows = [
        [name in entry.superclasses for name in SUPERCLASSES]
        + [not finding.codes.isdisjoint(entry.codes) for finding in FINDINGS]
        for entry in entries
    ]
    return np.array(rows, dtype=np.float32)


def _table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    if not path.is_file():
        msg = f"expected {path.name} in {path.parent}, found no such file; give the root folder of PTB-XL"
        raise InputError(msg)
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [c for c in columns if c not in (reader.fieldnames or ())]
        if missing:
            msg = f"{path}: expected column {', '.join(missing)}, found none; use the original PTB-XL file"
            raise InputError(msg)
        return list(reader)


def _statements(root: Path) -> dict[str, str]:
    """Superclass of each diagnostic statement."""
    rows = _table(root / "scp_statements.csv", ("diagnostic", "diagnostic_class"))
    return {
        row[""]: row["diagnostic_class"]
        for row in rows
        if row["diagnostic"] and float(row["diagnostic"]) == 1
    }


def _entry(row: dict[str, str], root: Path, statements: Mapping[str, str]) -> Entry:
    try:
        codes = {str(code): float(value) for code, value in ast.literal_eval(row["scp_codes"]).items()}
        fold = int(float(row["strat_fold"]))
        age = float(row["age"]) if row.get("age") else None
    except (ValueError, SyntaxError, AttributeError) as error:
        where = f"ptbxl_database.csv, ecg_id {row['ecg_id']}"
        msg = f"{where}: unreadable scp_codes, strat_fold or age; use the original file"
        raise InputError(msg) from error
    return Entry(
        id=int(float(row["ecg_id"])),
        patient=row["patient_id"],
        fold=fold,
        file=root / row["filename_lr"],
        codes=codes,
        superclasses=frozenset(statements[code] for code in codes if code in statements),
        age=age,
        sex=SEXES.get(row.get("sex") or ""),
    )


def _signal(path: Path) -> NDArray[np.float32]:
    record = read_record(path)
    if record.fs != FS:
        msg = f"{path}: expected {FS:g} Hz, got {record.fs:g} Hz; use PTB-XL's records100"
        raise InputError(msg)
    return record.signal
