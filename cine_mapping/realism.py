"""How like real ECGs the simulated ones are: measures by class, criteria, classifiers across.

Real and simulated beats are read alike: at 100 Hz, as PTB-XL gives them,
brought to 500 Hz by splines, with the fiducial points of
`cine_mapping.delineation`.  The classes are normal, the bundle branch blocks,
and old infarcts of the anterior and of the inferior wall.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from cine_mapping.beats import find_beat
from cine_mapping.delineation import GRID_HZ, delineate
from cine_mapping.ecg_measures import LEVEL_MS, EcgMeasures, measure_fiducials
from cine_mapping.forward.beat import VirtualBeat
from imn.errors import InputError
from imn.leads import INDEPENDENT_INDEX, LEADS
from imn.ptbxl import FS, Entry

CLASSES = ("normal", "LBBB", "RBBB", "anterior infarct", "inferior infarct")
ANTERIOR_CODES, INFERIOR_CODES = frozenset({"AMI", "ASMI"}), frozenset({"IMI"})
BLOCK_CODES = {"CLBBB": "LBBB", "CRBBB": "RBBB"}
FASCICLE = "LAFB"
"""Read besides, to judge its criterion by; no class of the comparison."""
LIKELY = 50.0
"""Least likelihood, percent, of an infarct statement."""
WAVE_MS = np.arange(-20.0, 440.0, 10.0)
"""After QRS onset: samples of the beat that classifiers see."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Beats of one class or condition, measured.

    Parameters
    ----------
    measures : EcgMeasures
        Of b beats.
    waves : (b, 8 * len(WAVE_MS)) float32, mV
        The eight independent leads at `WAVE_MS`.
    groups : (b,) int64
        Patient of each beat.
    """

    measures: EcgMeasures
    waves: NDArray[np.float32]
    groups: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.groups)


def real_class(entry: Entry) -> str | None:
    """Which of `CLASSES`, or `FASCICLE`, a recording of PTB-XL belongs to, if to one alone.

    Normal: no other superclass.  Infarct: AMI or ASMI, or IMI, of likelihood 50 %
    or more, not both walls, without complete bundle branch block.  Left anterior
    fascicular block: without any infarct.

    Parameters
    ----------
    entry : Entry

    Returns
    -------
    str or None
    """
    codes = entry.codes.keys()
    blocks = [name for code, name in BLOCK_CODES.items() if code in codes]
    if blocks:
        return blocks[0] if len(blocks) == 1 else None
    if entry.superclasses == {"NORM"}:
        return "normal"
    if "MI" not in entry.superclasses:
        return FASCICLE if FASCICLE in codes else None
    if entry.infarct_likelihood < LIKELY:
        return None
    if entry.territory == "anterior" and ANTERIOR_CODES & codes:
        return "anterior infarct"
    return "inferior infarct" if entry.territory == "inferior" and INFERIOR_CODES & codes else None


def read_real(signal: NDArray[np.floating], group: int) -> Sample:
    """Measure the median beat of a recording.

    Parameters
    ----------
    signal : (12, n) float, mV
        At 100 Hz.
    group : int
        Patient.

    Returns
    -------
    Sample

    Raises
    ------
    InputError
        If no heart beat stands out.
    """
    beat = find_beat(signal, FS)
    return _sample(beat.signal.astype(float), beat.r_peak, group)


def read_simulated(beat: VirtualBeat, group: int) -> Sample:
    """Measure a simulated beat as it would look at 100 Hz.

    Parameters
    ----------
    beat : VirtualBeat
    group : int
        Patient.

    Returns
    -------
    Sample

    Raises
    ------
    InputError
        If its rate is no multiple of 100 Hz.
    """
    from scipy.signal import resample_poly

    step = float(beat.times[1] - beat.times[0])
    factor = round(1000 / FS / step)
    if not np.isclose(factor * step, 1000 / FS):
        msg = f"expected a step that divides 10 ms, got {step:g} ms; simulate with step=2"
        raise InputError(msg)
    leads = resample_poly(beat.leads, 1, factor, axis=1)
    first = beat.activation[np.isfinite(beat.activation)]
    # Where the leads are strongest while excitation spreads.
    times = beat.times[0] + 10.0 * np.arange(leads.shape[1])
    spreading = (times >= first.min()) & (times <= first.max() + 10)
    r_peak = int(np.where(spreading, (leads**2).sum(axis=0), -1).argmax())
    return _sample(leads, r_peak, group)


def joined(samples: Sequence[Sample]) -> Sample:
    """Put samples one after the other.

    Parameters
    ----------
    samples : sequence of Sample

    Returns
    -------
    Sample
    """
    measures = {
        field.name: np.concatenate([getattr(sample.measures, field.name) for sample in samples])
        for field in fields(EcgMeasures)
    }
    return Sample(
        EcgMeasures(**measures),
        np.concatenate([sample.waves for sample in samples]),
        np.concatenate([sample.groups for sample in samples]),
    )


def _sample(beat: NDArray[np.float64], r_peak: int, group: int) -> Sample:
    from scipy.interpolate import CubicSpline

    length = beat.shape[1]
    spline = CubicSpline(np.arange(length) / FS, beat, axis=1)
    fine = spline(np.arange(int((length - 1) / FS * GRID_HZ) + 1) / GRID_HZ)
    fiducials, _ = delineate(fine, GRID_HZ, r_peak=round(r_peak * GRID_HZ / FS))
    measures = measure_fiducials(fine[None], GRID_HZ, [fiducials])
    onset = fiducials.qrs_onset
    level = fine[:, max(onset - round(LEVEL_MS * GRID_HZ / 1000), 0) : onset + 1].mean(axis=1)
    at = (onset + WAVE_MS * GRID_HZ / 1000).astype(int).clip(0, fine.shape[1] - 1)
    waves = (fine[:, at] - level[:, None])[list(INDEPENDENT_INDEX)]
    return Sample(measures, waves.reshape(1, -1).astype(np.float32), np.array([group]))


def tabulate(measures: EcgMeasures) -> dict[str, NDArray[np.float64]]:
    """Give the columns to compare: durations, axes, and R, S, ST and T by lead.

    Parameters
    ----------
    measures : EcgMeasures

    Returns
    -------
    dict of str to (b,) float64
        The unit is the last word of each name.
    """
    columns = {
        "QRS ms": measures.qrs_ms,
        "QT ms": measures.qt_ms,
        "axis deg": measures.axis_deg,
        "T axis deg": measures.t_axis_deg,
    }
    for name, values in (("R", measures.r), ("S", measures.s), ("ST", measures.st), ("T", measures.t)):
        columns |= {f"{name} {lead} mV": values[:, i] for i, lead in enumerate(LEADS)}
    return columns


def within(simulated: NDArray[np.float64], real: NDArray[np.float64], *, circular: bool) -> float:
    """Share of simulated values between the 5th and the 95th percentile of real ones.

    Parameters
    ----------
    simulated, real : (b,) and (r,) float64
    circular : bool
        Values are degrees, counted from the real mean direction, so that -179 and 179 are neighbours.

    Returns
    -------
    float
        0 to 1.
    """
    if circular:
        middle = np.angle(np.exp(1j * np.deg2rad(real)).mean())
        simulated, real = (
            np.angle(np.exp(1j * (np.deg2rad(values) - middle))) for values in (simulated, real)
        )
    low, high = np.percentile(real, [5, 95])
    return float(((simulated >= low) & (simulated <= high)).mean())
