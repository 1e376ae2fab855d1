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
        Final name; its folder is made if need be.

    Yields
    ------
    Path
        Name to write to.

    Raises
    ------
    OSError
        If the folder cannot be made or written.
    """
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=final.parent) as folder:
        draft = Path(folder) / final.name
        yield draft
        draft.replace(final)
