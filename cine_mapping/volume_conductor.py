"""A torso of piecewise constant conductivity as boundary-element equations, factorised once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Mesh
from cine_mapping.flat_triangles import FlatTriangles
from cine_mapping.lead_field import TORSO_S_PER_M
from imn.errors import InputError

LUNG_S_PER_M, BLOOD_S_PER_M = 0.05, 0.6
"""Conductivities of inflated lung and of blood."""


@dataclass(frozen=True, eq=False)
class VolumeConductor:
    """A torso of one conductivity with closed inner surfaces, ready for any electrodes.

    Made by `solve_torso`.

    Parameters
    ----------
    borders : tuple of FlatTriangles
        The skin, then the inner surfaces; b vertices together.
    steps : (s,) float64, S/m
        Conductivity inside each border less that outside; the first is that at the skin.
    factors : (b, b) float64 and (b,) int32
        LU factors of the boundary-element matrix.
    """

    borders: tuple[FlatTriangles, ...]
    steps: NDArray[np.float64]
    factors: tuple[NDArray[np.float64], NDArray[np.int32]]

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """First vertex of each border, and the number of all."""
        return np.cumsum([0, *(len(border.mesh.points) for border in self.borders)])


def solve_torso(
    skin: Mesh, conductivity: float = TORSO_S_PER_M, *, inner: Sequence[tuple[Mesh, float]] = ()
) -> VolumeConductor:
    """Set up and factorise the boundary-element equations of a torso.

    Collocation at the vertices, potentials linear in each triangle (de Munck
    1992), the equation of Geselowitz (1967) for piecewise constant
    conductivity.  A vertex's own solid angle is what is missing from the sum
    that a closed surface must have; the constant in the null space is deflated.

    Parameters
    ----------
    skin : Mesh
        Closed, triangles counter-clockwise seen from outside.
    conductivity : float, S/m
        Of all that is in no inner surface.
    inner : sequence of (Mesh, float)
        Closed surfaces inside the skin and the conductivity within, e.g. lungs
        and blood pools; they may be nested but neither touch nor cross.

    Returns
    -------
    VolumeConductor

    Raises
    ------
    InputError
        If a surface is open or turned inside out, surfaces cross or touch, an
        inner surface lies outside the skin, or a conductivity is not positive.

    Deviations
    ----------
    No isolated-source correction: meant for contrasts of ten, not of the skull's hundred.
    """
    from scipy.linalg import lu_factor

    borders = tuple(FlatTriangles(mesh) for mesh in (skin, *(mesh for mesh, _ in inner)))
    within = np.array([conductivity, *(value for _, value in inner)], dtype=float)
    if not (np.isfinite(within).all() and (within > 0).all()):
        message = f"conductivities must be positive numbers in S/m, got {within.tolist()}"
        raise InputError(message)
    for number, border in enumerate(borders):
        _refuse_open(border, _name(number))
    points = np.concatenate([np.asarray(border.mesh.points, dtype=float) for border in borders])
    owner = np.repeat(np.arange(len(borders)), [len(border.mesh.points) for border in borders])
    matrix = np.empty((len(points), len(points)), order="F")
    contains = np.empty((len(borders), len(borders)), dtype=bool)
    for number, border in enumerate(borders):
        block = matrix[:, owner == number] = border.double_layer(points)
        contains[number] = _contained(block, owner, number)
        own = np.flatnonzero(owner == number)
        matrix[own, own] += 0.5 - block[own].sum(axis=1)
    outside = _surroundings(contains, within)
    matrix *= (outside - within)[owner]
    matrix[np.diag_indices(len(points))] += (0.5 * (outside + within))[owner]
    matrix += within[0] / len(points)
    return VolumeConductor(borders, within - outside, lu_factor(matrix, overwrite_a=True, check_finite=False))


def _name(number: int) -> str:
    return "the skin" if number == 0 else f"inner surface {number}"


def _refuse_open(border: FlatTriangles, name: str) -> None:
    """Each side must be met once in each direction, and the volume be positive."""
    start = border.mesh.triangles.astype(np.int64)
    end = np.roll(start, -1, axis=1)
    forth, back = (
        np.sort((a * len(border.mesh.points) + b).ravel()) for a, b in ((start, end), (end, start))
    )
    if not np.array_equal(forth, back) or len(np.unique(forth)) < len(forth):
        message = f"{name} is not closed: every edge needs two triangles that run it in opposite directions"
        raise InputError(message)
    if np.einsum("fi,fi->", border.corners[:, 0], border.normals) <= 0:
        message = f"{name} is inside out: its triangles must be counter-clockwise seen from outside"
        raise InputError(message)


def _contained(block: NDArray[np.float64], owner: NDArray[np.int64], number: int) -> NDArray[np.bool_]:
    """Which borders lie inside this one, from the solid angles; refuse what crosses it."""
    angle = block.sum(axis=1)
    inside = np.zeros(owner[-1] + 1, dtype=bool)
    for other in set(range(len(inside))) - {number}:
        seen = angle[owner == other]
        inside[other] = seen.mean() > 0.5
        if not np.allclose(seen, inside[other], atol=1e-6):
            message = (
                f"{_name(other)} and {_name(number)} touch or cross: surfaces must be clear of each other"
            )
            raise InputError(message)
        if number == 0 and not inside[other]:
            message = f"{_name(other)} is not inside the skin: check frame and unit"
            raise InputError(message)
    return inside


def _surroundings(contains: NDArray[np.bool_], within: NDArray[np.float64]) -> NDArray[np.float64]:
    """Conductivity outside each border: that of the innermost one around it, 0 for the skin."""
    depth = contains.sum(axis=0)
    parents = np.where(contains, depth[:, None], -1).argmax(axis=0)
    return np.where(depth > 0, within[parents], 0.0)
