"""Exchanged electrodes are named, and nothing is changed."""

from dataclasses import replace

import numpy as np
import pytest

from annotations.ludb import read_index as ludb_index
from annotations.ludb import read_signal
from imn.conditioning import remove_baseline
from imn.electrode_interchange import (
    HYPOTHESES,
    Rule,
    gains_of,
    hints,
    learn,
    measure,
    moments,
    shipped_rule,
    shipped_upright,
)
from imn.lead_heights import height_hints, learn_upright, measure_upright, skewness
from imn.leads import INDEPENDENT_INDEX, LEADS, expand
from imn.ptbxl import FS, read_index, read_signals
from imn.record import Record
from tests.synthetic import ecg


def exchanged(signal: np.ndarray, name: str) -> np.ndarray:
    return expand(HYPOTHESES[name] @ signal[list(INDEPENDENT_INDEX)])


@pytest.fixture
def record() -> Record:
    signal = ecg(100.0, np.arange(0.5, 10, 0.8), 10.0, noise_mv=0.01)
    return Record(signal.astype(np.float32), 100.0, "plain")


def test_undoing_an_interchange_gives_the_recording_back(record):
    for name, mixed in HYPOTHESES.items():
        again = np.linalg.inv(mixed) @ mixed
        np.testing.assert_allclose(again, np.eye(8), atol=1e-12, err_msg=name)


def test_right_and_left_arm_exchange_leads_as_einthoven_says(record):
    recorded = exchanged(record.signal.astype(float), "right and left arm exchanged")
    np.testing.assert_allclose(recorded[0], -record.signal[0], atol=1e-6)
    np.testing.assert_allclose(recorded[1], record.signal[2], atol=1e-6)
    np.testing.assert_allclose(recorded[3], record.signal[4], atol=1e-6)


def test_the_gain_does_not_change_with_amplitude_or_offset(record):
    rule, plain = shipped_rule(), moments(record.signal, record.fs)
    louder = moments(3 * record.signal + np.arange(12)[:, None], record.fs)
    first, second = gains_of(plain, rule), gains_of(louder, rule)
    np.testing.assert_allclose(list(first.values()), list(second.values()), atol=1e-4)


def test_undoing_what_was_done_loses_what_doing_it_gained(record):
    rule, moment = shipped_rule(), moments(record.signal, record.fs)
    name = "V1 and V2 exchanged"
    mixed = HYPOTHESES[name]
    back = gains_of(mixed @ moment @ mixed.T, rule)[name]
    assert back == pytest.approx(-gains_of(moment, rule)[name])


def test_a_header_that_speaks_of_exercise_is_passed_on(record):
    said = replace(record, metadata={"comments": ("Stress test, Mason-Likar electrodes",)})
    assert any("mason-likar" in hint for hint in hints(said))
    assert not hints(record)


def test_learning_ignores_order():
    signals = np.stack([ecg(100.0, np.arange(0.3 + i / 10, 10, 0.8), 10.0, noise_mv=0.05) for i in range(4)])
    first, second = learn(signals, 100.0), learn(signals[::-1], 100.0)
    np.testing.assert_allclose(first.coefficients, second.coefficients, atol=1e-12)
    assert not np.diag(first.coefficients).any()
    assert isinstance(first, Rule)


@pytest.mark.data
def test_fold_9_exchanged_is_named(data_dir):
    signals = read_signals(read_index(data_dir / "ptbxl", [9]))
    found = measure(signals, FS, shipped_rule())
    assert found["none"] <= 0.025
    assert found["right and left arm exchanged"] >= 0.75
    assert found["V1 and V2 exchanged"] >= 0.75
    assert min(found[f"V{i} inverted"] for i in range(1, 7)) >= 0.95


def _turned(record: Record, rows: np.ndarray) -> str:
    return "; ".join(hints(replace(record, signal=np.ascontiguousarray(rows, dtype=np.float32))))


def test_a_recording_upside_down_is_named_whatever_its_gain(record):
    signal = record.signal
    assert "upside down" not in _turned(record, signal)
    for gain in (-0.3, -1.0, -3.0):
        assert "every lead looks upside down" in _turned(record, gain * signal)
    np.testing.assert_allclose(skewness(-2 * signal), -skewness(signal), atol=1e-6)


def test_a_lead_that_is_hardly_there_and_a_wrong_gain_are_named(record):
    quiet = record.signal.copy()
    quiet[LEADS.index("V3")] = 0.02 * np.sin(np.arange(quiet.shape[1]))
    assert "V3 hardly there" in _turned(record, quiet)
    assert "hardly" not in _turned(record, 0.1 * record.signal)
    assert "check gain and unit" in _turned(record, 30 * record.signal)
    assert "gain" not in _turned(record, 3 * record.signal)


def test_learning_is_odd_in_the_sign_of_the_leads():
    rng = np.random.default_rng(0)
    skewed = rng.normal(0.5, 1, (300, 8))
    one, other = learn_upright(skewed), learn_upright(-skewed)
    np.testing.assert_allclose(one.coefficients, -other.coefficients)
    assert one.least == pytest.approx(other.least)
    assert measure_upright(skewed, one)["as recorded"] <= 0.01


@pytest.mark.data
def test_recordings_of_another_hospital_turned_round_are_named(data_dir):
    above = [remove_baseline(r.signal, r.fs) for r in map(read_signal, ludb_index(data_dir / "ludb")[::2])]
    said = [height_hints(rows, shipped_upright()) for rows in above]
    assert sum(bool(words) for words in said) <= 2
    turned = [height_hints(-rows, shipped_upright()) for rows in above]
    assert sum("every lead" in words[0] for words in turned if words) >= 0.9 * len(above)
