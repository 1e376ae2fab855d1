"""Stopped at any moment, or out of disk: what is there is whole, and the next run completes it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tests.synthetic import ecg, write_wfdb
from tests.tiny_ptbxl import write_ptbxl
from viewer.interrupt_stage import Disk, can_mount

RECORDS = 4

TINY = """
import sys
from viewer.cli import main
from viewer.interrupt_cases import small_training
small_training()
main(sys.argv[1:])
"""


def start(*arguments: object, program: tuple[str, ...] = ("-m", "viewer.cli")) -> subprocess.Popen[str]:
    command = [sys.executable, *program, *(str(argument) for argument in arguments)]
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=alone)


def run(*arguments: object, program: tuple[str, ...] = ("-m", "viewer.cli")) -> tuple[int, str]:
    with start(*arguments, program=program) as process:
        _, words = process.communicate()
    return process.returncode, words


def stop_once(process: subprocess.Popen[str], there: Path, pattern: str, *, how: int, seed: int) -> int:
    """Stop a process a moment after something has appeared; give how it ended."""
    with process:
        while not list(there.glob(pattern)) and process.poll() is None:
            time.sleep(0.002)
        time.sleep(Random(seed).uniform(0, 0.3))
        process.send_signal(how)
        process.communicate()
    return process.returncode


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root, signal_mv = tmp_path_factory.mktemp("recordings"), ecg(100.0, np.arange(0.6, 9.8, 0.8), 10.0)
    paths = []
    for i in range(RECORDS):
        (root / f"r{i}").mkdir()
        first = write_wfdb(root / f"r{i}", signal_mv)
        content = first.read_text().replace("rec 12", f"rec{i} 12", 1)
        first.with_name(f"rec{i}.hea").write_text(content)
        paths.append(first.with_name(f"rec{i}.hea"))
    return paths


def whole(out: Path) -> set[str]:
    """Check every run folder that has its name; give the names."""
    shown = (
        {folder.name for folder in out.iterdir() if not folder.name.startswith(".")}
        if out.exists()
        else set()
    )
    for name in shown:
        summary = json.loads((out / name / "summary.json").read_text())
        assert all(Path(file).is_file() for file in summary["files"].values())
        with np.load(out / name / "evidence.npz", allow_pickle=False) as held:
            assert all(np.isfinite(held[key]).all() for key in ("weights", "signal", "evidence"))
        assert (out / name / "map.vtp").read_bytes().rstrip().endswith(b"</VTKFile>")
        assert (out / name / "report.html").read_text().rstrip().endswith("</html>")
    return shown


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_explain_stopped_leaves_whole_folders_only(how, recordings, tmp_path):
    out = tmp_path / "out"
    process = start("explain", *recordings, "--no-render", "--out", out)
    code = stop_once(process, out, "*", how=how, seed=how)
    done = whole(out)
    assert code in ({signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[how], 0)
    if how != signal.SIGKILL:
        assert {folder.name for folder in out.iterdir()} == done  # nothing half-written is left behind
    if how == signal.SIGTERM:
        code, words = run("explain", *recordings, "--no-render", "--out", out)
        assert code == 0, words
        assert whole(out) == {path.stem for path in recordings}


def test_training_killed_goes_on_to_the_same_network(tmp_path):
    data = write_ptbxl(tmp_path / "ptbxl", [fold for fold in (1, 7, 8, 9) for _ in range(5)], seconds=6.0)
    program = ("-c", TINY)

    def arguments(out: Path) -> tuple[object, ...]:
        return ("train", "--data", data, "--out", out, "--members", 1)

    killed, straight = tmp_path / "killed", tmp_path / "straight"
    code = stop_once(
        start(*arguments(killed), program=program),
        killed,
        "checkpoint-*.safetensors",
        how=signal.SIGKILL,
        seed=1,
    )
    assert code in (-9, 0)
    for out in (killed, straight):
        code, words = run(*arguments(out), program=program)
        assert code == 0, words
    assert (killed / "ecglocus.safetensors").read_bytes() == (straight / "ecglocus.safetensors").read_bytes()


@pytest.fixture
def small_disk(tmp_path):
    """Mount half a megabyte, where this user may."""
    if not can_mount():
        pytest.skip("a small disk cannot be mounted here")
    with Disk(True, tmp_path / "disk") as disk:
        disk.leave(512 * 1024)
        yield tmp_path / "disk"


def test_explain_on_a_full_disk_is_one_sentence_and_leaves_nothing(recordings, small_disk):
    code, words = run("explain", recordings[0], "--no-render", "--out", small_disk / "out")
    assert code == 1
    assert "No space left on device" in words and len(words.strip().splitlines()) == 1
    assert list((small_disk / "out").iterdir()) == []


def test_training_on_a_full_disk_is_one_sentence_and_keeps_what_is_whole(small_disk, tmp_path):
    data = write_ptbxl(tmp_path / "ptbxl", [fold for fold in (1, 7, 8, 9) for _ in range(5)], seconds=6.0)
    (small_disk / "ballast").write_bytes(bytes(500 * 1024))
    arguments = ("train", "--data", data, "--out", small_disk / "out", "--members", 1)
    code, words = run(*arguments, program=("-c", TINY))
    assert code == 1
    assert "No space left on device" in words and "Traceback" not in words
    assert not list((small_disk / "out").glob("*.safetensors"))
    (small_disk / "ballast").unlink()
    code, words = run(*arguments, program=("-c", TINY))
    assert code == 0, words
