"""Training on a small made-up PTB-XL, and the figures that judge it."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imn.errors import InputError
from imn.labels import LABELS
from imn.metrics import auroc, auroc_intervals
from imn.model import load_model
from imn.ptbxl import read_index
from imn.recipe import Recipe
from tests.tiny_ptbxl import write_ptbxl


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
    """Thirty recordings of three folds in PTB-XL's layout; infarcts are upside down."""
    return write_ptbxl(tmp_path_factory.mktemp("tiny") / "ptbxl", [i % 15 // 5 + 1 for i in range(30)])


TINY = Recipe(widths=(8, 8, 8), kernel=3, epochs=4, batch=5, n_crop=300)


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
    config = TrainingConfig(ptbxl, out, folds=(1, 2), test=3, seeds=(0, 1), recipe=TINY)
    return config, train(config)


def log_of(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


class TestData:
    def test_index(self, ptbxl):
        from imn.ptbxl import labels, read_index, read_signals

        entries = read_index(ptbxl, [2])
        assert [entry.fold for entry in entries] == [2] * 10
        truth = labels(entries)[:5]
        np.testing.assert_array_equal(truth[:, :5], np.eye(5))
        found = {(i, LABELS[k]) for i, k in np.argwhere(truth[:, 5:]) + (0, 5)}
        assert found == {(1, "AMI"), (3, "LAFB"), (4, "LVH")}
        assert entries[1].territory == "anterior"
        assert entries[0].territory is None
        assert read_signals(entries).shape == (10, 12, 400)
        with pytest.raises(InputError, match="found none"):
            read_index(ptbxl, [7])

    def test_shuffled_labels_are_those_of_other_recordings(self, ptbxl):
        from imn.ptbxl import labels, read_index
        from imn.training import prepare

        entries = read_index(ptbxl)
        true, dealt = prepare(entries), prepare(entries, shuffled=True)
        np.testing.assert_array_equal(true.labels, labels(entries))
        np.testing.assert_array_equal(true.signal, dealt.signal)
        assert (true.labels != dealt.labels).any(axis=1).mean() > 0.5
        np.testing.assert_array_equal(*(np.sort(found.labels, axis=0) for found in (true, dealt)))
        assert sorted(map(tuple, true.labels)) == sorted(map(tuple, dealt.labels))

    def test_recordings_are_above_their_isoelectric_line(self, ptbxl):
        from imn.conditioning import remove_baseline
        from imn.ptbxl import read_index, read_signals
        from imn.training import prepare

        entries = read_index(ptbxl, [1])
        np.testing.assert_array_equal(prepare(entries).signal, remove_baseline(read_signals(entries), 100.0))


class TestTraining:
    def test_loss_falls(self, trained):
        log = log_of(trained[0].out)
        assert [(line["seed"], line["epoch"]) for line in log] == [(s, e) for s in (0, 1) for e in range(4)]
        for seed in (0, 1):
            own = [line["loss"] for line in log if line["seed"] == seed]
            assert own[-1] < 0.9 * own[0]

    def test_card_says_what_was_done(self, trained):
        config, path = trained
        card = json.loads(path.with_suffix(".json").read_text())
        assert card["data"]["trained_on_folds"] == [1, 2] and card["data"]["held_out_fold"] == 3
        assert card["data"]["licence"] == "CC BY 4.0"
        assert card["seeds"] == [0, 1] and card["members"] == 2
        assert card["recipe"]["model"] == "ecglocus" and "architecture" not in card
        assert "one of [1, 2]" in card["note"]
        assert card["metrics"]["fold"] == 3 and card["metrics"]["n"] == 10
        assert [row["label"] for row in card["metrics"]["labels"]] == list(LABELS)
        assert json.loads((config.out / "config.json").read_text())["options"]["folds"] == [1, 2]

    def test_each_member_chooses_its_epoch_on_another_fold(self, ptbxl, tmp_path, monkeypatch):
        from imn import fitting
        from imn.classifier import build
        from imn.training import TrainingConfig, prepare, train

        given = {}

        def keep(recipe, training, validation, *, seed, **_):
            given[seed] = training, validation
            return build(recipe).eval()

        monkeypatch.setattr(fitting, "fit", keep)
        config = TrainingConfig(ptbxl, tmp_path, folds=(2, 3), test=1, seeds=(4, 5, 6), recipe=TINY)
        assert [config.inner_fold(seed) for seed in config.seeds] == [3, 2, 3]
        train(config)
        folds = {fold: prepare(read_index(ptbxl, [fold])) for fold in (2, 3)}
        for seed, (inner, outer) in {4: (3, 2), 5: (2, 3), 6: (3, 2)}.items():
            for recordings, fold in zip(given[seed], (outer, inner), strict=True):
                np.testing.assert_array_equal(recordings.signal, folds[fold].signal)
                np.testing.assert_array_equal(recordings.labels, folds[fold].labels)

    def test_another_seed_gives_another_model(self, trained, tmp_path):
        from imn.training import train

        config, first = trained
        assert train(replace(config, out=tmp_path, seeds=(2, 3))).read_bytes() != first.read_bytes()

    def test_shuffled_labels_give_another_model_and_their_own_folder(self, trained, tmp_path):
        from imn.training import train

        config, first = trained
        with pytest.raises(InputError, match="another folder"):
            train(replace(config, shuffled=True))
        assert train(replace(config, out=tmp_path, shuffled=True)).read_bytes() != first.read_bytes()

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

    def test_two_processes_train_the_same_model_as_one(self, trained, tmp_path):
        config, alone = trained
        script = tmp_path / "run.py"
        script.write_text(
            "from pathlib import Path\n"
            "from imn.recipe import Recipe\n"
            "from imn.training import TrainingConfig, train\n"
            f"recipe = Recipe(widths={TINY.widths}, kernel={TINY.kernel}, epochs={TINY.epochs},"
            f" batch={TINY.batch}, n_crop={TINY.n_crop})\n"
            f"data, out = Path({str(config.data)!r}), Path({str(tmp_path / 'run')!r})\n"
            "for name in ('one', 'two'):\n"
            "    run = TrainingConfig(data, out / name, folds=(1, 2), test=3, seeds=(0, 1), recipe=recipe)\n"
            "    train(run)\n"
        )
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
        done = subprocess.run(
            [*command, str(script)], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        expected = sha256(alone.read_bytes()).hexdigest()
        metrics = json.loads(alone.with_suffix(".json").read_text())["metrics"]
        for folder in (tmp_path / "run" / "one", tmp_path / "run" / "two"):
            assert sha256((folder / alone.name).read_bytes()).hexdigest() == expected
            assert json.loads((folder / "ecglocus.json").read_text())["metrics"] == metrics
            assert sorted(map(str, log_of(folder))) == sorted(map(str, log_of(config.out)))

    def test_another_run_in_the_same_folder_is_refused(self, trained):
        from imn.training import train

        with pytest.raises(InputError, match="another folder"):
            train(replace(trained[0], recipe=replace(TINY, rate=1e-3)))

    def test_damaged_checkpoint_is_named(self, trained, tmp_path):
        from imn.training import train

        (tmp_path / "checkpoint-seed0.safetensors").write_bytes(b"no weights here, none at all")
        with pytest.raises(InputError, match="damaged checkpoint"):
            train(replace(trained[0], out=tmp_path))

    @pytest.mark.parametrize("changes", [{"folds": (1, 2, 3)}, {"folds": (1,)}, {"seeds": ()}])
    def test_test_fold_may_not_train(self, trained, changes):
        from imn.training import train

        with pytest.raises(InputError, match="two or more training folds without test fold"):
            train(replace(trained[0], **changes))

    def test_each_fold_is_held_out_once(self, trained, tmp_path):
        from imn.evaluation import evaluate_held_out
        from imn.training import cross_validate

        config = replace(trained[0], recipe=replace(TINY, epochs=1), seeds=(0,), out=tmp_path)
        paths = cross_validate(config)
        assert [path.name for path in paths] == [f"fold{k}.safetensors" for k in (1, 2, 3)]
        for k, path in enumerate(paths, start=1):
            card = load_model(path).card
            assert card["data"]["held_out_fold"] == k
            assert {*card["data"]["trained_on_folds"]} == {1, 2, 3} - {k}
        held_out = json.loads((tmp_path / "held_out.json").read_text())
        assert held_out["n"] == 30
        assert held_out["headline"].keys() >= {"auroc_macro"}
        assert "| auroc_macro |" in (tmp_path / "held_out.md").read_text()
        before = [path.stat().st_mtime_ns for path in paths]
        assert [path.stat().st_mtime_ns for path in cross_validate(config)] == before
        with pytest.raises(InputError, match="cross-validat"):
            evaluate_held_out([], config.data)
