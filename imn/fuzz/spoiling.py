"""Files with something wrong, whatever their format: bytes, stretches, numbers, members of archives."""

import io
import re
import zipfile
import zlib
from random import Random

import numpy as np

NUMBERS = (b"0", b"-1", b"1", b"2", b"3", b"64", b"1000000", b"2147483647", b"4294967296", b"9" * 30)
INSERTED = (b"\0", b"\xff\xfe", b"\n", b'"', b"<", b"}", b"\xed\xa0\x80", b"NaN", b"1e999")


def flip(content: bytes, rng: Random) -> bytes:
    """Put other bytes in up to four places."""
    spoilt = bytearray(content)
    for _ in range(rng.randint(1, 4) if spoilt else 0):
        spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
    return bytes(spoilt)


def cut(content: bytes, rng: Random) -> bytes:
    """Leave out the end."""
    return content[: rng.randint(0, len(content))]


def drop(content: bytes, rng: Random) -> bytes:
    """Leave out a stretch."""
    begin, end = _span(content, rng)
    return content[:begin] + content[end:]


def repeat(content: bytes, rng: Random) -> bytes:
    """Give a stretch twice."""
    begin, end = _span(content, rng)
    return content[:end] + content[begin:end] + content[end:]


def insert(content: bytes, rng: Random) -> bytes:
    """Put something foreign in between."""
    at = rng.randint(0, len(content))
    return content[:at] + rng.choice(INSERTED) + content[at:]


def digits(content: bytes, rng: Random) -> bytes:
    """Put another number where one stands."""
    found = list(re.finditer(rb"-?\d+", content))
    if not found:
        return content
    place = rng.choice(found)
    return content[: place.start()] + rng.choice(NUMBERS) + content[place.end() :]


def member(content: bytes, rng: Random) -> bytes:
    """Spoil an array within a NumPy archive, whose checksum then fits what is wrong."""
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
            members[name] = flip(members[name], rng)
        case 2:
            members[name] = digits(members[name][:200], rng) + members[name][200:]
        case _:
            members[name] = _array(rng)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for key, value in members.items():
            archive.writestr(key, value)
    return written.getvalue()


def _array(rng: Random) -> bytes:
    """Give some other array."""
    written = io.BytesIO()
    kind = rng.choice(("f8", "f4", "i8", "u1", "bool", "c16", "U3", "M8[s]", "f8,i4"))
    shape = rng.choice(((), (0,), (3,), (40,), (40, 3), (0, 3), (2, 2, 2)))
    np.lib.format.write_array(written, np.zeros(shape, dtype=kind), allow_pickle=False)
    return written.getvalue()


def _span(content: bytes, rng: Random) -> tuple[int, int]:
    begin = rng.randint(0, len(content))
    return begin, min(len(content), begin + rng.choice((1, 2, 7, 60, 1000)))
