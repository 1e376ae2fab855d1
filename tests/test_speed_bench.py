"""What the speed measurement compares is the same work, and it says what it found."""

import json

import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from cine_mapping.projection import plan_projection
from imn.floors import bare_products
from imn.model import load_model
from tests.tiny_ptbxl import write_ptbxl
from viewer import speed_bench
from viewer.cli import main
from viewer.speed_bench import Timed, turns_of
from viewer.speed_heart import large_case


def flops(run) -> int:
    # The counter knows nothing of attention's quicker way on a CPU.
    with FlopCounterMode(display=False) as counter, torch.inference_mode(), sdpa_kernel(SDPBackend.MATH):
        run()
    return counter.get_total_flops()


def test_the_networks_floor_is_nearly_all_of_its_products_and_no_more():
    model = load_model()
    signal = np.random.default_rng(0).normal(size=(2, 12, 1000)).astype(np.float32)
    bare = flops(bare_products(model, signal))
    whole = flops(lambda: [member(torch.as_tensor(signal)) for member in model.members])
    assert 0.8 * whole < bare <= whole


def test_the_projection_timed_has_the_size_that_is_said_and_keeps_all_evidence():
    anatomy, beat, evidence = large_case()
    maps = plan_projection(anatomy, beat).apply(evidence)
    assert [name for name in maps] == ["leads", "vcg", "path"]
    for heart_map in maps.values():
        assert heart_map.values.shape == (10_248, 1000)
        assert heart_map.total == pytest.approx(evidence.leads.sum(), abs=1e-9)


def test_turns_alternate_and_the_first_does_not_count():
    order = []
    timed = turns_of(lambda: order.append("stage"), lambda: order.append("floor"), 3)
    assert order == ["stage", "floor"] * 4
    assert len(timed.taken) == len(timed.floor) == 3
    assert Timed((2.0, 9.0, 4.0), (1.0, 3.0, 2.0)).ratio == 2.0


def test_the_command_writes_every_figure(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(speed_bench, "time_projection", lambda turns: Timed((3.0,), (2.0,)))
    monkeypatch.setattr(speed_bench, "time_pair", lambda paths: {"clock": 5.0, "processor": len(paths)})
    root = write_ptbxl(tmp_path / "data", [9] * 3)
    with pytest.raises(SystemExit) as left:
        main(["bench", "speed", "--data", str(root), "--out", str(tmp_path)])
    assert not left.value.code
    measured = json.loads((tmp_path / "speed.json").read_text())
    assert measured["headline"]["projection_over_matmul"]["value"] == 1.5
    assert measured["headline"]["records_per_second"] == {
        "value": 3, "low": None, "high": None, "goal": 40.0,
    }  # fmt: skip
    rows = {row["stage"]: row for row in measured["rows"]}
    floors = [rows[name]["floor, ms"] for name in ("read", "predict", "project", "write")]
    assert rows["whole"]["floor, ms"] == pytest.approx(sum(floors), rel=0.5)
    assert measured["headline"]["pipeline_over_floors"]["value"] == rows["whole"]["ratio"] > 1
    assert "pipeline_over_floors" in capsys.readouterr().out
