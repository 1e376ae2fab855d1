"""Annotations in WFDB files: nothing lost, other tools see the marks, nothing guessed."""

from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wfdb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from annotations import Annotation, Finding, Given, Interval, read_wfdb, write_wfdb
from annotations.wfdb_words import read_marks
from imn.errors import InputError
from imn.leads import LEADS
from tests.annotation_values import several

WHOSE = Given(rater="B", label="MI", provenance="expert", confidence=0.5)
TWO = Interval(("V1", "aVF"), 0.1001, 0.2, "recording")
LATER = Interval(("V1",), 0.2, 0.3, "recording")
ON_BEAT = Interval(("II",), -0.1, 0.1, "beat")
READING = Annotation("rec-1", "Reader A", (Finding("MI", "expert", 1 / 3, (TWO, LATER, ON_BEAT), ("LAD",)),))


def rdann(path: Path, elements=("symbol",)) -> Any:
    return wfdb.rdann(str(path.with_suffix("")), path.suffix[1:], return_label_elements=list(elements))


@settings(max_examples=40, deadline=None)
@given(values=several, fs=st.sampled_from([100.0, 500, 360.25, 1 / 3, 257.0001]))
@example(values=(READING, READING, Annotation("## r", "心", ())), fs=500.0)
def test_what_is_written_reads_back_exactly(tmp_path_factory, values, fs):
    paths = write_wfdb(tmp_path_factory.mktemp("annotations"), values, fs=fs)
    assert tuple(annotation for path in paths for annotation in read_wfdb(path)) == values
    assert len({str(path).lower() for path in paths}) == len(values)


def test_other_tools_see_the_intervals_on_the_recording(tmp_path):
    (path,) = write_wfdb(tmp_path, [READING], fs=500)
    assert path.name == "rec-1.readera"
    seen = rdann(path)
    assert seen.fs == 500
    marks = [i for i, symbol in enumerate(seen.symbol) if symbol in "()"]
    found = [(seen.sample[i], seen.symbol[i], LEADS[seen.chan[i]]) for i in marks]
    v1, avf = (51, "(", "V1"), (51, "(", "aVF")
    assert found == [
        v1, avf, (100, ")", "V1"), (100, ")", "aVF"), (100, "(", "V1"), (150, ")", "V1"),
    ]  # fmt: skip
    assert ceil(0.1001 * 500) == 51
    assert seen.aux_note[marks[0]] == "MI"


def test_our_reading_of_the_format_is_that_of_wfdb(tmp_path):
    rng = np.random.default_rng(0)
    n = 300
    sample = np.cumsum(rng.choice([0, 1, 1023, 1024, 70_000, 2**31 + 5], n))
    symbol = rng.choice(["N", "(", ")", "p", "t", "+", "~"], n).tolist()
    chan = rng.integers(0, 12, n)
    notes = rng.choice(["", "x", "ab", "Ünsal", "c" * 255], n).tolist()
    extra: Any = {"subtype": rng.integers(-5, 5, n), "num": rng.integers(0, 5, n)}
    wfdb.wrann(
        "r", "atr", sample, symbol, chan=chan, aux_note=notes, fs=250, write_dir=str(tmp_path), **extra
    )
    fs, marks = read_marks((tmp_path / "r.atr").read_bytes(), "r")
    seen = rdann(tmp_path / "r.atr", ("label_store",))
    assert fs == seen.fs == 250
    assert [mark.sample for mark in marks] == seen.sample.tolist() == sample.tolist()
    assert [mark.code for mark in marks] == seen.label_store.tolist()
    assert [mark.chan for mark in marks] == seen.chan.tolist()
    assert [mark.note for mark in marks] == seen.aux_note


def foreign(folder, marks, *, name="rec", suffix="v", fs=None):
    """Write marks (sample, symbol, channel) as another tool would."""
    sample, symbol, chan = (list(column) for column in zip(*marks, strict=True))
    wfdb.wrann(name, suffix, np.array(sample), symbol, chan=np.array(chan), fs=fs, write_dir=str(folder))
    return folder / f"{name}.{suffix}"


WAVES = [
    (10, "(", 0),
    (14, "p", 0),
    (20, ")", 0),
    (30, "(", 0),
    (34, "N", 0),
    (40, ")", 0),
    (45, "(", 0),
    (50, ")", 0),
]


def test_a_file_from_elsewhere_gives_a_finding_for_each_wave(tmp_path):
    path = foreign(tmp_path, WAVES)
    (annotation,) = read_wfdb(path, replace(WHOSE, fs=100.0, leads=("V3",)))
    assert (annotation.record_id, annotation.rater, annotation.state) == ("rec", "B", "signed")
    assert [(finding.note, finding.intervals) for finding in annotation.findings] == [
        ("P wave", (Interval(("V3",), 0.1, 0.2, "recording"),)),
        ("QRS complex", (Interval(("V3",), 0.3, 0.4, "recording"),)),
        ("", (Interval(("V3",), 0.45, 0.5, "recording"),)),
    ]
    assert {finding.provenance for finding in annotation.findings} == {"expert"}


def test_the_lead_is_the_suffix_or_given_and_the_rate_stated_or_given(tmp_path):
    path = foreign(tmp_path, WAVES, suffix="avf", fs=500)
    (annotation,) = read_wfdb(path, WHOSE)
    assert annotation.findings[0].intervals == (Interval(("aVF",), 0.02, 0.04, "recording"),)
    path = foreign(tmp_path, [(1, "(", 1), (2, ")", 1)], fs=100)
    (annotation,) = read_wfdb(path, replace(WHOSE, leads=("I", "V6")))
    assert annotation.findings[0].intervals == (Interval(("V6",), 0.01, 0.02, "recording"),)


@pytest.mark.parametrize(
    ("marks", "options", "sentence"),
    [
        (WAVES, Given(), "does not say rater, label, provenance, confidence and fs; give --rater"),
        (WAVES, WHOSE, "does not say fs; give --fs"),
        (WAVES, replace(WHOSE, fs=100.0), "does not say leads; give --leads"),
        ([(1, "(", 3), (2, ")", 3)], replace(WHOSE, fs=1.0, leads=("I", "II")), "on signal 3, got 2 leads"),
        ([(1, "N", 0)], replace(WHOSE, fs=1.0, leads=("I",)), "expected intervals as .*found none"),
        ([(1, "(", 0), (2, "(", 0)], replace(WHOSE, fs=1.0, leads=("I",)), "in pairs, found a second"),
        ([(1, ")", 0)], replace(WHOSE, fs=1.0, leads=("I",)), "in pairs, found a second or a lone"),
        ([(1, "(", 0)], replace(WHOSE, fs=1.0, leads=("I",)), "found no end to the one at sample 1"),
        ([(1, "(", 0), (1, ")", 0)], replace(WHOSE, fs=1.0, leads=("I",)), "must end after it begins"),
        ([(1, "(", 0), (2, ")", 0)], replace(WHOSE, fs=1.0, leads=("X",)), "lead must be one of I, II"),
    ],
)
def test_what_a_file_from_elsewhere_does_not_say_is_not_guessed(tmp_path, marks, options, sentence):
    with pytest.raises(InputError, match=sentence):
        read_wfdb(foreign(tmp_path, marks), options)


def test_two_rates_are_refused(tmp_path):
    with pytest.raises(InputError, match="the file states 500 Hz, got --fs 250"):
        read_wfdb(foreign(tmp_path, WAVES, fs=500), replace(WHOSE, fs=250.0))
    with pytest.raises(InputError, match="the sampling rate must be above 0"):
        write_wfdb(tmp_path, [READING], fs=0)


def test_marks_that_another_program_changed_are_not_passed_off_as_ours(tmp_path):
    (path,) = write_wfdb(tmp_path, [READING], fs=500)
    seen = rdann(path)
    seen.sample[0] -= 1
    wfdb.wrann("rec-1", "readera", seen.sample, seen.symbol, chan=seen.chan, aux_note=seen.aux_note, fs=500,
               write_dir=str(tmp_path))  # fmt: skip
    with pytest.raises(InputError, match="another program has changed them; give --rater"):
        read_wfdb(path)
    (annotation,) = read_wfdb(path, replace(WHOSE, leads=LEADS))
    assert annotation.findings[0].intervals[0] == Interval(("V1",), 0.1, 0.2, "recording")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "breaks off"),
        (b"\0", "breaks off"),
        (b"\x05\x04", "breaks off"),
        (b"\x05\xfc\0\0", "describes a mark before there is one"),
        (b"\0\xec\xff\xff\xff\xff\0\x04\0\0", "marks a time before the recording begins"),
        (b"\0\0\x05\x04\0\0", "goes on after its end"),
        (b"\0\x58\x19\xfc## time resolution: 50\0\0", "breaks off"),
        (b"\0\x58\x16\xfc## time resolution: 00\0\0", "one sampling rate above 0 .*found \\[0.0\\]"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, content, sentence):
    path = tmp_path / "rec.v1"
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        read_wfdb(path, WHOSE)
