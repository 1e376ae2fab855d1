"""Where values find what draws them, though no layer imports the one above it.

As pandas finds its plotting back ends: by the entry points of the group ``ecglocus.plot``.  Ours come with
the package `viewer`; another package may bring others under names of its own.
"""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from imn.errors import InputError

GROUP = "ecglocus.plot"


def drawing_of(kind: str) -> Callable[..., Any]:
    """Load what draws one kind of value.

    Parameters
    ----------
    kind : str
        Name of an entry point of the group: record, explanation, heart_map, polydata.

    Returns
    -------
    callable
        That takes the value, then the options of the method that asked for it.

    Raises
    ------
    InputError
        If nothing that draws it is installed, or it cannot be loaded.
    """
    for found in entry_points(group=GROUP, name=kind):
        try:
            return found.load()
        except ImportError as error:
            msg = f"{kind}: expected {found.value} to draw it, it cannot be loaded ({error}); install it anew"
            raise InputError(msg) from error
    msg = (
        f"{kind}: expected something installed that draws it (entry point {kind!r} of the group {GROUP!r}), "
        "found none; pip install ecglocus"
    )
    raise InputError(msg)
