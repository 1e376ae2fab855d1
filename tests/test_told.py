"""What is told of recordings reaches every command that reads some: rate, unit, leads, converter steps."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from imn.errors import InputError
from imn.formats import read_record
from imn.leads import INDEPENDENT, LEADS
from tests.synthetic import ecg, write_wfdb
from viewer import shared
from viewer.app_options import AppOptions
from viewer.app_state import Session, take_upload
from viewer.batch import make_batch
from viewer.batch_folder import PLAN
from viewer.batch_more import More
from viewer.cli import main
from viewer.cli_batch import Batch
from viewer.cli_told import ToldOptions
from viewer.cli_view import ViewOptions
from viewer.shared import served_reading
from viewer.sources import open_files
from viewer.view_command import app_options

STEPS = ToldOptions(adu_per_mv=1000.0)
ALL = ToldOptions(fs=250.0, unit="mV", leads=LEADS)


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    return np.round(ecg(100.0, np.arange(0.6, 9.8, 0.8), 10.0, noise_mv=0.01), 3)


@pytest.fixture(scope="module")
def made_up(signal, tmp_path_factory) -> Path:
    """A header as LUDB's: gains that make every lead 1 mV high, where a step is a microvolt."""
    header = write_wfdb(tmp_path_factory.mktemp("made up"), signal)
    gains = iter(np.ptp(np.round(signal * 1000), axis=1))
    first, *lines = header.read_text().splitlines()
    header.write_text("\n".join([first, *(line.replace("1000.0(0)", f"{next(gains)}(0)") for line in lines)]))
    return header


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("bare") / "bare.npy"
    np.save(path, ecg(250.0, np.arange(0.5, 4, 0.8), 4.0).astype(np.float32))
    return path


def explained(capsys, *words: object) -> dict:
    with pytest.raises(SystemExit) as left:
        main(["explain", *map(str, words), "--no-render", "--json"])
    return {"code": left.value.code, **json.loads(capsys.readouterr().out)}


def test_explain_is_told_the_steps(made_up, tmp_path, capsys, signal):
    refused = explained(capsys, made_up, "--out", tmp_path / "no")
    assert refused["code"] == 2
    assert "gains look made up" in refused["error"] and "--adu-per-mv" in refused["error"]
    summary = explained(capsys, made_up, "--out", tmp_path / "yes", "--adu-per-mv", 1000)
    assert summary["code"] == 0
    assert summary["config"]["adu_per_mv"] == 1000.0
    record = read_record(made_up, adu_per_mv=1000.0)
    np.testing.assert_allclose(record.signal, signal, atol=1e-6)
    assert summary["inputs"]["signal_sha256"] == sha256(record.signal.tobytes()).hexdigest()


@pytest.mark.usefixtures("one_version")
def test_batch_is_told_them_and_keeps_them_with_what_it_made(made_up, tmp_path):
    make_batch(Batch((made_up,), tmp_path / "no"))
    assert "adu_per_mv" not in json.loads((tmp_path / "no" / PLAN).read_text())["config"]
    assert "adu_per_mv" not in More().asked
    made = make_batch(Batch((made_up,), tmp_path / "yes", told=STEPS))
    assert (made["explained"], made["failed"]) == (1, 0)
    assert json.loads((tmp_path / "yes" / PLAN).read_text())["config"]["adu_per_mv"] == 1000.0
    assert make_batch(Batch((made_up,), tmp_path / "yes", told=STEPS))["new"] == 0
    with pytest.raises(InputError, match="another set of options"):
        make_batch(Batch((made_up,), tmp_path / "yes", told=ToldOptions(adu_per_mv=500.0)))


@pytest.mark.parametrize("told", [STEPS, ALL], ids=["steps", "all"])
def test_the_viewer_is_told_through_its_environment(told, made_up, bare, monkeypatch):
    path = made_up if told is STEPS else bare
    asked = app_options(ViewOptions((path,), told=told))
    assert asked.told == told
    for name, value in AppOptions((str(path),)).environment().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError):
        served_reading(str(path), "", "reference")
    for name, value in asked.environment().items():
        monkeypatch.setenv(name, value)
    record = served_reading(str(path), "", "reference").record
    np.testing.assert_array_equal(record.signal, read_record(path, **told.arguments).signal)


def test_files_that_are_sent_are_told_too(made_up, bare):
    files = [(path.name, path.read_bytes()) for path in (made_up, made_up.with_suffix(".dat"))]
    with pytest.raises(InputError, match="made up"):
        open_files(files)
    whole = read_record(made_up, adu_per_mv=1000.0).signal
    np.testing.assert_array_equal(open_files(files, STEPS).record.signal, whole)
    assert open_files([(bare.name, bare.read_bytes())], ALL).record.fs == 250.0


def test_a_visitor_is_asked_what_the_files_sent_do_not_say(bare):
    def ask():
        import streamlit as st

        from viewer.app_told import told_of_files

        st.session_state["asked"] = told_of_files()

    page = AppTest.from_function(ask).run()
    assert page.session_state["asked"] == ToldOptions()
    page.number_input(key="told fs").set_value(250.0)
    page.selectbox(key="told unit").set_value("mV")
    page.text_area(key="told leads").set_value(", ".join(LEADS))
    page.number_input(key="told steps").set_value(1000.0).run()
    assert page.session_state["asked"] == replace(ALL, adu_per_mv=1000.0)
    session = Session(AppOptions())
    take_upload(session, [(bare.name, bare.read_bytes())], ALL)
    assert session.uploads[session.source].record.fs == 250.0


def test_the_page_says_what_to_keep_in_mind(tmp_path, signal, monkeypatch):
    kept = [LEADS.index(lead) for lead in INDEPENDENT]
    path = write_wfdb(tmp_path, signal[kept], names=INDEPENDENT)
    for name, value in AppOptions((str(path),), store=str(tmp_path / "s.sqlite")).environment().items():
        monkeypatch.setenv(name, value)
    page = AppTest.from_file(str(Path(shared.__file__).with_name("app.py")), default_timeout=120).run()
    assert not page.exception
    (said,) = [one.value for one in page.sidebar.caption if "keep in mind" in one.value]
    assert "the file does not hold III, aVR, aVL, aVF" in said


def test_scores_of_recordings_are_told_too(made_up, tmp_path, capsys):
    from annotations.io import write_annotations
    from annotations.truths import truth_annotation
    from cine_mapping.anatomy_io import load_anatomy
    from cine_mapping.segments import region_mask

    anatomy = load_anatomy("reference")
    truth = truth_annotation("rec", "MI", region_mask(anatomy, "RCA"), anatomy, note="made")
    write_annotations(tmp_path / "truth.json", [truth])
    words = ["score", str(made_up), "--annotations", str(tmp_path / "truth.json"), "--draws", "0", "--json"]
    with pytest.raises(SystemExit) as left:
        main([*words, "--out", str(tmp_path / "no")])
    assert left.value.code == 2 and "made up" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        main([*words, "--out", str(tmp_path / "yes"), "--adu-per-mv", "1000"])
    assert left.value.code == 0
    assert json.loads(capsys.readouterr().out)["command"].endswith("--draws 0 --adu-per-mv 1000")


def test_what_is_told_is_typed_as_it_was():
    assert ToldOptions().words == ""
    assert ToldOptions(fs=250.0, unit="mV", leads=("I", "II")).words == " --fs 250 --unit mV --leads I II"


@pytest.mark.data
def test_ludb_as_it_is_distributed_is_read_by_its_steps(data_dir, tmp_path, capsys, monkeypatch):
    headers = [data_dir / "ludb" / "data" / f"{number}.hea" for number in (1, 8)]
    refused = explained(capsys, headers[0], "--out", tmp_path / "no")
    assert "--adu-per-mv; 1000 for LUDB" in refused["error"]
    summary = explained(capsys, headers[0], "--out", tmp_path / "yes", "--adu-per-mv", 1000)
    assert (summary["code"], summary["fs"], summary["record"]) == (0, 500.0, "1")
    made = make_batch(Batch(tuple(headers), tmp_path / "batch", told=STEPS))
    assert (made["explained"], made["failed"]) == (2, 0)
    for name, value in AppOptions((str(headers[0]),), told=STEPS).environment().items():
        monkeypatch.setenv(name, value)
    assert 0.5 < np.ptp(served_reading(str(headers[0]), "", "reference").record.signal) < 10
