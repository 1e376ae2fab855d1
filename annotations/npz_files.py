"""Label maps from and to NPZ files (NumPy's archives of arrays)."""

import io
import zipfile
from pathlib import Path

import numpy as np

from annotations.io import read_bytes, write_bytes
from annotations.label_map import LabelMap
from imn.archives import unpack
from imn.errors import InputError
from imn.reading import refusal

POINTS, TRIANGLES, TEXT = "points", "triangles", "ecglocus"
LARGEST = 2**28
"""Bytes of all arrays, unpacked."""


def write_npz(path: str | Path, label_map: LabelMap) -> None:
    """Write a label map; `read_npz` gives it back exactly.

    Parameters
    ----------
    path : str or Path
    label_map : LabelMap

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

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    LabelMap

    Raises
    ------
    InputError
        If the file cannot be read, or points or triangles are missing.
    """
    content = read_bytes(Path(path))
    try:
        arrays = unpack(io.BytesIO(content), largest=LARGEST)
    except (OSError, ValueError) as error:
        said = f"expected arrays of NumPy (.npz), found {str(error):.200}"
        raise refusal(Path(path), said, "get an undamaged copy") from error
    missing = [name for name in (POINTS, TRIANGLES) if name not in arrays]
    if missing:
        said = f"expected the arrays {POINTS} and {TRIANGLES} of the heart, found no {missing[0]}"
        raise refusal(Path(path), said, "add them, named so")
    points, triangles = arrays.pop(POINTS), arrays.pop(TRIANGLES)
    try:
        text = arrays.pop(TEXT, np.empty(0, np.uint8)).tobytes().decode()
        return LabelMap.of(points, triangles, arrays, text)
    except (InputError, UnicodeDecodeError) as error:
        msg = f"{path}: {error}"
        raise InputError(msg) from error
