"""How near a map comes to the true region: overlap, distance, ranking, segment, territory.

A map gives amounts at the nodes of the heart's wall; what is looked at is their
density, amount per volume, on the wall's surface.  The region that a map shows
is where the density is highest, so much of the surface as is asked for.  Of
places with the same density each is taken in part, so that a map that
says nothing scores what chance would.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.anatomy import REGIONS
from cine_mapping.forward.eikonal import ExcitationGraph, distance_from, plan_excitation
from cine_mapping.myocardium import Myocardium
from cine_mapping.segments import TERRITORIES
from imn.errors import InputError

FIXED_SHARE = 0.06
"""Part of the surface of a region of fixed size."""
TIE_DECIMALS = 12


@dataclass(frozen=True, eq=False)
class ScoreSpace:
    """What scoring needs to know of a heart; made by `plan_scores`.

    Parameters
    ----------
    nodes : (k,) int64
        Of the wall, those on its surface; all that follows is in their order.
    areas : (k,) float64, mm2
    volumes : (k,) float64, mm3
        Of wall, that an amount is spread over.
    points : (k, 3) float64, mm
    segment, territory : (k,) int64
        Index into `anatomy.REGIONS` and into `segments.TERRITORIES`.
    graph : ExcitationGraph
        Ways through the wall, of all its nodes.
    """

    nodes: NDArray[np.int64]
    areas: NDArray[np.float64]
    volumes: NDArray[np.float64]
    points: NDArray[np.float64]
    segment: NDArray[np.int64]
    territory: NDArray[np.int64]
    graph: ExcitationGraph


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of maps, one value each.

    Parameters
    ----------
    dice, dice_fixed : (m,) float64
        Overlap of the true region and a region of its size, or of 6 % of the surface.
    centre_mm : (m,) float64, mm
        Straight from the centre of the true region to that of the map's region of that size.
    peak_mm : (m,) float64, mm
        Through the wall from the true region's middle to the densest place.
    auc : (m,) float64
        Chance that a place inside is denser than one outside.
    segment_top1, segment_top3 : (m,) float64
        1 where the segment with most of the true region is the first, or among
        the first three, by area of the map's region.
    territory : (m,) float64
        1 where most of both regions lies in the same territory.
    """

    dice: NDArray[np.float64]
    dice_fixed: NDArray[np.float64]
    centre_mm: NDArray[np.float64]
    peak_mm: NDArray[np.float64]
    auc: NDArray[np.float64]
    segment_top1: NDArray[np.float64]
    segment_top3: NDArray[np.float64]
    territory: NDArray[np.float64]

    def as_mapping(self) -> Mapping[str, NDArray[np.float64]]:
        """Scores by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def plan_scores(myocardium: Myocardium, graph: ExcitationGraph | None = None) -> ScoreSpace:
    """Prepare to score maps on a heart.

    Parameters
    ----------
    myocardium : Myocardium
    graph : ExcitationGraph, optional
        Its own, where it has been planned.

    Returns
    -------
    ScoreSpace
    """
    areas = myocardium.boundary.areas
    nodes = np.flatnonzero(areas > 0)
    territories = np.array([_territory_of(name) for name in REGIONS])
    segment = myocardium.region[nodes].astype(np.int64)
    return ScoreSpace(
        nodes=nodes,
        areas=areas[nodes],
        volumes=myocardium.node_volumes[nodes],
        points=myocardium.points[nodes].astype(float),
        segment=segment,
        territory=territories[segment],
        graph=graph or plan_excitation(myocardium),
    )


def score_maps(space: ScoreSpace, maps: ArrayLike, truth: ArrayLike) -> Scores:
    """Score maps of one case.

    Parameters
    ----------
    space : ScoreSpace
    maps : (m, n) float
        Amounts at all nodes of the wall; a positive factor on a map changes no score.
    truth : (n,) bool
        The true region, at all nodes of the wall.

    Returns
    -------
    Scores

    Raises
    ------
    InputError
        If shapes do not fit, a value is not finite, or none or all of the
        surface is true.
    """
    density, inside = _on_surface(space, maps, truth)
    area = float(space.areas[inside].sum())
    order = np.argsort(-density, axis=1, kind="stable")
    ranked = np.take_along_axis(density, order, axis=1)
    shown = _densest(space, order, ranked, area)
    fixed = _densest(space, order, ranked, FIXED_SHARE * space.areas.sum())
    centre = space.areas[inside] @ space.points[inside] / area
    found = (shown * space.areas) @ space.points / area
    middle = np.flatnonzero(inside)[((space.points[inside] - centre) ** 2).sum(axis=1).argmin()]
    away = distance_from(space.graph, space.nodes[[middle]], limit=np.inf)[space.nodes]
    segments = _hits(space.areas * shown, space.areas * inside, space.segment)
    return Scores(
        dice=_dice(space, shown, inside),
        dice_fixed=_dice(space, fixed, inside),
        centre_mm=np.linalg.norm(found - centre, axis=1),
        peak_mm=_peaks(density, away),
        auc=_auc(space, order, ranked, inside),
        segment_top1=(segments < 1).astype(float),
        segment_top3=(segments < 3).astype(float),
        territory=(_hits(space.areas * shown, space.areas * inside, space.territory) < 1).astype(float),
    )


def shown_region(space: ScoreSpace, values: ArrayLike, share: float = FIXED_SHARE) -> NDArray[np.float64]:
    """Give the part of each place of the surface that lies in a map's region.

    Parameters
    ----------
    space : ScoreSpace
    values : (n,) float
        A map: amounts at all nodes of the wall.
    share : float
        Size of the region as a part of the surface.

    Returns
    -------
    (k,) float64
        0 to 1.
    """
    density = _density(space, np.asarray(values, dtype=float)[None])
    order = np.argsort(-density, axis=1, kind="stable")
    ranked = np.take_along_axis(density, order, axis=1)
    return _densest(space, order, ranked, share * space.areas.sum())[0]


def _territory_of(name: str) -> int:
    return next((i for i, names in enumerate(TERRITORIES.values()) if name in names), len(TERRITORIES))


def _on_surface(
    space: ScoreSpace, maps: ArrayLike, truth: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    values, inside = np.asarray(maps, dtype=float), np.asarray(truth, dtype=bool)
    count = space.graph.nodes
    if values.ndim != 2 or values.shape[1] != count or inside.shape != (count,):
        msg = (
            f"expected maps (m, {count}) and a truth ({count},) at the wall's nodes, "
            f"got {values.shape} and {inside.shape}; bring them to this heart's nodes"
        )
        raise InputError(msg)
    if not np.isfinite(values).all():
        msg = "expected finite maps, found NaN or infinity; leave such maps out"
        raise InputError(msg)
    on_surface = inside[space.nodes]
    if on_surface.all() or not on_surface.any():
        found = "all" if on_surface.any() else "none"
        msg = f"expected a true region on part of the surface, got {found} of it; leave such cases out"
        raise InputError(msg)
    return _density(space, values), on_surface


def _density(space: ScoreSpace, maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amount per volume relative to the largest of the map, (m, k), without rounding errors."""
    density = maps[:, space.nodes] / space.volumes
    largest = np.abs(density).max(axis=1, keepdims=True)
    return np.round(density / np.where(largest > 0, largest, 1), TIE_DECIMALS)


def _densest(
    space: ScoreSpace, order: NDArray[np.int64], ranked: NDArray[np.float64], area: float
) -> NDArray[np.float64]:
    """Part of each place that lies in the densest region of an area, (m, k); ties share what is left."""
    areas = space.areas[order]
    filled = np.cumsum(areas, axis=1)
    last = np.minimum((filled < area * (1 - 1e-12)).sum(axis=1), areas.shape[1] - 1)
    level = np.take_along_axis(ranked, last[:, None], axis=1)
    above, level_area = ranked > level, np.where(ranked == level, areas, 0).sum(axis=1)
    left = (area - np.where(above, areas, 0).sum(axis=1)) / level_area
    part = np.where(above, 1.0, np.where(ranked == level, left[:, None], 0.0))
    shown = np.empty_like(part)
    np.put_along_axis(shown, order, part, axis=1)
    return shown


def _dice(space: ScoreSpace, shown: NDArray[np.float64], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    both = shown[:, inside] @ space.areas[inside]
    return 2 * both / (shown @ space.areas + space.areas[inside].sum())


def _peaks(density: NDArray[np.float64], away: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean distance of the densest places of each map."""
    top = density == density.max(axis=1, keepdims=True)
    return (top @ away) / top.sum(axis=1)


def _auc(
    space: ScoreSpace, order: NDArray[np.int64], ranked: NDArray[np.float64], inside: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Area under the ROC curve with each place weighted by its area, ties counting half."""
    areas = space.areas[order]
    true = np.cumsum(areas * inside[order], axis=1)
    false = np.cumsum(areas * ~inside[order], axis=1)
    # The curve has corners only where a run of equal densities ends.
    ends = np.append(ranked[:, 1:] != ranked[:, :-1], np.ones((len(ranked), 1), dtype=bool), axis=1)
    result = np.empty(len(ranked))
    for row, end in enumerate(ends):
        y, x = np.append(0, true[row, end]), np.append(0, false[row, end])
        result[row] = np.trapezoid(y, x) / (y[-1] * x[-1])
    return result


def _hits(
    shown: NDArray[np.float64], true: NDArray[np.float64], label: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Rank, from 0, that each map gives to the label with most of the true area."""
    count = int(label.max()) + 1
    main = np.bincount(label, weights=true, minlength=count).argmax()
    areas = shown @ (label[:, None] == np.arange(count))
    better = (areas > areas[:, [main]]).sum(axis=1)
    return np.where(areas[:, main] > 0, better, count)
