"""Our network's maps across rates, the whole benchmark on a made-up PTB-XL, and its figures."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.rate_agreement import TOP, agree, agree_all, top_region
from cine_mapping.sampling_bench import Readers, bench_sampling
from imn.errors import InputError
from imn.model import load_model
from imn.ptbxl import read_index
from imn.sampling.across_rates import COMPARED, correlations, on_grid
from imn.sampling.arms import CNN, FAST, HELD, SLOW, Arm
from imn.sampling.cases import fast_file, has_fast
from imn.sampling.fitting import Schedule
from imn.sampling.own import own_arms
from imn.sampling.runs import Study
from tests.tiny_af import write_af
from viewer.cli import main
from viewer.sampling_pictures import draw


class TestGrid:
    @given(
        fs=st.sampled_from((62.0, 100.0, 249.9, 500.0)),
        n=st.integers(70, 900),
        step=st.floats(0.012, 0.1),
        seed=st.integers(0, 99),
    )
    @settings(max_examples=60, deadline=None)
    def test_keeps_the_sum(self, fs, n, step, seed):
        evidence = np.random.default_rng(seed).normal(size=(2, 3, n))
        np.testing.assert_allclose(
            on_grid(evidence, fs, step_s=step).sum(axis=-1), evidence.sum(axis=-1), atol=1e-9
        )

    def test_is_the_samples_where_cells_are_samples(self):
        evidence = np.random.default_rng(0).normal(size=(12, 1000))
        np.testing.assert_allclose(on_grid(evidence, 100.0, step_s=0.01), evidence, atol=1e-9)

    @pytest.mark.parametrize("fs", COMPARED)
    def test_same_course_at_any_rate(self, fs):
        def found(rate: float) -> np.ndarray:
            t = np.arange(round(10 * rate)) / rate
            return on_grid(np.sin(2 * np.pi * 3 * t) * np.exp(-(((t - 5) / 2) ** 2)) / rate, rate)

        np.testing.assert_allclose(found(fs), found(500.0), atol=5e-4)
        assert correlations(found(fs)[None], found(500.0)[None])[0] > 0.999

    def test_correlations(self):
        one, other = np.random.default_rng(0).normal(size=(2, 3, 50))
        expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(one, other, strict=True)]
        np.testing.assert_allclose(correlations(one, other), expected)
        np.testing.assert_allclose(correlations(one, -2 * one + 1), -1)
        assert np.isnan(correlations(np.ones((1, 5)), one[:1, :5])).all()


class TestTopRegion:
    @given(st.integers(0, 2**16))
    def test_is_the_largest_up_to_a_tenth_of_the_area(self, seed):
        rng = np.random.default_rng(seed)
        values, areas = rng.normal(size=200), rng.uniform(0.5, 2.0, 200)
        marked = top_region(values, areas)
        assert values[marked].min() > values[~marked].max()
        assert TOP <= areas[marked].sum() / areas.sum() < TOP + areas.max() / areas.sum()

    def test_only_the_order_counts(self):
        values, areas = np.random.default_rng(0).normal(size=50), np.ones(50)
        np.testing.assert_array_equal(top_region(values, areas), top_region(np.exp(values), areas))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return write_af(tmp_path_factory.mktemp("af") / "ptbxl", 12, 14, fast=12)


@pytest.fixture(scope="module")
def measured(tiny, tmp_path_factory) -> dict:
    arms = (Arm(SLOW, CNN, 100.0), Arm(SLOW, CNN, 500.0), Arm(SLOW, CNN, 500.0, HELD), Arm(FAST, CNN, 62.0))
    brief = Schedule(updates=2, batch=4, every=1)
    study = Study(tiny, tmp_path_factory.mktemp("runs"), folds=2, arms=arms, schedule=brief)
    return bench_sampling(study, Readers({9: load_model()}, {}), load_anatomy("reference"), "made up")


class TestBenchmark:
    def test_rows(self, measured):
        arms = [(row["made_from_hz"], row["network"], row["hz"]) for row in measured["rows"]]
        assert arms[:4] == [(100, CNN, 100), (100, CNN, 500), (100, CNN, 500), (500, CNN, 62)]
        assert arms[4:] == [(100, "IMN", fs) for fs in (62, 100, 500, 500)] + [
            (500, "IMN", fs) for fs in (62, 100, 250, 500, 500)
        ]
        assert {(row["n_af"], row["n_normal"]) for row in measured["rows"]} == {(12, 14), (12, 12)}

    def test_maps_agree(self, measured):
        headline = measured["headline"]
        assert headline["map_correlation"]["value"] > 0.9
        assert headline["map_correlation"]["n"] == 24
        control = headline["map_correlation_control"]["value"]
        assert control < headline["map_correlation"]["value"] - 0.2, "a network that is not told the rate"
        assert headline["heart_dice"]["value"] > 3 * TOP, "chance is a tenth"
        rows = measured["tables"]["Maps across rates"]
        assert len(rows) == 4 * 19
        assert {row["label"] for row in rows if row["dice"] is not None} == {"MI", "STTC", "CD", "HYP"}

    def test_deciding_arms_run_again(self, measured):
        tables = measured["tables"]
        first, again = (tables[f"Paired differences{words}"] for words in ("", " from another seed"))
        assert [row["difference"] for row in again] == ["500 - 100 Hz", "held - as published"]
        kept = [row for row in first if row["network"] == CNN and row["made_from_hz"] == SLOW]
        assert [row["difference"] for row in kept] == [row["difference"] for row in again]
        assert [row["auroc"] for row in kept] != [row["auroc"] for row in again]

    def test_answers(self, measured):
        wanted = {
            "auroc_500_minus_100_as_published",
            "auroc_500_held_minus_published",
            "auroc_500_minus_100_imn",
        }
        assert wanted <= set(measured["headline"])

    def test_figures(self, measured, tmp_path):
        draw(measured, tmp_path)
        names = ("auroc_by_rate", "maps_across_rates", "reliability")
        assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(names)
        for name in names:
            with Image.open(tmp_path / f"{name}.png") as picture:
                assert picture.width > 600
                assert len(set(picture.convert("L").resize((200, 100)).tobytes())) > 20


class Constant:
    """A model that answers with its own fold, whatever it is given."""

    classes = ("MI", "AFIB")

    def __init__(self, fold: int) -> None:
        self.fold, self.name = fold, f"constant {fold}"

    def explain_many(self, records):
        for _ in records:
            yield SimpleNamespace(logits=np.array([-1.0, self.fold]))


def test_each_recording_is_read_by_the_model_that_never_saw_its_fold(tmp_path):
    root = write_af(tmp_path / "ptbxl", 24, 26, fast=12)
    table = root / "ptbxl_database.csv"
    lines = table.read_text().splitlines()
    # Two recordings are of one patient: folds change every four lines.
    moved = [line.replace(",9,rec", f",{(7, 8, 9)[i // 4 % 3]},rec") for i, line in enumerate(lines[1:])]
    table.write_text("\n".join([lines[0], *moved]) + "\n")
    folds = {entry.id: entry.fold for entry in read_index(root)}
    models = {fold: Constant(fold) for fold in (7, 9)}
    found = own_arms(root, SLOW, models, tmp_path)  # pyright: ignore[reportArgumentType]
    assert [held.arm.fs for held in found] == [62.0, 100.0, 500.0, 500.0]
    assert [held.arm.context for held in found][2:] == ["resampled", "not resampled"]
    for held in found:
        assert set(held.cases.ids) == {i for i, fold in folds.items() if fold != 8}
        assert [folds[i] for i in held.cases.ids] == held.logits.tolist()


class TestKept:
    def test_is_not_measured_again(self, tiny, tmp_path):
        entries = [e for e in read_index(tiny) if has_fast(e)][:1]
        model, anatomy = load_model(), load_anatomy("reference")
        (first,) = agree_all(entries, {9: model}, anatomy, tmp_path)
        (again,) = agree_all(entries, {9: model}, None, tmp_path)  # pyright: ignore[reportArgumentType]
        for part in ("logits", "evidence", "control", "heart", "dice"):
            np.testing.assert_array_equal(getattr(first, part), getattr(again, part))

    def test_damage_is_told(self, tiny, tmp_path):
        entries = [e for e in read_index(tiny) if has_fast(e)][:1]
        model = load_model()
        (tmp_path / f"{model.name}-{entries[0].id}.json").write_text("{}")
        with pytest.raises(InputError, match="damaged; delete it"):
            agree_all(entries, {9: model}, load_anatomy("reference"), tmp_path)


@pytest.mark.data
def test_maps_of_real_recordings_agree(data_dir):
    entries = [e for e in read_index(data_dir / "ptbxl", [9]) if has_fast(e)][:4]
    model, anatomy = load_model(), load_anatomy("reference")
    found = [agree(fast_file(entry), model, anatomy) for entry in entries]
    assert np.median([one.evidence for one in found]) > 0.95
    assert np.median([one.control for one in found]) < 0.8
    assert np.median([one.heart for one in found]) > 0.9
    logits = np.array([one.logits for one in found])
    assert np.abs(logits - logits[:, 1:2]).max() < 0.5


def test_models_that_are_not_there_are_told(tmp_path, capsys):
    command = ["bench", "sampling", "--data", str(tmp_path), "--models", str(tmp_path)]
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2
    assert "expected models fold1, fold2, ..., found none" in capsys.readouterr().err
