"""A process that reads spoilt recordings with little memory, and says after each what came of it.

It is started by `imn.fuzz.crew` and takes orders on standard input, one a line:
``{"kind": ..., "begin": ..., "end": ..., "seed": ...}`` or ``{"bomb": ...}``.  For each
file it answers with one line of JSON on standard output: number, outcome, words, seconds,
peak of memory.
"""

import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from imn.fuzz.bombs import BOMBS
from imn.fuzz.sound_files import KINDS
from imn.fuzz.trial import Verdict, judge, kind_named, sound_files, spoilt

MEMORY = 2**30
"""Bytes that a reader may take beside what the process holds once all libraries are loaded."""

Attempts = Iterator[tuple[int, Callable[[], Verdict]]]
"""The number of a file, and what reads and judges it."""


def serve(load: Callable[[Path], object], attempts: Callable[[dict[str, Any], Path], Attempts]) -> None:
    """Carry out orders until there are none.

    Parameters
    ----------
    load : callable
        Takes a private folder; loads all libraries, before memory is limited.
    attempts : callable
        Takes an order and the folder.
    """
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="ecglocus-fuzz-") as private:
        load(Path(private))
        base = limit_memory(MEMORY)
        answers.write("ready\n")
        for line in sys.stdin:
            for number, attempt in attempts(json.loads(line), Path(private)):
                answers.write(json.dumps(_answer(number, attempt, base)) + "\n")


def limit_memory(more: int) -> int:
    """Let the process take so many bytes more than now; give what it holds now, in bytes.

    Linux only: elsewhere nothing is limited.
    """
    import resource

    held = _size("VmSize")
    if held:
        resource.setrlimit(resource.RLIMIT_AS, (held + more, resource.getrlimit(resource.RLIMIT_AS)[1]))
    return _size("VmHWM")


def _size(name: str) -> int:
    """Give one of Linux's figures of this process, in bytes; 0 elsewhere."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0)


def _answer(number: int, attempt: Callable[[], Verdict], base: int) -> dict[str, Any]:
    start = perf_counter()
    verdict = attempt()
    seconds = perf_counter() - start
    return {"number": number, "seconds": seconds, "peak": _size("VmHWM") - base} | asdict(verdict)


def _load_readers(folder: Path) -> None:
    with warnings.catch_warnings():
        # wfdb 4.3 calls at import what pandas 3.1 deprecates; that is no file's doing.
        warnings.simplefilter("ignore")
        import wfdb  # noqa: F401  # pyright: ignore[reportUnusedImport]
    for i, kind in enumerate(KINDS):
        own = folder / str(i)
        own.mkdir()
        path, _ = sound_files(kind, own)
        verdict = judge(path, kind)
        if verdict.outcome != "valid":
            msg = f"the sound {kind.name} file is not read: {verdict.words}"
            raise RuntimeError(msg)


def _attempts(order: dict[str, Any], folder: Path) -> Attempts:
    if "bomb" in order:
        own = folder / "bomb"
        own.mkdir()
        yield order["bomb"], partial(judge, BOMBS[order["bomb"]](own), KINDS[0])
        return
    kind = kind_named(order["kind"])
    own = folder / str(KINDS.index(kind))
    path, sound = sound_files(kind, own)
    for number in range(order["begin"], order["end"]):
        for name, content in spoilt(sound, kind, number=number, seed=order["seed"]).items():
            (own / name).write_bytes(content)
        yield number, partial(judge, path, kind)


if __name__ == "__main__":
    serve(_load_readers, _attempts)
