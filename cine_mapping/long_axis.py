"""Landmarks of the ventricles and the coordinates they give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import SURFACES
from imn.errors import InputError

_LV, _RV, _EPICARDIUM = (SURFACES.index(name) for name in ("LV endocardium", "RV endocardium", "epicardium"))


@dataclass(frozen=True, eq=False)
class LongAxis:
    """Landmarks of the ventricles.

    Parameters
    ----------
    base, apex : (3,) float64, mm
        Middle of the left ventricle's openings; farthest point of its epicardium.
    right : (3,) float64
        Any vector from the left towards the right ventricle.
    insertions : (float, float), optional
        Angles about the axis, radians, where the right ventricle joins below and above.
    """

    base: NDArray[np.float64]
    apex: NDArray[np.float64]
    right: NDArray[np.float64]
    insertions: tuple[float, float] | None = None

    @property
    def frame(self) -> NDArray[np.float64]:
        """Rows: unit vectors to the apex, to the mid septum, to the anterior wall, (3, 3)."""
        down = self.apex - self.base
        down = down / np.linalg.norm(down)
        septum = self.right - (self.right @ down) * down
        septum = septum / np.linalg.norm(septum)
        return np.stack([down, septum, np.cross(septum, down)])

    def coordinates(self, points: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give depth along the axis and angle about it.

        Parameters
        ----------
        points : (..., 3) float, mm

        Returns
        -------
        depth : (...) float64
            0 at the base, 1 at the apex.
        angle : (...) float64, radians
            From mid septum, anterior positive.
        """
        local = (np.asarray(points, dtype=float) - self.base) @ self.frame.T
        return local[:, 0] / np.linalg.norm(self.apex - self.base), np.arctan2(local[:, 2], local[:, 1])


def find_long_axis(
    points: NDArray[np.floating], triangles: NDArray[np.integer], surface: NDArray[np.integer]
) -> LongAxis:
    """Find base centre, apex and the direction to the right ventricle on labelled ventricles.

    Parameters
    ----------
    points : (v, 3) float, mm
    triangles : (f, 3) int
    surface : (v,) int
        Index into `SURFACES`.

    Returns
    -------
    LongAxis

    Raises
    ------
    InputError
        If one of LV endocardium, RV endocardium, epicardium has no vertex.
    """
    points = np.asarray(points, dtype=np.float64)
    for kind in (_LV, _RV, _EPICARDIUM):
        if not (surface == kind).any():
            msg = f"expected vertices labelled {SURFACES[kind]!r}, found none; label the surfaces first"
            raise InputError(msg)
    cavity = points[surface == _LV]
    base = opening_centre(points, triangles, surface)
    apex = apex_below(points, surface, base)
    return LongAxis(base, apex, points[surface == _RV].mean(axis=0) - cavity.mean(axis=0))


def opening_centre(
    points: NDArray[np.floating], triangles: NDArray[np.integer], surface: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Middle of the line where the left ventricle's endocardium ends.

    Parameters
    ----------
    points, triangles, surface
        As in `find_long_axis`.

    Returns
    -------
    (3,) float64, mm
        NaN if it ends nowhere.
    """
    inner = surface[triangles] == _LV
    rim = np.unique(triangles[inner.any(axis=1) & ~inner.all(axis=1)])
    rim = rim[surface[rim] == _LV]
    return np.asarray(points[rim], dtype=float).mean(axis=0) if len(rim) else np.full(3, np.nan)


def apex_below(
    points: NDArray[np.floating], surface: NDArray[np.integer], base: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Where the line from the base through the cavity's tip leaves the epicardium.

    Parameters
    ----------
    points, surface
        As in `find_long_axis`.
    base : (3,) float64, mm

    Returns
    -------
    (3,) float64, mm
    """
    points = np.asarray(points, dtype=np.float64)
    cavity = points[surface == _LV]
    tip = cavity[np.argmax(np.linalg.norm(cavity - base, axis=1))]
    return _exit(points[surface == _EPICARDIUM], base, tip)


def _exit(
    outer: NDArray[np.float64], base: NDArray[np.float64], tip: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Find where the line from the base through the cavity's tip leaves the epicardium."""
    down = (tip - base) / np.linalg.norm(tip - base)
    beyond = outer[(outer - tip) @ down > 0]
    return beyond[np.argmin(np.linalg.norm(np.cross(beyond - base, down), axis=1))]
