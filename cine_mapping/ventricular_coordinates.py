"""Ventricular coordinates of a wall in tetrahedra whose surfaces are labelled.

Transmural and ventricle come from Laplace fields between the surfaces (in the
manner of Bayer et al. 2012, Ann Biomed Eng 40:2243, and Schuler et al. 2021,
Med Image Anal 74:102247), apicobasal from lengths along one, rotational and the
regions from the long axis and the lines where the right ventricle joins, by
the same rule as on the surface (`cine_mapping.segments`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import AHA_SEGMENTS, SURFACES
from cine_mapping.fibres import rule_based_fibres
from cine_mapping.laplace import harmonic, length_along
from cine_mapping.long_axis import LongAxis, find_long_axis
from cine_mapping.myocardium import (
    BASE,
    EPICARDIUM,
    INSIDE,
    LV_ENDOCARDIUM,
    RV_ENDOCARDIUM,
    Myocardium,
    boundary_triangles,
)
from cine_mapping.segments import label_segments, wall_angle
from cine_mapping.stiffness import FiniteElements
from imn.errors import InputError

APEX_RADIUS_MM = 3.0
"""The apex is the wall this near to the line from the cavity's tip to the epicardium's."""
_NAMES = {
    INSIDE: "basal rim",
    EPICARDIUM: "epicardium",
    LV_ENDOCARDIUM: "LV endocardium",
    RV_ENDOCARDIUM: "RV endocardium",
    BASE: "basal rim",
}
ON_ANATOMY = np.array([SURFACES.index(_NAMES[kind]) for kind in range(len(_NAMES))])
"""Index into `SURFACES` of each of `VOLUME_SURFACES`."""


@dataclass(frozen=True, eq=False)
class LabelledWall:
    """Wall to find coordinates on.

    Parameters
    ----------
    elements : FiniteElements
    surface : (n,) int8
        Index into `VOLUME_SURFACES`.
    """

    elements: FiniteElements
    surface: NDArray[np.int8]

    def on(self, *kinds: int) -> NDArray[np.bool_]:
        """Nodes of some surfaces.

        Parameters
        ----------
        *kinds : int
            Indices into `VOLUME_SURFACES`.

        Returns
        -------
        (n,) bool
        """
        return np.isin(self.surface, kinds)

    def harmonic(self, *given: tuple[NDArray[np.bool_], float]) -> NDArray[np.float64]:
        """Laplace field with values on some nodes.

        Parameters
        ----------
        *given : ((n,) bool, float)
            Nodes and their value; the first mention of a node counts.

        Returns
        -------
        (n,) float64
        """
        fixed = np.full(len(self.surface), np.nan)
        for nodes, value in reversed(given):
            fixed[nodes] = value
        return harmonic(self.elements, fixed)


def make_myocardium(
    points: NDArray[np.floating],
    tetrahedra: NDArray[np.integer],
    surface: NDArray[np.integer],
    *,
    axis: LongAxis | None = None,
    name: str = "",
    origin: str = "",
) -> Myocardium:
    """Find the coordinates, regions and fibres of ventricles.

    Parameters
    ----------
    points : (n, 3) float, mm
        LPS.
    tetrahedra : (m, 4) int
        Of positive volume, hanging together.
    surface : (n,) int
        Index into `VOLUME_SURFACES`.
    axis : LongAxis, optional
        Found on the surface by default.
    name, origin : str

    Returns
    -------
    Myocardium

    Raises
    ------
    InputError
        If a surface is missing, the volumes are not positive, or there is no septum.
    """
    # What the fields see is what is stored, so that both can be compared to the last digit.
    points = np.asarray(points, dtype=np.float32)
    elements = FiniteElements(points, np.asarray(tetrahedra))
    wall = LabelledWall(elements, np.asarray(surface, dtype=np.int8))
    triangles = boundary_triangles(elements.tetrahedra)
    on_anatomy = ON_ANATOMY[wall.surface]
    outer = np.flatnonzero(wall.surface != INSIDE)
    skin = (points[outer], np.searchsorted(outer, triangles), on_anatomy[outer])
    axis = axis or find_long_axis(*skin)
    left, septal = _ventricles(wall)
    transmural = wall.harmonic(
        (septal, 1.0),
        (wall.on(LV_ENDOCARDIUM, RV_ENDOCARDIUM), 0.0),
        (wall.on(EPICARDIUM), 1.0),
    )
    apicobasal = _apicobasal(wall, triangles, axis)
    return Myocardium(
        points=points,
        tetrahedra=elements.tetrahedra.astype(np.int32),
        surface=wall.surface,
        apicobasal=apicobasal.astype(np.float32),
        rotational=np.deg2rad(wall_angle(points, on_anatomy, axis)).astype(np.float32),
        transmural=transmural.astype(np.float32),
        ventricle=np.where(left, 0, 1).astype(np.int8),
        fibres=rule_based_fibres(elements, transmural, apicobasal),
        region=_spread(points, outer, label_segments(*skin, axis), left),
        name=name,
        origin=origin,
    )


def _ventricles(wall: LabelledWall) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Nodes of the left ventricle with its septum, and those on the septum's right face.

    A face of the right cavity is septal where a field that falls from the
    left endocardium to the epicardium stays high.
    """
    near_left = wall.harmonic((wall.on(LV_ENDOCARDIUM), 1.0), (wall.on(EPICARDIUM), 0.0))
    septal = wall.on(RV_ENDOCARDIUM) & (near_left >= 0.5)
    free = wall.on(RV_ENDOCARDIUM) & ~septal
    return wall.harmonic((septal | wall.on(LV_ENDOCARDIUM), 1.0), (free, 0.0)) >= 0.5, septal


def _apicobasal(wall: LabelledWall, triangles: NDArray[np.int32], axis: LongAxis) -> NDArray[np.float64]:
    """Share of the way from the apex to the base along a Laplace field between them."""
    kinds = wall.surface[triangles]
    mixed = (kinds == BASE).any(axis=1) if wall.on(BASE).any() else (kinds != kinds[:, :1]).any(axis=1)
    base = np.zeros(len(wall.surface), dtype=bool)
    base[triangles[mixed]] = True
    apex = _apex(wall, axis)
    if not base.any() or (apex & base).any():
        msg = "expected a basal rim away from the apex, found none: cut the ventricles at their valves"
        raise InputError(msg)
    field = wall.harmonic((apex, 0.0), (base, 1.0))
    below = length_along(wall.elements, field, apex)
    above = length_along(wall.elements, -field, base)
    return below / (below + above).clip(1e-9)


def _apex(wall: LabelledWall, axis: LongAxis) -> NDArray[np.bool_]:
    points = np.asarray(wall.elements.points, dtype=float)
    cavity = points[wall.on(LV_ENDOCARDIUM)]
    tip = cavity[np.linalg.norm(cavity - axis.apex, axis=1).argmin()]
    way = axis.apex - tip
    share = ((points - tip) @ way / (way @ way)).clip(0, 1)
    distance = np.linalg.norm(points - tip - share[:, None] * way, axis=1)
    return distance <= max(APEX_RADIUS_MM, float(distance.min()))


def _spread(
    points: NDArray[np.float32], outer: NDArray[np.int64], regions: NDArray[np.int8], left: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Region of the nearest node of the surface that has one of the node's own ventricle."""
    from scipy.spatial import KDTree

    found = np.zeros(len(points), dtype=np.int8)
    fits = (regions < len(AHA_SEGMENTS)) == left[outer]
    for side in (left, ~left):
        known = fits & side[outer]
        if side.any() and not known.any():
            msg = "expected both ventricles to reach the surface, found no labelled node: check the surfaces"
            raise InputError(msg)
        if side.any():
            found[side] = regions[known][KDTree(points[outer][known]).query(points[side])[1]]
    return found
