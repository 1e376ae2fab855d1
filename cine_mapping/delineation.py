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
  maximum above the quietest stretch beside the complex.  The shares were chosen
  on 160 recordings of LUDB against the median over leads of the experts' marks.
- The T peak is the median over the twelve leads of where each stands out most of the line from its
  ST segment to its T end, as the experts' peaks are joined: a magnitude over leads peaks where the
  largest leads (V2, V3) do.
- Pacing stimuli have been taken out (`cine_mapping.pacing`), and QRS begins after the last of them at
  the earliest.
"""

from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.beat import Fiducials
from cine_mapping.quantiles import middle
from imn.leads import INDEPENDENT_INDEX

GRID_HZ = 500.0
"""Rate at which fiducial points are sought, whatever that of the beat."""
QRS_SMOOTHING_MS, P_T_SMOOTHING_MS = 4.0, 8.0
"""Standard deviations of the Gaussians."""
ONSET_SHARE, J_SHARE = 0.03, 0.04
"""Velocity at QRS limits, as a share of the greatest."""
P_MV = 0.012
P_TO_NOISE = 2.5
"""Least prominence of a P wave, root mean square over leads: in mV, and against the noise of the median."""
T_MV = 0.02
T_REACH_MS = 150.0


@dataclass(frozen=True, eq=False)
class _Waves:
    """The beat on the grid of `GRID_HZ`, smoothed, all leads and the independent, and its velocity."""

    r: int
    twelve: NDArray[np.float64]
    leads: NDArray[np.float64]
    velocity: NDArray[np.float64]

    def at(self, ms: float) -> int:
        """Sample ``ms`` after the R peak, within the beat."""
        return min(max(self.r + _grid(ms), 0), self.leads.shape[1] - 1)

    def magnitude(self, level: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.sqrt(((self.leads - level[:, None]) ** 2).mean(axis=0))


def _grid(ms: float) -> int:
    """Milliseconds in samples of the grid."""
    return round(ms * GRID_HZ / 1000)


def delineate(
    beat: ArrayLike, fs: float, *, r_peak: int, noise: float = 0.0, after_stimulus: int | None = None
) -> tuple[Fiducials, tuple[str, ...]]:
    """Find the global limits of P, QRS and T.

    Parameters
    ----------
    beat : (12, m) float, mV
        Median beat.
    fs : float, Hz
    r_peak : int, sample
    noise : float, mV
        Standard error of the beat before QRS, root mean square over leads.
    after_stimulus : int, samples, optional
        From a pacing stimulus to the R peak; QRS does not begin before it.

    Returns
    -------
    Fiducials
        ``p_onset < p_end <= qrs_onset <= r_peak < j_point < t_peak < t_end < m - 1``.
    tuple of str
        "no P wave found", "T wave not found".
    """
    beat = np.asarray(beat, dtype=float)
    waves = _on_grid(beat, fs, r_peak)
    rest, j_point = _qrs_onset(waves), _j_point(waves)
    stimulated = 0 if after_stimulus is None else waves.r - round(after_stimulus / fs * GRID_HZ)
    onset = max(rest, stimulated)
    t_peak, t_end, t_found = _t_wave(waves, rest, j_point)
    p = _p_wave(waves, rest, max(P_MV, P_TO_NOISE * noise))
    flags = (() if p else ("no P wave found",)) + (() if t_found else ("T wave not found",))
    onset, j_point, t_peak, t_end, *p = (
        round(sample * fs / GRID_HZ) for sample in (onset, j_point, t_peak, t_end, *(p or ()))
    )
    last = beat.shape[1] - 2
    onset = min(onset, r_peak)
    j_point = min(max(j_point, r_peak + 1), last - 2)
    t_peak = min(max(t_peak, j_point + 1), last - 1)
    t_end = min(max(t_end, t_peak + 1), last)
    if p:
        p = (p[0], min(p[1], onset))
    return Fiducials(onset, j_point, t_peak, t_end, *(p or (None, None))), flags


def _on_grid(beat: NDArray[np.float64], fs: float, r_peak: int) -> _Waves:
    from scipy.interpolate import make_interp_spline
    from scipy.ndimage import gaussian_filter1d

    m, independent = beat.shape[1], list(INDEPENDENT_INDEX)
    times = np.arange(int((m - 1) / fs * GRID_HZ) + 1) / GRID_HZ
    if fs != GRID_HZ:
        beat = make_interp_spline(np.arange(m) / fs, beat, axis=1)(times)
    fine = gaussian_filter1d(beat[independent], QRS_SMOOTHING_MS * GRID_HZ / 1000, axis=1)
    velocity = speed(fine)
    broad = gaussian_filter1d(beat, P_T_SMOOTHING_MS * GRID_HZ / 1000, axis=1)
    return _Waves(round(r_peak / fs * GRID_HZ), broad, broad[independent], velocity)


def speed(leads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Change of the leads together from sample to sample, (c, n) to (n,) float64."""
    change = np.gradient(leads, axis=1)
    return np.sqrt(np.einsum("ct,ct->t", change, change))


def _qrs_onset(waves: _Waves) -> int:
    v, quiet = waves.velocity, _grid(4)
    greatest = v[waves.at(-80) : waves.at(60) + 1].max()
    limit = _limit(v[waves.at(-140) : waves.at(-40) + 1], greatest, ONSET_SHARE)
    near = np.arange(waves.at(-100), waves.r + 1)
    steep = near[v[near] > 0.25 * greatest]
    k = int(steep[0]) if steep.size else waves.r
    moves = (v > limit).tolist()
    while k > quiet and any(moves[k - quiet : k + 1]):
        k -= 1
    return k


def _j_point(waves: _Waves) -> int:
    v, quiet = waves.velocity, _grid(10)
    greatest = v[waves.at(-80) : waves.at(80) + 1].max()
    limit = _limit(v[waves.at(50) : waves.at(180) + 1], greatest, J_SHARE)
    near = np.arange(waves.r, waves.at(140))
    steep = near[v[near] > 0.25 * greatest]
    k = int(steep[-1]) if steep.size else waves.r
    moves = (v > limit).tolist()
    while k < v.size - quiet - 1 and any(moves[k : k + quiet + 1]):
        k += 1
    return k


def _limit(beside: NDArray[np.float64], greatest: float, share: float) -> float:
    """Velocity that counts as at rest, given the stretch beside the complex."""
    quietest = float(np.sort(beside)[: max(1, beside.size // 3)].mean())
    return quietest + share * (greatest - quietest)


def _t_wave(waves: _Waves, onset: int, j_point: int) -> tuple[int, int, bool]:
    """Give T peak and T end, and whether a T wave stands out."""
    level = waves.leads[:, max(onset - _grid(40), 0) : onset + 1].mean(axis=1)
    m = waves.magnitude(level)
    first = j_point + _grid(60)
    stop = min(waves.at(600), m.size - 1)
    if stop - first < 3:
        return _guessed_t(waves, j_point)
    # On a raised or lowered ST segment the wave is what stands out of a line beneath it.
    standing = _above_line(waves.leads[:, first : stop + 1])
    peak = end = first + int(np.argmax((standing[:, :-1] ** 2).sum(axis=0)))
    for _ in range(2):
        end = peak + _corner(m[peak : min(peak + _grid(T_REACH_MS), stop)], _grid(140))
        peak = first + middle_peak(waves.twelve[:, first : end + 1])
    wave = _above_line(waves.leads[:, first : end + 1])
    if np.sqrt((wave**2).mean(axis=0).max()) < T_MV:
        return _guessed_t(waves, j_point)
    return peak, end, True


def _above_line(leads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take off each lead the line from its first to its last sample."""
    first, last, n = leads[:, :1], leads[:, -1:], leads.shape[1]
    return leads - first - (last - first) * (np.arange(n) / max(n - 1, 1))


def middle_peak(leads: NDArray[np.float64]) -> int:
    """Give the median over leads, flat ones left out, of where a wave is highest.

    Parameters
    ----------
    leads : (c, n) float64, mV
        From the onset of the wave to its end.

    Returns
    -------
    int, sample
        Of the greatest distance to the line from the first sample to the last.
    """
    standing = np.abs(_above_line(leads))
    peaks = standing.argmax(axis=1)[standing.any(axis=1)]
    return int(median(peaks.tolist())) if peaks.size else 0


def _guessed_t(waves: _Waves, j_point: int) -> tuple[int, int, bool]:
    """Place a T wave by proportion of what is left of the beat."""
    left = min(waves.leads.shape[1] - 1 - j_point, _grid(350))
    return j_point + round(0.6 * left), j_point + round(0.85 * left), False


def _p_wave(waves: _Waves, onset: int, least: float) -> tuple[int, int] | None:
    """Give onset and end of the P wave, None where nothing stands out before QRS."""
    from scipy.signal import find_peaks

    first, stop = waves.at(-350), onset - _grid(10)
    if stop - first < _grid(60):
        return None
    m = waves.magnitude(middle(waves.leads[:, first:stop], axis=1))
    peaks, found = find_peaks(m[first:stop], prominence=least)
    if not peaks.size:
        return None
    peak = first + int(peaks[np.argmax(found["prominences"])])
    reach, steep = _grid(110), _grid(60)
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
    s = int((falling[1:] - falling[:-1])[: max(1, steep_within)].argmin())
    t = np.arange(s, falling.size)
    return s + int(((falling[s] - falling[s:]) * (2 * (falling.size - 1) - t - s)).argmax())
