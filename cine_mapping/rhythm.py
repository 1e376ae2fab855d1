"""When beats come, how long the atria lead, and what the rate does to repolarisation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError

QT_AT_60_MS = 400.0
"""QT at 60 beats per minute, which `rate_shift` takes for everybody."""
SLOWEST, FASTEST = 30.0, 180.0


@dataclass(frozen=True)
class RhythmSpread:
    """Distributions that a recording's rhythm is drawn from.

    Parameters
    ----------
    heart_rate : (mean, sd, least, most), beats per minute
        Normal distribution, cut by drawing again; the same for every condition.
    scatter : (least, most)
        Sd of RR as a share of its mean, from beat to beat.
    breathing : (least, most)
        Amplitude with which RR follows breathing, as a share of its mean.
    breathing_hz : (least, most)
    pr_ms : (mean, sd, least, most)
        From the onset of P to the first excitation of the ventricles.
    pr_preexcited_ms : (mean, sd, least, most)
        The same where an accessory pathway leads: short by definition, under 120 ms.
    """

    heart_rate: tuple[float, float, float, float] = (72.0, 12.0, 48.0, 110.0)
    scatter: tuple[float, float] = (0.005, 0.03)
    breathing: tuple[float, float] = (0.0, 0.04)
    breathing_hz: tuple[float, float] = (0.15, 0.35)
    pr_ms: tuple[float, float, float, float] = (160.0, 16.0, 125.0, 200.0)
    pr_preexcited_ms: tuple[float, float, float, float] = (100.0, 9.0, 80.0, 118.0)


@dataclass(frozen=True)
class Rhythm:
    """One recording's rhythm.

    Parameters
    ----------
    heart_rate : float, beats per minute
    scatter : float
        Sd of RR as a share of its mean, from beat to beat.
    breathing : float
        Amplitude with which RR follows breathing, as a share of its mean.
    breathing_hz : float
    pr_ms : float or None
        None where no P wave leads.

    Raises
    ------
    InputError
        As `check_heart_rate`.
    """

    heart_rate: float
    scatter: float
    breathing: float
    breathing_hz: float
    pr_ms: float | None

    def __post_init__(self) -> None:
        check_heart_rate(self.heart_rate)

    @property
    def rr_ms(self) -> float:
        """Mean RR interval, ms."""
        return 60_000 / self.heart_rate


def check_heart_rate(heart_rate: float) -> None:
    """Refuse a rate that no simulated heart keeps.

    Parameters
    ----------
    heart_rate : float, beats per minute

    Raises
    ------
    InputError
        If it lies outside 30 to 180 beats per minute.
    """
    if not SLOWEST <= heart_rate <= FASTEST:
        msg = (
            f"heart_rate: expected {SLOWEST:g} to {FASTEST:g} beats per minute, got {heart_rate:g}; "
            "choose one in this range"
        )
        raise InputError(msg)


def draw_rhythm(
    rng: np.random.Generator, spread: RhythmSpread, *, heart_rate: float | None = None, lead: str = "sinus"
) -> Rhythm:
    """Draw a rhythm.

    Parameters
    ----------
    rng : Generator
    spread : RhythmSpread
    heart_rate : float, optional, beats per minute
        Drawn if left out.
    lead : "sinus", "preexcited" or "ventricular"
        What excites the ventricles first; without a sinus beat there is no P wave.

    Returns
    -------
    Rhythm

    Raises
    ------
    InputError
        As `check_heart_rate`.
    """
    drawn = _cut_normal(rng, *spread.heart_rate)
    pr = _cut_normal(rng, *(spread.pr_preexcited_ms if lead == "preexcited" else spread.pr_ms))
    return Rhythm(
        heart_rate=drawn if heart_rate is None else heart_rate,
        scatter=float(rng.uniform(*spread.scatter)),
        breathing=float(rng.uniform(*spread.breathing)),
        breathing_hz=float(rng.uniform(*spread.breathing_hz)),
        pr_ms=None if lead == "ventricular" else pr,
    )


def beat_times(rng: np.random.Generator, rhythm: Rhythm, seconds: float) -> NDArray[np.float64]:
    """Draw when each beat excites the ventricles.

    Parameters
    ----------
    rng : Generator
    rhythm : Rhythm
    seconds : float, s
        Length of the recording.

    Returns
    -------
    (k,) float64, ms
        From before the recording to beyond its end.
    """
    rr, phase = rhythm.rr_ms, rng.uniform(0, 2 * np.pi)
    count = int(2 * seconds * 1000 / rr) + 6
    slow = rhythm.breathing * np.sin(2 * np.pi * rhythm.breathing_hz * rr / 1000 * np.arange(count) + phase)
    intervals = rr * np.exp(slow + rhythm.scatter * rng.standard_normal(count))
    times = (rng.uniform() - 2) * rr + np.cumsum(intervals) - intervals[0]
    return times[times < seconds * 1000 + rr]


def rate_shift(heart_rate: float) -> float:
    """Give what a heart rate adds to every action potential's duration.

    Fridericia's QT = QTc * RR^(1/3) (1920), RR in seconds, with one QTc of 400 ms for
    all: the QRS stays as it is, every cell's plateau changes by as much as QT does.

    Parameters
    ----------
    heart_rate : float, beats per minute

    Returns
    -------
    float, ms
        0 at 60 beats per minute.
    """
    return QT_AT_60_MS * (float(np.cbrt(60 / heart_rate)) - 1)


def _cut_normal(rng: np.random.Generator, mean: float, sd: float, least: float, most: float) -> float:
    while True:
        drawn = float(rng.normal(mean, sd))
        if least <= drawn <= most:
            return drawn
