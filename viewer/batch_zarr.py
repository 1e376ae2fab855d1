"""Maps of a batch as Zarr: factors only, a group for each shard, for programs that read no NumPy archives.

``maps.zarr`` is a Zarr group (format 3) with a group for each shard, named as its other files.  A shard's
group holds

``number`` (r,) int64
    Recording of each row; its label is in the attribute ``labels``.
``index`` (r, f, 3) int64
    Of each row and each of the attribute ``factors``: where it begins in ``values``, its rows, its columns.
``values`` (n,) float32
    All factors one after another, in C order: points of the path in mm, shares, courses in logit.

A group is written under another name, put on the disk, and renamed, so that what is there is whole.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.heart_map import HeartMap
from imn.errors import InputError
from imn.files import replacing
from imn.results import write_text
from viewer.batch_maps import AGAIN, maps_from

FOLDER = "maps.zarr"
ROOT = '{"attributes": {"of": "ecglocus batch"}, "zarr_format": 3, "node_type": "group"}\n'
FORMAT = 3
"""The format before it can hold pickles."""
CHUNK = 65_536
"""Values that are read at once: a quarter of a megabyte."""


def zarr_library() -> Any:
    """Import Zarr.

    Returns
    -------
    module

    Raises
    ------
    InputError
        If it is missing.
    """
    try:
        import zarr
    except ImportError as error:
        msg = (
            'maps: zarr needs Zarr, which is not installed; pip install "ecglocus[zarr]", or keep them as npz'
        )
        raise InputError(msg) from error
    return zarr


def open_store(path: Path) -> Any:
    """Open a store to read.

    Parameters
    ----------
    path : Path
        ``maps.zarr`` of a batch.

    Returns
    -------
    zarr.Group

    Raises
    ------
    InputError
        If it is none, or Zarr is missing.
    """
    zarr = zarr_library()
    try:
        return zarr.open_group(path, mode="r", zarr_format=FORMAT)
    except (ValueError, OSError, KeyError, TypeError) as error:
        msg = f"{path}: expected a Zarr store, could not open it ({error}); {AGAIN}"
        raise InputError(msg) from error


def write_zarr(path: Path, factors: Mapping[str, NDArray[np.float32]], about: Mapping[str, Any]) -> None:
    """Write the factors of a shard.

    Parameters
    ----------
    path : Path
        ``maps.zarr/NUMBER``.
    factors : mapping of str to array
        As `viewer.batch_stages.Done.maps`.
    about : mapping
        First recording of the shard, and how many there are.
    """
    zarr = zarr_library()
    rows, kinds, index, values = _laid_out(factors)
    if not (path.parent / "zarr.json").is_file():
        write_text(path.parent / "zarr.json", ROOT)
    attributes = {**about, "labels": [label for _, label in rows], "factors": kinds}
    pressed = zarr.codecs.BloscCodec(cname="zstd", clevel=5, shuffle="shuffle", typesize=4)
    whole = -(-len(values) // CHUNK) * CHUNK
    with replacing(path) as draft:
        group = zarr.create_group(draft, attributes=attributes, zarr_format=FORMAT)
        group.create_array("number", data=np.array([int(number) for number, _ in rows]), compressors=None)
        group.create_array("index", data=index, chunks=index.shape)
        group.create_array("values", data=values, chunks=(CHUNK,), shards=(whole,), compressors=pressed)
        _settle(draft)
        # A folder takes no other's place; one that is gone by a kill here is missed, and made again.
        shutil.rmtree(path, ignore_errors=True)


def _laid_out(
    factors: Mapping[str, NDArray[np.float32]],
) -> tuple[list[tuple[str, str]], list[str], NDArray[np.int64], NDArray[np.float32]]:
    """Give rows (recording, label), kinds of factors, index and values as the store has them."""
    parts = [name.split("/", 2) for name in factors]
    rows = list(dict.fromkeys((number, label) for number, label, _ in parts))
    kinds = list(dict.fromkeys(kind for _, _, kind in parts))
    index = np.zeros((len(rows), len(kinds), 3), dtype=np.int64)
    at_row, at_kind = ({name: i for i, name in enumerate(names)} for names in (rows, kinds))
    start = 0
    for (number, label, kind), held in zip(parts, factors.values(), strict=True):
        wide = held.shape[1] if held.ndim > 1 else 1
        index[at_row[number, label], at_kind[kind]] = (start, len(held), wide)
        start += held.size
    return rows, kinds, index, np.concatenate([held.ravel() for held in factors.values()])


def _settle(folder: Path) -> None:
    """Have all files of a folder on the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def maps_of(group: Any, number: int, label: str, anatomy: Anatomy) -> dict[str, HeartMap]:
    """Make a recording's maps again from what `zarr.open` gives.

    Parameters
    ----------
    group : zarr.Group
        ``zarr.open("DIR/maps.zarr", mode="r")``, or one of its groups.
    number, label, anatomy
        As in `viewer.batch_maps.read_maps`.

    Returns
    -------
    dict of str to HeartMap

    Raises
    ------
    InputError
        If there are no such maps.
    """
    try:
        held = _factors_in(group, number, label)
    except (ValueError, KeyError, IndexError, TypeError, OSError, RuntimeError) as error:
        msg = f"{group}: expected maps of recording {number}, could not read them ({error}); {AGAIN}"
        raise InputError(msg) from error
    if not held:
        msg = f"{group}: expected maps of recording {number} for {label}, found none; see failures"
        raise InputError(msg)
    return maps_from(held, label, anatomy)


def _factors_in(group: Any, number: int, label: str) -> dict[str, NDArray[np.float32]]:
    """Read the factors of a recording's maps; none where there are none."""
    if group.metadata.zarr_format != FORMAT:
        msg = f"a store of format {FORMAT} is read, this is of format {group.metadata.zarr_format}"
        raise ValueError(msg)
    shard = group if "index" in group else _shard_of(group, number)
    if shard is None:
        return {}
    told = zip(shard["number"][:].tolist(), shard.attrs["labels"], strict=True)
    rows = [i for i, row in enumerate(told) if row == (number, label)]
    held = {}
    places = zip(shard.attrs["factors"], shard["index"][rows[0]], strict=True) if rows else ()
    for kind, (start, high, wide) in places:
        if high:
            values = shard["values"][int(start) : int(start + high * wide)]
            held[kind] = values.reshape(high, wide) if wide > 1 else values
    return held


def _shard_of(root: Any, number: int) -> Any:
    """Find the group of a recording: all have as many as the first, but for the last."""
    if "000000" not in root:
        return None
    name = f"{number // int(root['000000'].attrs['count']):06d}"
    return root.get(name)
