"""Surfaces from files: VTP, VTK, VTU, PLY, STL, OBJ, GLB."""

import json
import logging
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from cine_mapping.anatomy import Mesh
from cine_mapping.anatomy_description import Description
from cine_mapping.anatomy_parts import Part
from imn.errors import InputError

SUFFIXES = (".vtp", ".vtk", ".vtu", ".ply", ".stl", ".obj", ".glb")


def read_parts(description: Description, folder: Path) -> dict[str, list[Part]]:
    """Read the surfaces of an anatomy and bring them to LPS mm.

    Parameters
    ----------
    description : Description
    folder : Path
        What its file names are relative to.

    Returns
    -------
    dict of str to list of Part
        For each kind of surface, in the order given.

    Raises
    ------
    InputError
        If a file is missing, of another format, damaged or without that part.
    """
    files: dict[Path, list[Part]] = {}
    surfaces = {}
    for kind, names in description.surfaces.items():
        surfaces[kind] = []
        for name in names:
            file, _, wanted = name.partition("#")
            path = folder / file
            if path not in files:
                files[path] = [_in_frame(part, description) for part in read_surfaces(path)]
            surfaces[kind] += _chosen(files[path], wanted, path)
    return surfaces


def read_surfaces(path: Path) -> list[Part]:
    """Read all surfaces of a file, in its own frame and unit; volumes give their outside.

    Parameters
    ----------
    path : Path
        Its suffix among `SUFFIXES`.

    Returns
    -------
    list of Part
        Each with triangles; at least one.

    Raises
    ------
    InputError
        As `read_parts`.
    """
    import pyvista

    if path.suffix.lower() not in SUFFIXES:
        msg = f"{path}: expected a mesh as {', '.join(SUFFIXES)}, got {path.suffix or 'no suffix'}"
        raise InputError(msg)
    if not path.is_file():
        msg = f"{path}: expected a mesh, found no such file; check the name in the description"
        raise InputError(msg)
    names = _glb_names(path) if path.suffix.lower() == ".glb" else []
    try:
        with _failing_on_complaints(), pyvista.vtk_verbosity("off"):
            data = pyvista.read(path)
        blocks = list(_blocks(data, ""))
        parts = [_part(block, _name(key, names) or path.name) for key, block in blocks]
    except (OSError, ValueError, RuntimeError, TypeError, KeyError, UserWarning) as error:
        reason = str(error).partition("\n")[0]
        msg = f"{path}: could not be read as a mesh ({reason}); export it again"
        raise InputError(msg) from error
    parts = [part for part in parts if len(part.mesh.triangles)]
    if not parts:
        msg = f"{path}: expected a surface, found no triangles in it; export it again"
        raise InputError(msg)
    return parts


@contextmanager
def _failing_on_complaints() -> Iterator[None]:
    """Make VTK's complaints exceptions: of what it cannot read it warns, logs, and goes on with the rest."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            yield
    finally:
        logging.disable(before)


def _blocks(data: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Meshes of a tree, each with the name of the last node above it."""
    import pyvista

    if not isinstance(data, pyvista.MultiBlock):
        yield key, data
        return
    for index, block in enumerate(data):
        name = data.get_block_name(index) or ""
        if block is not None:
            yield from _blocks(block, name if name.startswith("Node_") or not key else key)


def _part(block: Any, name: str) -> Part:
    surface = block if hasattr(block, "is_all_triangles") else block.extract_surface(algorithm=None)
    surface = surface.triangulate()
    triangles = np.asarray(surface.faces).reshape(-1, 4)[:, 1:].astype(np.int32)
    arrays = {key: np.asarray(surface.point_data[key]) for key in surface.point_data}
    return Part(name, Mesh(np.asarray(surface.points, dtype=float), triangles), arrays)


def _name(key: str, names: list[str]) -> str:
    number = key.removeprefix("Node_")
    return names[int(number)] if number.isdigit() and int(number) < len(names) else key


def _glb_names(path: Path) -> list[str]:
    """Names of the nodes of a binary glTF file, which VTK's reader leaves out (glTF 2.0, section 4.4)."""
    head = path.read_bytes()
    try:
        (length,) = struct.unpack_from("<I", head, 12)
        nodes = json.loads(head[20 : 20 + length]).get("nodes", [])
    except (struct.error, ValueError) as error:
        msg = f"{path}: expected a binary glTF file, could not read its header ({error})"
        raise InputError(msg) from error
    return [str(node.get("name", "")) for node in nodes]


def _chosen(parts: list[Part], wanted: str, path: Path) -> list[Part]:
    if not wanted:
        return parts
    found = [part for part in parts if part.name == wanted]
    if not found:
        has = ", ".join(part.name for part in parts)
        msg = f"{path}: expected a part named {wanted!r}, found {has}; correct the name after '#'"
        raise InputError(msg)
    return found


def _in_frame(part: Part, description: Description) -> Part:
    triangles = part.mesh.triangles[:, ::-1] if description.mirrored else part.mesh.triangles
    points = description.to_lps(part.mesh.points).astype(np.float32)
    return Part(part.name, Mesh(points, triangles), part.arrays)
