"""STAPLE: what must hold at its fixed point, and raters whose performance is known."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize
from scipy.special import expit

from annotations.agreement import MISSING
from annotations.staple import START, share_inside, staple
from imn.errors import InputError

N = 40
ratings_of = arrays(np.int64, (4, N), elements=st.integers(0, 1))
gappy = arrays(np.int64, (4, N), elements=st.integers(-1, 1))
weights_of = arrays(float, N, elements=st.floats(0.1, 10))


def likelihood(ratings, weights, prior, p, q):
    """Log-likelihood of ratings, unit by unit straight from the model."""
    total = 0.0
    for unit, weight in zip(ratings.T, weights / weights.mean(), strict=True):
        inside, outside = prior, 1 - prior
        for said, right, wrong in zip(unit, p, q, strict=True):
            if said != MISSING:
                inside *= right if said else 1 - right
                outside *= 1 - wrong if said else wrong
        total += weight * np.log(inside + outside)
    return total


def synthetic(sensitivity, specificity, *, n=60_000, share=0.3, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < share
    yes = np.where(truth, np.array(sensitivity)[:, None], 1 - np.array(specificity)[:, None])
    return truth, (rng.random(yes.shape) < yes).astype(int)


# the fixed point


@settings(deadline=None, max_examples=40)
@given(ratings=gappy, weights=weights_of)
def test_both_steps_hold_at_the_end(ratings, weights):
    found = staple(ratings, weights=weights)
    w = found.probability
    for said, right, wrong in zip(ratings, found.sensitivity, found.specificity, strict=True):
        seen = said != MISSING
        inside, outside = (weights * w)[seen], (weights * (1 - w))[seen]
        if inside.sum() > 1e-4:
            assert right == pytest.approx(inside[said[seen] == 1].sum() / inside.sum(), abs=1e-6)
        if outside.sum() > 1e-4:
            assert wrong == pytest.approx(outside[said[seen] == 0].sum() / outside.sum(), abs=1e-6)
    prior = share_inside(ratings, weights)
    for unit, probability in zip(ratings.T, w, strict=True):
        a, b = prior, 1 - prior
        for said, right, wrong in zip(unit, found.sensitivity, found.specificity, strict=True):
            if said != MISSING:
                a *= right if said else 1 - right
                b *= 1 - wrong if said else wrong
        if a + b > 0:
            assert probability == pytest.approx(a / (a + b), abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(ratings=gappy, weights=weights_of)
def test_the_likelihood_never_falls_and_is_that_of_the_model(ratings, weights):
    found = staple(ratings, weights=weights)
    steps = np.array(found.log_likelihood)
    assert (np.diff(steps) >= -1e-9 * np.abs(steps[1:])).all()
    prior = share_inside(ratings, weights)
    start = np.full(4, START)
    assert steps[0] == pytest.approx(likelihood(ratings, weights, prior, start, start), rel=1e-9)
    rates = [np.nan_to_num(rate, nan=0.5) for rate in (found.sensitivity, found.specificity)]
    assert steps[-1] == pytest.approx(likelihood(ratings, weights, prior, *rates), rel=1e-6, abs=1e-6)


def test_no_other_performance_explains_the_ratings_better():
    """A general optimiser from many starts finds no higher likelihood than expectation and maximisation."""
    _, ratings = synthetic([0.9, 0.8, 0.7], [0.95, 0.9, 0.85], n=400, seed=4)
    weights = np.random.default_rng(5).uniform(0.5, 2, 400)
    found, prior = staple(ratings, weights=weights), share_inside(ratings, weights)

    kinds, kind = np.unique(ratings, axis=1, return_inverse=True)
    mass = np.bincount(kind.ravel(), weights=weights / weights.mean())

    def loss(x):
        p, q = expit(x[:3])[:, None], expit(x[3:])[:, None]
        inside = prior * np.where(kinds == 1, p, 1 - p).prod(axis=0)
        outside = (1 - prior) * np.where(kinds == 1, 1 - q, q).prod(axis=0)
        return -(mass @ np.log(inside + outside))

    starts = product((0.5, 2.5), repeat=6)
    best = max(-minimize(loss, start, method="BFGS").fun for start in list(starts)[::8])
    assert found.log_likelihood[-1] == pytest.approx(best, abs=1e-6)


# identities


@settings(deadline=None, max_examples=40)
@given(ratings=ratings_of, weights=weights_of, seed=st.integers(0, 99), factor=st.floats(1e-2, 1e2))
def test_order_and_units_do_not_matter(ratings, weights, seed, factor):
    rng = np.random.default_rng(seed)
    raters, units = rng.permutation(4), rng.permutation(N)
    one = staple(ratings, weights=weights)
    other = staple(ratings[raters][:, units], weights=weights[units] * factor)
    np.testing.assert_allclose(other.sensitivity, one.sensitivity[raters], atol=1e-6)
    np.testing.assert_allclose(other.specificity, one.specificity[raters], atol=1e-6)
    np.testing.assert_allclose(other.probability, one.probability[units], atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(mask=arrays(bool, N), raters=st.integers(1, 5))
def test_raters_that_say_the_same_are_right(mask, raters):
    found = staple(np.tile(mask.astype(int), (raters, 1)))
    np.testing.assert_array_equal(found.region, mask)
    near = 1e-6 if raters > 1 else 1e-3  # one rater alone could be wrong now and then
    if mask.any():
        np.testing.assert_allclose(found.sensitivity, 1, atol=near)
    if not mask.all():
        np.testing.assert_allclose(found.specificity, 1, atol=near)


@settings(deadline=None, max_examples=40)
@given(ratings=ratings_of)
def test_raters_that_say_the_same_get_the_same(ratings):
    ratings = np.vstack([ratings, ratings[:1]])
    found = staple(ratings)
    assert found.sensitivity[0] == pytest.approx(found.sensitivity[4], abs=1e-9)
    assert found.specificity[0] == pytest.approx(found.specificity[4], abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(ratings=ratings_of)
def test_inside_and_outside_are_exchangeable(ratings):
    one, other = staple(ratings, prior=0.4), staple(1 - ratings, prior=0.6)
    np.testing.assert_allclose(other.sensitivity, one.specificity, atol=1e-6)
    np.testing.assert_allclose(other.probability, 1 - one.probability, atol=1e-6)


def test_a_unit_of_double_area_counts_as_two():
    _, ratings = synthetic([0.9, 0.8, 0.7], [0.95, 0.9, 0.85], n=300)
    copies = np.random.default_rng(1).integers(1, 4, 300)
    weighted, repeated = staple(ratings, weights=copies), staple(np.repeat(ratings, copies, axis=1))
    np.testing.assert_allclose(weighted.sensitivity, repeated.sensitivity, atol=1e-4)
    np.testing.assert_allclose(np.repeat(weighted.probability, copies), repeated.probability, atol=1e-3)


def test_a_rater_who_looked_at_nothing_changes_nothing():
    _, ratings = synthetic([0.9, 0.8, 0.7], [0.95, 0.9, 0.85], n=300)
    one, more = staple(ratings), staple(np.vstack([ratings, np.full((1, 300), MISSING)]))
    np.testing.assert_allclose(more.probability, one.probability, atol=1e-9)
    assert np.isnan([more.sensitivity[3], more.specificity[3]]).all()


# raters whose performance is known


def test_known_performance_is_found():
    sensitivity, specificity = [0.95, 0.8, 0.6, 0.85], [0.99, 0.9, 0.95, 0.7]
    truth, ratings = synthetic(sensitivity, specificity)
    found = staple(ratings, prior=0.3)
    np.testing.assert_allclose(found.sensitivity, sensitivity, atol=0.015)
    np.testing.assert_allclose(found.specificity, specificity, atol=0.015)
    vote = ratings.mean(axis=0) > 0.5
    assert (found.region == truth).mean() > (vote == truth).mean()


def test_missing_ratings_leave_the_estimate_where_it_is():
    sensitivity, specificity = [0.95, 0.8, 0.6, 0.85], [0.99, 0.9, 0.95, 0.7]
    _, ratings = synthetic(sensitivity, specificity)
    ratings[np.random.default_rng(9).random(ratings.shape) < 0.3] = MISSING
    found = staple(ratings, prior=0.3)
    np.testing.assert_allclose(found.sensitivity, sensitivity, atol=0.02)
    np.testing.assert_allclose(found.specificity, specificity, atol=0.02)


def test_any_number_of_raters_fits() -> None:
    truth, ratings = synthetic([0.8] * 60, [0.9] * 60, n=300)
    found = staple(ratings)
    np.testing.assert_array_equal(found.region, truth)
    np.testing.assert_allclose(found.sensitivity, ratings[:, truth].mean(axis=1), atol=1e-6)


def test_nothing_marked_is_nothing_meant():
    found = staple(np.zeros((3, 20), int))
    assert not found.region.any()
    np.testing.assert_allclose(found.specificity, 1)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: staple([[0, 2]]), "STAPLE takes 1 inside"),
        (lambda: staple([[0, np.nan]]), "whole number"),
        (lambda: staple([[0, 1]], prior=1.0), "a prior must lie between"),
        (lambda: staple([[0, 1]], weights=[1, 1, 1]), "weights and prior must have shape"),
        (lambda: staple([[0, 1]], weights=[0, 0]), "not all zero"),
        (lambda: staple([0, 1]), "shape"),
    ],
)
def test_what_does_not_fit_is_refused(wrong, sentence):
    with pytest.raises(InputError, match=sentence):
        wrong()
