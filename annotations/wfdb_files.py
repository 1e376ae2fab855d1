"""Annotations from and to WFDB annotation files.

A file of ours holds one annotation.  Intervals on the recording are there for
every tool, as pairs of "(" and ")" on the channel of the lead, with the label
as note; notes at the end hold the annotation itself, so that nothing is lost
to the sampling, or because it has no time in the recording.
"""

import json
import re
from collections.abc import Iterable, Iterator
from math import ceil
from pathlib import Path

import numpy as np

from annotations.annotation import Annotation, Finding, Interval
from annotations.document import annotations_of, document_of, parse
from annotations.given import NO_OPTIONS, Given
from annotations.io import read_bytes
from annotations.wfdb_waves import waves_of
from annotations.wfdb_words import CLOSE, NOTE, OPEN, Mark, read_marks
from imn.errors import InputError
from imn.files import replacing
from imn.leads import LEADS

OURS = "ecglocus:"
"""What the notes that hold the annotation begin with."""
CHUNK = 240
"""Characters of a note; the format has room for 255."""
SYMBOLS = {OPEN: "(", CLOSE: ")", NOTE: '"'}


def write_wfdb(folder: str | Path, annotations: Iterable[Annotation], *, fs: float) -> tuple[Path, ...]:
    """Write each annotation to a file named after its recording, with the rater's letters as suffix.

    Parameters
    ----------
    folder : str or Path
    annotations : iterable of Annotation
    fs : float, Hz
        Sampling rate of the recordings, whose samples the marks count.

    Returns
    -------
    tuple of Path
        The files, in the order of the annotations.

    Raises
    ------
    InputError
        If a value is beyond the schema's limits, or a file cannot be written.
    """
    if not 0 < fs <= 1e6:
        msg = f"the sampling rate must be above 0 and at most 1000000 Hz, got {fs:g}"
        raise InputError(msg)
    planned: dict[tuple[str, str], Annotation] = {}
    for annotation in annotations:
        document_of([annotation], folder)
        planned[_free_name(annotation, planned)] = annotation
    for (record, suffix), annotation in planned.items():
        path = Path(folder) / f"{record}.{suffix}"
        try:
            with replacing(path) as draft:
                _write(draft, annotation, fs)
        except OSError as error:
            msg = f"{path}: annotations cannot be written: {error.strerror}"
            raise InputError(msg) from error
    return tuple(Path(folder) / ".".join(name) for name in planned)


def read_wfdb(path: str | Path, given: Given = NO_OPTIONS) -> tuple[Annotation, ...]:
    """Read an annotation file: one of `write_wfdb`, or another with "(" and ")".

    Of another file each wave (what stands between "(" and ")") becomes a finding
    with its intervals; marks outside them are left out.  Its name is the
    recording's unless another is given.  The lead is that of the suffix
    (``.v1``), or given.

    Parameters
    ----------
    path : str or Path
    given : Given
        Not needed for a file of ours: rater, label, provenance and confidence; the
        sampling rate if the file does not state it; the lead of all marks, or all
        leads in the order of the recording's signals.

    Returns
    -------
    tuple of Annotation
        One where the file is another's.

    Raises
    ------
    InputError
        If the file cannot be read, something is missing that would have to be
        guessed, or another program has changed the marks of a file of ours.
    """
    path = Path(path)
    fs, marks = read_marks(read_bytes(path), path)
    held = "".join(mark.note.removeprefix(OURS) for mark in marks if _is_ours(mark))
    if not held or given.speaks:
        return (waves_of(path, [mark for mark in marks if not _is_ours(mark)], fs, given),)
    annotations = annotations_of(parse(held, path), path)
    if fs is None or [m for a in annotations for m in _marks(a, fs)] != [m for m in marks if not _is_ours(m)]:
        msg = (
            f"{path}: the marks differ from the annotation in the notes, another program has changed them; "
            "give --rater, --label, --provenance and --confidence to read the marks alone"
        )
        raise InputError(msg)
    return annotations


def _is_ours(mark: Mark) -> bool:
    return mark.code == NOTE and mark.note.startswith(OURS)


def _marks(annotation: Annotation, fs: float) -> list[Mark]:
    """Give the intervals on the recording as the file has them, an end before an onset at the same time."""
    found = [
        mark
        for finding in annotation.findings
        for interval in finding.intervals
        if interval.on == "recording"
        for lead in interval.leads
        for mark in _pair(finding, interval, LEADS.index(lead), fs)
    ]
    return sorted(found, key=lambda mark: (mark.sample, -mark.code))


def _pair(finding: Finding, interval: Interval, chan: int, fs: float) -> Iterator[Mark]:
    # as `annotations.masks` has it: the sample at or after a time, and one at least
    first, stop = (ceil(time * fs - 1e-6) for time in (interval.onset_s, interval.offset_s))
    yield Mark(max(first, 0), OPEN, chan, finding.label.encode("ascii", "backslashreplace").decode()[:60])
    yield Mark(max(stop, first + 1), CLOSE, chan)


def _write(draft: Path, annotation: Annotation, fs: float) -> None:
    import wfdb

    marks = _marks(annotation, fs)
    text = json.dumps(document_of([annotation], draft), allow_nan=False)
    # wfdb takes notes on the first sample for definitions of its own, and drops them
    last = max(1, *(mark.sample for mark in marks)) if marks else 1
    notes = [Mark(last, NOTE, 0, OURS + text[i : i + CHUNK]) for i in range(0, len(text), CHUNK)]
    marks += notes
    wfdb.wrann(
        draft.stem,
        draft.suffix[1:],
        np.array([mark.sample for mark in marks]),
        symbol=[SYMBOLS[mark.code] for mark in marks],
        chan=np.array([mark.chan for mark in marks]),
        aux_note=[mark.note for mark in marks],
        fs=fs,
        write_dir=str(draft.parent),
    )


def _name(annotation: Annotation) -> tuple[str, str]:
    """Give name and suffix of what wfdb allows: letters, digits, - and _; letters."""
    record = re.sub(r"[^-a-zA-Z0-9_]", "_", annotation.record_id)
    suffix = re.sub(r"[^a-z]", "", annotation.rater.lower())
    return record[:100], suffix[:20] or "rater"


def _free_name(annotation: Annotation, taken: Iterable[tuple[str, str]]) -> tuple[str, str]:
    record, suffix = _name(annotation)
    number = 1
    while (name := (record if number == 1 else f"{record}-{number}", suffix)) in taken:
        number += 1
    return name
