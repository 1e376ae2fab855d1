"""A region painted on one heart, brought to another by segment and ventricular coordinates."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotations.annotation import Annotation, Finding, VertexWeights
from annotations.masks import anatomy_hash
from cine_mapping.anatomy import REGIONS, Anatomy
from cine_mapping.heart_surface import nodes_at_surface
from cine_mapping.heart_to_heart import places
from cine_mapping.myocardium import Myocardium
from imn.errors import InputError


@dataclass(frozen=True, eq=False)
class Heart:
    """A surface to paint on, and the wall that has its ventricular coordinates.

    Parameters
    ----------
    anatomy : Anatomy
    wall : Myocardium
        In the frame and place of the anatomy's heart.
    """

    anatomy: Anatomy
    wall: Myocardium


def transfer_annotation(annotation: Annotation, source: Heart, target: Heart) -> Annotation:
    """Bring all findings to another heart, under a rater's name that says so.

    Parameters
    ----------
    annotation : Annotation
    source, target : Heart

    Returns
    -------
    Annotation

    Raises
    ------
    InputError
        As `transfer_finding`.
    """
    findings = tuple(transfer_finding(finding, source, target) for finding in annotation.findings)
    return replace(
        annotation, rater=f"{annotation.rater}, on anatomy {target.anatomy.name}", findings=findings
    )


def transfer_finding(finding: Finding, source: Heart, target: Heart) -> Finding:
    """Bring what is painted on one heart to another; regions have the same names on all.

    Each vertex takes the weight of the vertex that is nearest in ventricular
    coordinates within the same segment (of the same ventricle, where the source
    lacks the segment).  What is painted on the whole of a segment stays the
    whole of it.

    Parameters
    ----------
    finding : Finding
    source, target : Heart

    Returns
    -------
    Finding
        The same where nothing is painted, or both are the same heart; else of
        provenance ``derived``, because nobody has seen it on that heart.

    Raises
    ------
    InputError
        If it is painted on another heart than the source, or on the atria, which
        have no such coordinates.
    """
    painted, onto = finding.vertices, anatomy_hash(target.anatomy)
    if painted is None or painted.sha256 == onto:
        return finding
    weights = _weights(finding.named, painted, source.anatomy)[_nearest(source, target)]
    weights[~target.anatomy.ventricles] = 0.0
    index = np.flatnonzero(weights)
    vertices = VertexWeights(target.anatomy.name, onto, tuple(index.tolist()), tuple(weights[index].tolist()))
    words = f"Painted on anatomy {painted.anatomy}, transferred by segment and ventricular coordinates."
    return replace(
        finding, provenance="derived", vertices=vertices, note=" ".join(filter(None, (finding.note, words)))
    )


def _weights(named: str, painted: VertexWeights, anatomy: Anatomy) -> NDArray[np.float64]:
    if painted.sha256 != anatomy_hash(anatomy):
        msg = f"{named} is painted on anatomy {painted.anatomy}, got {anatomy.name}; give the one it is on"
        raise InputError(msg)
    weights = np.zeros(len(anatomy.heart.points))
    if painted.index and painted.index[-1] >= len(weights):
        msg = f"{named} marks vertex {painted.index[-1]}, the anatomy has {len(weights)} vertices"
        raise InputError(msg)
    weights[list(painted.index)] = painted.weight
    if weights[~anatomy.ventricles].any():
        msg = (
            f"{named} is painted on the atria, which have no ventricular coordinates; name the atrium instead"
        )
        raise InputError(msg)
    return weights


@lru_cache(maxsize=4)
def _nearest(source: Heart, target: Heart) -> NDArray[np.int64]:
    """Vertex of the source that each vertex of the target takes its weight from, (v,) int64."""
    from scipy.spatial import KDTree

    found = np.zeros(len(target.anatomy.heart.points), dtype=np.int64)
    (of_source, chamber), (of_target, wanted) = _coordinates(source), _coordinates(target)
    for region in np.unique(target.anatomy.region[target.anatomy.ventricles]):
        for side in (0, 1):
            here = np.flatnonzero((target.anatomy.region == region) & (wanted == side))
            if not len(here):
                continue
            there = np.flatnonzero((source.anatomy.region == region) & (chamber == side))
            there = there if len(there) else np.flatnonzero(chamber == side)
            if not len(there):
                msg = (
                    f"anatomy {source.anatomy.name} lacks the ventricle of {REGIONS[region]}; choose another"
                )
                raise InputError(msg)
            found[here] = there[KDTree(of_source[there]).query(of_target[here])[1]]
    return found


def _coordinates(heart: Heart) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Place of each vertex in ventricular coordinates, (v, 4) mm, and its ventricle; -1 on the atria."""
    nodes = nodes_at_surface(heart.wall, heart.anatomy)
    side = np.where(nodes < 0, -1, heart.wall.ventricle[nodes])
    return places(heart.wall)[nodes], side.astype(np.int64)
