"""One spoilt recording: made from its number, read, and judged."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from imn.errors import InputError
from imn.formats import read_record
from imn.fuzz.mutations import mutate
from imn.fuzz.sound_files import KINDS, Kind, sound_signal
from imn.record import Record

REFUSED, VALID = "refused", "valid"
LONGEST_REFUSAL = 2000
"""Characters; more is no sentence."""


@dataclass(frozen=True)
class Verdict:
    """What came of a file.

    Parameters
    ----------
    outcome : str
        `REFUSED` (in one sentence), `VALID` (a recording as a `Record` must be), or
        what should not be: "traceback", "memory", "words", "warning", "wrong value"
        (and "hang" and "crash", which only an onlooker can tell).
    words : str
        Of the refusal or the error.
    """

    outcome: str
    words: str = ""

    @property
    def sound(self) -> bool:
        """Whether a reader may do this."""
        return self.outcome in (REFUSED, VALID)


def kind_named(name: str) -> Kind:
    """Give the format of this name."""
    return next(kind for kind in KINDS if kind.name == name)


def sound_files(kind: Kind, folder: Path) -> tuple[Path, dict[str, bytes]]:
    """Write a sound recording.

    Parameters
    ----------
    kind : Kind
    folder : Path
        Empty.

    Returns
    -------
    path : Path
        To be read.
    content : dict of bytes by name
        Of each file.
    """
    path = kind.write(folder, sound_signal())
    return path, {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def spoilt(sound: dict[str, bytes], kind: Kind, *, number: int, seed: int) -> dict[str, bytes]:
    """Spoil one of the files of a recording; all follows from the number.

    Parameters
    ----------
    sound : dict of bytes by name
    kind : Kind
    number, seed : int

    Returns
    -------
    dict of bytes by name
    """
    rng = Random(f"{seed} {kind.name} {number}")
    name = rng.choice(sorted(sound))
    return sound | {name: mutate(sound[name], Path(name).suffix, rng)}


def judge(path: Path, kind: Kind) -> Verdict:
    """Read a file and say what came of it.

    Parameters
    ----------
    path : Path
    kind : Kind

    Returns
    -------
    Verdict
    """
    return judged(lambda: _of_record(read_record(path, **kind.told)))


def judged(attempt: Callable[[], Verdict]) -> Verdict:
    """Try something, and say what came of it if it does not end well."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            verdict = attempt()
        except InputError as refusal:
            verdict = _of_refusal(refusal)
        except MemoryError as error:
            return Verdict("memory", repr(error))
        except Exception as error:  # that none comes is what is measured
            return Verdict("traceback", f"{type(error).__name__}: {error}")
    if warned and verdict.sound:
        return Verdict("warning", f"{warned[0].category.__name__}: {warned[0].message}")
    return verdict


def _of_refusal(refusal: InputError) -> Verdict:
    words = str(refusal)
    if any(isinstance(error, MemoryError) for error in _causes(refusal)):
        return Verdict("memory", words)
    if not words.isprintable() or len(words) > LONGEST_REFUSAL:
        return Verdict("words", words)
    return Verdict(REFUSED, words)


def _of_record(record: Record) -> Verdict:
    right = record.signal.shape[0] == 12 and record.duration >= 2 and bool(np.isfinite(record.signal).all())
    return Verdict(VALID if right else "wrong value", f"{record.signal.shape} at {record.fs:g} Hz")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
