"""Measures of the sampling-rate study against their definitions, and its tables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imn import metrics
from imn.calibration import brier_score, expected_calibration_error
from imn.sampling.arms import CNN, CUT, HELD, SLOW, Arm
from imn.sampling.cases import Cases
from imn.sampling.measures import MEASURES, differences, measured, patient_weights
from imn.sampling.runs import Held
from imn.sampling.tables import arm_rows, difference_rows, reliability_rows

ARM = Arm(SLOW, CNN, 100.0)


def held(seed: int, n: int = 120, arm: Arm = ARM, strength: float = 1.5) -> Held:
    """Logits that tell a third of the recordings, of patients with two each, from the others."""
    rng = np.random.default_rng(seed)
    positive = np.arange(n) // 2 % 3 == 0
    cases = Cases(SLOW, tuple(range(n)), tuple(str(i // 2) for i in range(n)), positive, ())
    logits = rng.normal(size=n) + strength * (positive - 0.5)
    return Held(arm, cases, logits, np.full(n, np.log(0.5)))


def values(one: Held, weights: np.ndarray) -> dict[str, float]:
    given = (one.cases.positive, one.logits, one.probability)
    return {name: float(measure(*given, weights)[0]) for name, measure in MEASURES.items()}


def test_are_those_of_the_library():
    one = held(0)
    found = values(one, np.ones((1, 120)))
    truth, probability = one.cases.positive[:, None], one.probability[:, None]
    assert found["auroc"] == pytest.approx(float(metrics.auroc(one.cases.positive, one.logits)))
    assert found["ece"] == pytest.approx(float(expected_calibration_error(truth, probability)[0]))
    assert found["brier"] == pytest.approx(float(brier_score(truth, probability)[0]))
    called = one.logits > 0
    assert found["sensitivity"] == pytest.approx(called[one.cases.positive].mean())
    assert found["specificity"] == pytest.approx(1 - called[~one.cases.positive].mean())


@given(st.integers(0, 2**16))
@settings(max_examples=25, deadline=None)
def test_a_weight_is_as_many_copies(seed):
    one, rng = held(seed, 60), np.random.default_rng(seed)
    weights = rng.integers(0, 4, 60)
    at = np.repeat(np.arange(60), weights)
    copied = Held(
        ARM,
        Cases(SLOW, tuple(range(len(at))), ("",) * len(at), one.cases.positive[at], ()),
        one.logits[at],
        one.prior[at],
    )
    again, found = values(copied, np.ones((1, len(at)))), values(one, weights[None].astype(float))
    assert found == pytest.approx(again, nan_ok=True)


def constant(p: float, n: int = 200, n_positive: int = 60) -> Held:
    cases = Cases(SLOW, tuple(range(n)), tuple(map(str, range(n))), np.arange(n) < n_positive, ())
    return Held(ARM, cases, np.full(n, np.log(p / (1 - p))), np.zeros(n))


@pytest.mark.parametrize("p", [0.05, 0.3, 0.83])
def test_of_a_constant_probability(p):
    found = values(constant(p), np.ones((1, 200)))
    assert found["ece"] == pytest.approx(abs(p - 0.3))
    assert found["brier"] == pytest.approx((p - 0.3) ** 2 + 0.3 * 0.7)
    assert found["auroc"] == 0.5


def test_the_right_prior_calibrates():
    """Logits of balanced training overstate a rare rhythm; its odds put that right."""
    rng = np.random.default_rng(0)
    positive = rng.random(20_000) < 0.1
    logits = rng.normal(2.0 * positive - 1.0, np.sqrt(2.0))  # their log-likelihood ratio is the value itself
    cases = Cases(SLOW, tuple(range(20_000)), tuple(map(str, range(20_000))), positive, ())
    weights = np.ones((1, 20_000))
    with_it = values(Held(ARM, cases, logits, np.full(20_000, np.log(0.1 / 0.9))), weights)
    without = values(Held(ARM, cases, logits, np.zeros(20_000)), weights)
    assert with_it["ece"] < 0.01 < 0.1 < without["ece"]
    assert with_it["brier"] < without["brier"]


class TestBootstrap:
    def test_recordings_of_a_patient_are_drawn_together(self):
        patients = ["a", "b", "a", "c", "c", "c"]
        weights = patient_weights(patients, resamples=50)
        assert weights.shape == (50, 6)
        assert (weights[:, 0] == weights[:, 2]).all()
        assert (weights[:, 3] == weights[:, 4]).all() and (weights[:, 4] == weights[:, 5]).all()
        assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()

    def test_is_wider_where_patients_have_more_recordings(self):
        one = held(1, 240)
        doubled = Held(
            ARM,
            Cases(SLOW, tuple(range(480)), one.cases.patients * 2, np.tile(one.cases.positive, 2), ()),
            np.tile(one.logits, 2),
            np.tile(one.prior, 2),
        )
        by_patient = measured(doubled, patient_weights(doubled.cases.patients))["auroc"]
        by_recording = measured(doubled, patient_weights([str(i) for i in range(480)]))["auroc"]
        assert by_patient.high - by_patient.low > 1.25 * (by_recording.high - by_recording.low)

    def test_holds_the_value(self):
        one = held(2)
        for name, found in measured(one, patient_weights(one.cases.patients)).items():
            assert found.low <= found.value <= found.high, name

    def test_a_figure_without_positives_is_not_there(self):
        one = held(0)
        cases = Cases(SLOW, one.cases.ids, one.cases.patients, np.zeros(120, dtype=bool), ())
        found = measured(
            Held(ARM, cases, one.logits, one.prior), patient_weights(cases.patients, resamples=20)
        )
        assert np.isnan(found["auroc"].value) and np.isnan(found["sensitivity"].low)
        assert np.isfinite(found["specificity"].value)


class TestDifferences:
    def test_of_itself_is_nothing(self):
        one = held(0)
        for found in differences(one, one, patient_weights(one.cases.patients, resamples=50)).values():
            assert (found.value, found.low, found.high) == (0, 0, 0)

    def test_changes_sign(self):
        one, other = held(0), held(1, strength=0.5)
        weights = patient_weights(one.cases.patients, resamples=200)
        there, back = differences(one, other, weights), differences(other, one, weights)
        for name in MEASURES:
            assert there[name].value == pytest.approx(-back[name].value)
            assert there[name].low == pytest.approx(-back[name].high)

    def test_is_narrower_than_unpaired(self):
        one = held(0)
        near = Held(ARM, one.cases, one.logits + 0.05 * np.random.default_rng(5).normal(size=120), one.prior)
        weights = patient_weights(one.cases.patients)
        paired, alone = differences(one, near, weights)["auroc"], measured(one, weights)["auroc"]
        assert paired.high - paired.low < 0.3 * (alone.high - alone.low)

    def test_other_recordings_are_refused(self):
        with pytest.raises(ValueError, match="same recordings"):
            differences(held(0), held(0, 60), np.ones((1, 120)))


class TestTables:
    arms = (ARM, Arm(SLOW, CNN, 500.0), Arm(SLOW, CNN, 500.0, HELD), Arm(SLOW, CNN, 100.0, CUT))
    helds = [held(i, arm=arm) for i, arm in enumerate(arms)]

    def test_one_line_per_arm(self):
        rows = arm_rows(self.helds)
        assert [row["field_s"] for row in rows] == pytest.approx([0.54, 0.108, 0.872, 0.10])
        assert {row["n_af"] for row in rows} == {40} and {row["n_normal"] for row in rows} == {80}

    def test_comparisons(self):
        rows = difference_rows(self.helds)
        assert [(row["difference"], row["hz"], row["field"]) for row in rows] == [
            ("500 - 100 Hz", 500.0, "as published"),
            ("held - as published", 500.0, "held"),
            ("cut - as published", 100.0, "cut"),
        ]
        by_arm = {(row["hz"], row["field"]): row["auroc"] for row in arm_rows(self.helds)}
        assert rows[0]["auroc"] == pytest.approx(
            by_arm[500.0, "as published"] - by_arm[100.0, "as published"]
        )
        assert rows[1]["auroc"] == pytest.approx(by_arm[500.0, "held"] - by_arm[500.0, "as published"])

    def test_bins_add_up_to_the_calibration_error(self):
        rows = reliability_rows(self.helds[:1])
        assert sum(row["n"] for row in rows) == 120
        error = sum(row["n"] * abs(row["probability"] - row["share_af"]) for row in rows) / 120
        assert error == pytest.approx(arm_rows(self.helds[:1])[0]["ece"])
