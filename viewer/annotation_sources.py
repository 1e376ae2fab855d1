"""Annotations from whatever file a command is given: JSON or a store."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotations.annotation import Annotation

SQLITE = b"SQLite format 3\x00"


def annotations_in(path: Path) -> "tuple[Annotation, ...]":
    """Read annotations; of a store the latest of every rater and recording.

    Parameters
    ----------
    path : Path
        A file of annotations (``.json``), or a store.

    Returns
    -------
    tuple of Annotation

    Raises
    ------
    InputError
        If the file cannot be read, or is neither.
    """
    from annotations.io import read_annotations
    from annotations.store import open_store

    if not is_store(path):
        return read_annotations(path)
    with open_store(path, access="read") as store:
        return store.latest()


def is_store(path: Path) -> bool:
    """Tell a store from a file of annotations by its first bytes."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(SQLITE)) == SQLITE
    except OSError:
        return False
