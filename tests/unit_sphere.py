"""A sphere with a cap marked on it, and maps of twelve leads that face it, for tests of scores."""

from collections.abc import Callable

import numpy as np

from annotations import Case
from cine_mapping.anatomy import Mesh


def sphere(divisions: int = 3) -> Mesh:
    """Unit sphere from an octahedron whose triangles are split in four."""
    points = np.concatenate([np.eye(3), -np.eye(3)])
    triangles = np.array(
        [[0, 1, 2], [1, 3, 2], [3, 4, 2], [4, 0, 2], [1, 0, 5], [3, 1, 5], [4, 3, 5], [0, 4, 5]]
    )
    for _ in range(divisions):
        edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]], axis=2)
        unique, which = np.unique(edges.reshape(-1, 2), axis=0, return_inverse=True)
        ab, bc, ca = (which.reshape(-1, 3) + len(points)).T
        a, b, c = triangles.T
        points = np.concatenate([points, points[unique].mean(axis=1)])
        corners = [[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]
        triangles = np.concatenate([np.stack(t, axis=1) for t in corners])
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    return Mesh(points.astype(np.float32), triangles.astype(np.int32))


SPHERE = sphere()
POINTS, AREAS = SPHERE.points.astype(float), SPHERE.areas
CAP = POINTS[:, 0] > 0.5
FACING = np.random.default_rng(5).normal(size=(12, 3))
FACING[0] = 1, 0, 0
FACING /= np.linalg.norm(FACING, axis=1, keepdims=True)
SIGNAL = np.abs(np.random.default_rng(2).normal(size=(12, 20)))


def facing(weights: np.ndarray) -> np.ndarray:
    """Place each lead's evidence on the side of the sphere that the lead faces."""
    return AREAS * (np.maximum(POINTS @ FACING.T, 0) @ (weights * SIGNAL).sum(axis=1))


def case(
    weights: np.ndarray, *, annotated=CAP, areas=AREAS, signal=SIGNAL, project: Callable = facing
) -> Case:
    return Case(annotated, areas, SPHERE.triangles, weights, signal, project)


def first_lead_only() -> np.ndarray:
    weights = np.zeros((12, 20))
    weights[0] = 1.0
    return weights
