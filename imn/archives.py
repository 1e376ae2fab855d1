"""Arrays in NumPy's files (.npy, .npz): nothing is unpickled, and no more is held than the bytes there are.

NumPy itself makes room for whatever shape a header states before it looks at the data.
"""

import errno
import math
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from tokenize import TokenError
from types import MappingProxyType
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from imn.reading import refusal

LARGEST = 2**30
"""Bytes of all arrays of an archive, unpacked."""
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_LAST_CHARACTER = 0x10FFFF
_ENCRYPTED = 1
"""Flag of a member."""
_DAMAGED = (
    *(EOFError, TypeError, KeyError, RuntimeError, OverflowError, MemoryError, SyntaxError),
    *(NotImplementedError, TokenError, zipfile.BadZipFile, zlib.error),
)
"""What the libraries raise beside ValueError and OSError for files that are none of NumPy's, or not whole.

Their words are for programmers; ours go on after "found".
"""


def read_archive(
    path: Path,
    what: str,
    *,
    advice: str,
    form: str | None = None,
    shapes: Mapping[str, str] = MappingProxyType({}),
    among: Callable[[str], bool] = lambda _: True,
) -> dict[str, NDArray[Any]]:
    """Read arrays by name from an archive that this package has written.

    Parameters
    ----------
    path : Path
    what : str
        Is expected, for the sentence: "decoders".
    advice : str
        What to do where it is not there.
    form : str, optional
        The array ``format`` must hold it.
    shapes : mapping of str to str
        Of arrays that must be there, as `check_shapes` takes them.
    among : callable
        Tells by its name whether an array is read.

    Returns
    -------
    dict of str to array

    Raises
    ------
    InputError
        If the file is missing, damaged, larger than `LARGEST`, holds pickles, is of another form or
        an array is missing or does not fit the others.
    """
    try:
        with path.open("rb") as file:
            arrays = unpack(file, among=among)
    except FileNotFoundError as error:
        raise refusal(path, f"expected {what}, found no such file", advice) from error
    except OSError as error:
        raise refusal(
            path, f"expected {what}, could not read it ({error.strerror or error})", advice
        ) from error
    except ValueError as error:
        raise refusal(path, f"expected {what}, found {error}", advice) from error
    if form is not None and str(arrays.get("format")) != form:
        other = f"format {str(arrays['format'])[:40]}" if "format" in arrays else "arrays of no such format"
        raise refusal(path, f"expected {what} of format {form}, found {other}", advice)
    try:
        check_shapes(arrays, shapes)
    except ValueError as error:
        raise refusal(path, f"expected {what}, found {error}", advice) from error
    return arrays


def check_shapes(arrays: Mapping[str, NDArray[Any]], shapes: Mapping[str, str]) -> None:
    """See that arrays are there and fit together.

    Parameters
    ----------
    arrays : mapping of str to array
    shapes : mapping of str to str
        A letter for each axis, the same for axes of one length, or its length as a digit: points of a
        mesh are ``"n3"``, its triangles ``"t3"``, a value at each point ``"n"``, a single value ``""``.

    Raises
    ------
    ValueError
        If not; the words go on after "found".
    """
    missing = [name for name in shapes if name not in arrays]
    if missing:
        msg = f"no {', '.join(missing)} in it"
        raise ValueError(msg)
    lengths: dict[str, int] = {}
    for name, axes in shapes.items():
        shape = arrays[name].shape
        fitting = tuple(
            int(axis) if axis.isdigit() else lengths.setdefault(axis, length)
            for axis, length in zip(axes, shape, strict=False)
        )
        if len(shape) != len(axes) or shape != fitting:
            msg = f"arrays that do not fit together: {name} of shape {shape}"
            raise ValueError(msg)


def unpack(
    file: IO[bytes], *, among: Callable[[str], bool] = lambda _: True, largest: int = LARGEST
) -> dict[str, NDArray[Any]]:
    """Read the arrays of an archive by their names.

    Parameters
    ----------
    file : binary file
        Open, at its start.
    among : callable
        Tells by its name whether an array is read.
    largest : int, bytes
        Of all that is read.

    Returns
    -------
    dict of str to array

    Raises
    ------
    ValueError
        If it is no archive of arrays, or not whole, or too large, or pickled; the words go on after "found".
    OSError
        If it cannot be read.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (*_DAMAGED, ValueError, OSError) as error:
        _pass_on(error)
        msg = "no whole archive of NumPy (.npz)"
        raise ValueError(msg) from error
    with archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        members = {name: info for name, info in members.items() if among(name)}
        size = sum(info.file_size for info in members.values())
        if size > largest:
            msg = f"{size} bytes of arrays, of which at most {largest} are read"
            raise ValueError(msg)
        return {name: _member(archive, info) for name, info in members.items()}


def read_array(file: IO[bytes], size: int) -> NDArray[Any]:
    """Read one array as ``numpy.save`` writes it.

    Parameters
    ----------
    file : binary file
    size : int, bytes
        No more can be in the file.

    Returns
    -------
    array
        Of the file's shape and type.

    Raises
    ------
    ValueError
        If it is no array, or not whole, or of Python objects; the words go on after "found".
    OSError
        If it cannot be read.
    """
    shape, by_columns, kind = _header(file)
    if kind.hasobject:
        msg = "pickled objects, where only numbers and text are read"
        raise ValueError(msg)
    if min(shape, default=0) < 0:
        msg = f"an array of negative length by its header, {shape}"
        raise ValueError(msg)
    needed = math.prod(shape) * kind.itemsize
    if needed > size:
        msg = f"an array of {needed} bytes by its header, where {size} are there"
        raise ValueError(msg)
    held = bytearray(file.read(needed))
    if len(held) < needed:
        msg = f"an array of {needed} bytes by its header, where {len(held)} are there"
        raise ValueError(msg)
    values = np.ndarray(shape, kind, held, order="F" if by_columns else "C")
    if kind.kind == "U" and values.size and values.ravel().view(np.uint32).max() > _LAST_CHARACTER:
        msg = "text that is no characters"
        raise ValueError(msg)
    return values


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        with warnings.catch_warnings():
            # NumPy goes on, with a warning, where a damaged header looks like one of Python 2, and Python
            # where text in it has a stray backslash.
            warnings.simplefilter("error")
            return _HEADERS[npy.read_magic(file)](file)
    except (*_DAMAGED, ValueError, Warning) as error:
        msg = "no array as NumPy saves it"
        raise ValueError(msg) from error


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[Any]:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & _ENCRYPTED:
        msg = f"{info.filename} packed in a way that NumPy does not use"
        raise ValueError(msg)
    try:
        with archive.open(info) as member:
            values = read_array(member, info.file_size)
            # only at the end of a member its checksum is looked at
            more = member.read(1)
    except (*_DAMAGED, OSError) as error:
        _pass_on(error)
        msg = f"{info.filename} damaged"
        raise ValueError(msg) from error
    if more:
        msg = f"more than one array in {info.filename}"
        raise ValueError(msg)
    return values


def _pass_on(error: Exception) -> None:
    """Raise what the system says of the file; a place before its beginning is a damaged archive's."""
    if isinstance(error, OSError) and error.errno != errno.EINVAL:
        raise error
