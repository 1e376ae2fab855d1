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
