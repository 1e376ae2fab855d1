"""How far a map agrees with one annotation, and what chance would give."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.annotation import Annotation
from annotations.baselines import Case, vertex_baselines
from annotations.masks import beat_mask, vertex_mask
from annotations.overlap import Overlap, lead_time_overlap, top_density_mask
from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat, Evidence

SEED = 0


@dataclass(frozen=True, eq=False)
class Score:
    """One annotation against one map, by the threshold rule fixed before looking.

    Parameters
    ----------
    annotation : Annotation
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
    mesh: Overlap | None
    leads: Overlap | None
    baselines: dict[str, float]
    found: NDArray[np.bool_]
    truth: NDArray[np.bool_]

    def as_dict(self) -> dict[str, Any]:
        """Give the score in JSON's types."""
        mine = self.annotation
        return {
            "rater": mine.rater,
            "provenance": mine.provenance,
            "label": mine.label,
            "confidence": mine.confidence,
            "regions": list(mine.regions),
            "dice": self.mesh.dice if self.mesh else None,
            "mesh": asdict(self.mesh) if self.mesh else None,
            "leads": asdict(self.leads) if self.leads else None,
            "baselines": self.baselines,
        }


def score_annotation(
    annotation: Annotation,
    anatomy: Anatomy,
    *,
    beat: Beat,
    evidence: Evidence,
    case: Callable[[NDArray[np.bool_]], Case],
) -> Score:
    """Compare a map with an annotation on the heart and on leads x time.

    Parameters
    ----------
    annotation : Annotation
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
    if annotation.places_marked:
        truth = vertex_mask(annotation, anatomy)
        mine = case(truth)
        found = mine.mask_of(mine.weights)
        mesh = mine.overlap_of(mine.weights)
        baselines = vertex_baselines(mine, seed=SEED)
    leads = None
    if annotation.intervals:
        marked = beat_mask(annotation, beat)
        shown = top_density_mask(
            evidence.leads.ravel(), np.ones(marked.size), fraction=float(marked.mean())
        ).reshape(marked.shape)
        leads = lead_time_overlap(shown, marked)
    return Score(annotation, mesh, leads, baselines, found, truth)
