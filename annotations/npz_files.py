"""Label maps from and to NPZ files (NumPy's archives of arrays)."""

import io
import warnings
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray

from annotations.io import read_bytes, write_bytes
from annotations.label_map import LabelMap
from imn.errors import InputError

POINTS, TRIANGLES, TEXT = "points", "triangles", "ecglocus"
LARGEST = 2**28
"""Bytes of all arrays, unpacked."""


def write_npz(path: str | Path, label_map: LabelMap) -> None:
    """Write a label map; `read_npz` gives it back exactly.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    content = io.BytesIO()
    text = np.frombuffer(label_map.text.encode(), dtype=np.uint8)
    own = {POINTS: label_map.points, TRIANGLES: label_map.triangles, TEXT: text}
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        # As `numpy.savez` does, which takes no array by the names of its own parameters.
        for name, values in (own | dict(label_map.arrays)).items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, values, allow_pickle=False)
    write_bytes(path, content.getvalue())


def read_npz(path: str | Path) -> LabelMap:
    """Read ``points``, ``triangles``, and arrays of one value for each point.

    Raises
    ------
    InputError
        If the file cannot be read, or points or triangles are missing.
    """
    arrays = _arrays(read_bytes(Path(path)), path)
    missing = [name for name in (POINTS, TRIANGLES) if name not in arrays]
    if missing:
        msg = f"{path}: expected the arrays {POINTS} and {TRIANGLES} of the heart, found no {missing[0]}"
        raise InputError(msg)
    points, triangles = arrays.pop(POINTS), arrays.pop(TRIANGLES)
    try:
        text = arrays.pop(TEXT, np.empty(0, np.uint8)).tobytes().decode()
        return LabelMap.of(points, triangles, arrays, text)
    except (InputError, UnicodeDecodeError) as error:
        msg = f"{path}: {error}"
        raise InputError(msg) from error


def _arrays(content: bytes, path: str | Path) -> dict[str, NDArray[np.generic]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if size > LARGEST:
                msg = f"{path}: expected at most {LARGEST} bytes of arrays, found {size}"
                raise InputError(msg)
            return {member.filename.removesuffix(".npy"): _array(archive.read(member)) for member in members}
    except InputError:
        raise
    except (
        OSError,
        ValueError,
        EOFError,
        TypeError,
        KeyError,
        RuntimeError,
        NotImplementedError,
        OverflowError,
        MemoryError,
        zipfile.BadZipFile,
        zlib.error,
        SyntaxError,
        TokenError,
        UserWarning,
    ) as error:
        msg = f"{path}: expected arrays of NumPy (.npz), could not read them ({str(error):.200})"
        raise InputError(msg) from error


def _array(content: bytes) -> NDArray[np.generic]:
    with warnings.catch_warnings():
        # NumPy goes on, with a warning, where a damaged header looks like one of Python 2.
        warnings.simplefilter("error", UserWarning)
        return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
