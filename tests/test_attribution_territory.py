"""Shares of leads, in each form of a map."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imn.attribution.territory import (
    FORMS,
    activation_pattern,
    contrasts,
    lead_contrast,
    lead_covariance,
    map_forms,
    territory_auroc,
)
from imn.errors import InputError
from imn.leads import EXPANSION, IDENTIFIED, LEADS, expand, fold_weights
from imn.metrics import auroc

ONE_LEAD = np.eye(12)[:, :, None] * np.ones(5)
"""(12, 12, 5): maps that lie in one lead each."""


def _random(seed, b=3, n=20):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((b, 12, n)), expand(rng.standard_normal((b, 8, n)))


@pytest.mark.parametrize("form", FORMS)
def test_a_map_in_one_lead_has_the_contrast_of_that_lead(form):
    expected = [1 if name in ("V1", "V2", "V3", "V4") else -(name in ("II", "III", "aVF")) for name in LEADS]
    assert lead_contrast(ONE_LEAD, form).tolist() == expected


def test_an_even_map_has_the_contrast_of_one_lead_more():
    for form in FORMS:
        assert lead_contrast(np.ones((12, 7)), form) == pytest.approx(1 / 12)
        assert lead_contrast(np.zeros((12, 7)), form) == 0


def test_forms_differ_as_they_say():
    maps = np.zeros((12, 4))
    maps[6] = 3, 3, -1, -1
    maps[1] = 4, 0, 0, -4
    assert lead_contrast(maps, "signed") == pytest.approx((4 - 0) / 16)
    assert lead_contrast(maps, "positive") == pytest.approx((6 - 4) / 10)
    assert lead_contrast(maps, "absolute") == pytest.approx((8 - 8) / 16)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), gain=st.floats(0.01, 100))
def test_contrasts_are_shares(seed, gain):
    maps, _ = _random(seed)
    for form in FORMS:
        found = lead_contrast(maps, form)
        assert (np.abs(found) <= 1).all()
        assert lead_contrast(gain * maps, form) == pytest.approx(found)
    assert lead_contrast(-maps, "signed") == pytest.approx(-lead_contrast(maps, "signed"))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_what_no_signal_can_see_moves_no_contrast(seed):
    """Every form is a function of the weights folded to eight leads."""
    weights, x = _random(seed)
    unseen = (np.eye(12) - IDENTIFIED) @ np.random.default_rng(seed + 1).standard_normal(weights.shape)
    assert (unseen * x).sum(axis=1) == pytest.approx(0, abs=1e-9)
    one, other = (map_forms(w, x, reference=0.5 * x) for w in (weights, weights + 5 * unseen))
    back = map_forms(np.linalg.pinv(EXPANSION).T @ fold_weights(weights), x, reference=0.5 * x)
    for name in one:
        assert one[name] == pytest.approx(other[name], abs=1e-8), name
        assert one[name] == pytest.approx(back[name], abs=1e-8), name


def test_evidence_keeps_its_sum_with_and_without_a_reference():
    weights, x = _random(0)
    r = expand(np.random.default_rng(1).standard_normal((8, 20)))
    maps = map_forms(weights, x, reference=r)
    whole = (weights * x).sum(axis=(1, 2))
    assert maps["evidence"].sum(axis=(1, 2)) == pytest.approx(whole)
    assert maps["against reference"].sum(axis=(1, 2)) == pytest.approx(whole - (weights * r).sum(axis=(1, 2)))
    assert map_forms(weights, x, reference=0 * x)["against reference"] == pytest.approx(maps["evidence"])
    assert "against reference" not in map_forms(weights, x)


def test_covariance_is_that_of_numpy_and_the_pooled_one_its_mean():
    weights, x = _random(0)
    own = lead_covariance(x + 3)
    for i in range(3):
        assert own[i] == pytest.approx(np.cov(x[i], bias=True))
    maps = map_forms(weights, x)
    assert maps["pattern pooled"] == pytest.approx(
        map_forms(weights, x, pooled=own.mean(axis=0))["pattern pooled"]
    )
    assert maps["pattern pooled x signal"] == pytest.approx(maps["pattern pooled"] * x)


def test_the_pattern_finds_the_source_where_the_filter_cancels_noise():
    """Haufe et al. 2014, section 2.1: x = a s + d e is read by a w that must avoid e."""
    rng = np.random.default_rng(0)
    a, d = rng.standard_normal((2, 8))
    x = expand(np.outer(a, rng.standard_normal(5000)) + 3 * np.outer(d, rng.standard_normal(5000)))
    source = np.linalg.lstsq(np.stack([EXPANSION @ a, EXPANSION @ d], axis=1), np.eye(12), rcond=None)[0][0]
    pattern = activation_pattern(source[:, None], lead_covariance(x))[:, 0]

    def likeness(v):
        return abs(v @ (EXPANSION @ a)) / np.linalg.norm(v) / np.linalg.norm(EXPANSION @ a)

    assert likeness(pattern) > 0.99 > likeness(source)


def test_a_planted_territory_is_told_apart_in_every_form():
    rng = np.random.default_rng(0)
    maps = 0.3 * np.abs(rng.standard_normal((40, 12, 10)))
    anterior = np.arange(40) < 25
    maps[:25, 6:10] += 1
    maps[25:, [1, 2, 5]] += 1
    found = contrasts({"map": maps, "other": maps[:, ::-1]})
    assert set(found) == {(name, form) for name in ("map", "other") for form in FORMS}
    for form in FORMS:
        entry = territory_auroc(anterior, found["map", form])
        assert (entry.value, entry.low, entry.high) == (1, 1, 1)


def test_the_auroc_is_that_of_the_metrics_with_an_interval_around():
    rng = np.random.default_rng(0)
    anterior = rng.random(60) < 0.5
    score = anterior + rng.standard_normal(60)
    found = territory_auroc(anterior, score)
    assert found.value == pytest.approx(float(auroc(anterior, score)))
    assert found.low < found.value < found.high


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: lead_contrast(np.zeros((3, 8, 10))), "twelve leads"),
        (lambda: lead_contrast(np.zeros((12, 10)), "square"), "signed, positive, absolute"),  # pyright: ignore[reportArgumentType]
        (lambda: territory_auroc([True, True], [0.1, 0.2]), "2 of 2 anterior"),
        (lambda: territory_auroc([True, False], [0.1]), "one contrast per recording"),
    ],
)
def test_what_has_no_contrast_is_refused(wrong, sentence):
    with pytest.raises(InputError, match=sentence):
        wrong()
