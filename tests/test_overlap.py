"""Overlap of masks and the rule that makes a mask of a map: identities, and scikit-learn's scores."""

from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotations import area_fraction, lead_time_overlap, mesh_overlap, top_density_mask, top_fraction_mask
from imn.errors import InputError
from tests.unit_sphere import AREAS, CAP, POINTS

V = 40
masks = arrays(bool, V)
areas_of = arrays(float, V, elements=st.floats(0.1, 10))


@settings(deadline=None)
@given(a=masks, areas=areas_of)
def test_a_mask_agrees_fully_with_itself(a, areas):
    assert astuple(mesh_overlap(a, a, areas=areas))[:4] == pytest.approx((1, 1, 1, 1))


@settings(deadline=None)
@given(a=masks, b=masks, areas=areas_of)
def test_dice_and_iou_are_symmetric_and_precision_swaps_with_recall(a, b, areas):
    one, other = mesh_overlap(a, b, areas=areas), mesh_overlap(b, a, areas=areas)
    assert (one.dice, one.iou, one.precision) == pytest.approx((other.dice, other.iou, other.recall))


@settings(deadline=None)
@given(a=masks, b=masks, areas=areas_of, factor=st.floats(1e-3, 1e3))
def test_the_unit_of_area_does_not_matter(a, b, areas, factor):
    scaled = mesh_overlap(a, b, areas=areas * factor)
    assert astuple(mesh_overlap(a, b, areas=areas)) == pytest.approx(astuple(scaled))


@settings(deadline=None)
@given(a=masks, b=masks, areas=areas_of)
def test_scores_equal_those_of_scikit_learn(a, b, areas):
    from sklearn.metrics import f1_score, jaccard_score, precision_score, recall_score

    ours = mesh_overlap(a, b, areas=areas)
    if not a.any() and not b.any():
        return
    scores = (f1_score, jaccard_score, precision_score, recall_score)
    zero: Any = 0.0  # the stubs know the word "warn" only
    theirs = [s(b, a, sample_weight=areas, zero_division=zero) for s in scores]
    assert astuple(ours)[:4] == pytest.approx(theirs)


@settings(deadline=None)
@given(a=masks, b=masks)
def test_equal_areas_give_the_plain_dice(a, b):
    plain = 2 * (a & b).sum() / (a.sum() + b.sum()) if a.any() or b.any() else 1.0
    assert mesh_overlap(a, b, areas=np.full(V, 3.7)).dice == pytest.approx(plain)


@settings(deadline=None)
@given(a=masks, b=masks, areas=areas_of)
def test_dice_and_iou_tell_the_same(a, b, areas):
    both = mesh_overlap(a, b, areas=areas)
    assert both.dice == pytest.approx(2 * both.iou / (1 + both.iou))


@settings(deadline=None)
@given(a=masks, areas=areas_of)
def test_disjoint_masks_score_zero_unless_both_are_empty(a, areas):
    dice = mesh_overlap(a, ~a, areas=areas).dice
    assert dice == 0
    empty = np.zeros(V, bool)
    assert mesh_overlap(empty, empty, areas=areas).dice == 1
    one_empty = mesh_overlap(empty, ~empty, areas=areas), mesh_overlap(~empty, empty, areas=areas)
    assert [astuple(o)[:4] for o in one_empty] == [(0, 0, 0, 0)] * 2


@settings(deadline=None)
@given(a=masks, areas=areas_of)
def test_marking_everything_scores_what_all_positive_says(a, areas):
    everything = mesh_overlap(np.ones(V, bool), a, areas=areas)
    p = areas[a].sum() / areas.sum()
    assert everything.fraction == pytest.approx(p)
    assert everything.dice == pytest.approx(2 * p / (1 + p))
    assert everything.all_positive == pytest.approx(everything.dice)
    assert mesh_overlap(a, a, areas=areas).all_positive == pytest.approx(everything.dice)


def test_area_counts_and_not_the_number_of_vertices():
    predicted, annotated = np.array([1, 1, 0, 0], bool), np.array([1, 0, 1, 0], bool)
    even = mesh_overlap(predicted, annotated, areas=[1, 1, 1, 1]).dice
    uneven = mesh_overlap(predicted, annotated, areas=[9, 1, 1, 1])
    assert even == pytest.approx(0.5)
    assert uneven.dice == pytest.approx(0.9)
    assert uneven.fraction == pytest.approx(10 / 12)


def test_every_wrong_vertex_lowers_the_score():
    right = mesh_overlap(CAP, CAP, areas=AREAS).dice
    for vertex in (np.flatnonzero(CAP)[0], np.flatnonzero(~CAP)[0]):
        wrong = CAP.copy()
        wrong[vertex] ^= True
        assert mesh_overlap(wrong, CAP, areas=AREAS).dice < right


def test_what_is_not_scored_does_not_count():
    areas = np.where(POINTS[:, 2] < 0, 0.0, AREAS)
    inside = CAP & (areas > 0)
    assert mesh_overlap(CAP, inside, areas=areas).dice == 1
    assert mesh_overlap(inside, CAP, areas=areas).fraction == pytest.approx(AREAS[inside].sum() / areas.sum())
    with pytest.raises(InputError, match="lie outside what is scored"):
        mesh_overlap(CAP, CAP & (areas == 0), areas=areas)


def test_lead_time_overlap_counts_lead_samples():
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 12, 50)) < 0.4
    ours = lead_time_overlap(a, b)
    assert ours.dice == pytest.approx(2 * (a & b).sum() / (a.sum() + b.sum()))
    assert ours == mesh_overlap(a.ravel(), b.ravel(), areas=np.ones(600))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: mesh_overlap(CAP.astype(float), CAP, areas=AREAS), "predicted must be a bool mask"),
        (lambda: mesh_overlap(CAP, CAP[1:], areas=AREAS), "annotated must be a bool mask with shape"),
        (lambda: mesh_overlap(CAP, CAP, areas=AREAS * 0), "not all zero"),
        (lambda: mesh_overlap(CAP, CAP, areas=-AREAS), "not negative"),
        (lambda: mesh_overlap(CAP[None], CAP[None], areas=AREAS[None]), "areas must have shape"),
        (lambda: lead_time_overlap(CAP, CAP), r"shape \(12, n\)"),
        (lambda: lead_time_overlap(np.ones((8, 9), bool), np.ones((8, 9), bool)), r"shape \(12, n\)"),
        (lambda: top_fraction_mask(AREAS, AREAS, fraction=1.1), "fraction must lie between 0 and 1"),
        (lambda: top_fraction_mask(AREAS, AREAS, fraction=float("nan")), "fraction must lie between 0 and 1"),
        (lambda: top_fraction_mask(AREAS[1:], AREAS, fraction=0.5), "as the weights"),
        (lambda: top_fraction_mask(AREAS * np.nan, AREAS, fraction=0.5), "values must be finite"),
        (lambda: top_density_mask(AREAS * np.nan, AREAS, fraction=0.5), "density must be finite"),
    ],
)
def test_what_does_not_fit_is_refused(wrong, sentence):
    with pytest.raises(InputError, match=sentence):
        wrong()


positive = arrays(float, V, elements=st.floats(0.01, 10))


@settings(deadline=None)
@given(values=positive, areas=areas_of, fraction=st.floats(0, 1))
def test_the_mask_has_the_asked_area_within_one_vertex(values, areas, fraction):
    covered = areas[top_fraction_mask(values, areas, fraction=fraction)].sum()
    target = fraction * areas.sum()
    assert target * (1 - 1e-6) <= covered <= target + areas.max()


@settings(deadline=None)
@given(values=positive, areas=areas_of, fractions=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_larger_fraction_keeps_what_a_smaller_one_took(values, areas, fractions):
    small, large = (top_fraction_mask(values, areas, fraction=f) for f in sorted(fractions))
    assert not (small & ~large).any()


@settings(deadline=None)
@given(values=positive, areas=areas_of, fraction=st.floats(0, 1))
def test_no_vertex_left_out_is_denser_than_one_taken(values, areas, fraction):
    mask = top_fraction_mask(values, areas, fraction=fraction)
    density = values / areas
    if mask.any() and not mask.all():
        assert density[mask].min() >= density[~mask].max()
    np.testing.assert_array_equal(mask, top_density_mask(density, areas, fraction=fraction))


@settings(deadline=None)
@given(values=positive, areas=areas_of, factor=st.sampled_from([0.25, 2.0, 1024.0]))
def test_scale_of_the_values_does_not_matter(values, areas, factor):
    one, other = (top_fraction_mask(v, areas, fraction=0.3) for v in (values, values * factor))
    np.testing.assert_array_equal(one, other)


@settings(deadline=None)
@given(annotated=masks, areas=areas_of)
def test_the_annotation_itself_as_map_gives_the_annotation(annotated, areas):
    mask = top_fraction_mask(annotated * areas, areas, fraction=area_fraction(annotated, areas))
    np.testing.assert_array_equal(mask, annotated)


def test_a_large_vertex_does_not_win_by_its_size():
    values, areas = np.array([2.0, 4.0, 1.0]), np.array([1.0, 4.0, 4.0])
    assert top_fraction_mask(values, areas, fraction=1 / 9).tolist() == [True, False, False]


def test_vertices_without_evidence_or_area_never_enter():
    values, areas = np.array([3.0, 0.0, -1.0, 2.0, 9.0]), np.array([1.0, 1, 1, 1, 0])
    assert top_fraction_mask(values, areas, fraction=1.0).tolist() == [True, False, False, True, False]


def test_ties_are_the_same_each_time_and_scattered():
    taken = top_fraction_mask(AREAS, AREAS, fraction=0.3)
    np.testing.assert_array_equal(taken, top_fraction_mask(AREAS, AREAS, fraction=0.3))
    assert np.linalg.norm(POINTS[taken].mean(axis=0)) < 0.15
    assert not taken[: taken.sum()].all()


def test_a_lead_time_map_is_thresholded_alike():
    values = np.random.default_rng(3).normal(size=(12, 30))
    mask = top_fraction_mask(values, np.ones((12, 30)), fraction=0.2)
    assert mask.shape == (12, 30)
    assert mask.sum() == 72
    assert values[mask].min() > values[~mask].max()
