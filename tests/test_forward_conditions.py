"""Simulated conditions: their truth and their regions."""

import numpy as np
import pytest

from cine_mapping.forward.beat import normal_activation, simulate_beat
from cine_mapping.forward.conditions import (
    LAFB,
    LBBB,
    LPFB,
    RBBB,
    Block,
    Ectopy,
    Hypertrophy,
    Infarct,
    Ischaemia,
    Normal,
    Preexcitation,
)
from cine_mapping.forward.eikonal import distance_from
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.forward.physiology import EARLY_SITES, Physiology
from cine_mapping.forward.regions import LAD, RCA, Ellipsoid, Segments, av_ring, draw_ellipsoid, soft_edge
from imn.errors import InputError
from tests.twelve_lead_measures import Reading


def test_normal_has_no_truth_and_starts_at_its_sites(heart: VirtualHeart) -> None:
    beat = simulate_beat(heart)
    assert not beat.truth.any()
    assert np.isfinite(beat.activation).all()
    assert beat.activation.min() == 0
    np.testing.assert_array_equal(beat.activation, normal_activation(heart, Physiology()))
    np.testing.assert_array_equal(beat.leads, simulate_beat(heart, Normal()).leads)


@pytest.mark.parametrize(
    "region", [LAD, Segments(("mid inferior",), transmurality=0.5), Ellipsoid(100, (20.0, 15.0), 30.0)]
)
def test_ischaemia_is_true_where_cells_have_changed_most(
    heart: VirtualHeart, region: Segments | Ellipsoid
) -> None:
    change = Ischaemia(region).changes(heart, Physiology())
    beat = simulate_beat(heart, Ischaemia(region))
    np.testing.assert_array_equal(beat.truth, region.nodes(heart.myocardium, heart.graph))
    np.testing.assert_array_equal(beat.truth, change.rest > Ischaemia(region).rest / 2)
    far = distance_from(heart.graph, np.flatnonzero(beat.truth), limit=50) > 8
    for values, normal in ((change.rest, 0), (change.amplitude, 0), (change.duration, 1), (change.speed, 1)):
        assert (values[far] == normal).all()
        assert (values[beat.truth] != normal).all()


def test_an_infarct_is_true_where_nothing_is_excited_or_conducts(heart: VirtualHeart) -> None:
    condition = Infarct(Segments(("RCA",), share=0.7))
    change = condition.changes(heart, Physiology())
    beat = simulate_beat(heart, condition)
    np.testing.assert_array_equal(beat.truth, change.conductivity == 0)
    np.testing.assert_array_equal(beat.truth, change.blocked)
    assert np.isinf(beat.activation[beat.truth]).all()
    assert np.isinf(beat.activation).sum() < beat.truth.sum() + 20
    # Nothing flows between dead and living cells: no injury current between beats.
    assert max(abs(v) for v in Reading(beat)["ST"].values()) < 0.05


@pytest.mark.parametrize(("block", "ventricle"), [(LBBB, 0), (RBBB, 1)])
def test_the_blocked_side_is_late(heart: VirtualHeart, block: Block, ventricle: int) -> None:
    beat = simulate_beat(heart, block)
    delay = beat.activation - normal_activation(heart, Physiology())
    side = heart.myocardium.ventricle == ventricle
    assert (delay >= -1e-9).all()
    np.testing.assert_array_equal(beat.truth, delay > 25)
    # Near the septum the blocked side is soon reached from the other.
    assert np.percentile(delay[side], 75) > 25
    assert np.median(delay[~side]) < np.median(delay[side]) / 2
    assert beat.truth[side].mean() > 3 * beat.truth[~side].mean()


@pytest.mark.parametrize("block", [LAFB, LPFB])
def test_a_fascicle_makes_its_own_wall_late(heart: VirtualHeart, block: Block) -> None:
    beat = simulate_beat(heart, block)
    anterior = np.sin(heart.myocardium.rotational[beat.truth]).mean()
    assert 0.05 < beat.truth.mean() < 0.4
    assert anterior > 0.3 if block is LAFB else anterior < -0.3


def test_ectopic_and_accessory_sites_are_first_and_true(heart: VirtualHeart) -> None:
    ring = av_ring(heart.myocardium)
    assert set(np.unique(heart.myocardium.ventricle[ring])) == {0, 1}
    for node, condition, first in (
        (1234, Ectopy(1234), 0.0),
        (ring[3], Preexcitation(int(ring[3]), early=30.0), -30.0),
    ):
        beat = simulate_beat(heart, condition)
        assert beat.activation.argmin() == node
        assert beat.activation.min() == pytest.approx(first)
        reach = np.linalg.norm(heart.myocardium.points - heart.myocardium.points[node], axis=1)
        assert beat.truth[node]
        assert reach[beat.truth].max() <= 20.0
    assert np.abs(beat.leads[:, beat.times <= 0]).max() > 0.05
    early = simulate_beat(heart, Preexcitation(int(ring[3])))
    assert (early.activation <= normal_activation(heart, Physiology()) + 1e-9).all()


def test_hypertrophy_is_its_ventricle_and_raises_voltage(heart: VirtualHeart) -> None:
    thick, normal = (Reading(simulate_beat(heart, c)) for c in (Hypertrophy(), Normal()))
    np.testing.assert_array_equal(thick.beat.truth, heart.myocardium.ventricle == 0)
    sokolow = [r["R"]["V5"] - r["S"]["V1"] for r in (thick, normal)]
    assert sokolow[0] > 1.3 * sokolow[1]


def test_conditions_refuse_what_the_heart_does_not_have(heart: VirtualHeart) -> None:
    for condition, words in (
        (Ectopy(10**6), "expected a node"),
        (Ischaemia(Segments(("left leg",))), "coronary territory"),
        (Ischaemia(Segments(("LAD",), transmurality=80)), "per cent"),
        (Infarct(Ellipsoid(-1, (10.0, 10.0))), "centre"),
        (Block(tuple(site.name for site in EARLY_SITES)), "not all"),
        (Block(("left leg",)), "early sites"),
    ):
        with pytest.raises(InputError, match=words):
            simulate_beat(heart, condition)


def test_shares_and_depths_do_what_they_say(heart: VirtualHeart) -> None:
    muscle, graph = heart.myocardium, heart.graph
    volume = muscle.node_volumes
    whole = Segments(("LCX",)).nodes(muscle, graph)
    half = Segments(("LCX",), share=0.5).nodes(muscle, graph)
    assert not (half & ~whole).any()
    assert volume[half].sum() == pytest.approx(0.5 * volume[whole].sum(), rel=0.02)
    inner = Segments(("LCX",), transmurality=0.5).nodes(muscle, graph)
    np.testing.assert_array_equal(inner, whole & (muscle.transmural <= 0.5 + 1e-6))
    strip = LAD.nodes(muscle, graph) & ~Segments(("LAD",)).nodes(muscle, graph)
    assert strip.any()
    assert (muscle.ventricle[strip] == 1).all()
    assert (Segments(("RV",)).nodes(muscle, graph) == (muscle.ventricle == 1)).all()


def test_ellipsoids_are_drawn_by_seed_and_stay_together(heart: VirtualHeart) -> None:
    muscle, graph = heart.myocardium, heart.graph
    drawn = [draw_ellipsoid(muscle, np.random.default_rng(7)) for _ in range(2)]
    assert drawn[0] == drawn[1]
    rng = np.random.default_rng(0)
    for region in (draw_ellipsoid(muscle, rng) for _ in range(10)):
        inside = region.nodes(muscle, graph)
        reach = np.linalg.norm(muscle.points[inside] - muscle.points[region.centre], axis=1)
        assert inside.any()
        assert reach.max() <= max(region.semi_axes)
        assert (muscle.transmural[inside] <= region.transmurality + 1e-6).all()
    first, second = (simulate_beat(heart, Infarct(drawn[k])) for k in (0, 1))
    np.testing.assert_array_equal(first.leads, second.leads)


def test_soft_edges_pass_a_half_at_the_border(heart: VirtualHeart) -> None:
    inside = RCA.nodes(heart.myocardium, heart.graph)
    severity = soft_edge(heart.myocardium, inside, 10.0)
    np.testing.assert_array_equal(severity > 0.5, inside)
    assert severity.min() == 0
    assert severity.max() == 1
