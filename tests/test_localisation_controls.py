"""Controls know nothing, conserve, and lose; intervals draw patients."""

import numpy as np
import pytest

from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.conditions import Ischaemia
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.forward.patients import reference_setting
from cine_mapping.forward.regions import Segments
from cine_mapping.localisation.controls import (
    TURNS,
    PermutedLeads,
    RandomPlace,
    SignalEnergy,
    plan_all_positive,
    plan_left_ventricle_centre,
    turned_heart,
)
from cine_mapping.localisation.intervals import interval_over_patients, paired_interval_over_patients
from cine_mapping.localisation.scores import plan_scores, score_maps
from cine_mapping.operators.dipole import plan_dipole
from cine_mapping.operators.pattern import BINS, Pattern, binned
from cine_mapping.operators.sloreta import plan_sloreta
from imn.bootstrap import interval
from imn.errors import InputError
from imn.leads import INDEPENDENT_INDEX


@pytest.fixture(scope="module")
def turned() -> list[VirtualHeart]:
    setting = reference_setting()
    return [turned_heart(setting, roll_deg=roll, tilt_deg=tilt) for roll, tilt in TURNS.values()]


def course(heart: VirtualHeart, condition: Ischaemia | None = None) -> np.ndarray:
    beat = simulate_beat(heart, condition)
    return binned(beat.leads[list(INDEPENDENT_INDEX)], beat.times - beat.activation.min())


@pytest.fixture(scope="module")
def anterior(heart: VirtualHeart) -> tuple[Pattern, np.ndarray]:
    condition = Ischaemia(Segments(("mid anterior", "apical anterior", "apical septal")))
    return Pattern("ischaemia", course(heart, condition) - course(heart), 1.7), simulate_beat(
        heart, condition
    ).truth


def noise(seed: int) -> Pattern:
    return Pattern("scar", np.random.default_rng(seed).standard_normal((8, BINS)), 1.7)


def test_controls_conserve(heart: VirtualHeart, anterior: tuple[Pattern, np.ndarray]) -> None:
    wall, rule = heart.myocardium, plan_sloreta(heart)
    controls = [
        plan_all_positive(wall),
        plan_left_ventricle_centre(wall),
        RandomPlace(heart.graph, wall.node_volumes),
        PermutedLeads(rule),
        SignalEnergy(rule, course(heart)),
    ]
    for control in controls:
        for pattern in (anterior[0], noise(3)):
            found = control.apply(pattern)
            assert found.sum() == pytest.approx(1.7, abs=1e-9), control
            assert (found >= 0).all()
            assert np.array_equal(found, control.apply(pattern)), "the same pattern gives the same map"


def test_random_places_are_even_in_volume(heart: VirtualHeart) -> None:
    control = RandomPlace(heart.graph, heart.myocardium.node_volumes, seed=4)
    volumes = heart.myocardium.node_volumes
    tops = np.array([int((control.apply(noise(i)) / volumes).argmax()) for i in range(60)])
    left = (heart.myocardium.ventricle == 0) @ volumes / volumes.sum()
    share = (heart.myocardium.ventricle[tops] == 0).mean()
    assert len(np.unique(tops)) > 50
    assert share == pytest.approx(left, abs=3 * np.sqrt(left * (1 - left) / 60))


def test_leads_are_all_exchanged(heart: VirtualHeart) -> None:
    seen = []

    class Listener:
        def apply(self, pattern: Pattern) -> np.ndarray:
            seen.append(pattern.values)
            return np.zeros(1)

    pattern = noise(5)
    PermutedLeads(Listener()).apply(pattern)
    assert not (seen[0] == pattern.values).all(axis=1).any()
    assert np.allclose(np.sort(seen[0], axis=0), np.sort(pattern.values, axis=0))


def test_signal_energy_does_not_hear_the_evidence(heart: VirtualHeart) -> None:
    control = SignalEnergy(plan_dipole(heart), course(heart))
    beat = course(heart)
    assert np.array_equal(control.apply(noise(1), beat), control.apply(noise(2), beat))
    assert not np.array_equal(control.apply(noise(1), beat), control.apply(noise(1), -beat))


def test_a_heart_not_turned_is_the_heart(heart: VirtualHeart) -> None:
    same = turned_heart(reference_setting())
    assert np.abs(same.transfer - heart.transfer).max() < 1e-4 * np.abs(heart.transfer).max()


def test_a_turned_heart_keeps_its_shape_and_its_turn(heart: VirtualHeart, turned: list[VirtualHeart]) -> None:
    points = heart.myocardium.points.astype(float)
    for wall in (other.myocardium for other in turned):
        a, b = points - points.mean(axis=0), wall.points - wall.points.mean(axis=0, dtype=float)
        u, _, vt = np.linalg.svd(a.T @ b)
        angle = np.rad2deg(np.arccos((np.trace(u @ vt) - 1) / 2))
        assert angle == pytest.approx(20, abs=0.01)
        assert wall.volumes == pytest.approx(heart.myocardium.volumes, rel=1e-2)


def test_a_map_made_on_a_turned_heart_is_worse(
    heart: VirtualHeart, turned: list[VirtualHeart], anterior: tuple[Pattern, np.ndarray]
) -> None:
    pattern, truth = anterior
    maps = np.stack([plan_sloreta(h).apply(pattern) for h in (heart, *turned)])
    space = plan_scores(heart.myocardium, heart.graph)
    dice = score_maps(space, maps, truth).dice
    assert dice[0] > dice[1:].mean()


def test_controls_lose(heart: VirtualHeart, anterior: tuple[Pattern, np.ndarray]) -> None:
    pattern, truth = anterior
    wall, rule = heart.myocardium, plan_sloreta(heart)
    space = plan_scores(wall, heart.graph)
    blind = [plan_all_positive(wall), plan_left_ventricle_centre(wall)]
    blind += [RandomPlace(heart.graph, wall.node_volumes, seed) for seed in range(10)]
    blind += [PermutedLeads(rule, seed) for seed in range(10)]
    scores = score_maps(space, np.stack([op.apply(pattern) for op in (rule, *blind)]), truth)
    assert scores.dice[0] > 2 * scores.dice[1:].mean()
    assert scores.dice[1] == pytest.approx(space.areas[truth[space.nodes]].sum() / space.areas.sum())


# ---- intervals


def test_one_case_a_patient_is_the_ordinary_bootstrap() -> None:
    values = np.random.default_rng(0).normal(1, 2, 200)
    ours = interval_over_patients(values, np.arange(200))
    theirs = interval(values)
    assert ours.value == pytest.approx(theirs.value)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.05)


def test_copies_of_a_case_narrow_nothing() -> None:
    values = np.random.default_rng(1).normal(size=40)
    once = interval_over_patients(values, np.arange(40))
    often = interval_over_patients(np.repeat(values, 25), np.repeat(np.arange(40), 25))
    assert (often.value, often.low, often.high) == pytest.approx((once.value, once.low, once.high))


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(2), 0
    owner = np.repeat(np.arange(30), 5)
    for seed in range(100):
        values = rng.normal(size=30)[owner] + 0.3 * rng.normal(size=150)
        found = interval_over_patients(values, owner, resamples=300, seed=seed)
        held += found.low <= 0 <= found.high
    assert 86 <= held <= 99


def test_pairing_takes_what_is_common_away() -> None:
    rng = np.random.default_rng(3)
    hard, owner = rng.normal(size=120), np.repeat(np.arange(24), 5)
    a, b = hard + 0.1 + 0.05 * rng.normal(size=120), hard
    paired = paired_interval_over_patients(a, b, owner)
    assert 0 < paired.low < 0.1 < paired.high
    assert paired.high - paired.low < 0.05
    assert interval_over_patients(a, owner).low < interval_over_patients(b, owner).high
    other = paired_interval_over_patients(b, a, owner)
    assert (other.low, other.high) == pytest.approx((-paired.high, -paired.low))


def test_medians_have_intervals() -> None:
    values = np.append(np.random.default_rng(4).normal(10, 1, 99), 1e6)
    found = interval_over_patients(values, np.repeat(np.arange(20), 5), statistic=np.median)
    assert 9 < found.low <= found.value <= found.high < 11


@pytest.mark.parametrize(
    ("a", "b", "patients"),
    [([1.0, 2.0], [1.0], [0, 1]), ([1.0, np.nan], [1, 2], [0, 1]), ([1, 2], [0, 0], [7, 7])],
)
def test_what_has_no_interval_is_refused(a: list, b: list, patients: list) -> None:
    with pytest.raises(InputError, match="expected"):
        paired_interval_over_patients(a, b, patients)
