"""Anatomies in files: one compressed ``.npz`` each, plain arrays only."""

import zipfile
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import ELECTRODES, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.lead_field import expand_lead_vectors
from imn.errors import InputError
from imn.files import replacing
from imn.leads import INDEPENDENT_INDEX

FORMAT = "ecglocus anatomy 1"
MESHES = ("heart", "vessels", "torso")


def load_anatomy(name_or_path: str | Path) -> Anatomy:
    """Read an anatomy.

    Parameters
    ----------
    name_or_path : str or Path
        ``"reference"`` for the one that comes with the package, or a file
        written by `save_anatomy`.

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
    arrays = _arrays(path)
    if str(arrays.get("format")) != FORMAT:
        msg = f"{path}: expected a file of format {FORMAT!r}; write it with save_anatomy"
        raise InputError(msg)
    try:
        anatomy = Anatomy(
            name=str(arrays["name"]),
            surface=arrays["surface"],
            region=arrays["region"],
            electrodes=arrays["electrodes"],
            lead_vectors=expand_lead_vectors(arrays["lead_vectors"]),
            origin=str(arrays["origin"]),
            **{key: Mesh(arrays[f"{key}_points"], arrays[f"{key}_triangles"]) for key in MESHES},
        )
    except (KeyError, ValueError) as error:
        msg = f"{path}: the anatomy is incomplete ({error}); write it again with save_anatomy"
        raise InputError(msg) from error
    _check(anatomy, path)
    return anatomy


def _arrays(path: Path) -> dict[str, NDArray]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except FileNotFoundError as error:
        msg = f"{path}: expected 'reference' or an anatomy file, found no such file; check the path"
        raise InputError(msg) from error
    except (OSError, ValueError, EOFError, TypeError, zipfile.BadZipFile) as error:
        msg = f"{path}: expected an anatomy file written by save_anatomy, could not read it as one ({error})"
        raise InputError(msg) from error


def _check(anatomy: Anatomy, path: Path) -> None:
    vertices = len(anatomy.heart.points)
    sound = (
        anatomy.surface.shape == anatomy.region.shape == (vertices,)
        and anatomy.lead_vectors.shape == (12, vertices, 3)
        and anatomy.electrodes.shape == (len(ELECTRODES), 3)
        and np.isin(anatomy.surface, range(len(SURFACES))).all()
        and np.isin(anatomy.region, range(len(REGIONS))).all()
        and all(_is_sound(getattr(anatomy, key)) for key in MESHES)
        and np.isfinite(anatomy.lead_vectors).all()
    )
    if not sound:
        msg = f"{path}: arrays of the anatomy do not fit together; write it again with save_anatomy"
        raise InputError(msg)


def _is_sound(mesh: Mesh) -> bool:
    points, triangles = mesh.points, mesh.triangles
    shaped = points.ndim == triangles.ndim == 2 and points.shape[1] == triangles.shape[1] == 3
    return bool(shaped and np.isfinite(points).all() and np.isin(triangles, range(len(points))).all())
