"""Spoilt files by the hundred thousand, in stretches; what came of each is kept, so that a run resumes."""

import ast
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from imn.fuzz.crew import CHUNK, Order, Tally, work_through
from imn.results import write_bytes, write_text

KEPT_OFFENDERS = 20
"""Of each format; one is enough to mend a reader."""


@dataclass(frozen=True)
class Study:
    """Files of some kinds, and who spoils and reads them.

    Parameters
    ----------
    module : str
        Run by the processes that read, see `imn.fuzz.worker`.
    kinds : tuple of str
    identity : callable
        Gives the digest of the source of all that spoils and reads a kind.
    spoil : callable
        Takes an order and a number in it; gives the content of the spoilt files by name.
    """

    module: str
    kinds: tuple[str, ...]
    identity: Callable[[str], str]
    spoil: Callable[[Order, int], dict[str, bytes]]


def measure(
    study: Study, folder: Path, *, inputs: int, seed: int = 0, workers: int = 1, names: Sequence[str] = ()
) -> Iterator[list[Tally]]:
    """Have spoilt files of every kind read; what was read before is not read again.

    Parameters
    ----------
    study : Study
    folder : Path
        Run directory.  Keeps what came of each stretch of files, and the first offenders,
        under a name that follows from the reader's own source: another reader starts anew.
    inputs : int
        Of each kind.
    seed : int
    workers : int
        Processes that read.
    names : sequence of str
        Of kinds that are to be read now; all where there is none.

    Yields
    ------
    list of Tally
        All that is known of every kind, after each stretch.
    """
    own = {kind: folder / study.identity(kind) for kind in study.kinds}
    orders = [
        Order(kind, begin, min(begin + CHUNK, inputs), seed)
        for begin in range(0, inputs, CHUNK)
        for kind in study.kinds
    ]
    known = [tally for order in orders if (tally := _kept(own[order.kind], order)) is not None]
    yield known
    done = {tally.order for tally in known}
    wanted = [order for order in orders if order not in done and (not names or order.kind in names)]
    for tally in work_through(iter(wanted), workers, study.module):
        _keep(own[tally.order.kind], tally, study)
        known = [*known, tally]
        yield known


def digest_of_code(files: Iterable[Path]) -> str:
    """Digest of Python files without comments and docstrings, which change nothing in what is read."""
    digest = sha256()
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [line for line in body if not _is_text(line)]  # pyright: ignore[reportAttributeAccessIssue]
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()[:12]


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def offenders_of(tallies: list[Tally], kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Give the first files of each kind that were neither refused nor valid.

    Parameters
    ----------
    tallies : list of Tally
    kinds : sequence of str

    Returns
    -------
    list of dict
        `KEPT_OFFENDERS` of each kind at most.
    """
    rows = []
    for kind in kinds:
        found = [
            {"format": kind} | offender
            for tally in sorted(tallies, key=lambda tally: tally.order.begin)
            if tally.order.kind == kind
            for offender in tally.offenders
        ]
        rows += found[:KEPT_OFFENDERS]
    return rows


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


def _keep(folder: Path, tally: Tally, study: Study) -> None:
    file = _file(folder, tally.order)
    for offender in tally.offenders[:KEPT_OFFENDERS]:
        _keep_offender(file.parent / "offenders", tally.order, offender, study)
    held = asdict(tally) | {"counts": dict(tally.counts)}
    write_text(file, json.dumps(held, indent=1) + "\n")


def _keep_offender(folder: Path, order: Order, offender: dict[str, Any], study: Study) -> None:
    """Write the spoilt files once more, as they were, with what came of them."""
    own = folder / f"{order.kind.replace(' ', '-')}-{offender['number']}"
    shutil.rmtree(own, ignore_errors=True)
    for name, content in study.spoil(order, offender["number"]).items():
        write_bytes(own / name, content)
    write_text(own / "what.json", json.dumps(offender, indent=1) + "\n")
