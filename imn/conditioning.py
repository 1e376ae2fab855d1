"""What the network is shown: voltages above the isoelectric line, at one rate.

Both steps are explicit, so that evidence can be given on the caller's own
samples: `baseline` says what counts as zero volt, and `Resampling` is a linear
operator with its exact adjoint, which carries weights back to any rate.
"""

from collections.abc import Iterator
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
    from scipy.ndimage import median_filter

    signal = np.asarray(signal, dtype=np.float32)
    n, step = signal.shape[-1], max(1, round(fs / BASELINE_FS))
    whole = _held(signal.reshape(-1, n), 0, -n % step)
    rows = whole.reshape(len(whole), -1, step).mean(axis=2)
    for window in WINDOWS_S:
        half = min(round(window * fs / step / 2), (rows.shape[-1] - 1) // 2)
        # In one go: where neighbouring rows meet, within half a window of their ends, nothing is kept,
        # since there a wave that is cut off would be taken for the line.
        rows = median_filter(rows.ravel(), size=2 * half + 1).reshape(rows.shape)
        rows = _held(rows[:, half : rows.shape[-1] - half], half, half)
    rows = _smoothed(rows, SMOOTHING_S * fs / step)
    if step > 1:
        centres = np.arange(rows.shape[-1]) * step + (step - 1) / 2
        rows = np.stack([np.interp(np.arange(n), centres, row) for row in rows])
    return np.asarray(rows, dtype=np.float32).reshape(signal.shape)


def _smoothed(rows: NDArray[np.float32], sd: float) -> NDArray[np.float32]:
    """Smooth as SciPy's `gaussian_filter1d` with ends held, by Fourier transforms: eight times as fast."""
    from scipy.fft import next_fast_len

    reach = round(4 * sd)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sd) ** 2)
    padded = _held(rows, reach, reach).astype(float)
    n = next_fast_len(padded.shape[1], real=True)
    smooth = np.fft.irfft(np.fft.rfft(padded, n) * np.fft.rfft(kernel / kernel.sum(), n), n)
    # Where the one end would reach round to the other nothing is kept.
    return smooth[:, 2 * reach : padded.shape[1]].astype(np.float32)


def _held(rows: NDArray[np.float32], before: int, after: int) -> NDArray[np.float32]:
    """Hold the first and last value of rows for so many samples more."""
    return rows.take(np.arange(-before, rows.shape[1] + after), axis=1, mode="clip")


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
        """Design the operator.

        Both rates are taken as exact to one part in a million, which moves the
        end of a minute by 60 microseconds at the most.

        Parameters
        ----------
        n : int
            Samples of the recording.
        fs : float, Hz
            Its sampling rate.
        fs_model : float, Hz
            Rate it is brought to.

        Returns
        -------
        Resampling
        """
        from scipy.signal import firwin

        ratio = _simplest(fs_model / fs)
        up, down = ratio.numerator, ratio.denominator
        if up == down:
            return cls(n, n, 1, 1, np.ones(1))
        widest = max(up, down)
        # As scipy.signal.resample_poly designs it: ten zero crossings a side.
        taps = firwin(20 * widest + 1, 1.0 / widest, window=("kaiser", 5.0))  # pyright: ignore[reportArgumentType]
        return cls(n, -(-n * up // down), up, down, np.asarray(up * taps, dtype=float))

    def apply(self, signal: ArrayLike) -> NDArray[np.float64]:
        """Resample by `scipy.signal.resample_poly`.

        Parameters
        ----------
        signal : (..., n_in) float

        Returns
        -------
        (..., n_out) float64
        """
        from scipy.signal import resample_poly

        return resample_poly(np.asarray(signal, dtype=float), self.up, self.down, axis=-1)

    def adjoint(self, weights: ArrayLike) -> NDArray[np.floating]:
        """Carry weights back to the recording's samples: no sum of weights times signal changes.

        Parameters
        ----------
        weights : (..., n_out) float

        Returns
        -------
        (..., n_in) float32 or float64
            As given.
        """
        given = np.asarray(weights)
        carried = np.empty((*given.shape[:-1], self.n_in), np.result_type(given, np.float32))
        for samples, part in self.adjoint_parts(given):
            carried[..., samples] = part
        return carried

    def adjoint_parts(self, weights: NDArray[np.floating]) -> Iterator[tuple[slice, NDArray[np.floating]]]:
        """Carry weights back, a stretch of samples at a time.

        `apply` is ``y[j] = sum_i taps[half + j * down - i * up] * x[i]`` with zeros
        beyond the ends; its transpose is a band matrix, of which each stretch
        multiplies a block (several times as fast as a filter on many rows).

        Parameters
        ----------
        weights : (..., n_out) float

        Yields
        ------
        slice of the samples before resampling, and the weights there, (..., length)
        """
        if self.up == self.down:
            yield slice(0, self.n_in), weights
            return
        taps, half = self.taps.astype(np.result_type(weights, np.float32)), self.taps.size // 2
        length = self.taps.size // self.up + 1
        for start in range(0, self.n_in, length):
            i = np.arange(start, min(start + length, self.n_in))
            first = max(0, -(-(start * self.up - half) // self.down))
            last = min(self.n_out - 1, (int(i[-1]) * self.up + half) // self.down)
            tap = half + np.arange(first, last + 1)[:, None] * self.down - i * self.up
            band = np.where((tap >= 0) & (tap < taps.size), taps[tap.clip(0, taps.size - 1)], 0)
            yield slice(start, start + i.size), weights[..., first : last + 1] @ band


def _simplest(ratio: float) -> Fraction:
    """Find the fraction of small numbers that is the ratio within one part in a million."""
    for limit in (100, 1000, 10_000):
        found = Fraction(ratio).limit_denominator(limit)
        if abs(found / Fraction(ratio) - 1) < 1e-6:
            return found
    return Fraction(ratio).limit_denominator(100_000)
