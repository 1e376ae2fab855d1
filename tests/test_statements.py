"""The mapping that statements teach, and Dice against places derived from them."""

from dataclasses import replace

import numpy as np
import pytest
from synthetic import ecg

from annotations.dice_bench import per_patient
from annotations.dice_scores import CONTROLS, control_scores, lead_time_scores, others_scores, reading_scores
from annotations.masks import scored_areas
from annotations.readings import (
    BEST,
    DRAWN,
    MAPS,
    PLAIN,
    Reading,
    Stated,
    dice_at,
    maps_of,
    only,
    place_mask,
    plain_map,
    ptbxl_stated,
)
from annotations.teaching import Lesson, _held_out
from cine_mapping.anatomy import REGIONS
from cine_mapping.beats import find_beat
from cine_mapping.modalities import TAUGHT, WEIGHTS, WITH_STATEMENTS, average, plan_modalities, weights_of
from cine_mapping.operators.statements import (
    WAVES,
    evidence_features,
    fit_statements,
    load_statements,
    region_shares,
    save_statements,
    shipped_statements,
)
from imn.errors import InputError
from imn.leads import LEADS
from imn.model import load_model
from imn.record import Record


@pytest.fixture(scope="module")
def reading():
    signal = ecg(100.0, np.arange(0.5, 10.0, 0.8), 10.0, noise_mv=0.005).astype(np.float32)
    record = Record(signal=signal, fs=100.0, id="synthetic")
    explanation = load_model().explain(record)
    beat = find_beat(explanation.signal, explanation.fs)
    stated = Stated(record, record.id, "one", ("IMI",), "test")
    return Reading(stated, "MI", only(explanation, "MI"), beat)


def test_every_map_of_a_reading_is_shares_that_sum_to_one(reading, anatomy):
    maps = maps_of(reading, anatomy)
    assert tuple(maps) == MAPS
    for name, share in maps.items():
        assert share.min() >= 0, name
        assert share.sum() == pytest.approx(1.0, abs=1e-9), name


def test_the_textbook_lays_each_lead_over_what_it_faces_and_conserves(reading, anatomy):
    evidence = reading.evidence
    assert plain_map(evidence, anatomy).sum() == pytest.approx(
        sum(row.clip(min=0).sum() for lead, row in zip(LEADS, evidence.leads, strict=True) if lead != "aVR")
    )
    only_ii = replace(evidence, leads=evidence.leads * (np.array(LEADS) == "II")[:, None])
    held = np.unique(anatomy.region[plain_map(only_ii, anatomy) > 0])
    assert {REGIONS[code].split()[-1] for code in held} <= {"inferior", "inferoseptal"}


def test_features_are_shares_and_do_not_change_with_the_size_of_the_evidence(reading):
    evidence = reading.evidence
    features = evidence_features(evidence, reading.beat)
    assert features.shape == (2 * len(WAVES) * len(LEADS),)
    assert features.sum() == pytest.approx(1.0)
    twice = replace(evidence, leads=2 * evidence.leads)
    np.testing.assert_allclose(evidence_features(twice, reading.beat), features)
    nothing = replace(evidence, leads=-np.abs(evidence.leads))
    assert not evidence_features(nothing, reading.beat).any()


def test_ridge_learns_a_linear_rule_and_without_features_says_the_usual():
    rng = np.random.default_rng(0)
    features = rng.random((400, 6))
    marked = np.stack([features[:, 0], 1 - features[:, 1], np.full(400, 0.3)], axis=1)
    learned = fit_statements(features, marked, stiffness=1e-6)
    np.testing.assert_allclose(learned.regions(features[7]), marked[7], atol=1e-6)
    stiff = fit_statements(features, marked, stiffness=1e12)
    np.testing.assert_allclose(stiff.regions(features[7]), marked.mean(axis=0), atol=1e-6)


def test_ridge_is_that_of_scikit_learn():
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(1)
    features, marked = rng.random((60, 9)), rng.random((60, 4))
    learned = fit_statements(features, marked, stiffness=30.0)
    x = (features - learned.mean) / learned.scale
    expected = Ridge(alpha=30.0).fit(x, marked).predict(x)
    np.testing.assert_allclose([learned.regions(f) for f in features], expected.clip(min=0), atol=1e-9)


def test_regions_are_laid_out_evenly_by_area_and_never_on_the_atria(anatomy):
    density = np.zeros(len(REGIONS))
    density[REGIONS.index("mid inferior")] = 2.0
    density[REGIONS.index("left atrium")] = 9.0
    share = region_shares(density, anatomy)
    inside = (anatomy.region == REGIONS.index("mid inferior")) & anatomy.ventricles
    np.testing.assert_array_equal(share > 0, inside)
    assert share.sum() == pytest.approx(1.0)
    even = region_shares(np.zeros(len(REGIONS)), anatomy)
    areas = scored_areas(anatomy)
    np.testing.assert_allclose(even, areas / areas.sum())


def test_files_of_what_was_learned_come_back_and_others_are_refused(tmp_path):
    rng = np.random.default_rng(0)
    learned = fit_statements(rng.random((50, 96)), rng.random((50, len(REGIONS))), stiffness=1.0)
    path = save_statements({"MI": learned}, "a test", tmp_path / "learned.npz")
    again = load_statements(path)["MI"]
    np.testing.assert_allclose(again.slope, learned.slope, rtol=1e-6)
    whole = path.read_bytes()
    for damaged in (b"", b"not a file", whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="statements taught"):
            load_statements(path)


def test_a_fold_has_no_part_in_what_is_said_of_it(anatomy):
    rng = np.random.default_rng(0)
    features = rng.random((40, 8))
    marked = rng.random((40, len(REGIONS)))
    lesson = Lesson(features, marked, np.repeat([1, 2], 20), np.zeros((40, 3), bool))
    whole = _held_out(lesson, anatomy, 10.0)
    other = marked.copy()
    other[:20] = 1 - other[:20]
    changed = _held_out(replace(lesson, marked=other), anatomy, 10.0)
    np.testing.assert_array_equal(whole[0], changed[0])
    assert not np.allclose(whole[30], changed[30])


def test_statements_join_the_average_only_when_asked_and_conserve(reading, anatomy):
    plan = plan_modalities(anatomy, reading.beat)
    maps = plan.apply(reading.explanation, "MI", statements=True)
    assert weights_of(maps) == dict(WITH_STATEMENTS)
    total = reading.explanation.evidence_for("MI").sum()
    for heart_map in (maps[TAUGHT], average(maps)):
        assert heart_map.total == pytest.approx(total, abs=1e-6)
    usual = plan.apply(reading.explanation, "MI")
    assert weights_of(usual) == dict(WEIGHTS)
    half = (average(usual).values + maps[TAUGHT].values) / 2
    np.testing.assert_allclose(average(maps).values, half, atol=1e-9)


def test_dice_of_the_truth_itself_is_one_and_of_elsewhere_zero(reading, anatomy):
    areas, truth = scored_areas(anatomy), place_mask(reading, anatomy)
    assert truth.any()
    assert dice_at(np.where(truth, areas, 0.0), truth, areas) == pytest.approx(1.0)
    assert dice_at(np.where(truth, 0.0, areas), truth, areas) == 0.0
    wider = place_mask(reading, anatomy, reaching=True)
    assert (wider | truth == wider).all()
    assert wider.sum() > truth.sum()


def test_scores_and_controls_of_a_reading(reading, anatomy):
    scores, truth, shares = reading_scores(reading, anatomy)
    controls = control_scores(reading, anatomy, truth, np.random.default_rng(0))
    assert set(CONTROLS) - {"another patient's map"} <= set(controls)
    assert all(0 <= value <= 1 for value in (scores | controls).values())
    p = controls["marked part"]
    assert controls["all positive"] == pytest.approx(2 * p / (1 + p))
    assert {PLAIN, TAUGHT, DRAWN, BEST} <= set(scores)
    other = replace(reading, stated=replace(reading.stated, patient="two"))
    paired = others_scores(
        [reading, other], [shares[BEST]] * 2, [truth] * 2, scored_areas(anatomy), np.random.default_rng(0)
    )
    assert paired == pytest.approx([scores[BEST]] * 2)


def test_leads_and_time_stand_beside_chance(reading):
    scores = lead_time_scores(reading)
    assert scores["random samples"] < scores["all positive"] < 1
    nothing = replace(reading, stated=replace(reading.stated, statements=("NORM",)))
    assert lead_time_scores(nothing) == {}


def test_a_patient_counts_once(reading):
    two = replace(reading, stated=replace(reading.stated, patient="two"))
    np.testing.assert_allclose(per_patient([reading, two, reading], [0.2, 0.5, 0.4]), [0.3, 0.5])


@pytest.mark.data
def test_what_is_shipped_beats_the_usual_place_on_fold_9(data_dir, anatomy):
    from annotations.readings import read_all

    stated = ptbxl_stated(data_dir / "ptbxl", [9])
    areas, model = scored_areas(anatomy), load_model()
    gains = []
    for reading in read_all(stated[::4], model):
        known = shipped_statements().get(reading.label)
        if known is None:
            continue
        truth = place_mask(reading, anatomy)
        told = known.shares(reading.evidence, reading.beat, anatomy)
        usual = region_shares(known.usual, anatomy)
        gains.append(dice_at(told, truth, areas) - dice_at(usual, truth, areas))
    assert len(gains) >= 15
    assert np.mean(gains) > 0.05


@pytest.mark.data
def test_no_patient_of_fold_9_taught_the_shipped_mapping(data_dir):
    taught = {one.patient for one in ptbxl_stated(data_dir / "ptbxl", range(1, 9))}
    scored = {one.patient for one in ptbxl_stated(data_dir / "ptbxl", [9])}
    assert taught and scored and not taught & scored
