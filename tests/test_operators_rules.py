"""Published rules and inverse estimates: conservation, what is linear, rotation, and known cases."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from cine_mapping.anatomy import Mesh
from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.conditions import LBBB, RBBB, Condition, Ectopy, Infarct, Ischaemia
from cine_mapping.forward.heart import VirtualHeart, place_heart, reference_heart
from cine_mapping.forward.patients import reference_setting
from cine_mapping.forward.regions import Segments
from cine_mapping.localisation.scores import plan_scores, score_maps
from cine_mapping.operators.dipole import KORS_LPS, plan_dipole
from cine_mapping.operators.lcmv import plan_lcmv
from cine_mapping.operators.lead_fields import lead_vectors, node_transfer, smooth_transfer
from cine_mapping.operators.matched_filter import plan_matched_filter
from cine_mapping.operators.mean_path import plan_mean_path
from cine_mapping.operators.minimum_norm import plan_minimum_norm
from cine_mapping.operators.pattern import BINS, BINS_MS, Pattern, binned
from cine_mapping.operators.polarity import POLARITY, WAVES_MS, told, wave_bins
from cine_mapping.operators.sensitivity import plan_sensitivity
from cine_mapping.operators.sloreta import plan_sloreta
from cine_mapping.operators.spatial_filter import SpatialFilter, lay_by_density
from cine_mapping.operators.territory_table import SEGMENTS_OF_LEAD, plan_territory_table
from cine_mapping.volume_conductor import solve_torso
from imn.leads import INDEPENDENT, INDEPENDENT_INDEX

LINEAR = ("sloreta", "minimum norm", "matched filter", "dipole")
FAMILY_NAMES = (*POLARITY, "normal")


def planned(heart: VirtualHeart, matrix: np.ndarray = KORS_LPS) -> dict:
    return {
        "sloreta": plan_sloreta(heart),
        "minimum norm": plan_minimum_norm(heart),
        "matched filter": plan_matched_filter(heart),
        "dipole": plan_dipole(heart, matrix=matrix),
        "lcmv": plan_lcmv(heart),
        "sensitivity": plan_sensitivity(heart),
        "mean path": plan_mean_path(heart, matrix=matrix),
        "territory table": plan_territory_table(heart.myocardium),
    }


@pytest.fixture(scope="module")
def rules(heart: VirtualHeart) -> dict:
    return planned(heart)


@cache
def _beat(condition: Condition | None) -> tuple[np.ndarray, np.ndarray]:
    beat = simulate_beat(reference_heart(), condition)
    return binned(beat.leads[list(INDEPENDENT_INDEX)], beat.times - beat.activation.min()), beat.truth


def case(family: str, condition: Condition) -> tuple[Pattern, np.ndarray]:
    """What a condition changes in the beat of the reference heart, and the truth."""
    values, truth = _beat(condition)
    return Pattern(family, values - _beat(None)[0], 2.5), truth


def noise(seed: int, family: str = "ischaemia", total: float = 1.0) -> Pattern:
    values = np.random.default_rng(seed).standard_normal((len(INDEPENDENT), BINS))
    return Pattern(family, values, total)


NAMES = (*LINEAR, "lcmv", "sensitivity", "mean path", "territory table")


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 1000),
    family=st.sampled_from(FAMILY_NAMES),
    total=st.floats(-50, 50),
    size=st.sampled_from([1e-200, 1e-6, 1.0, 1e6]),
)
def test_a_map_sums_to_its_total(
    rules: dict, name: str, seed: int, family: str, total: float, size: float
) -> None:
    pattern = noise(seed, family, total)
    found = rules[name].apply(replace(pattern, values=size * pattern.values))
    assert found.sum() == pytest.approx(total, rel=1e-12, abs=1e-9)
    assert (found * np.sign(total) >= 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_laid_out_evenly(rules: dict, heart: VirtualHeart, name: str) -> None:
    empty = Pattern("scar", np.zeros((len(INDEPENDENT), BINS)), 3.0)
    volumes = heart.myocardium.node_volumes
    assert rules[name].apply(empty) == pytest.approx(3 * volumes / volumes.sum())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("factor", [0.01, 7.0])
def test_a_factor_on_the_pattern_moves_nothing(rules: dict, name: str, factor: float) -> None:
    pattern, _ = case("ectopy", Ectopy(1000))
    louder = replace(pattern, values=factor * pattern.values)
    rule = rules[name]
    if name == "mean path":
        # Its path is the beat's, which a factor on the evidence does not change.
        beat = _beat(Ectopy(1000))[0]
        assert rule.apply(louder, beat) == pytest.approx(rule.apply(pattern, beat), rel=1e-9)
        return
    np.testing.assert_allclose(rule.apply(louder), rule.apply(pattern), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", LINEAR)
def test_filters_are_linear_before_the_sign_is_cut(rules: dict, name: str) -> None:
    rule: SpatialFilter = rules[name]
    one, two = noise(1), noise(2)
    both = replace(one, values=2 * one.values - 3 * two.values)
    expected = 2 * rule.courses(one) - 3 * rule.courses(two)
    np.testing.assert_allclose(rule.courses(both), expected, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("name", LINEAR)
def test_the_sign_decides(rules: dict, heart: VirtualHeart, name: str) -> None:
    """Evidence turned round goes to other places, and where one map is dense the other is thin."""
    pattern, _ = case("scar", Infarct(Segments(("mid anterior", "apical anterior"))))
    turned = replace(pattern, values=-pattern.values)
    volumes = heart.myocardium.node_volumes
    first, second = rules[name].apply(pattern) / volumes, rules[name].apply(turned) / volumes
    assert np.corrcoef(first, second)[0, 1] < -0.2


def test_maps_turn_with_the_body(heart: VirtualHeart, rules: dict) -> None:
    setting = reference_setting()
    turn = Rotation.from_rotvec([0.3, -0.8, 0.5]).as_matrix()
    wall = replace(
        setting.myocardium,
        points=(setting.myocardium.points @ turn.T).astype(np.float32),
        fibres=(setting.myocardium.fibres @ turn.T).astype(np.float32),
    )
    torso = solve_torso(Mesh((setting.torso.points @ turn.T).astype(np.float32), setting.torso.triangles))
    moved = planned(place_heart(wall, torso, setting.electrodes @ turn.T), turn @ KORS_LPS)
    pattern, _ = case("ectopy", Ectopy(1000))
    for name, rule in rules.items():
        expected = rule.apply(pattern)
        np.testing.assert_allclose(
            moved[name].apply(pattern), expected, rtol=0, atol=2e-3 * expected.max(), err_msg=name
        )


def test_sloreta_has_its_peak_at_a_lone_smooth_source(heart: VirtualHeart) -> None:
    """Without noise the standardised estimate is largest where the source is (Pascual-Marqui 2002)."""
    rule = plan_sloreta(heart, noise=1e-9)
    patches = smooth_transfer(heart, 22.0)
    for node in (100, 2000, 4000, 7000):
        seen = -rule.weights @ patches[:, node]
        assert seen[node] == pytest.approx(seen.max(), rel=1e-6)


def test_matched_filter_has_its_peak_at_a_lone_patch(heart: VirtualHeart, rules: dict) -> None:
    patches = smooth_transfer(heart, 22.0)
    for node in (100, 2000, 4000, 7000):
        seen = -rules["matched filter"].weights @ patches[:, node]
        assert seen[node] == pytest.approx(seen.max(), rel=1e-9)


def test_smoothing_over_nothing_and_over_everything(heart: VirtualHeart) -> None:
    raw = node_transfer(heart)
    np.testing.assert_allclose(smooth_transfer(heart, 0.01), raw, atol=1e-6 * np.abs(raw).max())
    # A uniform potential gives no voltage.
    assert np.abs(smooth_transfer(heart, 1e6)).max() < 1e-6 * np.abs(raw).sum()


def test_lead_vectors_are_the_gradient_of_the_potential(heart: VirtualHeart) -> None:
    """A dipole spread over the muscle gives as much by vectors as by the transfer of a linear potential."""
    setting = reference_setting()
    wall = setting.myocardium
    even = place_heart(wall, solve_torso(setting.torso), setting.electrodes, along=0.2, across=0.2)
    direction = np.array([0.3, -0.5, 0.8])
    potential = wall.points.astype(float) @ direction
    by_vectors = -0.2e-3 * np.einsum("lni,i,n->l", lead_vectors(even), direction, wall.node_volumes)
    assert by_vectors == pytest.approx(node_transfer(even) @ potential, rel=1e-5, abs=1e-7)


def test_the_table_lays_one_lead_on_its_segments(heart: VirtualHeart, rules: dict) -> None:
    values = np.zeros((len(INDEPENDENT), BINS))
    values[INDEPENDENT.index("V3"), wave_bins("QRS")] = 0.2
    found = rules["territory table"].apply(Pattern("ischaemia", values))
    faced = np.isin(heart.myocardium.region + 1, SEGMENTS_OF_LEAD["V3"])
    assert found[faced].sum() == pytest.approx(1)
    against = rules["territory table"].apply(Pattern("scar", values))
    volumes = heart.myocardium.node_volumes
    assert against == pytest.approx(volumes / volumes.sum()), "no lead has what a scar does: nothing is said"


def test_the_path_stays_in_the_wall_s_ellipsoid_and_about_its_middle(rules: dict) -> None:
    rule = rules["mean path"]
    path, bins = rule.path(rule.normal)
    assert np.linalg.norm(np.linalg.solve(rule.spread, path.T), axis=0).max() <= 2 + 1e-9
    assert len(path) == len(bins) == sum(wave_bins(wave).sum() for wave in WAVES_MS)
    assert np.linalg.norm(path.mean(axis=0)) < 10


def test_the_path_without_a_beat_is_that_of_normal_and_pattern(rules: dict) -> None:
    rule = rules["mean path"]
    pattern, _ = case("ectopy", Ectopy(1000))
    own = _beat(Ectopy(1000))[0]
    assert rule.apply(pattern) == pytest.approx(rule.apply(pattern, own), rel=1e-6)


def test_signs_follow_the_waves() -> None:
    rng = np.random.default_rng(0)
    courses = rng.standard_normal((5, BINS))
    qrs, st_, t = (wave_bins(wave) for wave in WAVES_MS)
    scar, injured = told(courses, "scar"), told(courses, "ischaemia")
    assert np.array_equal(scar[:, qrs], (-courses[:, qrs]).clip(min=0))
    assert not scar[:, st_].any()
    assert np.array_equal(injured[:, st_], np.abs(courses[:, st_]))
    assert not injured[:, t].any()
    for family in FAMILY_NAMES:
        assert (told(courses, family) >= 0).all()
        assert not told(courses, family)[:, BINS_MS[:-1] < 0].any()
    assert np.array_equal(told(courses, "LBBB"), told(-courses, "ectopy"))


def test_an_even_density_is_laid_out_by_volume() -> None:
    volumes = np.array([1.0, 2.0, 5.0])
    assert lay_by_density(np.full(3, 0.1), volumes, -4.0) == pytest.approx([-0.5, -1.0, -2.5])
    assert lay_by_density(np.zeros(3), volumes, 8.0) == pytest.approx([1, 2, 5])


KNOWN = (
    ("ischaemia", Ischaemia(Segments(("mid anterior", "apical anterior", "mid anteroseptal")))),
    ("ischaemia", Ischaemia(Segments(("mid inferior", "apical inferior", "mid inferoseptal")))),
    ("ischaemia", Ischaemia(Segments(("mid anterolateral", "mid inferolateral")))),
    ("scar", Infarct(Segments(("mid anterior", "apical anterior", "mid anteroseptal")))),
    ("scar", Infarct(Segments(("basal inferior", "mid inferior", "basal inferolateral")))),
    ("LBBB", LBBB),
    ("RBBB", RBBB),
)


@pytest.mark.parametrize("name", ["sloreta", "matched filter", "dipole", "lcmv", "minimum norm"])
def test_large_regions_are_found(heart: VirtualHeart, rules: dict, name: str) -> None:
    """On the heart itself, without noise, an estimate beats a map that says nothing by far."""
    space = plan_scores(heart.myocardium, heart.graph)
    gained = []
    for family, condition in KNOWN:
        pattern, truth = case(family, condition)
        maps = np.stack([rules[name].apply(pattern), heart.myocardium.node_volumes])
        dice = score_maps(space, maps, truth).dice
        gained.append(dice[0] - dice[1])
    assert np.mean(gained) > 0.15, gained
    assert min(gained) > -0.15, gained
