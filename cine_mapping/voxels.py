"""Closed surfaces on a regular grid: what lies inside them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Grid:
    """Points of a regular grid.

    Parameters
    ----------
    origin : (3,) float64, mm
    spacing : float, mm
    shape : tuple of int
        Points along x, y, z.
    """

    origin: NDArray[np.float64]
    spacing: float
    shape: tuple[int, int, int]

    def nearest(self, points: NDArray[np.floating]) -> tuple[NDArray[np.int64], ...]:
        """Find the nearest grid points, clipped to the grid.

        Parameters
        ----------
        points : (..., 3) float, mm

        Returns
        -------
        tuple of three (...) int64
            Indices along each axis.
        """
        index = np.rint((points - self.origin) / self.spacing).astype(int)
        return tuple(np.moveaxis(np.clip(index, 0, np.array(self.shape) - 1), -1, 0))


def grid_around(points: NDArray[np.floating], spacing: float, margin: int = 3) -> Grid:
    """Make a grid that holds all points.

    Parameters
    ----------
    points : (v, 3) float, mm
    spacing : float, mm
    margin : int
        Grid points to spare on every side.

    Returns
    -------
    Grid
    """
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    # A little off every round number, so that no line of the grid runs along an edge of the mesh.
    origin = low - (margin + np.array([0.01371, 0.02319, 0.01753])) * spacing
    nx, ny, nz = (np.ceil((high - origin) / spacing).astype(int) + margin).tolist()
    return Grid(origin, spacing, (nx, ny, nz))


def winding_numbers(
    points: NDArray[np.floating], triangles: NDArray[np.integer], grid: Grid
) -> NDArray[np.int64]:
    """Count how often a closed surface winds round each point of a grid.

    Every line of the grid along z is cut with the triangles; entering through
    one counts plus one, leaving minus one.

    Parameters
    ----------
    points : (v, 3) float, mm
    triangles : (f, 3) int
        Closed, outwards.
    grid : Grid

    Returns
    -------
    (nx, ny, nz) int64
        0 outside.
    """
    corner = (np.asarray(points, dtype=float)[triangles] - grid.origin) / grid.spacing
    face, column = _columns(corner[:, :, :2], grid.shape)
    a, b, c = (corner[face, i] for i in range(3))
    double = _cross(b - a, c - a)
    hit = double != 0
    safe = np.where(hit, double, 1.0)
    u = _cross(column - a[:, :2], c - a) / safe
    v = _cross(b - a, column - a[:, :2]) / safe
    hit &= (u >= 0) & (v >= 0) & (u + v <= 1)
    height = a[:, 2] + u * (b - a)[:, 2] + v * (c - a)[:, 2]
    steps = np.zeros((grid.shape[0], grid.shape[1], grid.shape[2] + 1), dtype=int)
    above = np.clip(np.ceil(height[hit]), 0, grid.shape[2]).astype(int)
    np.add.at(steps, (*column[hit].T, above), -np.sign(double[hit]).astype(int))
    return np.cumsum(steps, axis=2)[:, :, :-1]


def _columns(
    corner: NDArray[np.float64], shape: tuple[int, int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a triangle and a line of the grid within its bounding box, (p,) and (p, 2)."""
    low = np.clip(np.ceil(corner.min(axis=1)), 0, None).astype(int)
    high = np.minimum(np.floor(corner.max(axis=1)), np.array(shape[:2]) - 1).astype(int)
    wide, deep = np.maximum(high - low + 1, 0).T
    face = np.repeat(np.arange(len(corner)), wide * deep)
    place = np.arange(len(face)) - np.repeat(np.cumsum(wide * deep) - wide * deep, wide * deep)
    return face, low[face] + np.stack([place // deep[face], place % deep[face]], axis=1)


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
