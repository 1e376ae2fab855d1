"""Recordings with something wrong in their own format: fields, tags, lengths, as well as bytes."""

import re
from collections.abc import Callable
from random import Random

from imn.fuzz.spoiling import cut, digits, drop, flip, insert, member, repeat

WORDS = (
    "", " ", "0", "-1", "1", "3", "12", "13", "1000000", "2147483647", "4294967296", "9" * 30, "1e999",
    "-1e308", "1e-320", "nan", "inf", "0,5", "1_0", "\u0663", "mV", "uV", "V1", "aVR", "16", "212", "311",
    "508", "16x2", "16+24", "16:1", "0(0)/mV", "1e9(99999999)/mV", "../rec.dat", "/etc/passwd", "http://x/y",
    "rec/2", "rec", "x" * 300, "\0", '"', "'", "\ufeff", "&a;", "<a>", "#", "1.2.840.10008.1.2.1.99", "EDF+D",
)  # fmt: skip
"""What fits another field, or none."""
LENGTHS = (0, 1, 2, 3, 7, 64, 255, 65534, 65535, 2**20, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)
_EDF = (8, 80, 80, 8, 8, 8, 44, 8, 8, 4)
_EDF_CHANNEL = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
_VR = re.compile(rb"[\x02-\xff]\x00..(?:(OB|OW|SQ|UN|UT|OF|OD)\0\0|([A-Z][A-Z]))", re.S)
_NODE = re.compile(rb"</?\w[^<>]*>")
_VALUE = re.compile(rb'(?<=")[^"<>]*(?=")|(?<=>)[^<>]+(?=<)')

Way = Callable[[bytes, Random], bytes]


def mutate(content: bytes, suffix: str, rng: Random) -> bytes:
    """Spoil a file of a recording in one to three places.

    Parameters
    ----------
    content : bytes
        Of a sound file.
    suffix : str
        Of its name, in lower case: tells what it has besides bytes.
    rng : random.Random

    Returns
    -------
    bytes
    """
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        ways = [flip, cut, drop, repeat, insert, digits]
        ways += list(_OWN.get(suffix, ())) * 3
        content = rng.choice(ways)(content, rng)
    return content


def _word(rng: Random) -> bytes:
    return rng.choice(WORDS).encode()


def _token(separator: bytes) -> Way:
    """Put another word where one stands in a line, or exchange two words."""

    def way(content: bytes, rng: Random) -> bytes:
        lines = content.split(b"\n")
        # The header decides most, so it is spoilt as often as all that follows.
        number = rng.randrange(min(len(lines), rng.choice((4, len(lines)))))
        words = lines[number].split(separator)
        i, k = rng.randrange(len(words)), rng.randrange(len(words))
        if rng.random() < 0.7:
            words[i] = _word(rng)
        else:
            words[i], words[k] = words[k], words[i]
        lines[number] = separator.join(words)
        return b"\n".join(lines)

    return way


def _lines(content: bytes, rng: Random) -> bytes:
    """Exchange two lines, leave one out, or give one many times."""
    lines = content.split(b"\n")
    i, k = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(3):
        case 0:
            lines[i], lines[k] = lines[k], lines[i]
        case 1:
            del lines[i]
        case _:
            lines[i:i] = [lines[i]] * rng.choice((1, 12, 300))
    return b"\n".join(lines)


def _edf_field(content: bytes, rng: Random) -> bytes:
    """Put another word into a field of fixed width."""
    channels = 12
    widths = [*_EDF, *(width for width in _EDF_CHANNEL for _ in range(channels))]
    which = rng.randrange(rng.choice((len(_EDF), len(widths))))
    begin = sum(widths[:which])
    field = _word(rng)[: widths[which]].ljust(widths[which])
    return content[:begin] + field + content[begin + widths[which] :]


def _dicom_length(content: bytes, rng: Random) -> bytes:
    """State another length of an element."""
    found = list(_VR.finditer(content))
    if not found:
        return content
    place = rng.choice(found)
    width = 4 if place[1] else 2
    length = (rng.choice(LENGTHS) % 256**width).to_bytes(width, "little")
    return content[: place.end()] + length + content[place.end() + width :]


def _dicom_kind(content: bytes, rng: Random) -> bytes:
    """Say that an element holds another kind of value."""
    found = list(_VR.finditer(content))
    if not found:
        return content
    at = rng.choice(found).start() + 4
    return (
        content[:at]
        + rng.choice((b"US", b"SQ", b"DS", b"IS", b"OW", b"UN", b"AT", b"??"))
        + content[at + 2 :]
    )


def _dicom_value(content: bytes, rng: Random) -> bytes:
    """Put other words into an element, of the length that is stated."""
    found = [place for place in _VR.finditer(content) if place[2]]
    if not found:
        return content
    begin = rng.choice(found).end() + 2
    length = int.from_bytes(content[begin - 2 : begin], "little")
    binary = rng.choice(LENGTHS).to_bytes(4, "little")
    word = rng.choice((_word(rng), binary))[:length].ljust(length)
    return content[:begin] + word + content[begin + length :]


def _node(content: bytes, rng: Random) -> bytes:
    """Rename, leave out, repeat or nest a tag."""
    found = list(_NODE.finditer(content))
    if not found:
        return content
    place, other = rng.choice(found), rng.choice(found)
    nested = rng.choice((10, 1000, 20000))
    new = rng.choice((b"", b"<x/>", place[0] * 2, other[0], place[0] * nested, b"<!-- ", b"<![CDATA["))
    return content[: place.start()] + new + content[place.end() :]


def _value(content: bytes, rng: Random) -> bytes:
    """Put another word into an attribute or between tags."""
    found = list(_VALUE.finditer(content))
    if not found:
        return content
    place = rng.choice(found)
    return content[: place.start()] + _word(rng) + content[place.end() :]


def _entities(content: bytes, rng: Random) -> bytes:
    """Declare entities: within, from a file, from the net, or multiplying."""
    kinds = (
        b'<!DOCTYPE x [<!ENTITY a "b">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x SYSTEM "http://localhost:1/x.dtd">',
        b'<!DOCTYPE x [<!ENTITY a "bbbbbbbb"><!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    )
    end = content.find(b"?>") + 2
    return content[:end] + rng.choice(kinds) + content[end:].replace(b"<digits>", b"<digits>&a;", 1)


_OWN: dict[str, tuple[Way, ...]] = {
    ".hea": (_token(b" "), _lines),
    ".csv": (_token(b","), _lines),
    ".tsv": (_token(b"\t"), _lines),
    ".edf": (_edf_field,),
    ".bdf": (_edf_field,),
    ".dcm": (_dicom_length, _dicom_kind, _dicom_value),
    ".xml": (_node, _value, _entities),
    ".npz": (member,),
}
"""Ways that only a format has, by the ending of its files."""
