"""Several processes write to one store while half of them are killed: all that was acknowledged is there."""

import os
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np

from annotations.annotation import Annotation, Finding, Interval
from annotations.store import open_store
from annotations.store_file import check_integrity
from imn.errors import InputError

RECORDS = 25
"""Recordings that every process annotates over and over, so that revisions pile up."""


@dataclass(frozen=True)
class Outcome:
    """What was acknowledged, and what the store holds of it.

    Parameters
    ----------
    processes, killed : int
        How many wrote, and how many were killed and replaced.
    acknowledged, lost, wrong : int
        Findings whose `add` returned; those of them that are not in the store; and
        those that are there otherwise than they were given.
    unacknowledged : int
        Findings that are in the store though their writer was killed before it
        could say so; at most one for each killed process.
    integrity : str
        Verdict of ``PRAGMA integrity_check``.
    seconds : float
        That the writing took.
    """

    processes: int
    killed: int
    acknowledged: int
    lost: int
    wrong: int
    unacknowledged: int
    integrity: str
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether all that was acknowledged is there, and nothing else but what was cut off."""
        return (
            self.integrity == "ok" and not self.lost and not self.wrong and self.unacknowledged <= self.killed
        )


def measure(folder: Path, *, processes: int = 8, findings: int = 5000, seed: int = 0) -> Outcome:
    """Let processes write findings to one store, and kill half of them at random moments.

    A killed process is replaced by one that goes on after the last finding that
    was acknowledged, so that all findings are acknowledged in the end.

    Parameters
    ----------
    folder : Path
        For the store and the acknowledgements; must hold neither.
    processes, findings : int
    seed : int
        Of who is killed, and after how many findings.

    Returns
    -------
    Outcome

    Raises
    ------
    InputError
        If the numbers do not fit, or the folder holds a store already.
    """
    path, share = folder / "store.sqlite", findings // max(processes, 1)
    if processes < 2 or share < 2:
        msg = f"expected two processes or more with two findings each, got {processes} and {findings}"
        raise InputError(msg)
    if path.exists():
        msg = f"{path}: the store of an earlier measurement is there; choose another folder"
        raise InputError(msg)
    rng = np.random.default_rng(seed)
    victims = rng.permutation(processes)[: processes // 2].tolist()
    moments = {victim: int(rng.integers(1, share)) for victim in victims}
    start = perf_counter()
    writers = {rater: _start(path, rater, range(share)) for rater in range(processes)}
    _kill(path, writers, moments, share)
    for writer in writers.values():
        writer.join()
    seconds = perf_counter() - start
    return _outcome(path, processes, len(victims), seconds)


def rows_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Give the outcome as the lines of a table."""
    figures = {
        "processes": outcome.processes,
        "killed with SIGKILL": outcome.killed,
        "findings acknowledged": outcome.acknowledged,
        "of these lost": outcome.lost,
        "of these altered": outcome.wrong,
        "stored, writer killed before it could say so": outcome.unacknowledged,
        "PRAGMA integrity_check": outcome.integrity,
        "seconds": outcome.seconds,
        "findings per second": outcome.acknowledged / outcome.seconds,
    }
    return [{"figure": name, "value": value} for name, value in figures.items()]


def write(path: Path, rater: int, numbers: range) -> None:
    """Write findings one by one, and note each when the store has acknowledged it.

    Parameters
    ----------
    path : Path
        Of the store; the notes lie beside it.
    rater : int
        Number of the process.
    numbers : range
        Of the findings.
    """
    with open_store(path) as store, closing(_Notes(_notes_of(path, rater))) as notes:
        for number in numbers:
            notes.add(store.add(_annotation(rater, number)), number)


class _Notes:
    """Lines that the system has when `add` returns, so that killing the process cannot lose them."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def add(self, revision: int, number: int) -> None:
        os.write(self._file, f"{revision} {number}\n".encode())

    def close(self) -> None:
        os.close(self._file)


def _notes_of(path: Path, rater: int) -> Path:
    return path.with_name(f"acknowledged-{rater}.txt")


def _acknowledged(path: Path, rater: int) -> list[tuple[int, int]]:
    """Give revision and number of each finding that was acknowledged."""
    notes = _notes_of(path, rater)
    lines = notes.read_text().splitlines() if notes.exists() else []
    return [(int(revision), int(number)) for revision, number in (line.split() for line in lines)]


def _annotation(rater: int, number: int) -> Annotation:
    interval = Interval(("V1", "V2"), number / 500, (number + 50) / 500, "recording")
    finding = Finding("MI", "simulated", 0.5, (interval,), ("LAD",), note=str(number))
    return Annotation(f"record {number % RECORDS}", f"rater {rater}", (finding,))


def _start(path: Path, rater: int, numbers: range) -> BaseProcess:
    writer = get_context("spawn").Process(target=write, args=(path, rater, numbers))
    writer.start()
    return writer


def _kill(path: Path, writers: dict[int, BaseProcess], moments: dict[int, int], share: int) -> None:
    """Kill each victim once it has had so many findings acknowledged, and replace it."""
    waiting = dict(moments)
    while waiting:
        for victim, moment in list(waiting.items()):
            if len(_acknowledged(path, victim)) < moment and writers[victim].is_alive():
                continue
            writers[victim].kill()
            writers[victim].join()
            done = len(_acknowledged(path, victim))
            writers[victim] = _start(path, victim, range(done, share))
            del waiting[victim]
        sleep(0.001)


def _outcome(path: Path, processes: int, killed: int, seconds: float) -> Outcome:
    with open_store(path, access="read") as store:
        held = store.revisions()
    acknowledged = {
        revision: _annotation(rater, number)
        for rater in range(processes)
        for revision, number in _acknowledged(path, rater)
    }
    return Outcome(
        processes=processes,
        killed=killed,
        acknowledged=len(acknowledged),
        lost=sum(revision not in held for revision in acknowledged),
        wrong=sum(held[revision] != given for revision, given in acknowledged.items() if revision in held),
        unacknowledged=len(held.keys() - acknowledged.keys()),
        integrity=check_integrity(path),
        seconds=seconds,
    )
