"""Anatomies in files: one compressed ``.npz`` each, plain arrays only."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import ELECTRODES, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.lead_field import expand_lead_vectors
from imn.archives import read_archive
from imn.errors import InputError
from imn.files import replacing
from imn.leads import INDEPENDENT_INDEX

FORMAT = "ecglocus anatomy 1"
ADVICE = "check the path, or write it with save_anatomy"
MESHES = ("heart", "vessels", "torso")
_SHAPES = {
    **{"name": "", "origin": "", "electrodes": "e3", "lead_vectors": "8h3", "surface": "h", "region": "h"},
    **{"heart_points": "h3", "heart_triangles": "a3", "vessels_points": "v3", "vessels_triangles": "b3"},
    **{"torso_points": "t3", "torso_triangles": "c3"},
}


def load_anatomy(name_or_path: str | Path) -> Anatomy:
    """Read an anatomy.

    Parameters
    ----------
    name_or_path : str or Path
        ``"reference"`` for the one that comes with the package, or a file
        written by `save_anatomy`.

    Returns
    -------
    Anatomy

    Raises
    ------
    InputError
        If there is no such file, or it is not a sound anatomy.
    """
    if str(name_or_path) == "reference":
        with as_file(files("cine_mapping") / "anatomies" / "reference.npz") as path:
            return _read(path)
    return _read(Path(name_or_path))


def save_anatomy(anatomy: Anatomy, path: str | Path) -> None:
    """Write an anatomy; `load_anatomy` gives back equal arrays.

    Lead vectors are stored for the eight independent leads as float32, the
    other four follow from them on reading.

    Parameters
    ----------
    anatomy : Anatomy
    path : str or Path
        A NumPy archive, ``.npz``; it appears whole or not at all.

    Raises
    ------
    InputError
        If the lead vectors break Einthoven's or Goldberger's identities.
    """
    independent = np.asarray(anatomy.lead_vectors, dtype=np.float32)[list(INDEPENDENT_INDEX)]
    scale = np.abs(anatomy.lead_vectors).max(initial=1e-12)
    if np.abs(expand_lead_vectors(independent) - anatomy.lead_vectors).max(initial=0) > 1e-5 * scale:
        msg = f"{anatomy.name}: limb leads break Einthoven's or Goldberger's rule; recompute lead_vectors"
        raise InputError(msg)
    arrays: dict[str, NDArray] = {
        "format": np.array(FORMAT),
        "name": np.array(anatomy.name),
        "origin": np.array(anatomy.origin),
        "surface": anatomy.surface.astype(np.int8),
        "region": anatomy.region.astype(np.int8),
        "electrodes": anatomy.electrodes.astype(np.float32),
        "lead_vectors": independent,
    }
    for key in MESHES:
        mesh: Mesh = getattr(anatomy, key)
        arrays[f"{key}_points"] = mesh.points.astype(np.float32)
        arrays[f"{key}_triangles"] = mesh.triangles.astype(np.int32)
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _read(path: Path) -> Anatomy:
    what = "'reference' or an anatomy file"
    arrays = read_archive(path, what, advice=ADVICE, form=FORMAT, shapes=_SHAPES)
    anatomy = Anatomy(
        name=str(arrays["name"]),
        surface=arrays["surface"],
        region=arrays["region"],
        electrodes=arrays["electrodes"],
        lead_vectors=expand_lead_vectors(arrays["lead_vectors"]),
        origin=str(arrays["origin"]),
        **{key: Mesh(arrays[f"{key}_points"], arrays[f"{key}_triangles"]) for key in MESHES},
    )
    _check(anatomy, path)
    return anatomy


def _check(anatomy: Anatomy, path: Path) -> None:
    sound = (
        len(anatomy.electrodes) == len(ELECTRODES)
        and np.isin(anatomy.surface, range(len(SURFACES))).all()
        and np.isin(anatomy.region, range(len(REGIONS))).all()
        and all(_is_sound(getattr(anatomy, key)) for key in MESHES)
        and np.isfinite(anatomy.lead_vectors).all()
    )
    if not sound:
        msg = f"{path}: arrays of the anatomy do not fit together; write it again with save_anatomy"
        raise InputError(msg)


def _is_sound(mesh: Mesh) -> bool:
    return bool(np.isfinite(mesh.points).all() and np.isin(mesh.triangles, range(len(mesh.points))).all())
