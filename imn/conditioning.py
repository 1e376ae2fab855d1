"""What the network is shown: voltages above the isoelectric line, at one rate.

Both steps are explicit, so that evidence can be given on the caller's own
samples: `baseline` says what counts as zero volt, and `Resampling` is a linear
operator with its exact adjoint, which carries weights back to any rate.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

BASELINE_FS = 100.0
WINDOWS_S = (0.2, 0.6)
SMOOTHING_S = 0.4


def baseline(signal: ArrayLike, fs: float) -> NDArray[np.float32]:
    """Estimate the isoelectric line of each lead.

    A running median of 0.2 s takes out QRS complexes and P waves and one of
    0.6 s the T waves (de Chazal et al., IEEE Trans Biomed Eng 2004; 51: 1196,
    doi 10.1109/TBME.2004.827359); a Gaussian then leaves only what moves
    slower than about 0.35 Hz.

    Parameters
    ----------
    signal : (..., n) float, mV
    fs : float, Hz

    Returns
    -------
    (..., n) float32, mV

    Notes
    -----
    Deviations: medians run on block means at about 100 Hz and are held where
    a recording begins and ends.  The Gaussian (standard deviation 0.4 s) is
    ours: without it the line follows a long raised ST segment at fast rates;
    with it ST level against the PR segment is kept.
    """
    from scipy.ndimage import gaussian_filter1d, median_filter

    signal = np.asarray(signal, dtype=np.float32)
    n, step = signal.shape[-1], max(1, round(fs / BASELINE_FS))
    padded = np.pad(signal.reshape(-1, n), ((0, 0), (0, -n % step)), mode="edge")
    rows = padded.reshape(len(padded), -1, step).mean(axis=2)
    for window in WINDOWS_S:
        half = min(round(window * fs / step / 2), (rows.shape[-1] - 1) // 2)
        # One row at a time: the median of one dimension has the faster algorithm.
        rows = np.stack([median_filter(row, size=2 * half + 1) for row in rows])
        # Within half a window of an end, a wave that is cut off would be taken for the line.
        rows = np.pad(rows[:, half : rows.shape[-1] - half], ((0, 0), (half, half)), mode="edge")
    rows = gaussian_filter1d(rows, SMOOTHING_S * fs / step, axis=1, mode="nearest")
    centres = np.arange(rows.shape[-1]) * step + (step - 1) / 2
    lines = [np.interp(np.arange(n), centres, row) for row in rows]
    return np.asarray(lines, dtype=np.float32).reshape(signal.shape)


def remove_baseline(signal: ArrayLike, fs: float) -> NDArray[np.float32]:
    """Give voltages above the isoelectric line (see `baseline`).

    Parameters
    ----------
    signal : (..., n) float, mV
    fs : float, Hz

    Returns
    -------
    (..., n) float32, mV
    """
    return np.asarray(signal, dtype=np.float32) - baseline(signal, fs)


@dataclass(frozen=True, eq=False)
class Resampling:
    """Linear change of sampling rate and its adjoint, on the last axis.

    ``(apply(x) * w).sum() == (x * adjoint(w)).sum()`` for all x and w, so
    weights found at the model's rate give the same logit at the caller's.

    Parameters
    ----------
    n_in, n_out : int
        Samples before and after.
    up, down : int
        Rates are as ``up / down``.
    taps : (2 * half + 1,) float64
        Symmetric low-pass filter at ``up`` times the first rate.
    """

    n_in: int
    n_out: int
    up: int
    down: int
    taps: NDArray[np.float64]

    @classmethod
    def plan(cls, n: int, fs: float, fs_model: float) -> "Resampling":
        """Design the operator for ``n`` samples at ``fs`` Hz.

        The filter is that of `scipy.signal.resample_poly` (Kaiser window,
        beta 5, ten zero crossings a side); edges are padded with zeros.
        """
        ratio = Fraction(fs_model / fs).limit_denominator(1000)
        up, down = ratio.numerator, ratio.denominator
        if up == down:
            return cls(n, n, 1, 1, np.ones(1))
        widest = max(up, down)
        taps = np.kaiser(20 * widest + 1, 5.0) * np.sinc(np.arange(-10 * widest, 10 * widest + 1) / widest)
        return cls(n, -(-n * up // down), up, down, taps * (up / taps.sum()))

    def apply(self, signal: ArrayLike) -> NDArray[np.float64]:
        """Resample: (..., n_in) to (..., n_out) float64."""
        return _polyphase(signal, self.taps, self.up, self.down, self.n_out)

    def adjoint(self, weights: ArrayLike) -> NDArray[np.float64]:
        """Carry weights back: (..., n_out) to (..., n_in) float64."""
        return _polyphase(weights, self.taps, self.down, self.up, self.n_in)


def _polyphase(
    values: ArrayLike, taps: NDArray[np.float64], up: int, down: int, n_out: int
) -> NDArray[np.float64]:
    """``y[j] = sum_i taps[half + j*down - i*up] * x[i]``; exchanging up and down transposes it."""
    from scipy.signal import upfirdn

    values = np.asarray(values, dtype=float)
    if up == down == 1 and taps.size == 1:
        return values.copy()
    half = taps.size // 2
    front = -half % down
    first = (half + front) // down
    needed = (first + n_out - 1) * down + 1
    back = max(0, needed - ((values.shape[-1] - 1) * up + front + taps.size))
    padded = np.concatenate([np.zeros(front), taps, np.zeros(back)])
    return upfirdn(padded, values, up, down, axis=-1)[..., first : first + n_out]
