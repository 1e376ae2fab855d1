"""Files of annotations with something wrong: what a reader must refuse or take, never trip over."""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

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
NUMBERS = (b"0", b"-1", b"1", b"2", b"3", b"64", b"1000000", b"2147483647", b"4294967296", b"9" * 30)


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
    known = {".json": _node, ".csv": _cell, ".npz": _member}
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        ways = [_flip, _cut, _drop, _repeat, _insert, _digits]
        part = known.get(suffix)
        ways += [part] * 4 if part else [_digits]
        content = rng.choice(ways)(content, rng)
    return content


def _flip(content: bytes, rng: Random) -> bytes:
    spoilt = bytearray(content)
    for _ in range(rng.randint(1, 4) if spoilt else 0):
        spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
    return bytes(spoilt)


def _span(content: bytes, rng: Random) -> tuple[int, int]:
    begin = rng.randint(0, len(content))
    return begin, min(len(content), begin + rng.choice((1, 2, 7, 60, 1000)))


def _cut(content: bytes, rng: Random) -> bytes:
    return content[: rng.randint(0, len(content))]


def _drop(content: bytes, rng: Random) -> bytes:
    begin, end = _span(content, rng)
    return content[:begin] + content[end:]


def _repeat(content: bytes, rng: Random) -> bytes:
    begin, end = _span(content, rng)
    return content[:end] + content[begin:end] + content[end:]


def _insert(content: bytes, rng: Random) -> bytes:
    at = rng.randint(0, len(content))
    added = rng.choice((b"\0", b"\xff\xfe", b"\n", b'"', b"<", b"}", b"\xed\xa0\x80", b"NaN", b"1e999"))
    return content[:at] + added + content[at:]


def _digits(content: bytes, rng: Random) -> bytes:
    """Put another number where one stands."""
    found = list(re.finditer(rb"-?\d+", content))
    if not found:
        return content
    place = rng.choice(found)
    return content[: place.start()] + rng.choice(NUMBERS) + content[place.end() :]


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


def _member(content: bytes, rng: Random) -> bytes:
    """Spoil an array within an archive, whose checksum then fits what is wrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (ValueError, OSError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return content
    if not members:
        return content
    name = rng.choice(sorted(members))
    match rng.randrange(4):
        case 0:
            del members[name]
        case 1:
            members[name] = _flip(members[name], rng)
        case 2:
            members[name] = _digits(members[name][:200], rng) + members[name][200:]
        case _:
            members[name] = _npy(rng)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for key, value in members.items():
            archive.writestr(key, value)
    return written.getvalue()


def _npy(rng: Random) -> bytes:
    """Give some other array."""
    written = io.BytesIO()
    kind = rng.choice(("f8", "f4", "i8", "u1", "bool", "c16", "U3", "M8[s]", "f8,i4"))
    shape = rng.choice(((), (0,), (3,), (40,), (40, 3), (0, 3), (2, 2, 2)))
    np.lib.format.write_array(written, np.zeros(shape, dtype=kind), allow_pickle=False)
    return written.getvalue()
