"""Potentials of charged and of polarised triangles, in closed form.

Everything comes from two integrals at a point r: the solid angle of each
triangle (van Oosterom & Strackee 1983) and ``f = integral of dl / R`` along each
edge.  The double layer with a potential that is linear in the triangle
(de Munck 1992), the single layer of constant charge and its gradient (Wilton
et al. 1984) are sums of these.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Mesh

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PORTION = 1_500_000
"""Pairs of point and triangle worked on at once: some 100 MB."""
TOUCHING = 1e-9


@dataclass(frozen=True, eq=False)
class FlatTriangles:
    """Triangles as sources of potential.

    Parameters
    ----------
    mesh : Mesh
        Counter-clockwise seen from outside; mm.
    """

    mesh: Mesh

    @cached_property
    def corners(self) -> NDArray[np.float64]:
        """(f, 3, 3) float64, mm."""
        return np.asarray(self.mesh.points, dtype=float)[self.mesh.triangles]

    @cached_property
    def normals(self) -> NDArray[np.float64]:
        """Outward normals with twice the area as length, (f, 3) float64."""
        return np.cross(self.corners[:, 1] - self.corners[:, 0], self.corners[:, 2] - self.corners[:, 0])

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """(f,) float64, mm2."""
        return np.linalg.norm(self.normals, axis=1) / 2

    @cached_property
    def sides(self) -> NDArray[np.float64]:
        """The side opposite each corner, counter-clockwise, (f, 3, 3) float64."""
        return np.roll(self.corners, -2, axis=1) - np.roll(self.corners, -1, axis=1)

    @cached_property
    def slopes(self) -> NDArray[np.float64]:
        """Gradients of the corners' barycentric coordinates, (f, 3, 3) float64, 1/mm."""
        return np.cross(self.normals[:, None], self.sides) / (4 * self.areas**2)[:, None, None]

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """Of the sides, (f, 3) float64, mm."""
        return np.linalg.norm(self.sides, axis=2)

    @cached_property
    def outward(self) -> NDArray[np.float64]:
        """Unit vectors in the triangle's plane, out of it across each side, (f, 3, 3) float64."""
        across = np.cross(self.sides, self.normals[:, None])
        return across / np.linalg.norm(across, axis=2, keepdims=True)

    @cached_property
    def _edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Vertices of each edge once, (e, 2), and the edge opposite each corner, (f, 3)."""
        ends = np.stack([np.roll(self.mesh.triangles, -1, axis=1), np.roll(self.mesh.triangles, -2, axis=1)])
        edges, which = np.unique(np.sort(ends.reshape(2, -1), axis=0), axis=1, return_inverse=True)
        return edges.T.astype(np.int64), which.reshape(-1, 3)

    @cached_property
    def _touching(self) -> "csr_matrix":
        """Which triangles have which vertex, (v, f)."""
        from scipy.sparse import csr_matrix

        rows = self.mesh.triangles.ravel()
        columns = np.repeat(np.arange(len(self.mesh.triangles)), 3)
        return csr_matrix((np.ones(len(rows)), (rows, columns)), (len(self.mesh.points), columns[-1] + 1))

    def portions(self, seen: NDArray[np.float64]) -> list[slice]:
        """Cut the points into parts that fit in memory.

        Parameters
        ----------
        seen : (p, 3) float64, mm

        Returns
        -------
        list of slice
        """
        step = max(1, PORTION // len(self.mesh.triangles))
        return [slice(start, start + step) for start in range(0, len(seen), step)]

    def integrals(self, seen: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Solid angles and edge integrals.

        Parameters
        ----------
        seen : (p, 3) float, mm

        Returns
        -------
        solid : (p, f) float64, steradian
            Positive from behind the triangle; zero for a triangle that has the point as a corner.
        edge : (p, e) float64
            Integral of dl / R along each edge.
        """
        from scipy.spatial.distance import cdist

        reach = cdist(seen, np.asarray(self.mesh.points, dtype=float))
        (start, end), side = self._edges[0].T, self._edges[1]
        length = np.empty(len(start))
        length[side] = self.lengths
        around = reach[:, start] + reach[:, end]
        edge = np.log((around + length) / np.maximum(around - length, TOUCHING * length))
        a, b, c = (reach[:, corner] for corner in self.mesh.triangles.T)
        u, v, w = self.lengths.T**2
        below = a * b * c
        # Scalar products of the corners as seen from the point, by the law of cosines.
        below += 0.5 * ((b * b + c * c - u) * a + (a * a + c * c - v) * b + (a * a + b * b - w) * c)
        solid = 2 * np.arctan2(self.height(seen), below)
        point, vertex = np.nonzero(reach < TOUCHING * self.lengths.mean())
        if len(point):
            hit, triangle = self._touching[vertex].nonzero()
            solid[point[hit], triangle] = 0
        return solid, edge

    def height(self, seen: NDArray[np.float64]) -> NDArray[np.float64]:
        """Find how far each point lies behind each triangle.

        Parameters
        ----------
        seen : (p, 3) float64, mm

        Returns
        -------
        (p, f) float64, mm3
            The distance times twice the triangle's area.
        """
        return np.einsum("fi,fi->f", self.corners[:, 0], self.normals) - seen @ self.normals.T

    def double_layer(self, seen: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of the full solid angle, weighted by each vertex's linear shape function.

        Parameters
        ----------
        seen : (p, 3) float, mm

        Returns
        -------
        (p, v) float64
            Rows add up to 1 inside a closed surface and to 0 outside.
        """
        return np.concatenate([self._double_layer(seen[part]) for part in self.portions(seen)])

    def _double_layer(self, seen: NDArray[np.float64]) -> NDArray[np.float64]:
        solid, edge = self.integrals(seen)
        lift = self.height(seen) / (4 * self.areas**2)
        out = np.zeros((len(self.mesh.points), len(seen)))
        for corner in range(3):
            # Barycentric coordinate of the point's projection, linear in the point.
            slope, start = self.slopes[:, corner], self.corners[:, (corner + 1) % 3]
            part = (seen @ slope.T - np.einsum("fi,fi->f", slope, start)) * solid
            part += lift * (self._turns[corner] @ edge.T).T
            out += self._spreads[corner] @ part.T
        return out.T / (4 * np.pi)

    @cached_property
    def _turns(self) -> list["csr_matrix"]:
        """For each corner, the opposite side's scalar product with the unit vectors of the sides, (f, e)."""
        from scipy.sparse import csr_matrix

        which = self._edges[1]
        rows, columns = np.repeat(np.arange(len(which)), 3), which.ravel()
        cosines = (np.einsum("fci,fki->cfk", self.sides, self.sides) / self.lengths).reshape(3, -1)
        return [csr_matrix((row, (rows, columns)), (len(which), len(self._edges[0]))) for row in cosines]

    @cached_property
    def _spreads(self) -> list["csr_matrix"]:
        """For each corner, which vertex it is, (v, f)."""
        from scipy.sparse import csr_matrix

        columns, shape = np.arange(len(self.areas)), (len(self.mesh.points), len(self.areas))
        return [csr_matrix((np.ones(shape[1]), (rows, columns)), shape) for rows in self.mesh.triangles.T]

    def single_layer(
        self, seen: NDArray[np.float64], density: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Integral of density / R over the triangles, and its gradient.

        Parameters
        ----------
        seen : (p, 3) float, mm
        density : (k, f) float
            Constant in each triangle.

        Returns
        -------
        potential : (k, p) float64
        gradient : (k, p, 3) float64
            At the triangle itself the mean of both sides.
        """
        charge = density[:, :, None] * (self.normals / (2 * self.areas[:, None]))
        across = np.zeros((len(self._edges[0]), len(density), 4))
        middle = np.einsum("fki,fki->fk", self.outward, np.roll(self.corners, -1, axis=1))
        each = np.concatenate([self.outward, middle[:, :, None]], axis=2)
        for corner in range(3):
            np.add.at(across, self._edges[1][:, corner], density.T[:, :, None] * each[:, corner, None])
        lift = np.einsum("kfi,fi->fk", charge, self.corners[:, 0])
        parts = [self._single_layer(seen[part], across, charge, lift) for part in self.portions(seen)]
        return np.concatenate([p for p, _ in parts], 1), np.concatenate([g for _, g in parts], 1)

    def _single_layer(
        self,
        seen: NDArray[np.float64],
        across: NDArray[np.float64],
        charge: NDArray[np.float64],
        lift: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        solid, edge = self.integrals(seen)
        sides = np.tensordot(edge, across, axes=1).transpose(1, 0, 2)
        gradient = np.tensordot(charge, solid, axes=(1, 1)).transpose(0, 2, 1) - sides[:, :, :3]
        # Distances to sides and plane are linear in the point, so its own part is the gradient's.
        potential = sides[:, :, 3] - (solid @ lift).T + np.einsum("pi,kpi->kp", seen, gradient)
        return potential, gradient
