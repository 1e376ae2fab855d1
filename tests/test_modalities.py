"""Every modality of a recording holds all of its evidence, and what was learned reaches the surface whole."""

from dataclasses import replace

import numpy as np
import pytest

from cine_mapping.anatomy import Anatomy
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.beat import Beat
from cine_mapping.beats import find_beat
from cine_mapping.forward.families import FAMILIES
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import LEARNED, WEIGHTS, Modalities, average, plan_modalities
from cine_mapping.myocardium import Myocardium
from cine_mapping.operators.evidence_pattern import FAMILY_OF, evidence_pattern, signed_evidence
from cine_mapping.operators.onto_surface import OntoSurface, plan_surface
from cine_mapping.operators.pattern import BINS
from imn.explanation import Explanation
from imn.labels import LABELS
from imn.leads import INDEPENDENT_INDEX, expand
from imn.model import load_model
from tests.simulated import ischaemia
from viewer.analysis import analyse

SHOWN = ("NORM", "MI", "STTC", "CD")


@pytest.fixture(scope="module")
def explanation() -> Explanation:
    """What the shipped network says of acute anterior ischaemia."""
    return load_model().explain(ischaemia("apical anterior", 100.0).record, spread=False)


@pytest.fixture(scope="module")
def found(explanation: Explanation) -> Beat:
    return find_beat(explanation.signal, explanation.fs)


@pytest.fixture(scope="module")
def plan(anatomy: Anatomy, found: Beat) -> Modalities:
    return plan_modalities(anatomy, found)


@pytest.fixture(scope="module")
def maps(plan: Modalities, explanation: Explanation) -> dict[str, dict[str, HeartMap]]:
    return {label: plan.apply(explanation, label) for label in SHOWN}


@pytest.fixture(scope="module")
def surface(anatomy: Anatomy, wall: Myocardium) -> OntoSurface:
    return plan_surface(anatomy, wall)


# ---- maps of a recording


@pytest.mark.parametrize("label", SHOWN)
def test_every_modality_and_the_average_hold_all_evidence(
    maps: dict[str, dict[str, HeartMap]], explanation: Explanation, label: str
) -> None:
    assert set(maps[label]) == set(WEIGHTS)
    k = explanation.classes.index(label)
    total = explanation.logits[k] - explanation.bias[k]
    for name, heart_map in {**maps[label], "average": average(maps[label])}.items():
        assert heart_map.label == label
        assert heart_map.total == pytest.approx(total, rel=1e-4, abs=1e-4), name
        assert heart_map.modality == name
        assert (heart_map.supporting >= 0).all(), name
        assert (heart_map.opposing <= 0).all(), name


def test_the_average_is_of_those_with_weight_alone(maps: dict[str, dict[str, HeartMap]]) -> None:
    held = maps["STTC"]
    weighted = [heart_map.values for name, heart_map in held.items() if WEIGHTS[name]]
    assert 1 < len(weighted) < len(held)
    np.testing.assert_allclose(average(held).values, np.mean(weighted, axis=0), atol=1e-9)


def test_no_ventricular_evidence_is_laid_on_atria_by_what_was_learned(
    maps: dict[str, dict[str, HeartMap]], anatomy: Anatomy, found: Beat
) -> None:
    heart_map = maps["STTC"][LEARNED]
    after = heart_map.values[:, found.fiducials.qrs_onset : found.fiducials.t_end]
    assert np.abs(after).sum() > 0
    assert not after[~anatomy.ventricles].any()


def test_how_much_evidence_there_is_does_not_move_what_was_learned(
    plan: Modalities, maps: dict[str, dict[str, HeartMap]], explanation: Explanation
) -> None:
    louder = replace(explanation, weights=3 * explanation.weights)
    heart_map = plan.apply(louder, "STTC")[LEARNED]
    np.testing.assert_allclose(
        heart_map.supporting, 3 * maps["STTC"][LEARNED].supporting, rtol=1e-3, atol=1e-9
    )


# ---- evidence as a pattern


def test_folding_to_eight_leads_keeps_the_sum() -> None:
    rng = np.random.default_rng(0)
    eight, weights = rng.standard_normal((8, 50)), rng.standard_normal((12, 50))
    twelve = expand(eight)
    signed = signed_evidence(weights, twelve)
    assert (signed * np.sign(eight)).sum() == pytest.approx((weights * twelve).sum())
    # By sample as well, and its sign is that of more voltage wanted, whatever the deflection's.
    assert (signed * np.sign(eight)).sum(axis=0) == pytest.approx((weights * twelve).sum(axis=0))
    assert signed_evidence(weights, -twelve) == pytest.approx(signed)


def test_a_pattern_holds_the_logit_s_evidence(explanation: Explanation, found: Beat) -> None:
    for label in SHOWN:
        k = explanation.classes.index(label)
        pattern = evidence_pattern(explanation, found, label)
        assert pattern.total == pytest.approx(explanation.logits[k] - explanation.bias[k], rel=1e-4, abs=1e-4)
        assert pattern.family == FAMILY_OF.get(label, "unknown")
        assert evidence_pattern(explanation, found, label, family="WPW").family == "WPW"
        assert np.abs(pattern.values).max() > 0


def toy_explanation(beat: Beat, times: int) -> tuple[Explanation, Beat]:
    """Explain a recording of so many equal stretches of the beat's phases."""
    rng = np.random.default_rng(1)
    length = beat.signal.shape[1]
    weights, signal = rng.standard_normal((1, 12, length)), expand(rng.standard_normal((8, length)))
    held = Explanation(
        "toy", beat.fs, "none", ("MI",), np.zeros(1), np.zeros(1),
        np.tile(weights, times).astype(np.float32), np.tile(signal, times).astype(np.float32),
    )  # fmt: skip
    phase = np.tile(np.arange(length, dtype=np.int32), times)
    peaks = beat.r_peak + length * np.arange(times)
    return held, replace(beat, phase=phase, r_peaks=peaks, kept=np.ones(times, bool))


def test_more_beats_of_a_kind_say_the_same_and_weigh_more(beat: Beat) -> None:
    once = evidence_pattern(*toy_explanation(beat, 1), "MI")
    often = evidence_pattern(*toy_explanation(beat, 6), "MI")
    assert once.values.shape == (8, BINS)
    np.testing.assert_allclose(often.values, once.values, atol=1e-9)
    assert often.total == pytest.approx(6 * once.total)


def test_a_pattern_begins_at_qrs_onset(beat: Beat) -> None:
    held, whole = toy_explanation(beat, 1)
    onset = beat.fiducials.qrs_onset
    lone = np.zeros_like(held.weights)
    lone[:, :, onset + 5] = held.weights[:, :, onset + 5]
    values = evidence_pattern(replace(held, weights=lone), whole, "MI").values
    # Five samples of 10 ms, centred on a border of bins from -20 ms on: half in either.
    assert list(np.flatnonzero(np.abs(values).sum(axis=0))) == [6, 7]
    eight = signed_evidence(lone[0], held.deflection)[:, onset + 5]
    assert values[:, 6] == pytest.approx(eight / 2)
    assert len(INDEPENDENT_INDEX) == len(values)


def test_labels_speak_of_families_that_are_simulated() -> None:
    assert set(FAMILY_OF.values()) <= set(FAMILIES)
    assert set(FAMILY_OF) <= set(LABELS)


# ---- onto the surface


def test_ventricles_see_the_wall_and_atria_do_not(surface: OntoSurface, anatomy: Anatomy) -> None:
    seen = np.asarray(surface.seen.sum(axis=1)).ravel()
    assert seen[anatomy.ventricles] == pytest.approx(1)
    assert not seen[~anatomy.ventricles].any()


def test_shares_sum_to_one_and_leave_atria_out(
    surface: OntoSurface, anatomy: Anatomy, wall: Myocardium
) -> None:
    amounts = np.random.default_rng(0).random(len(wall.points))
    shares = surface.shares(amounts)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
    assert not shares[~anatomy.ventricles].any()
    assert surface.shares(7 * amounts) == pytest.approx(shares)


def test_what_is_even_in_the_wall_is_even_on_the_surface(
    surface: OntoSurface, anatomy: Anatomy, wall: Myocardium
) -> None:
    areas = anatomy.heart.areas * anatomy.ventricles
    assert surface.shares(wall.node_volumes) == pytest.approx(areas / areas.sum())


def test_another_heart_is_reached_through_coordinates(
    surface: OntoSurface, anatomy: Anatomy, wall: Myocardium
) -> None:
    """The same heart given as if it were another: nearly the same picture."""
    again = plan_surface(anatomy, wall, wall)
    seen = np.asarray(again.seen.sum(axis=1)).ravel()
    assert seen[anatomy.ventricles] == pytest.approx(1)
    assert not seen[~anatomy.ventricles].any()
    place = wall.points[3000]
    amounts = wall.node_volumes * np.exp(-np.linalg.norm(wall.points - place, axis=1) / 15)
    moved = np.abs(again.shares(amounts) - surface.shares(amounts)).sum() / 2
    assert moved < 0.05


def test_another_heart_of_the_same_name_is_taken_for_what_it_is(
    anatomy: Anatomy, wall: Myocardium, found: Beat, explanation: Explanation, plan: Modalities
) -> None:
    away = np.float32([150.0, -40.0, 90.0])
    mesh = replace(anatomy.heart, points=anatomy.heart.points + away)
    moved = replace(anatomy, heart=mesh), replace(wall, points=wall.points + away)
    assert moved[0].name == anatomy.name
    there = plan_modalities(moved[0], found, wall=moved[1]).apply(explanation, "MI")[LEARNED]
    here = plan.apply(explanation, "MI")[LEARNED]
    assert np.abs(there.supporting - here.supporting).sum() < 0.05 * here.supporting.sum()


def test_the_spread_over_members_is_the_deviation_of_their_maps() -> None:
    model, anatomy, record = load_model(), load_anatomy("reference"), ischaemia("LAD", 100.0).record
    found = analyse(record, model, anatomy, target="MI", spread=True)
    assert found.spread is not None
    alone = [one.explain(record, spread=False) for one in model.apart()]
    k = found.explanation.classes.index("MI")
    weights = np.mean([one.weights[k] for one in alone], axis=0)
    np.testing.assert_allclose(weights, found.explanation.weights[k], atol=1e-5)
    plan = plan_modalities(anatomy, found.beat)
    maps = [average(plan.apply(one, "MI")) for one in alone]
    expected = np.std([held.supporting + held.opposing for held in maps], axis=0)
    np.testing.assert_allclose(found.spread, expected, atol=1e-9)
    assert plan.spread(alone[:1] * 2, "MI").max() == pytest.approx(0, abs=1e-12)
