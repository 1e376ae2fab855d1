"""Annotations as masks: on the vertices of a heart, on leads and time."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from annotations.annotation import Finding, Interval
from cine_mapping.anatomy import REGIONS, Anatomy, Mesh
from cine_mapping.beat import Beat
from cine_mapping.segments import TERRITORIES
from imn.errors import InputError
from imn.leads import LEADS


def anatomy_hash(anatomy: Anatomy) -> str:
    """Content hash of what gives a vertex its place: the points and triangles of the heart.

    Name, labels, torso and lead vectors do not enter: a vertex stays where it
    was marked when these are improved.

    Parameters
    ----------
    anatomy : Anatomy

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.
    """
    return mesh_hash(anatomy.heart)


def mesh_hash(mesh: Mesh) -> str:
    """Content hash of points and triangles.

    Parameters
    ----------
    mesh : Mesh
        Points enter as float32, triangles as int32, both little-endian.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for array, dtype in ((mesh.points, "<f4"), (mesh.triangles, "<i4")):
        digest.update(f"{dtype} {array.shape};".encode())
        digest.update(np.ascontiguousarray(array, dtype=dtype).tobytes())
    return digest.hexdigest()


def scored_areas(anatomy: Anatomy) -> NDArray[np.float64]:
    """Area of each vertex of the ventricles, 0 on the atria.

    Overlap is scored on the ventricles because ventricular disease is what the
    classes speak of; atria in the background would make every score look better.

    Parameters
    ----------
    anatomy : Anatomy

    Returns
    -------
    (v,) float64, mm2
    """
    return np.where(anatomy.ventricles, anatomy.heart.areas, 0.0)


def vertex_weights(finding: Finding, anatomy: Anatomy) -> NDArray[np.float64]:
    """Weight of each vertex of the heart in the annotated place.

    Parameters
    ----------
    finding : Finding
    anatomy : Anatomy

    Returns
    -------
    (v,) float64
        1 in a named region, the painted weight elsewhere, 0 where nothing is marked.

    Raises
    ------
    InputError
        If only intervals or leads are marked, if the vertices belong to another anatomy,
        or if the anatomy lacks a named region.
    """
    marked = "intervals" if finding.intervals else "leads" if finding.leads else ""
    if marked and not finding.places_marked:
        msg = f"{finding.named} marks {marked} only; it says nothing of the place"
        raise InputError(msg)
    weights = np.zeros(len(anatomy.heart.points))
    for name in finding.regions:
        inside = np.isin(anatomy.region, [REGIONS.index(part) for part in TERRITORIES.get(name, (name,))])
        if not inside.any():
            msg = f"anatomy {anatomy.name} has no {name}, which {finding.named} names"
            raise InputError(msg)
        weights[inside] = 1.0
    _paint(weights, finding, anatomy)
    return weights


def vertex_mask(finding: Finding, anatomy: Anatomy, *, at_least: float = 0.5) -> NDArray[np.bool_]:
    """Vertices whose annotated weight reaches a threshold.

    Parameters
    ----------
    finding : Finding
    anatomy : Anatomy
    at_least : float
        Above 0 and at most 1.

    Returns
    -------
    (v,) bool

    Raises
    ------
    InputError
        As `vertex_weights`, and if the threshold is not above 0 and at most 1.
    """
    if not 0 < at_least <= 1:
        msg = f"at_least must be above 0 and at most 1, got {at_least}"
        raise InputError(msg)
    return vertex_weights(finding, anatomy) >= at_least


def beat_mask(finding: Finding, beat: Beat) -> NDArray[np.bool_]:
    """Annotated leads and samples of the median beat.

    A sample is marked whose time lies in an interval, at least one per interval;
    an interval on the recording marks the samples of the beat it folds onto.

    Parameters
    ----------
    finding : Finding
    beat : Beat

    Returns
    -------
    (12, m) bool
        In the order of `imn.leads.LEADS`.

    Raises
    ------
    InputError
        If only places or leads are marked, or an interval lies wholly outside.
    """
    _require_times(finding)
    mask = np.zeros((len(LEADS), beat.signal.shape[1]), dtype=bool)
    for interval in finding.intervals:
        samples = _samples(interval, beat)
        if interval.on == "recording":
            samples = np.unique(beat.phase[samples])
        mask[_rows(interval)[:, None], samples] = True
    return mask


def recording_mask(finding: Finding, beat: Beat) -> NDArray[np.bool_]:
    """Annotated leads and samples of the whole recording.

    An interval on the beat marks every sample that folds onto it.

    Parameters
    ----------
    finding : Finding
    beat : Beat
        Median beat of that recording; it says how the recording folds.

    Returns
    -------
    (12, n) bool
        In the order of `imn.leads.LEADS`.

    Raises
    ------
    InputError
        If only places or leads are marked, or an interval lies wholly outside.
    """
    _require_times(finding)
    mask = np.zeros((len(LEADS), len(beat.phase)), dtype=bool)
    for interval in finding.intervals:
        samples = _samples(interval, beat)
        if interval.on == "beat":
            samples = np.flatnonzero(np.isin(beat.phase, samples))
        mask[_rows(interval)[:, None], samples] = True
    return mask


def _paint(weights: NDArray[np.float64], finding: Finding, anatomy: Anatomy) -> None:
    painted = finding.vertices
    if painted is None:
        return
    if painted.sha256 != anatomy_hash(anatomy):
        msg = (
            f"{finding.named} is painted on anatomy {painted.anatomy} ({painted.sha256[:12]}), "
            f"got {anatomy.name} ({anatomy_hash(anatomy)[:12]}); use the one it was painted on"
        )
        raise InputError(msg)
    if painted.index and painted.index[-1] >= len(weights):
        msg = f"{finding.named} marks vertex {painted.index[-1]}, the anatomy has {len(weights)} vertices"
        raise InputError(msg)
    index = np.array(painted.index, dtype=int)
    weights[index] = np.maximum(weights[index], painted.weight)


def _require_times(finding: Finding) -> None:
    marked = "places" if finding.places_marked else "leads" if finding.leads else ""
    if marked and not finding.intervals:
        msg = f"{finding.named} marks {marked} only; it says nothing of times on leads"
        raise InputError(msg)


def _rows(interval: Interval) -> NDArray[np.int_]:
    return np.array([LEADS.index(name) for name in interval.leads])


def _samples(interval: Interval, beat: Beat) -> NDArray[np.int_]:
    """Give the samples of the interval on its own time base: of the beat, or of the recording."""
    origin, length = (beat.r_peak, beat.signal.shape[1]) if interval.on == "beat" else (0, len(beat.phase))
    # the slack keeps 0.29 s at 100 Hz on sample 29, where floating point says 28.999999999999996
    first, stop = (int(np.ceil(t * beat.fs - 1e-6)) + origin for t in (interval.onset_s, interval.offset_s))
    samples = np.arange(max(first, 0), min(max(stop, first + 1), length))
    if not len(samples):
        msg = (
            f"interval {interval.onset_s:g} to {interval.offset_s:g} s lies outside the {interval.on}, "
            f"which spans {-origin / beat.fs:g} to {(length - origin) / beat.fs:g} s"
        )
        raise InputError(msg)
    return samples
