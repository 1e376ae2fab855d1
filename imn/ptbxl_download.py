"""PTB-XL 1.0.3 from PhysioNet, in its native layout.

Wagner et al., Sci Data 2020; 7: 154, doi 10.1038/s41597-020-0495-6.

Files come through wfdb, one at a time by `wfdb.io.download.dl_full_file`, since
`wfdb.dl_files` brings whatever version is current, completes a partial file by
appending to it, prints, and does not check what it brought.
"""

import csv
import errno
import hashlib
import re
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imn.errors import InputError

SOURCE = "ptb-xl/1.0.3"
SUMS = "SHA256SUMS.txt"
TABLES = ("ptbxl_database.csv", "scp_statements.csv", "LICENSE.txt")
COLUMNS = {100: "filename_lr", 500: "filename_hr"}
BYTES = {100: 25_000, 500: 121_000}
"""Of one recording with its header, about."""
CONNECTIONS = 2
"""As wfdb itself, out of regard for the server."""
PAUSES_S = (1.0, 5.0)
"""Before a file is tried again."""
STAGING = ".downloading"
_NAME = re.compile(r"records(100|500)/\d{5}/\d{5}_(lr|hr)")


@dataclass(frozen=True)
class Downloaded:
    """What a download did.

    Parameters
    ----------
    root : Path
        Holds ``ptbxl_database.csv``, ``scp_statements.csv``, ``LICENSE.txt``, ``records100``, ``records500``.
    fetched, kept : int
        Files brought now, and files that were there and complete.
    checked : bool
        Every file was compared with PhysioNet's SHA-256 sums.
    """

    root: Path
    fetched: int
    kept: int
    checked: bool


def download(
    root: Path | str, rates: Sequence[int] = (100,), folds: Collection[int] | None = None
) -> Downloaded:
    """Bring PTB-XL into a folder, or complete what is there.

    A file appears under its name only once it is whole and its SHA-256 sum is
    right, so a download may be cut at any time and begun again.  Tables that are
    there and differ are not touched; recordings that differ are fetched again.

    Parameters
    ----------
    root : path
    rates : sequence of int, Hz
        100, 500 or both.
    folds : collection of int, optional
        Recordings of these only; all ten by default.

    Returns
    -------
    Downloaded

    Raises
    ------
    InputError
        If a rate is unknown, the network or the disk fails, or a table there is not PTB-XL's.
    """
    root, rates = Path(root), sorted(set(rates))
    if not rates or not set(rates) <= COLUMNS.keys():
        msg = f"expected rates 100, 500 or both, got {', '.join(map(str, rates)) or 'none'}; choose of these"
        raise InputError(msg)
    with _staging(root) as staging:
        sums = _sums(staging)
        missing = [name for name in TABLES if not _complete(root / name, sums.get(name))]
        different = [name for name in missing if (root / name).exists()]
        if different:
            said = f"{root / different[0]}: expected the file of PTB-XL 1.0.3 or none, found another"
            msg = f"{said}; move it away or choose another folder"
            raise InputError(msg)
        _fetch(missing, root, staging, sums)
        names = _recordings(root / TABLES[0], rates, folds)
        wanted = [name for name in _progress(names, "check") if not _complete(root / name, sums.get(name))]
        _check_space(root, wanted)
        _fetch(wanted, root, staging, sums)
    fetched = len(missing) + len(wanted)
    return Downloaded(root, fetched, len(TABLES) + len(names) - fetched, bool(sums))


@contextmanager
def _staging(root: Path) -> Iterator[Path]:
    """Give an empty folder on the same disk, and take it away in the end."""
    folder = root / STAGING
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
    except OSError as error:
        raise _in_words(error, root) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_words(error: OSError, root: Path) -> InputError:
    again = "run the same command again, what is complete is kept"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return InputError(f"{root}: expected room for PTB-XL, found the disk full; free some and {again}")
    # What requests and wfdb raise of the network has no number; what the disk raises has.
    if error.errno is None:
        said = f"expected PTB-XL from {_url('')}, could not fetch it ({type(error).__name__})"
        return InputError(f"{said}; check the network connection and {again}")
    return InputError(f"{root}: expected a folder to write to, could not ({error.strerror}); choose another")


def _url(name: str) -> str:
    from wfdb.io import download as through

    return f"{through.config.db_index_url.rstrip('/')}/{SOURCE}/{name}"


def _sums(staging: Path) -> dict[str, str]:
    """SHA-256 of each file, as PhysioNet states it; empty where it does not."""
    try:
        _bring(SUMS, staging / SUMS)
    except FileNotFoundError as error:
        if error.errno is not None:
            raise
        return {}
    lines = [line.split(maxsplit=1) for line in (staging / SUMS).read_text("utf-8").splitlines()]
    return {parts[1].strip().removeprefix("*"): parts[0].lower() for parts in lines if len(parts) == 2}


def _complete(path: Path, digest: str | None) -> bool:
    """Tell whether a file is there whole: by its sum, or else because only whole files get their name."""
    if not path.is_file():
        return False
    if digest is None:
        return path.stat().st_size > 0
    return hashlib.sha256(path.read_bytes()).hexdigest() == digest


def _recordings(table: Path, rates: Sequence[int], folds: Collection[int] | None) -> list[str]:
    """Names of header and signal files, in the table's order."""
    with table.open(newline="", encoding="utf-8") as file:
        rows = [
            row for row in csv.DictReader(file) if folds is None or int(float(row["strat_fold"])) in folds
        ]
    stems = [row[COLUMNS[rate]] for rate in rates for row in rows if row[COLUMNS[rate]]]
    strange = next((stem for stem in stems if not _NAME.fullmatch(stem)), None)
    if strange is not None or not stems:
        got = "no recording" if strange is None else repr(strange[:60])
        said = f"{table}: expected names such as records100/00000/00001_lr, found {got}"
        msg = f"{said}; choose other folds or move it away"
        raise InputError(msg)
    return [stem + suffix for stem in stems for suffix in (".hea", ".dat")]


def _check_space(root: Path, names: Sequence[str]) -> None:
    needed = sum(BYTES[500 if name.startswith("records500") else 100] for name in names) // 2
    free = shutil.disk_usage(root).free
    if needed > free:
        msg = f"{root}: expected {needed / 1e9:.1f} GB of free space, found {free / 1e9:.1f} GB; free some"
        raise InputError(msg)


def _fetch(names: Sequence[str], root: Path, staging: Path, sums: Mapping[str, str]) -> None:
    """Bring files, two at a time; the first that fails ends it."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        tasks = [pool.submit(_place, name, root, staging, sums.get(name)) for name in names]
        try:
            for task in _progress(as_completed(tasks), "download", len(tasks)):
                task.result()
        except BaseException:
            # Those under way end before the folder they write to is taken away.
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _place(name: str, root: Path, staging: Path, digest: str | None) -> None:
    draft = staging / name.replace("/", "-")
    for pause in (*PAUSES_S, None):
        try:
            _bring(name, draft)
            _check(name, draft, digest)
            break
        except OSError as failure:
            # A number is the disk's: trying again would not help.
            if pause is None or failure.errno is not None:
                raise
        except InputError:
            if pause is None:
                raise
        time.sleep(pause)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    draft.replace(root / name)


def _check(name: str, path: Path, digest: str | None) -> None:
    if not _complete(path, digest):
        said = f"{_url(name)}: expected content with the SHA-256 sum that {SUMS} states, got other"
        msg = f"{said}; run the same command later"
        raise InputError(msg)


def _bring(name: str, path: Path) -> None:
    from wfdb.io.download import dl_full_file

    dl_full_file(_url(name), str(path))


def _progress(items: Iterable[Any], what: str, total: int | None = None) -> Iterable[Any]:
    from tqdm import tqdm

    return tqdm(items, desc=what, total=total, unit="file", disable=None)
