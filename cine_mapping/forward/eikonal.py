"""When each point of the wall is excited: shortest paths through tetrahedra.

Excitation runs from node to node up to two rings apart (one ring alone makes
paths a seventh too long), faster along the fibres than across them, and
fastest on both endocardia but for their base, where the Purkinje network spreads it.  Since the
fast layer is part of the graph, retrograde entry and bundle branch block need
no code of their own.  Wallman et al. 2012 (IEEE Trans Biomed Eng 59:1739)
compare such graphs with the eikonal equation.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.myocardium import LV_ENDOCARDIUM, RV_ENDOCARDIUM, Myocardium, boundary_triangles
from cine_mapping.stiffness import EDGES
from imn.errors import InputError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

TRIANGLE_EDGES = np.array([(0, 1), (1, 2), (2, 0)])
NETWORK_TO = 0.8
"""Apicobasal place up to which the endocardium is a fast layer: the base has no Purkinje network."""


@dataclass(frozen=True)
class Speeds:
    """Velocities of excitation, in mm/ms, which is m/s.

    Parameters
    ----------
    along, across : float
        In the muscle, along and across the fibres.
    left_endocardium, right_endocardium : float
        On the fast layer of each.
    """

    along: float = 0.62
    across: float = 0.37
    left_endocardium: float = 1.19
    right_endocardium: float = 1.36


@dataclass(frozen=True, eq=False)
class Onsets:
    """Where excitation starts.

    Parameters
    ----------
    nodes : (k,) int64
    times : (k,) float64, ms
        May be negative.
    """

    nodes: NDArray[np.int64]
    times: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ExcitationGraph:
    """Neighbours within two rings of a mesh, whatever the speeds; made by `plan_excitation`.

    Parameters
    ----------
    nodes : int
    pairs : (e, 2) int64
        Each pair once.
    lengths : (e,) float64, mm
    along : (e,) float64, mm
        Part of the length along the fibres (root mean square of both ends).
    layer : (e,) int8
        1 on the left endocardium, 2 on the right, 0 elsewhere.
    order : (2 e,) int64
        Pair behind each entry of the sparse matrix.
    columns, rows : (2 e,) int32 and (nodes + 1,) int32
        Of the sparse matrix.
    """

    nodes: int
    pairs: NDArray[np.int64]
    lengths: NDArray[np.float64]
    along: NDArray[np.float64]
    layer: NDArray[np.int8]
    order: NDArray[np.int64]
    columns: NDArray[np.int32]
    rows: NDArray[np.int32]

    @cached_property
    def squared(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Squares of the lengths along and across the fibres, (e,) float64 each, mm2."""
        return self.along**2, (self.lengths**2 - self.along**2).clip(0)

    @cached_property
    def layers(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs on the left and on the right endocardium."""
        return np.flatnonzero(self.layer == 1), np.flatnonzero(self.layer == 2)

    def weighted(self, costs: NDArray[np.float64], onsets: Onsets) -> "csr_matrix":
        """Put costs on all pairs, and a last node from which the onsets are reached.

        Parameters
        ----------
        costs : (e,) float64, ms or mm
            Of each pair.
        onsets : Onsets

        Returns
        -------
        (nodes + 1, nodes + 1) sparse matrix
            On the way to an onset: its time after the earliest, ms, and one, since a zero would be no way.
        """
        from scipy.sparse import csr_matrix

        # An entry of zero would be no edge at all, hence 1 ms on every way in.
        ways_in = onsets.times - onsets.times.min() + 1.0
        data = np.concatenate([costs[self.order], ways_in])
        columns = np.concatenate([self.columns, onsets.nodes])
        rows = np.append(self.rows, len(data))
        return csr_matrix((data, columns, rows), shape=(self.nodes + 1, self.nodes + 1))


def plan_excitation(myocardium: Myocardium) -> ExcitationGraph:
    """Find which nodes excite which, once for a mesh.

    Parameters
    ----------
    myocardium : Myocardium

    Returns
    -------
    ExcitationGraph
    """
    from scipy.sparse import csr_matrix

    count = len(myocardium.points)
    points, fibres = myocardium.points.astype(float), myocardium.fibres.astype(float)
    pairs = two_rings(myocardium.tetrahedra[:, EDGES].reshape(-1, 2), count)
    way = points[pairs[:, 1]] - points[pairs[:, 0]]
    shares = np.einsum("eki,ei->ek", fibres[pairs], way)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    # Numbers start at one because a zero would vanish.
    numbers = np.tile(np.arange(1, len(pairs) + 1), 2)
    matrix = csr_matrix((numbers, both.T), shape=(count, count))
    return ExcitationGraph(
        nodes=count,
        pairs=pairs,
        lengths=np.linalg.norm(way, axis=1),
        along=np.sqrt((shares**2).mean(axis=1)),
        layer=_layers(myocardium, pairs),
        order=np.asarray(matrix.data - 1, dtype=np.int64),
        columns=np.asarray(matrix.indices, dtype=np.int32),
        rows=np.asarray(matrix.indptr, dtype=np.int32),
    )


def two_rings(edges: NDArray[np.integer], nodes: int) -> NDArray[np.int64]:
    """Pair each node with those at most two mesh edges away.

    Parameters
    ----------
    edges : (k, 2) int
    nodes : int
        How many there are.

    Returns
    -------
    (e, 2) int64
        Each pair once.
    """
    from scipy.sparse import csr_matrix, triu

    ring = csr_matrix((np.ones(len(edges)), edges.T), shape=(nodes, nodes))
    ring = ring + ring.T
    return np.stack(triu(ring + ring @ ring, k=1).tocoo().coords, axis=1).astype(np.int64)


def _layers(myocardium: Myocardium, pairs: NDArray[np.int64]) -> NDArray[np.int8]:
    """Which pairs lie within two rings on one endocardium, where the Purkinje network reaches."""
    count = len(myocardium.points)
    triangles = boundary_triangles(myocardium.tetrahedra)
    code = pairs[:, 0] * count + pairs[:, 1]
    layer = np.zeros(len(pairs), dtype=np.int8)
    for number, kind in enumerate((LV_ENDOCARDIUM, RV_ENDOCARDIUM), start=1):
        network = (myocardium.surface == kind) & (myocardium.apicobasal <= NETWORK_TO)
        inside = triangles[network[triangles].all(axis=1)]
        near = two_rings(inside[:, TRIANGLE_EDGES].reshape(-1, 2), count)
        layer[np.isin(code, near[:, 0] * count + near[:, 1])] = number
    return layer


def activation_times(
    graph: ExcitationGraph,
    speeds: Speeds,
    onsets: Onsets,
    *,
    factor: NDArray[np.float64] | None = None,
    blocked: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Give the time at which each node is excited.

    The time of a pair is ``sqrt(l_along^2 / v_along^2 + l_across^2 / v_across^2)``.

    Parameters
    ----------
    graph : ExcitationGraph
    speeds : Speeds
    onsets : Onsets
    factor : (n,) float64, optional
        On the speed at each node.
    blocked : (n,) bool, optional
        Nodes that are never excited.

    Returns
    -------
    (n,) float64, ms
        On the clock of the onsets; infinite where excitation never comes.

    Raises
    ------
    InputError
        If there is no onset, one starts in blocked muscle only, or a factor is not positive.
    """
    from scipy.sparse.csgraph import dijkstra

    costs = _costs(graph, speeds)
    if factor is not None:
        if not (np.isfinite(factor).all() and (factor > 0).all()):
            msg = "expected positive factors on the conduction velocity; to stop conduction, block the nodes"
            raise InputError(msg)
        if not (factor == 1).all():
            costs *= (1 / factor)[graph.pairs].mean(axis=1)
    if blocked is not None and blocked.any():
        costs = np.where(blocked[graph.pairs].any(axis=1), np.inf, costs)
        free = ~blocked[onsets.nodes]
        onsets = Onsets(onsets.nodes[free], onsets.times[free])
    if not len(onsets.nodes):
        msg = "expected at least one place where excitation starts, found none in muscle that can be excited"
        raise InputError(msg)
    reached = dijkstra(graph.weighted(costs, onsets), indices=graph.nodes)
    return np.asarray(reached[:-1] + (onsets.times.min() - 1.0), dtype=np.float64)


def _costs(graph: ExcitationGraph, speeds: Speeds) -> NDArray[np.float64]:
    costs = np.sqrt(graph.squared[0] / speeds.along**2 + graph.squared[1] / speeds.across**2)
    for layer, speed in zip(graph.layers, (speeds.left_endocardium, speeds.right_endocardium), strict=True):
        costs[layer] = np.minimum(costs[layer], graph.lengths[layer] / speed)
    return costs


def distance_from(graph: ExcitationGraph, nodes: NDArray[np.integer], *, limit: float) -> NDArray[np.float64]:
    """Length of the shortest way through the wall to any of some nodes.

    Parameters
    ----------
    graph : ExcitationGraph
    nodes : (k,) int
    limit : float, mm
        How far to look.

    Returns
    -------
    (n,) float64, mm
        Infinite beyond the limit.
    """
    from scipy.sparse.csgraph import dijkstra

    onsets = Onsets(np.asarray(nodes, dtype=np.int64), np.zeros(len(nodes)))
    way = graph.weighted(graph.lengths, onsets)
    return np.asarray(dijkstra(way, indices=graph.nodes, limit=limit + 1.0)[:-1] - 1.0, dtype=np.float64)
