"""From a recording to its median beat, fiducial points and phases."""

from statistics import median

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.beat import Beat
from cine_mapping.delineation import delineate, speed
from cine_mapping.median_beat import Aligned, median_beat
from cine_mapping.pacing import after_stimulus, find_stimuli, without_stimuli
from cine_mapping.phase import phases
from cine_mapping.r_peaks import find_r_peaks
from imn.errors import InputError
from imn.leads import INDEPENDENT_INDEX

IRREGULAR = 0.12
"""Median change of RR from beat to beat, as a share of the median RR."""
AWAY_S, STEEP = 0.18, 0.7
"""From the R peak, and share of QRS's greatest velocity; the most beyond in LUDB and PTB-XL is 0.45 of it."""


def find_beat(signal: ArrayLike, fs: float) -> Beat:
    """Find the heart beats of a recording and what is common to them.

    Parameters
    ----------
    signal : (12, n) float, mV
        Leads in standard order; a baseline may be removed or not.
    fs : float, Hz

    Returns
    -------
    Beat

    Raises
    ------
    InputError
        If no heart beat stands out.
    """
    signal = np.asarray(signal, dtype=float)
    r_peaks = find_r_peaks(signal, fs)
    if not r_peaks.size:
        msg = (
            f"expected at least one heart beat in {signal.shape[1] / fs:.1f} s, found none that stands out "
            "of the noise; give a recording with visible QRS complexes"
        )
        raise InputError(msg)
    stimuli = find_stimuli(signal, fs, r_peaks)
    aligned = median_beat(without_stimuli(signal, stimuli), fs, r_peaks)
    fiducials, flags = delineate(
        aligned.signal,
        fs,
        r_peak=aligned.r_peak,
        noise=aligned.p_noise,
        after_stimulus=after_stimulus(stimuli, aligned.r_peaks[aligned.kept], fs),
    )
    phase = phases(aligned, fiducials, signal.shape[1])
    return Beat(
        fs,
        aligned.signal.astype(np.float32),
        aligned.r_peak,
        fiducials,
        aligned.r_peaks,
        aligned.kept,
        phase,
        _quality(aligned, fs) + flags,
    )


def _quality(aligned: Aligned, fs: float) -> tuple[str, ...]:
    k, kept = aligned.kept.size, int(aligned.kept.sum())
    found = {
        "single beat": k == 1,
        "irregular rhythm": _irregularity(aligned.r_peaks) > IRREGULAR,
        f"few beats kept: {kept} of {k}": k > 1 and kept < max(2, 0.6 * k),
        "low amplitude": float(np.ptp(aligned.signal, axis=1).max()) < 0.5,
        "a second complex as steep as QRS: every other beat may be missed": _second_complex(aligned, fs),
        "noisy": median(aligned.likeness[aligned.kept].tolist()) < 0.9,
    }
    return tuple(flag for flag, holds in found.items() if holds)


def _second_complex(aligned: Aligned, fs: float) -> bool:
    """Tell whether the beat holds another QRS complex, as where beats follow faster than R peaks may."""
    velocity = speed(aligned.signal.take(INDEPENDENT_INDEX, axis=0))
    away = np.abs(np.arange(velocity.size) - aligned.r_peak) > AWAY_S * fs
    return bool(away.any() and velocity[away].max() > STEEP * velocity[~away].max())


def _irregularity(r_peaks: NDArray[np.int64]) -> float:
    rr = np.diff(r_peaks)
    return median(np.abs(np.diff(rr)).tolist()) / median(rr.tolist()) if rr.size > 1 else 0.0
