"""How much of a map's supporting evidence each part of the heart holds."""

import numpy as np

from cine_mapping.anatomy import REGIONS, Anatomy
from cine_mapping.heart_map import HeartMap
from cine_mapping.segments import TERRITORIES


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
    per_region = np.bincount(anatomy.region, weights=heart_map.supporting, minlength=len(REGIONS))
    shares = dict(zip(REGIONS, _shares(per_region), strict=True))
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
    areas = np.bincount(anatomy.region, weights=anatomy.heart.areas, minlength=len(REGIONS))
    surface: dict[str, float] = dict(zip(REGIONS, _shares(areas), strict=True))
    shares = region_shares(heart_map, anatomy)
    densities = {name: share / surface[name] if surface[name] else 0.0 for name, share in shares.items()}
    return dict(sorted(densities.items(), key=lambda item: -item[1]))


def territory_shares(heart_map: HeartMap, anatomy: Anatomy) -> dict[str, float]:
    """Share of the ventricles' evidence for the class in each coronary territory.

    Parameters
    ----------
    heart_map : HeartMap
    anatomy : Anatomy

    Returns
    -------
    dict of str to float
        LAD, RCA, LCX and RV; they sum to one, or are all zero where no evidence
        on the ventricles speaks for the class.
    """
    regions = region_shares(heart_map, anatomy)
    sums = np.array([sum(regions[name] for name in names) for names in TERRITORIES.values()])
    return dict(zip(TERRITORIES, _shares(sums), strict=True))


def _shares(amounts: np.ndarray) -> list[float]:
    total = amounts.sum()
    return (amounts / total if total > 0 else np.zeros_like(amounts)).tolist()
