"""Where each lead stands on paper: layouts as data."""

from dataclasses import dataclass

from imn.errors import InputError
from imn.leads import LEADS


@dataclass(frozen=True)
class Layout:
    """Places of the twelve leads on paper.

    Parameters
    ----------
    name : str
    places : tuple of (row, column, lead)
        Columns follow each other in time; every lead stands in exactly one place.
    rhythm : tuple of str
        Leads repeated in full length below.
    row_mm : float
        Height of a row on paper.
    """

    name: str
    places: tuple[tuple[int, int, str], ...]
    rhythm: tuple[str, ...] = ()
    row_mm: float = 30.0

    @property
    def columns(self) -> int:
        """Number of columns."""
        return 1 + max(column for _, column, _ in self.places)

    @property
    def rows(self) -> int:
        """Number of rows, rhythm strips included."""
        return 1 + max(row for row, _, _ in self.places) + len(self.rhythm)


def _by_columns(rows: int) -> tuple[tuple[int, int, str], ...]:
    return tuple((i % rows, i // rows, lead) for i, lead in enumerate(LEADS))


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("3x4+1", _by_columns(3), rhythm=("II",)),
        Layout("6x2", _by_columns(6), row_mm=24.0),
        Layout("12x1", _by_columns(12), row_mm=19.0),
    )
}


def layout_named(name: str) -> Layout:
    """Look a layout up.

    Parameters
    ----------
    name : str
        One of `LAYOUTS`.

    Returns
    -------
    Layout

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in LAYOUTS:
        msg = f"layout must be one of {', '.join(LAYOUTS)}, got {name!r}"
        raise InputError(msg)
    return LAYOUTS[name]
