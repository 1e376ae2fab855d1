"""Where the heart beats: R peaks found on all leads at once.

References
----------
Pan and Tompkins 1985, IEEE Trans Biomed Eng 32:230 (band-pass, energy, adaptive threshold).

Deviations
----------
- The energy is the root mean square over the eight independent leads, so no
  lead's polarity or low voltage matters.
- The threshold follows a quantile of the strongest deflection in each 2 s
  around, instead of running estimates that must first learn.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.leads import INDEPENDENT_INDEX

BAND_HZ = (8.0, 20.0)
SMOOTHING_S = 0.10
REFRACTORY_S = 0.28
BLOCK_S = 2.0
BLOCKS_AROUND = 5
USUAL_PERCENT = 70.0
"""Above the median, since in bradycardia half the blocks may hold no beat."""
THRESHOLD = 0.35
ENDS_S = 0.25
OUTLIER = 2.0
STANDS_OUT = 4.0
"""Strength of beats over that of the quietest quarter: noise gives up to 1.9, the same noise
in all leads 3.3; PTB-XL, PTB and LUDB over 5.6, least in fast rhythms with wide complexes."""
LEAST_MV = 0.02
"""A fifth of the weakest beats of PTB-XL."""


def energy(signal: ArrayLike, fs: float) -> NDArray[np.float64]:
    """Strength of QRS-like deflections over all leads.

    Parameters
    ----------
    signal : (12, n) float, mV
    fs : float, Hz

    Returns
    -------
    (n,) float64, mV
    """
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import sosfiltfilt

    leads = np.asarray(signal, dtype=float)[list(INDEPENDENT_INDEX)]
    banded = sosfiltfilt(_band(fs), leads, axis=1)
    # An artefact in one lead must not outweigh the beats in all.
    usual = np.percentile(_greatest(np.abs(banded), fs)[0], USUAL_PERCENT, axis=1, keepdims=True)
    banded = np.clip(banded, -OUTLIER * usual, OUTLIER * usual)
    square = uniform_filter1d((banded**2).mean(axis=0), max(1, round(SMOOTHING_S * fs)))
    return np.sqrt(square.clip(min=0))


@lru_cache(maxsize=8)
def _band(fs: float) -> NDArray[np.float64]:
    """Design the band-pass, once for each rate."""
    from scipy.signal import butter

    band = BAND_HZ[0], min(BAND_HZ[1], 0.45 * fs)
    return np.asarray(butter(2, band, "bandpass", fs=fs, output="sos"))


def find_r_peaks(signal: ArrayLike, fs: float) -> NDArray[np.int64]:
    """Find the centre of every QRS complex.

    Parameters
    ----------
    signal : (12, n) float, mV
    fs : float, Hz

    Returns
    -------
    (k,) int64
        Samples of the recording, ascending; empty where nothing stands out.
    """
    from scipy.signal import find_peaks

    strength = energy(signal, fs)
    candidates, _ = find_peaks(strength, distance=max(1, round(REFRACTORY_S * fs)))
    level = _level(strength, fs)
    peaks = candidates[strength[candidates] > THRESHOLD * level[candidates]].astype(np.int64)
    # At the ends the band-pass rings on any signal: what stands out must do so within.
    end, stop = round(ENDS_S * fs), strength.size - round(ENDS_S * fs)
    within = peaks[(peaks >= end) & (peaks < stop)]
    least = max(LEAST_MV, STANDS_OUT * float(np.percentile(strength[end:stop], 25)))
    if not within.size or np.median(strength[within]) < least:
        return peaks[:0]
    return peaks


def _level(strength: NDArray[np.float64], fs: float) -> NDArray[np.float64]:
    """Strength usual for a beat: a quantile over the blocks around of the greatest in each, (n,)."""
    from scipy.ndimage import percentile_filter

    greatest, starts = _greatest(strength, fs)
    local = percentile_filter(greatest, USUAL_PERCENT, size=2 * BLOCKS_AROUND + 1, mode="nearest")
    return np.repeat(local, np.diff(np.append(starts, strength.size)))


def _greatest(values: NDArray[np.float64], fs: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the greatest value in each block, (..., b), and where blocks start, (b,)."""
    n, block = values.shape[-1], round(BLOCK_S * fs)
    starts = np.arange(0, max(n - block // 2, 1), block)
    return np.maximum.reduceat(values, starts, axis=-1), starts
