"""An analysis in plain numbers and words: what ``--json`` prints and ``summary.json`` keeps."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cine_mapping.anatomy import Anatomy
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import weights_of
from cine_mapping.shares import region_densities, region_shares, territory_shares
from imn.electrode_placement import PLACEMENT, placement_of
from imn.labels import SUPERCLASSES, WORDS
from imn.limb_leads import DERIVED_LEADS
from viewer.analysis import Analysis

if TYPE_CHECKING:
    from annotations.scores import Score

RESEARCH_USE = "Research use only. Not a medical device."


def summarise(analysis: Analysis, anatomy: Anatomy) -> dict[str, Any]:
    """Give the numbers of an analysis in JSON's types.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
        That it was projected on.

    Returns
    -------
    dict
    """
    explanation = analysis.explanation
    summary: dict[str, Any] = {
        "record": analysis.record.id,
        "source": analysis.record.source,
        "fs": explanation.fs,
        "duration": analysis.record.duration,
        "model": explanation.model,
        "anatomy": anatomy.name,
        "predictions": _predictions(analysis),
        "target": analysis.target,
        "reference": explanation.reference_name,
        "completeness_error": explanation.completeness_error,
        "conservation_error": analysis.conservation_error,
        **_places(analysis.average, anatomy),
        "modalities": {
            name: {"weight": weights_of(analysis.maps)[name]} | _places(heart_map, anatomy)
            for name, heart_map in analysis.maps.items()
        },
        "credible": _credible(analysis),
        "spread": _spread(analysis),
        "clusters": None if analysis.clusters is None else analysis.clusters.plain()["clusters"],
        "not_dipolar": _not_dipolar(analysis),
        "quality": list(analysis.beat.quality),
        DERIVED_LEADS: list(analysis.record.metadata.get(DERIVED_LEADS, ())),
        PLACEMENT: list(placement_of(analysis.record.metadata)),
        "dice": None,
        "baselines": {},
        "scores": [_score(score) for score in analysis.scores],
        "seconds": dict(analysis.seconds),
        "research_use": RESEARCH_USE,
    }
    for score in summary["scores"][:1]:
        summary["dice"], summary["baselines"] = score["dice"], score["baselines"]
    return summary


def _credible(analysis: Analysis) -> dict[str, Any] | None:
    found = analysis.credible
    if found is None:
        return None
    return {"family": found.family, "share": found.share, "stands_out": found.stands_out}


def _spread(analysis: Analysis) -> float | None:
    """Tell how far the networks disagree, as a part of all evidence on the heart."""
    if analysis.spread is None:
        return None
    drawn = analysis.average
    return float(analysis.spread.sum() / drawn.amount)


def densest(summary: Mapping[str, Any], count: int) -> list[Mapping[str, Any]]:
    """Give the regions in which the evidence for the target is densest.

    Parameters
    ----------
    summary : mapping
        As in ``summary.json``.
    count : int
        How many at most.

    Returns
    -------
    list of mapping
        Entries of its ``regions``, the densest first; none without evidence.
    """
    held = [region for region in summary["regions"] if region["share"] > 0]
    return sorted(held, key=lambda region: -region["density"])[:count]


def _predictions(analysis: Analysis) -> list[dict[str, Any]]:
    explanation = analysis.explanation
    constant = explanation.constant
    order = np.argsort(-explanation.logits, kind="stable")
    return [
        {
            "label": explanation.classes[k],
            "words": WORDS.get(explanation.classes[k], ""),
            "superclass": explanation.classes[k] in SUPERCLASSES,
            "probability": float(explanation.probabilities[k]),
            "logit": float(explanation.logits[k]),
            "bias": float(explanation.bias[k]),
            "constant": float(constant[k]),
            "evidence": float(explanation.evidence_for(explanation.classes[k]).sum()),
        }
        for k in order
    ]


def _places(heart_map: HeartMap, anatomy: Anatomy) -> dict[str, Any]:
    densities = region_densities(heart_map, anatomy)
    return {
        "regions": [
            {"name": name, "share": share, "density": densities[name]}
            for name, share in region_shares(heart_map, anatomy).items()
        ],
        "territories": territory_shares(heart_map, anatomy),
    }


def _not_dipolar(analysis: Analysis) -> float:
    """Share of the evidence that no dipole carries, and the vcg map therefore spreads evenly."""
    dipole = np.abs(analysis.evidence.dipole).sum()
    rest = np.abs(analysis.evidence.beyond_dipole).sum()
    return float(rest / (dipole + rest)) if dipole + rest > 0 else 0.0


def _score(score: "Score") -> Mapping[str, Any]:
    return score.as_dict()
