"""Ray's actors make the same bytes as processes of this machine."""

import subprocess
import sys

import pytest

from tests.tiny_ptbxl import write_ptbxl

pytest.importorskip("ray", reason='Ray is not installed (pip install "ecglocus[cluster]")')


def test_ray_makes_the_same_bytes(tmp_path):
    root = write_ptbxl(tmp_path / "data", [1] * 7)
    (root / "records100" / "00002_lr.dat").unlink()
    # Processes of their own: Ray is told of threads and paths through the environment.
    for engine in ("local", "ray"):
        command = [sys.executable, "-W", "ignore", "-m", "viewer.cli", "batch", str(root)]
        told = ["--out", str(tmp_path / engine), "--shard", "3", "--engine", engine]
        subprocess.run([*command, *told], check=True, timeout=200)
    local, ray = (
        {path.relative_to(tmp_path / engine): path.read_bytes() for path in found}
        for engine in ("local", "ray")
        for found in [sorted((tmp_path / engine / "records").iterdir())]
    )
    assert local == ray
    assert len(local) == 3
    assert (tmp_path / "ray" / "failures.jsonl").read_text().count("\n") == 1
