"""Long axis and insertions of the right ventricle: found, given, or asked for in a sentence."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import SURFACES, Mesh
from cine_mapping.long_axis import LongAxis, apex_below, opening_centre
from cine_mapping.mesh_checks import Finding
from cine_mapping.segments import CAP

LID = 0.04
"""Endocardium above this share of the long axis closes the opening of a cavity given as a closed surface."""
NEAR_MM = 20.0
WITHIN_GROOVE_DEG = 18.0
"""The right cavity's edge in the septum, where the segments part, lies so far within the groove over it.

On the reference; on a surface the groove is found more surely than that edge.
"""
INSERTIONS = ("RV insertion inferior", "RV insertion anterior")
Landmarks = Mapping[str, NDArray[np.float64]]
_LV, _RV, _EPICARDIUM, _RIM = (
    SURFACES.index(name) for name in ("LV endocardium", "RV endocardium", "epicardium", "basal rim")
)


def find_axis(
    mesh: Mesh, surface: NDArray[np.int8], landmarks: Landmarks
) -> tuple[LongAxis | None, NDArray[np.int8], Finding]:
    """Find base, apex and the direction to the right ventricle.

    Landmarks go before what the labels show.  Where the left ventricle's
    endocardium is a closed surface of its own, nothing shows its opening,
    so that the base has to be given; then its lid becomes basal rim.

    Parameters
    ----------
    mesh : Mesh
        Ventricles, LPS, mm.
    surface : (v,) int8
        Index into `SURFACES`.
    landmarks : mapping of str to (3,) float64, mm

    Returns
    -------
    axis : LongAxis or None
        None if the finding is an error.
    surface : (v,) int8
    finding : Finding
    """
    stray = _stray(mesh, landmarks)
    if stray:
        msg = f"landmarks: {stray}; landmarks have the frame and unit of the files"
        return None, surface, Finding("error", msg)
    wanting = [SURFACES[kind] for kind in (_LV, _EPICARDIUM) if not (surface == kind).any()]
    if wanting:
        msg = f"segments: no vertex is labelled {wanting[0]}; correct the labels of the surfaces"
        return None, surface, Finding("error", msg)
    opening = opening_centre(mesh.points, mesh.triangles, surface)
    missing = [] if "base" in landmarks or np.isfinite(opening).all() else ["base"]
    if not (surface == _RV).any():
        missing += [name for name in INSERTIONS if name not in landmarks]
    if missing:
        msg = f"segments: the surfaces do not show {' and '.join(missing)}; add them to the landmarks"
        return None, surface, Finding("error", msg)
    base = landmarks.get("base", opening)
    apex = landmarks.get("apex", apex_below(mesh.points, surface, base))
    if np.isnan(opening).any():
        surface = _open_lids(mesh.points, surface, base, apex)
    axis = LongAxis(base, apex, _towards_right(mesh.points, surface, base, landmarks))
    given = " and ".join(name for name in ("base", "apex") if name in landmarks)
    how = f"{given} as given" if given else "base and apex found on the mesh"
    length = np.linalg.norm(apex - base)
    return axis, surface, Finding("note", f"long axis of the left ventricle: {length:.0f} mm, {how}")


def find_insertions(
    mesh: Mesh, surface: NDArray[np.int8], axis: LongAxis, landmarks: Landmarks
) -> tuple[tuple[float, float] | None, Finding]:
    """Find the angles about the axis where the right ventricle joins below and above.

    Without landmarks: within the grooves in which the coronaries run, where the
    epicardium nearest to the right cavity ends, over the middle third.

    Parameters
    ----------
    mesh : Mesh
        Ventricles, LPS, mm.
    surface : (v,) int8
        Index into `SURFACES`.
    axis : LongAxis
    landmarks : mapping of str to (3,) float64, mm
        `INSERTIONS` count, if both are there.

    Returns
    -------
    insertions : (float, float) or None
        Radians; None if the finding is an error.
    finding : Finding
    """
    if all(name in landmarks for name in INSERTIONS):
        _, angle = axis.coordinates(np.stack([landmarks[name] for name in INSERTIONS]))
        found, how = (float(angle[0]), float(angle[1])), "as given"
    else:
        how = (
            f"{WITHIN_GROOVE_DEG:g} within the grooves found on the mesh, so that the segments are "
            "approximate; landmarks make them sure"
        )
        found = _within_grooves(mesh.points.astype(float), surface, axis)
        if found is None:
            msg = f"segments: the surfaces do not show {' and '.join(INSERTIONS)}; add them to the landmarks"
            return None, Finding("error", msg)
    low, high = np.rad2deg(found)
    if not -180 < low < high < 180 or not 40 < high - low < 200:
        msg = (
            f"segments: the right ventricle would join at {low:.0f} and {high:.0f} degrees from the "
            f"direction of its cavity, below before above; correct the landmarks {' and '.join(INSERTIONS)}"
        )
        return None, Finding("error", msg)
    words = f"segments: right ventricle joins at {low:.0f} and {high:.0f} degrees about the axis, {how}"
    return found, Finding("note", words)


def _stray(mesh: Mesh, landmarks: Landmarks) -> str:
    """Name the first landmark of the ventricles that lies far from them."""
    low, high = mesh.points.min(axis=0) - NEAR_MM, mesh.points.max(axis=0) + NEAR_MM
    for name in ("base", "apex", *INSERTIONS):
        if name in landmarks and ((landmarks[name] < low) | (landmarks[name] > high)).any():
            return f"{name} lies outside the box around the ventricles"
    return ""


def _within_grooves(
    points: NDArray[np.float64], surface: NDArray[np.int8], axis: LongAxis
) -> tuple[float, float] | None:
    from scipy.spatial import KDTree

    depth, angle = axis.coordinates(points)
    to_left, to_right = (KDTree(points[surface == kind]).query(points)[0] for kind in (_LV, _RV))
    middle = (depth > CAP / 3) & (depth < 2 * CAP / 3)
    right = (surface == _EPICARDIUM) & middle & (to_right < to_left)
    if not right.any():
        return None
    within = np.deg2rad(WITHIN_GROOVE_DEG)
    low, high = np.percentile(angle[right], [2, 98]) + [within, -within]
    return float(low), float(high)


def _towards_right(
    points: NDArray[np.float32], surface: NDArray[np.int8], base: NDArray[np.float64], landmarks: Landmarks
) -> NDArray[np.float64]:
    if not (surface == _RV).any():
        return np.mean([landmarks[name] for name in INSERTIONS], axis=0) - base
    right, left = (points[surface == kind].mean(axis=0, dtype=float) for kind in (_RV, _LV))
    return right - left


def _open_lids(
    points: NDArray[np.float32],
    surface: NDArray[np.int8],
    base: NDArray[np.float64],
    apex: NDArray[np.float64],
) -> NDArray[np.int8]:
    """Call basal rim what closes cavities that are closed surfaces of their own."""
    depth = (points - base) @ (apex - base) / ((apex - base) @ (apex - base))
    return np.where((depth < LID) & (surface != _EPICARDIUM), _RIM, surface).astype(np.int8)
