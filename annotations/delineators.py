"""Engines that find the limits of waves, in one form: a table of beats (`annotations.wave_points`).

Ours finds one set of limits on the median beat and lays it over every beat found.  NeuroKit2
(Makowski et al. 2021, Behav Res Methods 53:1689, extra ``delineate``) works on one signal at a time:
on each lead, joined by the rule that the experts' marks are joined by, or on the root mean square over leads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.ludb import WaveMark
from annotations.wave_points import POINTS, WAVES, beat_points
from cine_mapping.beat import Beat
from cine_mapping.beats import find_beat
from cine_mapping.wave_share import t_onset
from imn.conditioning import remove_baseline
from imn.errors import InputError
from imn.leads import INDEPENDENT_INDEX, LEADS
from imn.record import Record

NEUROKIT = {"P": ("P_Onsets", "P_Peaks", "P_Offsets"), "T": ("T_Onsets", "T_Peaks", "T_Offsets")}


@dataclass(frozen=True, eq=False)
class LeadMarks:
    """Waves that NeuroKit2 finds, by lead; ``whole`` on the root mean square over leads."""

    leads: Mapping[str, tuple[WaveMark, ...]]
    whole: tuple[WaveMark, ...]


def our_points(record: Record) -> NDArray[np.float64]:
    """Limits of the median beat on every beat, (k, 9) samples; empty where no beat stands out."""
    try:
        beat = find_beat(remove_baseline(record.signal, record.fs), record.fs)
    except InputError:
        return np.zeros((0, len(POINTS)))
    f = beat.fiducials
    points = (
        f.p_onset,
        _p_peak(beat),
        f.p_end,
        f.qrs_onset,
        beat.r_peak,
        f.j_point,
        t_onset(f),
        f.t_peak,
        f.t_end,
    )
    row = np.array([np.nan if point is None else point for point in points], dtype=float)
    if "T wave not found" in beat.quality:
        row[6:] = np.nan
    return row + (beat.r_peaks - beat.r_peak).astype(float)[:, None]


def _p_peak(beat: Beat) -> int | None:
    """Sample between the limits of P that stands out most of the line between them."""
    onset, end = beat.fiducials.p_onset, beat.fiducials.p_end
    if onset is None or end is None:
        return None
    wave = beat.signal[list(INDEPENDENT_INDEX), onset : end + 1].astype(float)
    share = np.linspace(0, 1, wave.shape[1])
    chord = wave[:, :1] + (wave[:, -1:] - wave[:, :1]) * share
    return onset + int(np.argmax(((wave - chord) ** 2).sum(axis=0)))


def neurokit_marks(record: Record) -> LeadMarks:
    """Run NeuroKit2 with its defaults on every lead and on the root mean square over leads.

    Raises
    ------
    InputError
        If NeuroKit2 is not installed.
    """
    rows = remove_baseline(record.signal, record.fs).astype(float)
    whole = np.sqrt((rows[list(INDEPENDENT_INDEX)] ** 2).mean(axis=0))
    leads = {lead: _neurokit(row, record.fs) for lead, row in zip(LEADS, rows, strict=True)}
    return LeadMarks(leads, _neurokit(whole, record.fs))


def neurokit_points(marks: LeadMarks, fs: float, *, rule: str = "median") -> NDArray[np.float64]:
    """Join what NeuroKit2 finds in single leads as the experts' marks are joined, (k, 9) samples."""
    return beat_points(marks.leads, fs, rule=rule)


def neurokit_whole_points(marks: LeadMarks, fs: float) -> NDArray[np.float64]:
    """Give what NeuroKit2 finds on the root mean square over leads, (k, 9) samples."""
    return beat_points(dict.fromkeys(LEADS, marks.whole), fs)


def _neurokit(row: NDArray[np.float64], fs: float) -> tuple[WaveMark, ...]:
    import warnings
    from importlib import import_module

    try:
        neurokit2 = import_module("neurokit2")
    except ImportError as error:
        msg = 'the comparison needs NeuroKit2; install it with pip install "ecglocus[delineate]"'
        raise InputError(msg) from error
    rate = round(fs)
    # It warns, and raises whatever pandas and numpy raise, where a lead has too few beats for it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            clean = neurokit2.ecg_clean(row, sampling_rate=rate)
            _, found = neurokit2.ecg_peaks(clean, sampling_rate=rate)
            peaks = found["ECG_R_Peaks"]
            _, waves = neurokit2.ecg_delineate(clean, peaks, sampling_rate=rate, method="dwt")
        except (ValueError, IndexError, KeyError, TypeError, ZeroDivisionError):
            return ()
    return _marks(peaks, waves)


def _marks(peaks: Any, waves: Mapping[str, Any]) -> tuple[WaveMark, ...]:
    columns = {"QRS": (waves["ECG_R_Onsets"], peaks, waves["ECG_R_Offsets"])}
    columns |= {wave: tuple(waves[f"ECG_{name}"] for name in NEUROKIT[wave]) for wave in ("P", "T")}
    marks = []
    for wave in WAVES:
        for onset, peak, end in zip(*columns[wave], strict=True):
            if np.isfinite(peak):
                onset, end = (int(x) if np.isfinite(x) else None for x in (onset, end))
                marks.append(WaveMark(wave, onset, int(peak), end))
    return tuple(marks)
