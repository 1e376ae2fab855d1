"""Simulated cases: the same from a seed, kept in files, binned whole; credible regions hold what they say."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cine_mapping.forward.families import FAMILIES
from cine_mapping.forward.patients import Patient, draw_patient, reference_setting
from cine_mapping.localisation import cases as cases_module
from cine_mapping.localisation import lots, network_cases
from cine_mapping.localisation.cases import NAMES, TIMES_MS, Cases, Lot, make_cases, patient_cases
from cine_mapping.localisation.credible import INSIDE, LEVEL, credible_threshold, held_threshold
from cine_mapping.localisation.network_cases import ASKED, LABELS, NetworkCases, record
from cine_mapping.localisation.patterns import binned_cases, case_patterns, differences, usual_beat
from cine_mapping.operators.pattern import BINS, BINS_MS, binned
from imn.errors import InputError

LOT = Lot(seed=90_001, patients=2, counts={"normal": 1, "ischaemia": 2, "ectopy": 1})
NODES = len(reference_setting().myocardium.points)


def equal(a: Cases, b: Cases) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in Cases.__dataclass_fields__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cases")


@pytest.fixture(scope="module")
def made(folder: Path) -> Cases:
    return make_cases(LOT, folder=folder)


# ---- cases


def test_a_patient_s_number_and_the_seed_give_everything(made: Cases) -> None:
    again = patient_cases(LOT, 1)
    assert equal(again, made.take(np.flatnonzero(made.patient == 1)))
    one, two = (made.well[made.patient == number][0].astype(float) for number in (0, 1))
    assert np.abs(one - two).max() > 0.05


def test_patients_of_other_lots_are_others() -> None:
    given_lots = [lot for lot in vars(lots).values() if isinstance(lot, Lot)]
    assert len(given_lots) >= 8
    assert len({lot.seed for lot in given_lots}) == len(given_lots)
    states = {np.random.default_rng([lot.seed, n]).random() for lot in given_lots for n in range(3)}
    assert len(states) == 3 * len(given_lots)


def test_normal_hearts_have_no_region_and_sick_ones_have(made: Cases) -> None:
    masks = made.masks(NODES)
    normal = made.family == NAMES.index("normal")
    assert normal.sum() == LOT.patients
    assert not masks[normal].any()
    assert masks[~normal].any(axis=1).all()
    assert np.array_equal(made.sick[normal], made.well[normal])
    changed = np.abs(made.sick.astype(float) - made.well).max(axis=(1, 2))
    assert (changed[~normal] > 0.02).all()


def test_a_lot_goes_on_where_it_was_stopped(
    made: Cases, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {path: path.read_bytes() for path in folder.iterdir()}
    assert len(held) == LOT.patients
    made_anew = []

    def counted(lot: Lot, number: int, setting: Any) -> Cases:
        made_anew.append(number)
        return patient_cases(lot, number, setting)

    monkeypatch.setattr(cases_module, "patient_cases", counted)
    assert equal(make_cases(LOT, folder=folder), made)
    assert made_anew == []
    sorted(folder.iterdir())[1].unlink()
    assert equal(make_cases(LOT, folder=folder), made)
    assert made_anew == [1]
    assert {path: path.read_bytes() for path in folder.iterdir()}.keys() == held.keys()


def test_cases_of_another_lot_are_not_taken(made: Cases, folder: Path) -> None:
    assert len(made)
    with pytest.raises(InputError, match="another folder"):
        make_cases(replace(LOT, counts={"ischaemia": 1}), folder=folder)


def test_one_after_the_other(made: Cases) -> None:
    assert equal(cases_module.joined([made.take(np.array([i])) for i in range(len(made))]), made)


# ---- patterns


@given(level=st.floats(-5, 5))
def test_bins_keep_a_constant(level: float) -> None:
    assert binned(np.full((2, len(TIMES_MS)), level), TIMES_MS) == pytest.approx(level, abs=1e-9)


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), step=st.sampled_from([1.0, 2.0, 3.9, 10.0]))
def test_bins_keep_the_integral(seed: int, step: float) -> None:
    """Of whatever vanishes outside them, at any rate."""
    times = np.arange(-100, 700, step)
    within = (times - step / 2 >= BINS_MS[0]) & (times + step / 2 <= BINS_MS[-1])
    leads = np.random.default_rng(seed).standard_normal((3, len(times))) * within
    assert binned(leads, times) @ np.diff(BINS_MS) == pytest.approx(leads.sum(axis=1) * step, abs=1e-9)


def test_beyond_the_ends_is_nothing() -> None:
    found = binned(np.ones((1, 11)), np.arange(0.0, 101, 10))[0]
    inside = (BINS_MS[:-1] >= -5) & (BINS_MS[1:] <= 105)
    assert found[inside] == pytest.approx(1)
    assert not found[(BINS_MS[1:] <= -5) | (BINS_MS[:-1] >= 105)].any()


def test_cases_are_binned_as_their_courses_are(made: Cases) -> None:
    expected = np.stack([binned(course, TIMES_MS) for course in made.sick])
    np.testing.assert_allclose(binned_cases(made.sick), expected, atol=1e-6)


def toy_cases() -> Cases:
    """Three cases, two of one patient, flat courses."""
    levels = np.array([1.0, 1.0, 4.0])[:, None, None]
    course = np.ones((3, 8, len(TIMES_MS)))
    return Cases(
        sick=(levels * course + 2).astype(np.float16),
        well=(levels * course).astype(np.float16),
        truth=np.zeros((3, 1), np.uint8),
        family=np.array([1, 2, 1], np.int8),
        patient=np.array([5, 5, 9], np.int32),
    )


def test_the_usual_beat_is_the_mean_of_patients_not_of_cases() -> None:
    assert usual_beat(toy_cases()) == pytest.approx(2.5)


def test_differences_are_from_the_own_beat_or_from_the_usual() -> None:
    cases = toy_cases()
    assert differences(cases) == pytest.approx(2)
    usual = np.full((8, BINS), 0.5)
    assert differences(cases, usual)[:, 0, 0] == pytest.approx([2.5, 2.5, 5.5])
    clean, noisy = case_patterns(cases, noise=0.0), case_patterns(cases, noise=0.1)
    assert [pattern.family for pattern in clean] == [NAMES[1], NAMES[2], NAMES[1]]
    spread = np.std([a.values - b.values for a, b in zip(noisy, clean, strict=True)])
    assert spread == pytest.approx(0.1, rel=0.1)


# ---- credible regions


@settings(max_examples=50)
@given(seed=st.integers(0, 10_000))
def test_above_its_threshold_lies_nine_tenths_and_not_above_the_next(seed: int) -> None:
    rng = np.random.default_rng(seed)
    probability, areas = rng.random(60), rng.random(60) * (rng.random(60) > 0.3)
    truth = rng.random(60) > 0.6
    threshold = held_threshold(probability, truth, areas)
    inside = areas * truth
    if not inside.any():
        assert np.isnan(threshold)
        return
    assert inside[probability >= threshold].sum() >= INSIDE * inside.sum() - 1e-12
    assert inside[probability > threshold].sum() < INSIDE * inside.sum()
    assert held_threshold(probability, truth, 7 * areas) == threshold


def test_no_region_has_no_threshold() -> None:
    areas = np.array([1.0, 0.0])
    assert np.isnan(held_threshold(np.ones(2), np.array([False, True]), areas))
    # One node holds more than nine tenths: its own probability.
    assert held_threshold(np.array([0.3, 0.9]), np.ones(2, bool), np.array([99.0, 1.0])) == 0.3


def test_four_of_five_fresh_cases_pass() -> None:
    rng = np.random.default_rng(0)
    for count in (9, 30, 200):
        passed = [rng.beta(2, 5) >= credible_threshold(rng.beta(2, 5, count)) for _ in range(4000)]
        # With the correction it is (c - floor(0.2 (c + 1)) + 1) / (c + 1) exactly.
        ranks = int((1 - LEVEL) * (count + 1) + 1e-9)
        assert np.mean(passed) == pytest.approx(1 - ranks / (count + 1), abs=0.025)
        assert np.mean(passed) >= LEVEL - 0.025


def test_too_few_cases_promise_nothing() -> None:
    assert credible_threshold(np.array([0.5, 0.6, np.nan])) == 0
    some = np.linspace(0.1, 0.9, 20)
    assert credible_threshold(np.append(some, np.nan)) == credible_threshold(some)


# ---- recordings for a network


@pytest.fixture(scope="module")
def patient() -> Patient:
    return draw_patient(np.random.default_rng(5))


class Taken:
    """Stand-in for the simulator that counts how often it is asked."""

    def __init__(self, truth: bool | None) -> None:
        self.truth, self.asked = truth, 0

    def __call__(self, *_: object, **__: object) -> Any:
        self.asked += 1
        if self.truth is None:
            raise InputError("expected leads within a recorder's range, got more; draw again")
        return type("Recorded", (), {"truth": np.array([self.truth])})()


@pytest.mark.parametrize(
    ("truth", "family", "asked", "recorded"),
    [
        (None, "scar", network_cases.ATTEMPTS, False),
        (False, "scar", network_cases.ATTEMPTS, False),
        (None, "normal", network_cases.ATTEMPTS, False),
        (False, "normal", 1, True),
        (True, "scar", 1, True),
    ],
)
def test_recording_gives_up_in_the_end(
    truth: bool | None,
    family: str,
    asked: int,
    recorded: bool,
    *,
    patient: Patient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulator = Taken(truth)
    monkeypatch.setattr(network_cases, "simulate_recording", simulator)
    found = record(patient, family, np.random.default_rng(0))
    assert simulator.asked == asked
    assert (found is not None) == recorded


def test_each_family_is_asked_by_its_label() -> None:
    count = len(NAMES)
    values = np.zeros((count, len(LABELS), 8, BINS), np.float16)
    values += np.arange(len(LABELS))[:, None, None]
    total = 10.0 * np.arange(len(LABELS)) + np.zeros((count, 1))
    cases = NetworkCases(
        values=values,
        total=total,
        truth=np.zeros((count, 1), np.uint8),
        family=np.arange(count, dtype=np.int8),
        patient=np.zeros(count, np.int32),
    )
    for pattern, name in zip(cases.patterns(), NAMES, strict=True):
        label = LABELS.index(ASKED.get(name, "NORM"))
        assert pattern.family == name
        assert (pattern.values == label).all()
        assert pattern.total == 10 * label
    assert set(ASKED) <= set(FAMILIES)
