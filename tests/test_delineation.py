"""Where T peaks and ends, what is said of rates beyond those found, and what beats cost in memory."""

import tracemalloc

import numpy as np
import pytest

from cine_mapping.beat import Fiducials
from cine_mapping.beats import find_beat
from cine_mapping.delineation import delineate
from imn.conditioning import remove_baseline
from imn.errors import InputError
from imn.leads import expand
from tests.synthetic import ecg


def _t_at(centres_ms: np.ndarray, heights: np.ndarray) -> Fiducials:
    """Delineate a narrow QRS complex and, in each of eight leads, a T wave of its own."""
    ms = np.arange(0, 900, 2.0) - 300
    t_waves = heights[:, None] * np.exp(-0.5 * ((ms - centres_ms[:, None]) / 35) ** 2)
    return delineate(expand(np.exp(-0.5 * (ms / 10) ** 2) + t_waves), 500.0, r_peak=150)[0]


def test_the_t_peak_is_that_of_the_middle_lead_not_of_the_largest() -> None:
    even, centres = np.full(8, 0.4), np.full(8, 280.0)
    assert abs(_t_at(centres, even).t_peak - 290) <= 1
    centres[3:5], even[3:5] = 220.0, 1.2
    assert abs(_t_at(centres, even).t_peak - 290) <= 2


def test_a_lowered_st_segment_is_no_t_wave() -> None:
    ms = np.arange(0, 900, 2.0) - 300
    lowered = -0.25 / (1 + np.exp(-(ms - 40) / 5)) / (1 + np.exp((ms - 250) / 20))
    wave = 0.15 * np.exp(-0.5 * ((ms - 300) / 25) ** 2)
    beat = expand(np.tile(np.exp(-0.5 * (ms / 10) ** 2) + lowered + wave, (8, 1)))
    found = delineate(beat, 500.0, r_peak=150)[0]
    assert abs(2 * found.t_peak - 600) <= 10
    assert 2 * found.t_end > 630


@pytest.mark.parametrize(("per_minute", "missed"), [(150, False), (200, False), (230, True), (250, True)])
def test_rates_beyond_what_is_found_are_said(per_minute: int, missed: bool) -> None:
    times = np.arange(0.3, 10, 60 / per_minute)
    signal = ecg(500.0, times, 10.0, waves=("Q", "R", "S", "T"), noise_mv=0.01)
    try:
        beat = find_beat(remove_baseline(signal, 500.0), 500.0)
    except InputError:
        assert missed
        return
    assert missed == (beat.r_peaks.size < 0.9 * times.size)
    assert missed == any("every other beat may be missed" in flag for flag in beat.quality)


@pytest.mark.parametrize(("fs", "seconds"), [(10_000.0, 5.0), (1000.0, 120.0)])
def test_fast_and_long_recordings_need_little_memory(fs: float, seconds: float) -> None:
    signal = np.tile(ecg(fs, [0.4], 1.0, noise_mv=0.002), round(seconds))
    find_beat(signal, fs)
    tracemalloc.start()
    beat = find_beat(signal, fs)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert beat.phase.shape == (signal.shape[1],)
    assert most < 200e6
