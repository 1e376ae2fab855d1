"""The surfaces of an anatomy one by one: scale, closedness, winding."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Mesh
from cine_mapping.anatomy_description import UNITS, WALLS
from cine_mapping.mesh_checks import Finding, clean, open_edges, volume, wind_outwards

HEART_MM, TORSO_MM = (60.0, 250.0), (250.0, 2300.0)
"""Largest extent of ventricles and of a torso or body: smallest and largest that we believe."""
MUSCLE_ML = (60.0, 700.0)


@dataclass(frozen=True, eq=False)
class Part:
    """One surface from a file.

    Parameters
    ----------
    name : str
        File, with the part's own name if it has one.
    mesh : Mesh
        LPS, mm.
    arrays : mapping of str to (v,) array
        Point arrays.
    """

    name: str
    mesh: Mesh
    arrays: Mapping[str, NDArray] = field(default_factory=dict)


def check_scale(kind: str, points: NDArray[np.floating], unit: str) -> Finding | None:
    """Say so when ventricles or torso have a size that none has, and which unit would give one.

    Parameters
    ----------
    kind : str
        "torso"; anything else is held to the ventricles' size.
    points : (v, 3) float, mm
    unit : str
        That they were taken to be in, one of `UNITS`.

    Returns
    -------
    Finding or None
        An error; None if the size is plausible.
    """
    low, high = TORSO_MM if kind == "torso" else HEART_MM
    extent = float(np.ptp(points, axis=0).max())
    if low <= extent <= high:
        return None
    fits = [u for u, mm in UNITS.items() if low <= extent * mm / UNITS[unit] <= high]
    hint = f"; it would be one if the unit were {' or '.join(fits)}" if fits else ""
    return Finding(
        "error",
        f"{kind}: {extent:.3g} mm across where {low:g} to {high:g} mm were expected, taken to be in "
        f"{unit}{hint}; correct the unit",
    )


def check_part(kind: str, part: Part) -> tuple[Part, list[Finding]]:
    """Clean one surface, wind it outwards, and say whether it is closed.

    Parameters
    ----------
    kind : str
        One of `anatomy_description.PARTS`.
    part : Part

    Returns
    -------
    part : Part
    findings : list of Finding
        An error if it is open and has to be closed.
    """
    what = f"{kind} ({part.name})"
    mesh, kept, found = clean(part.mesh, what)
    if not len(mesh.triangles):
        return part, [Finding("error", f"{what}: holds no triangles; name a file with a surface")]
    part = replace(part, mesh=mesh, arrays={key: array[kept] for key, array in part.arrays.items()})
    gaps = open_edges(mesh)
    if gaps and kind in ("wall", "torso", *WALLS):
        msg = f"{what}: not closed, {gaps} of its edges belong to one triangle only; close its holes"
        return part, [*found, Finding("error", msg)]
    if gaps:
        used = "its points serve as they are" if kind == "pericardium" else "it is shown as it is"
        found.append(Finding("warning", f"{what}: not closed, {gaps} open edges; {used}"))
    else:
        turned, more = wind_outwards(mesh, what)
        part, found = replace(part, mesh=turned), found + more
    return part, found


def check_muscle(wall: Mesh) -> Finding:
    """Say how much myocardium the wall encloses and whether a heart has so much.

    Parameters
    ----------
    wall : Mesh
        Closed, mm.

    Returns
    -------
    Finding
        A note, or a warning where the volume lies outside `MUSCLE_ML`.
    """
    muscle = volume(wall)
    words = f"ventricles: {len(wall.points)} vertices, closed, {muscle:.0f} ml of myocardium"
    if MUSCLE_ML[0] <= muscle <= MUSCLE_ML[1]:
        return Finding("note", words)
    low, high = MUSCLE_ML
    hint = "the wall must have an inner and an outer face" if muscle > high else "check the unit"
    return Finding("warning", f"{words} where {low:g} to {high:g} were expected; {hint}")


def joined(meshes: list[Mesh]) -> Mesh:
    """Put meshes beside each other into one.

    Parameters
    ----------
    meshes : list of Mesh

    Returns
    -------
    Mesh
        Empty where there is none.
    """
    if not meshes:
        return Mesh(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))
    start = np.cumsum([0, *(len(mesh.points) for mesh in meshes)])
    triangles = [mesh.triangles + first for mesh, first in zip(meshes, start, strict=False)]
    points = np.concatenate([mesh.points for mesh in meshes])
    return Mesh(points.astype(np.float32), np.concatenate(triangles).astype(np.int32))
