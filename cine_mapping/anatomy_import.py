"""An anatomy from checked surfaces: labels, electrodes, lead vectors, and what was found on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import ATRIA, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.anatomy_description import WALLS, Description
from cine_mapping.anatomy_parts import Part, check_muscle, joined
from cine_mapping.electrodes import APEX_TO_FOURTH_SPACE_MM, place_electrodes
from cine_mapping.lead_field import infinite_medium, to_lead_vectors
from cine_mapping.long_axis import LongAxis
from cine_mapping.mesh_checks import Finding, inside
from cine_mapping.placement import check_contained, check_electrodes, check_orientation, check_registration
from cine_mapping.segments import label_segments
from cine_mapping.surface_labels import label_by_pericardium, label_by_shape
from cine_mapping.torso_potential import bounded_potential
from cine_mapping.ventricular_axis import find_axis, find_insertions
from cine_mapping.volume_conductor import solve_torso
from imn.errors import InputError

BOUNDED = "lead vectors by boundary elements, homogeneous, 0.22 S/m"
UNBOUNDED = "lead vectors for an unbounded homogeneous conductor, 0.22 S/m"


@dataclass(frozen=True, eq=False)
class Imported:
    """An anatomy with its landmarks and what was found on the way.

    Parameters
    ----------
    anatomy : Anatomy or None
        None if one finding is an error.
    findings : tuple of Finding
    axis : LongAxis, optional
        Of its ventricles.
    """

    anatomy: Anatomy | None
    findings: tuple[Finding, ...]
    axis: LongAxis | None = None


@dataclass(frozen=True, eq=False)
class _Heart:
    """Ventricles with their labels and axis."""

    mesh: Mesh
    surface: NDArray[np.int8]
    region: NDArray[np.int8]
    axis: LongAxis


def assemble(description: Description, parts: Mapping[str, Part]) -> Imported:
    """Label the ventricles, place the electrodes, compute the lead vectors.

    Parameters
    ----------
    description : Description
    parts : mapping of str to Part
        One surface of each kind, checked, the wall in one piece.

    Returns
    -------
    Imported

    Raises
    ------
    InputError
        If an electrode finds no skin.
    """
    found: list[Finding] = []
    heart = _heart(description, parts, found)
    if heart is None:
        return Imported(None, tuple(found))
    torso = parts["torso"].mesh
    found += check_orientation(heart.mesh, heart.surface, heart.axis, torso)
    found += check_contained(heart.mesh, torso)
    found += check_registration(heart.mesh)
    if any(finding.severity == "error" for finding in found):
        return Imported(None, tuple(found))
    electrodes = _electrodes(description, heart, torso, found)
    found += check_electrodes(electrodes, torso)
    if any(finding.severity == "error" for finding in found):
        return Imported(None, tuple(found))
    anatomy = _with_lead_vectors(_anatomy(description, parts, heart, electrodes), found)
    return Imported(anatomy, tuple(found), heart.axis)


def _heart(description: Description, parts: Mapping[str, Part], found: list[Finding]) -> _Heart | None:
    """Label surfaces and regions; None after a finding that is an error."""
    mesh = parts["wall"].mesh if "wall" in parts else _shells(parts)
    found.append(check_muscle(mesh))
    surface, words = _surface(description, parts, mesh)
    found.append(words)
    if surface is None:
        return None
    axis, surface, words = find_axis(mesh, surface, description.landmarks)
    found.append(words)
    if axis is None:
        return None
    region = _tagged(description, parts, "region")
    if region is None:
        insertions, words = find_insertions(mesh, surface, axis, description.landmarks)
        found.append(words)
        if insertions is None:
            return None
        axis = replace(axis, insertions=insertions)
        region = label_segments(mesh.points, mesh.triangles, surface, axis)
    else:
        found.append(Finding("note", "segments: by the array given"))
    empty = [name for i, name in enumerate(REGIONS[:17]) if not (region == i).any()]
    if empty:
        found.append(Finding("warning", f"segments: no vertex lies in {', '.join(empty)}"))
    return _Heart(mesh, surface, region, axis)


def _shells(parts: Mapping[str, Part]) -> Mesh:
    """Join the epicardium with the endocardia, which face into their cavities."""
    shells = [parts[kind].mesh for kind in WALLS if kind in parts]
    turned = [Mesh(shell.points, shell.triangles[:, ::-1]) for shell in shells[1:]]
    return joined([shells[0], *turned])


def _surface(
    description: Description, parts: Mapping[str, Part], mesh: Mesh
) -> tuple[NDArray[np.int8] | None, Finding]:
    """Label each vertex by what is known of it, the surest source first."""
    surface = _tagged(description, parts, "surface")
    how = "by the array given"
    if surface is None and "wall" not in parts:
        kinds = [(kind, len(parts[kind].mesh.points)) for kind in WALLS if kind in parts]
        surface = np.repeat([SURFACES.index(kind) for kind, _ in kinds], [n for _, n in kinds])
        outside = parts["epicardium"].mesh
        out = ~inside(mesh.points[surface != SURFACES.index("epicardium")], outside)
        how = "by file"
        if out.any():
            words = f"{out.sum()} vertices of the endocardia lie outside the epicardium"
            return None, Finding("error", f"ventricles: {words}; the surfaces cross or their frames differ")
    elif surface is None and "pericardium" in parts:
        surface = label_by_pericardium(mesh, parts["pericardium"].mesh.points)
        how = "by coincidence with the pericardium"
        if surface is None:
            words = "the vertices that do not coincide with the pericardium do not make one or two cavities"
            return None, Finding("error", f"ventricles: {words}; leave the pericardium out, or correct it")
    elif surface is None:
        surface = label_by_shape(mesh)
        how = "by shape: what the wall hides from most sides is a cavity"
    if surface is None:
        words = "the inner face of the wall does not part into one or two cavities"
        ask = "give epicardium, LV endocardium and RV endocardium as files, or as labels"
        return None, Finding("error", f"ventricles: {words}; {ask}")
    counts = ", ".join(f"{(surface == SURFACES.index(kind)).sum()} {kind}" for kind in WALLS)
    return surface.astype(np.int8), Finding("note", f"surfaces {how}: {counts}")


def _tagged(description: Description, parts: Mapping[str, Part], kind: str) -> NDArray[np.int8] | None:
    """Labels that come with the wall as a point array."""
    labels = description.labels.get(kind)
    if labels is None or "wall" not in parts:
        return None
    wall = parts["wall"]
    if labels.array not in wall.arrays:
        has = ", ".join(wall.arrays) or "none"
        msg = f"{wall.name}: expected a point array {labels.array!r} for the {kind} labels, found {has}"
        raise InputError(msg)
    values = np.rint(np.asarray(wall.arrays[labels.array], dtype=float)).astype(int)
    unknown = sorted(set(values.tolist()) - set(labels.values))
    if unknown:
        msg = f"{wall.name}: array {labels.array!r} holds {unknown[0]}, which has no name in labels; add it"
        raise InputError(msg)
    return np.array([labels.values[value] for value in values.tolist()], dtype=np.int8)


def _electrodes(
    description: Description, heart: _Heart, torso: Mesh, found: list[Finding]
) -> NDArray[np.float64]:
    if description.electrodes is not None:
        found.append(Finding("note", "electrodes: the nine positions given"))
        return description.electrodes
    fourth = description.landmarks.get("fourth intercostal space")
    how = "at the landmark given"
    if fourth is None:
        centre = heart.mesh.points.mean(axis=0, dtype=float)
        fourth = np.array([*centre[:2], heart.axis.apex[2] + APEX_TO_FOURTH_SPACE_MM])
        how = f"taken {APEX_TO_FOURTH_SPACE_MM:g} mm above the apex"
    words = f"electrodes by rule: fourth intercostal space at z = {fourth[2]:.0f} mm, {how}"
    found.append(Finding("note", words))
    return place_electrodes(torso, fourth)


def _anatomy(
    description: Description, parts: Mapping[str, Part], heart: _Heart, electrodes: NDArray[np.float64]
) -> Anatomy:
    atria = [(name, parts[name].mesh) for name in ATRIA if name in parts]
    sizes = [len(mesh.points) for _, mesh in atria]
    walls = np.repeat([SURFACES.index(name) for name, _ in atria], sizes).astype(np.int8)
    sides = np.repeat([REGIONS.index(name) for name, _ in atria], sizes).astype(np.int8)
    whole = joined([heart.mesh, *(mesh for _, mesh in atria)])
    credit = description.credit.rstrip(". ") or "Origin not stated"
    rule = "by rule" if description.electrodes is None else "as given"
    return Anatomy(
        name=description.name,
        heart=whole,
        surface=np.concatenate([heart.surface, walls]),
        region=np.concatenate([heart.region, sides]),
        vessels=parts["vessels"].mesh if "vessels" in parts else joined([]),
        torso=joined([parts["torso"].mesh]),
        electrodes=electrodes.astype(np.float32),
        lead_vectors=np.empty((12, 0, 3), np.float32),
        origin=f"{credit}; from {description.frame} in {description.unit}; electrodes {rule}",
    )


def _with_lead_vectors(bare: Anatomy, found: list[Finding]) -> Anatomy:
    """Solve the torso for the electrodes, or, where it cannot be solved, do without its skin."""
    free = infinite_medium(bare.heart.points, bare.electrodes)
    try:
        torso = solve_torso(bare.torso)
        vectors = to_lead_vectors(bounded_potential(torso, bare.electrodes, bare.heart.points)[1])
    except InputError as error:
        words = "of an unbounded conductor, in which limb leads are too small beside chest leads"
        found.append(Finding("warning", f"lead vectors: {words}, since the torso has no solution ({error})"))
        return replace(bare, lead_vectors=free, origin=f"{bare.origin}; {UNBOUNDED}")
    ours, theirs = vectors[:, bare.ventricles], free[:, bare.ventricles]
    alike = np.corrcoef(ours.ravel(), theirs.ravel())[0, 1]
    gains = [np.linalg.norm(theirs[rows]) / np.linalg.norm(ours[rows]) for rows in (slice(6), slice(6, 12))]
    words = (
        f"by boundary elements; those of an unbounded conductor correlate {alike:.2f} with them and are "
        f"{gains[0]:.2f} times as large in the limb leads, {gains[1]:.2f} times in the chest leads"
    )
    found.append(Finding("note", f"lead vectors: {words}"))
    return replace(bare, lead_vectors=vectors, origin=f"{bare.origin}; {BOUNDED}")
