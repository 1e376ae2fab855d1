"""Files of annotations by their endings, and several of them as one import."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from annotations.annotation import Annotation, Finding
from annotations.csv_files import read_csv
from annotations.given import Given
from annotations.io import read_annotations
from annotations.wfdb_files import read_wfdb
from imn.errors import InputError


def read_file(path: Path, given: Given) -> tuple[Annotation, ...]:
    """Read JSON (``.json``), CSV (``.csv``) or, with any other ending, a WFDB annotation file.

    Raises
    ------
    InputError
        As the format's own reader, or if options are given that JSON has no need of.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return read_csv(path, given)
    if suffix != ".json":
        return read_wfdb(path, given)
    if given.speaks:
        msg = f"{path}: the file says itself whose the marks are; leave --rater, --label and the like out"
        raise InputError(msg)
    return read_annotations(path)


def joined(annotations: Iterable[Annotation]) -> tuple[Annotation, ...]:
    """Make one annotation of what several files hold of one reading, such as a file for each lead.

    Findings that differ in nothing but their intervals become one.
    """
    readings: dict[Annotation, dict[Finding, Finding]] = {}
    for annotation in annotations:
        held = readings.setdefault(replace(annotation, findings=()), {})
        for finding in annotation.findings:
            bare = replace(finding, intervals=())
            before = held[bare].intervals if bare in held else ()
            held[bare] = replace(bare, intervals=before + finding.intervals)
    return tuple(replace(reading, findings=tuple(held.values())) for reading, held in readings.items())


def check_single(annotations: Iterable[Annotation]) -> None:
    """Refuse two annotations of one recording by one rater: the second would supersede the first.

    Raises
    ------
    InputError
        Naming the first such pair.
    """
    counts = Counter((annotation.record_id, annotation.rater) for annotation in annotations)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        msg = (
            f"expected one annotation of {twice[0]} by {twice[1]}, found {counts[twice]}, of which the last "
            "would supersede the others; put their findings into one, or give --history if it is meant"
        )
        raise InputError(msg)
