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
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

from imn.fuzz.bombs import BOMBS
from imn.fuzz.sound_files import KINDS, Kind
from imn.fuzz.trial import judge, kind_named, sound_files, spoilt

MEMORY = 2**30
"""Bytes that a reader may take beside what the process holds once all libraries are loaded."""


def main() -> None:
    """Read orders until there are none."""
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="ecglocus-fuzz-") as private:
        _load_readers(Path(private))
        base = limit_memory(MEMORY)
        answers.write("ready\n")
        for line in sys.stdin:
            for answer in _answers(json.loads(line), Path(private), base):
                answers.write(json.dumps(answer) + "\n")


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


def _answers(order: dict[str, Any], folder: Path, base: int) -> Iterator[dict[str, Any]]:
    if "bomb" in order:
        own = folder / "bomb"
        own.mkdir()
        yield _answer(order["bomb"], BOMBS[order["bomb"]](own), KINDS[0], base)
        return
    kind = kind_named(order["kind"])
    own = folder / str(KINDS.index(kind))
    path, sound = sound_files(kind, own)
    for number in range(order["begin"], order["end"]):
        for name, content in spoilt(sound, kind, number=number, seed=order["seed"]).items():
            (own / name).write_bytes(content)
        yield _answer(number, path, kind, base)


def _answer(number: int, path: Path, kind: Kind, base: int) -> dict[str, Any]:
    start = perf_counter()
    verdict = judge(path, kind)
    seconds = perf_counter() - start
    peak = _size("VmHWM") - base
    return {"number": number, "seconds": seconds, "peak": peak} | asdict(verdict)


if __name__ == "__main__":
    main()
