"""The controls beside a score: identities first, chance last."""

import numpy as np
import pytest

from annotations import BASELINES, area_fraction, score, vertex_baselines
from annotations.baselines import random_regions
from imn.errors import InputError
from tests.unit_sphere import AREAS, CAP, POINTS, SIGNAL, SPHERE, case, first_lead_only


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
