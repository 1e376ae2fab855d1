"""An analysis as a payload: which numbers the browser needs, and what they are called there."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import ELECTRODES, REGIONS, Anatomy, Mesh
from cine_mapping.modalities import weights_of
from cine_mapping.path import UNCERTAINTY, activation_path
from cine_mapping.segments import TERRITORIES
from viewer.analysis import Analysis
from viewer.factors import Factors, pack_maps
from viewer.payload import ALIGNMENT, VERSION, Payload, keyed
from viewer.payload_recording import Pages, recording_parts, runs_of
from viewer.rival_reading import RIVAL
from viewer.summary import RESEARCH_USE

if TYPE_CHECKING:
    from annotations.annotation import Annotation

BUDGET = 1_500_000
"""Bytes that a payload should not exceed."""
RIVAL_BUDGET = 400_000
"""Bytes that a rival's map may take on top."""
WHOLE = 1 << 40
"""Bytes that no map takes."""
HEADER = 4_000
"""Bytes of the header beside its words."""
SURROUNDINGS = (("torso", "torso", 2400), ("vessel", "vessels", 3000))
"""What is only looked at: name in the payload, mesh of the anatomy, triangles kept."""
WITH_LEADS = "leads"
"""The modality whose columns belong to single leads: twelve facing, twelve opposite, two of no direction."""
MASKS = 12
TITLES = {
    "leads": "Leads",
    "vcg": "Vectorcardiogram",
    "path": "Mean path",
    "simulations": "Learned from simulations",
    "statements": "Learned from statements",
    RIVAL: "Rival",
}


def payload_of(
    analysis: Analysis,
    anatomy: Anatomy,
    *,
    annotations: Sequence["Annotation"] = (),
    budget: int = BUDGET,
    whole_leads: bool = False,
) -> Payload:
    """Pack an analysis for the browser.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
        That it was projected on.
    annotations : sequence of Annotation
        Of this recording; those on another heart show their leads and times only.
    budget : int
        Bytes; the maps of many columns are cut so that all fits.  A rival comes on top (`RIVAL_BUDGET`).
    whole_leads : bool
        Keep the map of the leads whole beside what the budget allows the others, so that every
        lead's part can be told; about half a megabyte more.

    Returns
    -------
    Payload
    """
    from annotations.masks import anatomy_hash

    arrays = _geometry(anatomy) | _traces(analysis, anatomy) | _certainty(analysis)
    marks, masks = _annotations(annotations, anatomy)
    arrays |= masks
    recording, stated = recording_parts(analysis)
    arrays |= recording
    meta = _words(analysis) | {
        "anatomy": {"name": anatomy.name, "sha256": anatomy_hash(anatomy)},
        "regions": list(REGIONS),
        "territories": {name: [REGIONS.index(part) for part in parts] for name, parts in TERRITORIES.items()},
        "electrodes": list(ELECTRODES),
        "annotations": marks,
        "recording": stated,
    }
    words = len(json.dumps(meta).encode("utf-8"))
    left = budget - HEADER - words - sum(array.nbytes + ALIGNMENT for array in arrays.values())
    weights = weights_of(analysis.maps)
    averaged = [name for name, weight in weights.items() if weight > 0]
    factors = pack_maps(analysis.maps, left, last=averaged)
    if whole_leads:
        factors |= pack_maps({WITH_LEADS: analysis.maps[WITH_LEADS]}, WHOLE)
    if analysis.rival is not None:
        factors |= pack_maps({RIVAL: analysis.rival.heart}, RIVAL_BUDGET)
        meta |= {"rival": analysis.rival.plain(analysis.average)}
    modalities, columns = _columns(factors, weights | {RIVAL: 0.0})
    meta |= {"modalities": modalities, "residual": max(held.residual for held in factors.values())}
    return keyed(Payload(meta, columns | arrays))


def _words(analysis: Analysis) -> dict[str, Any]:
    explanation, beat, credible = analysis.explanation, analysis.beat, analysis.credible
    k = explanation.classes.index(analysis.target)
    return {
        "version": VERSION,
        "record": analysis.record.id,
        "label": analysis.target,
        "labels": list(explanation.classes),
        "probabilities": dict(zip(explanation.classes, explanation.probabilities.tolist(), strict=True)),
        "logit": float(explanation.logits[k]),
        "bias": float(explanation.bias[k]),
        "unit": "logit",
        "model": explanation.model,
        "fs": beat.fs,
        "beat": {"n": beat.signal.shape[1], "dt_ms": 1000.0 / beat.fs, "r_index": beat.r_peak},
        "fiducials_ms": {
            name: None if sample is None else 1000.0 * (sample - beat.r_peak) / beat.fs
            for name, sample in vars(beat.fiducials).items()
        },
        "quality": list(beat.quality),
        "scores": [score.as_dict() for score in analysis.scores],
        "credible": None
        if credible is None
        else {"share": credible.share, "stands_out": credible.stands_out, "family": credible.family},
        "clusters": _clusters(analysis),
        "research_only": RESEARCH_USE,
    }


def _clusters(analysis: Analysis) -> dict[str, Any] | None:
    """Give the recording's clusters, without how undecided each of its samples is."""
    if analysis.clusters is None:
        return None
    held = {name: value for name, value in analysis.clusters.plain().items() if name != "entropy"}
    return held | {"runs": runs_of(analysis, 0)} if Pages.of(analysis).count > 1 else held


def _columns(
    factors: dict[str, Factors], weights: dict[str, float]
) -> tuple[list[dict[str, Any]], dict[str, NDArray[Any]]]:
    entries, first = [], 0
    for name, held in factors.items():
        count = held.basis.shape[1]
        entries.append(
            {"name": name, "title": TITLES.get(name, name), "weight": weights[name]}
            | {"first": first, "count": count, "residual": held.residual, "leads": _leads(name, held)}
        )
        first += count
    return entries, {
        "basis": np.hstack([held.basis for held in factors.values()]),
        "positive": np.vstack([held.positive for held in factors.values()]),
        "negative": np.vstack([held.negative for held in factors.values()]),
    }


def _leads(name: str, held: Factors) -> list[int | None] | None:
    """Row of `imn.leads.LEADS` that each column belongs to; None where the map has no such columns."""
    if name != WITH_LEADS or held.columns is None:
        return None
    return [column % 12 if column < 24 else None for column in held.columns]


def _geometry(anatomy: Anatomy) -> dict[str, NDArray[Any]]:
    heart = anatomy.heart
    arrays = {
        "points": heart.points.astype(np.float32),
        "triangles": _indices(heart),
        "region": anatomy.region.astype(np.uint8),
        "areas": heart.areas.astype(np.float32),
        "ventricles": anatomy.ventricles.astype(np.uint8),
        "electrodes": anatomy.electrodes.astype(np.float32),
    }
    for name, which, largest in SURROUNDINGS:
        mesh: Mesh = getattr(anatomy, which)
        if len(mesh.triangles):
            light = _lighter(mesh, largest)
            arrays |= {f"{name}_points": light.points, f"{name}_triangles": _indices(light)}
    return arrays


@lru_cache(maxsize=16)
def _lighter(mesh: Mesh, triangles: int) -> Mesh:
    """Take triangles away from a surface that is only looked at."""
    if len(mesh.triangles) <= triangles:
        return Mesh(mesh.points.astype(np.float32), mesh.triangles)
    from viewer.outline import to_polydata

    small = to_polydata(mesh).decimate_pro(1 - triangles / len(mesh.triangles), preserve_topology=True)
    corners = np.asarray(small.faces).reshape(-1, 4)[:, 1:]
    return Mesh(np.asarray(small.points, dtype=np.float32), corners.astype(np.int32))


def _indices(mesh: Mesh) -> NDArray[Any]:
    return mesh.triangles.astype(np.uint16 if len(mesh.points) < 65536 else np.uint32)


def _traces(analysis: Analysis, anatomy: Anatomy) -> dict[str, NDArray[Any]]:
    beat, points = analysis.beat, analysis.beat.fiducials
    n = beat.signal.shape[1]
    walked = activation_path(anatomy, beat)
    along = np.clip(np.arange(n) - points.qrs_onset, 0, len(walked) - 1)
    within = (np.arange(n) >= points.qrs_onset) & (np.arange(n) < points.t_end)
    return {
        "ecg": beat.signal.astype(np.float32),
        "evidence": analysis.evidence.leads.astype(np.float32),
        # There is no path outside QRS, ST and T.
        "path": np.where(within[:, None], walked[along], np.nan).astype(np.float32),
        "path_radius": np.where(within, UNCERTAINTY, 0.0).astype(np.float32),
    }


def _certainty(analysis: Analysis) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    if analysis.spread is not None:
        arrays["spread"] = analysis.spread.astype(np.float32)
    if analysis.credible is not None:
        arrays["credible"] = analysis.credible.region.astype(np.uint8)
    return arrays


def _annotations(
    annotations: Sequence["Annotation"], anatomy: Anatomy
) -> tuple[list[dict[str, Any]], dict[str, NDArray[Any]]]:
    from annotations.masks import vertex_mask
    from imn.errors import InputError

    marks, masks = [], {}
    for annotation in annotations:
        for finding in annotation.findings:
            name = None
            if finding.places_marked and len(masks) < MASKS:
                try:
                    mask = vertex_mask(finding, anatomy)
                except InputError:
                    pass  # painted on another heart: its leads and times can still be shown
                else:
                    name = f"mask_{len(masks)}"
                    masks[name] = mask.astype(np.uint8)
            marks.append(_mark(annotation, finding) | {"mask": name})
    return marks, masks


def _mark(annotation: "Annotation", finding: Any) -> dict[str, Any]:
    return {
        "rater": annotation.rater,
        "state": annotation.state,
        "label": finding.label,
        "provenance": finding.provenance,
        "confidence": finding.confidence,
        "note": finding.note,
        "regions": list(finding.regions),
        "leads": list(finding.leads),
        "intervals": [
            {
                "leads": list(interval.leads),
                "onset_ms": 1000.0 * interval.onset_s,
                "offset_ms": 1000.0 * interval.offset_s,
                "on": interval.on,
            }
            for interval in finding.intervals
        ],
    }
