"""Ray's actors make the same bytes as processes of this machine, even where a node is lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_ptbxl import write_ptbxl

pytest.importorskip("ray", reason='Ray is not installed (pip install "ecglocus[cluster]")')
ROOT = Path(__file__).parent.parent


def run(*words: object) -> str:
    """Run Python in a process of its own: Ray is told of threads and paths through the environment."""
    command = [sys.executable, "-W", "ignore", *map(str, words)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=True, timeout=250, env=environment, capture_output=True, text=True)
    return done.stdout


def records(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "records").glob("*.parquet")}


def test_ray_makes_the_same_bytes(tmp_path):
    root = write_ptbxl(tmp_path / "data", [1] * 7)
    (root / "records100" / "00002_lr.dat").unlink()
    for engine in ("local", "ray"):
        told = ["--out", tmp_path / engine, "--shard", 3, "--engine", engine]
        run("-m", "viewer.cli", "batch", root, *told)
    assert records(tmp_path / "local") == records(tmp_path / "ray")
    assert len(records(tmp_path / "ray")) == 3
    assert (tmp_path / "ray" / "failures.jsonl").read_text().count("\n") == 1


def test_a_node_lost_midway_costs_nothing(tmp_path):
    count = 60
    root = write_ptbxl(tmp_path / "data", [1] * count)
    said = run("-m", "viewer.lost_node", root, tmp_path / "ray")
    there, status = map(int, said.rpartition("ended ")[2].split())
    assert status == 0
    assert there < count  # else it was lost too late
    run("-m", "viewer.cli", "batch", root, "--out", tmp_path / "local", "--shard", 1)
    assert records(tmp_path / "local") == records(tmp_path / "ray")
    assert len(records(tmp_path / "ray")) == count
