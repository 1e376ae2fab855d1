"""Real and simulated beats are read alike; classes and comparisons are what they say."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from cine_mapping.ecg_measures import EcgMeasures
from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.conditions import LBBB, RBBB, Infarct, Ischaemia
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.forward.patients import Patient
from cine_mapping.forward.physiology import Physiology
from cine_mapping.realism import (
    CLASSES,
    WAVE_MS,
    joined,
    read_real,
    read_simulated,
    real_class,
    tabulate,
    within,
)
from cine_mapping.realism_bench import MET_BY, conditions_of, read_classes
from imn.errors import InputError
from imn.ptbxl import Entry


def entry(superclass: str = "MI", **codes: float) -> Entry:
    return Entry(1, "1", 1, Path("x"), codes, frozenset({superclass}))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (entry("NORM", NORM=100.0, SR=0.0), "normal"),
        (entry(ASMI=100.0), "anterior infarct"),
        (entry(AMI=50.0, NDT=100.0), "anterior infarct"),
        (entry(IMI=80.0), "inferior infarct"),
        (entry(IMI=15.0), None),
        (entry(IMI=100.0, ASMI=100.0), None),
        (entry(ASMI=100.0, CLBBB=100.0), "LBBB"),
        (entry("CD", CRBBB=100.0), "RBBB"),
        (entry("CD", CRBBB=100.0, CLBBB=100.0), None),
        (entry("STTC", NDT=100.0), None),
        (entry(ALMI=100.0), None),
        (entry("CD", LAFB=100.0), "LAFB"),
        (entry(LAFB=100.0, LMI=100.0), None),
    ],
)
def test_classes_of_ptbxl(given: Entry, expected: str | None) -> None:
    assert real_class(given) == expected


def test_a_simulated_beat_reads_as_the_recording_made_of_it(heart: VirtualHeart) -> None:
    beat = simulate_beat(heart, LBBB)
    alone = read_simulated(beat, 0)
    signal = np.zeros((12, 1000))
    # Ten beats, a second apart, at 100 Hz.
    leads = beat.leads[:, ::5]
    for start in range(50, 950, 100):
        width = min(leads.shape[1], 1000 - start)
        signal[:, start : start + width] += leads[:, :width]
    recorded = read_real(signal, 0)
    for name in ("r", "s", "st", "t"):
        a, b = (getattr(sample.measures, name)[0] for sample in (alone, recorded))
        np.testing.assert_allclose(a, b, atol=0.1 * np.abs(beat.leads).max())
    assert abs(alone.measures.qrs_ms - recorded.measures.qrs_ms)[0] <= 12
    assert np.corrcoef(alone.waves, recorded.waves)[0, 1] > 0.98


def test_a_beat_is_measured_where_excitation_is(heart: VirtualHeart) -> None:
    for condition in (LBBB, RBBB):
        beat = simulate_beat(heart, condition)
        span = np.ptp(beat.activation)
        assert read_simulated(beat, 0).measures.qrs_ms[0] == pytest.approx(span, abs=20)
    with pytest.raises(InputError, match="divides 10 ms"):
        read_simulated(simulate_beat(heart, step=3.0), 0)


def test_samples_join(heart: VirtualHeart) -> None:
    one, two = (read_simulated(simulate_beat(heart, c), k) for k, c in enumerate((LBBB, RBBB)))
    both = joined([one, two])
    assert len(both) == len(both.measures) == 2
    assert both.waves.shape == (2, 8 * len(WAVE_MS))
    np.testing.assert_array_equal(both.groups, [0, 1])
    for field in dataclasses.fields(EcgMeasures):
        np.testing.assert_array_equal(
            getattr(both.measures, field.name)[1], getattr(two.measures, field.name)[0]
        )
    assert all(values.shape == (2,) for values in tabulate(both.measures).values())


def test_share_within_counts_and_goes_round() -> None:
    real = np.linspace(0, 1, 101)
    assert within(np.array([0.5, 0.06, 0.04, 2.0]), real, circular=False) == 0.5
    around = np.array([170.0, 175, 180, -175, -170])
    assert within(np.array([179.0, -179.0, 0.0, 90.0]), around, circular=True) == 0.5


def test_each_patient_gets_one_of_each_condition(heart: VirtualHeart) -> None:
    patient = Patient(heart, Physiology())
    first, again = (conditions_of(patient, np.random.default_rng(5)) for _ in range(2))
    assert first == again
    assert set(first) == {"normal", *MET_BY}
    assert set(CLASSES) <= set(first)
    for name, condition in first.items():
        if name.startswith("ischaemia"):
            assert isinstance(condition, Ischaemia)
        if name.endswith("infarct"):
            assert isinstance(condition, Infarct)


@pytest.mark.data
def test_real_classes_have_their_marks(data_dir: Path) -> None:
    found = read_classes(data_dir / "ptbxl")
    median = {name: np.median(sample.measures.qrs_ms) for name, sample in found.items()}
    assert median["normal"] < 105 < 125 < min(median["LBBB"], median["RBBB"])
    late = {name: np.median(sample.measures.last[:, 6]) for name, sample in found.items()}
    assert late["RBBB"] > 0.2 > 0.1 > max(late[name] for name in CLASSES if name != "RBBB")
    r = {name: np.median(sample.measures.r[:, 8]) for name, sample in found.items()}
    assert r["anterior infarct"] < 0.5 * r["normal"]
