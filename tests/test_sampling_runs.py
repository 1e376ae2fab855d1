"""Protocol of the sampling-rate study: patients, rates, what chooses, what is kept."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imn.conditioning import Resampling
from imn.errors import InputError
from imn.ptbxl import read_index
from imn.sampling import cases as sampling_cases
from imn.sampling import fitting, runs
from imn.sampling.arms import AS_PUBLISHED, CNN, FAST, HELD, LSTM, SLOW, Arm
from imn.sampling.cases import Cases, read_cases, signal_at, signals_at, split
from imn.sampling.fitting import Schedule
from imn.sampling.runs import Study, hold_out
from tests.tiny_af import write_af

BRIEF = Schedule(updates=3, batch=4, every=2)
TWO_RATES = (Arm(FAST, CNN, 62.0), Arm(FAST, CNN, 250.0, HELD), Arm(FAST, LSTM, 250.0))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return write_af(tmp_path_factory.mktemp("af") / "ptbxl", 16, 22, fast=12)


@pytest.fixture
def study(tiny, tmp_path) -> Study:
    return Study(tiny, tmp_path / "runs", folds=3, arms=TWO_RATES, schedule=BRIEF)


class TestSplit:
    @given(st.lists(st.integers(0, 30), min_size=30, max_size=120), st.integers(2, 6), st.integers(0, 99))
    def test_no_patient_in_two_folds(self, of, n, seed):
        patients = [str(name) for name in of]
        positive = np.array(of) % 4 == 0
        fold = split(patients, positive, n, seed)
        assert all(len(set(fold[np.array(patients) == name])) == 1 for name in set(patients))
        sick = [
            len({p for p, f in zip(patients, fold, strict=True) if f == k and int(p) % 4 == 0})
            for k in range(n)
        ]
        assert max(sick) - min(sick) <= 1, "patients with AF are dealt out evenly"

    def test_depends_on_the_seed_alone(self):
        patients, positive = [str(i) for i in range(60)], np.arange(60) % 5 == 0
        again = split(patients, positive, 5, 0)
        np.testing.assert_array_equal(split(patients, positive, 5, 0), again)
        assert (split(patients, positive, 5, 1) != again).any()

    @pytest.mark.data
    @pytest.mark.parametrize(("source", "n_af", "n_normal"), [(SLOW, 93, 954), (FAST, 16, 136)])
    def test_of_ptbxl(self, data_dir, source, n_af, n_normal):
        cases = read_cases(data_dir / "ptbxl", source)
        assert (cases.positive.sum(), (~cases.positive).sum()) == (n_af, n_normal)
        fold = split(cases.patients, cases.positive, 5, 0)
        by_fold = [{p for p, f in zip(cases.patients, fold, strict=True) if f == k} for k in range(5)]
        assert sum(map(len, by_fold)) == len(set(cases.patients))
        assert min(cases.positive[fold == k].sum() for k in range(5)) >= n_af // 5 - 1


class TestRates:
    def test_lengths(self, tiny):
        cases = read_cases(tiny, FAST)
        assert len(cases.ids) == 24
        for fs, n in ((62.0, 248), (100.0, 400), (250.0, 1000), (500.0, 2000)):
            assert signals_at(cases, fs).shape == (24, 12, n)

    def test_every_rate_has_the_same_records_in_the_same_folds(self, study):
        found = hold_out(study)
        assert len({held.cases.ids for held in found}) == 1
        for fold in range(3):
            paths = list(study.folder.glob(f"*-fold{fold}.json"))
            assert len(paths) == len(TWO_RATES)
            assert len({str(json.loads(path.read_text())["key"]["recordings_sha256"]) for path in paths}) == 1
        assert all(np.isfinite(held.logits).all() for held in found)

    def test_band_limited_signals_survive(self):
        t = np.arange(5000) / 500
        rng = np.random.default_rng(0)
        x = np.sum([np.sin(2 * np.pi * (f * t + rng.random())) for f in rng.uniform(0.5, 40, 30)], axis=0)
        there = Resampling.plan(5000, 500, 100).apply(x)
        back = Resampling.plan(1000, 100, 500).apply(there)
        error = (back - x)[500:-500]
        assert np.sqrt((error**2).mean()) < 0.01 * np.sqrt((x**2).mean())

    def test_no_aliasing(self):
        fast = np.sin(2 * np.pi * 70 * np.arange(5000) / 500)
        left = Resampling.plan(5000, 500, 100).apply(fast)[50:-50]
        assert np.sqrt((left**2).mean()) < 0.01 * np.sqrt(0.5)

    def test_another_rate_is_refused(self, tiny):
        with pytest.raises(InputError, match="expected 500 Hz, got 100 Hz"):
            signal_at(tiny / "records100" / "00000_lr", FAST, 100.0)

    def test_another_length_is_refused(self, tiny):
        cases = read_cases(tiny, SLOW)
        short = Cases(SLOW, (0, 1), ("a", "b"), cases.positive[:2], cases.files[:2])
        taken = signal_at(short.files[1], SLOW, 100.0)[:, :-1]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                sampling_cases, "signal_at", lambda path, *_: taken if path == short.files[1] else whole
            )
            whole = np.zeros((12, taken.shape[1] + 1), np.float32)
            with pytest.raises(InputError, match="expected 400 samples as in the first, got 399"):
                signals_at(short, 100.0)

    def test_too_few_is_refused(self, tmp_path):
        root = write_af(tmp_path / "few", 4, 12, fast=4)
        with pytest.raises(
            InputError, match="ten or more recordings of AFIB and of NORM at 100 Hz, got 4 and 12"
        ):
            read_cases(root, SLOW)

    def test_both_rhythms_and_neither(self, tiny):
        entries = {entry.id: entry for entry in read_index(tiny)}
        cases = read_cases(tiny, SLOW)
        assert all(
            positive == ("AFIB" in entries[i].codes)
            for i, positive in zip(cases.ids, cases.positive, strict=True)
        )


@pytest.fixture
def cases() -> Cases:
    positive = np.arange(40) % 4 == 0
    return Cases(SLOW, tuple(range(40)), tuple(str(i // 2) for i in range(40)), positive, ())


class TestSelection:
    """The test fold has no part in training or in choosing when to stop."""

    signals = np.random.default_rng(0).normal(size=(40, 12, 200)).astype(np.float32)

    def test_labels_of_the_test_fold_change_nothing(self, cases):
        tested = np.arange(40) >= 32
        other = np.where(tested, ~cases.positive, cases.positive)
        arm = Arm(SLOW, CNN, 100.0)
        first, second = (
            runs.held_out_logits(arm, self.signals, replace(cases, positive=truth), tested, BRIEF, 0)
            for truth in (cases.positive, other)
        )
        np.testing.assert_array_equal(first, second)

    def test_labels_of_training_do(self, cases):
        tested = np.arange(40) >= 32
        other = np.where(tested, cases.positive, ~cases.positive)
        arm = Arm(SLOW, CNN, 100.0)
        first, second = (
            runs.held_out_logits(arm, self.signals, replace(cases, positive=truth), tested, BRIEF, 0)
            for truth in (cases.positive, other)
        )
        assert np.abs(first - second).max() > 1e-3

    def test_signals_of_the_test_fold_are_seen_once_all_is_chosen(self, cases, monkeypatch):
        tested = np.arange(40) >= 32
        seen: list[tuple[bool, set[int]]] = []

        def spy(network, signals, rows, *, exact=True):
            seen.append((exact, set(rows.tolist())))
            return predict(network, signals, rows, exact=exact)

        predict = fitting.predict
        monkeypatch.setattr(fitting, "predict", spy)
        monkeypatch.setattr(runs, "predict", spy)
        runs.held_out_logits(Arm(SLOW, CNN, 100.0), self.signals, cases, tested, BRIEF, 0)
        *looks, last = seen
        assert last == (True, set(range(32, 40)))
        assert len(looks) == 2 and all(rows.isdisjoint(range(32, 40)) for _, rows in looks)

    def test_patients_are_apart_within_training_too(self, cases, monkeypatch):
        kept = []

        def spy(arm, material, schedule, seed):
            kept.append(material)
            return fitting.build(arm).eval()

        monkeypatch.setattr(runs, "fit", spy)
        tested = split(cases.patients, cases.positive, 5, 0) == 0
        runs.held_out_logits(Arm(SLOW, CNN, 100.0), self.signals, cases, tested, BRIEF, 0)
        (material,) = kept
        groups = [
            {cases.patients[i] for i in rows}
            for rows in (np.flatnonzero(tested), material.training, material.inner)
        ]
        assert all(groups)
        assert sum(map(len, groups)) == len(set().union(*groups)) == 20
        assert not material.positive[tested].any()

    def test_same_batches_at_every_rate(self, study, monkeypatch):
        drawn: list[np.ndarray] = []

        def spy(network, optimizer, material, rows):
            drawn.append(rows)

        monkeypatch.setattr(fitting, "_update", spy)
        hold_out(study)
        per_arm = np.array(drawn).reshape(len(TWO_RATES), -1)
        assert (per_arm == per_arm[0]).all()

    def test_batches_hold_as_many_of_either(self, cases):
        material = fitting.Material(self.signals, np.arange(30), np.arange(30, 40), cases.positive)
        for seed in range(5):
            rows = fitting._draw(material, 8, np.random.default_rng(seed))
            assert cases.positive[rows].sum() == 4 and rows.max() < 30


class TestFolder:
    def test_goes_on_where_it_was(self, study, monkeypatch):
        first = hold_out(study)
        gone = study.folder / f"{TWO_RATES[1].name}-seed0-fold1.json"
        gone.unlink()
        trained = []
        monkeypatch.setattr(runs, "fit", lambda *given: trained.append(given[0]) or fitting.fit(*given))
        second = hold_out(study)
        assert trained == [TWO_RATES[1]]
        for one, other in zip(first, second, strict=True):
            np.testing.assert_array_equal(one.logits, other.logits)

    def test_nothing_is_read_where_all_is_there(self, study, monkeypatch):
        hold_out(study)
        monkeypatch.setattr(runs, "signals_at", lambda *_: pytest.fail("read again"))
        hold_out(study)

    def test_more_seeds_go_on_from_one(self, study):
        one = hold_out(study)
        two = hold_out(replace(study, seeds=(0, 1)))
        assert len(list(study.folder.glob("*.json"))) == 2 * 3 * len(TWO_RATES)
        assert not np.allclose(one[0].logits, two[0].logits)

    def test_another_study_is_refused(self, study):
        hold_out(study)
        with pytest.raises(InputError, match="made with other recordings or options; give another folder"):
            hold_out(replace(study, schedule=replace(BRIEF, updates=2)))

    def test_damage_is_told(self, study):
        hold_out(study)
        (study.folder / f"{TWO_RATES[0].name}-seed0-fold0.json").write_text("{")
        with pytest.raises(InputError, match="damaged; delete it"):
            hold_out(study)


def test_probability_has_the_odds_of_training(study):
    held = hold_out(study)[0]
    odds = held.probability / (1 - held.probability)
    fold = split(held.cases.patients, held.cases.positive, 3, 0)
    for k in range(3):
        share = held.cases.positive[fold != k].mean()
        np.testing.assert_allclose(
            odds[fold == k], np.exp(held.logits[fold == k]) * share / (1 - share), rtol=1e-9
        )


def test_arm_names_say_all():
    assert Arm(FAST, CNN, 250.0, HELD).name == "from500-cnn1d-250hz-held"
    assert Arm(SLOW, LSTM, 62.0, AS_PUBLISHED).name == "from100-cnn-lstm-62hz-as-published"
