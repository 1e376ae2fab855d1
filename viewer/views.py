"""Standard views of the heart: where one looks from, and which way is up."""

from dataclasses import dataclass, replace
from math import cos, radians, sin

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.anatomy import RV_REGIONS


@dataclass(frozen=True)
class View:
    """A direction of looking, in LPS (x left, y posterior, z head).

    Parameters
    ----------
    name : str
    towards_eye : (3,) float
        Unit vector from the heart to the eye.
    up : (3,) float
        Unit vector that points up in the picture, square to `towards_eye`.
    letters : (4,) str
        What lies at the left, right, top and bottom of the picture.
    without : tuple of str
        Names of `REGIONS` taken away to look inside; atria and vessels go with them.
    """

    name: str
    towards_eye: tuple[float, float, float]
    up: tuple[float, float, float]
    letters: tuple[str, str, str, str]
    without: tuple[str, ...] = ()

    @property
    def axes(self) -> NDArray[np.float64]:
        """Right and up of the picture as rows, (2, 3) float64."""
        up = np.array(self.up)
        return np.stack([np.cross(up, self.towards_eye), up])

    def project(self, points: ArrayLike, centre: ArrayLike) -> NDArray[np.float64]:
        """Put points on the picture plane.

        Parameters
        ----------
        points : (n, 3) float, mm
        centre : (3,) float, mm

        Returns
        -------
        (n, 2) float64, mm
            Right and up of the centre.
        """
        return (np.asarray(points, dtype=float) - np.asarray(centre, dtype=float)) @ self.axes.T


def _turned(name: str, degrees: float, letters: tuple[str, str, str, str]) -> View:
    angle = radians(degrees)
    return View(name, (sin(angle), -cos(angle), 0.0), (0.0, 0.0, 1.0), letters)


AP = _turned("AP", 0, ("R", "L", "H", "F"))
RAO_30 = _turned("RAO 30°", -30, ("RP", "LA", "H", "F"))
LAO_45 = _turned("LAO 45°", 45, ("RA", "LP", "H", "F"))
LEFT_LATERAL = _turned("Left lateral", 90, ("A", "P", "H", "F"))
POSTERIOR = _turned("PA", 180, ("L", "R", "H", "F"))
SEPTUM = replace(RAO_30, name="Septum\n(RV opened)", without=RV_REGIONS)
INFERIOR = View("Inferior", (0.0, 0.0, -1.0), (0.0, -1.0, 0.0), ("R", "L", "A", "P"))
COMPLETE = (AP, RAO_30, LAO_45, SEPTUM, INFERIOR, LEFT_LATERAL)
"""Six views in which every wall faces the eye once, the septum included."""
