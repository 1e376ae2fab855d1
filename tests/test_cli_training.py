"""Training and measuring from the command line, on a small made-up PTB-XL."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imn.attribution.bench import Size
from imn.labels import LABELS
from imn.recipe import recipe_for
from imn.results import result
from tests.test_cli import ecglocus
from tests.tiny_ptbxl import write_ptbxl


@pytest.fixture(scope="module")
def ptbxl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    codes = ("NORM", "ASMI", "NDT", "LAFB", "LVH", "IMI")
    folds = [fold for fold in (1, 7, 8, 9, 9) for _ in codes]
    return write_ptbxl(tmp_path_factory.mktemp("cli") / "ptbxl", folds, codes=codes, seconds=6.0)


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """Networks that are fitted in a moment."""
    import torch

    def tiny(model: str):
        return replace(recipe_for(model), widths=(8, 8, 8), kernel=3, epochs=1, batch=12, n_crop=300)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("imn.recipe.recipe_for", tiny)
        patch.setattr("imn.training.recipe_for", tiny)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def trained(ptbxl: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ours")
    done = ecglocus("train", "--data", ptbxl, "--out", out, "--members", 2, "--seed", 3)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{out / 'ecglocus.safetensors'}\n"
    return out / "ecglocus.safetensors"


def test_card_of_a_trained_model(trained: Path) -> None:
    card = json.loads(trained.with_suffix(".json").read_text())
    assert card["seeds"] == [3, 4] and card["members"] == 2
    assert card["command"] == "ecglocus train --data PTBXL --out RUN --members 2 --seed 3"
    assert card["metrics"]["fold"] == 9 and card["metrics"]["n"] == 12
    assert card["recipe"]["mixtures"][0][0] == "MI"


def test_a_trained_model_explains_and_is_measured(trained: Path, ptbxl: Path, tmp_path: Path) -> None:
    record = ptbxl / "records100" / "00020_lr"
    arguments = ("--model", trained, "--reference", "median-beat", "--target", "IMI", "--json", "--no-render")
    done = ecglocus("explain", record, *arguments, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["model"].startswith("ecglocus-") and summary["target"] == "IMI"
    assert max(summary["completeness_error"], summary["conservation_error"]) < 1e-4
    assert summary["reference"] != "isoelectric"
    done = ecglocus("evaluate", "--data", ptbxl, "--model", trained, "--out", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert [row["label"] for row in measured["rows"]] == list(LABELS)
    assert measured == json.loads((tmp_path / "evaluate.json").read_text())
    assert "auroc_macro" in (tmp_path / "evaluate.md").read_text()


def test_without_findings_superclasses_have_weights_of_their_own(ptbxl: Path, tmp_path: Path) -> None:
    done = ecglocus("train", "--data", ptbxl, "--out", tmp_path, "--members", 1, "--no-findings")
    assert done.returncode == 0, done.stderr
    recipe = json.loads((tmp_path / "ecglocus.json").read_text())["recipe"]
    assert (recipe["mixtures"], recipe["finding_share"]) == ([], 0.0)


def test_a_rival_is_trained_the_same_way_but_explains_nothing(ptbxl: Path, tmp_path: Path) -> None:
    done = ecglocus("train", "--model", "cnn", "--data", ptbxl, "--out", tmp_path / "cnn", "--members", 1)
    assert done.returncode == 0, done.stderr
    weights = tmp_path / "cnn" / "cnn.safetensors"
    assert done.stdout == f"{weights}\n"
    record = ptbxl / "records100" / "00020_lr"
    done = ecglocus("explain", record, "--model", weights, "--no-render", "--out", tmp_path / "runs")
    assert done.returncode == 2
    assert "cnn" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "command", [("train",), ("evaluate",), ("bench", "territory"), ("bench", "attribution")], ids=" ".join
)
def test_data_that_are_not_there_are_one_sentence(command: tuple[str, ...], tmp_path: Path) -> None:
    extra = ("--models", tmp_path / "models") if command[-1] == "attribution" else ()
    done = ecglocus(*command, "--data", tmp_path / "none", *extra, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "scp_statements.csv" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.rglob("*.*"))


def test_an_unknown_model_is_refused(ptbxl: Path, tmp_path: Path) -> None:
    done = ecglocus("train", "--model", "resnet", "--data", ptbxl, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "resnet" in done.stderr and "xresnet1d101" in done.stderr
    assert "Traceback" not in done.stderr


def test_bench_attribution_writes_both_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from cine_mapping import attribution_bench
    from imn.attribution import subjects

    asked, trained = {}, []

    def measure(data: Path, models: Path, size: Size, *, workers: int) -> dict:
        asked.update(data=data, models=models, size=size, workers=workers)
        return result("command", "data", 3, rows=[{"model": "ecglocus"}], headline={})

    monkeypatch.setattr(attribution_bench, "bench_attribution", measure)
    monkeypatch.setattr(subjects, "train_all", lambda data, models: trained.append((data, models)))
    given = ("--data", tmp_path / "d", "--models", tmp_path / "m", "--records", 20, "--workers", 3)
    done = ecglocus("bench", "attribution", *given, "--out", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    assert asked == {"data": tmp_path / "d", "models": tmp_path / "m", "size": Size(records=20), "workers": 3}
    assert trained == [(tmp_path / "d", tmp_path / "m")]
    assert json.loads(done.stdout) == json.loads((tmp_path / "attribution.json").read_text())
    assert "| ecglocus |" in (tmp_path / "attribution.md").read_text()
