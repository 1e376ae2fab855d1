"""Sets of simulated recordings in files: whole, reproducible, resumable, and read back as they were."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from annotations import read_annotations
from annotations.masks import vertex_mask
from cine_mapping.forward.families import FAMILIES
from cine_mapping.heart_surface import mask_at_surface
from cine_mapping.recordings import Sampling
from cine_mapping.simulated_set import BLOCK, SimulatedSet, load_ground, simulate_case
from imn import read_record
from imn.errors import InputError
from imn.labels import LABELS as KNOWN
from imn.leads import LEADS
from tests.test_cli import ecglocus
from viewer.simulate_command import make_block, make_set
from viewer.simulated_files import LABELS, NOT_NORMAL, NOTICE, truth_of

FAST = Sampling(2.0, 100.0)
PLAN = SimulatedSet(("normal", "ischaemia", "WPW"), each=3, patients=0, seed=7, sampling=FAST)


def contents(folder: Path) -> dict[str, bytes]:
    """Everything that must not differ between two runs."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "simulation.json"
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set made by one worker."""
    out = tmp_path_factory.mktemp("whole") / "set"
    assert make_set(PLAN, out) == PLAN.count
    return out


def test_a_file_gives_back_the_recording_bit_for_bit(whole: Path) -> None:
    for number in range(3):
        record = simulate_case(PLAN, number).recording.record
        read = read_record(whole / "000000" / record.id)
        np.testing.assert_array_equal(read.signal, record.signal)
        assert (read.fs, read.id) == (record.fs, record.id)
        assert read.metadata["comments"][0] == NOTICE


def test_wfdb_itself_reads_what_einthoven_asks(whole: Path) -> None:
    import wfdb

    read = wfdb.rdrecord(str(whole / "000000" / "sim7-000001"))
    x = dict(zip(read.sig_name, read.p_signal.T, strict=True))
    assert tuple(read.sig_name) == LEADS and set(read.units) == {"mV"}
    np.testing.assert_array_equal(x["II"] - x["I"], x["III"])
    np.testing.assert_array_equal(x["aVR"] + x["aVL"] + x["aVF"], 0)


def test_the_truth_in_the_file_is_the_conditions_mask_on_the_surface(whole: Path) -> None:
    ground = load_ground("reference")
    for number in range(3):
        case = simulate_case(PLAN, number)
        expected = mask_at_surface(case.recording.truth, ground.wall, ground.anatomy)
        (truth,) = read_annotations(whole / "000000" / f"{case.recording.record.id}.json")
        assert {finding.provenance for finding in truth.findings} == {"simulated"}
        assert tuple(finding.label for finding in truth.findings) == (LABELS[case.family] or NOT_NORMAL)
        for finding in truth.findings:
            np.testing.assert_array_equal(vertex_mask(finding, ground.anatomy), expected)
        assert expected.any() == (case.family != "normal")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_speaks_for_classes_of_the_network(family: str) -> None:
    assert set(LABELS[family]) <= set(KNOWN)
    plan = SimulatedSet((family,), patients=0, sampling=FAST)
    case = simulate_case(plan, 0)
    found = truth_of(case, load_ground("reference")).findings
    assert all((finding.vertices is not None) == (family != "normal") for finding in found)
    assert json.loads(case.row["drawn"])["kind"]


def test_the_table_has_a_line_for_each(whole: Path) -> None:
    with (whole / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["record"] for row in rows] == [f"sim7-{i:06d}" for i in range(9)]
    assert [row["condition"] for row in rows] == [*PLAN.conditions] * 3
    for number, row in enumerate(rows):
        expected = simulate_case(PLAN, number).row
        assert row == {key: "" if value is None else str(value) for key, value in expected.items()}
    assert {row["truth_region"] == "" for row in rows if row["condition"] == "normal"} == {True}


def test_what_it_was_made_with_is_stated(whole: Path) -> None:
    stated = json.loads((whole / "simulation.json").read_text())
    assert stated["simulated"] is True and stated["seed"] == 7
    assert stated["config"]["conditions"] == [*PLAN.conditions]
    assert {"anatomy_sha256", "myocardium_sha256"} == set(stated["inputs"])
    assert {"numpy", "scipy", "python"} <= set(stated["versions"])


def test_more_workers_write_the_same_bytes(tmp_path: Path) -> None:
    plan = SimulatedSet(("scar", "LVH"), patients=2, seed=3, sampling=FAST)
    for workers in (1, 2):
        make_set(plan, tmp_path / str(workers), workers=workers)
    one, two = (contents(tmp_path / str(workers)) for workers in (1, 2))
    assert one == two
    assert len([name for name in one if name.endswith(".dat")]) == 2


def test_what_is_missing_is_made_again_and_nothing_else(whole: Path, tmp_path: Path) -> None:
    import shutil

    out = tmp_path / "set"
    shutil.copytree(whole, out)
    expected = contents(out)
    shutil.rmtree(out / "000000")
    (out / "table.csv").unlink()
    stale = out / ".000000-abcdefgh" / "draft"
    stale.mkdir(parents=True)
    (stale / "sim7-000000.hea").write_text("half")
    assert make_set(PLAN, out) == 9
    assert contents(out) == expected
    assert not stale.parent.exists()
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert make_set(PLAN, out) == 0
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_a_killed_run_leaves_whole_blocks_and_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "killed"
    options = {"condition": "normal", "n": 30, "patients": 0, "seconds": 2, "fs": 100, "seed": 1, "out": out}
    given = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    command = [sys.executable, "-m", "viewer.cli", "simulate", *given]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as run:
        deadline = time.monotonic() + 120
        while not (out / "000000").is_dir() and time.monotonic() < deadline:
            time.sleep(0.02)
        run.send_signal(signal.SIGKILL)
    assert not (out / "table.csv").exists()
    assert [path.name for path in out.iterdir() if path.name.isdigit()] == ["000000"]
    assert len(list(out.glob("000000/*.dat"))) == len(list(out.glob("000000/*.json"))) == BLOCK
    plan = SimulatedSet(("normal",), each=30, patients=0, seed=1, sampling=FAST)
    time.sleep(0.5)  # until the orphaned worker has seen that its parent is gone
    assert make_set(plan, out) == 30 - BLOCK
    (tmp_path / "again").mkdir()
    for block in plan.blocks():
        make_block(plan, tmp_path / "again" / f"{block.start:06d}", block, False)
    found = contents(out)
    assert {name: held for name, held in found.items() if "/" in name} == contents(tmp_path / "again")
    assert len(found["table.csv"].splitlines()) == 31


def test_blocks_are_of_one_patient_and_cover_everything() -> None:
    plan = SimulatedSet(("normal", "RBBB"), each=100, patients=3)
    blocks = plan.blocks()
    assert [number for block in blocks for number in block] == list(range(200))
    assert all(len({plan.patient_of(i) for i in block}) == 1 and len(block) <= BLOCK for block in blocks)
    assert {plan.patient_of(i) for i in range(200)} == {0, 1, 2}
    assert {SimulatedSet(("normal",), patients=0).patient_of(0)} == {-1}
    assert SimulatedSet(("normal",), each=2, patients=10).patient_of(1) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--condition", "flu"), "condition: expected one of normal, ischaemia"),
        (("--condition", "scar", "scar"), "expected at least one condition, each once"),
        (("--condition", "scar", "--region", "left lung"), "region: expected some of LAD"),
        (("--condition", "LBBB", "--region", "LAD"), "LBBB has no region to choose"),
        (("--condition", "scar", "--n", "0"), "each: expected 1 or more, got 0"),
        (("--condition", "scar", "--patients", "-1"), "patients: expected 0 or more"),
        (("--condition", "scar", "--seed", "-5"), "seed: expected 0 or more"),
        (("--condition", "scar", "--workers", "0"), "workers: expected 1 or more"),
        (("--condition", "scar", "--heart-rate", "300"), "heart_rate: expected 30 to 180"),
        (("--condition", "scar", "--seconds", "1"), "seconds: expected 2 to 3600"),
        (("--condition", "scar", "--fs", "0"), "fs: expected a sampling rate"),
        (("--condition", "scar", "--anatomy", "nobody"), "nobody"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = ecglocus("simulate", *arguments, "--out", tmp_path / "set")
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and done.stdout == ""
    assert not list(tmp_path.iterdir())


def test_what_fails_in_a_worker_is_one_sentence_too(tmp_path: Path) -> None:
    plan = SimulatedSet(("WPW",), ("apex",), patients=0, sampling=FAST)
    with pytest.raises(InputError, match="WPW has no site in apex"):
        make_set(plan, tmp_path / "set")
    assert not list(tmp_path.iterdir())


def test_a_folder_of_something_else_is_left_alone(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="it holds other files"):
        make_set(PLAN, tmp_path)
    before = contents(whole)
    with pytest.raises(InputError, match="begun with another config and seed"):
        make_set(SimulatedSet(("normal",), seed=8), whole)
    assert contents(whole) == before and [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_simulated_recording_is_explained_and_scored(whole: Path, tmp_path: Path) -> None:
    name = whole / "000000" / "sim7-000001"
    marks = name.with_suffix(".json")
    given = ("--annotation", marks, "--target", "MI", "--no-render", "--json", "--out", tmp_path)
    done = ecglocus("explain", name, *given)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["scores"][0]["provenance"] == "simulated"
    assert 0 <= summary["dice"] <= 1
