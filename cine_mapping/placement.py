"""Whether heart, torso and electrodes lie as they do in an upright person."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import ELECTRODES, SURFACES, Mesh
from cine_mapping.long_axis import LongAxis
from cine_mapping.mesh_checks import Finding, inside

CLOSE_MM, OFF_SKIN_MM, FAR_MM = 5.0, 15.0, 250.0
CONTRARY = 2
"""So many signs against the frame are an error, one is a warning."""
_LV, _RV = SURFACES.index("LV endocardium"), SURFACES.index("RV endocardium")


def check_orientation(heart: Mesh, surface: NDArray[np.int8], axis: LongAxis, torso: Mesh) -> list[Finding]:
    """Ask heart and torso whether x is left, y back and z head.

    Parameters
    ----------
    heart, torso : Mesh
        LPS, mm.
    surface : (v,) int8
        Index into `SURFACES`, for the ventricles.
    axis : LongAxis

    Returns
    -------
    list of one Finding
        A note if nothing is contrary, a warning, or an error from `CONTRARY` signs on.
    """
    down = (axis.apex - axis.base) / np.linalg.norm(axis.apex - axis.base)
    middle, skin = heart.points.mean(axis=0, dtype=float), torso.points.astype(float)
    near = skin[np.abs(skin[:, 2] - middle[2]) < np.ptp(heart.points[:, 2])]
    near = near if len(near) > 3 else skin
    chest = (near.min(axis=0) + near.max(axis=0)) / 2
    wide, deep, _ = np.ptp(near, axis=0)
    signs = {
        "the apex points to the right": down[0] < -0.2,
        "the apex points to the back": down[1] > 0.3,
        "the apex points to the head": down[2] > 0.3,
        "the heart lies right of the middle of the chest": middle[0] < chest[0] - 15,
        "the heart lies in the back half of the chest": middle[1] > chest[1] + 15,
        "the chest is deeper than wide": deep > wide,
    }
    if (surface == _RV).any():
        left, right = (heart.points[surface == kind].mean(axis=0) for kind in (_LV, _RV))
        signs["the left ventricle lies in front of the right"] = left[1] < right[1] - 10
    contrary = [sign for sign, seen in signs.items() if seen]
    if not contrary:
        ways = (("left", "right"), ("back", "front"), ("head", "feet"))
        words = ", ".join(f"{abs(at):.2f} {way[int(at < 0)]}" for at, way in zip(down, ways, strict=True))
        return [Finding("note", f"frame: plausible; the apex points {words}")]
    severity = "error" if len(contrary) >= CONTRARY else "warning"
    return [Finding(severity, f"frame: {' and '.join(contrary)}; check the frame (where x, y, z point)")]


def check_contained(heart: Mesh, torso: Mesh) -> list[Finding]:
    """Say whether the heart lies wholly inside the torso and how near it comes to the skin.

    Parameters
    ----------
    heart, torso : Mesh
        LPS, mm.

    Returns
    -------
    list of one Finding
        An error where it is outside or crosses; a warning where it is nearer than `CLOSE_MM`.
    """
    from scipy.spatial import KDTree

    out = ~inside(heart.points, torso)
    if out.all():
        msg = "heart: lies outside the torso; the two files differ in frame, unit or origin"
        return [Finding("error", msg)]
    crossing = inside(torso.points, heart)
    if out.any() or crossing.any():
        words = f"{out.sum()} of {len(out)} vertices of the ventricles lie outside it"
        return [Finding("error", f"heart: crosses the torso, {words}; move one of the two")]
    distance = float(KDTree(torso.points).query(heart.points)[0].min())
    words = f"heart: wholly inside the torso, nearest skin vertex {distance:.0f} mm away"
    close = distance < CLOSE_MM
    return [
        Finding("warning" if close else "note", f"{words}; too close for lead vectors" if close else words)
    ]


def check_registration(heart: Mesh) -> list[Finding]:
    """Say so when positions in mm cannot be compared with the reference anatomy's.

    Parameters
    ----------
    heart : Mesh
        LPS, mm.

    Returns
    -------
    list of Finding
        A warning, or nothing.
    """
    distance = float(np.linalg.norm(heart.points.mean(axis=0, dtype=float)))
    if distance < FAR_MM:
        return []
    words = (
        f"the heart's middle lies {distance:.0f} mm from the origin, so the frame has an origin of its own"
    )
    return [
        Finding("warning", f"frame: not registered to the reference: {words}; compare by segments, not by mm")
    ]


def check_electrodes(electrodes: NDArray[np.float64], torso: Mesh) -> list[Finding]:
    """Say which electrodes are not on the skin, or on the wrong side.

    Parameters
    ----------
    electrodes : (9, 3) float64, mm
        In the order of `ELECTRODES`.
    torso : Mesh
        LPS, mm.

    Returns
    -------
    list of Finding
        A warning for those off the skin, an error for names on the wrong side; empty if all is well.
    """
    from scipy.spatial import KDTree

    samples = torso.points[torso.triangles].astype(float)
    mids = (samples + np.roll(samples, 1, axis=1)) / 2
    skin = np.concatenate([torso.points, samples.mean(axis=1), mids.reshape(-1, 3)])
    distance, _ = KDTree(skin).query(electrodes)
    far = [name for name, at in zip(ELECTRODES, distance, strict=True) if at > OFF_SKIN_MM]
    place = dict(zip(ELECTRODES, electrodes, strict=True))
    found = []
    if far:
        words = f"{', '.join(far)} lie up to {distance.max():.0f} mm off the skin"
        found.append(Finding("warning", f"electrodes: {words}; check their positions"))
    if place["RA"][0] >= place["LA"][0] or place["V1"][0] >= place["V6"][0]:
        msg = "electrodes: RA lies left of LA, or V1 left of V6; check their names and the frame"
        found.append(Finding("error", msg))
    return found
