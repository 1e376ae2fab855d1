"""Where the His-Purkinje system first excites the wall, in any heart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.heart_to_heart import place, places
from cine_mapping.myocardium import LV_ENDOCARDIUM, RV_ENDOCARDIUM, VENTRICLES, VOLUME_SURFACES, Myocardium
from imn.errors import InputError


@dataclass(frozen=True)
class PurkinjeSite:
    """A place on an endocardium in ventricular coordinates.

    Parameters
    ----------
    name : str
    ventricle : int
        Index into `VENTRICLES`: left endocardium, or that of the right free wall.
    apicobasal : float
        0 apex ... 1 base.
    rotational_deg : float
        0 mid septum, 90 anterior; the right ventricle joins at 60 and -60.
    delay : float, ms
        After the first site.
    """

    name: str
    ventricle: int
    apicobasal: float
    rotational_deg: float
    delay: float


PURKINJE_SITES = (
    PurkinjeSite("high anterior paraseptal", 0, 0.75, 75.0, 0.0),
    PurkinjeSite("central left septum", 0, 0.50, 0.0, 0.0),
    PurkinjeSite("posterior paraseptal", 0, 0.33, -75.0, 2.5),
    PurkinjeSite("right anterior papillary muscle", 1, 0.35, 25.0, 7.5),
)
"""Middles of the areas that Durrer et al. 1970 (Circulation 41:899) found in seven isolated human hearts.

On the left within 0-5 ms high on the anterior wall by the septum, in the
middle of the septum, and behind by the septum at a third of the way from
the apex; on the right near the anterior papillary muscle 5-10 ms later.
Read from the description, not fitted.
"""


def early_nodes(myocardium: Myocardium, sites: Sequence[PurkinjeSite] = PURKINJE_SITES) -> NDArray[np.int64]:
    """Node of the endocardium nearest to each site in ventricular coordinates.

    Parameters
    ----------
    myocardium : Myocardium
    sites : sequence of PurkinjeSite

    Returns
    -------
    (k,) int64

    Raises
    ------
    InputError
        If a site's endocardium has no node.
    """
    here = places(myocardium)
    found = np.empty(len(sites), dtype=np.int64)
    for number, site in enumerate(sites):
        surface = (LV_ENDOCARDIUM, RV_ENDOCARDIUM)[site.ventricle]
        allowed = np.flatnonzero((myocardium.ventricle == site.ventricle) & (myocardium.surface == surface))
        if not len(allowed):
            msg = (
                f"{site.name}: expected {VOLUME_SURFACES[surface]} in the {VENTRICLES[site.ventricle]} "
                f"of myocardium {myocardium.name!r}, found no node; label its surfaces or leave the site out"
            )
            raise InputError(msg)
        wanted = place(site.apicobasal, np.deg2rad(site.rotational_deg), 0.0)
        found[number] = allowed[np.linalg.norm(here[allowed] - wanted, axis=1).argmin()]
    return found
