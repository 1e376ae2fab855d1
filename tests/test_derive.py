"""Derived annotations: criteria on a known beat, both data sets made small, and the command."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from annotations import open_store
from annotations.annotation import Finding
from annotations.criterion_waves import criterion_intervals
from annotations.derive import NO_BEAT, UNKNOWN, derived_annotation, derived_labels
from annotations.derive_sources import LUDB_EXPERTS, LUDB_RULES, PTBXL_RULES, derive, sources
from annotations.ludb import read_index, read_marks
from annotations.masks import beat_mask
from annotations.statement_rules import WAVES, Criterion
from cine_mapping.beat import Beat, Fiducials
from cine_mapping.wave_share import t_onset
from imn.errors import InputError
from imn.leads import LEADS
from tests.synthetic import ecg
from tests.tiny_ptbxl import write_ptbxl

FS, R = 500.0, 150
MARKS = Fiducials(130, 180, 280, 330, 60, 100)
QR, RS, QS, FLAT = (LEADS.index(lead) for lead in ("II", "V1", "V2", "aVR"))


@pytest.fixture
def known() -> Beat:
    """II has a Q of 24 ms then R, V1 an R of 30 ms then S, V2 QS, aVR nothing, all others R only."""
    signal = np.zeros((12, 400), np.float32)
    signal[:, 130:180] = 0.8
    signal[QR, 130:142] = -0.3
    signal[RS, 145:180] = -1.0
    signal[QS, 130:180] = -1.2
    signal[FLAT] = 0
    return Beat(FS, signal, R, MARKS, np.array([500]), np.ones(1, bool), np.arange(400, dtype=np.int32))


def _samples(beat: Beat, lead: int, wave: str) -> list[int]:
    intervals = criterion_intervals(beat, [Criterion((LEADS[lead],), (wave,))])
    if not intervals:
        return []
    mask = beat_mask(Finding("MI", "derived", 1.0, intervals=intervals), beat)
    assert not np.delete(mask, lead, axis=0).any()
    return np.flatnonzero(mask[lead]).tolist()


@pytest.mark.parametrize(
    ("lead", "wave", "first", "stop"),
    [
        (QR, "Q", 130, 142),
        (QR, "R", 142, 180),
        (QR, "S", 0, 0),
        (RS, "Q", 130, 150),
        (RS, "R", 130, 145),
        (RS, "S", 145, 180),
        (QS, "Q", 130, 180),
        (QS, "R", 0, 0),
        (QS, "S", 130, 180),
        (FLAT, "Q", 130, 150),
        (FLAT, "R", 0, 0),
        (FLAT, "S", 0, 0),
        (QR, "P", 60, 100),
        (QR, "PR", 60, 130),
        (QR, "early QRS", 130, 150),
        (QR, "late QRS", 160, 180),
        (QR, "QRS", 130, 180),
        (QR, "ST", 180, t_onset(MARKS)),
        (QR, "T", t_onset(MARKS), 331),
    ],
)
def test_waves_lie_where_the_beat_has_them(known: Beat, lead: int, wave: str, first: int, stop: int) -> None:
    assert _samples(known, lead, wave) == list(range(first, stop))


def test_what_lies_between_beats_goes_round_the_end(known: Beat) -> None:
    assert _samples(known, QR, "TQ") == [*range(60), *range(331, 400)]


def test_every_wave_can_be_placed(known: Beat) -> None:
    for wave in WAVES:
        assert criterion_intervals(known, [Criterion(LEADS, (wave,))]), wave


def test_a_beat_without_p_has_no_p_to_mark(known: Beat) -> None:
    from dataclasses import replace

    without = replace(known, fiducials=replace(MARKS, p_onset=None, p_end=None))
    for wave in ("P", "PR"):
        assert criterion_intervals(without, [Criterion(LEADS, (wave,))]) == ()
    assert _samples(without, QR, "TQ") == [*range(130), *range(331, 400)]


def test_overlapping_criteria_mark_a_time_once(known: Beat) -> None:
    two = [Criterion(("II", "III"), ("QRS",)), Criterion(("II",), ("Q", "ST"))]
    intervals = criterion_intervals(known, two)
    mask = beat_mask(Finding("MI", "derived", 1.0, intervals=intervals), known)
    assert mask.sum() == sum(
        len(interval.leads) * round((interval.offset_s - interval.onset_s) * FS) for interval in intervals
    )
    assert criterion_intervals(known, reversed(two)) == intervals


def test_an_annotation_says_where_it_comes_from(known: Beat) -> None:
    statements = {"ASMI": 100.0, "IMI": None, "LVH": 50.0, "SR": None}
    found = derived_annotation("r", statements, known, rater="rules", stage="III")
    assert found is not None
    by_label = {finding.label: finding for finding in found.findings}
    assert list(by_label) == ["MI", "HYP", "AMI", "IMI", "LVH"]
    assert all(finding.provenance == "derived" for finding in found.findings)
    assert by_label["MI"].confidence == by_label["AMI"].confidence == 1.0
    assert by_label["IMI"].confidence == UNKNOWN
    assert "ASMI (likelihood 100 %), IMI (likelihood unknown)" in by_label["MI"].note
    assert "stage III" in by_label["MI"].note
    assert "stage" not in by_label["LVH"].note
    assert set(by_label["MI"].regions) == {*by_label["AMI"].regions, *by_label["IMI"].regions}
    assert by_label["LVH"].regions == ()
    assert by_label["LVH"].intervals


def test_no_rule_no_annotation_and_no_beat_no_times(known: Beat) -> None:
    assert derived_annotation("r", {"NORM": 100.0, "SR": None}, known, rater="rules") is None
    assert derived_labels(["NORM", "SR"]) == ()
    found = derived_annotation("r", {"IMI": 80.0}, None, rater="rules")
    assert found is not None
    for finding in found.findings:
        assert finding.intervals == ()
        assert finding.leads == ("II", "III", "aVF")
        assert NO_BEAT in finding.note
        assert finding.regions


def write_ludb(root: Path) -> Path:
    """Write two recordings of LUDB's form: fake gains, statements over several lines, marks by lead."""
    import wfdb

    (root / "data").mkdir(parents=True)
    times = np.arange(0.6, 9.6, 0.8)
    microvolts = np.round(1000 * ecg(FS, times, 10.0)).astype(np.int64).T
    symbols, samples = [], []
    for beat in np.round(FS * times[1:-1]).astype(int).tolist():
        for symbol, at in (("p", -80), ("N", 0), ("t", 140)):
            samples += [beat + at - 20, beat + at, beat + at + 20]
            symbols += ["(", symbol, ")"]
    for name in ("1", "2"):
        wfdb.wrsamp(
            name, fs=FS, units=["mV"] * 12, sig_name=[lead.lower() for lead in LEADS], d_signal=microvolts,
            fmt=["16"] * 12, adc_gain=[700.0] * 12, baseline=[0] * 12, write_dir=str(root / "data"),
        )  # fmt: skip
        for lead in LEADS:
            # the first P of lead V6 has lost its onset
            skip = 1 if lead == "V6" else 0
            # wfdb reads such extensions but does not write them
            wfdb.wrann(
                name,
                "qrs",
                np.array(samples[skip:]),
                symbol=symbols[skip:],
                fs=FS,
                write_dir=str(root / "data"),
            )
            (root / "data" / f"{name}.qrs").rename(root / "data" / f"{name}.{lead.lower()}")
    (root / "ludb.csv").write_text(
        "ID,Sex,Age,Rhythms,Electric axis of the heart,Conduction abnormalities,Extrasystolies,Hypertrophies,"
        "Cardiac pacing,Ischemia,Non-specific repolarization abnormalities,Other states\n"
        '1,"F\n","51\n",Sinus rhythm,,Incomplete right bundle branch block,,,,'
        '"Stemi: inferior wall\nScar formation: apical",,\n'
        '2,"M\n",>89,Sinus rhythm,,,,,"Unipolar ventricular pacing",,,\n'
        "5,F,60,Sinus rhythm,,,,,,,,\n"
    )
    return root


@pytest.fixture(scope="module")
def ludb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ludb(tmp_path_factory.mktemp("ludb") / "ludb")


@pytest.fixture(scope="module")
def ptbxl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ptbxl(tmp_path_factory.mktemp("data") / "ptbxl", (1, 2, 3, 4, 5))


def test_ludb_is_read_with_its_statements_and_marks(ludb: Path) -> None:
    first, second = read_index(ludb)
    assert first.statements == ("IRBBB", "STEMI inferior", "scar apical")
    assert (first.paced, second.paced) == (False, True)
    marks = read_marks(first)
    assert {len(own) for own in marks.values()} == {30}
    assert marks["II"][0].onset == marks["II"][0].peak - 20
    assert marks["V6"][0].onset is None
    derived, expert = derive(sources(ludb)[0])
    assert (derived.rater, expert.rater) == (LUDB_RULES, LUDB_EXPERTS)
    assert {finding.provenance for finding in derived.findings} == {"derived"}
    assert {finding.provenance for finding in expert.findings} == {"expert"}
    assert {finding.label: len(finding.intervals) for finding in expert.findings} == {
        "P": 119,
        "P peak": 120,
        "QRS": 120,
        "QRS peak": 120,
        "T": 120,
        "T peak": 120,
    }
    peaks = next(finding.intervals for finding in expert.findings if finding.label == "T peak")
    assert [round(peak.onset_s * FS) for peak in peaks if peak.leads == ("II",)] == [
        mark.peak for mark in marks["II"] if mark.wave == "T"
    ]
    assert "1 without onset or end left out" in expert.findings[0].note
    (only,) = derive(sources(ludb)[1])
    assert only.rater == LUDB_EXPERTS


def test_ptbxl_gives_what_its_statements_say(ptbxl: Path) -> None:
    by_id = {source.record_id: source for source in sources(ptbxl)}
    assert by_id["00000_lr"].raters == ()
    (found,) = derive(by_id["00001_lr"])
    assert found.rater == PTBXL_RULES
    assert [finding.label for finding in found.findings] == ["MI", "AMI"]
    assert "mid anteroseptal" in found.findings[0].regions
    assert found.findings[0].confidence == 1.0
    assert {lead for interval in found.findings[0].intervals for lead in interval.leads} == {"V1", "V2", "V3"}


@pytest.mark.parametrize("which", ["ludb", "ptbxl"])
def test_the_command_adds_once_and_goes_on(
    which: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from viewer.derive_command import Derive

    command = Derive(request.getfixturevalue(which), tmp_path / "store.sqlite")
    expected = sum(len(source.raters) for source in sources(command.data))
    assert command.run() == 0
    assert f"{expected} annotations" in capsys.readouterr().out
    with open_store(command.out, access="read") as store:
        assert len(store.latest()) == expected
        first = store.latest()
    with closing(sqlite3.connect(command.out)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert command.run() == 0
    assert "0 annotations" in capsys.readouterr().out
    with open_store(command.out, access="read") as store:
        assert store.latest() == first
        assert len(store.history()) == expected


def test_a_damaged_recording_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from viewer.derive_command import Derive

    root = write_ptbxl(tmp_path / "ptbxl", (1, 2, 3, 4, 5))
    (root / "records100" / "00001_lr.dat").write_bytes(b"")
    assert Derive(root, tmp_path / "store.sqlite").run() == 2
    said = capsys.readouterr()
    assert "00001_lr" in said.err
    assert said.err.count("ecglocus:") == 1
    with open_store(tmp_path / "store.sqlite", access="read") as store:
        assert "00001_lr" not in store.records()
        assert {"00002_lr", "00003_lr", "00004_lr"} <= set(store.records())


def test_other_folders_are_refused(tmp_path: Path, ludb: Path) -> None:
    with pytest.raises(InputError, match="expected ptbxl_database.csv or ludb.csv, found neither"):
        sources(tmp_path)
    (tmp_path / "ludb.csv").write_text("ID,Sex\n1,F\n")
    with pytest.raises(InputError, match="expected column Rhythms"):
        sources(tmp_path)
    (tmp_path / "ludb.csv").write_text((ludb / "ludb.csv").read_text())
    with pytest.raises(InputError, match="expected recordings of LUDB, found none"):
        sources(tmp_path)


@pytest.mark.data
def test_real_statements_are_placed(data_dir: Path) -> None:
    found = [source for source in sources(data_dir / "ptbxl") if source.raters]
    assert len(found) > 800
    for source in found[::90]:
        (annotation,) = derive(source)
        for finding in annotation.findings:
            assert finding.provenance == "derived"
            assert finding.intervals or finding.leads or finding.regions
    marked = sources(data_dir / "ludb")[::40]
    for source in marked:
        *_, expert = derive(source)
        assert expert.rater == LUDB_EXPERTS
        assert {finding.label for finding in expert.findings} >= {"QRS", "T"}
