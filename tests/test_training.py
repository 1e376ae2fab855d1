"""Training on a small made-up PTB-XL, and the figures that judge it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imn.errors import InputError
from imn.leads import LEADS, expand
from imn.metrics import auroc, auroc_intervals
from imn.model import load_model
from imn.recipe import Recipe
from tests.synthetic import ecg


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
        signal = expand(rng.normal(0, 0.02, (8, 400))) + ecg(100.0, np.arange(0.4, 4.0, 0.83), 4.0) * (
            -1 if code == "ASMI" else 1
        )
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


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Networks this small gain nothing from a second thread, and wait for it where cores are shared."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


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
        held_out = json.loads((tmp_path / "cv" / "held_out.json").read_text())
        assert held_out["n"] == 30
        assert held_out["headline"].keys() >= {"auroc_macro"}
        assert "| auroc_macro |" in (tmp_path / "cv" / "held_out.md").read_text()
        paths[0].rename(paths[0].with_stem("fold9"))
        paths[0].with_suffix(".json").rename(paths[0].with_name("fold9.json"))
        with pytest.raises(InputError, match="never saw fold 9"):
            evaluate_held_out(tmp_path / "cv", config.data)
