"""Overlap of masks and the controls beside it: identities first, chance last."""

import warnings
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotations import (
    BASELINES,
    Case,
    area_fraction,
    lead_time_overlap,
    mesh_overlap,
    paired_interval,
    paired_intervals,
    score,
    top_density_mask,
    top_fraction_mask,
    vertex_baselines,
)
from annotations.baselines import random_regions
from cine_mapping.anatomy import Mesh
from imn.errors import InputError

V = 40
masks = arrays(bool, V)
areas_of = arrays(float, V, elements=st.floats(0.1, 10))


def sphere(divisions: int = 3) -> Mesh:
    """Unit sphere from an octahedron whose triangles are split in four."""
    points = np.concatenate([np.eye(3), -np.eye(3)])
    triangles = np.array(
        [[0, 1, 2], [1, 3, 2], [3, 4, 2], [4, 0, 2], [1, 0, 5], [3, 1, 5], [4, 3, 5], [0, 4, 5]]
    )
    for _ in range(divisions):
        edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]], axis=2)
        unique, which = np.unique(edges.reshape(-1, 2), axis=0, return_inverse=True)
        ab, bc, ca = (which.reshape(-1, 3) + len(points)).T
        a, b, c = triangles.T
        points = np.concatenate([points, points[unique].mean(axis=1)])
        corners = [[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]
        triangles = np.concatenate([np.stack(t, axis=1) for t in corners])
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    return Mesh(points.astype(np.float32), triangles.astype(np.int32))


SPHERE = sphere()
POINTS, AREAS = SPHERE.points.astype(float), SPHERE.areas
CAP = POINTS[:, 0] > 0.5
FACING = np.random.default_rng(5).normal(size=(12, 3))
FACING[0] = 1, 0, 0
FACING /= np.linalg.norm(FACING, axis=1, keepdims=True)


SIGNAL = np.abs(np.random.default_rng(2).normal(size=(12, 20)))


def facing(weights: np.ndarray) -> np.ndarray:
    """Place each lead's evidence on the side of the sphere that the lead faces."""
    return AREAS * (np.maximum(POINTS @ FACING.T, 0) @ (weights * SIGNAL).sum(axis=1))


def case(
    weights: np.ndarray, *, annotated=CAP, areas=AREAS, signal=SIGNAL, project: Callable = facing
) -> Case:
    return Case(annotated, areas, SPHERE.triangles, weights, signal, project)


def first_lead_only() -> np.ndarray:
    weights = np.zeros((12, 20))
    weights[0] = 1.0
    return weights


# overlap


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


# the threshold rule

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


# baselines


@pytest.mark.parametrize("height", [0.8, 0.5, 0.0, -0.5])
def test_chance_is_what_formulas_say(height):
    annotated = POINTS[:, 0] > height
    controls = vertex_baselines(case(first_lead_only(), annotated=annotated), seed=1, draws=300)
    p = area_fraction(annotated, AREAS)
    assert list(controls) == list(BASELINES)
    assert controls["all positive"] == pytest.approx(2 * p / (1 + p))
    # a mask of the same fraction: 2pq/(p+q) with q = p is p
    assert controls["random vertices"] == pytest.approx(p, abs=0.02)
    assert controls["random region"] == pytest.approx(p, abs=0.08)


def test_weights_that_name_the_place_beats_every_control():
    one = case(first_lead_only())
    assert score(one).dice > 0.95
    controls = vertex_baselines(one, seed=1, draws=50)
    assert max(controls.values()) < score(one).dice - 0.2


def test_identical_leads_make_permutation_harmless():
    one = case(np.tile(np.linspace(0, 1, 20), (12, 1)), annotated=POINTS[:, 0] > -0.5)
    assert 0 < score(one).dice < 1
    assert vertex_baselines(one, seed=1, draws=5)["permuted leads"] == pytest.approx(score(one).dice)


def test_a_projection_blind_to_leads_gains_nothing_over_permuted_leads():
    def blind(weights):
        return AREAS * (POINTS[:, 0] + 1) * (weights * SIGNAL).sum()

    one = case(np.random.default_rng(4).random((12, 20)), project=blind)
    assert score(one).dice > 0.95
    controls = vertex_baselines(one, seed=1, draws=5)
    assert controls["permuted leads"] == pytest.approx(score(one).dice)
    assert controls["signal energy"] == pytest.approx(score(one).dice)


def test_weights_that_repeat_the_signal_score_as_its_energy():
    one = case(3 * SIGNAL)
    assert vertex_baselines(one, seed=1, draws=2)["signal energy"] == score(one).dice
    other = case(first_lead_only())
    assert vertex_baselines(other, seed=1, draws=2)["signal energy"] == score(one).dice < score(other).dice


def test_the_map_is_ranked_by_density_and_not_by_vertex():
    """Evidence spread evenly over two sides; the denser side is the annotated one."""
    areas = np.where(CAP, 1.0, 9.0)
    one = case(first_lead_only(), areas=areas, project=lambda weights: np.where(CAP, 2.0, 9.0))
    np.testing.assert_array_equal(one.mask_of(one.weights), CAP)
    assert score(one).dice == 1


def test_the_same_seed_gives_the_same_controls():
    one = case(first_lead_only())
    assert vertex_baselines(one, seed=7, draws=5) == vertex_baselines(one, seed=7, draws=5)
    assert vertex_baselines(one, seed=7, draws=5) != vertex_baselines(one, seed=8, draws=5)
    with pytest.raises(InputError, match="draws must be at least 1"):
        vertex_baselines(one, seed=7, draws=0)


def pieces(mask: np.ndarray) -> int:
    """Connected pieces of a mask on the sphere."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = SPHERE.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    edges = edges[mask[edges].all(axis=1)]
    graph = coo_array((np.ones(len(edges)), edges.T), shape=(len(mask),) * 2)
    return connected_components(graph, directed=False)[0] - int((~mask).sum())


@pytest.mark.parametrize("height", [0.9, 0.5, -0.5])
def test_random_regions_are_connected_and_of_the_annotated_size(height):
    one = case(first_lead_only(), annotated=POINTS[:, 0] > height)
    regions = random_regions(one, np.random.default_rng(0), draws=10)
    for region in regions:
        assert pieces(region) == 1
        assert 0 <= AREAS[region].sum() - AREAS[one.annotated].sum() <= AREAS.max()
    assert len({region.tobytes() for region in regions}) > 1


def test_random_regions_stay_on_what_is_scored_and_go_on_over_a_gap():
    areas = np.where(np.abs(POINTS[:, 2]) < 0.3, 0.0, AREAS)
    annotated = (areas > 0) & (POINTS[:, 0] > -0.5)
    one = case(first_lead_only(), annotated=annotated, areas=areas)
    assert area_fraction(annotated, areas) > 0.5
    for region in random_regions(one, np.random.default_rng(0), draws=5):
        assert (areas[region] > 0).all()
        assert 0 <= areas[region].sum() - areas[annotated].sum() <= areas.max()
        assert pieces(region) == 2


def test_random_regions_do_not_cross_what_is_not_scored():
    areas = np.where(np.abs(POINTS[:, 2]) < 0.3, 0.0, AREAS)
    one = case(first_lead_only(), annotated=(areas > 0) & (POINTS[:, 2] > 0.6), areas=areas)
    for region in random_regions(one, np.random.default_rng(0), draws=20):
        assert pieces(region) == 1


def test_random_regions_begin_where_the_area_is():
    areas = np.ones(len(POINTS))
    areas[7] = 1e6
    one = case(first_lead_only(), annotated=np.arange(len(POINTS)) < 3, areas=areas)
    for region in random_regions(one, np.random.default_rng(0), draws=20):
        assert np.flatnonzero(region).tolist() == [7]


# intervals over cases


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
