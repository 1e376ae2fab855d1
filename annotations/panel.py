"""What several raters marked for one label, as ratings unit by unit: vertices, or leads x samples."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotations.agreement import MISSING
from annotations.annotation import Annotation, Finding
from annotations.masks import beat_mask, scored_areas, vertex_mask
from annotations.overlap import top_density_mask
from annotations.score_cases import HEART, LEAD_TIME
from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat, Fiducials
from imn.errors import InputError

MODEL = "the model"
"""Name of the model among the raters."""
BEFORE_S, AFTER_S, RATE = 0.4, 0.6, 500.0
"""Beat on which intervals are compared where the recording is not at hand: about the R peak."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Ratings of one label and one provenance, recording by recording.

    Parameters
    ----------
    label, provenance : str
    where : str
        `annotations.score_cases.HEART` or `LEAD_TIME`.
    raters, records : tuple of str
        Each rater has rated at least one of the recordings.
    ratings : tuple of (r, n) int64
        For each recording: 1 marked, 0 not, `annotations.agreement.MISSING` by whom it was not rated.
    weights : tuple of (n,) float64
        Area of each unit, mm2, or ones.
    """

    label: str
    provenance: str
    where: str
    raters: tuple[str, ...]
    records: tuple[str, ...]
    ratings: tuple[NDArray[np.int64], ...]
    weights: tuple[NDArray[np.float64], ...]

    def rated(self, record: int) -> NDArray[np.bool_]:
        """Tell who rated a recording.

        Parameters
        ----------
        record : int
            Its place in `records`.

        Returns
        -------
        (r,) bool
        """
        return (self.ratings[record] != MISSING).any(axis=1)


def panels_on_heart(
    annotations: Iterable[Annotation], anatomy: Anatomy, *, label: str | None = None
) -> tuple[Panel, ...]:
    """Lay what raters marked of the heart side by side, on the ventricles.

    Signed readings count: drafts are not done, and an adjudication knows the others.
    A finding without any mark rates all of the heart as not marked, and so does a
    reading without findings; a finding of leads or intervals only says nothing
    of the heart.

    Parameters
    ----------
    annotations : iterable of Annotation
    anatomy : Anatomy
    label : str, optional
        This label only.

    Returns
    -------
    tuple of Panel
        One for each label and provenance, sorted.

    Raises
    ------
    InputError
        If a place does not fit the anatomy.
    """
    areas = scored_areas(anatomy)
    seen = areas > 0

    def mask(finding: Finding, _: str) -> NDArray[np.bool_] | None:
        if not finding.places_marked and (finding.intervals or finding.leads):
            return None
        return vertex_mask(finding, anatomy)[seen]

    return _panels(_of(label, annotations), HEART, mask, lambda _: areas[seen])


def panels_on_leads(
    annotations: Iterable[Annotation], beats: Mapping[str, Beat], *, label: str | None = None
) -> tuple[Panel, ...]:
    """Lay what raters marked of the beat side by side (see `panels_on_heart`).

    Parameters
    ----------
    annotations : iterable of Annotation
    beats : mapping of str to Beat
        Of the recordings that are at hand; others get a beat of a second, on which
        intervals of a recording have no place.
    label : str, optional
        This label only.

    Returns
    -------
    tuple of Panel

    Raises
    ------
    InputError
        If an interval lies outside the beat, or on a recording that is not at hand.
    """

    def mask(finding: Finding, record: str) -> NDArray[np.bool_] | None:
        if not finding.intervals and (finding.places_marked or finding.leads):
            return None
        if record not in beats and any(interval.on == "recording" for interval in finding.intervals):
            msg = f"{record}: an interval is on the recording; give its run (--model-runs) to place it"
            raise InputError(msg)
        return beat_mask(finding, beats.get(record, nominal_beat())).ravel()

    def even(record: str) -> NDArray[np.float64]:
        return np.ones(beats.get(record, nominal_beat()).signal.size)

    return _panels(_of(label, annotations), LEAD_TIME, mask, even)


def nominal_beat() -> Beat:
    """Give an empty beat about an R peak, to lay intervals on."""
    before, samples = round(BEFORE_S * RATE), round((BEFORE_S + AFTER_S) * RATE)
    return Beat(
        fs=RATE,
        signal=np.zeros((12, samples), np.float32),
        r_peak=before,
        fiducials=Fiducials(before, before, before, before),
        r_peaks=np.array([before]),
        kept=np.ones(1, dtype=bool),
        phase=np.arange(samples, dtype=np.int32),
    )


def with_model(
    panel: Panel, densities: Mapping[str, NDArray[np.floating]], *, size: float | None = None
) -> Panel:
    """Add the model as one more rater.

    Parameters
    ----------
    panel : Panel
    densities : mapping of str to (n,) float
        Map of each recording on the panel's units; recordings without one go without the model.
    size : float, optional
        Part of the whole that the model marks; by default as much as the raters of that
        recording do on average, which tells it how much to mark.

    Returns
    -------
    Panel
    """
    ratings = []
    for record, given, weights in zip(panel.records, panel.ratings, panel.weights, strict=True):
        row = np.full(given.shape[1], MISSING)
        if record in densities:
            told = float(np.mean([weights[one == 1].sum() for one in given if one[0] != MISSING]))
            part = told / weights.sum() if size is None else size
            row = top_density_mask(densities[record], weights, fraction=part).astype(np.int64)
        ratings.append(np.vstack([given, row]))
    return replace(panel, raters=(*panel.raters, MODEL), ratings=tuple(ratings))


def _of(label: str | None, annotations: Iterable[Annotation]) -> list[Annotation]:
    """Leave findings of other labels out, and readings of nothing else with them: those rate nothing."""
    if label is None:
        return list(annotations)
    kept = [(a, tuple(f for f in a.findings if f.label == label)) for a in annotations]
    return [replace(a, findings=findings) for a, findings in kept if findings or not a.findings]


def _panels(
    annotations: Iterable[Annotation],
    where: str,
    mask: Callable[[Finding, str], NDArray[np.bool_] | None],
    weights: Callable[[str], NDArray[np.float64]],
) -> tuple[Panel, ...]:
    signed = [annotation for annotation in annotations if annotation.state == "signed"]
    held: dict[tuple[str, str], dict[tuple[str, str], NDArray[np.bool_]]] = defaultdict(dict)
    kinds: dict[str, set[str]] = defaultdict(set)
    for annotation in signed:
        for finding in annotation.findings:
            kinds[annotation.rater].add(finding.provenance)
            key, place = (finding.label, finding.provenance), (annotation.record_id, annotation.rater)
            marked = mask(finding, annotation.record_id)
            if marked is not None:
                held[key][place] = held[key].get(place, np.zeros_like(marked)) | marked
    silent = [annotation for annotation in signed if not annotation.findings]
    return tuple(_panel(key, where, held[key], silent, kinds, weights) for key in sorted(held))


def _panel(
    key: tuple[str, str],
    where: str,
    marks: dict[tuple[str, str], NDArray[np.bool_]],
    silent: Sequence[Annotation],
    kinds: Mapping[str, set[str]],
    weights: Callable[[str], NDArray[np.float64]],
) -> Panel:
    records = sorted({record for record, _ in marks})
    nothing = {(a.record_id, a.rater) for a in silent if a.record_id in records and key[1] in kinds[a.rater]}
    raters = sorted({rater for _, rater in marks} | {rater for _, rater in nothing})
    scales = tuple(weights(record) for record in records)
    ratings = []
    for record, scale in zip(records, scales, strict=True):
        rows = np.full((len(raters), len(scale)), MISSING)
        for i, rater in enumerate(raters):
            if (record, rater) in marks:
                rows[i] = marks[record, rater]
            elif (record, rater) in nothing:
                rows[i] = 0
        ratings.append(rows)
    return Panel(*key, where, tuple(raters), tuple(records), tuple(ratings), scales)
