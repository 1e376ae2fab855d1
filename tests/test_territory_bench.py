"""Anterior against inferior infarct on real recordings."""

from pathlib import Path

import numpy as np
import pytest

from cine_mapping import load_anatomy, territory_bench
from imn import load_model
from imn.metrics import auroc, auroc_gains
from imn.model import Model


def test_a_score_gains_nothing_over_itself() -> None:
    rng = np.random.default_rng(1)
    positive = rng.random(60) < 0.5
    good = positive + 0.5 * rng.random(60)
    chance = rng.random(60)
    itself, gain = auroc_gains(positive, np.stack([good, chance], axis=1))
    assert itself.value == itself.low == itself.high == 0
    assert gain.value == pytest.approx(auroc(positive, good) - auroc(positive, chance))
    assert gain.low < gain.value < gain.high


@pytest.mark.parametrize(
    ("mixtures", "said"),
    [
        ([["MI", ["AMI", "IMI"]], ["CD", ["LAFB"]]], "the weights of AMI, IMI"),
        ([["CD", ["LAFB"]]], "weights of its own"),
        ([], "weights of its own"),
    ],
)
def test_the_result_says_whose_weights_read_infarcts(mixtures: list, said: str) -> None:
    model = Model("m", (), (), {"recipe": {"mixtures": mixtures}})
    assert territory_bench.readers_of(model) == said


@pytest.mark.data
def test_the_map_tells_anterior_from_inferior_infarct(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(territory_bench, "PERMUTATIONS", 1)
    measured = territory_bench.bench_territory(
        data_dir / "ptbxl", load_anatomy("reference"), {9: load_model()}, "test"
    )
    rows = {row["method"]: row["value"] for row in measured["rows"] if row["subset"] == "all"}
    assert measured["n"] == 42
    assert "MI read by the weights of AMI, IMI, LMI" in measured["data"]
    assert rows["average"] >= 0.80
    assert rows["average"] > rows["signal energy"] + 0.1
    assert measured["headline"]["territory_auroc"]["value"] == rows["average"]
