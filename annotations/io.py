"""Annotations from and to JSON files, checked against the published schema."""

from collections.abc import Iterable
from pathlib import Path

from annotations.annotation import Annotation
from annotations.document import annotations_of, document_of, parse, text_of
from imn.errors import InputError
from imn.files import replacing

LARGEST_FILE = 64 * 2**20
"""Bytes; a file beyond this is refused before it is parsed."""


def read_annotations(path: str | Path) -> tuple[Annotation, ...]:
    """Read a file of annotations.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    tuple of Annotation
        In the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, is not JSON, or does not fit the schema; the
        sentence names the place in the file, as in ``$.annotations[0].findings[1].confidence``.
    """
    return annotations_of(parse(read_bytes(Path(path)), path), path)


def write_annotations(path: str | Path, annotations: Iterable[Annotation]) -> None:
    """Write annotations to a file, whole or not at all; reading gives them back exactly.

    Parameters
    ----------
    path : str or Path
    annotations : iterable of Annotation

    Raises
    ------
    InputError
        If a value is beyond the schema's limits, or the file cannot be written.
    """
    document = document_of(annotations, path)
    write_bytes(path, (text_of(document, indent=1) + "\n").encode())


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file of annotations, whole or not at all.

    Parameters
    ----------
    path : str or Path
    content : bytes

    Raises
    ------
    InputError
        If it is larger than reading would take, or cannot be written.
    """
    if len(content) > LARGEST_FILE:
        msg = (
            f"{path}: annotations must fit in {LARGEST_FILE} bytes, got {len(content)}; split them over files"
        )
        raise InputError(msg)
    try:
        with replacing(path) as draft:
            draft.write_bytes(content)
    except OSError as error:
        msg = f"{path}: annotations cannot be written: {error.strerror}"
        raise InputError(msg) from error


def read_bytes(path: Path) -> bytes:
    """Read a file of annotations.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If it is missing, cannot be read, or is too large to be one.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        msg = f"{path}: expected annotations, could not read them ({error.strerror}); check the path"
        raise InputError(msg) from error
    if len(content) > LARGEST_FILE:
        msg = f"{path}: expected at most {LARGEST_FILE} bytes of annotations, the file is larger; split it"
        raise InputError(msg)
    return content
