"""The measurement of interrupts sees what is lost, half-written or left behind, and is itself resumed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from viewer import interrupt_bench
from viewer.interrupt_cases import BROKEN, CASES, Case, make_inputs
from viewer.interrupt_stage import ENDINGS, FULL, SHORT, Disk, Found, Stage, can_mount

ROOT = Path(__file__).parents[1]

WRITER = """
import os, sys, time
from pathlib import Path
out, careful = Path(sys.argv[1]), sys.argv[2] == "careful"
for name in ("a", "b", "c"):
    if (out / name).exists() and careful:
        continue
    draft = out / (".draft" if careful else name)
    with draft.open("wb") as file:
        for _ in range(5):
            file.write(bytes(1000)); file.flush(); time.sleep(0.01)
    draft.rename(out / name)
"""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    make_inputs(folder)
    return folder


def toy(kind: str) -> Case:
    def shown(out: Path):
        files = [path for path in out.glob("[!.]*")]
        return {path.name: "whole" if path.stat().st_size == 5000 else BROKEN for path in files}

    return Case("toy", lambda inputs, out: [str(out), kind], shown)


class ToyStage(Stage):
    """Writes three files by a process of its own, where a stage forks."""

    def attempt(self, arguments, ending=None, largest=None):
        process = subprocess.Popen([sys.executable, "-S", "-c", WRITER, *arguments])
        if ending is not None:
            try:
                process.wait(self.rng.uniform(0, self.seconds))
            except subprocess.TimeoutExpired:
                process.send_signal(ending)
        return process.wait(), ""


def ended(kind: str, tmp_path: Path, monkeypatch) -> Found:
    monkeypatch.setattr(
        "viewer.interrupt_stage.run_here", lambda arguments: ToyStage.attempt(None, arguments)[0]
    )
    stage, found = ToyStage(toy(kind), tmp_path, "SIGKILL", Random(1)), Found()
    for i in range(4):
        stage.round(found, tmp_path / str(i))
    return found


def test_a_careful_writer_loses_nothing_and_a_careless_one_is_noticed(tmp_path, monkeypatch):
    careful = ended("careful", tmp_path / "careful", monkeypatch)
    assert not careful.words and careful.counts["continued"] == careful.counts["runs"] == 4
    assert careful.counts["ended"] >= 2  # else it was never caught at work
    careless = ended("careless", tmp_path / "careless", monkeypatch)
    assert careless.counts["half"] and any(words.startswith("half: ") for words in careless.words)


def stage(command: str, inputs: Path, how: str, times: int) -> dict:
    told = [command, str(inputs), how, str(times), "3"]
    process = [sys.executable, "-W", "ignore", "-m", "viewer.interrupt_stage", *told]
    done = subprocess.run(process, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("command", "how"),
    [
        ("explain", "SIGINT"),
        ("batch", "SIGTERM"),
        ("annotations import", "SIGKILL"),
        ("annotations import", SHORT),
    ],
)
def test_commands_that_are_ended_keep_what_is_whole_and_go_on(command, how, inputs):
    found = stage(command, inputs, how, 4)
    assert found["words"] == []
    assert found["counts"]["times"] == 4 and found["counts"]["continued"] == found["counts"]["runs"] == 2


def test_training_that_is_told_to_end_does_so_as_documented(inputs):
    found = stage("train", inputs, "SIGTERM", 2)
    assert found["words"] == [] and found["counts"]["continued"] == 1


def test_a_batch_on_a_full_disk_goes_on_once_there_is_room(inputs):
    if not can_mount():
        pytest.skip("a small disk cannot be mounted here")
    found = stage("batch", inputs, FULL, 4)
    assert found["words"] == [] and found["counts"]["ended"]


def test_a_small_disk_has_the_room_that_is_left(tmp_path):
    if not can_mount():
        pytest.skip("a small disk cannot be mounted here")
    with Disk(True, tmp_path / "disk") as disk:
        (tmp_path / "disk/x").write_bytes(bytes(40_000))
        disk.leave(10_000)
        with pytest.raises(OSError, match="No space left"):
            (tmp_path / "disk/y").write_bytes(bytes(40_000))
        disk.grow()
        (tmp_path / "disk/y").write_bytes(bytes(40_000))
    assert not list((tmp_path / "disk").iterdir())


def test_what_was_measured_is_not_measured_again(monkeypatch, tmp_path):
    asked = []

    def measured(command, inputs, how, *, times, seed):
        asked.append((command, how))
        return {"counts": {"times": times, "ended": 1, "runs": 1, "half": how == "SIGKILL"}, "words": ["x"]}

    monkeypatch.setattr(interrupt_bench, "_ended", measured)
    monkeypatch.setattr(interrupt_bench, "make_inputs", lambda folder: (folder / "recordings").mkdir())
    for _ in range(2):
        *_, rows = interrupt_bench.measure(tmp_path, times=3)
        assert len(rows) == len(asked) == 4 * len(CASES)
    headline = {name: held["value"] for name, held in interrupt_bench._headline(rows, [], []).items()}
    assert headline["half_written_taken_for_whole"] == len(CASES) and headline["interrupts"] == 48
    assert headline["next_runs_that_did_not_continue"] == 16


def test_every_ending_is_documented():
    page = " ".join((ROOT / "docs/trust.md").read_text(encoding="utf-8").split())
    (interrupted,), (terminated,), (full, mistake) = (ENDINGS[how] for how in ("SIGINT", "SIGTERM", FULL))
    assert f"{interrupted} after Ctrl-C, {terminated} after SIGTERM" in page
    assert f"{full} on a full disk and {mistake} for a mistake" in page
    assert ENDINGS[SHORT] == ENDINGS[FULL]
    assert ENDINGS["SIGKILL"] == (-signal.SIGKILL,)  # by POSIX: nothing can be done about it
