"""Where in the wall a disease is: segments, territories, and ellipsoids drawn at random."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import REGIONS
from cine_mapping.forward.eikonal import ExcitationGraph, distance_from
from cine_mapping.myocardium import Myocardium
from cine_mapping.segments import TERRITORIES
from imn.errors import InputError

THROUGH_MM = 15.0
"""Semi-axis of an ellipsoid through the wall: more than any wall, less than a cavity's radius."""
SEMI_AXES_MM = (14.0, 32.0)
WHOLE_WALL, INNER_SHARES = 0.6, (0.4, 0.8)
"""How often a region goes through the wall; which part of its depth it takes otherwise."""


@dataclass(frozen=True)
class Segments:
    """AHA segments, right-ventricular regions or coronary territories.

    Parameters
    ----------
    names : tuple of str
        From `anatomy.REGIONS` (ventricles) or `segments.TERRITORIES`.
    share : float
        Part of their volume that is affected, the inmost first, 0 ... 1.
    transmurality : float
        Part of the wall's depth, from the endocardium, 0 ... 1.
    strip : float, mm
        The right ventricular free wall so near to the segments belongs to
        them as well: the left anterior descending artery feeds such a strip, the
        right coronary artery a wider one.
    """

    names: tuple[str, ...]
    share: float = 1.0
    transmurality: float = 1.0
    strip: float = 0.0

    def nodes(self, myocardium: Myocardium, graph: ExcitationGraph) -> NDArray[np.bool_]:
        """Find the nodes inside.

        Parameters
        ----------
        myocardium : Myocardium
        graph : ExcitationGraph
            Of its mesh.

        Returns
        -------
        (n,) bool

        Raises
        ------
        InputError
            If a name is unknown, or share or transmurality out of range.
        """
        _check_share("share", self.share)
        whole = np.isin(myocardium.region, _numbers(self.names))
        if self.strip > 0 and whole.any():
            near = distance_from(graph, np.flatnonzero(whole), limit=self.strip) <= self.strip
            whole |= near & (myocardium.ventricle == 1)
        whole &= _deep(myocardium, self.transmurality)
        if self.share >= 1 or not whole.any() or whole.all():
            return whole
        margin = distance_from(graph, np.flatnonzero(~whole), limit=np.inf)
        order = np.argsort(-margin, kind="stable")
        filled = np.cumsum(myocardium.node_volumes[order])
        chosen = np.zeros(len(whole), dtype=bool)
        chosen[order[: np.searchsorted(filled, self.share * myocardium.node_volumes[whole].sum()) + 1]] = True
        return chosen & whole


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid about a node, cut to the wall it lies in.

    Parameters
    ----------
    centre : int
        Node.
    semi_axes : (float, float), mm
        Along the long axis and around it, before the turn.
    turn_deg : float
        In the plane of the wall.
    transmurality : float
        Part of the wall's depth, from the endocardium, 0 ... 1.
    """

    centre: int
    semi_axes: tuple[float, float]
    turn_deg: float = 0.0
    transmurality: float = 1.0

    def nodes(self, myocardium: Myocardium, graph: ExcitationGraph) -> NDArray[np.bool_]:
        """Find the nodes inside: what hangs together and is nearest to the centre.

        Parameters
        ----------
        myocardium, graph
            As in `Segments.nodes`.

        Returns
        -------
        (n,) bool

        Raises
        ------
        InputError
            If there is no such centre, or the transmurality is out of range.
        """
        if not 0 <= self.centre < graph.nodes:
            msg = f"expected a centre among {graph.nodes} nodes, got {self.centre}; choose one of them"
            raise InputError(msg)
        frame = _wall_frame(myocardium, self.centre, np.deg2rad(self.turn_deg))
        way = (myocardium.points.astype(float) - myocardium.points[self.centre]) @ frame.T
        inside = ((way / [*self.semi_axes, THROUGH_MM]) ** 2).sum(axis=1) <= 1
        return _patch(inside & _deep(myocardium, self.transmurality), graph, (way**2).sum(axis=1))


LAD = Segments(("LAD",), strip=15.0)
LCX = Segments(("LCX",))
RCA = Segments(("RCA",), strip=20.0)
RCA_WITH_RV = Segments(("RCA", "RV free wall"))
"""What lies behind an occlusion of each coronary artery."""


def draw_ellipsoid(myocardium: Myocardium, rng: np.random.Generator) -> Ellipsoid:
    """Draw an ellipsoid.

    Parameters
    ----------
    myocardium : Myocardium
    rng : Generator

    Returns
    -------
    Ellipsoid
        Centre even in volume, semi-axes 14 ... 32 mm, any turn, the wall or its inside.
    """
    volumes = myocardium.node_volumes
    first, second = rng.uniform(*SEMI_AXES_MM, size=2)
    return Ellipsoid(
        centre=int(rng.choice(len(volumes), p=volumes / volumes.sum())),
        semi_axes=(float(first), float(second)),
        turn_deg=float(rng.uniform(0, 180)),
        transmurality=1.0 if rng.random() < WHOLE_WALL else float(rng.uniform(*INNER_SHARES)),
    )


def soft_edge(myocardium: Myocardium, inside: NDArray[np.bool_], width: float) -> NDArray[np.float64]:
    """Give a region a soft edge.

    Parameters
    ----------
    myocardium : Myocardium
    inside : (n,) bool
    width : float, mm

    Returns
    -------
    (n,) float64
        Severity from 0 outside to 1 inside, above 1/2 exactly inside.
    """
    from scipy.spatial import KDTree

    if inside.all() or not inside.any():
        return inside.astype(float)
    points, severity, reach = myocardium.points, np.zeros(len(inside)), width / 2 + 1e-6
    for here, sign in ((inside, 1), (~inside, -1)):
        # Beyond half the width the query gives infinity, which is clipped.
        away = KDTree(points[~here]).query(points[here], distance_upper_bound=reach)[0]
        severity[here] = 0.5 + sign * away / width
    return severity.clip(0, 1)


def av_ring(myocardium: Myocardium) -> NDArray[np.int64]:
    """Nodes at the base beside the valves of the free walls, where an accessory pathway can insert.

    Not the septum, nor the outflow tract, which has no atrium above it.

    Parameters
    ----------
    myocardium : Myocardium

    Returns
    -------
    (k,) int64
    """
    free = np.abs(myocardium.rotational) > np.deg2rad(60)
    outflow = myocardium.region == REGIONS.index("RV outflow tract")
    free = np.where(myocardium.ventricle == 1, ~outflow | (myocardium.rotational < 0), free)
    return np.flatnonzero((myocardium.apicobasal > 0.95) & free)


def _numbers(names: tuple[str, ...]) -> list[int]:
    wanted: set[str] = set()
    for name in names:
        if name not in TERRITORIES and name not in REGIONS:
            known = ", ".join((*TERRITORIES, *REGIONS))
            msg = f"expected a region or a coronary territory, got {name!r}; choose from {known}"
            raise InputError(msg)
        wanted.update(TERRITORIES.get(name, (name,)))
    return sorted(REGIONS.index(name) for name in wanted)


def _deep(myocardium: Myocardium, transmurality: float) -> NDArray[np.bool_]:
    _check_share("transmurality", transmurality)
    return myocardium.transmural <= transmurality + 1e-6


def _check_share(name: str, value: float) -> None:
    if not 0 < value <= 1:
        msg = (
            f"{name}: expected more than 0 and at most 1, got {value:g}; give it as a share, not in per cent"
        )
        raise InputError(msg)


def _wall_frame(myocardium: Myocardium, centre: int, turn: float) -> NDArray[np.float64]:
    """Rows along the long axis, around it and through the wall at a node, (3, 3)."""
    left = myocardium.ventricle == 0
    points = myocardium.points.astype(float)
    height = np.stack([np.ones(left.sum()), myocardium.apicobasal[left]], axis=1)
    start, axis = np.linalg.lstsq(height, points[left], rcond=None)[0]
    axis /= np.linalg.norm(axis)
    out = points[centre] - start
    out -= (out @ axis) * axis
    # On the axis itself any direction is as good as another.
    out = out if np.linalg.norm(out) > 1e-6 else np.cross(axis, np.roll(axis, 1))
    out /= np.linalg.norm(out)
    around = np.cross(axis, out)
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([cos * axis + sin * around, cos * around - sin * axis, out])


def _patch(
    inside: NDArray[np.bool_], graph: ExcitationGraph, distance: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Of the nodes inside, those that hang together with the one nearest to the centre."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    if not inside.any():
        return inside
    kept = graph.pairs[inside[graph.pairs].all(axis=1)]
    links = csr_matrix((np.ones(len(kept)), kept.T), shape=(graph.nodes, graph.nodes))
    _, patch = connected_components(links, directed=False)
    return inside & (patch == patch[np.where(inside, distance, np.inf).argmin()])
