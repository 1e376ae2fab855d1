"""AHA-17 segments, right-ventricular regions and coronary territories on a ventricular mesh.

The rule follows Cerqueira et al. 2002 (Circulation 105:539): the long axis of
the left ventricle in thirds down to a cap, and six, six and four sectors
counted from the two lines where the right ventricle joins.  Both faces of
the septum carry the septal segments.

Deviations
----------
* Rings are thirds of the axis; the paper ends them at the papillary muscles, which the meshes lack.
* Sectors are not 60 degrees of the heart but halves of the septum and quarters of the free wall,
  whatever their angles; the apical ones are 90 degrees of the angle so stretched.
* The right ventricle, which has no segment in the paper, gets three regions.
"""

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import AHA_SEGMENTS, REGIONS, RV_REGIONS, SURFACES, Anatomy
from cine_mapping.long_axis import LongAxis
from imn.errors import InputError

CAP = 0.9
"""Share of the long axis at which the apical cap (segment 17) begins."""
OUTFLOW_DEPTH, APEX_DEPTH = 0.33, 0.62
"""Right ventricle: outflow tract above the first share of the axis, apex below the second."""

_LV, _RV, _EPICARDIUM, _RIM = (
    SURFACES.index(name) for name in ("LV endocardium", "RV endocardium", "epicardium", "basal rim")
)
_AHA = {name: i for i, name in enumerate(AHA_SEGMENTS)}
_RINGS = tuple(
    tuple(_AHA[f"{ring} {wall}"] for wall in walls)
    for ring, walls in (
        ("basal", ("anteroseptal", "anterior", "anterolateral", "inferolateral", "inferior", "inferoseptal")),
        ("mid", ("anteroseptal", "anterior", "anterolateral", "inferolateral", "inferior", "inferoseptal")),
        ("apical", ("septal", "anterior", "lateral", "inferior")),
    )
)


def _aha(*numbers: int) -> tuple[str, ...]:
    return tuple(AHA_SEGMENTS[n - 1] for n in numbers)


TERRITORIES = MappingProxyType(
    {
        "LAD": _aha(1, 2, 7, 8, 13, 14, 17),
        "RCA": _aha(3, 4, 9, 10, 15),
        "LCX": _aha(5, 6, 11, 12, 16),
        "RV": RV_REGIONS,
    }
)
"""Regions of each coronary territory (Cerqueira 2002), and the right ventricle."""


def label_segments(
    points: NDArray[np.floating],
    triangles: NDArray[np.integer],
    surface: NDArray[np.integer],
    axis: LongAxis,
) -> NDArray[np.int8]:
    """Give each vertex of the ventricles its region.

    Parameters
    ----------
    points : (v, 3) float, mm
    triangles : (f, 3) int
    surface : (v,) int
        Index into `SURFACES`, ventricles only.
    axis : LongAxis
        Where it has no insertions they are found on the mesh.

    Returns
    -------
    (v,) int8
        Index into `REGIONS`.
    """
    depth, angle = axis.coordinates(points)
    left = _belongs_to_left(np.asarray(points, dtype=float), surface)
    normal = wall_angle(points, surface, axis)
    ring = np.where(depth >= CAP, 3, np.clip((3 * depth / CAP).astype(int), 0, 2))
    limit = np.where(surface == _RV, np.where(ring == 2, 45, 60), 180) - 1e-6
    # The right side of the septum never reaches round to the free wall's segments.
    region = np.where(left, _left_region(ring, np.clip(normal, -limit, limit)), _right_region(depth, angle))
    return tidy(region, triangles, np.where(surface == _RIM, _EPICARDIUM, surface)).astype(np.int8)


def wall_angle(
    points: NDArray[np.floating],
    surface: NDArray[np.integer],
    axis: LongAxis,
) -> NDArray[np.float64]:
    """Angle about the long axis with the septum stretched to 120 and the free wall to 240 degrees.

    Parameters
    ----------
    points : (v, 3) float, mm
    surface : (v,) int
        Index into `SURFACES`, ventricles only.
    axis : LongAxis
        As in `label_segments`.

    Returns
    -------
    (v,) float64, degrees
        0 in the middle of the septum, 60 and -60 where the right ventricle
        joins in front and below, 180 opposite the septum.
    """
    _, angle = axis.coordinates(points)
    return _normalised_angle(angle, *(axis.insertions or septal_edges(points, surface, axis)))


def _belongs_to_left(points: NDArray[np.float64], surface: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Left ventricle with the whole septum.

    The right side of the septum is what lies nearer to the left endocardium
    than to the epicardium; epicardium and rim go to the nearer cavity.
    """
    from scipy.spatial import KDTree

    to_left, to_right, to_outside = (
        KDTree(points[surface == kind]).query(points)[0] for kind in (_LV, _RV, _EPICARDIUM)
    )
    return np.select(
        [surface == _LV, surface == _RV],
        [np.ones(len(points), bool), to_left < to_outside],
        to_left < to_right,
    )


def septal_edges(
    points: NDArray[np.floating], surface: NDArray[np.integer], axis: LongAxis
) -> tuple[float, float]:
    """Angles about the axis between which the right cavity lies on the septum, in the middle third.

    Parameters
    ----------
    points, surface, axis
        As in `wall_angle`.

    Returns
    -------
    low, high : float, radians
    """
    depth, angle = axis.coordinates(points)
    left = _belongs_to_left(np.asarray(points, dtype=float), surface)
    septal = (surface == _RV) & left & (depth > CAP / 3) & (depth < 2 * CAP / 3)
    low, high = np.percentile(angle[septal], [2, 98])
    return float(low), float(high)


def _normalised_angle(angle: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Angle in degrees, -180 ... 180, with the septum stretched to 120 and the free wall to 240."""
    middle = (low + high) / 2
    half = (high - low) / 2
    turned = np.mod(angle - middle + np.pi, 2 * np.pi) - np.pi
    septum = 60 * turned / half
    free = 60 + 240 * (np.mod(turned, 2 * np.pi) - half) / (2 * np.pi - 2 * half)
    return np.mod(np.where(np.abs(turned) <= half, septum, free) + 180, 360) - 180


def _left_region(ring: NDArray[np.int64], normal: NDArray[np.float64]) -> NDArray[np.int64]:
    sixths = (normal // 60).astype(int) % 6
    quarters = ((normal + 45) // 90).astype(int) % 4
    basal, mid, apical = (np.array(walls) for walls in _RINGS)
    walls = [basal[sixths], mid[sixths], apical[quarters]]
    return np.select([ring == 0, ring == 1, ring == 2], walls, _AHA["apex"])


def _right_region(depth: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.int64]:
    first = len(AHA_SEGMENTS)
    outflow = (depth < OUTFLOW_DEPTH) & (angle > np.deg2rad(30))
    return first + np.select([outflow, depth > APEX_DEPTH], [0, 2], 1)


def tidy(
    region: NDArray[np.integer], triangles: NDArray[np.integer], side: NDArray[np.integer]
) -> NDArray[np.integer]:
    """Give every patch but the largest of each region and side to its neighbours on that side.

    Thresholds on a coarse mesh leave stray vertices; a segment is one piece
    on each surface it has.

    Parameters
    ----------
    region : (v,) int
        Index into `REGIONS`.
    triangles : (f, 3) int
    side : (v,) int
        Index into `SURFACES`.

    Returns
    -------
    (v,) int
        The regions that come of it.
    """
    edges = _edges(triangles)
    edges = edges[side[edges[:, 0]] == side[edges[:, 1]]]
    for _ in range(10):
        stray = _stray(region * len(SURFACES) + side, edges)
        if not stray.any():
            break
        votes = np.zeros((len(region), len(REGIONS)))
        for to, of in (edges.T, edges.T[::-1]):
            settled = ~stray[of]
            np.add.at(votes, (to[settled], region[of[settled]]), 1)
        region = np.where(stray & votes.any(axis=1), votes.argmax(axis=1), region)
    return region


def _stray(key: NDArray[np.integer], edges: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Vertices outside the largest connected patch of their key."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    same = edges[key[edges[:, 0]] == key[edges[:, 1]]]
    links = coo_array((np.ones(len(same)), same.T), shape=(len(key), len(key)))
    _, patch = connected_components(links, directed=False)
    size = np.bincount(patch)[patch]
    order = np.lexsort((patch, size, key))
    last = order[np.append(np.diff(key[order]) != 0, True)]
    largest = dict(zip(key[last].tolist(), patch[last].tolist(), strict=True))
    return patch != np.array([largest[k] for k in key.tolist()])


def _edges(triangles: NDArray[np.integer]) -> NDArray[np.integer]:
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(pairs, axis=1), axis=0)


def region_mask(anatomy: Anatomy, names: str | tuple[str, ...]) -> NDArray[np.bool_]:
    """Select the vertices of one region, one coronary territory, or several of them.

    Parameters
    ----------
    anatomy : Anatomy
    names : str or tuple of str
        From `REGIONS` or `TERRITORIES`.

    Returns
    -------
    (v,) bool

    Raises
    ------
    InputError
        If a name is neither.
    """
    wanted: set[str] = set()
    for name in (names,) if isinstance(names, str) else names:
        if name not in REGIONS and name not in TERRITORIES:
            known = ", ".join((*TERRITORIES, *REGIONS))
            msg = f"expected a region or a coronary territory, got {name!r}; choose from {known}"
            raise InputError(msg)
        wanted.update(TERRITORIES.get(name, (name,)))
    return np.isin(anatomy.region, [REGIONS.index(name) for name in wanted])


def segment_edges(anatomy: Anatomy) -> NDArray[np.float32]:
    """Lines along the borders between regions, for drawing.

    Borders run through the middles of mesh edges whose ends differ and meet
    in the centre of triangles that hold three regions.

    Parameters
    ----------
    anatomy : Anatomy

    Returns
    -------
    (e, 2, 3) float32, mm
        Two ends of each line.
    """
    points = anatomy.heart.points[anatomy.heart.triangles].astype(float)
    region = anatomy.region[anatomy.heart.triangles]
    middles = (points + np.roll(points, -1, axis=1)) / 2
    crossed = region != np.roll(region, -1, axis=1)
    two = crossed.sum(axis=1) == 2
    three = crossed.all(axis=1)
    through = middles[two][crossed[two]].reshape(-1, 2, 3)
    centre = np.repeat(points[three].mean(axis=1), 3, axis=0)
    spokes = np.stack([middles[three].reshape(-1, 3), centre], axis=1)
    return np.concatenate([through, spokes]).astype(np.float32)
