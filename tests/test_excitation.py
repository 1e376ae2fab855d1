"""Excitation of muscle against closed forms: spheres, ellipsoids, fast roads and blocks."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cine_mapping.forward.eikonal import ExcitationGraph, Onsets, Speeds, activation_times, plan_excitation
from cine_mapping.myocardium import LV_ENDOCARDIUM, Myocardium
from imn.errors import InputError
from tests.muscle_slab import slab

EVEN = Speeds(along=0.5, across=0.5, left_endocardium=0.5, right_endocardium=0.5)


@pytest.fixture(scope="module")
def muscle() -> Myocardium:
    return slab()


@pytest.fixture(scope="module")
def graph(muscle: Myocardium) -> ExcitationGraph:
    return plan_excitation(muscle)


def start_at(*nodes: int) -> Onsets:
    return Onsets(np.array(nodes), np.zeros(len(nodes)))


def middle(muscle: Myocardium) -> int:
    points = muscle.points
    return int(np.linalg.norm(points - (points.min(axis=0) + points.max(axis=0)) / 2, axis=1).argmin())


def test_even_muscle_is_excited_in_spheres(muscle: Myocardium, graph: ExcitationGraph) -> None:
    centre = middle(muscle)
    distance = np.linalg.norm(muscle.points - muscle.points[centre], axis=1)
    found = activation_times(graph, EVEN, start_at(centre))
    far = distance > 10
    ratio = found[far] * 0.5 / distance[far]
    assert found[centre] == 0
    assert ratio.min() > 1 - 1e-5
    assert ratio.mean() < 1.03
    assert np.percentile(ratio, 95) < 1.04


@pytest.mark.parametrize("fibre", [(1, 0, 0), (0.6, 0.8, 0)])
def test_fibres_make_spheres_ellipsoids(fibre: tuple[float, float, float]) -> None:
    muscle = slab(fibre)
    centre = middle(muscle)
    way = (muscle.points - muscle.points[centre]).astype(float)
    along = way @ np.array(fibre)
    across = np.sqrt(((way - along[:, None] * fibre) ** 2).sum(axis=1))
    exact = np.hypot(along / 0.6, across / 0.3)
    speeds = Speeds(along=0.6, across=0.3, left_endocardium=1e-3)
    found = activation_times(plan_excitation(muscle), speeds, start_at(centre))
    far = exact > 20
    assert (found[far] / exact[far]).min() > 1 - 1e-5
    # Straight steps to two rings of neighbours find fewer directions where space is stretched by two.
    assert (found[far] / exact[far]).mean() < 1.04
    assert np.percentile(found[far] / exact[far], 95) < 1.09


def test_the_endocardium_is_a_fast_road(muscle: Myocardium, graph: ExcitationGraph) -> None:
    floor = np.flatnonzero(muscle.surface == LV_ENDOCARDIUM)
    corner = int(floor[np.linalg.norm(muscle.points[floor], axis=1).argmin()])
    distance = np.linalg.norm(muscle.points - muscle.points[corner], axis=1)
    fast = activation_times(graph, dataclasses.replace(EVEN, left_endocardium=2.0), start_at(corner))
    far = floor[distance[floor] > 15]
    assert (fast[far] * 2.0 / distance[far]).mean() == pytest.approx(1.01, abs=0.02)
    slow = activation_times(graph, EVEN, start_at(corner))
    assert (fast <= slow + 1e-9).all()
    assert (fast[distance > 30] < 0.7 * slow[distance > 30]).all()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 4374), min_size=2, max_size=5, unique=True), st.floats(-30, 30))
def test_sites_together_are_the_earliest_of_each_alone(
    graph: ExcitationGraph, nodes: list[int], delay: float
) -> None:
    times = np.zeros(len(nodes))
    times[-1] = delay
    alone = [
        activation_times(graph, Speeds(), Onsets(np.array([n]), np.array([t])))
        for n, t in zip(nodes, times, strict=True)
    ]
    together = activation_times(graph, Speeds(), Onsets(np.array(nodes), times))
    fewer = activation_times(graph, Speeds(), Onsets(np.array(nodes[:-1]), times[:-1]))
    np.testing.assert_allclose(together, np.min(alone, axis=0), atol=1e-9)
    assert (together <= fewer + 1e-9).all()


def test_speed_scales_and_blocks_stop(muscle: Myocardium, graph: ExcitationGraph) -> None:
    centre, x = middle(muscle), muscle.points[:, 0]
    found = activation_times(graph, Speeds(), start_at(centre))
    half = activation_times(graph, Speeds(), start_at(centre), factor=np.full(graph.nodes, 0.5))
    np.testing.assert_allclose(half, 2 * found)
    beside = x < x[centre] - 12
    wall = beside & (x > x[centre] - 20)
    stopped = activation_times(graph, Speeds(), start_at(centre), blocked=wall)
    np.testing.assert_array_equal(np.isinf(stopped), beside)
    gap = wall & (muscle.points[:, 1] > 15)
    around = activation_times(graph, Speeds(), start_at(centre), blocked=gap)
    assert np.isfinite(around[beside & ~gap]).all()
    assert (around[~gap] >= found[~gap] - 1e-9).all()
    assert (around[beside & ~wall] > found[beside & ~wall] + 1).any()


def test_excitation_refuses_what_cannot_be(graph: ExcitationGraph) -> None:
    with pytest.raises(InputError, match="at least one place"):
        activation_times(graph, EVEN, start_at(5), blocked=np.arange(graph.nodes) == 5)
    with pytest.raises(InputError, match="positive factors"):
        activation_times(graph, EVEN, start_at(5), factor=np.zeros(graph.nodes))


def test_the_base_has_no_fast_road(muscle: Myocardium) -> None:
    high = dataclasses.replace(muscle, apicobasal=np.ones_like(muscle.apicobasal))
    assert (plan_excitation(high).layer == 0).all()
