"""What disturbs a real ECG, at a stated signal-to-noise ratio.

Bands follow Sörnmo and Laguna, *Bioelectrical Signal Processing* (2005), chapter 7, and Friesen et
al. 1990, IEEE Trans Biomed Eng 37:85 (baseline wander, mains, muscle).

Deviations
----------
- Noise is made on the eight independent leads, each on its own, and the others follow: what is
  added obeys Einthoven's and Goldberger's identities.  Real noise is made at nine electrodes and
  so is correlated between leads.
- The mains stand at a frequency drawn within 0.1 Hz of 50 Hz and are sampled without a
  low-pass filter.  At 100 Hz, where 50 Hz is the very limit, that gives samples of alternating sign
  whose height beats slowly, never the silence that exactly 50 Hz gives in one phase.
- Muscle noise is Gaussian and white within 20 to 45 Hz: all of it that 100 Hz sampling shows.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.errors import InputError
from imn.leads import expand

Kind = Literal["wander", "mains", "muscle"]
KINDS: tuple[Kind, ...] = ("wander", "mains", "muscle")
WANDER_HZ = (0.05, 0.5)
WANDER_SINES = 5
MAINS_HZ = (49.9, 50.1)
MUSCLE_HZ = (20.0, 45.0)
SLOWEST_HZ = 100.0


@dataclass(frozen=True)
class Noise:
    """A kind of noise and its strength.

    Parameters
    ----------
    kind : "wander", "mains" or "muscle"
    snr_db : float, dB
        ``10 log10`` of the power of the signal, each lead about its own mean, over that of the
        noise; both are means over all twelve leads and all samples of one recording.
    fs : float, Hz

    Raises
    ------
    InputError
        If the kind is unknown, or the rate too slow to show it.
    """

    kind: Kind
    snr_db: float
    fs: float = 100.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"expected noise of kind {', '.join(KINDS)}, got {self.kind!r}; choose one of these"
            raise InputError(msg)
        if not self.fs >= SLOWEST_HZ:
            msg = f"expected a sampling rate of at least {SLOWEST_HZ:g} Hz, got {self.fs:g}; resample first"
            raise InputError(msg)

    def draw(self, signal: ArrayLike, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw noise for one recording.

        Parameters
        ----------
        signal : (12, n) float, mV
        rng : numpy.random.Generator

        Returns
        -------
        (12, n) float64, mV
            To be added to the signal; zero for a signal without power.

        Raises
        ------
        InputError
            If the recording is no (12, n), or muscle noise does not fit into its few samples.
        """
        signal = np.asarray(signal, dtype=float)
        if signal.ndim != 2 or signal.shape[0] != 12:
            msg = f"expected one recording of shape (12, n), got {signal.shape}; draw for each alone"
            raise InputError(msg)
        noise = expand(_MAKERS[self.kind](signal.shape[1], self.fs, rng))
        if not noise.any():
            msg = f"expected a recording long enough for {self.kind} noise, got {signal.shape[1]} samples"
            raise InputError(msg)
        power = signal.var(axis=1).mean() / 10 ** (self.snr_db / 10)
        return noise * np.sqrt(power / (noise**2).mean())


def _wander(n: int, fs: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """(8, n): in each lead a few slow sines of random frequency, height and phase."""
    rate = rng.uniform(*WANDER_HZ, (8, WANDER_SINES, 1))
    height = rng.standard_normal((8, WANDER_SINES, 1))
    phase = rng.uniform(0, 2 * np.pi, (8, WANDER_SINES, 1))
    return (height * np.sin(2 * np.pi * rate * np.arange(n) / fs + phase)).sum(axis=1)


def _mains(n: int, fs: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """(8, n): one frequency in all leads, height and phase each its own."""
    rate = rng.uniform(*MAINS_HZ)
    height = rng.standard_normal((8, 1))
    phase = rng.uniform(0, 2 * np.pi, (8, 1))
    return height * np.sin(2 * np.pi * rate * np.arange(n) / fs + phase)


def _muscle(n: int, fs: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """(8, n): white Gaussian noise of which only the band is kept."""
    spectrum = np.fft.rfft(rng.standard_normal((8, n)), axis=1)
    rate = np.fft.rfftfreq(n, 1 / fs)
    spectrum[:, (rate < MUSCLE_HZ[0]) | (rate > MUSCLE_HZ[1])] = 0
    return np.fft.irfft(spectrum, n, axis=1)


_MAKERS = {"wander": _wander, "mains": _mains, "muscle": _muscle}
