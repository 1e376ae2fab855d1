"""Every score of one map against one annotated place, by rules fixed before looking."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.distances import RegionDistance, Ways, region_distance
from annotations.overlap import Overlap, area_fraction, mesh_overlap, top_density_mask
from annotations.ranking import FIXED_FRACTION, average_precision, dice_curve, pointing_game, relevance_mass


@dataclass(frozen=True)
class MapScore:
    """Scores of one map, on the heart or on leads x time.

    Parameters
    ----------
    told : Overlap
        Of the densest part as large as the annotation: told the size, hence optimistic.
    fixed : Overlap
        Of the densest fifth, whatever the annotation.
    pointing, mass, average_precision : float
        See `annotations.ranking`; an even map gets the annotated fraction for each.
    curve : (100,) tuple of float
        Dice of the densest 1 %, 2 % ... 100 %.
    distance : RegionDistance or None
        From the part as large as the annotation; None on leads x time, and where
        the map marks nothing.
    """

    told: Overlap
    fixed: Overlap
    pointing: float
    mass: float
    average_precision: float
    curve: tuple[float, ...]
    distance: RegionDistance | None

    @property
    def figures(self) -> dict[str, float]:
        """Scores by name, what is averaged over cases; NaN for a distance that there is none of."""
        gone = RegionDistance(np.nan, np.nan, np.nan)
        apart = self.distance or gone
        return {
            "Dice": self.told.dice,
            "IoU": self.told.iou,
            "precision": self.told.precision,
            "recall": self.told.recall,
            "Dice at a fifth": self.fixed.dice,
            "Dice over sizes": float(np.mean(self.curve)),
            "pointing game": self.pointing,
            "relevance mass": self.mass,
            "AUPRC": self.average_precision,
            "Hausdorff, mm": apart.hausdorff,
            "Hausdorff 95 %, mm": apart.hausdorff_95,
            "centre, mm": apart.centre,
        }

    def as_dict(self) -> dict[str, Any]:
        """Give the scores in JSON's types.

        Returns
        -------
        dict
            By field's name; the curve to four decimals.
        """
        return asdict(self) | {"curve": [round(dice, 4) for dice in self.curve]}


def score_map(
    density: NDArray[np.floating],
    annotated: NDArray[np.bool_],
    *,
    weights: NDArray[np.floating],
    ways: Ways | None = None,
) -> MapScore:
    """Score a map.

    Parameters
    ----------
    density : (v,) or (12, n) float
        Evidence per mm2, or per lead and sample.
    annotated : (v,) or (12, n) bool
        At least one place of weight above 0.
    weights : (v,) or (12, n) float
        Area of each vertex, mm2, or ones; those of weight 0 are not scored.
    ways : Ways, optional
        Of the heart, for the distances.

    Returns
    -------
    MapScore

    Raises
    ------
    InputError
        If shapes differ, a value is not finite, or all that is annotated lies outside what is scored.
    """
    values, inside, scored = (np.asarray(array).ravel() for array in (density, annotated, weights))
    shown = top_density_mask(values, scored, fraction=area_fraction(inside, scored))
    fixed = top_density_mask(values, scored, fraction=FIXED_FRACTION)
    return MapScore(
        told=mesh_overlap(shown, inside, areas=scored),
        fixed=mesh_overlap(fixed, inside, areas=scored),
        pointing=pointing_game(values, inside, weights=scored),
        mass=relevance_mass(values, inside, weights=scored),
        average_precision=average_precision(values, inside, weights=scored),
        curve=tuple(dice_curve(values, inside, weights=scored).tolist()),
        distance=None if ways is None else region_distance(ways, shown, inside, areas=scored),
    )
