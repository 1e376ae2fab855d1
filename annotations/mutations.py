"""Files of annotations with something wrong: what a reader must refuse or take, never trip over."""

import csv
import io
import json
from collections.abc import Callable
from random import Random
from typing import Any

from imn.fuzz.spoiling import cut, digits, drop, flip, insert, member, repeat

ODD = (
    None,
    True,
    -1,
    0,
    1,
    2,
    0.5,
    1e308,
    -1e308,
    1e-320,
    2**31,
    2**63,
    10**40,
    "",
    " ",
    "V1",
    "a\nb",
    "\ud7ff",
    [],
    {},
    [[]],
)
"""Values that fit somewhere else, or nowhere."""
WORDS = (
    "",
    " ",
    "0",
    "-1",
    "1e999",
    "nan",
    "inf",
    "0,5",
    "1_0",
    "٣",
    "V1",
    "V1 V1",
    "apex",
    "derived",
    "x" * 300,
    "\0",
    '"',
    "\ufeff",
)


def mutate(content: bytes, suffix: str, rng: Random) -> bytes:
    """Spoil a file in one to three places: bytes of any format, or parts of one that its ending tells.

    Parameters
    ----------
    content : bytes
        Of a sound file.
    suffix : str
        ``.json``, ``.csv``, ``.npz``, or another.
    rng : random.Random

    Returns
    -------
    bytes
    """
    known = {".json": _node, ".csv": _cell, ".npz": member}
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        ways = [flip, cut, drop, repeat, insert, digits]
        part = known.get(suffix)
        ways += [part] * 4 if part else [digits]
        content = rng.choice(ways)(content, rng)
    return content


def _node(content: bytes, rng: Random) -> bytes:
    """Put another value where one stands in JSON, or give an object a further key."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return content
    places: list[Callable[[Any], None]] = []

    def visit(value: Any) -> None:
        items = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for key, child in items:
            places.append(lambda new, value=value, key=key: value.__setitem__(key, new))
            visit(child)
        if isinstance(value, dict):
            places.append(lambda new, value=value: value.__setitem__(rng.choice(("note", "x", "leads")), new))

    visit(document)
    if places:
        rng.choice(places)(rng.choice(ODD))
    return json.dumps(document).encode()


def _cell(content: bytes, rng: Random) -> bytes:
    """Put another value into a cell of a table, or swap cells or rows."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    except (UnicodeDecodeError, csv.Error):
        return content
    if not rows or not all(rows):
        return content
    row, other = rng.choice(rows), rng.choice(rows)
    i, k = rng.randrange(len(row)), rng.randrange(len(other))
    row[i] = rng.choice((*WORDS, other[k]))
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode(errors="replace")
