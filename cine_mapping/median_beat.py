"""One beat that stands for all: aligned, selected, and the median taken."""

from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cine_mapping.quantiles import middle
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
TINY = np.finfo(float).tiny


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
    n, leads = signal.shape[1], np.ascontiguousarray(signal.take(INDEPENDENT_INDEX, axis=0).T)
    compared = _offsets(COMPARED_S, fs)
    first = _commonest(_windows(leads, r_peaks, compared), r_peaks)
    r_peaks = _align(leads, r_peaks, fs, first)
    windows = _windows(leads, r_peaks, compared)
    likeness = _unit(windows) @ _unit(middle(windows[first]))
    kept = likeness >= min(ALIKE[0], float(likeness[first].min()))
    r_peaks = np.clip(r_peaks + _to_peak(leads, r_peaks[kept], fs), 0, n - 1)
    rr = median(np.gradient(r_peaks)[kept].tolist()) if r_peaks.size > 1 else fs
    rr = min(rr, (BEFORE_S + AFTER_S) * fs)
    before = round(min(BEFORE_SHARE * rr, BEFORE_S * fs))
    samples = r_peaks[:, None] + np.arange(-before, round(rr) - before)
    free = _free_of_neighbours(samples, r_peaks, n, round(QRS_S * fs))
    beat = _median(signal.T.take(samples[kept], axis=0, mode="clip"), free[kept])
    noise = _standard_error(_windows(leads, r_peaks[kept], _offsets(P_WINDOW_S, fs)))
    return Aligned(np.ascontiguousarray(beat.T), before, r_peaks, kept, rr, likeness, noise)


def _offsets(span_s: tuple[float, float], fs: float) -> NDArray[np.int64]:
    return np.arange(round(span_s[0] * fs), round(span_s[1] * fs) + 1)


def _windows(
    leads: NDArray[np.float64], centres: NDArray[np.int64], offsets: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Cut (k, w, leads) around the centres from (n, leads); beyond the recording its end values."""
    return leads.take(centres[:, None] + offsets, axis=0, mode="clip")


def _unit(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre each lead, scale each beat to norm one, (..., w * leads)."""
    # As a product, since a mean along any axis but the last takes six times as long.
    w = windows.shape[-2]
    centred = windows - (np.full(w, 1 / w) @ windows)[..., None, :]
    flat = centred.reshape(*windows.shape[:-2], -1)
    norm = np.sqrt(np.vecdot(flat, flat)).clip(TINY)
    return flat / norm[..., None]


def _commonest(windows: NDArray[np.float64], r_peaks: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the beats that resemble the one that resembles most others.

    Where two shapes are about equally common, as in bigeminy, the one that comes
    after the longer pause is the patient's own.
    """
    unit = _unit(windows)
    likeness = unit @ unit.T
    anyone = np.ones(r_peaks.size, dtype=bool)
    for limit in ALIKE:
        group = _largest_group(likeness, limit, anyone)
        if group.mean() >= PREVAILS:
            return group
    first = _largest_group(likeness, ALIKE[0], anyone)
    second = _largest_group(likeness, ALIKE[0], ~first)
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
    norm = _running_norm(leads, near.size)
    for _ in range(2):
        template = _unit(middle(_windows(leads, r_peaks[first], near)))
        windows = _windows(leads, r_peaks, around).reshape(r_peaks.size, -1)
        # Views: windows of every place at 1000 Hz would fill gigabytes.
        places = sliding_window_view(windows, template.size, axis=1)[:, :: leads.shape[1]]
        score = np.vecdot(places, template) / norm.take(r_peaks[:, None] + shifts, mode="clip")
        moved = shifts[score.argmax(axis=1)]
        if not moved.any():
            break
        r_peaks = r_peaks + moved
    return r_peaks


def _running_norm(leads: NDArray[np.float64], w: int) -> NDArray[np.float64]:
    """Give what `_unit` divides windows of odd width by, (n,), with each sample in the centre."""
    from scipy.ndimage import uniform_filter1d

    mean = uniform_filter1d(leads, w, axis=0, mode="nearest")
    square = uniform_filter1d(np.einsum("nl,nl->n", leads, leads), w, mode="nearest")
    return np.sqrt((w * (square - np.einsum("nl,nl->n", mean, mean))).clip(TINY))


def _to_peak(leads: NDArray[np.float64], r_peaks: NDArray[np.int64], fs: float) -> int:
    """Give the samples from the centre of QRS to where its median is strongest."""
    near = _offsets((-QRS_S, QRS_S), fs)
    beat = middle(_windows(leads, r_peaks, near))
    strength = ((beat - middle(beat)) ** 2).sum(axis=1)
    # Favour the centre a little: at the ends P or T may be as high as a small QRS.
    return int(near[np.argmax(strength * np.hanning(near.size + 2)[1:-1] ** 0.25)])


def _standard_error(windows: NDArray[np.float64]) -> float:
    """Give the error of the median over beats from their median deviation, root mean square."""
    centred = windows - middle(windows, axis=1)[:, None]
    deviation = middle(np.abs(centred - middle(centred)))
    return float(1.48 * 1.25 * np.sqrt((deviation**2).mean() / len(windows)))


def _free_of_neighbours(
    samples: NDArray[np.int64], r_peaks: NDArray[np.int64], n: int, half_qrs: int
) -> NDArray[np.bool_]:
    """Tell which samples of each beat, (k, m), lie in the recording and before the next QRS complex."""
    stop = np.append(r_peaks[1:] - half_qrs, n)
    return (samples >= 0) & (samples < stop[:, None])


def _median(beats: NDArray[np.float64], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Median over beats (k, m, leads) of what is valid (k, m); where nothing is, the nearest one that is."""
    beats[~valid] = np.inf
    ordered, count = np.sort(beats, axis=0), valid.sum(axis=0)
    known = np.flatnonzero(count)
    nearest = known[np.searchsorted((known[1:] + known[:-1]) / 2, np.arange(count.size))]
    low, high = (count[nearest] - 1) // 2, count[nearest] // 2
    return 0.5 * (ordered[low, nearest] + ordered[high, nearest])
