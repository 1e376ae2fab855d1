"""Spoilt recordings by the hundred thousand: what each format's reader made of them."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import imn
from imn.fuzz.bombs import BOMBS
from imn.fuzz.crew import CHUNK, Order, Tally, Worker, work_through
from imn.fuzz.sound_files import KINDS, Kind
from imn.fuzz.trial import kind_named, sound_files, spoilt
from imn.results import write_bytes, write_text

KEPT_OFFENDERS = 20
"""Of each format; one is enough to mend a reader."""
SHARED = (
    *("formats/__init__.py", "reading.py", "assembly.py", "record.py", "leads.py"),
    *(f"fuzz/{name}.py" for name in ("mutations", "spoiling", "sound_files", "trial", "worker")),
)
"""What every reader needs, and what spoils and judges."""


def measure(
    folder: Path, *, inputs: int, seed: int = 0, workers: int = 1, names: Sequence[str] = ()
) -> Iterator[list[Tally]]:
    """Have spoilt files of every format read; what was read before is not read again.

    Parameters
    ----------
    folder : Path
        Run directory.  Keeps what came of each stretch of files, and the first offenders,
        under a name that follows from the reader's own source: another reader starts anew.
    inputs : int
        Of each format.
    seed : int
    workers : int
        Processes that read.
    names : sequence of str
        Of formats that are to be read now; all where there is none.

    Yields
    ------
    list of Tally
        All that is known of every format, after each stretch.
    """
    own = {kind.name: folder / identity(kind) for kind in KINDS}
    orders = [
        Order(kind.name, begin, min(begin + CHUNK, inputs), seed)
        for begin in range(0, inputs, CHUNK)
        for kind in KINDS
    ]
    known = [tally for order in orders if (tally := _kept(own[order.kind], order)) is not None]
    yield known
    done = {tally.order for tally in known}
    wanted = [order for order in orders if order not in done and (not names or order.kind in names)]
    for tally in work_through(iter(wanted), workers):
        _keep(own[tally.order.kind], tally)
        known = [*known, tally]
        yield known


def defuse() -> list[dict[str, Any]]:
    """Have every file that is made to harm read by a process of its own; a line for each."""
    rows = []
    for number, bomb in enumerate(BOMBS):
        with closing(Worker()) as worker:
            answer = worker.defuse(number)
        rows.append(
            {
                "file": (bomb.__doc__ or "").removeprefix("Write ").rstrip("."),
                "outcome": answer["outcome"],
                "s": answer["seconds"],
                "memory, MB": max(answer["peak"], 0) / 2**20,
                "in words": answer["words"].partition("expected")[2].strip()[:120],
            }
        )
    return rows


def rows_of(tallies: list[Tally]) -> list[dict[str, Any]]:
    """Give what came of the files, a line for each format."""
    rows = []
    for kind in KINDS:
        own = [tally for tally in tallies if tally.order.kind == kind.name]
        counts = sum((tally.counts for tally in own), start=_NONE)
        rows.append(
            {
                "format": kind.name,
                "spoilt": counts.total(),
                "refused in one sentence": counts["refused"],
                "valid recording": counts["valid"],
                "anything else": counts.total() - counts["refused"] - counts["valid"],
                "slowest, s": max((tally.slowest for tally in own), default=0.0),
                "memory, MB": max((tally.peak for tally in own), default=0) / 2**20,
            }
        )
    return rows


_NONE = Tally(Order("", 0, 0, 0)).counts


def offenders_of(tallies: list[Tally]) -> list[dict[str, Any]]:
    """Give the first files of each format that were neither refused nor valid."""
    rows = []
    for kind in KINDS:
        found = [
            {"format": kind.name} | offender
            for tally in sorted(tallies, key=lambda tally: tally.order.begin)
            if tally.order.kind == kind.name
            for offender in tally.offenders
        ]
        rows += found[:KEPT_OFFENDERS]
    return rows


def identity(kind: Kind) -> str:
    """Digest of the source of all that spoils and reads files of this format."""
    home = Path(imn.__file__).parent
    files = [*(home / name for name in SHARED), *sorted((home / "formats").glob(f"{kind.reader}*.py"))]
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _file(folder: Path, order: Order) -> Path:
    name = order.kind.replace(" ", "-").replace(".", "")
    return folder / f"seed-{order.seed}" / f"{name}-{order.begin}-{order.end}.json"


def _kept(folder: Path, order: Order) -> Tally | None:
    file = _file(folder, order)
    if not file.is_file():
        return None
    held = json.loads(file.read_text(encoding="utf-8"))
    tally = Tally(order, offenders=held["offenders"], slowest=held["slowest"], peak=held["peak"])
    tally.counts.update(held["counts"])
    return tally


def _keep(folder: Path, tally: Tally) -> None:
    file = _file(folder, tally.order)
    for offender in tally.offenders[:KEPT_OFFENDERS]:
        _keep_offender(file.parent / "offenders", tally.order, offender)
    held = asdict(tally) | {"counts": dict(tally.counts)}
    write_text(file, json.dumps(held, indent=1) + "\n")


def _keep_offender(folder: Path, order: Order, offender: dict[str, Any]) -> None:
    """Write the spoilt files once more, as they were, with what came of them."""
    kind = kind_named(order.kind)
    with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
        _, sound = sound_files(kind, Path(private))
    own = folder / f"{kind.name.replace(' ', '-')}-{offender['number']}"
    shutil.rmtree(own, ignore_errors=True)
    for name, content in spoilt(sound, kind, number=offender["number"], seed=order.seed).items():
        write_bytes(own / name, content)
    write_text(own / "what.json", json.dumps(offender, indent=1) + "\n")
