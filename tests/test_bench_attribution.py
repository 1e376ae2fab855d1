"""The whole comparison on a small made-up PTB-XL: every figure, every table, and no work done twice."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cine_mapping import attribution_bench
from imn.attribution import bench, running_times, subjects, tables
from imn.attribution.bench import CONTROLS, Size, measurement_path
from imn.attribution.subjects import Subject
from imn.recipe import recipe_for
from imn.results import markdown, write_result
from tests.tiny_ptbxl import write_ptbxl

HEADLINE = {
    "auroc_macro", "auroc_minus_best_rival", "bias_share", "completeness_error", "seed_correlation",
    "deletion_margin", "speed_vs_ig", "territory_auroc",
}  # fmt: skip
OURS = (
    Subject("ecglocus", "ecglocus", 2, ("own", "saliency")),
    Subject("ecglocus, one network", "ecglocus", 1, ("own",)),
)
RIVAL = Subject("cnn", "cnn", 1, ("saliency", "occlusion"))
VARIANTS = {"ecglocus-one-label": {"mixtures": ()}}
SIZE = Size(records=4, occluded=2, disturbed=2, draws=1, stages=2)


def tiny(model: str):
    return replace(recipe_for(model), widths=(8, 8, 8), kernel=3, epochs=1, batch=12, n_crop=300)


@pytest.fixture(scope="module")
def small():
    """Fewer and smaller subjects."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        for module in (subjects, bench, tables, running_times):
            patch.setattr(module, "SUBJECTS", (*OURS, RIVAL))
        for module in (subjects, tables, running_times):
            patch.setattr(module, "RIVALS", (RIVAL,))
        patch.setattr(bench.read_measurements, "__defaults__", ((*OURS, RIVAL),))
        patch.setattr(subjects, "VARIANTS", VARIANTS)
        patch.setattr(subjects, "recipe_for", tiny)
        patch.setattr(running_times, "TIMED", (("cnn", "integrated_gradients"),))
        patch.setattr(attribution_bench, "RATES", (100.0, 257.0))
        patch.setattr(attribution_bench, "LENGTHS_S", (5.0,))
        yield patch
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def ptbxl(tmp_path_factory) -> Path:
    codes = ("NORM", "ASMI", "NDT", "LAFB", "LVH", "IMI")
    folds = [fold for fold in (1, 6, 7, 8, 9, 9) for _ in codes]
    return write_ptbxl(tmp_path_factory.mktemp("bench") / "ptbxl", folds, codes=codes)


@pytest.fixture(scope="module")
def measured(small, ptbxl, tmp_path_factory):
    """Result, run folder."""
    models = tmp_path_factory.mktemp("models")
    subjects.train_all(ptbxl, models)
    return attribution_bench.bench_attribution(ptbxl, models, SIZE), models


def table(measured, start: str):
    (rows,) = [rows for title, rows in measured[0]["tables"].items() if title.startswith(start)]
    return rows


def test_every_figure_to_remember_is_there(measured):
    headline = measured[0]["headline"]
    assert set(headline) >= HEADLINE
    for name, figure in headline.items():
        assert np.isfinite(figure["value"]), name
        if figure["low"] is not None:
            assert figure["low"] <= figure["value"] <= figure["high"], name
    assert headline["bias_share"]["value"] == 0
    assert headline["completeness_error"]["value"] < 1e-4
    assert headline["speed_vs_ig"]["value"] > 1
    assert headline["auroc_minus_best_rival"]["rival"] == "cnn"
    assert 0 <= headline["territory_auroc"]["value"] <= 1
    assert measured[0]["n"] == 12


def test_every_subject_and_method_has_its_row(measured):
    names = [subject.name for subject in (*OURS, RIVAL)]
    assert [row["model"] for row in measured[0]["rows"]] == names
    assert measured[0]["rows"][-1]["bias share"] is None
    pairs = [(s.name, m) for s in (*OURS, RIVAL) for m in (*s.methods, *CONTROLS)]
    rows = table(measured, "Methods")
    assert [(row["model"], row["method"]) for row in rows] == pairs
    assert [row["n"] for row in rows if row["method"] == "occlusion"] == [2]
    # What looks at no network neither depends on the seed nor forgets.
    for row in rows:
        if row["method"] in CONTROLS:
            assert row["seed correlation"].startswith("1.000")
            assert row["likeness, all weights random"] == pytest.approx(1.0)
    margins = table(measured, "Area between")
    assert {(row["model"], row["method"]) for row in margins} >= {
        ("ecglocus", "saliency"), ("ecglocus", "random"), ("cnn", "saliency"), ("cnn", "occlusion")
    }  # fmt: skip
    closest = min(margins, key=lambda row: row["margin"])
    assert measured[0]["headline"]["deletion_margin"]["value"] == closest["margin"]


def test_rare_labels_stand_with_their_counts(measured):
    rows = {row["label"]: row for row in table(measured, "AUROC of each label")}
    assert len(rows) == 19
    assert (rows["AMI"]["n"], rows["AFIB"]["n"]) == (2, 0)
    assert rows["AMI"]["cnn"] is not None and rows["AFIB"]["cnn"] is None


def test_each_remedy_and_each_rate_is_tabulated(measured):
    places = table(measured, "Anterior")
    assert [(row["model"], row["label"]) for row in places[:2]] == [
        ("ecglocus", "MI"), ("ecglocus", "AMI or IMI")
    ]  # fmt: skip
    assert {row["model"] for row in places} == {"ecglocus", *VARIANTS}
    assert all(row["n"] == 4 for row in places)
    assert {row["map"] for row in places} >= {"evidence", "pattern by record", "pattern pooled"}
    assert [(row["Hz"], row["s"]) for row in table(measured, "Completeness")] == [(100.0, 5.0), (257.0, 5.0)]
    assert [row["what"] for row in table(measured, "Time")] == ["ecglocus", "cnn, integrated gradients"]
    waves = table(measured, "Evidence by wave")
    for label in ("MI", "CD", "HYP", "STTC"):
        for what in ("absolute", "signal", "time"):
            own = [row[f"share of {what}"] for row in waves if row["label"] == label]
            assert sum(own) == pytest.approx(1)


def test_the_page_shows_every_table(measured, tmp_path):
    _, page = write_result(tmp_path / "attribution.json", measured[0])
    text = page.read_text()
    assert text == markdown(json.loads((tmp_path / "attribution.json").read_text()))
    for title, rows in measured[0]["tables"].items():
        assert f"## {title}" in text
        assert text.count("\n| " + " | ".join(rows[0]) + " |\n") == 1
    for name in HEADLINE:
        assert f"| {name} |" in text


def test_a_second_call_trains_and_measures_nothing(small, measured, ptbxl, monkeypatch):
    first, models = measured
    for subject in (*OURS, RIVAL):
        for method in ("", *subject.methods, *CONTROLS):
            assert measurement_path(models, subject, method, SIZE).exists()

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(bench, "measure", never)
    monkeypatch.setattr(bench, "own_figures", never)
    monkeypatch.setattr(subjects, "train", never)
    again = attribution_bench.bench_attribution(ptbxl, models, SIZE)
    timed = {"speed_vs_ig"}
    assert {k: v for k, v in again["headline"].items() if k not in timed} == {
        k: v for k, v in first["headline"].items() if k not in timed
    }
    assert again["rows"] == first["rows"]


def test_a_cut_run_makes_only_what_is_missing(small, measured, ptbxl, monkeypatch):
    _, models = measured
    path = measurement_path(models, RIVAL, "saliency", SIZE)
    before, made = dict(np.load(path)), []
    path.unlink()
    measure = bench.measure
    monkeypatch.setattr(bench, "measure", lambda *given: made.append(given[2]) or measure(*given))
    bench.measure_all(ptbxl, models, SIZE)
    assert made == ["saliency"]
    with np.load(path) as found:
        assert found.keys() == before.keys()
        for name in before.keys() - {"seconds"}:
            np.testing.assert_array_equal(found[name], before[name])


def test_occlusion_and_the_rest_take_as_many_recordings_as_said():
    assert (SIZE.of("occlusion"), SIZE.of("saliency")) == (2, 4)
