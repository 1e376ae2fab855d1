"""A figure that a notebook shows where it stands at the end of a cell."""

from io import BytesIO

from matplotlib.figure import Figure

DPI = 100


class ShownFigure(Figure):
    """A matplotlib figure of no window, with its picture for notebooks.

    Notebooks draw figures of their own accord only once ``matplotlib.pyplot`` is imported, which then
    also keeps them.
    """

    def _repr_png_(self) -> bytes:
        picture = BytesIO()
        self.savefig(picture, format="png", dpi=DPI)
        return picture.getvalue()
