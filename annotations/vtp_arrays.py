"""Arrays of VTK's XML files: numbers as text, or as bytes in base64 or after the XML, packed or not."""

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError

TYPES = {
    "Float32": "f4", "Float64": "f8", "Int8": "i1", "UInt8": "u1", "Int16": "i2", "UInt16": "u2",
    "Int32": "i4", "UInt32": "u4", "Int64": "i8", "UInt64": "u8",
}  # fmt: skip
ZLIB = "vtkZLibDataCompressor"
LARGEST = 2**26
"""Bytes of an array, unpacked."""


@dataclass(frozen=True)
class Encoding:
    """How a file holds its arrays.

    Parameters
    ----------
    order : str
        "<" or ">", of bytes.
    header : str
        Type of the counts before the bytes, "u4" or "u8".
    packed : bool
        By zlib.
    appended : bytes
        What follows the XML; empty where nothing does.
    raw : bool
        Whether that is plain bytes, not base64.
    """

    order: str
    header: str
    packed: bool
    appended: bytes
    raw: bool


def encoding_of(root: Element, appended: bytes, raw: bool) -> Encoding:
    """Tell from the root how arrays are held.

    Parameters
    ----------
    root : Element
        ``VTKFile``.
    appended, raw
        As in `Encoding`.

    Returns
    -------
    Encoding

    Raises
    ------
    InputError
        If they are packed otherwise than by zlib, or count their bytes in another type.
    """
    compressor = root.get("compressor", "")
    if compressor not in ("", ZLIB):
        msg = f"expected arrays packed by zlib or not at all, found {compressor:.80}; save it so"
        raise InputError(msg)
    order = "<" if root.get("byte_order", "LittleEndian") == "LittleEndian" else ">"
    header = {"UInt32": "u4", "UInt64": "u8"}.get(root.get("header_type", "UInt32"), "")
    if not header:
        msg = f"expected header_type UInt32 or UInt64, found {root.get('header_type'):.80}"
        raise InputError(msg)
    return Encoding(order, header, bool(compressor), appended, raw)


def array_of(element: Element, encoding: Encoding) -> NDArray[np.generic]:
    """Give the numbers of a ``DataArray``.

    Parameters
    ----------
    element : Element
    encoding : Encoding

    Returns
    -------
    (n,) or (n, components) array

    Raises
    ------
    InputError
        If they cannot be read.
    """
    name, kind = element.get("Name", ""), TYPES.get(element.get("type", ""))
    if kind is None:
        msg = f"array {name!r:.80}: expected numbers, found type {element.get('type')!r:.80}"
        raise InputError(msg)
    components = _whole(element.attrib, "NumberOfComponents", 1)
    try:
        if element.get("format") == "ascii":
            flat = np.array((element.text or "").split(), dtype=kind)
        else:
            content = _content(element, encoding)
            flat = np.frombuffer(content, dtype=encoding.order + kind).astype(kind)
        return flat.reshape(-1, components) if components > 1 else flat
    except (ValueError, OverflowError, binascii.Error, zlib.error, UnicodeEncodeError, IndexError) as error:
        msg = f"array {name!r:.80}: could not be read ({error})"
        raise InputError(msg) from error


def _whole(attributes: Mapping[str, str], name: str, default: int) -> int:
    given = attributes.get(name, str(default))
    if not (given.isascii() and given.isdigit() and 0 < len(given) < 10) or int(given) < 1:
        msg = f"{name} must be a whole number from 1, got {given!r:.80}"
        raise InputError(msg)
    return int(given)


def _content(element: Element, encoding: Encoding) -> bytes:
    if element.get("format") != "appended":
        return _unpacked(_Base64((element.text or "").strip().encode("ascii")), encoding)
    offset = element.get("offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 12):
        msg = f"offset must be a whole number, got {offset!r:.80}"
        raise ValueError(msg)
    appended = encoding.appended[int(offset) :]
    return _unpacked(_Raw(appended) if encoding.raw else _Base64(appended), encoding)


class _Raw:
    """Bytes as they are."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def take(self, count: int) -> bytes:
        taken = self._content[self._at : self._at + count]
        self._at += count
        if len(taken) < count:
            msg = "it breaks off"
            raise ValueError(msg)
        return taken

    def end_header(self) -> None:
        """Go on with what is encoded after the header."""


class _Base64(_Raw):
    """Bytes in base64; of packed arrays the header is encoded by itself."""

    def take(self, count: int) -> bytes:
        # Four characters for three bytes, from the beginning of what is encoded together.
        begin = self._at
        encoded = self._content[begin // 3 * 4 : (begin + count + 2) // 3 * 4]
        taken = base64.b64decode(encoded, validate=True)[begin % 3 : begin % 3 + count]
        self._at += count
        if len(taken) < count:
            msg = "it breaks off"
            raise ValueError(msg)
        return taken

    def end_header(self) -> None:
        self._content, self._at = self._content[(self._at + 2) // 3 * 4 :], 0


def _unpacked(source: _Raw, encoding: Encoding) -> bytes:
    header = np.dtype(encoding.order + encoding.header)

    def counts(number: int) -> list[int]:
        return np.frombuffer(source.take(number * header.itemsize), dtype=header).tolist()

    if not encoding.packed:
        return source.take(_bounded(counts(1)[0]))
    (blocks,) = counts(1)
    size, last = counts(2)
    lengths = counts(_bounded(blocks))
    source.end_header()
    _bounded(blocks * size)
    sizes = [size] * blocks
    if blocks and last:
        sizes[-1] = last
    return b"".join(_inflated(source.take(length), size) for length, size in zip(lengths, sizes, strict=True))


def _bounded(size: int) -> int:
    if size > LARGEST:
        msg = f"it claims {size} bytes, more than {LARGEST}"
        raise ValueError(msg)
    return size


def _inflated(content: bytes, size: int) -> bytes:
    # one byte more than promised shows that there are more
    inflated = zlib.decompressobj().decompress(content, size + 1)
    if len(inflated) != size:
        msg = f"a block holds other than the {size} bytes promised"
        raise ValueError(msg)
    return inflated
