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
SHARES = (0.5, 1.0)
"""Part of an asked region's volume, and of the wall's depth, that is diseased: drawn evenly between these."""


PLACED = ("ischaemia", "scar", "ectopy", "WPW")
"""Families whose place can be asked for."""


def check_place(family: str, regions: tuple[str, ...]) -> None:
    """Refuse a condition or a region nobody knows, and a region for a condition that has its own."""
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


def draw_condition(
    family: str, regions: tuple[str, ...], heart: VirtualHeart, rng: np.random.Generator
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

    Raises
    ------
    InputError
        If there is no such family or region, if the family has no place to choose,
        or if the region has none for it (an accessory pathway away from the valves).
    """
    check_place(family, regions)
    drawn = FAMILIES[family](heart.myocardium, rng)
    if not regions:
        return drawn
    if isinstance(drawn, Ischaemia | Infarct):
        share, depth = (float(rng.uniform(*SHARES)) for _ in range(2))
        return replace(drawn, region=replace(segments_of(regions), share=share, transmurality=depth))
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
    """Region that falls ill with the segments named; a coronary territory as its artery feeds it."""
    return OCCLUSIONS.get(regions, Segments(regions))
