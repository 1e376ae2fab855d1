"""What is told about a file beside what it says itself, and what every reader needs."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from imn.errors import InputError

LARGEST_FILE = 512 * 2**20
"""Bytes; a file beyond this is no 12-lead recording, and is refused before it is read."""

LONGEST_SAYING = 400
"""Characters."""

T = TypeVar("T")


@dataclass(frozen=True)
class Told:
    """What the user says of a file.

    Parameters
    ----------
    digital : bool
        Give converter steps (unit "adu") instead of physical units.
    fs : float, Hz, optional
    unit : str, optional
        Of every channel.
    leads : tuple of str
        Names of the channels in the file's order; none where the file names them.
    """

    digital: bool = False
    fs: float | None = None
    unit: str | None = None
    leads: tuple[str, ...] = ()


def refusal(path: Path, said: str, advice: str) -> InputError:
    """Make the one sentence about a file that cannot be used.

    What the file holds may be quoted in it, so it is cut short, and what cannot be printed replaced.

    Parameters
    ----------
    path : Path
    said : str
        What was expected and what came.
    advice : str
        What to do.

    Returns
    -------
    InputError
        To be raised.
    """
    words = "".join(c if c.isprintable() else "?" for c in said[:LONGEST_SAYING])
    return InputError(f"{path}: {words}; {advice}")


def check_size(path: Path, largest: int = LARGEST_FILE) -> None:
    """Refuse a file that is empty, or beyond any recording.

    Parameters
    ----------
    path : Path
    largest : int, bytes

    Raises
    ------
    InputError
    """
    size = path.stat().st_size
    if size == 0:
        raise refusal(path, "expected a recording, found an empty file", "give a complete one")
    if size > largest:
        raise refusal(path, f"expected at most {largest} bytes, found {size}", "cut it to one recording")


def read_by_library(path: Path, kind: str, read: Callable[[], T]) -> T:
    """Run a library's reader, which on a damaged file raises whatever its parsing meets.

    Parameters
    ----------
    path : Path
    kind : str
        What the file was expected to be, for the sentence.
    read : callable
        Takes nothing.

    Returns
    -------
    Any
        What ``read`` gives.

    Raises
    ------
    InputError
        For any error but `InputError` itself, which passes.
    """
    try:
        # What a library doubts on the way is no word to the user: the recording is checked as a whole.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read()
    except InputError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:
            raise  # it is the file that cannot be opened, whatever is in it
        said = f"expected {kind}, could not read it ({type(error).__name__})"
        raise refusal(path, said, "get an undamaged copy") from error


def missing_library(path: Path, kind: str, package: str) -> InputError:
    """Say which extra brings the reader of a format.

    Parameters
    ----------
    path : Path
    kind : str
        Name of the format.
    package : str
        That reads it.

    Returns
    -------
    InputError
        To be raised.
    """
    return refusal(
        path, f"{kind} is read by {package}, which is not installed", 'pip install "ecglocus[formats]"'
    )
