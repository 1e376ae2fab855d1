"""Any anatomy's ventricles filled with tetrahedra, in the conventions of the reference myocardium.

Points lie evenly on the sheets of the wall's surface and on a body-centred grid
between them; their Delaunay tetrahedra are kept where the wall is, and inner points
relax to the middle of their tetrahedra (Du & Wang 2003, Int J Numer Meth Eng
56:1355).  A node on the surface has the label of its sheet, so that thin walls and
the borders between sheets come out as they are.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import AHA_SEGMENTS, SURFACES, Anatomy, Mesh
from cine_mapping.even_points import CLEAR, FINENESS, Samples, body_centred, even_sheet, sample_surface
from cine_mapping.long_axis import LongAxis
from cine_mapping.mesh_checks import inside
from cine_mapping.myocardium import (
    FACES,
    INSIDE,
    VOLUME_SURFACES,
    Myocardium,
    boundary_triangles,
    signed_volumes,
)
from cine_mapping.untangle import QUALITY, open_up, regular_volumes
from cine_mapping.ventricular_axis import find_axis, find_insertions
from cine_mapping.ventricular_coordinates import make_myocardium
from cine_mapping.voxels import grid_around, winding_numbers
from imn.errors import InputError

EDGE_MM = 4.0
VOXEL_MM = 0.75
RELAXATIONS = 4
_KINDS = {SURFACES.index(name): VOLUME_SURFACES.index(name) for name in VOLUME_SURFACES[1:-1]} | {
    SURFACES.index("basal rim"): VOLUME_SURFACES.index("base")
}


class Body:
    """What a closed surface encloses, asked for many places."""

    def __init__(self, surface: Mesh) -> None:
        self._surface = surface
        self._grid = grid_around(surface.points, VOXEL_MM)
        self._solid = winding_numbers(surface.points, surface.triangles, self._grid) != 0

    def about(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell whether the surface holds the nearest point of a grid.

        Parameters
        ----------
        places : (n, 3) float64, mm

        Returns
        -------
        (n,) bool
        """
        return self._solid[self._grid.nearest(places)]

    def holds(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell whether the surface holds each place.

        Parameters
        ----------
        places : (n, 3) float64, mm

        Returns
        -------
        (n,) bool
        """
        found = self.about(places)
        ends = [self.about(places + VOXEL_MM * np.array(way)) for way in product((-1, 1), repeat=3)]
        unsure = np.flatnonzero((np.stack(ends) != found).any(axis=0))
        found[unsure] = inside(places[unsure], self._surface)
        return found


def fill(anatomy: Anatomy, *, edge: float = EDGE_MM, axis: LongAxis | None = None) -> Myocardium:
    """Make the ventricles of an anatomy a volume; takes some ten seconds.

    Parameters
    ----------
    anatomy : Anatomy
        With a closed ventricular wall, labelled.
    edge : float, mm
        About as long as the tetrahedra's edges.
    axis : LongAxis, optional
        With landmarks; found on the wall by default.

    Returns
    -------
    Myocardium
        Regions are those of the anatomy; the same input gives the same mesh.

    Raises
    ------
    InputError
        If a sheet of the wall is missing, its landmarks cannot be found, or the wall is no solid.
    """
    wall, surface, region = ventricles(anatomy)
    axis = axis or landmarks(wall, surface)
    points, tetrahedra, kinds = _tetrahedra(wall, surface, edge)
    made = make_myocardium(
        points,
        tetrahedra,
        kinds,
        axis=axis,
        name=anatomy.name,
        origin=f"ventricles filled with tetrahedra of {edge:g} mm; {anatomy.origin}",
    )
    return _with_regions(made, wall, region)


def ventricles(anatomy: Anatomy) -> tuple[Mesh, NDArray[np.int8], NDArray[np.int8]]:
    """Take the ventricular wall out of an anatomy.

    Parameters
    ----------
    anatomy : Anatomy

    Returns
    -------
    wall : Mesh
    surface, region : (v,) int8
        Labels of its vertices, indices into `SURFACES` and `REGIONS`.

    Raises
    ------
    InputError
        If a surface of the ventricles is not labelled.
    """
    used = np.flatnonzero(anatomy.ventricles)
    keep = anatomy.ventricles[anatomy.heart.triangles].all(axis=1)
    triangles = np.searchsorted(used, anatomy.heart.triangles[keep]).astype(np.int32)
    surface = anatomy.surface[used]
    for kind in ("LV endocardium", "RV endocardium", "epicardium"):
        if not (surface == SURFACES.index(kind)).any():
            msg = f"{anatomy.name}: expected vertices labelled {kind!r}, found none; label the surfaces first"
            raise InputError(msg)
    return Mesh(anatomy.heart.points[used], triangles), surface, anatomy.region[used]


def landmarks(wall: Mesh, surface: NDArray[np.int8]) -> LongAxis:
    """Find the long axis and where the right ventricle joins, as the import does.

    Parameters
    ----------
    wall : Mesh
    surface : (v,) int8
        As `ventricles` gives them.

    Returns
    -------
    LongAxis
        With its insertions.

    Raises
    ------
    InputError
        If either cannot be found.
    """
    axis, _, found = find_axis(wall, surface, {})
    if axis is None:
        raise InputError(found.sentence)
    insertions, found = find_insertions(wall, surface, axis, {})
    if insertions is None:
        raise InputError(found.sentence)
    return LongAxis(axis.base, axis.apex, axis.right, insertions)


def _tetrahedra(
    wall: Mesh, surface: NDArray[np.int8], edge: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int8]]:
    """Points, tetrahedra and the surface (of `VOLUME_SURFACES`) of each point."""
    body = Body(wall)
    samples = sample_surface(wall, surface, edge / FINENESS)
    outer, kinds = _sheets(samples, edge)
    points = np.concatenate([outer, _between(samples, body, edge)])
    inner = np.arange(len(points)) >= len(outer)
    for _ in range(RELAXATIONS):
        points = np.where(inner[:, None], _middles(points, _delaunay(points, body.about)), points)
    kinds = np.concatenate([kinds, np.full(inner.sum(), INSIDE, dtype=np.int8)])
    tetrahedra = _peeled(points, _delaunay(points, body.holds))
    points, tetrahedra, kinds = _one_piece(points, tetrahedra, kinds)
    return open_up(points, tetrahedra), tetrahedra, _relabelled(points, tetrahedra, kinds)


def _sheets(samples: Samples, edge: float) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Even points on each sheet of the surface and the sheet they are on."""
    points, kinds = [], []
    for label, kind in _KINDS.items():
        on = np.flatnonzero(samples.surface == label)
        if len(on):
            chosen = on[even_sheet(samples.points[on], samples.areas[on], edge)]
            points.append(samples.points[chosen])
            kinds.append(np.full(len(chosen), kind, dtype=np.int8))
    return np.concatenate(points), np.concatenate(kinds)


def _between(samples: Samples, body: Body, edge: float) -> NDArray[np.float64]:
    from scipy.spatial import KDTree

    low, high = samples.points.min(axis=0), samples.points.max(axis=0)
    places = body_centred(low, high, edge)
    places = places[body.about(places)]
    return places[KDTree(samples.points).query(places)[0] > CLEAR * edge]


def _delaunay(
    points: NDArray[np.float64], holds: Callable[[NDArray[np.float64]], NDArray[np.bool_]]
) -> NDArray[np.int64]:
    """Delaunay tetrahedra whose middle is in the wall, of positive volume."""
    from scipy.spatial import Delaunay

    tetrahedra = Delaunay(points).simplices.astype(np.int64)
    tetrahedra = tetrahedra[holds(points[tetrahedra].mean(axis=1))]
    volumes = signed_volumes(points, tetrahedra)
    tetrahedra[volumes < 0] = tetrahedra[volumes < 0][:, [1, 0, 2, 3]]
    return tetrahedra


def _middles(points: NDArray[np.float64], tetrahedra: NDArray[np.int64]) -> NDArray[np.float64]:
    """Middle of the tetrahedra around each point, weighted by volume; a point of none stays."""
    volumes = signed_volumes(points, tetrahedra)
    corners = tetrahedra.ravel()
    total = np.bincount(corners, np.repeat(volumes, 4), minlength=len(points))
    middles = np.repeat(points[tetrahedra].mean(axis=1) * volumes[:, None], 4, axis=0)
    found = np.stack([np.bincount(corners, x, minlength=len(points)) for x in middles.T], axis=1)
    return np.where(total[:, None] > 0, found / total.clip(1e-12)[:, None], points)


def _peeled(points: NDArray[np.float64], tetrahedra: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take away flat tetrahedra that lie on the surface, until none does."""
    while True:
        flat = signed_volumes(points, tetrahedra) < QUALITY * regular_volumes(points, tetrahedra)
        bare = _bare_faces(tetrahedra)
        away = flat & (bare >= 2)
        if not away.any():
            return tetrahedra
        tetrahedra = tetrahedra[~away]


def _bare_faces(tetrahedra: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many faces of each tetrahedron have no neighbour, (m,)."""
    faces = np.sort(tetrahedra[:, FACES].reshape(-1, 3), axis=1)
    _, which, count = np.unique(faces, axis=0, return_inverse=True, return_counts=True)
    return (count[which.ravel()] == 1).reshape(-1, 4).sum(axis=1)


def _one_piece(
    points: NDArray[np.float64], tetrahedra: NDArray[np.int64], kinds: NDArray[np.int8]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int8]]:
    """Keep what hangs together by faces, and the points it uses."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    faces = np.sort(tetrahedra[:, FACES].reshape(-1, 3), axis=1)
    order = np.lexsort(faces.T)
    met = np.flatnonzero((faces[order[1:]] == faces[order[:-1]]).all(axis=1))
    pairs = order[met] // 4, order[met + 1] // 4
    links = coo_array((np.ones(len(met)), pairs), shape=(len(tetrahedra),) * 2)
    _, piece = connected_components(links, directed=False)
    kept = tetrahedra[piece == np.bincount(piece).argmax()]
    used, numbers = np.unique(kept, return_inverse=True)
    return points[used], numbers.reshape(-1, 4), kinds[used]


def _relabelled(
    points: NDArray[np.float64], tetrahedra: NDArray[np.int64], kinds: NDArray[np.int8]
) -> NDArray[np.int8]:
    """Points off the boundary are inside; those on it that came from inside take the nearest label."""
    from scipy.spatial import KDTree

    bare = np.zeros(len(points), dtype=bool)
    bare[boundary_triangles(tetrahedra)] = True
    known, lacking = bare & (kinds != INSIDE), bare & (kinds == INSIDE)
    found = np.where(bare, kinds, INSIDE).astype(np.int8)
    found[lacking] = kinds[known][KDTree(points[known]).query(points[lacking])[1]]
    return found


def _with_regions(made: Myocardium, wall: Mesh, region: NDArray[np.int8]) -> Myocardium:
    """Give each node the region of the nearest vertex of the wall that belongs to its ventricle."""
    from scipy.spatial import KDTree

    found = made.region.copy()
    left = region < len(AHA_SEGMENTS)
    for side, known in ((made.ventricle == 0, left), (made.ventricle == 1, ~left)):
        if side.any() and known.any():
            found[side] = region[known][KDTree(wall.points[known]).query(made.points[side])[1]]
    return replace(made, region=found)
