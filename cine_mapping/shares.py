"""How much of a map's supporting evidence each part of the heart holds."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import REGIONS, Anatomy
from cine_mapping.heart_map import HeartMap
from cine_mapping.segments import TERRITORIES

_TERRITORY_HAS = np.array([[name in names for name in REGIONS] for names in TERRITORIES.values()], float)
"""(territories, regions): 1 where the region is of the territory."""


def region_shares(heart_map: HeartMap, anatomy: Anatomy) -> dict[str, float]:
    """Share of the evidence for the class that lies in each region.

    Parameters
    ----------
    heart_map : HeartMap
    anatomy : Anatomy

    Returns
    -------
    dict of str to float
        One entry per name in `REGIONS`, largest first; they sum to one, or are
        all zero where no evidence speaks for the class.
    """
    shares = dict(zip(REGIONS, parts_by_region(heart_map.supporting, anatomy).tolist(), strict=True))
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def region_densities(heart_map: HeartMap, anatomy: Anatomy) -> dict[str, float]:
    """Tell how dense the evidence for the class is in each region: 1 where it is spread evenly.

    A large region holds much evidence by its size alone; its density tells.

    Parameters
    ----------
    heart_map : HeartMap
    anatomy : Anatomy

    Returns
    -------
    dict of str to float
        Share of the evidence over share of the heart's surface, densest first;
        regions that the anatomy lacks have 0.
    """
    areas = amounts_by_region(anatomy.heart.areas, anatomy)
    surface: dict[str, float] = dict(zip(REGIONS, shares_of(areas).tolist(), strict=True))
    shares = region_shares(heart_map, anatomy)
    densities = {name: share / surface[name] if surface[name] else 0.0 for name, share in shares.items()}
    return dict(sorted(densities.items(), key=lambda item: -item[1]))


def territory_shares(heart_map: HeartMap, anatomy: Anatomy) -> dict[str, float]:
    """Share of the ventricles' evidence for the class in each coronary territory.

    Parameters
    ----------
    heart_map, anatomy
        As in `region_shares`.

    Returns
    -------
    dict of str to float
        LAD, RCA, LCX and RV; they sum to one, or are all zero where no evidence
        on the ventricles speaks for the class.
    """
    parts = parts_by_territory(parts_by_region(heart_map.supporting, anatomy))
    return dict(zip(TERRITORIES, parts.tolist(), strict=True))


def parts_by_region(supporting: NDArray[np.float64], anatomy: Anatomy) -> NDArray[np.float64]:
    """Give the share of each region in the evidence.

    Parameters
    ----------
    supporting : (v,) float64, logit
        Of each vertex.
    anatomy : Anatomy

    Returns
    -------
    (r,) float64
        In the order of `REGIONS`; they sum to one, or are all zero.
    """
    return shares_of(amounts_by_region(supporting, anatomy))


def amounts_by_region(supporting: NDArray[np.float64], anatomy: Anatomy) -> NDArray[np.float64]:
    """Sum evidence by region.

    Parameters
    ----------
    supporting : (v,) float64, logit
        Of each vertex.
    anatomy : Anatomy

    Returns
    -------
    (r,) float64, logit
        In the order of `REGIONS`.
    """
    return np.bincount(anatomy.region, weights=supporting, minlength=len(REGIONS)).astype(float, copy=False)


def parts_by_territory(regions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the share of each coronary territory.

    Parameters
    ----------
    regions : (..., r) float64
        Of the regions, in the order of `REGIONS`.

    Returns
    -------
    (..., t) float64
        In the order of `TERRITORIES`.
    """
    # Not by `@`: the order of its sums depends on where memory lies, and with it the last digit.
    return shares_of((_TERRITORY_HAS * regions[..., None, :]).sum(axis=-1))


def shares_of(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the share of each amount in their sum over the last axis.

    Parameters
    ----------
    amounts : (..., k) float64

    Returns
    -------
    (..., k) float64
        All zero where the sum is not positive.
    """
    total = amounts.sum(axis=-1, keepdims=True)
    return np.divide(amounts, total, out=np.zeros_like(amounts), where=total > 0)
