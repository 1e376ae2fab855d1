"""Waves of WFDB annotation files from elsewhere, as findings."""

from collections.abc import Iterator
from pathlib import Path

from annotations.annotation import Annotation, Finding, Interval
from annotations.document import document_of
from annotations.given import Given
from annotations.wfdb_words import CLOSE, OPEN, Mark
from imn.errors import InputError
from imn.leads import LEADS

WAVES = {1: "QRS complex", 24: "P wave", 27: "T wave", 29: "U wave"}
"""Of the codes that delineators put between onset and end; others keep their number."""


def waves_of(path: Path, marks: list[Mark], stated: float | None, given: Given) -> Annotation:
    """Make a finding of each kind of wave.

    Parameters
    ----------
    path : Path
        Of the file; its name is the recording's, its suffix may be a lead.
    marks : list of Mark
    stated : float or None, Hz
        Sampling rate in the file.
    given : Given

    Returns
    -------
    Annotation

    Raises
    ------
    InputError
        As `annotations.wfdb_files.read_wfdb`.
    """
    if stated and given.fs and stated != given.fs:
        msg = f"{path}: the file states {stated:g} Hz, got --fs {given.fs:g}; leave it out"
        raise InputError(msg)
    needed = ("rater", "label", "provenance", "confidence", *(() if stated else ("fs",)))
    given.need(*needed, where=path)
    leads = given.leads or tuple(lead for lead in LEADS if path.suffix.lower() == f".{lead.lower()}")
    if not leads:
        given.need("leads", where=path)
    waves: dict[str, list[Interval]] = {}
    for wave, interval in _waves(path, marks, leads, stated or given.fs or 1.0):
        waves.setdefault(wave, []).append(interval)
    if not waves:
        msg = f'{path}: expected intervals as "(" and ")", found none; other marks are no intervals'
        raise InputError(msg)
    assert given.rater and given.label and given.provenance and given.confidence is not None
    findings = tuple(
        Finding(given.label, given.provenance, given.confidence, tuple(intervals), note=wave)
        for wave, intervals in waves.items()
    )
    annotation = Annotation(
        given.record_id or path.stem, given.rater, findings, state=given.state or "signed"
    )
    document_of([annotation], path)
    return annotation


def _waves(
    path: Path, marks: list[Mark], leads: tuple[str, ...], fs: float
) -> Iterator[tuple[str, Interval]]:
    """Pair onsets with ends on each channel, and name what stands between them."""
    begun: dict[int, tuple[int, str]] = {}
    for mark in marks:
        if mark.code == OPEN and mark.chan not in begun:
            begun[mark.chan] = (mark.sample, "")
        elif mark.code == CLOSE and mark.chan in begun:
            onset, wave = begun.pop(mark.chan)
            lead = _lead(path, mark.chan, leads)
            yield wave, Interval((lead,), onset / fs, mark.sample / fs, "recording")
        elif mark.code in (OPEN, CLOSE):
            msg = (
                f'{path}: expected "(" and ")" in pairs, found a second or a lone one at sample {mark.sample}'
            )
            raise InputError(msg)
        elif mark.chan in begun:
            onset, _ = begun[mark.chan]
            begun[mark.chan] = (onset, WAVES.get(mark.code, f"WFDB code {mark.code}"))
    for onset, _ in begun.values():
        msg = f'{path}: expected "(" and ")" in pairs, found no end to the one at sample {onset}'
        raise InputError(msg)


def _lead(path: Path, chan: int, leads: tuple[str, ...]) -> str:
    if len(leads) == 1:
        return leads[0]
    if chan >= len(leads):
        msg = f"{path}: a mark is on signal {chan}, got {len(leads)} leads; give all, in their order"
        raise InputError(msg)
    return leads[chan]
