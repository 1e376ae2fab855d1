"""One beat that stands for all: aligned, selected, and the median taken."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imn.leads import INDEPENDENT_INDEX

BEFORE_S, BEFORE_SHARE = 0.36, 0.4
AFTER_S = 1.2
QRS_S = 0.10
SHIFT_S = 0.05
COMPARED_S = (-0.10, 0.28)
ALIKE = (0.85, 0.75, 0.65)
"""Correlations that count as the same shape: the first under which one shape prevails."""
PREVAILS = 0.6
P_WINDOW_S = (-0.30, -0.06)


@dataclass(frozen=True, eq=False)
class Aligned:
    """Beats of a recording laid over each other.

    Parameters
    ----------
    signal : (12, m) float64, mV
        Sample-wise median of the beats kept.
    r_peak : int
        Sample of the beat.
    r_peaks : (k,) int64
        Samples of the recording.
    kept : (k,) bool
    rr : float
        Median distance of beats, samples.
    likeness : (k,) float64
        Correlation of each beat with the median.
    p_noise : float, mV
        Standard error of the median where a P wave may be, root mean square over
        leads: high where atria do not keep time with the ventricles.
    """

    signal: NDArray[np.float64]
    r_peak: int
    r_peaks: NDArray[np.int64]
    kept: NDArray[np.bool_]
    rr: float
    likeness: NDArray[np.float64]
    p_noise: float


def median_beat(signal: NDArray[np.float64], fs: float, r_peaks: NDArray[np.int64]) -> Aligned:
    """Align the beats, keep those of the commonest shape, take their median.

    Parameters
    ----------
    signal : (12, n) float, mV
    fs : float, Hz
    r_peaks : (k,) int64, k >= 1
        Centres of the QRS complexes, some 20 ms apart from the peaks at most.

    Returns
    -------
    Aligned
    """
    leads = signal[list(INDEPENDENT_INDEX)]
    compared = _offsets(COMPARED_S, fs)
    first = _commonest(_windows(leads, r_peaks, compared), r_peaks)
    r_peaks = _align(leads, r_peaks, fs, first)
    template = _middle(_windows(leads, r_peaks[first], compared), axis=0)
    likeness = _correlation(_windows(leads, r_peaks, compared), template)
    kept = likeness >= min(ALIKE[0], float(likeness[first].min()))
    r_peaks = np.clip(r_peaks + _to_peak(leads, r_peaks[kept], fs), 0, signal.shape[1] - 1)
    rr = float(np.median(np.gradient(r_peaks)[kept])) if r_peaks.size > 1 else fs
    rr = min(rr, (BEFORE_S + AFTER_S) * fs)
    before = round(min(BEFORE_SHARE * rr, BEFORE_S * fs))
    stack = _free_of_neighbours(signal, r_peaks, np.arange(-before, round(rr) - before), round(QRS_S * fs))
    noise = _standard_error(_windows(leads, r_peaks[kept], _offsets(P_WINDOW_S, fs)))
    return Aligned(_median(stack[kept]), before, r_peaks, kept, rr, likeness, noise)


def _offsets(span_s: tuple[float, float], fs: float) -> NDArray[np.int64]:
    return np.arange(round(span_s[0] * fs), round(span_s[1] * fs) + 1)


def _windows(
    leads: NDArray[np.float64], centres: NDArray[np.int64], offsets: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Cut (k, leads, w) around the centres; beyond the recording its end values."""
    samples = np.clip(centres[:, None] + offsets, 0, leads.shape[1] - 1)
    return leads[:, samples].transpose(1, 0, 2)


def _unit(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre each lead, scale each beat to norm one, (..., leads * w)."""
    centred = windows - windows.mean(axis=-1, keepdims=True)
    flat = centred.reshape(*windows.shape[:-2], -1)
    norm = np.linalg.norm(flat, axis=-1, keepdims=True)
    return np.divide(flat, norm, out=np.zeros_like(flat), where=norm > 0)


def _correlation(windows: NDArray[np.float64], template: NDArray[np.float64]) -> NDArray[np.float64]:
    return _unit(windows) @ _unit(template)


def _commonest(windows: NDArray[np.float64], r_peaks: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the beats that resemble the one that resembles most others.

    Where two shapes are about equally common, as in bigeminy, the one that comes
    after the longer pause is the patient's own.
    """
    unit = _unit(windows)
    likeness = unit @ unit.T
    groups = [_largest_group(likeness, limit, np.ones(r_peaks.size, dtype=bool)) for limit in ALIKE]
    for group in groups:
        if group.mean() >= PREVAILS:
            return group
    first, second = groups[0], _largest_group(likeness, ALIKE[0], ~groups[0])
    pause = np.gradient(r_peaks) + np.diff(r_peaks, prepend=2 * r_peaks[0] - r_peaks[1])
    rivals = second.sum() >= PREVAILS * first.sum()
    return second if rivals and np.median(pause[second]) > np.median(pause[first]) else first


def _largest_group(
    likeness: NDArray[np.float64], limit: float, among: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    alike = (likeness >= limit) & among & among[:, None]
    return alike[np.argmax(alike.sum(axis=1) + likeness.mean(axis=1))]


def _align(
    leads: NDArray[np.float64], r_peaks: NDArray[np.int64], fs: float, first: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Shift each beat to where its QRS complex correlates best with the median's."""
    near, shifts = _offsets((-QRS_S, QRS_S), fs), _offsets((-SHIFT_S, SHIFT_S), fs)
    around = np.arange(near[0] + shifts[0], near[-1] + shifts[-1] + 1)
    for _ in range(2):
        template = _middle(_windows(leads, r_peaks[first], near), axis=0)
        score = _sliding_correlation(_windows(leads, r_peaks, around), template)
        r_peaks = r_peaks + shifts[np.argmax(score, axis=1)]
    return r_peaks


def _sliding_correlation(windows: NDArray[np.float64], template: NDArray[np.float64]) -> NDArray[np.float64]:
    """`_correlation` at every place of a shorter template in wider windows, (k, places).

    From running sums, since windows of every place at 1000 Hz would fill gigabytes.
    """
    w = template.shape[1]
    windows = windows - windows.mean(axis=2, keepdims=True)
    places = np.lib.stride_tricks.sliding_window_view(windows, w, 2)
    shared = np.einsum("klsw,lw->ks", places, _unit(template).reshape(template.shape))
    sums = np.cumsum(np.stack([windows, windows**2]), axis=3)
    sums = np.concatenate([np.zeros_like(sums[..., :1]), sums], axis=3)
    first, second = sums[..., w:] - sums[..., :-w]
    power = (second - first**2 / w).sum(axis=1)
    return shared / np.sqrt(np.maximum(power, np.finfo(float).tiny))


def _to_peak(leads: NDArray[np.float64], r_peaks: NDArray[np.int64], fs: float) -> int:
    """Give the samples from the centre of QRS to where its median is strongest."""
    near = _offsets((-QRS_S, QRS_S), fs)
    middle = _middle(_windows(leads, r_peaks, near), axis=0)
    strength = ((middle - _middle(middle, axis=1)[:, None]) ** 2).sum(axis=0)
    # Favour the centre a little: at the ends P or T may be as high as a small QRS.
    return int(near[np.argmax(strength * np.hanning(near.size + 2)[1:-1] ** 0.25)])


def _standard_error(windows: NDArray[np.float64]) -> float:
    """Give the error of the median over beats from their median deviation, root mean square."""
    centred = windows - _middle(windows, axis=2)[..., None]
    deviation = _middle(np.abs(centred - _middle(centred, axis=0)), axis=0)
    return float(1.48 * 1.25 * np.sqrt((deviation**2).mean() / len(windows)))


def _middle(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Do as `numpy.median` where nothing is NaN; on so small arrays it takes five times as long."""
    n, ordered = values.shape[axis], np.sort(values, axis=axis)
    return 0.5 * (ordered.take((n - 1) // 2, axis=axis) + ordered.take(n // 2, axis=axis))


def _free_of_neighbours(
    signal: NDArray[np.float64], r_peaks: NDArray[np.int64], window: NDArray[np.int64], half_qrs: int
) -> NDArray[np.float64]:
    """Cut (k, 12, m), NaN beyond the recording and from the next QRS complex on."""
    samples = r_peaks[:, None] + window
    next_start = np.append(r_peaks[1:] - half_qrs, signal.shape[1])
    valid = (samples >= 0) & (samples < np.minimum(next_start, signal.shape[1])[:, None])
    stack = _windows(signal, r_peaks, window).astype(float)
    stack.transpose(0, 2, 1)[~valid] = np.nan
    return stack


def _median(stack: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median over beats without NaN; where no beat has a value, the nearest one that has."""
    ordered = np.sort(stack, axis=0)
    count = np.isfinite(stack).sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.minimum(high, np.maximum(count - 1, 0))
    middle = 0.5 * (
        np.take_along_axis(ordered, low[None], axis=0)[0] + np.take_along_axis(ordered, high[None], axis=0)[0]
    )
    valid = np.flatnonzero(count[0] > 0)
    samples = np.arange(count.shape[1])
    after = np.searchsorted(valid, samples).clip(max=valid.size - 1)
    before = (after - 1).clip(min=0)
    nearest = np.where(samples - valid[before] <= valid[after] - samples, before, after)
    return middle[:, valid[nearest]]
