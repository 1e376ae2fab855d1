"""Potential of sources in a sphere of two layers, by its series (Rush & Driscoll 1969; de Munck 1988)."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import eval_legendre

from cine_mapping.anatomy import Mesh

TERMS = 80


def sphere(radius: float, *, fineness: int, centre: tuple[float, float, float] = (0, 0, 0)) -> Mesh:
    import pyvista

    ball = pyvista.Icosphere(nsub=fineness)
    return Mesh(np.asarray(ball.points, dtype=float) * radius + centre, np.asarray(ball.regular_faces))


def layered_sphere(
    places: NDArray[np.float64],
    sources: NDArray[np.float64],
    *,
    radii: tuple[float, float] = (50.0, 100.0),
    conductivities: tuple[float, float] = (0.22, 0.22),
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Potential at places on the surface of 1 mA and of unit dipoles (1 mA mm) in the inner layer.

    Returns (k, n) mV (the sink of the unit current spread evenly over the surface) and (k, n, 3) mV.
    """
    (a, b), (inside, outside) = radii, conductivities
    depth = np.linalg.norm(sources, axis=1)
    outward, way = sources / depth[:, None], places / np.linalg.norm(places, axis=1)[:, None]
    cosine = np.clip(way @ outward.T, -1, 1)
    potential, gradient = np.zeros(cosine.shape), np.zeros((*cosine.shape, 3))
    for n in range(1, TERMS):
        # Unknowns: A r^n inside, B r^n + C r^-(n+1) outside, lengths in units of b; source r0^n / r^(n+1).
        q = a / b
        rows = [
            [q**n, -(q**n), -(q ** -(n + 1))],
            [inside * n * q ** (n - 1), -outside * n * q ** (n - 1), outside * (n + 1) * q ** -(n + 2)],
            [0, n, -(n + 1)],
        ]
        source = 1 / (4 * np.pi * inside)
        right = [-source * q ** -(n + 1), source * inside * (n + 1) * q ** -(n + 2), 0]
        _, grows, falls = np.linalg.solve(rows, right)
        size = 1000 * (grows + falls) / b
        legendre = eval_legendre(n, cosine)
        before = eval_legendre(n - 1, cosine)
        slope = n * (before - cosine * legendre) / np.maximum(1 - cosine**2, 1e-12)
        potential += size * (depth / b) ** n * legendre
        radial = (n * legendre)[..., None] * outward
        tangential = slope[..., None] * (way[:, None] - cosine[..., None] * outward)
        gradient += (size * (depth / b) ** (n - 1) / b)[None, :, None] * (radial + tangential)
    return potential, gradient
