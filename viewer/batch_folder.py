"""The folder of a batch: what was asked for, and shards that are there whole or not at all.

``batch.json``        what was asked for, versions and hashes; a run goes on only where all of it agrees
``inputs.parquet``    path of every recording, in order; its number is its place
``records/``          results; a shard is complete once its file is here, and is written last
``failures/``         what could not be explained, with the reason
``seconds/``          how long stages took, which no two runs agree on
``maps/``, ``maps.zarr/``   factors, if asked for
``failures.jsonl``, ``manifest.json``   drawn up from the shards when all are there; never read back
"""

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, Any

from imn.errors import InputError
from imn.results import commit, write_text
from viewer.batch_stages import Done, Work
from viewer.batch_table import lasting, read_note, result_schema, seconds_schema, write_rows

PLAN, INPUTS, LOCK = "batch.json", "inputs.parquet", ".lock"
BLOCK, ZARR = 65_536, "maps.zarr"
_WORDS = {"config": "set of options", "versions": "set of packages", "source_sha256": "version of the code"}
_DRAFT = re.compile(r"\.writing-")
_PARTS = ("records", "failures", "seconds", "maps", ZARR)


@dataclass(frozen=True)
class Shard:
    """A stretch of a batch's recordings.

    Parameters
    ----------
    number : int
    first, count : int
        Of its recordings.
    """

    number: int
    first: int
    count: int

    def file(self, out: Path, part: str) -> Path:
        """Name its file of results, failures, seconds or maps, or its group of a Zarr store."""
        ends = {"records": ".parquet", "seconds": ".parquet", "failures": ".jsonl", "maps": ".npz", ZARR: ""}
        return out / part / f"{self.number:06d}{ends[part]}"


def shards_of(count: int, size: int) -> Iterator[Shard]:
    """Part a number of recordings into shards of a size; the last may have fewer."""
    for first in range(0, count, size):
        yield Shard(first // size, first, min(size, count - first))


def read_plan(folder: Path) -> dict[str, Any]:
    """Read what was asked for of a batch.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If the folder is none of a batch.
    """
    try:
        found = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        if not isinstance(found["config"]["shard"], int):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        msg = f"{folder}: expected a folder of ecglocus batch, found no readable {PLAN}; name another"
        raise InputError(msg) from error
    return found


@contextmanager
def write_inputs(out: Path, paths: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Write the list of recordings, a block at a time; it takes its place when all went well.

    Yields
    ------
    dict
        Number of recordings, and the list's hash.

    Raises
    ------
    InputError
        If there is none.
    """
    import pyarrow as pa
    from pyarrow import parquet

    digest, count, left = sha256(), 0, iter(paths)
    schema = pa.schema([("path", pa.string())])
    with lasting(out / INPUTS) as draft:
        with parquet.ParquetWriter(draft, schema) as writer:
            while block := list(islice(left, BLOCK)):
                writer.write_table(pa.table({"path": block}, schema=schema))
                digest.update("".join(f"{path}\n" for path in block).encode())
                count += len(block)
        if not count:
            msg = "expected at least one recording among the inputs, found none; name others"
            raise InputError(msg)
        yield {"recordings": count, "list_sha256": digest.hexdigest()}


def read_inputs(out: Path, shards: Iterable[Shard]) -> Iterator[tuple[Shard, list[str]]]:
    """Read the paths of shards, which are in order; one block of the list is held at a time."""
    from pyarrow import parquet

    with parquet.ParquetFile(out / INPUTS) as file:
        batches, held, start = file.iter_batches(batch_size=BLOCK), [], 0
        for shard in shards:
            while start + len(held) < shard.first + shard.count:
                dropped = min(max(shard.first - start, 0), len(held))
                held, start = held[dropped:] + next(batches).column(0).to_pylist(), start + dropped
            at = shard.first - start
            yield shard, held[at : at + shard.count]


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Keep a folder to this run; drop drafts that a kill left.

    Raises
    ------
    InputError
        If another run is at work in it, or it holds something else.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        strange = [held.name for held in out.iterdir() if not _ours(held.name)]
        if not (out / PLAN).is_file() and strange:
            msg = f"{out}: expected an empty folder or one of a batch, it holds {strange[0]}; name another"
            raise InputError(msg)
        with (out / LOCK).open("w") as file:
            _lock(out, file)
            for folder in (out, *(out / part for part in _PARTS)):
                for draft in folder.iterdir() if folder.is_dir() else ():
                    if draft.is_dir() and _DRAFT.match(draft.name):
                        shutil.rmtree(draft)
            yield
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else error
        msg = (
            f"{out}: expected a folder to write to, got {said}; make room or name another, and run this again"
        )
        raise InputError(msg) from error


def _ours(name: str) -> bool:
    return name in (PLAN, INPUTS, LOCK) or bool(_DRAFT.match(name))


def _lock(out: Path, file: IO[str]) -> None:
    """Two runs would do the same work twice; where there are no such locks nothing else is lost."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        msg = f"{out}: another run is at work in this folder; wait for it or name another"
        raise InputError(msg) from error


def begin(out: Path, origin: Mapping[str, Any]) -> None:
    """Write down what is asked for, or make sure that it is what was asked for before.

    Raises
    ------
    InputError
        If the folder was begun otherwise.
    """
    asked = json.loads(json.dumps(origin))
    if not (out / PLAN).is_file():
        now = datetime.now(UTC).isoformat(timespec="seconds")
        text = json.dumps({"date": now, "commit": commit(), **asked}, indent=2)
        write_text(out / PLAN, text + "\n")
        return
    begun = read_plan(out)
    unlike: list[str] = [_WORDS.get(key, str(key)) for key, value in asked.items() if begun.get(key) != value]
    if unlike:
        msg = f"{out}: was begun with another {' and '.join(unlike)}; give the same or name another folder"
        raise InputError(msg)


def write_shard(
    out: Path, shard: Shard, done: Done, classes: Sequence[str], *, work: Work | None = None
) -> dict[str, Any]:
    """Write what came of a shard; the results last, so that they vouch for the rest.

    Parameters
    ----------
    out : Path
        Folder of the batch.
    shard : Shard
    done : Done
    classes : sequence of str
        Of the model.
    work : Work, optional

    Returns
    -------
    dict
        The note in the footer of the results, and their ``rows``.
    """
    work = work or Work()
    note = {"first": shard.first, "count": shard.count, "failed": len(done.failures)}
    note |= {"maps": _write_maps(out, shard, done, work.maps) if done.maps else False}
    write_rows(shard.file(out, "seconds"), done.seconds, seconds_schema(), {})
    if done.failures:
        with lasting(shard.file(out, "failures")) as draft:
            lines = (json.dumps(failure) + "\n" for failure in done.failures)
            draft.write_text("".join(lines), encoding="utf-8")
    write_rows(shard.file(out, "records"), done.rows, result_schema(classes, work.more), note)
    return {**note, "rows": len(done.rows)}


def _write_maps(out: Path, shard: Shard, done: Done, kind: str) -> bool | str:
    """Write factors, and give what the note says of them: True, or the part they are in if it is another."""
    if kind == "zarr":
        from viewer.batch_zarr import write_zarr

        write_zarr(shard.file(out, ZARR), done.maps, {"first": shard.first, "count": shard.count})
        return ZARR
    import numpy as np

    with lasting(shard.file(out, "maps")) as draft, draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **done.maps)
    return True


def note_of(out: Path, shard: Shard) -> dict[str, Any] | None:
    """Read what a shard says of itself.

    Parameters
    ----------
    out : Path
        Folder of the batch.
    shard : Shard

    Returns
    -------
    dict or None
        None where it is missing, not whole, or of another stretch.
    """
    note = read_note(shard.file(out, "records"))
    if note is None or (note.get("first"), note.get("count")) != (shard.first, shard.count):
        return None
    maps = "maps" if note["maps"] is True else note["maps"]
    wanted = [*(["failures"] if note["failed"] else []), *([maps] if maps else [])]
    return note if all(shard.file(out, part).exists() for part in wanted) else None


def conclude(out: Path, shards: Iterable[Shard]) -> dict[str, Any]:
    """Draw up the list of failures and the manifest from the shards themselves.

    Raises
    ------
    InputError
        If a shard is missing.
    """
    total = {"recordings": 0, "explained": 0, "failed": 0, "rows": 0, "shards": 0}
    with lasting(out / "failures.jsonl") as draft, draft.open("wb") as file:
        for shard in shards:
            note = note_of(out, shard)
            if note is None:
                msg = f"{shard.file(out, 'records')}: expected a shard, it is gone; run this again"
                raise InputError(msg)
            if note["failed"]:
                file.write(shard.file(out, "failures").read_bytes())
            total["recordings"] += shard.count
            total["explained"] += shard.count - note["failed"]
            total["failed"] += note["failed"]
            total["rows"] += note["rows"]
            total["shards"] += 1
    write_text(out / "manifest.json", json.dumps(total, indent=2) + "\n")
    return total
