"""The scaffold's ventricles as tetrahedra: even grids in its elements, split so that neighbours agree."""

# pyright: reportMissingImports=false

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from cine_mapping.myocardium import (
    BASE,
    EPICARDIUM,
    INSIDE,
    LV_ENDOCARDIUM,
    RV_ENDOCARDIUM,
    boundary_triangles,
)
from cine_mapping.reference.remesh import WELD_MM
from cine_mapping.reference.scaffold import VENTRICLES, Scaffold
from cine_mapping.reference.split import split
from cine_mapping.untangle import open_up

EDGE_MM = 4.0
THROUGH_MM = 3.0
"""A wall is cut finer through than along."""
_KINDS = {
    "LV endocardium": LV_ENDOCARDIUM,
    "RV endocardium": RV_ENDOCARDIUM,
    "epicardium": EPICARDIUM,
    "basal rim": BASE,
}
_PRIORITY = (LV_ENDOCARDIUM, RV_ENDOCARDIUM, EPICARDIUM, BASE)


@dataclass(frozen=True, eq=False)
class Volume:
    """Tetrahedra in the scaffold's frame.

    Parameters
    ----------
    points : (n, 3) float64, mm
    tetrahedra : (m, 4) int64
    surface : (n,) int8
        Index into `VOLUME_SURFACES`.
    """

    points: NDArray[np.float64]
    tetrahedra: NDArray[np.int64]
    surface: NDArray[np.int8]


def build_volume(scaffold: Scaffold) -> Volume:
    """Fill the ventricles' elements with cells, merge their points and split them.

    Parameters
    ----------
    scaffold : Scaffold

    Returns
    -------
    Volume
    """
    elements = sorted(scaffold.union(*VENTRICLES))
    wall = set(scaffold.boundary(set(elements)))
    counts = _steps(scaffold, elements)
    points, cells, sides = [], [], []
    start = 0
    for element, steps in zip(elements, counts.tolist(), strict=True):
        block = scaffold.fill(element, tuple(steps))
        number = start + np.arange(block[..., 0].size).reshape(block.shape[:3])
        points.append(block.reshape(-1, 3))
        cells.append(_cells(number))
        for axis_end, face in enumerate(scaffold.sides(element)):
            if face in wall:
                kind = _KINDS[scaffold.ventricular_label(face)]
                nodes = np.take(number, -(axis_end % 2), axis=axis_end // 2).ravel()
                sides.append(np.c_[nodes, np.full(len(nodes), kind)])
        start += number.size
    rough = _join(np.concatenate(points), np.concatenate(cells), np.concatenate(sides))
    return Volume(open_up(rough.points, rough.tetrahedra), rough.tetrahedra, rough.surface)


def _cells(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Corners of the cells of a grid, (c, 8), in the order of `split`."""
    ends = (slice(-1), slice(1, None))
    return np.stack([number[a, b, c].ravel() for a in ends for b in ends for c in ends], axis=1)


def _steps(scaffold: Scaffold, elements: list[int]) -> NDArray[np.int64]:
    """Cells along each axis of each element, (e, 3): the same along every edge that elements share."""
    coarse = np.stack([scaffold.fill(element, (2, 2, 2)) for element in elements])
    edges, lengths, owner = [], [], []
    for axis in range(3):
        line = np.moveaxis(coarse, axis + 1, 1)[:, :, ::2, ::2]
        edges.append(line.transpose(0, 2, 3, 1, 4).reshape(-1, 3, 3))
        lengths.append(np.linalg.norm(np.diff(edges[-1], axis=1), axis=2).sum(axis=1))
        owner.append(np.repeat(np.arange(len(elements)) * 3 + axis, 4))
    middle, length, owner = np.concatenate(edges)[:, 1], np.concatenate(lengths), np.concatenate(owner)
    real = np.flatnonzero(length > WELD_MM)
    pairs = real[KDTree(middle[real]).query_pairs(WELD_MM, output_type="ndarray")]
    links = coo_array((np.ones(len(pairs)), owner[pairs].T), shape=(3 * len(elements),) * 2)
    _, family = connected_components(links, directed=False)
    total = np.bincount(family[owner[real]], length[real])
    mean = total / np.bincount(family[owner[real]])
    wanted = np.where(mean < 12.0, mean / THROUGH_MM, mean / EDGE_MM)
    return np.maximum(np.rint(wanted), 1).astype(int)[family].reshape(-1, 3)


def _join(points: NDArray[np.float64], cells: NDArray[np.int64], sides: NDArray[np.int64]) -> Volume:
    """Merge coincident points; a point on several surfaces takes the first of `_PRIORITY`."""
    pairs = KDTree(points).query_pairs(WELD_MM, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(points),) * 2)
    _, same = connected_components(links, directed=False)
    _, first = np.unique(same, return_index=True)
    surface = np.full(len(first), INSIDE, dtype=np.int8)
    for kind in reversed(_PRIORITY):
        surface[same[sides[sides[:, 1] == kind, 0]]] = kind
    tetrahedra = split(same[cells])
    inner = np.ones(len(first), dtype=bool)
    inner[boundary_triangles(tetrahedra)] = False
    surface[inner] = INSIDE
    return Volume(points[first], tetrahedra, surface)
