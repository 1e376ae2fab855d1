"""What a recording has besides the heart: baseline wander, muscle, mains, electrodes.

Drawn as potentials at the nine electrodes, from which the leads follow as they do
from the heart's: noise obeys Einthoven and Goldberger too, and what disturbs an arm
disturbs every chest lead through Wilson's terminal.

Deviations from life
--------------------
- Levels are set so that wander, and what is over 20 Hz in quiet stretches, have the
  medians of real recordings (PTB-XL, 20 at 500 Hz); their spreads are our choice.
- No steps, no spikes of a pacemaker, no filter of a machine.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import ELECTRODES
from cine_mapping.lead_field import lead_montage
from imn.leads import INDEPENDENT_INDEX

DRIFT_HZ, MUSCLE_HZ = (0.05, 0.5), (20.0, 150.0)
NYQUIST_SHARE = 0.9
"""Muscle noise ends at this share of half the sampling rate."""


@dataclass(frozen=True)
class NoiseSpread:
    """Distributions of the root mean square at an electrode, mV, as (median, sd of the logarithm).

    Parameters
    ----------
    wander : (float, float)
        Breathing (a sine, common to all electrodes in its rate) and slow drift, in halves.
    muscle : (float, float)
        20 to 150 Hz; rises and falls within seconds.
    mains : (float, float)
    electrode : (float, float)
        White, of contact and amplifier.
    unlike : float
        Sd of the logarithm by which electrodes of one recording differ from each other in each kind.
    mains_hz : tuple of float
        One is taken, each as likely.
    breathing_hz : (float, float)
        Least and most.
    """

    wander: tuple[float, float] = (0.028, 0.7)
    muscle: tuple[float, float] = (0.0055, 0.6)
    mains: tuple[float, float] = (0.0005, 1.0)
    electrode: tuple[float, float] = (0.003, 0.4)
    unlike: float = 0.7
    mains_hz: tuple[float, ...] = (50.0, 60.0)
    breathing_hz: tuple[float, float] = (0.15, 0.35)


@dataclass(frozen=True)
class NoiseLevels:
    """How much noise one recording has.

    Parameters
    ----------
    wander, muscle, mains, electrode : float, mV
        Root mean square at an electrode.
    unlike : float
        As in `NoiseSpread`.
    mains_hz, breathing_hz : float
    """

    wander: float
    muscle: float
    mains: float
    electrode: float
    unlike: float
    mains_hz: float
    breathing_hz: float


def draw_levels(rng: np.random.Generator, spread: NoiseSpread) -> NoiseLevels:
    """Draw how much noise of each kind a recording has.

    Parameters
    ----------
    rng : Generator
    spread : NoiseSpread

    Returns
    -------
    NoiseLevels
    """
    kinds = (spread.wander, spread.muscle, spread.mains, spread.electrode)
    wander, muscle, mains, electrode = (float(m * np.exp(sd * rng.standard_normal())) for m, sd in kinds)
    hertz, breathing = float(rng.choice(spread.mains_hz)), float(rng.uniform(*spread.breathing_hz))
    return NoiseLevels(wander, muscle, mains, electrode, spread.unlike, hertz, breathing)


def draw_noise(rng: np.random.Generator, levels: NoiseLevels, samples: int, fs: float) -> NDArray[np.float64]:
    """Draw noise at the electrodes, as the leads record it.

    Parameters
    ----------
    rng : Generator
    levels : NoiseLevels
    samples : int
    fs : float, Hz

    Returns
    -------
    (8, samples) float64, mV
        In the independent leads.
    """
    now = np.arange(samples) / fs
    parts = (
        (levels.wander * np.sqrt(0.5), _sine(rng, now, levels.breathing_hz)),
        (levels.wander * np.sqrt(0.5), _band(rng, samples, fs, DRIFT_HZ, slope=-1.0)),
        (levels.muscle, _waxing(rng, now) * _band(rng, samples, fs, MUSCLE_HZ)),
        (levels.mains, _sine(rng, now, levels.mains_hz) if levels.mains_hz < fs / 2 else 0.0),
        (levels.electrode, rng.standard_normal((len(ELECTRODES), samples))),
    )
    at_electrodes = np.zeros((len(ELECTRODES), samples))
    for level, part in parts:
        at_electrodes += level * np.exp(levels.unlike * rng.standard_normal((len(ELECTRODES), 1))) * part
    return lead_montage()[list(INDEPENDENT_INDEX)] @ at_electrodes


def _sine(rng: np.random.Generator, now: NDArray[np.float64], hertz: float) -> NDArray[np.float64]:
    phase = rng.uniform(0, 2 * np.pi, size=(len(ELECTRODES), 1))
    return np.sqrt(2) * np.sin(2 * np.pi * hertz * now + phase)


def _waxing(rng: np.random.Generator, now: NDArray[np.float64]) -> NDArray[np.float64]:
    """Envelope between nothing and twice the mean, over a few seconds."""
    return np.sqrt(2 / 3) * (1 + _sine(rng, now, float(rng.uniform(0.1, 0.4))) / np.sqrt(2))


def _band(
    rng: np.random.Generator, samples: int, fs: float, band: tuple[float, float], slope: float = 0.0
) -> NDArray[np.float64]:
    """Gaussian noise whose amplitude goes with a power of the frequency within a band.

    Its root mean square is 1 over the whole band; what the sampling rate cannot hold is lost.
    """
    every = np.arange(max(1, int(np.ceil(band[0] * samples / fs))), int(band[1] * samples / fs) + 1)
    shape = every.astype(float) ** slope
    shape = np.where(every < NYQUIST_SHARE * samples / 2, shape, 0.0) / (2 * np.sqrt((shape**2).sum()))
    kept = every[shape > 0]
    spectrum = np.zeros((len(ELECTRODES), samples // 2 + 1), dtype=complex)
    real, imaginary = rng.standard_normal((2, len(ELECTRODES), len(kept)))
    spectrum[:, kept] = (real + 1j * imaginary) * shape[shape > 0]
    return np.fft.irfft(spectrum, n=samples) * samples
