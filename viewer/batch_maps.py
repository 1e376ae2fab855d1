"""Maps of a batch as factors: courses over the beat, and of places what the anatomy does not give.

A map's basis follows from the anatomy (leads, axes), from the path of the beat (a few points), or is one
column of shares, so that a recording takes tens of kilobytes where its maps would take many megabytes.
By default a shard is one archive of NumPy; on request Zarr (`viewer.batch_zarr`).
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import Modalities
from cine_mapping.places import loose_places, path_basis, walls_faced
from cine_mapping.projection import path_places
from imn.archives import read_archive
from imn.errors import InputError

PATH = "path/points"
AGAIN = "take the shard's file in records away and run the same command again"
KNOWN = ("leads", "vcg", "path")
"""Maps whose places follow from anatomy and path."""


def factors_of(maps: Mapping[str, HeartMap], plan: Modalities) -> dict[str, NDArray[np.float32]]:
    """Give what a recording's maps of one label can be made from again, in single precision.

    Parameters
    ----------
    maps : mapping of str to HeartMap
        As `Modalities.apply` gives them.
    plan : Modalities
        That they were made by.

    Returns
    -------
    dict of str to float32 array
        ``path/points`` (points, 3), mm; of each map ``NAME/positive`` and ``NAME/negative``
        (places, samples), logit; ``NAME/shares`` (v,) or ``NAME/basis`` (v, places) where
        anatomy and path do not give its places.
    """
    held = {PATH: path_places(plan.anatomy, plan.beat)}
    alike = 1 + loose_places(plan.anatomy).shape[1]
    for name in (one for one in maps if one not in KNOWN):
        basis = maps[name].basis
        # Maps of `place_along` lay all evidence of the ventricles out alike, by their first column.
        held |= {f"{name}/shares": basis[:, 0]} if basis.shape[1] == alike else {f"{name}/basis": basis}
    for name, heart_map in maps.items():
        held |= {f"{name}/positive": heart_map.positive, f"{name}/negative": heart_map.negative}
    return {key: value.astype(np.float32) for key, value in held.items()}


def read_maps(folder: Path, number: int, label: str, anatomy: Anatomy) -> dict[str, HeartMap]:
    """Make a recording's maps again from a batch.

    Parameters
    ----------
    folder : Path
        Of the batch, made with maps.
    number : int
        Of the recording.
    label : str
    anatomy : Anatomy
        That the batch was made on.

    Returns
    -------
    dict of str to HeartMap

    Raises
    ------
    InputError
        If the batch has no such maps.
    """
    from annotations.masks import anatomy_hash
    from viewer.batch_folder import read_plan

    plan = read_plan(folder)
    if anatomy_hash(anatomy) != plan.get("inputs", {}).get("anatomy_sha256"):
        msg = f"{folder}: expected the anatomy that the batch was made on, got {anatomy.name}; give that one"
        raise InputError(msg)
    if (folder / "maps.zarr").is_dir():
        from viewer.batch_zarr import maps_of, open_store

        return maps_of(open_store(folder / "maps.zarr"), number, label, anatomy)
    path = folder / "maps" / f"{number // plan['config']['shard']:06d}.npz"
    prefix = f"{number}/{label}/"
    if not path.is_file():
        msg = f"{folder}: expected maps of recording {number}, found no {path.name}; run batch with --maps"
        raise InputError(msg)
    read = partial(read_archive, path, "maps of a batch", advice=AGAIN)
    held = {name.removeprefix(prefix): value for name, value in read(among=_beginning(prefix)).items()}
    if PATH not in held:
        msg = f"{path}: expected maps of recording {number} for {label}, found none; see failures"
        raise InputError(msg)
    return maps_from(held, label, anatomy)


def _beginning(prefix: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(prefix)


def maps_from(held: Mapping[str, NDArray[np.float32]], label: str, anatomy: Anatomy) -> dict[str, HeartMap]:
    """Make maps again from `factors_of`.

    Parameters
    ----------
    held : mapping of str to array
    label : str
    anatomy : Anatomy
        That they were made on.

    Returns
    -------
    dict of str to HeartMap

    Raises
    ------
    InputError
        If they do not fit each other or the anatomy.
    """
    try:
        return _maps_from(held, label, anatomy)
    except (KeyError, ValueError, IndexError, TypeError) as error:
        msg = f"maps for {label}: expected factors that fit {anatomy.name}, got others ({error}); {AGAIN}"
        raise InputError(msg) from error


def _maps_from(held: Mapping[str, NDArray[np.float32]], label: str, anatomy: Anatomy) -> dict[str, HeartMap]:
    walls, loose = walls_faced(anatomy), loose_places(anatomy)
    bases = {
        "leads": walls.leads,
        "vcg": walls.axes,
        "path": path_basis(anatomy, held[PATH].astype(float)),
    }
    for key, value in held.items():
        name, _, kind = key.rpartition("/")
        if kind == "shares":
            bases[name] = np.column_stack([value.astype(float) / value.sum(dtype=float), loose])
        elif kind == "basis":
            bases[name] = value.astype(float) / value.sum(axis=0, dtype=float)
    maps = {}
    for name in (key.removesuffix("/positive") for key in held if key.endswith("/positive")):
        positive, negative = (held[f"{name}/{sign}"].astype(float) for sign in ("positive", "negative"))
        if positive.shape != negative.shape or positive.shape[:1] != bases[name].shape[1:]:
            msg = f"{name} has {bases[name].shape[1]} places and courses of {positive.shape}"
            raise ValueError(msg)
        maps[name] = HeartMap(label, name, bases[name], positive, negative, anatomy)
    return maps
