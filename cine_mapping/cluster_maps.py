"""The evidence inside each cluster's samples, on the heart: the clusters' maps sum to the whole map.

A modality places evidence by the sign that all of it has at that moment of the beat.  A
cluster's evidence goes where the whole goes, whatever the sign of its own part, so that nothing is
moved by looking at it in parts.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cine_mapping.beat import Beat, Evidence, fold, fold_evidence
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import Modalities, average, place_along
from cine_mapping.projection import MODALITIES, POLARITY, Placement, Projection
from cine_mapping.vcg import pull_back
from imn.errors import InputError
from imn.explanation import Explanation


def cluster_evidence(
    explanation: Explanation, beat: Beat, label: str, shares: NDArray[np.floating]
) -> tuple[Evidence, ...]:
    """Fold the evidence of each cluster's samples onto the beat.

    Parameters
    ----------
    explanation : Explanation
    beat : Beat
    label : str
    shares : (K, n) float
        How much each sample belongs to each cluster; columns sum to one.

    Returns
    -------
    tuple of Evidence
        They sum to `cine_mapping.beat.fold_evidence`.

    Raises
    ------
    InputError
        If the shares do not fit the recording or do not sum to one.
    """
    n = explanation.signal.shape[1]
    if shares.ndim != 2 or shares.shape[1] != n or not np.allclose(shares.sum(axis=0), 1.0):
        msg = f"expected shares (K, {n}) that sum to one at each sample, got {shares.shape}"
        raise InputError(msg)
    leads = explanation.evidence_for(label)
    weights = explanation.weights[explanation.classes.index(label)]
    dipole = pull_back(weights, explanation.deflection)
    return tuple(Evidence(label, fold(leads * row, beat), fold(dipole * row, beat)) for row in shares)


def cluster_maps(
    plan: Modalities,
    explanation: Explanation,
    label: str,
    shares: NDArray[np.floating],
    *,
    statements: bool = False,
) -> tuple[HeartMap, ...]:
    """Map each cluster's evidence by the average of the modalities.

    Parameters
    ----------
    plan : Modalities
        Of this recording's beat.
    explanation : Explanation
    label : str
    shares : (K, n) float
        As in `cluster_evidence`.
    statements : bool
        As in `Modalities.apply`.

    Returns
    -------
    tuple of HeartMap
        One per cluster; their values sum to those of the average map, and each sums to the evidence
        inside its cluster.

    Raises
    ------
    InputError
        If the shares do not fit the recording or do not sum to one.
    """
    parts = cluster_evidence(explanation, plan.beat, label, shares)
    whole = fold_evidence(explanation, plan.beat, label)
    maps = plan.apply(explanation, label, statements=statements)
    return tuple(average(_parted(plan, maps, whole, part)) for part in parts)


def _parted(
    plan: Modalities, maps: Mapping[str, HeartMap], whole: Evidence, part: Evidence
) -> dict[str, HeartMap]:
    polarity = _polarity(plan.projection, whole)
    parted = {}
    for name, held in maps.items():
        if name in MODALITIES:
            placement: Placement = getattr(plan.projection, name)
            courses = _courses(placement, _channels(whole, name), _channels(part, name), polarity)
            parted[name] = HeartMap(part.label, name, held.basis, *courses, plan.anatomy, plan.beat)
        else:
            # These lay all evidence out alike: the first column is where.
            parted[name] = place_along(plan.anatomy, plan.beat, part, held.basis[:, 0], name)
    return parted


def _polarity(projection: Projection, evidence: Evidence) -> NDArray[np.intp]:
    polarity = np.ones(evidence.leads.shape[1], dtype=np.intp)
    for wave, sign in POLARITY.get(evidence.label, {}).items():
        polarity[projection.waves[wave]] = sign
    return polarity


def _channels(evidence: Evidence, modality: str) -> NDArray[np.float64]:
    return np.vstack([evidence.dipole, evidence.beyond_dipole]) if modality == "vcg" else evidence.leads


def _courses(
    placement: Placement,
    whole: NDArray[np.float64],
    part: NDArray[np.float64],
    polarity: NDArray[np.intp],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positive and negative course of every place, (k, m) each, where the whole's sign says the place."""
    places = np.where((whole > 0) == (polarity > 0), placement.agreeing, placement.contrary)
    shape = (placement.basis.shape[1], part.shape[1])
    courses = np.zeros(shape), np.zeros(shape)
    for course, channels in zip(courses, (part.clip(min=0), part.clip(max=0)), strict=True):
        np.add.at(course, (places, np.arange(part.shape[1])), channels)
    return courses
