"""Global fiducial points of the median beat: one onset and one end per wave, for all leads.

References
----------
Willems et al. 1985, Eur Heart J 6:815 (CSE; one set of points from all leads).
Vazquez-Seisdedos et al. 2011, Biomed Eng Online 10:43 (T end: the corner of a
trapezium of greatest area; used here for both ends of P as well).

Deviations
----------
- The spatial magnitude and velocity are over the eight independent leads.
- QRS limits are where the spatial velocity falls to a small share of its
  maximum above the quietest stretch beside the complex.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.beat import Fiducials
from imn.leads import INDEPENDENT_INDEX

SHARE_OF_VELOCITY = 0.05
P_MV = 0.015
"""Least prominence of a P wave, root mean square over leads."""
T_MV = 0.02


@dataclass(frozen=True, eq=False)
class _Waves:
    """Smoothed leads of the beat, their velocity, and a ruler in milliseconds."""

    fs: float
    r: int
    leads: NDArray[np.float64]
    velocity: NDArray[np.float64]

    def samples(self, ms: float) -> int:
        return round(ms * self.fs / 1000)

    def at(self, ms: float) -> int:
        """Sample ``ms`` after the R peak, within the beat."""
        return int(np.clip(self.r + self.samples(ms), 0, self.leads.shape[1] - 1))

    def magnitude(self, level: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.sqrt(((self.leads - level[:, None]) ** 2).mean(axis=0))


def delineate(beat: ArrayLike, fs: float, r_peak: int) -> tuple[Fiducials, tuple[str, ...]]:
    """Find the global limits of P, QRS and T.

    Parameters
    ----------
    beat : (12, m) float, mV
        Median beat.
    fs : float, Hz
    r_peak : int, sample

    Returns
    -------
    Fiducials
        ``p_onset < p_end <= qrs_onset <= r_peak < j_point < t_peak < t_end < m - 1``.
    tuple of str
        "no P wave found", "T wave not found".
    """
    from scipy.ndimage import gaussian_filter1d

    leads = np.asarray(beat, dtype=float)[list(INDEPENDENT_INDEX)]
    fine = gaussian_filter1d(leads, 0.004 * fs, axis=1)
    velocity = np.linalg.norm(np.gradient(fine, axis=1), axis=0)
    waves = _Waves(fs, r_peak, gaussian_filter1d(leads, 0.008 * fs, axis=1), velocity)
    last = leads.shape[1] - 2
    onset = min(_qrs_onset(waves), r_peak)
    j_point = int(np.clip(_j_point(waves), r_peak + 1, last - 2))
    t_peak, t_end, t_found = _t_wave(waves, onset, j_point)
    t_peak = int(np.clip(t_peak, j_point + 1, last - 1))
    t_end = int(np.clip(t_end, t_peak + 1, last))
    p = _p_wave(waves, onset)
    flags = (() if p else ("no P wave found",)) + (() if t_found else ("T wave not found",))
    return Fiducials(onset, j_point, t_peak, t_end, *(p or (None, None))), flags


def _qrs_onset(waves: _Waves) -> int:
    v, quiet = waves.velocity, waves.samples(4)
    greatest = v[waves.at(-80) : waves.at(60) + 1].max()
    limit = _limit(v[waves.at(-140) : waves.at(-40) + 1], greatest)
    near = np.arange(waves.at(-100), waves.r + 1)
    steep = near[v[near] > 0.25 * greatest]
    k = int(steep[0]) if steep.size else waves.r
    while k > quiet and (v[k - quiet : k + 1] > limit).any():
        k -= 1
    return k


def _j_point(waves: _Waves) -> int:
    v, quiet = waves.velocity, waves.samples(10)
    greatest = v[waves.at(-80) : waves.at(80) + 1].max()
    limit = _limit(v[waves.at(50) : waves.at(180) + 1], greatest)
    near = np.arange(waves.r, waves.at(140))
    steep = near[v[near] > 0.25 * greatest]
    k = int(steep[-1]) if steep.size else waves.r
    while k < v.size - quiet - 1 and (v[k : k + quiet + 1] > limit).any():
        k += 1
    return k


def _limit(beside: NDArray[np.float64], greatest: float) -> float:
    """Velocity that counts as at rest, given the stretch beside the complex."""
    quietest = float(np.sort(beside)[: max(1, beside.size // 3)].mean())
    return quietest + SHARE_OF_VELOCITY * (greatest - quietest)


def _t_wave(waves: _Waves, onset: int, j_point: int) -> tuple[int, int, bool]:
    """Give T peak and T end, and whether a T wave stands out."""
    level = waves.leads[:, max(onset - waves.samples(40), 0) : onset + 1].mean(axis=1)
    m = waves.magnitude(level)
    first = j_point + waves.samples(60)
    stop = min(waves.at(600), m.size - 1)
    if stop - first < 3:
        return _guessed_t(waves, j_point)
    peak = first + int(np.argmax(m[first:stop]))
    end = _corner(m[peak : min(peak + waves.samples(180), m.size)], waves.samples(140)) + peak
    if m[peak] - m[end] < T_MV:
        return _guessed_t(waves, j_point)
    return peak, end, True


def _guessed_t(waves: _Waves, j_point: int) -> tuple[int, int, bool]:
    """Place a T wave by proportion of what is left of the beat."""
    left = min(waves.leads.shape[1] - 1 - j_point, waves.samples(350))
    return j_point + round(0.6 * left), j_point + round(0.85 * left), False


def _p_wave(waves: _Waves, onset: int) -> tuple[int, int] | None:
    """Give onset and end of the P wave, None where nothing stands out before QRS."""
    from scipy.signal import find_peaks

    first, stop = waves.at(-350), onset - waves.samples(10)
    if stop - first < waves.samples(60):
        return None
    m = waves.magnitude(np.median(waves.leads[:, first:stop], axis=1))
    peaks, found = find_peaks(m[first:stop], prominence=P_MV)
    if not peaks.size:
        return None
    peak = first + int(peaks[np.argmax(found["prominences"])])
    reach, steep = waves.samples(110), waves.samples(60)
    p_onset = peak - _corner(m[max(first, peak - reach) : peak + 1][::-1], steep)
    p_end = peak + _corner(m[peak : min(onset, peak + reach) + 1], steep)
    return (p_onset, min(p_end, onset)) if p_onset < min(p_end, onset) else None


def _corner(falling: NDArray[np.float64], steep_within: int) -> int:
    """Find where a wave that falls from its peak meets the level beyond it.

    From the steepest descent at s, the corner is the t of greatest trapezium
    area ``(y[s] - y[t]) * (2 * last - t - s) / 2``.
    """
    if falling.size < 3:
        return falling.size - 1
    s = int(np.argmin(np.diff(falling)[: max(1, steep_within)]))
    t = np.arange(s, falling.size)
    return int(t[np.argmax((falling[s] - falling[t]) * (2 * (falling.size - 1) - t - s))])
