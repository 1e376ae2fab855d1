"""Measures against beats whose values are known; criteria against textbook beats."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cine_mapping.criteria import CRITERIA
from cine_mapping.ecg_measures import EcgMeasures, frontal_axis, measure
from imn.leads import EXPANSION, INDEPENDENT, LEADS

FS, ONSET, J, T_END, LENGTH = 500.0, 100, 150, 300, 400


def bump(middle: int, width: int) -> np.ndarray:
    sample = np.arange(LENGTH)
    return np.where(abs(sample - middle) < width, np.cos((sample - middle) / width * np.pi / 2) ** 2, 0.0)


def beat(**waves: tuple[float, float, float, float]) -> np.ndarray:
    """Leads with Q or r, R or S, late deflection and T of the given heights, (12, m) mV."""
    rows = np.zeros((8, LENGTH))
    for name, heights in waves.items():
        shapes = (bump(107, 7), bump(124, 10), bump(142, 8), bump(250, 40))
        rows[INDEPENDENT.index(name)] = sum(h * s for h, s in zip(heights, shapes, strict=True))
    return EXPANSION @ rows


def read(*beats: np.ndarray, j: int | tuple[int, ...] = J) -> EcgMeasures:
    points = [np.broadcast_to(v, len(beats)) for v in (ONSET, j, T_END)]
    return measure(np.stack(beats), FS, qrs_onset=points[0], j_point=points[1], t_end=points[2])


def test_measures_give_back_what_was_drawn() -> None:
    found = read(beat(I=(-0.1, 1.0, -0.3, 0.2), V1=(0.2, -0.8, 0.5, -0.15)))
    one, v1 = LEADS.index("I"), LEADS.index("V1")
    assert found.qrs_ms == pytest.approx(100)
    assert found.qt_ms == pytest.approx(400)
    for values, lead, expected in (
        (found.q, one, 0.1),
        (found.r, one, 1.0),
        (found.s, one, 0.3),
        (found.t, one, 0.2),
        (found.r, v1, 0.5),
        (found.s, v1, 0.8),
        (found.late_r, v1, 0.5),
        (found.t, v1, -0.15),
    ):
        assert values[0, lead] == pytest.approx(expected, abs=0.01)
    assert found.late_r[0, one] == pytest.approx(0, abs=0.01)
    assert found.first[0, v1] == pytest.approx(beat(V1=(0.2, -0.8, 0.5, 0))[v1, 100:120].mean(), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 5))
def test_a_level_changes_nothing_and_gain_scales(seed: int, gain: float) -> None:
    rng = np.random.default_rng(seed)
    leads = EXPANSION @ rng.normal(size=(8, LENGTH))
    plain, lifted, scaled = (read(x) for x in (leads, leads + rng.normal(size=(12, 1)), gain * leads))
    for field in dataclasses.fields(EcgMeasures):
        a, b, c = (getattr(m, field.name) for m in (plain, lifted, scaled))
        np.testing.assert_allclose(a, b, atol=1e-9)
        factor = 1.0 if field.name.endswith(("_ms", "_deg")) else gain
        np.testing.assert_allclose(c, factor * a, atol=1e-9)


def test_beats_are_measured_each_for_itself() -> None:
    beats = [beat(I=(-0.1, 1.0, -0.3, 0.2)), beat(V2=(0.2, -1.8, 0.1, 0.5))]
    both = read(*beats)
    for number, one in enumerate(read(b) for b in beats):
        for field in dataclasses.fields(EcgMeasures):
            np.testing.assert_array_equal(getattr(both, field.name)[number], getattr(one, field.name)[0])


@pytest.mark.parametrize("degrees", [-150.0, -45.0, 0.0, 38.0, 90.0, 179.0])
def test_the_axis_is_that_of_the_dipole(degrees: float) -> None:
    # Einthoven's triangle: I and II see a frontal dipole from 0 and 60 degrees.
    angle = np.deg2rad(degrees)
    rows = np.zeros(8)
    rows[0], rows[1] = np.cos(angle), np.cos(angle - np.deg2rad(60))
    assert frontal_axis(EXPANSION @ rows) == pytest.approx(degrees)


NORMAL = {
    "I": (-0.05, 0.7, -0.05, 0.25),
    "II": (-0.05, 1.0, -0.1, 0.3),
    "V1": (0.15, -0.8, 0.0, 0.05),
    "V2": (0.3, -1.1, 0.0, 0.4),
    "V3": (0.4, 0.8, -0.7, 0.4),
    "V4": (0.0, 1.3, -0.4, 0.4),
    "V5": (-0.05, 1.3, -0.1, 0.3),
    "V6": (-0.05, 1.1, 0.0, 0.25),
}
RBBB = NORMAL | {
    "I": (-0.05, 0.7, -0.4, 0.2),
    "V6": (-0.05, 1.0, -0.4, 0.2),
    "V1": (0.2, -0.3, 0.9, -0.2),
}
LBBB = NORMAL | {
    "I": (0.3, 0.7, 0.5, -0.2),
    "V6": (0.4, 0.9, 0.6, -0.3),
    "V1": (0.0, -1.2, -0.8, 0.4),
    "V2": (0.1, -1.8, -1.2, 0.8),
}
QS = NORMAL | {lead: (-0.6, -1.3, 0.0, 0.3) for lead in ("V2", "V3", "V4")}
INFERIOR_Q = NORMAL | {"I": (0.1, 0.8, 0, 0.2), "II": (-0.5, 0.4, 0, -0.1)}


def test_criteria_tell_textbook_beats_apart() -> None:
    wide = read(*(beat(**waves) for waves in (NORMAL, LBBB, RBBB)), j=(J, 162, 162))
    np.testing.assert_array_equal(CRITERIA["LBBB"].test(wide), [False, True, False])
    np.testing.assert_array_equal(CRITERIA["RBBB"].test(wide), [False, False, True])
    narrow = read(*(beat(**waves) for waves in (NORMAL, QS, INFERIOR_Q)))
    np.testing.assert_array_equal(CRITERIA["anterior infarct"].test(narrow), [False, True, False])
    np.testing.assert_array_equal(CRITERIA["inferior infarct"].test(narrow), [False, False, True])
    others = {"LBBB", "RBBB", "LAFB", "LPFB", "WPW", "ectopy", "LVH", "ST elevation"}
    assert not any(CRITERIA[name].test(narrow)[0] for name in others)


def raised(**levels: float) -> np.ndarray:
    leads = np.array([levels.get(name, 0.0) for name in INDEPENDENT])
    st_part = np.arange(LENGTH) >= J - 5
    return beat(**NORMAL) + EXPANSION @ np.outer(leads, st_part)


def test_st_elevation_names_its_artery() -> None:
    beats = (
        raised(V2=0.4, V3=0.5, V4=0.3, II=-0.1, I=0.05),
        raised(I=-0.1, II=0.2, V2=-0.2),
        raised(I=0.15, II=0.05, V6=0.15, V5=0.15, V2=-0.1),
        raised(V2=0.15, V3=0.15),
        raised(V4=0.2, V6=0.2),
    )
    found = {name: CRITERIA[name].test(read(*beats)).tolist() for name in ("ST LAD", "ST RCA", "ST LCX")}
    assert found == {
        "ST LAD": [True, False, False, False, False],
        "ST RCA": [False, True, False, False, False],
        "ST LCX": [False, False, True, False, False],
    }
    assert CRITERIA["ST elevation"].test(read(*beats)).tolist() == [True, True, True, False, False]


def test_every_criterion_judges_every_beat() -> None:
    found = read(beat(**NORMAL), beat(**LBBB), beat(**RBBB))
    for name, criterion in CRITERIA.items():
        judged = criterion.test(found)
        assert judged.shape == (3,), name
        assert judged.dtype == bool
        assert criterion.says
