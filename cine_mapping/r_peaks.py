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
from statistics import median

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.quantiles import quantile
from imn.leads import INDEPENDENT_INDEX

BAND_HZ = (8.0, 20.0)
SMOOTHING_S = 0.10
EXTENDED = 15
"""Samples by which leads are continued at their ends, turned about them, before they are filtered."""
REFRACTORY_S = 0.28
BLOCK_S = 2.0
BLOCKS_AROUND = 5
USUAL = 0.7
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

    leads = np.asarray(signal, dtype=float).take(INDEPENDENT_INDEX, axis=0)
    strong = np.abs(_banded(leads, fs))
    # An artefact in one lead must not outweigh the beats in all.
    usual = quantile(_greatest(strong, fs), USUAL)[:, None]
    square = (np.minimum(strong, OUTLIER * usual) ** 2).mean(axis=0)
    return np.sqrt(uniform_filter1d(square, max(1, round(SMOOTHING_S * fs))).clip(min=0))


def _banded(leads: NDArray[np.float64], fs: float) -> NDArray[np.float64]:
    """Do as `scipy.signal.sosfiltfilt`, in half the time: a band-pass at rest needs no initial state."""
    from scipy.signal import sosfilt

    before, after = leads[:, EXTENDED:0:-1], leads[:, -2 : -2 - EXTENDED : -1]
    rows = np.hstack([2 * leads[:, :1] - before, leads, 2 * leads[:, -1:] - after])
    for _ in range(2):  # there and back, so that nothing is delayed
        rows = np.flip(sosfilt(_band(fs), rows - rows[:, :1], axis=1), axis=1)
    return rows[:, EXTENDED:-EXTENDED]


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
    usual = _usual(strength, fs)
    own = np.minimum(candidates // round(BLOCK_S * fs), usual.size - 1)
    peaks = candidates[strength[candidates] > THRESHOLD * usual[own]].astype(np.int64)
    # At the ends the band-pass rings on any signal: what stands out must do so within.
    end, stop = round(ENDS_S * fs), strength.size - round(ENDS_S * fs)
    within = peaks[(peaks >= end) & (peaks < stop)]
    if not within.size:
        return within
    least = max(LEAST_MV, STANDS_OUT * float(quantile(strength[end:stop], 0.25)))
    return peaks if median(strength[within].tolist()) >= least else peaks[:0]


def _usual(strength: NDArray[np.float64], fs: float) -> NDArray[np.float64]:
    """Strength usual for a beat: a quantile over the blocks around of the greatest in each, (b,)."""
    greatest = _greatest(strength, fs)
    around = np.arange(greatest.size)[:, None] + np.arange(-BLOCKS_AROUND, BLOCKS_AROUND + 1)
    return quantile(greatest.take(around, mode="clip"), USUAL)


def _greatest(values: NDArray[np.float64], fs: float) -> NDArray[np.float64]:
    """Give the greatest value in each block, (..., b); what is left over goes with the last."""
    n, block = values.shape[-1], round(BLOCK_S * fs)
    starts = np.arange(0, max(n - block // 2, 1), block)
    return np.maximum.reduceat(values, starts, axis=-1)
