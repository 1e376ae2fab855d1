"""Values of the wall's volume on the surface that pictures and scores are made on."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import SURFACES, Anatomy
from cine_mapping.myocardium import INSIDE, VOLUME_SURFACES, Myocardium

_SAME = {"basal rim": "base"}
"""Where the volume calls a surface otherwise."""


@lru_cache(maxsize=4)
def nodes_at_surface(myocardium: Myocardium, anatomy: Anatomy) -> NDArray[np.int64]:
    """Find the node of the volume that each vertex of the ventricles' surface takes its value from.

    Parameters
    ----------
    myocardium : Myocardium
        In the frame and place of the anatomy's heart.
    anatomy : Anatomy

    Returns
    -------
    (v,) int64
        The nearest node on the same surface (endocardium, epicardium, base), -1 on the atria.
    """
    from scipy.spatial import KDTree

    found = np.full(len(anatomy.heart.points), -1, dtype=np.int64)
    for number, name in enumerate(SURFACES):
        here = np.flatnonzero((anatomy.surface == number) & anatomy.ventricles)
        name = _SAME.get(name, name)
        there = np.flatnonzero(
            myocardium.surface == VOLUME_SURFACES.index(name) if name in VOLUME_SURFACES else False
        )
        if not len(there):
            there = np.flatnonzero(myocardium.surface != INSIDE)
        if len(here):
            found[here] = there[KDTree(myocardium.points[there]).query(anatomy.heart.points[here])[1]]
    return found


def mask_at_surface(mask: NDArray[np.bool_], myocardium: Myocardium, anatomy: Anatomy) -> NDArray[np.bool_]:
    """Bring a mask from the nodes of the volume to the vertices of the surface.

    Parameters
    ----------
    mask : (n,) bool
    myocardium : Myocardium
    anatomy : Anatomy

    Returns
    -------
    (v,) bool
        A region that reaches no surface is given the vertex nearest to each of its nodes.
    """
    from scipy.spatial import KDTree

    nodes = nodes_at_surface(myocardium, anatomy)
    at_surface = mask[nodes] & (nodes >= 0)
    if mask.any() and not at_surface.any():
        ventricles = np.flatnonzero(anatomy.ventricles)
        tree = KDTree(anatomy.heart.points[ventricles])
        at_surface[ventricles[tree.query(myocardium.points[mask])[1]]] = True
    return at_surface
