"""How much of a map lies in each wave of the ECG, against how much of the recording the waves take.

The waves are those of the median beat (`cine_mapping.delineation`), laid over every beat at its R
peak (`cine_mapping.phase`), ectopic ones too.  Every sample belongs to just one part.

Deviations
----------
- The delineation has no T onset.  T begins before its peak by 1.3 times what it takes from the peak to
  its end, after the J point at the earliest: that is the median in 1313 beats of LUDB as marked by
  experts (median over leads of a beat), and 12 ms off in half of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.beat import Beat, Fiducials
from cine_mapping.beats import find_beat
from imn.errors import InputError

WAVES = ("P", "QRS", "ST", "T", "rest")
"""P onset to P end, QRS onset to J point, J point to T onset, T onset to T end, all else."""
T_RISE = 1.3
"""Time from T onset to T peak over that from T peak to T end."""


@dataclass(frozen=True, eq=False)
class WaveShares:
    """What part of something lies in each of `WAVES`; each row sums to one, or is zero throughout.

    Parameters
    ----------
    absolute : (..., 5) float64
        Of the absolute evidence.
    positive : (..., 5) float64
        Of the evidence that speaks for the label.
    signal : (..., 5) float64
        Of the absolute signal: what a map that only knows where the ECG is large would have.
    time : (..., 5) float64
        Of the samples.
    """

    absolute: NDArray[np.float64]
    positive: NDArray[np.float64]
    signal: NDArray[np.float64]
    time: NDArray[np.float64]

    def concentration(self, *waves: str, of: str = "absolute") -> NDArray[np.float64]:
        """Share in some waves together over the time that they take.

        Parameters
        ----------
        *waves : str
            Among `WAVES`.
        of : "absolute", "positive" or "signal"

        Returns
        -------
        (...) float64
            1 where it is spread evenly; NaN where the recording has no such wave.

        Raises
        ------
        InputError
            If a wave is unknown.
        """
        unknown = sorted(set(waves) - set(WAVES))
        if unknown or not waves:
            msg = f"expected waves among {', '.join(WAVES)}, got {', '.join(unknown) or 'none'}"
            raise InputError(msg)
        at = [WAVES.index(wave) for wave in waves]
        share, time = (rows[..., at].sum(axis=-1) for rows in (getattr(self, of), self.time))
        return np.divide(share, time, out=np.full_like(time, np.nan), where=time > 0)


@dataclass(frozen=True, eq=False)
class WaveTable:
    """Wave shares of several recordings.

    Parameters
    ----------
    shares : WaveShares
        Rows are the recordings scored.
    scored : (B,) bool
        Recordings in which a heart beat was found.
    """

    shares: WaveShares
    scored: NDArray[np.bool_]

    @property
    def n_skipped(self) -> int:
        """How many recordings had no heart beat that stands out."""
        return int((~self.scored).sum())


def wave_masks(signal: ArrayLike, fs: float) -> NDArray[np.bool_]:
    """Find the waves of a recording.

    Parameters
    ----------
    signal : (12, n) float, mV
    fs : float, Hz

    Returns
    -------
    (5, n) bool
        Rows as `WAVES`; each sample is in just one.

    Raises
    ------
    InputError
        If no heart beat stands out.
    """
    return beat_masks(find_beat(signal, fs))


def beat_masks(beat: Beat) -> NDArray[np.bool_]:
    """Give the waves of a recording whose beat is known.

    Parameters
    ----------
    beat : Beat

    Returns
    -------
    (5, n) bool
        As `wave_masks`.
    """
    marks = beat.fiducials
    m = beat.signal.shape[1]
    at = np.full(m, WAVES.index("rest"))
    onset = t_onset(marks)
    for wave, start, end in (
        ("P", marks.p_onset, marks.p_end),
        ("QRS", marks.qrs_onset, marks.j_point),
        ("ST", marks.j_point, onset),
        ("T", onset, marks.t_end + 1),
    ):
        if start is not None:
            at[start:end] = WAVES.index(wave)
    return at[beat.phase] == np.arange(len(WAVES))[:, None]


def t_onset(marks: Fiducials) -> int:
    """Find where T begins, by proportion of its fall (see the module's text).

    Parameters
    ----------
    marks : Fiducials

    Returns
    -------
    int
        Sample of the beat; not before the J point.
    """
    rise = round(T_RISE * (marks.t_end - marks.t_peak))
    return max(marks.j_point, marks.t_peak - rise)


def wave_shares(evidence: ArrayLike, masks: ArrayLike, *, signal: ArrayLike) -> WaveShares:
    """Share a map out among the waves.

    Parameters
    ----------
    evidence : (12, n) float
        Any map on the samples of the recording.
    masks : (5, n) bool
        As `wave_masks` gives.
    signal : (12, n) float, mV
        Above the isoelectric line.

    Returns
    -------
    WaveShares, each (5,)

    Raises
    ------
    InputError
        If the shapes do not fit.
    """
    evidence, masks = np.asarray(evidence, dtype=float), np.asarray(masks, dtype=bool)
    signal = np.asarray(signal, dtype=float)
    n = masks.shape[-1]
    if masks.shape != (len(WAVES), n) or evidence.shape[-1:] != (n,) or evidence.shape != signal.shape:
        msg = (
            f"expected a map and a signal (12, n) and masks ({len(WAVES)}, n), "
            f"got {evidence.shape}, {signal.shape} and {masks.shape}"
        )
        raise InputError(msg)
    amounts = np.abs(evidence), np.clip(evidence, 0, None), np.abs(signal), np.ones((1, n))
    return WaveShares(*(_shares(masks @ rows.sum(axis=0)) for rows in amounts))


def wave_table(evidence: Iterable[ArrayLike], signals: Iterable[ArrayLike], fs: float) -> WaveTable:
    """Share the maps of several recordings out among their waves.

    A recording without a heart beat that stands out is left out and counted.

    Parameters
    ----------
    evidence : B maps (12, n) float
    signals : B recordings (12, n) float, mV
        Above the isoelectric line.
    fs : float, Hz

    Returns
    -------
    WaveTable

    Raises
    ------
    InputError
        If no recording has a heart beat, or shapes do not fit.
    """
    rows, scored = [], []
    for own, signal in zip(evidence, signals, strict=True):
        masks = _masks_or_none(signal, fs)
        scored.append(masks is not None)
        if masks is not None:
            rows.append(wave_shares(own, masks, signal=signal))
    if not rows:
        msg = f"expected heart beats in some of {len(scored)} recordings, found none; give other recordings"
        raise InputError(msg)
    columns = ([getattr(row, name) for row in rows] for name in ("absolute", "positive", "signal", "time"))
    return WaveTable(WaveShares(*(np.stack(column) for column in columns)), np.array(scored))


def _masks_or_none(signal: ArrayLike, fs: float) -> NDArray[np.bool_] | None:
    try:
        return wave_masks(signal, fs)
    except InputError:
        return None


def _shares(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    total = amounts.sum()
    return amounts / total if total > 0 else np.zeros_like(amounts)
