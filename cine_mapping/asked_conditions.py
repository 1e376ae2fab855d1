"""A condition of a family in a place that is asked for, everything else drawn."""

from dataclasses import replace

import numpy as np

from cine_mapping.anatomy import AHA_SEGMENTS, RV_REGIONS
from cine_mapping.forward.conditions import Condition, Ectopy, Infarct, Ischaemia, Preexcitation
from cine_mapping.forward.families import FAMILIES
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.forward.regions import LAD, LCX, RCA, Segments, av_ring
from cine_mapping.segments import TERRITORIES
from imn.errors import InputError

OCCLUSIONS: dict[tuple[str, ...], Segments] = {("LAD",): LAD, ("LCX",): LCX, ("RCA",): RCA}
SHARES, SCAR_DEPTHS = (0.6, 1.0), (0.5, 1.0)
"""Part of an asked region that is ill, by volume, and of the wall's depth that is scarred: drawn evenly."""


PLACED = ("ischaemia", "scar", "ectopy", "WPW")
"""Families whose place can be asked for."""


def check_place(family: str, regions: tuple[str, ...], transmurality: float | None = None) -> None:
    """Refuse a condition or a region nobody knows, and a place for a condition that has its own.

    Parameters
    ----------
    family : str
        A name of `FAMILIES`.
    regions : tuple of str
        AHA segments, regions of the right ventricle or coronary territories; may be empty.
    transmurality : float, optional
        Above 0 and at most 1.

    Raises
    ------
    InputError
        If a name is unknown, the condition has no region or no transmurality to choose, or
        the latter is out of range.
    """
    if family not in FAMILIES:
        msg = f"condition: expected one of {', '.join(FAMILIES)}, got {family!r}; choose one of these"
        raise InputError(msg)
    known = (*TERRITORIES, *AHA_SEGMENTS, *RV_REGIONS)
    for name in regions:
        if name not in known:
            msg = f"region: expected some of {', '.join(known)}, got {name!r}; choose from these"
            raise InputError(msg)
    if regions and family not in PLACED:
        msg = f"{family} has no region to choose, got {', '.join(regions)}; leave the region out"
        raise InputError(msg)
    if transmurality is not None and family not in PLACED[:2]:
        msg = f"{family} has no transmurality, got {transmurality:g}; leave it out"
        raise InputError(msg)
    if transmurality is not None and not 0 < transmurality <= 1:
        msg = f"transmurality: expected more than 0 and at most 1, got {transmurality:g}; give it as a share"
        raise InputError(msg)


def draw_condition(
    family: str,
    regions: tuple[str, ...],
    heart: VirtualHeart,
    rng: np.random.Generator,
    *,
    transmurality: float | None = None,
) -> Condition:
    """Draw a condition.

    Parameters
    ----------
    family : str
        A name of `FAMILIES`.
    regions : tuple of str
        AHA segments, regions of the right ventricle or coronary territories
        together; a place anywhere if empty.
    heart : VirtualHeart
    rng : Generator
    transmurality : float, optional
        Part of the wall's depth that is ischaemic or scarred, from the endocardium.  By
        default drawn, but for ischaemia in a region that is asked for: behind an occluded
        artery it is transmural.

    Returns
    -------
    Condition

    Raises
    ------
    InputError
        If there is no such family or region, if the family has no place to choose,
        or if the region has none for it (an accessory pathway away from the valves).
    """
    check_place(family, regions, transmurality)
    drawn = FAMILIES[family](heart.myocardium, rng)
    if isinstance(drawn, Ischaemia | Infarct):
        region = drawn.region
        if regions:
            share, scar = float(rng.uniform(*SHARES)), float(rng.uniform(*SCAR_DEPTHS))
            depth = 1.0 if isinstance(drawn, Ischaemia) else scar
            region = replace(segments_of(regions), share=share, transmurality=depth)
        if transmurality is not None:
            region = replace(region, transmurality=transmurality)
        return replace(drawn, region=region)
    if not regions:
        return drawn
    if not isinstance(drawn, Ectopy | Preexcitation):
        msg = f"{family}: expected a condition with a site or a region, got {type(drawn).__name__}"
        raise TypeError(msg)
    possible = Segments(regions).nodes(heart.myocardium, heart.graph)
    if isinstance(drawn, Preexcitation):
        possible &= np.isin(np.arange(len(possible)), av_ring(heart.myocardium))
    if not possible.any():
        msg = f"{family} has no site in {', '.join(regions)}; name a region beside the valves"
        raise InputError(msg)
    volumes = heart.myocardium.node_volumes * possible
    return replace(drawn, node=int(rng.choice(len(volumes), p=volumes / volumes.sum())))


def segments_of(regions: tuple[str, ...]) -> Segments:
    """Give the region that falls ill with the segments named; a coronary territory as its artery feeds it.

    Parameters
    ----------
    regions : tuple of str
        As in `draw_condition`.

    Returns
    -------
    Segments
    """
    return OCCLUSIONS.get(regions, Segments(regions))
