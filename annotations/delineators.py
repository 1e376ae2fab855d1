"""Engines that find the limits of waves, in one form: a table of beats (`annotations.wave_points`).

Ours finds one set of limits on the median beat and lays it over every beat found.  NeuroKit2
(Makowski et al. 2021, Behav Res Methods 53:1689, extra ``delineate``) works lead by lead, beat by beat; its
leads are joined by the rule that the experts' marks are joined by.  Of its methods ``dwt`` is its
default (Martinez et al. 2004), ``prominence`` its best on the records looked at (Emrich et al. 2024).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.ludb import WaveMark
from annotations.wave_points import POINTS, WAVES
from cine_mapping.beat import Beat
from cine_mapping.beats import find_beat
from cine_mapping.delineation import middle_peak
from cine_mapping.wave_share import t_onset
from imn.conditioning import remove_baseline
from imn.errors import InputError
from imn.leads import LEADS
from imn.record import Record

NEUROKIT = {"P": ("P_Onsets", "P_Peaks", "P_Offsets"), "T": ("T_Onsets", "T_Peaks", "T_Offsets")}


METHODS = ("dwt", "prominence")
"""Of NeuroKit2; it has two more, which mark fewer points or do worse."""


def our_points(record: Record) -> NDArray[np.float64]:
    """Limits of the median beat on every beat.

    Parameters
    ----------
    record : Record

    Returns
    -------
    (k, 9) float64, samples
        Columns as `annotations.wave_points.POINTS`, NaN where a wave is absent; empty where no beat
        stands out.
    """
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
    """Peak of P, as that of T."""
    onset, end = beat.fiducials.p_onset, beat.fiducials.p_end
    if onset is None or end is None:
        return None
    return onset + middle_peak(beat.signal[:, onset : end + 1].astype(float))


def neurokit_marks(record: Record, method: str = METHODS[0]) -> dict[str, tuple[WaveMark, ...]]:
    """Run NeuroKit2 on every lead; a lead that it cannot work on has no marks.

    Parameters
    ----------
    record : Record
    method : "dwt" or "prominence"

    Returns
    -------
    dict of str to tuple of WaveMark
        By lead.

    Raises
    ------
    InputError
        If NeuroKit2 is not installed.
    """
    rows = remove_baseline(record.signal, record.fs).astype(float)
    return {lead: _neurokit(row, record.fs, method) for lead, row in zip(LEADS, rows, strict=True)}


def _neurokit(row: NDArray[np.float64], fs: float, method: str) -> tuple[WaveMark, ...]:
    import warnings
    from importlib import import_module

    try:
        neurokit2 = import_module("neurokit2")
    except ImportError as error:
        msg = 'the comparison needs NeuroKit2; install it with pip install "ecglocus[delineate]"'
        raise InputError(msg) from error
    rate = round(fs)
    # It warns, raises whatever pandas and numpy raise, or loses count of beats, where a lead has few for it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            clean = neurokit2.ecg_clean(row, sampling_rate=rate)
            _, found = neurokit2.ecg_peaks(clean, sampling_rate=rate)
            peaks = found["ECG_R_Peaks"]
            _, waves = neurokit2.ecg_delineate(clean, peaks, sampling_rate=rate, method=method)
            return _marks(peaks, waves)
        except (ValueError, IndexError, KeyError, TypeError, ZeroDivisionError):
            return ()


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
