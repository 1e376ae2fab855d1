"""The isoelectric line, and the change of rate with its adjoint."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imn.conditioning import Resampling, baseline, remove_baseline
from tests.synthetic import ecg


def heartbeat(fs: float, seconds: float) -> np.ndarray:
    """Regular beats, (12, n) float32, mV."""
    return ecg(fs, np.arange(0.4, seconds, 60.0 / 72.0), seconds).astype(np.float32)


@given(
    fs=st.sampled_from([62.0, 100.0, 128.0, 250.0, 257.3, 360.0, 500.0, 1000.0]),
    n=st.integers(150, 1500),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_adjoint(fs, n, seed):
    rng = np.random.default_rng(seed)
    plan = Resampling.plan(n, fs, 100.0)
    x, w = rng.normal(size=(2, n)), rng.normal(size=(2, plan.n_out))
    left, right = plan.apply(x) * w, x * plan.adjoint(w)
    assert plan.apply(x).shape == w.shape
    assert plan.adjoint(w).shape == x.shape
    assert left.sum() == pytest.approx(right.sum(), rel=1e-6, abs=1e-9 * np.abs(left).sum())


@pytest.mark.parametrize("fs", [62.0, 250.0, 360.0, 500.0, 1000.0])
def test_equals_scipy(fs):
    from scipy.signal import resample_poly

    x = np.random.default_rng(0).normal(size=(3, 777))
    plan = Resampling.plan(777, fs, 100.0)
    np.testing.assert_allclose(plan.apply(x), resample_poly(x, plan.up, plan.down, axis=-1), atol=1e-12)


@pytest.mark.parametrize("fs", [62.0, 250.0, 257.3, 360.0, 1000.0])
def test_keeps_a_band_limited_sine(fs):
    def sine(rate: float, n: int) -> np.ndarray:
        return np.sin(2 * np.pi * 10.0 * np.arange(n) / rate)

    plan = Resampling.plan(round(6 * fs), fs, 100.0)
    found = plan.apply(sine(fs, plan.n_in))
    np.testing.assert_allclose(found[100:-100], sine(100.0, plan.n_out)[100:-100], atol=5e-3)


def test_same_rate_is_the_identity():
    x = np.random.default_rng(0).normal(size=(12, 301))
    np.testing.assert_array_equal(Resampling.plan(301, 100.0, 100.0).apply(x), x)


@pytest.mark.parametrize("fs", [62.0, 100.0, 250.0, 500.0, 1000.0])
def test_offset_and_drift_are_gone(fs):
    clean = heartbeat(fs, 10.0)
    time = np.arange(clean.shape[1]) / fs
    drift = 1.5 + 0.3 * np.sin(2 * np.pi * 0.1 * time)
    left = remove_baseline(clean + drift.astype(np.float32), fs) - remove_baseline(clean, fs)
    inner = slice(round(fs), -round(fs))
    assert np.abs(left[:, inner]).max() < 0.04


@pytest.mark.parametrize("fs", [100.0, 500.0])
@pytest.mark.parametrize("rate", [60.0, 100.0])
def test_st_level_is_kept(fs, rate):
    beat = 60.0 / rate
    time = np.arange(round(10 * fs)) / fs
    phase = time % beat
    st = np.where((phase > 0.10) & (phase < 0.32), 0.3, 0.0).astype(np.float32)
    line = baseline(np.tile(st, (12, 1)), fs)[0]
    at_pr, at_st = (phase < 0.05), (phase > 0.15) & (phase < 0.25)
    inner = (time > 2) & (time < 8)
    assert abs(line[at_pr & inner].mean() - line[at_st & inner].mean()) < 0.01
