"""``ecglocus batch``: any number of recordings, explained shard by shard."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from imn.errors import InputError
from imn.results import PACKAGES, versions
from viewer.processes import one_thread

if TYPE_CHECKING:
    from viewer.batch_folder import Shard
    from viewer.batch_stages import Station, Work
    from viewer.cli_batch import Batch


def batch(options: "Batch") -> int:
    """Explain all recordings, or those that are missing; say where it is."""
    from viewer.commands import say

    # Before anything loads that calculates: the same sums whoever makes them.
    with one_thread():
        start = perf_counter()
        total = make_batch(options)
    seconds = perf_counter() - start
    total |= {"seconds": seconds, "per_second": total["new"] / seconds, "out": str(options.out)}
    if options.json:
        say(json.dumps(total))
    else:
        kept = f"{total['recordings']} recordings, {total['new']} of them new, {total['failed']} failed"
        say(f"{kept}: {options.out / 'records'}" + (", failures.jsonl" if total["failed"] else ""))
    return 0 if total["explained"] else 2


def make_batch(options: "Batch") -> dict[str, Any]:
    """Make what is missing of a batch in its folder.

    Parameters
    ----------
    options : Batch
        As on the command line.

    Returns
    -------
    dict
        What the manifest says, and how many recordings are new.

    Raises
    ------
    InputError
        If an option, an input or the folder does not do.
    """
    from viewer.batch_folder import begin, claimed, conclude, note_of, read_inputs, shards_of, write_inputs
    from viewer.batch_inputs import list_recordings
    from viewer.batch_more import More
    from viewer.batch_stages import Work

    _check(options)
    work = Work(
        tuple(options.labels),
        str(options.model) if options.model else None,
        options.anatomy,
        options.maps,
        options.batch,
        More(
            options.reference,
            options.statements,
            options.credible,
            options.spread,
            options.clusters,
            **options.told.arguments,
        ),
    )
    station = _station(work)
    _check_labels(station)
    with claimed(options.out):
        with write_inputs(options.out, list_recordings(options.inputs, options.column)) as listed:
            begin(options.out, _origin(options, station, listed))
        shards = partial(shards_of, listed["recordings"], options.shard)
        # A few numbers per shard: 40 000 shards of 256 make ten million recordings.
        missing = [shard for shard in shards() if note_of(options.out, shard) is None]
        calls = ((work, str(options.out), *told) for told in read_inputs(options.out, missing))
        there = listed["recordings"] - sum(shard.count for shard in missing)
        new = _follow(_engine(options)(calls), listed["recordings"], there)
        return conclude(options.out, shards()) | {"new": new}


def make_shard(work: "Work", out: str, shard: "Shard", paths: list[str]) -> int:
    """Explain the recordings of a shard and write them.

    Parameters
    ----------
    work : Work
        What is asked of every recording.
    out : str
        Folder of the batch.
    shard : Shard
    paths : list of str
        Its recordings.

    Returns
    -------
    int
        How many they are.
    """
    from viewer.batch_folder import write_shard

    station = _station(work)
    write_shard(Path(out), shard, station.run(shard.first, paths), station.model.classes, work=work)
    return shard.count


@lru_cache(maxsize=1)
def _station(work: "Work") -> "Station":
    """Load all that a process needs, once."""
    from viewer.batch_stages import Station

    return Station(work)


Call = tuple["Work", str, "Shard", list[str]]
Engine = Callable[[Iterable[Call]], Iterator[int]]


def _engine(options: "Batch") -> Engine:
    """Choose who calls `make_shard`."""
    if options.engine == "ray":
        from viewer.batch_ray import with_ray

        return partial(with_ray, workers=options.workers)
    if options.workers == 1:
        return lambda calls: (make_shard(*call) for call in calls)
    from viewer.processes import in_processes

    return partial(in_processes, make_shard, workers=options.workers)


def _follow(made: Iterator[int], count: int, there: int) -> int:
    """Have shards made, and show how many recordings there are of how many."""
    from tqdm import tqdm

    new = 0
    with tqdm(total=count, initial=there, unit="rec", desc="batch", disable=None) as bar:
        for done in made:
            new += done
            bar.update(done)
    return new


def _check(options: "Batch") -> None:
    from viewer.cli_batch import MAPS

    for name in ("workers", "shard", "batch"):
        value = getattr(options, name)
        if value < 1:
            msg = f"{name}: expected 1 or more, got {value}; give another number"
            raise InputError(msg)
    if options.maps not in ("", *MAPS):
        msg = f"maps: expected {' or '.join(MAPS)}, got {options.maps}; choose one, or leave maps out"
        raise InputError(msg)
    if not options.inputs:
        msg = "expected recordings, got none; name folders, RECORDS files, tables of paths or recordings"
        raise InputError(msg)


def _check_labels(station: "Station") -> None:
    """Load what is asked for, so that a mistake is told before any work."""
    station.besides.check()
    if station.work.maps == "zarr":
        from viewer.batch_zarr import zarr_library

        zarr_library()
    known = station.model.classes
    for label in station.work.labels:
        if label not in known:
            msg = f"labels: expected labels of the model ({', '.join(known)}), got {label!r}; choose of these"
            raise InputError(msg)
    if len(set(station.work.labels)) < len(station.work.labels):
        msg = f"labels: expected each label once, got {' '.join(station.work.labels)}; name each once"
        raise InputError(msg)


def _origin(options: "Batch", station: "Station", listed: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that what is written follows from; nothing in it is drawn at random."""
    from annotations.masks import anatomy_hash

    work = station.work
    return {
        "config": {
            "command": "batch",
            "inputs": [str(path) for path in options.inputs],
            "labels": list(work.labels),
            # As it was written before there was a choice, and only what is not as ever.
            "maps": {"": False, "npz": True}.get(work.maps, work.maps),
            **work.more.asked,
            "batch": work.batch,
            "shard": options.shard,
        },
        "seed": None,
        "versions": versions((*PACKAGES, "pyarrow")),
        "source_sha256": source_hash(),
        "inputs": {
            **listed,
            "model": station.model.name,
            "anatomy": work.anatomy,
            "anatomy_sha256": anatomy_hash(station.anatomy),
        },
    }


def source_hash() -> str:
    """Content hash of the code that calculates: a commit says nothing of what was not committed.

    Returns
    -------
    str
        SHA-256 over the modules of `imn` and `cine_mapping`, 64 hexadecimal digits.
    """
    digest, root = sha256(), Path(__file__).parent.parent
    for path in sorted([*(root / "imn").rglob("*.py"), *(root / "cine_mapping").rglob("*.py")]):
        digest.update(f"{path.relative_to(root).as_posix()};".encode() + path.read_bytes())
    return digest.hexdigest()
