"""What a rater marked in the browser, as an annotation that the store keeps."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from annotations.annotation import Annotation, Finding, Interval, VertexWeights
from annotations.masks import anatomy_hash
from cine_mapping.anatomy import Anatomy
from imn.errors import InputError


def finding_of(event: Mapping[str, Any], anatomy: Anatomy) -> Finding:
    """Read one finding as the browser sends it.

    Parameters
    ----------
    event : mapping
        ``label``, ``confidence``, ``note``, ``vertices`` (numbers or None),
        ``regions``, ``intervals`` of ``leads``, ``onset_ms``, ``offset_ms``.
    anatomy : Anatomy
        On which the vertices were painted.

    Returns
    -------
    Finding
        Of provenance ``expert``.

    Raises
    ------
    InputError
        If a value is missing or does not fit.
    """
    try:
        intervals = tuple(
            Interval(
                tuple(interval["leads"]),
                float(interval["onset_ms"]) / 1000.0,
                float(interval["offset_ms"]) / 1000.0,
                interval.get("on") or "beat",
            )
            for interval in event.get("intervals") or ()
        )
        return Finding(
            label=event["label"],
            provenance="expert",
            confidence=float(event.get("confidence", 1.0)),
            intervals=intervals,
            regions=tuple(event.get("regions") or ()),
            vertices=_painted(event.get("vertices"), anatomy),
            leads=tuple(event.get("leads") or ()),
            note=event.get("note") or "",
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        msg = f"expected a finding with label, confidence and what is marked, could not read it ({error!r})"
        raise InputError(msg) from error


def annotation_of(
    event: Mapping[str, Any], anatomy: Anatomy, *, record_id: str, earlier: Sequence[Annotation] = ()
) -> Annotation:
    """Give the rater's reading of a recording with what was just marked.

    A finding of the same label takes the earlier one's place; the others stay.

    Parameters
    ----------
    event : mapping
        As `finding_of`, with ``rater`` and ``state``.
    anatomy : Anatomy
    record_id : str
    earlier : sequence of Annotation
        The rater's own last reading of this recording, if there is one.

    Returns
    -------
    Annotation

    Raises
    ------
    InputError
        As `finding_of`.
    """
    finding = finding_of(event, anatomy)
    rater = str(event.get("rater") or "").strip()
    if not rater:
        msg = "expected a rater, got none; enter a name or a pseudonym first"
        raise InputError(msg)
    others = [
        held
        for annotation in earlier
        if (annotation.record_id, annotation.rater) == (record_id, rater)
        for held in annotation.findings
        if held.label != finding.label
    ]
    return Annotation(
        record_id=record_id,
        rater=rater,
        findings=(*others, finding),
        marked_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        tool=f"ecglocus {metadata.version('ecglocus')}",
        state=event.get("state") or "signed",
    )


def _painted(vertices: Sequence[int] | None, anatomy: Anatomy) -> VertexWeights | None:
    if not vertices:
        return None
    index = tuple(sorted({int(vertex) for vertex in vertices}))
    count = len(anatomy.heart.points)
    if index[0] < 0 or index[-1] >= count:
        msg = f"expected vertices from 0 to {count - 1} of {anatomy.name}, got {index[0]} to {index[-1]}"
        raise InputError(msg)
    return VertexWeights(anatomy.name, anatomy_hash(anatomy), index, (1.0,) * len(index))
