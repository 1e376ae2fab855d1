"""Which sample of the median beat each sample of the recording belongs to."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.beat import Fiducials
from cine_mapping.median_beat import Aligned


def phases(aligned: Aligned, fiducials: Fiducials, n: int) -> NDArray[np.int32]:
    """Map every sample of a recording onto the beat.

    From the start of a beat's window to T end the time from the R peak is kept.
    What is left until the next beat is stretched linearly over the rest of the
    beat, so that diastole of any length falls evenly on diastole.  Where beats
    follow each other so fast that a T wave meets the next window, T goes first,
    up to the next QRS onset.

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
    m, r, t_end = aligned.signal.shape[1], aligned.r_peak, fiducials.t_end
    peaks = _with_neighbours(aligned, fiducials, n)
    ends = peaks + t_end - r + 1
    earliest, latest = peaks - r, peaks - (r - fiducials.qrs_onset)
    starts = earliest.copy()
    starts[1:] = np.clip(ends[:-1], earliest[1:], latest[1:])
    ends[:-1] = np.minimum(ends[:-1], starts[1:])
    phase = np.empty(n, dtype=np.int32)
    rest = m - 1 - t_end
    for peak, start, end in zip(peaks, starts, ends, strict=True):
        samples = np.arange(max(start, 0), min(end, n))
        phase[samples] = samples - peak + r
    for end, start in zip(ends[:-1], starts[1:], strict=True):
        _stretch(phase, end, start, t_end + 1, rest)
    _stretch(phase, min(0, starts[0] - rest), starts[0], t_end + 1, rest)
    _stretch(phase, ends[-1], max(n, ends[-1] + rest), t_end + 1, rest)
    return phase


def _stretch(phase: NDArray[np.int32], begin: int, stop: int, first: int, length: int) -> None:
    """Spread samples ``begin ... stop`` evenly over ``length`` phases from ``first`` on."""
    samples = np.arange(max(begin, 0), min(stop, phase.size))
    phase[samples] = first + (samples - begin) * length // max(stop - begin, 1)


def _with_neighbours(aligned: Aligned, fiducials: Fiducials, n: int) -> NDArray[np.int64]:
    """Add the beats just outside, whose T wave or P wave reaches into the recording."""
    peaks, rr = aligned.r_peaks, round(aligned.rr)
    before, after = peaks[0] - rr, peaks[-1] + rr
    if before + fiducials.j_point - aligned.r_peak <= 0:
        peaks = np.append(before, peaks)
    if after - (aligned.r_peak - fiducials.qrs_onset) >= n:
        peaks = np.append(peaks, after)
    return peaks
