"""Nine electrodes on the skin by anatomical rule.

Each is where a ray from within the chest first meets the skin.  Heights are
relative to the fourth intercostal space beside the sternum, the fifth lies
31 mm lower; where nobody says where the fourth is, it lies 55 mm above the
apex of the heart, which beats just below the fifth.  Widths marked * are for
a chest 236 mm deep at that height and grow with its depth (its width may
include the arms).

========  ===============================================================
V1, V2    right and left sternal border, 22 mm from the midline, fourth
          intercostal space, ray to the front
V4        mid-clavicular line, 85* mm left, fifth intercostal space, to the front
V3        half-way between V2 and V4, to the front
V5        anterior axillary line at V4's height: 30 degrees before the left
V6        mid-axillary line at V4's height: straight left; both below the
          armpit where the upper arm is in the way
RA, LA    front of the upper arms, 195* mm from the midline, or as far as the
          torso reaches, 100 mm above the fourth intercostal space
LL        left groin, front, 95* mm left, 290 mm below, or as far down as the
          torso reaches
========  ===============================================================

Front, back and sides of a torso are at the height of the fourth intercostal
space; the rays start half-way between them.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.anatomy import ELECTRODES, Mesh
from imn.errors import InputError

STERNAL_MM, CLAVICULAR_MM, FIFTH_SPACE_MM = 22.0, 85.0, -31.0
ARM, GROIN = (195.0, 10.0, 100.0), (95.0, 0.0, -290.0)
HALF_DEPTH_MM, HALF_WIDTH_MM = 118.0, 164.0
ARM_BEYOND, LOWER_MM = 1.2, 80
"""A ray that leaves beyond so many half widths has gone into the arm; how far down to look for the armpit."""
APEX_TO_FOURTH_SPACE_MM = 55.0
EDGE_MM = 25.0
"""How far from the torso's edge the limb electrodes stay."""
FRONT, BACK, LEFT, RIGHT = (0.0, -1.0, 0.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)


def place_electrodes(torso: Mesh, within: ArrayLike) -> NDArray[np.float64]:
    """Place the electrodes by the rule.

    Parameters
    ----------
    torso : Mesh
        Closed, LPS, mm.
    within : (3,) float, mm
        A point inside the chest at the height of the fourth intercostal space.

    Returns
    -------
    (9, 3) float64, mm
        In the order of `ELECTRODES`.

    Raises
    ------
    InputError
        If a ray misses the skin: the torso is open, or does not reach so far.
    """
    skin = Skin(torso)
    middle, scale = chest_middle(skin, np.asarray(within, dtype=float))
    axilla = np.deg2rad(30)
    rays = {
        "V1": ((-STERNAL_MM, 0, 0), FRONT),
        "V2": ((STERNAL_MM, 0, 0), FRONT),
        "V4": ((CLAVICULAR_MM * scale, 0, FIFTH_SPACE_MM), FRONT),
        "RA": (_arm(skin, middle, scale, RIGHT), FRONT),
        "LA": (_arm(skin, middle, scale, LEFT), FRONT),
        "LL": (_groin(torso, middle, scale), FRONT),
    }
    found = {name: skin.leave(middle + start, way, name) for name, (start, way) in rays.items()}
    for name, way in (("V5", (np.cos(axilla), -np.sin(axilla), 0)), ("V6", LEFT)):
        found[name] = _beside_the_chest(skin, middle, scale, way, name)
    between = (found["V2"] + found["V4"]) / 2
    found["V3"] = skin.leave(np.array([between[0], middle[1], between[2]]), FRONT, "V3")
    return np.stack([found[name] for name in ELECTRODES])


def chest_middle(skin: "Skin", within: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Middle of the chest at the height of a point in it.

    Parameters
    ----------
    skin : Skin
    within : (3,) float64, mm
        A point inside.

    Returns
    -------
    middle : (3,) float64, mm
    scale : float
        Depth of the chest over the rule's.

    Raises
    ------
    InputError
        If a ray from the point meets no skin.
    """
    left, right = (skin.leave(within, way, "side of the chest")[0] for way in (LEFT, RIGHT))
    start = np.array([(left + right) / 2, within[1], within[2]])
    front, back = (skin.leave(start, way, "front of the chest")[1] for way in (FRONT, BACK))
    middle = np.array([start[0], (front + back) / 2, within[2]])
    return middle, float((back - front) / 2 / HALF_DEPTH_MM)


def _beside_the_chest(
    skin: "Skin", middle: NDArray[np.float64], scale: float, way: ArrayLike, name: str
) -> NDArray[np.float64]:
    limit = middle[0] + ARM_BEYOND * HALF_WIDTH_MM * scale
    for lower in range(0, LOWER_MM, 5):
        found = skin.leave(middle + (0, 0, FIFTH_SPACE_MM - lower), way, name)
        if found[0] <= limit:
            return found
    msg = (
        f"electrodes by rule: {name} finds the arm where the side of the chest should be; "
        "give the nine electrodes"
    )
    raise InputError(msg)


def _arm(
    skin: "Skin", middle: NDArray[np.float64], scale: float, side: tuple[float, float, float]
) -> NDArray[np.float64]:
    height = np.array([0.0, ARM[1], ARM[2]])
    reach = abs(skin.leave(middle + height, side, "arm", last=True)[0] - middle[0])
    return height + np.array(side) * min(ARM[0] * scale, reach - EDGE_MM)


def _groin(torso: Mesh, middle: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    lowest = float(torso.points[:, 2].min()) + EDGE_MM - middle[2]
    return np.array([GROIN[0] * scale, GROIN[1], max(GROIN[2], lowest)])


class Skin:
    """A closed surface that rays from within leave."""

    def __init__(self, torso: Mesh) -> None:
        corners = torso.points[torso.triangles].astype(float)
        self._a, self._ab, self._ac = (
            corners[:, 0],
            corners[:, 1] - corners[:, 0],
            corners[:, 2] - corners[:, 0],
        )

    def leave(
        self, start: NDArray[np.float64], way: ArrayLike, what: str, *, last: bool = False
    ) -> NDArray[np.float64]:
        """Find where a ray first (or last) crosses the surface (Moeller & Trumbore 1997).

        Parameters
        ----------
        start : (3,) float64, mm
        way : (3,) float
            Direction of the ray.
        what : str
            Is looked for, for the sentence.
        last : bool

        Returns
        -------
        (3,) float64, mm

        Raises
        ------
        InputError
            If it never does; the sentence says that ``what`` meets no skin.
        """
        way = np.asarray(way, dtype=float)
        across = np.cross(way, self._ac)
        scale = np.einsum("fi,fi->f", self._ab, across)
        sound = np.abs(scale) > 1e-9
        scale = np.where(sound, scale, 1.0)
        u = np.einsum("fi,fi->f", start - self._a, across) / scale
        turn = np.cross(start - self._a, self._ab)
        v = turn @ way / scale
        t = np.einsum("fi,fi->f", turn, self._ac) / scale
        hit = sound & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (t > 0)
        if not hit.any():
            x, y, z = np.round(start).astype(int).tolist()
            msg = (
                f"electrodes by rule: the ray to {what} from ({x}, {y}, {z}) mm meets no skin; give the "
                "landmark 'fourth intercostal space' inside the chest, or the nine electrodes"
            )
            raise InputError(msg)
        return start + way * (t[hit].max() if last else t[hit].min())
