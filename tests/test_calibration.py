"""Calibration error, Brier score and the intervals of figures over recordings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imn.bootstrap import interval, paired_interval, resamples_of
from imn.calibration import brier_score, calibration, expected_calibration_error
from imn.errors import InputError

probabilities = arrays(float, (30, 2), elements=st.floats(0, 1))
truths = arrays(bool, (30, 2))


def _calibrated(n, rng):
    probability = rng.random((n, 3)) ** 2
    return rng.random((n, 3)) < probability, probability


def test_a_bin_whose_frequency_is_its_probability_has_no_error():
    probability = np.repeat([[0.25], [0.75], [1.0], [0.0]], 4, axis=0)
    positive = np.array([1, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0], dtype=bool)[:, None]
    assert expected_calibration_error(positive, probability) == pytest.approx(0, abs=1e-15)
    assert expected_calibration_error(~positive, probability) == pytest.approx((0.5 + 0.5 + 1 + 1) / 4)


def test_certainty_has_the_error_of_its_mistakes():
    positive = np.array([[True], [True], [False], [False], [False]])
    certain = np.array([[1.0], [0.0], [0.0], [0.0], [1.0]])
    # One miss of four in the lowest bin, one false alarm of two in the highest.
    assert expected_calibration_error(positive, certain) == pytest.approx((1 + 1) / 5)
    assert brier_score(positive, certain) == pytest.approx(2 / 5)


@settings(max_examples=30, deadline=None)
@given(positive=truths, probability=probabilities)
def test_the_definition_written_out_gives_the_same(positive, probability):
    edges = np.arange(11) / 10
    for k, found in enumerate(expected_calibration_error(positive, probability)):
        expected = 0.0
        for low, high in zip(edges, edges[1:], strict=False):
            inside = ((probability[:, k] * 10).astype(int).clip(max=9) == round(low * 10)) & (high > 0)
            if inside.any():
                gap = probability[inside, k].mean() - positive[inside, k].mean()
                expected += inside.mean() * abs(gap)
        assert found == pytest.approx(expected, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(positive=truths, probability=probabilities)
def test_brier_score_is_that_of_scikit_learn(positive, probability):
    from sklearn.metrics import brier_score_loss

    expected = [
        brier_score_loss(truth.astype(int), own, pos_label=1)
        for truth, own in zip(positive.T, probability.T, strict=True)
    ]
    assert brier_score(positive, probability) == pytest.approx(expected)


def test_brier_score_is_reliability_minus_resolution_plus_uncertainty():
    """Murphy 1973, for probabilities that take few values."""
    rng = np.random.default_rng(0)
    probability = rng.choice([0.1, 0.4, 0.8], (200, 1))
    positive = rng.random((200, 1)) < 0.5 * probability + 0.2
    rate = positive.mean()
    parts = 0.0
    for value in (0.1, 0.4, 0.8):
        at = probability == value
        parts += at.mean() * ((value - positive[at].mean()) ** 2 - (positive[at].mean() - rate) ** 2)
    assert brier_score(positive, probability)[0] == pytest.approx(parts + rate * (1 - rate))


def test_a_calibrated_model_has_the_error_that_chance_gives():
    rng = np.random.default_rng(0)
    few, many = (calibration(*_calibrated(n, rng), resamples=200) for n in (250, 20_000))
    for found in (few, many):
        errors = [entry.value for entry in found.error]
        assert errors == pytest.approx(found.error_if_calibrated, rel=0.6)
    assert max(many.error_if_calibrated) < 0.01 < min(few.error_if_calibrated)


def test_overconfidence_is_seen_above_chance_and_leaves_the_interval():
    rng = np.random.default_rng(0)
    positive, probability = _calibrated(1000, rng)
    logit = np.log(probability / (1 - probability))
    found = calibration(positive, 1 / (1 + np.exp(-3 * logit)), resamples=200)
    for entry, chance in zip(found.error, found.error_if_calibrated, strict=True):
        assert entry.low > 3 * chance


def test_intervals_hold_their_value_and_the_mean_is_the_mean():
    rng = np.random.default_rng(0)
    found = calibration(*_calibrated(200, rng))
    for entry in (*found.error, *found.brier, found.error_macro, found.brier_macro):
        assert 0 <= entry.low <= entry.value <= entry.high
    assert found.error_macro.value == pytest.approx(np.mean([entry.value for entry in found.error]))
    assert found.brier_macro.value == pytest.approx(np.mean([entry.value for entry in found.brier]))
    assert all(b.value < p for b, p in zip(found.brier, found.brier_of_prevalence, strict=True))


def test_resampled_figures_are_those_of_the_resampled_recordings():
    """The quick form, counts times parts, against drawing and measuring."""
    rng = np.random.default_rng(1)
    positive, probability = _calibrated(60, rng)
    draws = resamples_of(60, resamples=50, seed=3)
    error = np.array([expected_calibration_error(positive[d], probability[d]) for d in draws])
    brier = np.array([brier_score(positive[d], probability[d]) for d in draws])
    found = calibration(positive, probability, resamples=50, seed=3)
    for k in range(3):
        limits = np.percentile(brier[:, k], (2.5, 97.5))
        assert [found.brier[k].low, found.brier[k].high] == pytest.approx(limits)
        shift = error[:, k].mean() - found.error[k].value
        limits = np.percentile(np.maximum(error[:, k] - shift, 0), (2.5, 97.5))
        assert [found.error[k].low, found.error[k].high] == pytest.approx(limits)


def test_the_brier_interval_holds_the_truth_about_as_often():
    rng = np.random.default_rng(0)
    p = np.array([0.1, 0.3, 0.6])
    truth = (p * (1 - p)).mean()
    held = 0
    for _ in range(200):
        given = rng.choice(p, (100, 1))
        entry = calibration(rng.random((100, 1)) < given, given, resamples=200).brier[0]
        held += entry.low <= truth <= entry.high
    assert 180 <= held <= 199


def test_median_intervals_hold_the_truth_about_as_often():
    rng = np.random.default_rng(0)
    found = [interval(rng.exponential(size=40), statistic=np.median, seed=i) for i in range(100)]
    assert 88 <= sum(f.low <= np.log(2) <= f.high for f in found) <= 100


def test_pairs_that_differ_by_the_same_amount_leave_no_doubt():
    a = np.random.default_rng(0).random(12)
    for statistic in (np.mean, np.median):
        found = paired_interval(a + 0.5, a, statistic=statistic)
        assert [found.value, found.low, found.high] == pytest.approx([0.5] * 3)


def test_an_interval_in_small_batches_is_the_same(monkeypatch):
    """Many recordings are resampled in parts; the parts draw on from the same stream."""
    import scipy.stats

    values = np.random.default_rng(0).random(50)
    whole, original = interval(values), scipy.stats.bootstrap
    monkeypatch.setattr(scipy.stats, "bootstrap", lambda *a, **k: original(*a, **{**k, "batch": 100}))
    assert interval(values) == whole


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: brier_score([[1]], [[1.5]]), "sigmoid"),
        (lambda: brier_score([[1]], [[float("nan")]]), "sigmoid"),
        (lambda: brier_score([1, 0], [0.5, 0.5]), r"\(n, k\)"),
        (lambda: expected_calibration_error(np.zeros((0, 2)), np.zeros((0, 2))), r"\(n, k\)"),
        (lambda: calibration([[1, 0]], [[0.5]]), r"\(n, k\)"),
        (lambda: interval([0.5]), "at least two"),
        (lambda: interval([0.5, float("inf")]), "finite"),
        (lambda: paired_interval([0.5, float("inf")], [0.5, float("inf")]), "leave such cases out of both"),
    ],
)
def test_what_is_no_probability_is_refused(wrong, sentence):
    with pytest.raises(InputError, match=sentence):
        wrong()
