"""When each point of the ventricles is excited: shortest paths from the early Purkinje sites.

Excitation runs along the wall on a graph that joins vertices up to two rings
apart (one ring alone makes paths too long) and through the wall between facing
surfaces; it is faster on the endocardium, where the Purkinje network spreads
it.  Early sites follow Durrer et al. 1970 (Circulation 41:899).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import AHA_SEGMENTS, SURFACES, Anatomy
from cine_mapping.long_axis import find_long_axis
from cine_mapping.segments import wall_angle

FACING_NEIGHBOURS = 6
FACING_COSINE = -0.3
"""Surfaces face each other across a wall when their outward normals oppose by more than this."""


@dataclass(frozen=True)
class EarlySite:
    """Where excitation enters: endocardium of the left ventricle or of the right one's free wall.

    depth from 0 (base) to 1 (apex), wall angle in degrees, delay in ms.
    """

    left: bool
    depth: float
    angle: float
    delay: float


EARLY_SITES = (
    EarlySite(True, 0.20, 89.0, 0.0),
    EarlySite(True, 0.39, -40.0, 4.0),
    EarlySite(True, 0.40, -87.0, 3.0),
    EarlySite(False, 0.77, 34.0, 6.0),
)
"""High anterior, mid septal and posterior on the left, near the anterior papillary muscle on the right.

Places and delays within Durrer's were chosen by random search so that the
reference anatomy's QRS has the usual R and S in each lead; other choices fit
as well.
"""


@dataclass(frozen=True)
class Conduction:
    """Speeds in mm/ms (= m/s) on the endocardium, in the rest along and through the wall."""

    endocardial: float = 1.34
    along: float = 0.40
    through: float = 0.25
    sites: tuple[EarlySite, ...] = EARLY_SITES


@dataclass(frozen=True, eq=False)
class Wall:
    """The ventricles of an anatomy as a graph.

    Parameters
    ----------
    edges : (e, 2) int64
        Vertex pairs; the ventricles are the first vertices of the heart.
    lengths : (e,) float64, mm
    through : (e,) bool
        Edges that cross the wall.
    surface : (n,) int8
    left : (n,) bool
        Left ventricle with both sides of the septum.
    depth, angle : (n,) float64
        Along the long axis (0 base, 1 apex) and about it (degrees).
    """

    edges: NDArray[np.int64]
    lengths: NDArray[np.float64]
    through: NDArray[np.bool_]
    surface: NDArray[np.int8]
    left: NDArray[np.bool_]
    depth: NDArray[np.float64]
    angle: NDArray[np.float64]

    @property
    def endocardial(self) -> NDArray[np.bool_]:
        """Vertices on either endocardium, (n,) bool."""
        return self.surface <= SURFACES.index("RV endocardium")


@lru_cache(maxsize=4)
def ventricular_wall(anatomy: Anatomy) -> Wall:
    """Plan the graph of an anatomy's ventricles."""
    keep = np.flatnonzero(anatomy.ventricles)
    triangles = anatomy.heart.triangles[np.isin(anatomy.heart.triangles, keep).all(axis=1)]
    points = anatomy.heart.points[keep].astype(float)
    triangles = np.searchsorted(keep, triangles)
    surface = anatomy.surface[keep]
    along = two_rings(triangles, len(keep))
    across = _facing(points, anatomy.heart.vertex_normals[keep])
    # At a thin rim the same pair can be both; a pair given twice would cost twice.
    across = across[~np.isin(_code(across, len(keep)), _code(along, len(keep)))]
    edges = np.concatenate([along, across])
    axis = find_long_axis(points, triangles, surface)
    return Wall(
        edges=edges,
        lengths=np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1),
        through=np.arange(len(edges)) >= len(along),
        surface=surface,
        left=anatomy.region[keep] < len(AHA_SEGMENTS),
        depth=axis.coordinates(points)[0],
        angle=wall_angle(points, surface, axis),
    )


def two_rings(triangles: NDArray[np.integer], vertices: int) -> NDArray[np.int64]:
    """Pair each vertex with those at most two mesh edges away, (e, 2) int64."""
    from scipy.sparse import coo_array, triu

    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    ring = coo_array((np.ones(len(pairs)), pairs.T), shape=(vertices, vertices)).tocsr()
    ring = ring + ring.T
    return np.stack(triu(ring + ring @ ring, k=1).tocoo().coords, axis=1).astype(np.int64)


def _code(pairs: NDArray[np.int64], vertices: int) -> NDArray[np.int64]:
    return pairs[:, 0] * vertices + pairs[:, 1]


def _facing(points: NDArray[np.float64], normals: NDArray[np.float64]) -> NDArray[np.int64]:
    """Each vertex with the nearest ones on the other face of the wall it bounds."""
    from scipy.spatial import KDTree

    unit = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    near = np.asarray(KDTree(points).query(points, k=min(200, len(points)))[1])
    way = points[near] - points[:, None]
    opposed = np.einsum("vki,vi->vk", unit[near], unit) < FACING_COSINE
    inside = np.einsum("vki,vi->vk", way, unit) < 0
    across = opposed & inside & (np.einsum("vki,vki->vk", way, unit[near]) > 0)
    chosen = across & (np.cumsum(across, axis=1) <= FACING_NEIGHBOURS)
    pairs = np.stack([np.nonzero(chosen)[0], near[chosen]], axis=1)
    return np.unique(np.sort(pairs, axis=1), axis=0)


def activation_times(
    wall: Wall, conduction: Conduction, slowing: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Give the time at which each vertex is excited.

    Parameters
    ----------
    wall : Wall
    conduction : Conduction
    slowing : (n,) float64, optional
        Factor on the speed at each vertex; 1 everywhere if left out.

    Returns
    -------
    (n,) float64, ms
        From the first early site.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    factor = np.ones(len(wall.surface)) if slowing is None else slowing
    both_inside = wall.endocardial[wall.edges].all(axis=1) & ~wall.through
    speed = np.select(
        [wall.through, both_inside], [conduction.through, conduction.endocardial], conduction.along
    )
    cost = wall.lengths / (speed * factor[wall.edges].mean(axis=1))
    start = len(wall.surface)
    sites = [find_site(wall, site) for site in conduction.sites]
    delays = np.array([site.delay for site in conduction.sites])
    rows = np.concatenate([wall.edges[:, 0], np.full(len(sites), start)])
    columns = np.concatenate([wall.edges[:, 1], sites])
    costs = np.concatenate([cost, delays - delays.min() + 1.0])
    graph = coo_array((costs, (rows, columns)), shape=(start + 1, start + 1)).tocsr()
    return dijkstra(graph, directed=False, indices=start)[:-1] - 1.0


def find_site(wall: Wall, site: EarlySite) -> int:
    """Vertex of the site's endocardium nearest to its depth and angle."""
    turn = np.deg2rad(np.mod(wall.angle - site.angle + 180, 360) - 180)
    distance = (wall.depth - site.depth) ** 2 + (0.3 * turn) ** 2
    allowed = wall.endocardial & (wall.left == site.left)
    if site.left:
        allowed &= wall.surface == SURFACES.index("LV endocardium")
    return int(np.where(allowed, distance, np.inf).argmin())
