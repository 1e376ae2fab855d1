"""Write a file whole or not at all."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary name beside ``path``; take its place when all went well.

    The temporary name keeps the suffix, because writers choose a format by it.

    Parameters
    ----------
    path : str or Path
        Final name; its folder must exist.

    Yields
    ------
    Path
        Name to write to.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written.
    """
    final = Path(path)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=final.parent) as folder:
        draft = Path(folder) / final.name
        yield draft
        draft.replace(final)
