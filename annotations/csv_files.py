"""Annotations from and to CSV: one row for each mark, nothing lost."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from annotations.annotation import Annotation, Finding, VertexWeights
from annotations.csv_rows import COLUMNS, Row, number, read_rows, worded
from annotations.document import document_of
from annotations.given import NO_OPTIONS, Given
from annotations.io import read_bytes, write_bytes
from imn.errors import InputError


def write_csv(path: str | Path, annotations: Iterable[Annotation]) -> None:
    """Write annotations as a table; `read_csv` gives them back exactly.

    A row holds one mark: an interval, the leads without times, a region, or a
    painted vertex.  A finding without marks, and an annotation without
    findings, have a row with those cells empty.

    Parameters
    ----------
    path : str or Path
    annotations : iterable of Annotation

    Raises
    ------
    InputError
        If a value is beyond the schema's limits, or the file cannot be written.
    """
    annotations = tuple(annotations)
    document_of(annotations, path)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for i, annotation in enumerate(annotations, 1):
        writer.writerows(_rows(annotation, i))
    write_bytes(path, text.getvalue().encode())


def read_csv(path: str | Path, given: Given = NO_OPTIONS) -> tuple[Annotation, ...]:
    """Read a table of marks: one of `write_csv`, or another with some of its columns.

    Rows belong to one annotation that agree in number, recording, rater, time,
    tool and state, and to one finding of it that agree in number, label,
    provenance, confidence and note.

    Parameters
    ----------
    path : str or Path
    given : Given
        What has no column.  Times are in columns ``onset_s`` and ``offset_s``, or
        in ``onset`` and ``offset`` in the unit that is given.

    Returns
    -------
    tuple of Annotation
        In the order of their first rows.

    Raises
    ------
    InputError
        If the file cannot be read, or a line or column does not fit.
    """
    rows = read_rows(read_bytes(Path(path)), path, given)
    grouped: dict[tuple[str, ...], dict[tuple[str, ...], list[Row]]] = {}
    for row in rows:
        grouped.setdefault(row.annotation, {}).setdefault(row.finding, []).append(row)
    annotations = tuple(_annotation(findings, path) for findings in grouped.values())
    document_of(annotations, path)
    return annotations


def _rows(annotation: Annotation, i: int) -> Iterator[dict[str, Any]]:
    head: dict[str, Any] = {
        "record_id": annotation.record_id,
        "rater": annotation.rater,
        "marked_at": annotation.marked_at,
        "tool": annotation.tool,
        "state": annotation.state,
        "annotation": i,
    }
    if not annotation.findings:
        yield head
    for k, finding in enumerate(annotation.findings, 1):
        own = {name: getattr(finding, name) for name in ("label", "provenance", "confidence", "note")}
        marks = list(_marks(finding)) or [{}]
        yield from (head | {"finding": k} | own | mark for mark in marks)


def _marks(finding: Finding) -> Iterator[dict[str, Any]]:
    for interval in finding.intervals:
        yield asdict(interval) | {"leads": " ".join(interval.leads)}
    if finding.leads:
        yield {"leads": " ".join(finding.leads)}
    yield from ({"region": region} for region in finding.regions)
    painted = finding.vertices
    if painted is None:
        return
    heart = {"anatomy": painted.anatomy, "sha256": painted.sha256}
    if not painted.index:
        yield heart
    for index, weight in zip(painted.index, painted.weight, strict=True):
        yield heart | {"vertex": index, "weight": weight}


def _annotation(findings: dict[tuple[str, ...], list[Row]], path: str | Path) -> Annotation:
    first = next(iter(findings.values()))[0]
    # A row without label and mark stands for an annotation without findings.
    empty = [rows[0] for rows in findings.values() if not any((*rows[0].finding, rows[0].marked))]
    if empty and len(findings) > 1:
        msg = f"{path}: line {empty[0].line}: expected a finding, found none beside others of the annotation"
        raise InputError(msg)
    built = () if empty else tuple(_finding(rows, path) for rows in findings.values())
    _, record_id, rater, marked_at, tool, state = first.annotation
    fields: Any = (record_id, rater, built, marked_at or None, tool, state)
    return worded(first.line, path, lambda: Annotation(*fields))


def _finding(rows: list[Row], path: str | Path) -> Finding:
    line, hearts = rows[0].line, dict.fromkeys(row.heart for row in rows if row.heart)
    if len(hearts) > 1:
        msg = f"{path}: line {line}: expected a finding painted on one heart, found {len(hearts)}"
        raise InputError(msg)
    cells = [row.painted for row in rows if row.painted]
    painted = tuple(i for i, _ in cells), tuple(w for _, w in cells)
    _, label, provenance, confidence, note = rows[0].finding

    def build() -> Finding:
        return Finding(
            label,
            cast(Any, provenance),
            number("confidence", confidence),
            intervals=tuple(row.interval for row in rows if row.interval),
            regions=tuple(row.region for row in rows if row.region),
            vertices=VertexWeights(*next(iter(hearts)), *painted) if hearts else None,
            leads=tuple(lead for row in rows for lead in row.leads),
            note=note,
        )

    return worded(line, path, build)
