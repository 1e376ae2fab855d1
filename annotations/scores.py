"""How far a map agrees with one annotation, and what chance would give."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.annotation import Annotation, Finding
from annotations.baselines import Case, vertex_baselines
from annotations.masks import beat_mask, vertex_mask
from annotations.overlap import Overlap, lead_time_overlap, top_density_mask
from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat, Evidence

SEED = 0


@dataclass(frozen=True, eq=False)
class Score:
    """One finding against one map, by the threshold rule fixed before looking.

    Parameters
    ----------
    annotation : Annotation
        That the finding is of.
    finding : Finding
    mesh : Overlap or None
        On the ventricles, weighted by area; None where no place is marked.
    leads : Overlap or None
        On leads x time of the beat; None where no interval is marked.
    baselines : dict of str to float
        Dice of each control on the mesh (`annotations.baselines.BASELINES`).
    found, truth : (v,) bool
        What the map marks, and what the annotation does.
    """

    annotation: Annotation
    finding: Finding
    mesh: Overlap | None
    leads: Overlap | None
    baselines: dict[str, float]
    found: NDArray[np.bool_]
    truth: NDArray[np.bool_]

    def as_dict(self) -> dict[str, Any]:
        """Give the score in JSON's types."""
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
        }


def score_finding(
    annotation: Annotation,
    finding: Finding,
    *,
    anatomy: Anatomy,
    beat: Beat,
    evidence: Evidence,
    case: Callable[[NDArray[np.bool_]], Case],
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

    Returns
    -------
    Score
    """
    truth = found = np.zeros(len(anatomy.heart.points), dtype=bool)
    mesh, baselines = None, {}
    if finding.places_marked:
        truth = vertex_mask(finding, anatomy)
        mine = case(truth)
        found = mine.mask_of(mine.weights)
        mesh = mine.overlap_of(mine.weights)
        baselines = vertex_baselines(mine, seed=SEED)
    leads = None
    if finding.intervals:
        marked = beat_mask(finding, beat)
        shown = top_density_mask(
            evidence.leads.ravel(), np.ones(marked.size), fraction=float(marked.mean())
        ).reshape(marked.shape)
        leads = lead_time_overlap(shown, marked)
    return Score(annotation, finding, mesh, leads, baselines, found, truth)
