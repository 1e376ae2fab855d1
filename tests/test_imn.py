"""The model: evidence sums to the logit, at every rate; training; what it is worth."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imn.conditioning import Resampling, baseline, remove_baseline
from imn.errors import InputError
from imn.leads import LEADS, expand, to_identified
from imn.metrics import auroc, auroc_intervals
from imn.model import SHIPPED, Model, explain, load_model
from imn.recipe import CLASSES, Recipe
from imn.record import Record


def heartbeat(fs: float, seconds: float, rate: float = 72.0) -> np.ndarray:
    """P, QRS and T as Gaussians with another height in each independent lead, mV."""
    time = np.arange(round(fs * seconds)) / fs
    phase = (time * rate / 60.0) % 1.0 * 60.0 / rate - 0.35
    waves = np.array(
        [
            np.exp(-0.5 * ((phase - at) / width) ** 2)
            for at, width in ((-0.17, 0.02), (0, 0.012), (0.25, 0.04))
        ]
    )
    heights = np.random.default_rng(3).normal((0.1, 0.8, 0.25), 0.2, (8, 3))
    return expand(heights @ waves).astype(np.float32)


def record(fs: float, seconds: float, rate: float = 72.0) -> Record:
    return Record(heartbeat(fs, seconds, rate), fs, f"{fs:g}-{seconds:g}", "simulated")


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


class TestConditioning:
    @given(
        fs=st.sampled_from([62.0, 100.0, 128.0, 250.0, 257.3, 360.0, 500.0, 1000.0]),
        n=st.integers(150, 1500),
        seed=st.integers(0, 2**32 - 1),
    )
    @settings(max_examples=60, deadline=None)
    def test_adjoint(self, fs, n, seed):
        rng = np.random.default_rng(seed)
        plan = Resampling.plan(n, fs, 100.0)
        x, w = rng.normal(size=(2, n)), rng.normal(size=(2, plan.n_out))
        left, right = plan.apply(x) * w, x * plan.adjoint(w)
        assert plan.apply(x).shape == w.shape
        assert plan.adjoint(w).shape == x.shape
        assert left.sum() == pytest.approx(right.sum(), rel=1e-6, abs=1e-9 * np.abs(left).sum())

    @pytest.mark.parametrize("fs", [62.0, 250.0, 360.0, 500.0, 1000.0])
    def test_equals_scipy(self, fs):
        from scipy.signal import resample_poly

        x = np.random.default_rng(0).normal(size=(3, 777))
        plan = Resampling.plan(777, fs, 100.0)
        np.testing.assert_allclose(plan.apply(x), resample_poly(x, plan.up, plan.down, axis=-1), atol=1e-12)

    @pytest.mark.parametrize("fs", [62.0, 250.0, 257.3, 360.0, 1000.0])
    def test_keeps_a_band_limited_sine(self, fs):
        def sine(rate: float, n: int) -> np.ndarray:
            return np.sin(2 * np.pi * 10.0 * np.arange(n) / rate)

        plan = Resampling.plan(round(6 * fs), fs, 100.0)
        found = plan.apply(sine(fs, plan.n_in))
        np.testing.assert_allclose(found[100:-100], sine(100.0, plan.n_out)[100:-100], atol=5e-3)

    def test_same_rate_is_the_identity(self):
        x = np.random.default_rng(0).normal(size=(12, 301))
        np.testing.assert_array_equal(Resampling.plan(301, 100.0, 100.0).apply(x), x)

    @pytest.mark.parametrize("fs", [62.0, 100.0, 250.0, 500.0, 1000.0])
    def test_offset_and_drift_are_gone(self, fs):
        clean = heartbeat(fs, 10.0)
        time = np.arange(clean.shape[1]) / fs
        drift = 1.5 + 0.3 * np.sin(2 * np.pi * 0.1 * time)
        left = remove_baseline(clean + drift.astype(np.float32), fs) - remove_baseline(clean, fs)
        inner = slice(round(fs), -round(fs))
        assert np.abs(left[:, inner]).max() < 0.04

    @pytest.mark.parametrize("fs", [100.0, 500.0])
    @pytest.mark.parametrize("rate", [60.0, 100.0])
    def test_st_level_is_kept(self, fs, rate):
        beat = 60.0 / rate
        time = np.arange(round(10 * fs)) / fs
        phase = time % beat
        st = np.where((phase > 0.10) & (phase < 0.32), 0.3, 0.0).astype(np.float32)
        line = baseline(np.tile(st, (12, 1)), fs)[0]
        at_pr, at_st = (phase < 0.05), (phase > 0.15) & (phase < 0.25)
        inner = (time > 2) & (time < 8)
        assert abs(line[at_pr & inner].mean() - line[at_st & inner].mean()) < 0.01


class TestCompleteness:
    @pytest.mark.parametrize("fs", [62.0, 100.0, 250.0, 360.0, 500.0, 1000.0])
    @pytest.mark.parametrize("seconds", [2.0, 10.0, 60.0])
    def test_parts_sum_to_the_logit(self, model, fs, seconds):
        found = model.explain(record(fs, seconds))
        sums = found.evidence.sum(axis=(1, 2), dtype=float)
        assert found.weights.shape == (5, 12, round(fs * seconds))
        assert np.abs(sums + found.bias - found.logits).max() <= 1e-4
        assert found.completeness_error <= 1e-9

    def test_zero_record_has_zero_evidence(self, model):
        found = model.explain(Record(np.zeros((12, 1000)), 100.0, "flat"))
        assert not found.evidence.any()
        np.testing.assert_array_equal(found.logits, model.bias)

    def test_bias_is_no_function_of_the_record(self, model):
        one, two = model.explain(record(100.0, 10.0)), model.explain(record(500.0, 4.0, rate=110.0))
        np.testing.assert_array_equal(one.bias, two.bias)
        assert np.abs(one.logits - two.logits).max() > 0.01

    def test_weights_are_identified(self, model):
        weights = model.explain(record(250.0, 10.0)).weights
        np.testing.assert_allclose(to_identified(weights), weights, atol=1e-5 * np.abs(weights).max())

    def test_gradient_with_weights_held_is_the_weights(self, model):
        import torch

        signal = torch.tensor(heartbeat(100.0, 5.0))[None].requires_grad_()
        weights = model.members[0](signal).detach()
        ((weights[:, 1] * signal).sum() + model.members[0].bias[1]).backward()
        assert signal.grad is not None
        torch.testing.assert_close(signal.grad, weights[:, 1], rtol=0, atol=0)

    def test_logits_of_the_network_are_those_of_the_parts(self, model):
        import torch

        signal = remove_baseline(heartbeat(100.0, 10.0), 100.0)
        with torch.no_grad():
            own = [member.read(torch.tensor(signal)[None])[0][0].numpy() for member in model.members]
        np.testing.assert_allclose(model.explain(record(100.0, 10.0)).logits, np.mean(own, axis=0), atol=1e-4)

    def test_ensemble_is_the_mean_of_its_members(self, model):
        one = record(360.0, 5.0)
        alone = [replace(model, members=(member,)).explain(one) for member in model.members]
        both = model.explain(one)
        np.testing.assert_allclose(both.logits, np.mean([e.logits for e in alone], axis=0), atol=1e-5)
        np.testing.assert_allclose(both.weights, np.mean([e.weights for e in alone], axis=0), atol=1e-6)

    def test_length_does_not_raise_the_logit(self, model):
        # 75 per minute: ten seconds hold a whole number of half beats, so the copy joins without a jump.
        short, long = model.explain(record(100.0, 8.0, 75.0)), model.explain(record(100.0, 16.0, 75.0))
        np.testing.assert_allclose(short.logits, long.logits, atol=0.5)

    @pytest.mark.parametrize("fs", [250.0, 500.0, 1000.0])
    def test_logits_agree_between_rates(self, model, fs):
        np.testing.assert_allclose(
            model.explain(record(fs, 10.0)).logits, model.explain(record(100.0, 10.0)).logits, atol=0.3
        )

    def test_batches_equal_single_recordings(self, model):
        records = [record(100.0, 10.0), record(100.0, 10.0, 90.0), record(250.0, 4.0)]
        for one, many in zip(records, model.explain_many(records), strict=True):
            assert many.record_id == one.id
            np.testing.assert_allclose(many.logits, model.explain(one).logits, atol=1e-4)

    @pytest.mark.parametrize("fs", [1.0, 50.0, 1e6])
    def test_rates_of_no_ecg_are_refused(self, model, fs):
        flat = Record(np.zeros((12, max(200, round(2 * fs))), np.float32), fs, "odd")
        with pytest.raises(InputError, match="sampling rate of 60 to 10000 Hz"):
            model.explain(flat)

    def test_explain_uses_the_shipped_model(self, model):
        assert explain(record(100.0, 10.0)).model == model.name
        assert model.name in explain(record(100.0, 10.0), model).model


class TestStorage:
    def test_card_is_consistent(self, model):
        card = json.loads(SHIPPED.with_suffix(".json").read_text())
        assert tuple(card["classes"]) == CLASSES == model.classes
        assert tuple(card["leads"]) == LEADS
        assert card["fs"] == 100.0
        assert card["members"] == len(model.members) == len(card["seeds"])
        assert card["data"]["licence"] == "CC BY 4.0"
        assert "optimistic" in card["note"]
        assert not {9, 10} & set(card["data"]["trained_on_folds"])
        figure = card["metrics"]["auroc_macro"]
        assert figure["low"] < figure["value"] < figure["high"]
        assert SHIPPED.stat().st_size < 3e6

    @pytest.fixture
    def copy(self, tmp_path) -> Path:
        for suffix in (".safetensors", ".json"):
            (tmp_path / f"m{suffix}").write_bytes(SHIPPED.with_suffix(suffix).read_bytes())
        return tmp_path / "m.safetensors"

    def test_copy_gives_the_same(self, copy, model):
        one = record(100.0, 4.0)
        np.testing.assert_array_equal(load_model(copy).explain(one).logits, model.explain(one).logits)

    def test_one_flipped_bit_is_noticed(self, copy):
        content = bytearray(copy.read_bytes())
        content[-9] ^= 1
        copy.write_bytes(content)
        with pytest.raises(InputError, match="SHA-256"):
            load_model(copy)

    def test_missing_card_is_named(self, copy):
        copy.with_suffix(".json").unlink()
        with pytest.raises(InputError, match=r"m\.json"):
            load_model(copy)

    @pytest.mark.parametrize("card", ["", "{}", "[]", '{"format": "other"}'])
    def test_foreign_card(self, copy, card):
        copy.with_suffix(".json").write_text(card)
        with pytest.raises(InputError, match="ecglocus"):
            load_model(copy)

    def test_foreign_weights(self, copy):
        from hashlib import sha256

        from safetensors.numpy import save

        content = save({"conv.weight": np.zeros((3, 3), np.float32)})
        copy.write_bytes(content)
        card = json.loads(copy.with_suffix(".json").read_text())
        copy.with_suffix(".json").write_text(json.dumps(card | {"sha256": sha256(content).hexdigest()}))
        with pytest.raises(InputError, match="not a model"):
            load_model(copy)


class TestMetrics:
    @given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=4, max_size=60))
    @settings(max_examples=50, deadline=None)
    def test_auroc_equals_sklearn(self, pairs):
        from sklearn.metrics import roc_auc_score

        truth, score = (np.array(column) for column in zip(*pairs, strict=True))
        if truth.all() or not truth.any():
            assert np.isnan(auroc(truth, score))
        else:
            assert auroc(truth, score) == pytest.approx(roc_auc_score(truth, score))

    def test_interval_covers_about_as_often_as_it_says(self):
        rng = np.random.default_rng(0)
        covered = 0
        for seed in range(60):
            truth = rng.random((120, 1)) < 0.4
            score = rng.normal(size=(120, 1)) + truth * np.sqrt(2) * 0.6744898  # true area 0.75
            (found,), macro = auroc_intervals(truth, score, resamples=200, seed=seed)
            assert found == macro
            covered += found.low < 0.75 < found.high
        assert covered >= 50


@pytest.fixture(scope="module")
def ptbxl(tmp_path_factory) -> Path:
    """Thirty recordings of three folds in PTB-XL's layout; infarcts have a deep Q."""
    import wfdb

    root = tmp_path_factory.mktemp("ptbxl")
    (root / "records100").mkdir()
    rng = np.random.default_rng(0)
    codes = ("NORM", "ASMI", "NDT", "LAFB", "LVH")
    statements = [",diagnostic,diagnostic_class,diagnostic_subclass"]
    statements += ["NORM,1.0,NORM,NORM", "ASMI,1.0,MI,AMI", "NDT,1.0,STTC,STTC", "LAFB,1.0,CD,LAFB/LPFB"]
    statements += ["LVH,1.0,HYP,LVH", "SR,,,"]
    lines = ["ecg_id,patient_id,scp_codes,strat_fold,filename_lr"]
    for i in range(30):
        code = codes[i % 5]
        signal = expand(rng.normal(0, 0.02, (8, 400))) + heartbeat(100.0, 4.0) * (-1 if code == "ASMI" else 1)
        wfdb.wrsamp(
            f"{i:05d}_lr",
            fs=100,
            units=["mV"] * 12,
            sig_name=[lead.upper() for lead in LEADS],
            p_signal=signal.T,
            fmt=["16"] * 12,
            write_dir=str(root / "records100"),
        )
        lines.append(f"{i},{i},\"{{'{code}': 100.0, 'SR': 0.0}}\",{i % 15 // 5 + 1},records100/{i:05d}_lr")
    (root / "scp_statements.csv").write_text("\n".join(statements) + "\n")
    (root / "ptbxl_database.csv").write_text("\n".join(lines) + "\n")
    return root


TINY = Recipe(widths=(8, 8, 8), kernel=3, epochs=4, batch=10, n_crop=300)


@pytest.fixture(scope="module")
def trained(ptbxl, tmp_path_factory):
    """Options and weights of a tiny run."""
    from imn.training import TrainingConfig, train

    out = tmp_path_factory.mktemp("run")
    config = TrainingConfig(ptbxl, out, folds=(1, 2), validation=3, seeds=(0,), recipe=TINY)
    return config, train(config)


def log_of(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


class TestTraining:
    def test_index(self, ptbxl):
        from imn.ptbxl import labels, read_index, read_signals

        entries = read_index(ptbxl, [2])
        assert [entry.fold for entry in entries] == [2] * 10
        np.testing.assert_array_equal(labels(entries)[:5], np.eye(5))
        assert entries[1].territory == "anterior"
        assert entries[0].territory is None
        assert read_signals(entries).shape == (10, 12, 400)
        with pytest.raises(InputError, match="found none"):
            read_index(ptbxl, [7])

    def test_readers_learn_their_own_label(self, ptbxl):
        from imn.ptbxl import read_index
        from imn.training import prepare

        recipe = replace(TINY, readers=(("NORM",), ("AMI", "IMI"), ("STTC",), ("CD",), ("HYP",)))
        found = prepare(read_index(ptbxl, [1])[:5], recipe).readers
        np.testing.assert_array_equal(found, np.eye(6)[[0, 1, 3, 4, 5]])

    def test_loss_falls(self, trained):
        log = log_of(trained[0].out)
        assert [line["epoch"] for line in log] == [0, 1, 2, 3]
        assert log[-1]["loss"] < 0.8 * log[0]["loss"]

    def test_another_seed_gives_another_model(self, trained, tmp_path):
        from imn.training import train

        config, first = trained
        assert train(replace(config, out=tmp_path, seeds=(1,))).read_bytes() != first.read_bytes()

    def test_a_cut_run_ends_as_an_uncut_one(self, trained, tmp_path, monkeypatch):
        from imn import fitting
        from imn.training import train

        config, whole = trained
        cut = replace(config, out=tmp_path)
        epoch = fitting._epoch

        def until_two(state, *rest):
            if state.epoch == 2:
                raise KeyboardInterrupt
            return epoch(state, *rest)

        with monkeypatch.context() as patch:
            patch.setattr(fitting, "_epoch", until_two)
            with pytest.raises(KeyboardInterrupt):
                train(cut)
        assert train(cut).read_bytes() == whole.read_bytes()
        assert log_of(cut.out) == log_of(config.out)

    def test_another_run_in_the_same_folder_is_refused(self, trained):
        from imn.training import train

        with pytest.raises(InputError, match="another folder"):
            train(replace(trained[0], recipe=replace(TINY, rate=1e-3)))

    def test_damaged_checkpoint_is_named(self, trained, tmp_path):
        from imn.training import train

        (tmp_path / "checkpoint-seed0.safetensors").write_bytes(b"no weights here, none at all")
        with pytest.raises(InputError, match="damaged checkpoint"):
            train(replace(trained[0], out=tmp_path))

    def test_validation_fold_may_not_train(self, trained):
        from imn.training import train

        with pytest.raises(InputError, match="validation fold"):
            train(replace(trained[0], folds=(1, 2, 3)))

    def test_each_fold_is_held_out_once(self, trained, tmp_path):
        from imn.evaluation import evaluate_held_out
        from imn.training import cross_validate

        config = replace(trained[0], recipe=replace(TINY, epochs=1), out=tmp_path / "run")
        paths = cross_validate(config, tmp_path / "cv")
        assert [path.name for path in paths] == [f"fold{k}.safetensors" for k in (1, 2, 3)]
        for k, path in enumerate(paths, start=1):
            card = load_model(path).card
            used = {*card["data"]["trained_on_folds"], card["data"]["chosen_on_fold"]}
            assert card["held_out_fold"] == k
            assert used == {1, 2, 3} - {k}
        held_out = evaluate_held_out(tmp_path / "cv", config.data)
        assert held_out["n"] == 30
        paths[0].rename(paths[0].with_stem("fold9"))
        paths[0].with_suffix(".json").rename(paths[0].with_name("fold9.json"))
        with pytest.raises(InputError, match="never saw fold 9"):
            evaluate_held_out(tmp_path / "cv", config.data)


def test_importing_imn_leaves_torch_alone():
    code = "import sys, imn, imn.recipe, imn.training, imn.evaluation; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.data
def test_shipped_model_on_fold_9(model, data_dir):
    from imn.evaluation import evaluate

    found = evaluate(model, data_dir / "ptbxl", 9)
    assert found["n"] == 248
    assert found["headline"]["auroc_macro"]["value"] >= 0.85
    assert found["headline"]["leads_auroc"]["value"] >= 0.85
    assert all(row["auroc"] > 0.8 for row in found["rows"])
    card = model.card["metrics"]["auroc_macro"]["value"]
    assert found["headline"]["auroc_macro"]["value"] == pytest.approx(card, abs=1e-3)
