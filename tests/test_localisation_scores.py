"""Scores of maps against a true region: identities first, chance second."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from cine_mapping.anatomy import REGIONS
from cine_mapping.forward.eikonal import distance_from
from cine_mapping.localisation.scores import FIXED_SHARE, ScoreSpace, plan_scores, score_maps, shown_region
from cine_mapping.myocardium import Myocardium
from cine_mapping.segments import TERRITORIES
from imn.errors import InputError

BALL_MM = 22.0


@pytest.fixture(scope="module")
def space(wall: Myocardium) -> ScoreSpace:
    return plan_scores(wall)


def ball(space: ScoreSpace, node: int) -> np.ndarray:
    return distance_from(space.graph, np.array([node]), limit=BALL_MM) <= BALL_MM


def amounts(wall: Myocardium, density: np.ndarray) -> np.ndarray:
    return density * wall.node_volumes


def random_density(space: ScoreSpace, seed: int, count: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((count, space.graph.nodes))


@pytest.mark.parametrize("place", [10, 900, 2000, 3300])
def test_the_truth_itself_scores_full_marks(wall: Myocardium, space: ScoreSpace, place: int) -> None:
    truth = ball(space, space.nodes[place])
    scores = score_maps(space, amounts(wall, truth.astype(float))[None], truth)
    assert scores.dice[0] == pytest.approx(1, abs=1e-12)
    assert scores.centre_mm[0] == pytest.approx(0, abs=1e-9)
    assert scores.auc[0] == pytest.approx(1, abs=1e-12)
    assert (scores.segment_top1[0], scores.segment_top3[0], scores.territory[0]) == (1, 1, 1)
    assert scores.peak_mm[0] < BALL_MM


def test_everything_but_the_truth_scores_nothing(wall: Myocardium, space: ScoreSpace) -> None:
    truth = ball(space, space.nodes[900])
    scores = score_maps(space, amounts(wall, (~truth).astype(float))[None], truth)
    assert scores.dice[0] == 0
    assert scores.auc[0] == 0


def test_a_map_that_says_nothing_scores_what_its_size_alone_gives(
    wall: Myocardium, space: ScoreSpace
) -> None:
    truth = ball(space, space.nodes[900])
    share = space.areas[truth[space.nodes]].sum() / space.areas.sum()
    scores = score_maps(space, wall.node_volumes[None], truth)
    assert scores.dice[0] == pytest.approx(share)
    assert scores.dice_fixed[0] == pytest.approx(2 * share * FIXED_SHARE / (share + FIXED_SHARE))
    assert scores.auc[0] == pytest.approx(0.5)


def test_random_maps_score_the_same_on_average(wall: Myocardium, space: ScoreSpace) -> None:
    truth = ball(space, space.nodes[2000])
    share = space.areas[truth[space.nodes]].sum() / space.areas.sum()
    scores = score_maps(space, amounts(wall, random_density(space, 0, 200)), truth)
    assert scores.dice.mean() == pytest.approx(share, abs=3 * scores.dice.std() / np.sqrt(200))
    assert scores.auc.mean() == pytest.approx(0.5, abs=3 * scores.auc.std() / np.sqrt(200))


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), factor=st.floats(1e-6, 1e6))
def test_only_the_order_of_densities_counts(
    wall: Myocardium, space: ScoreSpace, seed: int, factor: float
) -> None:
    truth, density = ball(space, space.nodes[seed]), random_density(space, seed)[0]
    coarse = np.round(density, 4)
    maps = amounts(wall, np.stack([coarse, np.exp(coarse)]))
    first, changed = score_maps(space, maps, truth), score_maps(space, factor * maps, truth)
    for name, values in first.as_mapping().items():
        assert changed.as_mapping()[name] == pytest.approx(values, rel=1e-6, abs=1e-9), name
        assert values[0] == pytest.approx(values[1]), name


def test_maps_are_scored_one_by_one(wall: Myocardium, space: ScoreSpace) -> None:
    truth = ball(space, space.nodes[1500])
    maps = amounts(wall, random_density(space, 3, 4))
    together = score_maps(space, maps, truth).as_mapping()
    for row in range(4):
        alone = score_maps(space, maps[[row]], truth).as_mapping()
        assert {name: values[row] for name, values in together.items()} == pytest.approx(
            {name: values[0] for name, values in alone.items()}
        )


def test_ranking_agrees_with_another_implementation(wall: Myocardium, space: ScoreSpace) -> None:
    truth = ball(space, space.nodes[700])
    density = np.round(random_density(space, 5)[0] + 0.3 * truth, 1)
    scores = score_maps(space, amounts(wall, density)[None], truth)
    surface = np.round(amounts(wall, density)[space.nodes] / space.volumes, 6)
    expected = roc_auc_score(truth[space.nodes], surface, sample_weight=space.areas)
    assert scores.auc[0] == pytest.approx(expected, abs=1e-9)


def test_distances_follow_a_ball_that_is_moved(wall: Myocardium, space: ScoreSpace) -> None:
    here, there = space.nodes[900], space.nodes[2500]
    truth = ball(space, here)
    way = distance_from(space.graph, np.array([there]), limit=np.inf)
    scores = score_maps(space, amounts(wall, np.exp(-way / 20))[None], truth)
    straight = np.linalg.norm(wall.points[here] - wall.points[there])
    assert scores.centre_mm[0] == pytest.approx(straight, abs=12)
    assert scores.peak_mm[0] == pytest.approx(way[here], abs=12)
    assert scores.dice[0] == 0
    assert scores.peak_mm[0] >= straight - 12


def test_a_region_shown_has_the_size_asked_for(wall: Myocardium, space: ScoreSpace) -> None:
    for share in (0.01, FIXED_SHARE, 0.5):
        shown = shown_region(space, amounts(wall, random_density(space, 7)[0]), share)
        assert shown @ space.areas == pytest.approx(share * space.areas.sum())
        assert ((shown >= 0) & (shown <= 1)).all()


def test_territory_and_segment_are_those_of_the_region(wall: Myocardium, space: ScoreSpace) -> None:
    names = ("apical inferior", "mid inferior", "mid anterior")
    truth, beside, far = (wall.region == REGIONS.index(name) for name in names)
    density = np.stack([truth, truth + 2.0 * beside, far])
    scores = score_maps(space, amounts(wall, density), truth)
    assert list(scores.segment_top1) == [1, 0, 0]
    assert list(scores.segment_top3) == [1, 1, 0]
    assert list(scores.territory) == [1, 1, 0]
    assert {"mid inferior", "apical inferior"} <= set(TERRITORIES["RCA"])


@pytest.mark.parametrize("fault", ["shape", "nan", "none", "all"])
def test_what_cannot_be_scored_is_refused(wall: Myocardium, space: ScoreSpace, fault: str) -> None:
    count = space.graph.nodes
    maps, truth = np.ones((1, count)), ball(space, space.nodes[0])
    if fault == "shape":
        maps = maps[:, 1:]
    elif fault == "nan":
        maps[0, 0] = np.nan
    else:
        truth = np.full(count, fault == "all")
    with pytest.raises(InputError, match="expected"):
        score_maps(space, maps, truth)
