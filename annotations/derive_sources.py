"""Recordings of PTB-XL and LUDB with what their annotations are derived from, one form for both."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from annotations.annotation import Annotation, Finding
from annotations.derive import derived_annotation, derived_labels
from annotations.ludb import STEPS_PER_MV, LudbEntry, WaveMark, is_ludb, read_marks, read_signal
from annotations.ludb import read_index as read_ludb
from annotations.marks import Interval
from annotations.statement_rules import STAGES
from cine_mapping.beat import Beat
from cine_mapping.beats import find_beat
from imn.conditioning import remove_baseline
from imn.errors import InputError
from imn.formats import read_record
from imn.ptbxl import read_index as read_ptbxl

PTBXL_RULES, LUDB_RULES = "rules on PTB-XL statements", "rules on LUDB statements"
LUDB_EXPERTS = "LUDB cardiologists"
STADIUM = "infarction_stadium1"


@dataclass(frozen=True)
class Source:
    """One recording and its statements.

    Parameters
    ----------
    record_id : str
    file : Path
    steps_per_mv : float or None
        As `imn.formats.read_record` takes it.
    statements : mapping of str to float or None
        Likelihood in percent, None where not known.
    rater : str
        Names the rules.
    stage : str or None
        Of an infarct.
    marks : LudbEntry or None
        Where experts marked waves.
    """

    record_id: str
    file: Path
    steps_per_mv: float | None
    statements: Mapping[str, float | None]
    rater: str
    stage: str | None = None
    marks: LudbEntry | None = None

    @property
    def raters(self) -> tuple[str, ...]:
        """Raters of the annotations it gives; none where nothing can be derived."""
        own = (self.rater,) if derived_labels(tuple(self.statements)) else ()
        return own + ((LUDB_EXPERTS,) if self.marks else ())


def sources(data_dir: Path | str) -> tuple[Source, ...]:
    """List the recordings of a data set, known by its files.

    Parameters
    ----------
    data_dir : path
        Root of PTB-XL or LUDB.

    Returns
    -------
    tuple of Source

    Raises
    ------
    InputError
        If it is neither, or its tables are damaged.
    """
    root = Path(data_dir)
    if is_ludb(root):
        return tuple(_of_ludb(entry) for entry in read_ludb(root))
    if not (root / "ptbxl_database.csv").is_file():
        msg = (
            f"{root}: expected ptbxl_database.csv or ludb.csv, found neither; give the root of PTB-XL or LUDB"
        )
        raise InputError(msg)
    stages = _stages(root)
    return tuple(
        Source(
            entry.file.name,
            entry.file,
            None,
            {name: value or None for name, value in entry.codes.items()},
            PTBXL_RULES,
            stages.get(entry.id),
        )
        for entry in read_ptbxl(root)
    )


def derive(source: Source, *, tool: str = "") -> Iterator[Annotation]:
    """Read a recording and give its annotations, derived first, then those of experts.

    Parameters
    ----------
    source : Source
    tool : str
        What the annotations say they were made with.

    Yields
    ------
    Annotation

    Raises
    ------
    InputError
        If the recording or its marks are missing or damaged.
    """
    if source.rater in source.raters:
        found = derived_annotation(
            source.record_id,
            source.statements,
            _beat(source),
            rater=source.rater,
            stage=source.stage,
            tool=tool,
        )
        if found:
            yield found
    if source.marks:
        yield expert_annotation(source.marks, tool=tool)


def expert_annotation(entry: LudbEntry, *, tool: str = "") -> Annotation:
    """Waves as LUDB's cardiologists marked them: one finding per kind of wave, another for its peaks.

    Intervals are on the recording, each on its own lead: from onset to end, where a wave without one
    of the two is left out and counted in the note, and the one sample of the peak of every wave.

    Parameters
    ----------
    entry : LudbEntry
    tool : str
        As in `derive`.

    Returns
    -------
    Annotation

    Raises
    ------
    InputError
        If the recording or its marks are missing or damaged.
    """
    fs = read_signal(entry).fs
    marks = [(lead, mark) for lead, own in read_marks(entry).items() for mark in own]
    findings = []
    for wave in dict.fromkeys(mark.wave for _, mark in marks):
        own = [(lead, mark) for lead, mark in marks if mark.wave == wave]
        findings += [_boundaries(wave, own, fs), _peaks(wave, own, fs)]
    return Annotation(entry.id, LUDB_EXPERTS, tuple(findings), tool=tool)


def _boundaries(wave: str, marks: list[tuple[str, WaveMark]], fs: float) -> Finding:
    whole = [
        Interval((lead,), mark.onset / fs, mark.end / fs, "recording")
        for lead, mark in marks
        if mark.onset is not None and mark.end is not None and mark.onset < mark.end
    ]
    left_out = len(marks) - len(whole)
    note = f"{left_out} without onset or end left out" if left_out else ""
    return Finding(wave, "expert", 1.0, intervals=tuple(whole), note=note)


def _peaks(wave: str, marks: list[tuple[str, WaveMark]], fs: float) -> Finding:
    samples = (Interval((lead,), mark.peak / fs, (mark.peak + 1) / fs, "recording") for lead, mark in marks)
    return Finding(f"{wave} peak", "expert", 1.0, intervals=tuple(samples))


def _of_ludb(entry: LudbEntry) -> Source:
    statements = dict.fromkeys(entry.statements)
    return Source(entry.id, entry.file.with_suffix(".hea"), STEPS_PER_MV, statements, LUDB_RULES, marks=entry)


def _beat(source: Source) -> Beat | None:
    record = read_record(source.file, adu_per_mv=source.steps_per_mv)
    try:
        return find_beat(remove_baseline(record.signal, record.fs), record.fs)
    except InputError:
        return None


def _stages(root: Path) -> dict[int, str]:
    """Stage of the infarct where it is known, by number of the recording."""
    with (root / "ptbxl_database.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["ecg_id"], row.get(STADIUM) or "") for row in csv.DictReader(file)]
    stages = {int(float(number)): text.removeprefix("Stadium ") for number, text in rows}
    return {number: stage for number, stage in stages.items() if stage in STAGES}
