"""A process in which libFuzzer looks for bytes that a reader trips over, guided by the lines they reach.

`imn.fuzz.guided` starts it, once atheris watches what is imported: from then on
every branch of our readers and of the libraries they call counts.
"""

import os
import sys
from pathlib import Path

import atheris  # pyright: ignore[reportMissingImports]

from imn.fuzz.sound_files import Kind
from imn.fuzz.trial import Verdict, judge, kind_named, sound_files
from imn.fuzz.worker import MEMORY, limit_memory


class NeitherRefusedNorValid(Exception):
    """A reader did what it must not; libFuzzer keeps the bytes."""


def main(kind_name: str, file: str, folder: str, runs: str) -> None:
    """Try so many files; never returns.

    Parameters
    ----------
    kind_name : str
        Of one of `imn.fuzz.sound_files.KINDS`.
    file : str
        Which of its files is spoilt.
    folder : str
        An empty one: for the recording, what libFuzzer keeps, and an offender.
    runs : str
        How many files.
    """
    kind, own, kept = kind_named(kind_name), Path(folder) / "recording", Path(folder) / "kept"
    own.mkdir()
    kept.mkdir()
    path, sound = sound_files(kind, own)
    (kept / "sound").write_bytes(sound[file])
    limit_memory(MEMORY)

    def attempt(content: bytes) -> None:
        (own / file).write_bytes(content)
        check(path, kind)

    longest = f"-max_len={2 * len(sound[file])}"
    options = [f"-runs={runs}", "-timeout=20", "-rss_limit_mb=0", "-seed=1", longest]
    atheris.Setup([sys.argv[0], str(kept), f"-artifact_prefix={folder}{os.sep}", *options], attempt)
    atheris.Fuzz()


def check(path: Path, kind: Kind) -> Verdict:
    """Read a file, and see that the reader does what it may.

    Parameters
    ----------
    path : Path
    kind : Kind

    Returns
    -------
    Verdict

    Raises
    ------
    NeitherRefusedNorValid
        Where a reader must not do what it did.
    """
    verdict = judge(path, kind)
    if not verdict.sound:
        raise NeitherRefusedNorValid(verdict)
    return verdict
