"""What conducts otherwise inside a torso: lungs and blood, for `volume_conductor.solve_torso`."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Mesh
from cine_mapping.myocardium import Myocardium
from cine_mapping.volume_conductor import BLOOD_S_PER_M, LUNG_S_PER_M
from imn.archives import read_archive
from imn.errors import InputError
from imn.files import replacing

LUNGS, BLOOD = ("right lung", "left lung"), ("LV blood", "RV blood")
CONDUCTIVITY = MappingProxyType(dict.fromkeys(LUNGS, LUNG_S_PER_M) | dict.fromkeys(BLOOD, BLOOD_S_PER_M))
"""S/m."""


def load_inner(*names: str) -> tuple[tuple[Mesh, float], ...]:
    """Read inner surfaces of the reference anatomy with their conductivities.

    Parameters
    ----------
    *names : str
        Of `LUNGS` and `BLOOD`; all four by default.

    Returns
    -------
    tuple of (Mesh, float)
        In mm and S/m, as ``inner`` of `solve_torso`.

    Raises
    ------
    InputError
        If there is no such surface.
    """
    unknown = [name for name in names if name not in CONDUCTIVITY]
    if unknown:
        msg = f"expected inner surfaces out of {', '.join(CONDUCTIVITY)}, got {unknown[0]!r}"
        raise InputError(msg)
    surfaces = _reference()
    return tuple((surfaces[name], CONDUCTIVITY[name]) for name in names or CONDUCTIVITY)


@lru_cache(maxsize=1)
def _reference() -> Mapping[str, Mesh]:
    with as_file(files("cine_mapping") / "anatomies" / "reference_inner.npz") as path:
        held = read_archive(path, "inner surfaces", advice="install the package anew")
    return {name: Mesh(held[f"{name} points"], held[f"{name} triangles"]) for name in CONDUCTIVITY}


def save_inner(surfaces: Mapping[str, Mesh], path: Path) -> None:
    """Write inner surfaces by name.

    Parameters
    ----------
    surfaces : mapping of str to Mesh
    path : Path
        A NumPy archive, ``.npz``; it appears whole or not at all.
    """
    arrays = {f"{name} points": mesh.points.astype(np.float32) for name, mesh in surfaces.items()}
    arrays |= {f"{name} triangles": mesh.triangles.astype(np.int32) for name, mesh in surfaces.items()}
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def carried(surface: Mesh, heart: Myocardium, moved: NDArray[np.floating]) -> Mesh:
    """Take a blood pool along with a heart that was moved or deformed.

    Each vertex goes where the nodes nearest to it go.

    Parameters
    ----------
    surface : Mesh
        In its place in `heart`.
    heart : Myocardium
    moved : (n, 3) float, mm
        Where the heart's nodes went.

    Returns
    -------
    Mesh
        With the same triangles.
    """
    from scipy.spatial import KDTree

    distance, near = KDTree(heart.points).query(surface.points, k=8)
    weight = 1 / (distance + 1.0)
    way = np.asarray(moved, dtype=float) - heart.points
    mean = np.einsum("vk,vki->vi", weight / weight.sum(axis=1, keepdims=True), way[near])
    return Mesh((surface.points + mean).astype(np.float32), surface.triangles)
