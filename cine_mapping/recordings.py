"""Whole simulated recordings: one beat of a virtual patient, its rhythm, P waves and noise.

Samples lie on a grid of 1/1024 mV in the eight independent leads, so that the other
four follow from them exactly (Einthoven, Goldberger), in memory as in a file.

Limits
------
- All beats of a recording have one shape; only RR scatters.  No ectopic beat among
  sinus beats: an ectopic recording is all ectopic, as a ventricular or paced rhythm is.
- Repolarisation follows the mean rate, at once and in all cells alike (`rhythm.rate_shift`).
- No U wave, no atrial repolarisation, no retrograde P.
"""

from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.atria import Atria, AtrialSpread, atrial_leads, draw_atria, p_wave
from cine_mapping.forward.beat import VirtualBeat, simulate_beat
from cine_mapping.forward.conditions import Condition, Ectopy, Normal, Preexcitation
from cine_mapping.forward.patients import Patient
from cine_mapping.forward.physiology import Physiology
from cine_mapping.noise import NoiseSpread, draw_levels, draw_noise
from cine_mapping.rhythm import RhythmSpread, beat_times, draw_rhythm, rate_shift
from imn.errors import InputError
from imn.leads import INDEPENDENT_INDEX, expand
from imn.record import SHORTEST_S, Record

STEPS_PER_MV = 1024
"""A power of two: every sample, and half of it, is exact in single precision."""
LONGEST_S = 3600.0
P_MS = 240.0


@dataclass(frozen=True)
class Sampling:
    """Length and rate of a recording.

    Parameters
    ----------
    seconds : float, s
    fs : float, Hz

    Raises
    ------
    InputError
        If the recording is shorter than 2 s or longer than an hour, or the rate lies
        outside 50 Hz to 10 kHz.
    """

    seconds: float = 10.0
    fs: float = 500.0

    def __post_init__(self) -> None:
        if not SHORTEST_S <= self.seconds <= LONGEST_S:
            msg = f"seconds: expected {SHORTEST_S:g} to {LONGEST_S:g}, got {self.seconds:g}; choose another"
            raise InputError(msg)
        if not 50 <= self.fs <= 10_000:
            msg = f"fs: expected a sampling rate of 50 to 10000 Hz, got {self.fs:g}; choose one in this range"
            raise InputError(msg)


@dataclass(frozen=True)
class RecordingSpread:
    """What differs between recordings of one heart.

    Parameters
    ----------
    rhythm : RhythmSpread
    atria : AtrialSpread
        Of the atria of recordings.
    usual_atria : Atria
        What they are spread about.
    noise : NoiseSpread or None
        None for no noise at all.
    """

    rhythm: RhythmSpread = RhythmSpread()
    atria: AtrialSpread = AtrialSpread()
    usual_atria: Atria = Atria()
    noise: NoiseSpread | None = NoiseSpread()


@dataclass(frozen=True, eq=False)
class Recording:
    """A simulated recording and the truth about it.

    Parameters
    ----------
    record : Record
    truth : (n,) bool
        Diseased nodes of the patient's myocardium.
    onsets_s : (k,) float64, s
        First ventricular excitation of each beat within the recording.
    drawn : dict
        Heart rate (per minute), PR (ms or None) and the levels of noise (mV), by name.
    """

    record: Record
    truth: NDArray[np.bool_]
    onsets_s: NDArray[np.float64]
    drawn: dict[str, Any]


def simulate_recording(
    patient: Patient,
    condition: Condition | None,
    rng: np.random.Generator,
    *,
    sampling: Sampling = Sampling(),  # noqa: B008 -- frozen
    spread: RecordingSpread = RecordingSpread(),  # noqa: B008 -- frozen
    heart_rate: float | None = None,
    anatomy: Anatomy | None = None,
    name: str = "simulated",
) -> Recording:
    """Simulate a recording.

    Parameters
    ----------
    patient : Patient
    condition : Condition or None
        Normal if None.
    rng : Generator
        The same state gives the same recording, bit for bit.
    sampling : Sampling
    spread : RecordingSpread
    heart_rate : float, optional, beats per minute
        Drawn if left out.
    anatomy : Anatomy, optional
        Whose atria give the P wave; the reference anatomy by default.
    name : str
        The record's id.

    Returns
    -------
    Recording
        The record and the truth about it.

    Raises
    ------
    InputError
        If the condition does not fit the heart, the heart rate is out of range,
        or the leads go beyond 16 mV.
    """
    condition = condition or Normal()
    rhythm = draw_rhythm(rng, spread.rhythm, heart_rate=heart_rate, lead=_lead(condition))
    atria = draw_atria(rng, spread.atria, spread.usual_atria)
    physiology = at_rate(patient.physiology, rhythm.heart_rate)
    beat = simulate_beat(patient.heart, condition, physiology=physiology)
    times = beat_times(rng, rhythm, sampling.seconds)
    samples = round(sampling.seconds * sampling.fs)
    eight = _lay(beat, times, samples, sampling.fs)
    if rhythm.pr_ms is not None:
        leads = atrial_leads(anatomy or _reference())
        _lay_p_waves(eight, leads, atria, times - rhythm.pr_ms, sampling.fs)
    drawn: dict[str, Any] = {"heart_rate": rhythm.heart_rate, "pr_ms": rhythm.pr_ms}
    if spread.noise is not None:
        levels = draw_levels(rng, spread.noise)
        eight += draw_noise(rng, levels, samples, sampling.fs)
        drawn |= {f"noise_{key}": value for key, value in asdict(levels).items()}
    inside = (times >= 0) & (times < sampling.seconds * 1000)
    record = Record(_on_grid(eight), sampling.fs, name, "simulated", {"simulated": True})
    return Recording(record, beat.truth, times[inside] / 1000, drawn)


@lru_cache(maxsize=1)
def _reference() -> Anatomy:
    return load_anatomy("reference")


def at_rate(physiology: Physiology, heart_rate: float) -> Physiology:
    """Shorten or lengthen all action potentials as a heart rate does (`rhythm.rate_shift`).

    Parameters
    ----------
    physiology : Physiology
        At 60 beats per minute.
    heart_rate : float, beats per minute

    Returns
    -------
    Physiology
    """
    gradients = physiology.gradients
    return replace(physiology, gradients=replace(gradients, mean=gradients.mean + rate_shift(heart_rate)))


def _lead(condition: Condition) -> str:
    if isinstance(condition, Ectopy):
        return "ventricular"
    return "preexcited" if isinstance(condition, Preexcitation) else "sinus"


def _lay(beat: VirtualBeat, starts: NDArray[np.float64], samples: int, fs: float) -> NDArray[np.float64]:
    """Lay beats one after the other, between samples where they fall so, (8, samples) mV."""
    from scipy.interpolate import CubicSpline

    since = beat.times - beat.activation.min()
    course = CubicSpline(since, beat.leads[list(INDEPENDENT_INDEX)], axis=1)
    signal = np.zeros((len(INDEPENDENT_INDEX), samples))
    for start in starts:
        part, now = _samples(start + since[0], start + since[-1], samples, fs)
        signal[:, part] += course(now - start)
    return signal


def _lay_p_waves(
    signal: NDArray[np.float64],
    leads: NDArray[np.float64],
    atria: Atria,
    onsets: NDArray[np.float64],
    fs: float,
) -> None:
    for onset in onsets:
        part, now = _samples(onset - P_MS / 4, onset + P_MS, signal.shape[1], fs)
        signal[:, part] += p_wave(leads, atria, now - onset)


def _samples(start: float, end: float, samples: int, fs: float) -> tuple[slice, NDArray[np.float64]]:
    """Find the samples between two times, ms, and when they are."""
    first = max(int(np.ceil(start * fs / 1000)), 0)
    part = slice(first, max(min(int(end * fs / 1000) + 1, samples), first))
    return part, np.arange(part.start, part.stop) * 1000 / fs


def _on_grid(eight: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round the independent leads and give all twelve."""
    if np.abs(eight).max() >= 8:
        msg = f"expected leads within 8 mV, got {np.abs(eight).max():.1f} mV; make noise or heart smaller"
        raise InputError(msg)
    return expand(np.round(eight * STEPS_PER_MV) / STEPS_PER_MV).astype(np.float32)
