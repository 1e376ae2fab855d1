"""Intervals and tests of paired scores, against scipy, the published formulas and full enumeration."""

import warnings
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats

from annotations.paired import paired_interval, paired_intervals, paired_test
from imn import bootstrap
from imn.errors import InputError

# Efron and Tibshirani 1993, An Introduction to the Bootstrap, table 2.1: survival of mice, days
TREATED = np.array([94, 197, 16, 38, 99, 141, 23], float)
CONTROL = np.array([52, 104, 146, 10, 51, 30, 40, 27, 46], float)
# table 14.1: spatial test of 26 children, task A
SPATIAL = np.array(
    [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41],
    float,
)


def bca(values: NDArray, drawn: NDArray, statistic, level: float = 0.95) -> tuple[list[float], float]:
    """Efron 1987 as in Efron and Tibshirani 1993, equations 14.10, 14.14 and 14.15; also the acceleration."""
    value = statistic(values)
    z0 = stats.norm.ppf((np.sum(drawn < value) + np.sum(drawn <= value)) / (2 * len(drawn)))
    left_out = np.array([statistic(np.delete(values, i)) for i in range(len(values))])
    gap = left_out.mean() - left_out
    a = (gap**3).sum() / (6 * (gap**2).sum() ** 1.5)
    ends = []
    for z in stats.norm.ppf([(1 - level) / 2, (1 + level) / 2]):
        share = stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))
        ends.append(float(np.percentile(drawn, 100 * share)))
    return ends, float(a)


@pytest.mark.parametrize("values", [TREATED, CONTROL, SPATIAL])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_intervals_agree_with_the_published_formulas_and_with_scipy(values, level):
    found = bootstrap.interval(values, seed=3, level=level)
    theirs = stats.bootstrap(
        (values,), np.mean, method="BCa", confidence_level=level, rng=np.random.default_rng(3)
    )
    assert found.value == values.mean()
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval), abs=1e-6)
    ends, _ = bca(values, theirs.bootstrap_distribution, np.mean, level)
    assert (found.low, found.high) == pytest.approx(tuple(ends), abs=1e-6)


def test_the_formulas_give_the_book_s_acceleration_and_interval():
    """Chapter 14.2: variance 171.5, acceleration 0.061, BCa interval at 90 % from 115.8 to 259.6."""
    assert np.var(SPATIAL) == pytest.approx(171.5, abs=0.05)
    drawn = stats.bootstrap(
        (SPATIAL,), np.var, method="BCa", confidence_level=0.9, rng=np.random.default_rng(0)
    ).bootstrap_distribution
    ends, acceleration = bca(SPATIAL, drawn, np.var, 0.9)
    assert acceleration == pytest.approx(0.061, abs=0.0005)
    assert ends == pytest.approx([115.8, 259.6], rel=0.03)


def test_the_paired_interval_is_that_of_the_differences():
    a, b = SPATIAL[:13] / 50, SPATIAL[13:] / 50
    found, plain = paired_interval(a, b, seed=5), bootstrap.interval(a - b, seed=5)
    assert (found.mean, found.low, found.high) == (plain.value, plain.low, plain.high)
    assert found.cases == 13


def test_a_constant_difference_is_its_own_interval():
    a = np.random.default_rng(0).random(10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same, shifted = paired_interval(a, a, seed=1), paired_interval(a + 0.1, a, seed=1)
    assert (same.mean, same.low, same.high, same.cases) == (0, 0, 0, 10)
    assert (shifted.low, shifted.high) == pytest.approx((0.1, 0.1))
    assert shifted.low <= shifted.mean <= shifted.high


def test_the_interval_turns_with_the_sign_and_holds_the_mean():
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 20))
    one, other = paired_interval(a, b, seed=1), paired_interval(b, a, seed=1)
    assert one.low < one.mean < one.high
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=0.02)
    wide = paired_interval(a, b, seed=1, level=0.99)
    assert wide.low < one.low
    assert wide.high > one.high


def test_pairing_counts():
    """Cases that vary much, with a small steady gain: only the paired interval sees it."""
    rng = np.random.default_rng(0)
    b = rng.random(20)
    a = b + 0.05 + 0.01 * rng.normal(size=20)
    assert paired_interval(a, b, seed=1).low > 0.03
    assert paired_interval(rng.permutation(a), b, seed=1).low < 0


@settings(max_examples=15, deadline=None)
@given(scores=arrays(float, (2, 4), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])))
def test_any_scores_give_a_finite_interval_without_a_warning(scores):
    found = paired_interval(*scores, seed=1)
    assert np.isfinite([found.low, found.high]).all()
    assert found.low - 1e-12 <= found.mean <= found.high + 1e-12


def test_ninety_five_percent_intervals_hold_the_truth_about_as_often():
    rng = np.random.default_rng(0)
    found = [paired_interval(rng.normal(0.1, 0.2, 25), np.zeros(25), seed=i) for i in range(100)]
    assert 88 <= sum(f.low <= 0.1 <= f.high for f in found) <= 99


def test_every_baseline_gets_its_interval():
    scores = [0.6, 0.7, 0.8]
    beside = [{"all positive": s - 0.2, "random region": 0.1 * i} for i, s in enumerate(scores)]
    found = paired_intervals(scores, beside, seed=1)
    assert set(found) == {"all positive", "random region"}
    assert found["all positive"].mean == pytest.approx(0.2)
    assert found["random region"] == paired_interval(scores, [0.0, 0.1, 0.2], seed=1)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: paired_interval([0.1], [0.2], seed=1), "at least two cases"),
        (lambda: paired_interval([0.1, 0.2], [0.2], seed=1), "paired scores"),
        (lambda: paired_interval([0.1, float("nan")], [0.2, 0.3], seed=1), "finite scores"),
        (lambda: paired_intervals([0.1, 0.2], [{"a": 1.0}, {"b": 1.0}], seed=1), "the same baselines"),
        (lambda: paired_intervals([], [], seed=1), "at least one case"),
    ],
)
def test_scores_that_cannot_be_compared_are_refused(wrong, sentence):
    with pytest.raises(InputError, match=sentence):
        wrong()


@pytest.mark.parametrize("n", [2, 5, 8, 11])
def test_the_test_is_exact_for_few_cases(n):
    rng = np.random.default_rng(n)
    a, b = rng.random((2, n))
    means = np.array([np.mean(np.array(signs) * (a - b)) for signs in product((1, -1), repeat=n)])
    seen, slack = np.mean(a - b), 1e-12
    sides = [np.mean(means >= seen - slack), np.mean(means <= seen + slack)]
    assert paired_test(a, b, seed=0) == pytest.approx(min(1, 2 * min(sides)), abs=1e-12)


def test_the_test_counts_both_sides_and_ignores_the_order():
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 10))
    order = rng.permutation(10)
    assert paired_test(a, b, seed=0) == pytest.approx(paired_test(b, a, seed=0))
    assert paired_test(a[order], b[order], seed=0) == pytest.approx(paired_test(a, b, seed=0))


def test_equal_scores_do_not_differ_and_a_steady_gain_does():
    a = np.random.default_rng(0).random(40)
    assert paired_test(a, a, seed=0) == 1
    assert paired_test(a + 0.1, a, seed=0) == pytest.approx(2 / 10_000)
    assert paired_test((a + 0.1)[:5], a[:5], seed=0) == pytest.approx(2 / 2**5)


def test_no_difference_is_found_as_often_as_the_level_says():
    rng = np.random.default_rng(2)
    found = [paired_test(rng.normal(size=8), rng.normal(size=8), seed=0) < 0.1 for _ in range(150)]
    assert 5 <= sum(found) <= 27


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        ([0.1], [0.2], "at least two cases"),
        ([0.1, 0.2], [0.1, 0.2, 0.3], "paired scores"),
        ([0.1, np.nan], [0.1, 0.2], "finite scores"),
    ],
)
def test_what_cannot_be_paired_is_refused(a, b, sentence):
    with pytest.raises(InputError, match=sentence):
        paired_test(a, b, seed=0)
