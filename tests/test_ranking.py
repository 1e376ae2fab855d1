"""Scores of a map without one threshold: identities, scikit-learn's numbers, chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotations.overlap import mesh_overlap, top_density_mask
from annotations.ranking import CURVE, average_precision, dice_curve, pointing_game, relevance_mass
from imn.errors import InputError

V = 30
maps = arrays(float, V, elements=st.sampled_from([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0]))
masks = arrays(bool, V)
areas_of = arrays(float, V, elements=st.floats(0.1, 10))
ALL = (pointing_game, relevance_mass, average_precision)


@pytest.mark.parametrize("score", ALL)
@settings(deadline=None)
@given(mask=masks, areas=areas_of)
def test_the_annotation_as_map_scores_one(score, mask, areas):
    if mask.any():
        assert score(mask.astype(float), mask, weights=areas) == pytest.approx(1)


@pytest.mark.parametrize("score", ALL)
@settings(deadline=None)
@given(density=maps, mask=masks, areas=areas_of, factor=st.floats(1e-3, 1e3), shrink=st.floats(1e-3, 1e3))
def test_units_of_evidence_and_area_do_not_matter(score, density, mask, areas, factor, shrink):
    one, other = score(density, mask, weights=areas), score(density * factor, mask, weights=areas * shrink)
    assert other == pytest.approx(one, nan_ok=True)


@pytest.mark.parametrize("score", ALL)
@settings(deadline=None)
@given(density=maps, mask=masks, areas=areas_of, seed=st.integers(0, 99))
def test_the_numbering_of_the_vertices_does_not_matter(score, density, mask, areas, seed):
    order = np.random.default_rng(seed).permutation(V)
    other = score(density[order], mask[order], weights=areas[order])
    assert other == pytest.approx(score(density, mask, weights=areas), nan_ok=True)


@settings(deadline=None)
@given(density=maps, mask=masks, areas=areas_of)
def test_average_precision_equals_that_of_scikit_learn(density, mask, areas):
    from sklearn.metrics import average_precision_score

    if mask.any():
        theirs = average_precision_score(mask, density, sample_weight=areas)
        assert average_precision(density, mask, weights=areas) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("score", ALL)
def test_a_map_that_says_nothing_scores_the_annotated_fraction(score):
    mask, areas = np.arange(V) < 7, np.linspace(1, 2, V)
    assert score(np.ones(V), mask, weights=areas) == pytest.approx(areas[mask].sum() / areas.sum())


def test_evidence_against_is_no_evidence_for():
    mask, areas = np.arange(V) < 7, np.ones(V)
    against = -np.ones(V)
    assert pointing_game(against, mask, weights=areas) == relevance_mass(against, mask, weights=areas) == 0
    mixed = np.where(mask, 1.0, -5.0)
    assert relevance_mass(mixed, mask, weights=areas) == 1


def test_relevance_mass_counts_the_area_of_a_vertex():
    assert relevance_mass([1.0, 1.0], np.array([True, False]), weights=[3, 1]) == 0.75


def test_nothing_annotated_has_no_precision_and_no_hit():
    nothing, areas, density = np.zeros(V, bool), np.ones(V), np.arange(V, dtype=float)
    assert np.isnan(average_precision(density, nothing, weights=areas))
    assert pointing_game(density, nothing, weights=areas) == 0
    assert relevance_mass(density, nothing, weights=areas) == 0


@pytest.mark.parametrize("score", ALL)
def test_what_is_not_scored_does_not_count(score):
    density, mask = np.array([9.0, 2.0, 1.0]), np.array([False, True, False])
    assert score(density, mask, weights=[0, 1, 1]) == pytest.approx(
        score(density[1:], mask[1:], weights=[1, 1])
    )


@settings(deadline=None)
@given(density=maps, mask=masks, areas=areas_of, fractions=st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_each_point_of_the_curve_is_the_dice_of_the_densest_part(density, mask, areas, fractions):
    curve = dice_curve(density, mask, weights=areas, fractions=fractions)
    for fraction, dice in zip(fractions, curve, strict=True):
        shown = top_density_mask(density, areas, fraction=fraction)
        assert dice == pytest.approx(mesh_overlap(shown, mask, areas=areas).dice)


def test_the_curve_ends_at_all_positive_where_all_has_evidence():
    mask, areas = np.arange(V) < 7, np.ones(V)
    curve = dice_curve(np.arange(V) + 1.0, mask, weights=areas)
    assert len(curve) == len(CURVE) == 100
    assert curve[-1] == pytest.approx(mesh_overlap(mask, mask, areas=areas).all_positive)


def test_a_map_on_leads_and_time_is_scored_alike():
    rng = np.random.default_rng(0)
    density, mask, ones = rng.normal(size=(12, 20)), rng.random((12, 20)) < 0.3, np.ones((12, 20))
    for score in ALL:
        flat = score(density.ravel(), mask.ravel(), weights=ones.ravel())
        assert score(density, mask, weights=ones) == flat


@pytest.mark.parametrize("score", [*ALL, dice_curve])
@pytest.mark.parametrize(
    ("density", "mask", "sentence"),
    [
        (np.full(V, np.nan), np.ones(V, bool), "density must be finite"),
        (np.ones(V - 1), np.ones(V, bool), "as the weights"),
        (np.ones(V), np.ones(V), "annotated must be a bool mask"),
    ],
)
def test_what_does_not_fit_is_refused(score, density, mask, sentence):
    with pytest.raises(InputError, match=sentence):
        score(density, mask, weights=np.ones(V))


def test_a_fraction_beyond_the_whole_is_refused():
    with pytest.raises(InputError, match="between 0 and 1"):
        dice_curve(np.ones(V), np.ones(V, bool), weights=np.ones(V), fractions=[0.5, 1.5])
