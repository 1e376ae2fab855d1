"""Values that say in a line what they are, and in a table where they stand in a notebook."""

from collections.abc import Mapping
from html import escape
from textwrap import shorten

LONGEST = 100
"""Letters of a fact that stand in the line; the table has all."""


class Described:
    """Representations of a value that holds arrays nobody wants printed.

    A dataclass takes them over if it is made with ``repr=False``.
    """

    def _facts(self) -> Mapping[str, str]:
        """Give what is to be said: name of each fact, then its words; the first says which one this is."""
        raise NotImplementedError

    def __repr__(self) -> str:
        first, *others = (shorten(words, LONGEST, placeholder="...") for words in self._facts().values())
        return f"<{type(self).__name__} {first}{' | ' if others else ''}{', '.join(filter(None, others))}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(name)}</th>'
            f'<td style="text-align:left">{escape(words)}</td></tr>'
            for name, words in self._facts().items()
            if words
        )
        return f"<table><caption>{escape(type(self).__name__)}</caption>{rows}</table>"
