"""Simulated recordings: what must hold exactly, then what a reader of ECGs expects."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cine_mapping.asked_conditions import draw_condition
from cine_mapping.atria import Atria, AtrialSpread
from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.conditions import Condition, Ectopy, Normal
from cine_mapping.forward.patients import Patient
from cine_mapping.noise import NoiseLevels, NoiseSpread, draw_levels, draw_noise
from cine_mapping.recordings import (
    STEPS_PER_MV,
    Recording,
    RecordingSpread,
    Sampling,
    at_rate,
    simulate_recording,
)
from cine_mapping.rhythm import Rhythm, RhythmSpread, beat_times, draw_rhythm, rate_shift
from imn import read_record
from imn.errors import InputError
from imn.leads import INDEPENDENT_INDEX, LEADS

ROW = {name: i for i, name in enumerate(LEADS)}
QUIET = RecordingSpread(noise=None)
STEADY = RecordingSpread(
    rhythm=replace(RhythmSpread(), scatter=(0.0, 0.0), breathing=(0.0, 0.0)),
    atria=AtrialSpread(0.0, 0.0, 0.0, 0.0),
    noise=None,
)


def make(
    patient: Patient,
    condition: Condition | None = None,
    *,
    spread: RecordingSpread = QUIET,
    sampling: Sampling = Sampling(4.0, 500.0),  # noqa: B008 -- frozen
    heart_rate: float | None = None,
    seed: int = 3,
) -> Recording:
    rng = np.random.default_rng(seed)
    return simulate_recording(
        patient, condition, rng, sampling=sampling, spread=spread, heart_rate=heart_rate
    )


@pytest.fixture(scope="module")
def noisy(patient: Patient) -> Recording:
    return make(patient, spread=RecordingSpread())


class TestIdentities:
    def test_einthoven_and_goldberger_hold_to_the_last_bit(self, noisy: Recording) -> None:
        x = {name: noisy.record.signal[i] for name, i in ROW.items()}
        np.testing.assert_array_equal(x["II"] - x["I"], x["III"])
        np.testing.assert_array_equal(-(x["I"] + x["II"]) / 2, x["aVR"])
        np.testing.assert_array_equal(x["I"] - x["II"] / 2, x["aVL"])
        np.testing.assert_array_equal(x["II"] - x["I"] / 2, x["aVF"])

    def test_samples_lie_on_the_grid(self, noisy: Recording) -> None:
        steps = noisy.record.signal[list(INDEPENDENT_INDEX)].astype(float) * STEPS_PER_MV
        np.testing.assert_array_equal(steps, np.round(steps))

    def test_one_seed_one_recording(self, patient: Patient, noisy: Recording) -> None:
        again, other = (make(patient, spread=RecordingSpread(), seed=seed) for seed in (3, 4))
        np.testing.assert_array_equal(noisy.record.signal, again.record.signal)
        assert noisy.drawn == again.drawn != other.drawn
        assert not np.array_equal(noisy.record.signal, other.record.signal)

    def test_one_beat_of_it_is_the_beat_that_was_simulated(self, patient: Patient) -> None:
        found = make(patient, Ectopy(100), spread=STEADY, heart_rate=40.0)
        beat = simulate_beat(
            patient.heart, Ectopy(100), physiology=at_rate(patient.physiology, 40.0), step=0.5
        )
        since = beat.times - beat.activation.min()
        now = np.arange(2000) * 2.0 - 1000 * found.onsets_s[0]
        whole = (now > since[0]) & (now < since[-1])
        expected = np.stack([np.interp(now[whole], since, lead) for lead in beat.leads])
        np.testing.assert_allclose(found.record.signal[:, whole], expected, atol=0.004)

    def test_at_60_a_minute_cells_are_as_the_physiology_says(self, patient: Patient) -> None:
        assert at_rate(patient.physiology, 60.0) == patient.physiology
        for rate in (45.0, 100.0):
            assert rate_shift(rate) == pytest.approx(400 * ((60 / rate) ** (1 / 3) - 1))

    def test_between_t_and_p_there_is_nothing(self, patient: Patient) -> None:
        found = make(patient, spread=STEADY, heart_rate=45.0)
        pr = found.drawn["pr_ms"]
        start, end = found.onsets_s[0] + 0.75, found.onsets_s[1] - pr / 1000 - 0.03
        assert end - start > 0.2
        rest = found.record.signal[:, round(start * 500) : round(end * 500)]
        assert np.abs(rest).max() <= 3 / STEPS_PER_MV

    @pytest.mark.parametrize("fs", [100.0, 257.0, 1000.0])
    def test_rates_see_the_same_beats(self, patient: Patient, fs: float) -> None:
        fine, other = (make(patient, sampling=Sampling(3.0, rate)) for rate in (2000.0, fs))
        np.testing.assert_array_equal(fine.onsets_s, other.onsets_s)
        now = np.arange(other.record.signal.shape[1]) / fs
        known = np.arange(6000) / 2000.0
        expected = np.stack([np.interp(now, known, lead) for lead in fine.record.signal])
        np.testing.assert_allclose(other.record.signal, expected, atol=0.01)

    def test_truth_is_that_of_the_condition(self, patient: Patient) -> None:
        condition = draw_condition("scar", ("LAD",), patient.heart, np.random.default_rng(0))
        expected = condition.changes(patient.heart, patient.physiology).truth
        np.testing.assert_array_equal(make(patient, condition).truth, expected)


class TestRhythm:
    @given(rate=st.floats(40, 140), seed=st.integers(0, 2**32 - 1))
    @settings(max_examples=30, deadline=None)
    def test_beats_cover_the_recording_at_the_rate(self, rate: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        times = beat_times(rng, Rhythm(rate, 0.02, 0.03, 0.25, 160.0), 60.0)
        assert times[0] < 0 and times[-1] > 59_000
        assert np.diff(times).min() > 0
        assert 60_000 / np.diff(times).mean() == pytest.approx(rate, rel=0.03)

    def test_heart_rate_is_the_one_asked_for(self, patient: Patient) -> None:
        found = make(patient, heart_rate=100.0, sampling=Sampling(10.0, 250.0))
        assert found.drawn["heart_rate"] == 100.0
        assert 60 / np.diff(found.onsets_s).mean() == pytest.approx(100, rel=0.05)

    def test_drawn_rhythms_keep_to_their_limits(self) -> None:
        rng, spread = np.random.default_rng(0), RhythmSpread()
        drawn = [draw_rhythm(rng, spread, lead="preexcited") for _ in range(500)]
        rates = np.array([rhythm.heart_rate for rhythm in drawn])
        assert rates.min() >= 48 and rates.max() <= 110
        assert rates.mean() == pytest.approx(72.5, abs=2)
        assert all(rhythm.pr_ms is not None and rhythm.pr_ms < 120 for rhythm in drawn)

    def test_a_fast_heart_has_a_short_qt(self, patient: Patient) -> None:
        ends = []
        for rate in (50.0, 100.0):
            found = make(patient, Ectopy(100), spread=STEADY, heart_rate=rate)
            onset = round(found.onsets_s[0] * 500)
            loud = np.abs(found.record.signal[:, onset : onset + 300]).max(axis=0) > 0.05
            ends.append(2 * np.flatnonzero(loud)[-1])
        assert ends[0] - ends[1] == pytest.approx(rate_shift(50) - rate_shift(100), abs=15)

    @pytest.mark.parametrize("rate", [5.0, 400.0, np.nan])
    def test_impossible_rates_are_refused(self, patient: Patient, rate: float) -> None:
        with pytest.raises(InputError, match="30 to 180 beats per minute"):
            make(patient, heart_rate=rate)

    @pytest.mark.parametrize("wrong", [(1.0, 500.0), (np.nan, 500.0), (10.0, 5.0), (10.0, np.inf)])
    def test_impossible_samplings_are_refused(self, wrong: tuple[float, float]) -> None:
        with pytest.raises(InputError, match="expected"):
            Sampling(*wrong)


class TestPWave:
    def test_is_upright_in_ii_and_negative_in_avr(self, patient: Patient) -> None:
        found = make(patient, spread=STEADY, heart_rate=60.0)
        onset, pr = found.onsets_s[1], found.drawn["pr_ms"]
        p = found.record.signal[:, round((onset - pr / 1000) * 500) : round((onset - 0.02) * 500)]
        assert 0.05 < p[ROW["II"]].max() < 0.25
        assert p[ROW["aVR"]].min() < -0.04
        assert p[ROW["II"]].argmax() * 2 < 100

    def test_is_missing_where_a_ventricle_leads(self, patient: Patient) -> None:
        found = make(patient, Ectopy(100), spread=STEADY, heart_rate=50.0)
        assert found.drawn["pr_ms"] is None
        onset = round(found.onsets_s[1] * 500)
        assert np.abs(found.record.signal[:, onset - 120 : onset - 12]).max() <= 3 / STEPS_PER_MV

    def test_follows_the_atria(self, patient: Patient) -> None:
        none = replace(STEADY, usual_atria=Atria(moment=0.0))
        with_p, without = (make(patient, spread=spread) for spread in (STEADY, none))
        doubled = make(patient, spread=replace(STEADY, usual_atria=Atria(moment=2.8)))
        once = with_p.record.signal - without.record.signal
        np.testing.assert_allclose(doubled.record.signal - without.record.signal, 2 * once, atol=0.004)
        assert np.abs(once).max() > 0.05


class TestNoise:
    LEVELS = NoiseLevels(0.0, 0.0, 0.0, 0.0, 0.0, 50.0, 0.25)

    @pytest.mark.parametrize(
        ("kind", "low", "high"), [("wander", 0.0, 1.0), ("muscle", 15.0, 160.0), ("mains", 49.0, 51.0)]
    )
    def test_each_kind_has_its_level_and_its_band(self, kind: str, low: float, high: float) -> None:
        levels = replace(self.LEVELS, **{kind: 0.1})
        found = draw_noise(np.random.default_rng(0), levels, 10_000, 500.0)
        # Lead I is the difference of two electrodes of independent noise.
        assert np.sqrt((found[2:] ** 2).mean()) == pytest.approx(0.1 * np.sqrt(4 / 3), rel=0.35)
        power = np.abs(np.fft.rfft(found)) ** 2
        hertz = np.fft.rfftfreq(10_000, 1 / 500)
        assert power[:, (hertz >= low) & (hertz <= high)].sum() > 0.99 * power.sum()

    def test_electrode_noise_is_white(self) -> None:
        levels = replace(self.LEVELS, electrode=0.1)
        found = draw_noise(np.random.default_rng(0), levels, 10_000, 500.0)
        assert found[0].std() == pytest.approx(0.1 * np.sqrt(2), rel=0.05)
        assert abs(np.corrcoef(found[0, 1:], found[0, :-1])[0, 1]) < 0.05

    def test_an_arm_disturbs_every_chest_lead(self) -> None:
        found = draw_noise(np.random.default_rng(0), replace(self.LEVELS, electrode=0.1), 20_000, 500.0)
        shared = np.corrcoef(found[2:])
        assert shared[~np.eye(6, dtype=bool)].mean() == pytest.approx(0.25, abs=0.03)

    @pytest.mark.parametrize("fs", [50.0, 100.0])
    def test_mains_beyond_half_the_rate_are_not_there(self, fs: float) -> None:
        found = draw_noise(np.random.default_rng(0), replace(self.LEVELS, mains=0.1), 1000, fs)
        assert not found.any()

    def test_levels_are_lognormal_about_the_median(self) -> None:
        rng, spread = np.random.default_rng(0), NoiseSpread()
        drawn = [draw_levels(rng, spread) for _ in range(2000)]
        logs = np.log([levels.wander for levels in drawn])
        assert np.exp(np.median(logs)) == pytest.approx(spread.wander[0], rel=0.06)
        assert logs.std() == pytest.approx(spread.wander[1], rel=0.06)
        assert {levels.mains_hz for levels in drawn} == {50.0, 60.0}

    def test_none_leaves_the_heart_alone(self, patient: Patient) -> None:
        levels = NoiseSpread(wander=(0, 0), muscle=(0, 0), mains=(0, 0), electrode=(0, 0))
        quiet, still = (make(patient, spread=s) for s in (QUIET, RecordingSpread(noise=levels)))
        np.testing.assert_array_equal(quiet.record.signal, still.record.signal)


def test_normal_has_no_truth(patient: Patient) -> None:
    assert not make(patient).truth.any()
    assert not make(patient, Normal()).truth.any()


def _disturbance(signal: np.ndarray, fs: float) -> tuple[float, float]:
    """Wander below 0.45 Hz, and what is over 20 Hz in the quietest fifth; medians over leads, mV."""
    n = signal.shape[1]
    hertz, spectrum = np.fft.rfftfreq(n, 1 / fs), np.fft.rfft(signal.astype(float))
    slow = np.fft.irfft(spectrum * ((hertz > 0) & (hertz < 0.45)), n=n).std(axis=1)
    fast = np.fft.irfft(spectrum * ((hertz > 20) & (hertz < 145)), n=n) ** 2
    window = np.ones(round(0.1 * fs)) / round(0.1 * fs)
    power = np.stack([np.convolve(lead, window, "same") for lead in fast])
    return float(np.median(slow)), float(np.median(np.sqrt(np.percentile(power, 20, axis=1))))


@pytest.mark.data
def test_noise_is_as_in_real_recordings(patient: Patient, data_dir: Path) -> None:
    headers = sorted((data_dir / "ptbxl" / "records500").glob("*/*.hea"))[::4]
    real = np.array([_disturbance(read_record(header).signal, 500.0) for header in headers])
    made = [
        make(patient, spread=RecordingSpread(), sampling=Sampling(10.0, 500.0), seed=seed).record.signal
        for seed in range(40)
    ]
    simulated = np.array([_disturbance(signal, 500.0) for signal in made])
    assert len(real) > 30
    ratio = np.median(simulated, axis=0) / np.median(real, axis=0)
    assert (ratio > 0.7).all() and (ratio < 1.4).all(), ratio
