"""Blocks and balls of tetrahedra, places in them, and the error of a potential."""

import itertools

import numpy as np
from numpy.typing import NDArray

from cine_mapping.stiffness import FiniteElements


def block(cells: int, *, size: float = 30.0, round_off: bool = False) -> FiniteElements:
    """A cube of six tetrahedra a cell around the origin, or the ball it can be pressed into."""
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, cells + 1)] * 3, indexing="ij"), axis=-1)
    number = np.arange(grid[..., 0].size).reshape(grid.shape[:3])
    parts = []
    for order in itertools.permutations(range(3)):
        steps = np.zeros((4, 3), dtype=int)
        for i, axis in enumerate(order, start=1):
            steps[i:, axis] = 1
        corners = [number[tuple(slice(s, cells + s) for s in step)].ravel() for step in steps]
        even = np.linalg.det(steps[1:] - steps[:1]) > 0
        parts.append(np.stack(corners if even else [corners[i] for i in (0, 1, 3, 2)], axis=1))
    points = grid.reshape(-1, 3)
    if round_off:
        length = np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
        points = points * np.abs(points).max(axis=1, keepdims=True) / length
    return FiniteElements(points * size / 2, np.concatenate(parts))


def units(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    vectors = rng.normal(size=(n, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def interior(rng: np.random.Generator, n: int, *, depths: tuple[float, float]) -> NDArray[np.float64]:
    return units(rng, n) * rng.uniform(*depths, size=(n, 1))


def referenced(potential: NDArray[np.float64]) -> NDArray[np.float64]:
    return potential - potential.mean(axis=0)


def error(found: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(found - true) / np.linalg.norm(true))
