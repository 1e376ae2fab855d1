"""Which sample of the median beat each sample of the recording belongs to."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.beat import Fiducials
from cine_mapping.median_beat import Aligned


def phases(aligned: Aligned, fiducials: Fiducials, n: int) -> NDArray[np.int32]:
    """Map every sample of a recording onto the beat.

    From P onset (QRS onset where there is no P wave) to T end the time from the
    R peak is kept.  What lies between two beats is stretched linearly over the
    beat's own diastole, so that a pause of any length falls evenly on it.
    Where beats follow each other so fast that a T wave meets the next P wave, T
    goes first, up to the next QRS onset.

    Parameters
    ----------
    aligned : Aligned
    fiducials : Fiducials
    n : int
        Samples of the recording.

    Returns
    -------
    (n,) int32
        Each in [0, m).
    """
    r, t_end = aligned.r_peak, fiducials.t_end
    first = fiducials.qrs_onset if fiducials.p_onset is None else fiducials.p_onset
    diastole = np.concatenate([np.arange(t_end + 1, aligned.signal.shape[1]), np.arange(first)])
    peaks = _with_neighbours(aligned, fiducials, n)
    ends = peaks + t_end - r + 1
    starts = peaks + first - r
    starts[1:] = np.clip(ends[:-1], starts[1:], peaks[1:] + fiducials.qrs_onset - r)
    ends[:-1] = np.minimum(ends[:-1], starts[1:])
    begins = np.append(min(0, starts[0] - diastole.size), ends)
    stops = np.append(starts, max(n, ends[-1] + diastole.size))
    samples = np.arange(n)
    beat = np.searchsorted(ends, samples, side="right")
    share = (samples - begins[beat]) * diastole.size // np.maximum(stops - begins, 1)[beat]
    since = samples - peaks.take(beat, mode="clip")
    phase = np.where(samples < stops[beat], diastole.take(share, mode="clip"), r + since)
    return phase.astype(np.int32)


def _with_neighbours(aligned: Aligned, fiducials: Fiducials, n: int) -> NDArray[np.int64]:
    """Add the beats just outside, whose T wave or P wave reaches into the recording."""
    peaks, rr = aligned.r_peaks, round(aligned.rr)
    before, after = peaks[0] - rr, peaks[-1] + rr
    if before + fiducials.j_point - aligned.r_peak <= 0:
        peaks = np.append(before, peaks)
    if after - (aligned.r_peak - fiducials.qrs_onset) >= n:
        peaks = np.append(peaks, after)
    return peaks
