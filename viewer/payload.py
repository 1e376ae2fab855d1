"""What the browser gets of one analysis: a JSON header and aligned buffers, once.

The bytes are ``uint32`` little-endian length of the header, the header as UTF-8
JSON ``{"meta": ..., "arrays": {name: {dtype, shape, offset, nbytes}}}``, and the
arrays in C order.  Offsets count from the first byte and are multiples of 16, so
that a reader can lay typed arrays over the buffer without copying it.  Its twin
that reads is ``viewer/js/src/payload.js``.
``meta.key`` names the content: the SHA-256 of what the bytes would be without it.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError

VERSION = 1
ALIGNMENT = 16
DTYPES = ("f2", "f4", "u1", "u2", "u4", "i4")
PREFIX = struct.Struct("<I")


@dataclass(frozen=True, eq=False)
class Payload:
    """Numbers and words of one analysis, as the browser needs them.

    Parameters
    ----------
    meta : mapping
        JSON's types only.
    arrays : mapping of str to array
        Each of a type in `DTYPES`.
    """

    meta: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]

    def __post_init__(self) -> None:
        for name, array in self.arrays.items():
            if _dtype(array) not in DTYPES:
                msg = f"{name} must be one of {', '.join(DTYPES)}, got {array.dtype}"
                raise TypeError(msg)
        object.__setattr__(self, "meta", MappingProxyType(dict(self.meta)))
        object.__setattr__(self, "arrays", MappingProxyType(dict(self.arrays)))

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays alone."""
        return sum(array.nbytes for array in self.arrays.values())


def to_bytes(payload: Payload) -> bytes:
    """Write a payload; equal content gives equal bytes.

    Parameters
    ----------
    payload : Payload

    Returns
    -------
    bytes
    """
    header = _header(payload, 0)
    while True:  # the offsets are part of the header, whose length they shift
        longer = _header(payload, _aligned(PREFIX.size + len(header)))
        if len(longer) == len(header):
            break
        header = longer
    parts = [PREFIX.pack(len(longer)), longer]
    end = PREFIX.size + len(longer)
    for array in payload.arrays.values():
        parts.append(bytes(_aligned(end) - end))
        raw = np.ascontiguousarray(array, dtype=f"<{_dtype(array)}").tobytes()
        parts.append(raw)
        end = _aligned(end) + len(raw)
    return b"".join(parts)


def from_bytes(content: bytes) -> Payload:
    """Read what `to_bytes` wrote; the arrays are views of the bytes.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    Payload

    Raises
    ------
    InputError
        If the bytes are no payload, are cut short, or are of another version.
    """
    try:
        (length,) = PREFIX.unpack_from(content)
        header = json.loads(content[PREFIX.size : PREFIX.size + length].decode("utf-8"))
        meta = header["meta"]
        arrays = {name: _view(content, entry) for name, entry in header["arrays"].items()}
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"expected the bytes of a payload, could not read them ({error}); write them with to_bytes"
        raise InputError(msg) from error
    if meta.get("version") != VERSION:
        msg = f"expected a payload of version {VERSION}, got {meta.get('version')!r}; make it anew"
        raise InputError(msg)
    return Payload(meta, arrays)


def keyed(payload: Payload) -> Payload:
    """Name a payload after its content, as ``meta.key``.

    Parameters
    ----------
    payload : Payload
        A key it has already does not count.

    Returns
    -------
    Payload
        The same with its key, which comes first.
    """
    bare = {name: value for name, value in payload.meta.items() if name != "key"}
    return replace(payload, meta={"key": content_hash(to_bytes(replace(payload, meta=bare)))} | bare)


def content_hash(content: bytes) -> str:
    """Name bytes by their content.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.
    """
    return sha256(content).hexdigest()


def _header(payload: Payload, start: int) -> bytes:
    entries, end = {}, start
    for name, array in payload.arrays.items():
        offset = _aligned(end)
        entries[name] = {
            "dtype": _dtype(array),
            "shape": list(array.shape),
            "offset": offset,
            "nbytes": array.nbytes,
        }
        end = offset + array.nbytes
    whole = {"meta": dict(payload.meta), "arrays": entries}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")


def _view(content: bytes, entry: Mapping[str, Any]) -> NDArray[Any]:
    if entry["dtype"] not in DTYPES or entry["offset"] % ALIGNMENT:
        msg = f"array of type {entry['dtype']!r} at byte {entry['offset']}"
        raise ValueError(msg)
    dtype = np.dtype(f"<{entry['dtype']}")
    count = prod(entry["shape"])
    return np.frombuffer(content, dtype, count, entry["offset"]).reshape(entry["shape"])


def _aligned(position: int) -> int:
    return -(-position // ALIGNMENT) * ALIGNMENT


def _dtype(array: NDArray[Any]) -> str:
    return f"{array.dtype.kind}{array.dtype.itemsize}"
