"""How far a map agrees with one finding, and what chance would give."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.annotation import Annotation, Finding
from annotations.baselines import Case, vertex_baselines
from annotations.distances import plan_heart_ways
from annotations.lead_baselines import LeadCase, lead_baselines
from annotations.map_score import MapScore, score_map
from annotations.masks import beat_mask, vertex_mask
from annotations.overlap import Overlap, top_fraction_mask
from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat, Evidence

SEED = 0
DRAWS = 100
"""Random regions, scatterings and permutations for each baseline."""


@dataclass(frozen=True, eq=False)
class Score:
    """One finding against one map, by threshold rules fixed before looking.

    Parameters
    ----------
    annotation : Annotation
        That the finding is of.
    finding : Finding
    places : MapScore or None
        On the ventricles, weighted by area; None where no place is marked.
    times : MapScore or None
        On leads x time of the beat; None where no interval is marked.
    baselines, lead_baselines : dict of str to float
        Dice of each control (`annotations.baselines.BASELINES`); empty where nothing was scored.
    found, truth : (v,) bool
        What the map marks, and what the annotation does.
    density : (v,) float64, logit / mm2
        The map that was scored, zero where it was not.
    marked : (12, m) bool, or None
        The annotated leads and samples of the beat.
    """

    annotation: Annotation
    finding: Finding
    places: MapScore | None
    times: MapScore | None
    baselines: dict[str, float]
    lead_baselines: dict[str, float]
    found: NDArray[np.bool_]
    truth: NDArray[np.bool_]
    density: NDArray[np.float64]
    marked: NDArray[np.bool_] | None

    @property
    def mesh(self) -> Overlap | None:
        """Overlap on the ventricles of the densest part as large as the annotation."""
        return self.places.told if self.places else None

    @property
    def leads(self) -> Overlap | None:
        """Overlap on leads x time of as many samples as are annotated."""
        return self.times.told if self.times else None

    def as_dict(self) -> dict[str, Any]:
        """Give the score in JSON's types.

        Returns
        -------
        dict
        """
        mine = self.finding
        return {
            "rater": self.annotation.rater,
            "provenance": mine.provenance,
            "label": mine.label,
            "confidence": mine.confidence,
            "regions": list(mine.regions),
            "dice": self.mesh.dice if self.mesh else None,
            "mesh": asdict(self.mesh) if self.mesh else None,
            "leads": asdict(self.leads) if self.leads else None,
            "baselines": self.baselines,
            "lead_baselines": self.lead_baselines,
            "places": self.places.as_dict() if self.places else None,
            "times": self.times.as_dict() if self.times else None,
        }


def score_finding(
    annotation: Annotation,
    finding: Finding,
    *,
    anatomy: Anatomy,
    beat: Beat,
    evidence: Evidence,
    case: Callable[[NDArray[np.bool_]], Case],
    draws: int = DRAWS,
) -> Score:
    """Compare a map with a finding on the heart and on leads x time.

    Parameters
    ----------
    annotation : Annotation
        That the finding is of.
    finding : Finding
    anatomy : Anatomy
    beat : Beat
    evidence : Evidence
        The evidence that was mapped, on the beat.
    case : callable
        From the annotated vertices to the case to judge: weights, signal, and the
        projection whose map is scored.
    draws : int
        For each baseline that is drawn; 0 leaves the baselines out.

    Returns
    -------
    Score

    Raises
    ------
    InputError
        If the marks do not fit the anatomy or the beat.
    """
    truth = found = np.zeros(len(anatomy.heart.points), dtype=bool)
    density = np.zeros(len(truth))
    places, times, marked = None, None, None
    chance, lead_chance = {}, {}
    if finding.places_marked:
        truth = vertex_mask(finding, anatomy)
    if truth.any():
        mine = case(truth)
        values = mine.project(mine.weights)
        density = np.divide(values, mine.areas, out=density, where=mine.areas > 0)
        found = top_fraction_mask(values, mine.areas, fraction=mine.fraction)
        places = score_map(density, truth, weights=mine.areas, ways=plan_heart_ways(anatomy))
        chance = vertex_baselines(mine, seed=SEED, draws=draws) if draws else {}
    if finding.intervals:
        marked = beat_mask(finding, beat)
        times = score_map(evidence.leads, marked, weights=np.ones(marked.shape))
        seen = LeadCase(marked, evidence.leads, beat.signal)
        lead_chance = lead_baselines(seen, seed=SEED, draws=draws) if draws else {}
    return Score(
        annotation, finding, places, times, chance, lead_chance, found, truth, density=density, marked=marked
    )
