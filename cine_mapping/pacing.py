"""Stimuli of a ventricular pacemaker: found, and taken out before the beats are looked at.

A stimulus is no activation of the heart, but in its few milliseconds it is steeper than any QRS
complex: left in, QRS seems to begin with it, and at times it is taken for the R peak.

Deviations
----------
- A stimulus is known by its shape alone, a step in which the leads together change several times
  faster than in any moment shortly before and after, and by coming with three quarters of the
  beats: electrodes and converters make such steps too, but now and then.  Where few beats are paced
  their stimuli are left in.
- Below 250 Hz it is spread over what surrounds it and is left in.
"""

import numpy as np
from numpy.typing import NDArray

from imn.leads import INDEPENDENT_INDEX

LEAST_HZ = 250.0
LEAST_MV_PER_MS = 0.04
ALONE = ((4.0, 4.0, 2.0), (6.0, 16.0, 3.0))
"""From, to (ms before and after): how many times faster than the greatest velocity there a stimulus is."""
BEFORE_MS, DECAY_MS = 4.0, 24.0
"""What goes with it: its start, and at most so long an exponential tail."""
USUAL = 0.75
"""Share of the beats that must have one."""
WITH_BEAT_MS = (-130.0, 40.0)
"""Where stimuli lie from the centre of the QRS complex they lead to."""


def find_stimuli(signal: NDArray[np.float64], fs: float, r_peaks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the stimuli that most beats come with.

    Parameters
    ----------
    signal : (12, n) float, mV
    fs : float, Hz
    r_peaks : (k,) int64

    Returns
    -------
    (s, 2) int64
        First and last sample of each; none where fewer than `USUAL` of the beats have one.
    """
    nothing = np.zeros((0, 2), dtype=np.int64)
    if fs < LEAST_HZ:
        return nothing
    velocity = _velocity(signal, fs)
    steps = _lone_steps(velocity, fs)
    low, high = (ms * fs / 1000 for ms in WITH_BEAT_MS)
    near = (steps - r_peaks[:, None] >= low) & (steps - r_peaks[:, None] <= high)
    if near.any(axis=1).mean() < USUAL:
        return nothing
    before = round(BEFORE_MS * fs / 1000)
    inside = np.zeros(signal.shape[1], dtype=bool)
    for k in steps[near.any(axis=0)]:
        inside[max(int(k) - before, 0) : _tail(velocity, int(k), fs) + 1] = True
    edges = np.flatnonzero(np.diff(inside, prepend=False, append=False)).reshape(-1, 2)
    return edges - (0, 1)


def without_stimuli(signal: NDArray[np.float64], stimuli: NDArray[np.int64]) -> NDArray[np.float64]:
    """Draw a straight line in place of each stimulus.

    Parameters
    ----------
    signal : (12, n) float64, mV
    stimuli : (s, 2) int64

    Returns
    -------
    (12, n) float64, mV
        The signal itself where there are none.
    """
    signal = signal.copy() if len(stimuli) else signal
    for start, stop in stimuli:
        share = np.linspace(0, 1, stop - start + 1)
        first, last = signal[:, [start]], signal[:, [stop]]
        signal[:, start : stop + 1] = first + share * (last - first)
    return signal


def after_stimulus(stimuli: NDArray[np.int64], r_peaks: NDArray[np.int64], fs: float) -> int | None:
    """Give the way from the last stimulus before a beat to its R peak.

    Parameters
    ----------
    stimuli : (s, 2) int64, samples
        Beginning and end of each.
    r_peaks : (b,) int64, samples
    fs : float, Hz

    Returns
    -------
    int or None, samples
        The usual one; None where most beats follow no stimulus.
    """
    gaps = r_peaks[:, None] - stimuli[:, 1]
    own = np.where((gaps >= 0) & (gaps <= -WITH_BEAT_MS[0] * fs / 1000), gaps, np.inf).min(
        axis=1, initial=np.inf
    )
    own = own[np.isfinite(own)]
    return round(float(np.median(own))) if 2 * own.size >= r_peaks.size > 0 else None


def _velocity(signal: NDArray[np.float64], fs: float) -> NDArray[np.float64]:
    """Root mean square over leads of the change from each sample to the next, (n - 1,) mV/ms."""
    steps = np.diff(signal[list(INDEPENDENT_INDEX)], axis=1)
    return np.sqrt((steps**2).mean(axis=0)) * fs / 1000


def _lone_steps(velocity: NDArray[np.float64], fs: float) -> NDArray[np.int64]:
    """Find samples that are steeper than whatever lies shortly before and after; none at the very ends."""
    steps = np.flatnonzero(velocity > LEAST_MV_PER_MS)
    for near_ms, far_ms, times in ALONE:
        away = np.arange(round(near_ms * fs / 1000), round(far_ms * fs / 1000) + 1)
        steps = steps[(steps >= away[-1]) & (steps < velocity.size - away[-1])]
        beside = velocity[steps[:, None] + np.append(-away, away)]
        steps = steps[velocity[steps] > times * beside.max(axis=1)]
    return steps


def _tail(velocity: NDArray[np.float64], at: int, fs: float) -> int:
    """Sample at which the leads no longer fall back from a stimulus."""
    k, last = at, min(at + round(DECAY_MS * fs / 1000), velocity.size - 1)
    while k < last and velocity[k + 1] < velocity[k]:
        k += 1
    return k + 1
