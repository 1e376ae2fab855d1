"""Pacing stimuli: found where they are, never in what the heart makes, and out of the way of QRS."""

import numpy as np
import pytest

from cine_mapping.beats import find_beat
from cine_mapping.pacing import _lone_steps, find_stimuli, without_stimuli
from cine_mapping.r_peaks import find_r_peaks
from imn.leads import expand
from tests.synthetic import ecg

TIMES = np.arange(0.6, 9.6, 0.8)
DIRECTION = np.array([1.0, 0.6, -0.8, 0.5, 1.0, 1.2, 0.7, 0.4])


def _stimuli(fs: float, times: np.ndarray, height_mv: float = 1.5) -> np.ndarray:
    """Steps of 2 ms that fall back with 3 ms, (12, 10 s) mV."""
    t = np.arange(round(10 * fs)) / fs
    wave = np.zeros(t.size)
    for start in times:
        since = t - start
        wave += np.where((since >= 0) & (since < 0.02), np.exp(-since.clip(0) / 0.003), 0)
    return expand(np.outer(DIRECTION, height_mv * wave))


@pytest.mark.parametrize("fs", [500.0, 1000.0])
def test_a_stimulus_before_each_beat_is_found_and_gone(fs: float) -> None:
    heart = ecg(fs, TIMES, 10.0, noise_mv=0.005)
    paced = heart + _stimuli(fs, TIMES - 0.06)
    found = find_stimuli(paced, fs, find_r_peaks(paced, fs))
    assert len(found) == len(TIMES)
    np.testing.assert_allclose(found[:, 0] / fs, TIMES - 0.065, atol=0.004)
    assert np.abs(without_stimuli(paced, found) - heart).max() < 0.15
    outside = np.ones(heart.shape[1], dtype=bool)
    for start, stop in found:
        outside[start : stop + 1] = False
    np.testing.assert_array_equal(without_stimuli(paced, found)[:, outside], paced[:, outside])


@pytest.mark.parametrize("fs", [100.0, 250.0, 500.0, 1000.0])
@pytest.mark.parametrize("noise", [0.0, 0.03])
def test_a_heart_has_no_stimuli(fs: float, noise: float) -> None:
    heart = ecg(fs, TIMES, 10.0, noise_mv=noise)
    found = find_stimuli(heart, fs, find_r_peaks(heart, fs))
    assert found.shape == (0, 2)
    np.testing.assert_array_equal(without_stimuli(heart, found), heart)


def test_steps_of_an_electrode_are_no_stimuli() -> None:
    fs = 500.0
    heart = ecg(fs, TIMES, 10.0) + _stimuli(fs, TIMES[:5] - 0.06)
    assert not len(find_stimuli(heart, fs, find_r_peaks(heart, fs)))


@pytest.mark.parametrize("before_s", [0.045, 0.06])
@pytest.mark.parametrize("height_mv", [1.0, 3.0])
def test_qrs_begins_after_the_stimulus_and_nothing_else_moves(before_s: float, height_mv: float) -> None:
    fs = 500.0
    heart = ecg(fs, TIMES, 10.0, waves=("Q", "R", "S", "T"), noise_mv=0.003)
    plain = find_beat(heart, fs)
    paced = find_beat(heart + _stimuli(fs, TIMES - before_s, height_mv), fs)
    np.testing.assert_array_equal(paced.r_peaks, plain.r_peaks)
    stimulus = paced.r_peak - round(before_s * fs)
    assert stimulus < paced.fiducials.qrs_onset <= stimulus + round(0.026 * fs)
    for name in ("j_point", "t_peak", "t_end"):
        ours, theirs = getattr(paced.fiducials, name), getattr(plain.fiducials, name)
        assert abs(ours - theirs) <= 4, name
    assert paced.fiducials.p_onset is None


@pytest.mark.parametrize("fs", [250.0, 360.0, 500.0, 1000.0])
def test_what_lies_before_a_step_counts_as_what_lies_after(fs: float) -> None:
    rng = np.random.default_rng(0)
    velocity = np.abs(rng.standard_normal(4000)) ** 3 * 0.05
    found = _lone_steps(velocity, fs)
    assert found.size
    np.testing.assert_array_equal(_lone_steps(velocity[::-1], fs), velocity.size - 1 - found[::-1])
