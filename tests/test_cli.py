"""The command line as a user meets it: exit codes, sentences, files, JSON."""

import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from annotations import Annotation, Finding, Interval, write_annotations
from imn.labels import SUPERCLASSES, WORDS
from imn.leads import LEADS, expand
from tests.synthetic import ecg, write_wfdb
from tests.test_bad_input import CASES
from viewer.cli import main
from viewer.explain_command import LIKELY

KEYS = {
    "record", "fs", "model", "predictions", "target", "completeness_error", "conservation_error", "regions",
    "territories", "modalities", "quality", "dice", "baselines", "files", "seconds",
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    returncode: int
    stdout: str
    stderr: str


def ecglocus(*arguments: object) -> Outcome:
    """Run a command in this process: importing torch anew for each would take the longest."""
    with (
        redirect_stdout(StringIO()) as out,
        redirect_stderr(StringIO()) as err,
        pytest.raises(SystemExit) as end,
    ):
        main([str(argument) for argument in arguments])
    assert isinstance(end.value.code, int)
    return Outcome(end.value.code, out.getvalue(), err.getvalue())


def test_the_installed_command_says_one_sentence_and_exits_with_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "viewer.cli", "explain", tmp_path / "nothing", "--no-render"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_output_that_nobody_reads_any_more_is_no_error() -> None:
    asked = [sys.executable, "-m", "viewer.cli", "annotations", "import", "--help"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    return ecg(100.0, np.arange(0.6, 9.8, 0.8), 10.0, noise_mv=0.005)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, signal: np.ndarray) -> Path:
    return write_wfdb(tmp_path_factory.mktemp("good"), signal)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['ecglocus', '--help']\n"
        "from viewer.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'pyvista', 'vtk', 'streamlit', 'scipy', 'matplotlib', 'wfdb', 'pandas'}\n"
        "sys.exit(f'imported {heavy & set(sys.modules)}' if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for command in ("demo", "explain", "train", "evaluate", "bench"):
        assert command in done.stdout


def test_explain_prints_one_json_object_and_writes_a_run_directory(recording: Path, tmp_path: Path) -> None:
    done = ecglocus("explain", recording, "--no-render", "--out", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    summary = json.loads(line)
    assert set(summary) >= KEYS
    assert summary["completeness_error"] < 1e-4
    assert summary["conservation_error"] < 1e-4
    assert sum(summary["territories"].values()) == pytest.approx(1)
    assert sum(region["share"] for region in summary["regions"]) == pytest.approx(1)
    assert set(summary["modalities"]) == {"leads", "vcg", "path", "simulations"}
    for prediction in summary["predictions"]:
        assert prediction["logit"] == pytest.approx(prediction["bias"] + prediction["evidence"], abs=1e-4)
    for file in summary["files"].values():
        assert Path(file).stat().st_size > 0
    assert json.loads((tmp_path / "rec" / "summary.json").read_text()) == summary
    assert {path.name for path in tmp_path.iterdir()} == {"rec"}


def test_superclasses_and_findings_are_told_in_order_and_in_words(recording: Path, tmp_path: Path) -> None:
    summary = json.loads(ecglocus("explain", recording, "--no-render", "--out", tmp_path, "--json").stdout)
    said = summary["predictions"]
    assert {p["label"]: p["words"] for p in said} == WORDS
    assert {p["label"] for p in said if p["superclass"]} == set(SUPERCLASSES)
    assert [p["logit"] for p in said] == sorted((p["logit"] for p in said), reverse=True)
    # The most probable superclass; NORM only where it leads, though findings may be more probable.
    assert summary["target"] == next(p["label"] for p in said if p["superclass"])
    lines = ecglocus("explain", recording, "--no-render", "--out", tmp_path).stdout
    for p in said:
        shown = f"{p['label']} {p['probability']:.2f}" in lines.splitlines()[0]
        assert shown == (p["superclass"] or p["probability"] >= LIKELY)


@pytest.mark.parametrize("target", ["AMI", "1AVB"])
def test_a_finding_can_be_explained(recording: Path, tmp_path: Path, target: str) -> None:
    done = ecglocus("explain", recording, "--no-render", "--out", tmp_path, "--json", "--target", target)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["target"] == target
    assert summary["conservation_error"] < 1e-4


def test_a_record_that_fails_does_not_stop_the_others(
    recording: Path, signal: np.ndarray, tmp_path: Path
) -> None:
    bad = write_wfdb(tmp_path, signal[:11], names=LEADS[:11])
    done = ecglocus("explain", bad, recording, "--no-render", "--out", tmp_path / "runs", "--json")
    assert done.returncode == 2
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["record"] == str(bad)
    assert "V6" in first["error"]
    assert second["record"] == "rec"
    assert "Traceback" not in done.stderr
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"rec-2"}


def test_no_bad_file_gets_more_than_its_sentence(signal: np.ndarray, tmp_path: Path) -> None:
    bad = []
    for i, (spoil, _) in enumerate(CASES.values()):
        folder = tmp_path / f"case{i}"
        folder.mkdir()
        bad.append(spoil(folder, signal))
    folder = tmp_path / "noise"
    folder.mkdir()
    noise = expand(0.05 * np.random.default_rng(0).standard_normal((8, 1000)))
    bad.append(write_wfdb(folder, noise))
    done = ecglocus("explain", *bad, "--no-render", "--out", tmp_path / "runs", "--json")
    assert done.returncode == 2
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["record"] for line in lines] == [str(path) for path in bad]
    assert all(set(line) == {"record", "error"} and "\n" not in line["error"] for line in lines)
    assert "beat" in lines[-1]["error"]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("{recording}", "--target", "XYZ"), "target must be one of"),
        (("{recording}", "--anatomy", "nobody"), "nobody"),
        (("{recording}", "--annotation", "missing.json"), "missing.json"),
        (("{recording}", "--model", "missing.safetensors"), "missing.safetensors"),
        (("no-such-record",), "no-such-record"),
        ((), "at least one recording"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    recording: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    given = [argument.format(recording=recording) for argument in arguments]
    done = ecglocus("explain", *given, "--no-render", "--out", tmp_path / "runs")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.rglob("*.*"))


@pytest.mark.parametrize("command", [("evaluate",), ("bench", "territory")])
def test_a_model_is_not_measured_on_what_it_was_trained_on(command: tuple[str, ...], tmp_path: Path) -> None:
    done = ecglocus(*command, "--data", tmp_path, "--fold", 3, "--out", tmp_path / "results")
    assert done.returncode == 2
    assert "was not trained on, got 3" in done.stderr
    assert not (tmp_path / "results").exists()


def test_annotations_are_scored_beside_their_baselines(recording: Path, tmp_path: Path) -> None:
    marks = tmp_path / "marks.json"
    wave = Interval(("V2", "V3"), -0.05, 0.05, "beat")
    finding = Finding("MI", "derived", 1.0, regions=("LAD",), intervals=(wave,))
    write_annotations(marks, [Annotation("rec", "test", (finding,))])
    scored = ("explain", recording, "--no-render", "--out", tmp_path, "--json", "--annotation", marks)
    done = ecglocus(*scored, "--target", "MI")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    p = summary["scores"][0]["mesh"]["fraction"]
    assert summary["baselines"]["all positive"] == pytest.approx(2 * p / (1 + p))
    assert 0 <= summary["dice"] <= 1
    assert summary["scores"][0]["provenance"] == "derived"
    assert summary["scores"][0]["leads"]["fraction"] > 0

    other = ecglocus(*scored, "--target", "CD")
    assert other.returncode == 0
    assert json.loads(other.stdout)["dice"] is None
    assert "no finding of CD in this recording" in other.stderr


def test_demo_finds_a_simulated_region_and_writes_everything(tmp_path: Path) -> None:
    done = ecglocus("demo", "--out", tmp_path / "demo", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert set(summary) >= KEYS
    assert summary["scores"][0]["provenance"] == "simulated"
    assert summary["dice"] > summary["baselines"]["random region"]
    read = next(one for one in summary["predictions"] if one["label"] == summary["target"])
    assert abs(sum(card["weight"] for card in summary["clusters"]) - read["evidence"]) < 1e-4
    expected = {"summary.json", "report.html", "map.vtp", "evidence.npz"}
    if summary["no_picture"] is None:
        expected |= {"heart.png", "ecg.png", "beat.png", "bullseye.png", "clusters.png"}
    assert {path.name for path in (tmp_path / "demo").iterdir()} == expected


def test_running_again_replaces_the_run_directory_whole(recording: Path, tmp_path: Path) -> None:
    (tmp_path / "rec").mkdir()
    (tmp_path / "rec" / "stale.txt").write_text("left from before")
    assert ecglocus("explain", recording, "--no-render", "--out", tmp_path).returncode == 0
    assert not (tmp_path / "rec" / "stale.txt").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"rec"}


@pytest.mark.data
def test_a_real_recording_with_frank_leads_is_explained(data_dir: Path, tmp_path: Path) -> None:
    done = ecglocus("explain", data_dir / "ptbdb" / "s0010_re", "--no-render", "--out", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["fs"] == 1000
    assert max(summary["completeness_error"], summary["conservation_error"]) < 1e-4
