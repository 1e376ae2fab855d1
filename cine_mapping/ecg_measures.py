"""What a reader measures on beats in twelve leads: QRS, axes, amplitudes by lead, ST, T, QT.

All beats of one length at once.  Amplitudes are relative to the level just
before QRS, R and S are those of the whole QRS complex (R its greatest positive,
S its greatest negative deflection, so a QS counts as S).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.beat import Fiducials
from imn.leads import LEADS

LEVEL_MS = 20.0
"""Stretch before QRS whose mean is the level of zero."""
ST_MS = 60.0
"""After the J point, where the ST level is read."""
EDGE_MS = 40.0
"""First and last part of QRS whose mean is kept."""
T_FROM_MS = 60.0
LEAST_MV = 0.05
"""Lower is none: without R all depth is a Q, without S all height a late R."""


@dataclass(frozen=True, eq=False)
class EcgMeasures:
    """Measures of b beats, leads in standard order.

    Parameters
    ----------
    qrs_ms, qt_ms : (b,) float64, ms
    slur_ms : (b,) float64, ms
        From QRS onset to where the spatial velocity over the leads first has half its maximum.
    axis_deg, t_axis_deg : (b,) float64, degrees
        Frontal axes from the areas of QRS and of T in I and aVF, -180 ... 180.
    r, s : (b, 12) float64, mV
        Greatest height and depth in QRS, none below zero.
    q, late_r : (b, 12) float64, mV
        Depth before the R peak (of all of a QS); height after the S peak (R'; all of an R without S).
    first, last : (b, 12) float64, mV
        Mean over the first and the last 40 ms of QRS.
    area : (b, 12) float64, mV ms
        Of QRS.
    j, st : (b, 12) float64, mV
        Level at the J point and 60 ms later.
    t : (b, 12) float64, mV
        The deflection of greatest size from 60 ms after J to the end of T, signed.
    """

    qrs_ms: NDArray[np.float64]
    qt_ms: NDArray[np.float64]
    slur_ms: NDArray[np.float64]
    axis_deg: NDArray[np.float64]
    t_axis_deg: NDArray[np.float64]
    r: NDArray[np.float64]
    s: NDArray[np.float64]
    q: NDArray[np.float64]
    late_r: NDArray[np.float64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    area: NDArray[np.float64]
    j: NDArray[np.float64]
    st: NDArray[np.float64]
    t: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.qrs_ms)


def measure(
    beats: ArrayLike,
    fs: float,
    *,
    qrs_onset: ArrayLike,
    j_point: ArrayLike,
    t_end: ArrayLike,
) -> EcgMeasures:
    """Measure beats whose fiducial points are known.

    Parameters
    ----------
    beats : (b, 12, m) float, mV
    fs : float, Hz
    qrs_onset, j_point, t_end : (b,) int
        Samples of each beat.

    Returns
    -------
    EcgMeasures
    """
    onset, j, end = (np.asarray(v, dtype=np.int64)[:, None] for v in (qrs_onset, j_point, t_end))
    signal, ms = np.asarray(beats, dtype=float), fs / 1000
    sample = np.arange(signal.shape[2])
    signal = signal - _mean(signal, (sample >= onset - LEVEL_MS * ms) & (sample <= onset))[..., None]
    qrs = (sample >= onset) & (sample <= j)
    recovery = (sample >= j + T_FROM_MS * ms) & (sample <= end)
    height, depth = _greatest(signal, qrs), _greatest(-signal, qrs)
    no_r, no_s = height[0] < LEAST_MV, depth[0] < LEAST_MV
    before_r = qrs[:, None] & (no_r[..., None] | (sample <= height[1][..., None]))
    after_s = qrs[:, None] & (no_s[..., None] | (sample >= depth[1][..., None]))
    area, t_area = _sum(signal, qrs) / ms, _sum(signal, recovery)
    return EcgMeasures(
        qrs_ms=((j - onset)[:, 0]) / ms,
        qt_ms=((end - onset)[:, 0]) / ms,
        slur_ms=_slur(signal, qrs) / ms,
        axis_deg=frontal_axis(area),
        t_axis_deg=frontal_axis(t_area),
        r=height[0],
        s=depth[0],
        q=_greatest(-signal, before_r)[0],
        late_r=_greatest(signal, after_s)[0],
        first=_mean(signal, qrs & (sample < onset + EDGE_MS * ms)),
        last=_mean(signal, qrs & (sample > j - EDGE_MS * ms)),
        area=area,
        j=_at(signal, j),
        st=_at(signal, np.minimum(j + round(ST_MS * ms), end)),
        t=_of_greatest_size(signal, recovery),
    )


def measure_fiducials(beats: ArrayLike, fs: float, fiducials: Sequence[Fiducials]) -> EcgMeasures:
    """Measure beats at fiducial points that `cine_mapping.delineation` found.

    Parameters
    ----------
    beats : (b, 12, m) float, mV
    fs : float, Hz
    fiducials : sequence of Fiducials
        One for each beat, in its samples.

    Returns
    -------
    EcgMeasures
    """
    return measure(
        beats,
        fs,
        qrs_onset=[f.qrs_onset for f in fiducials],
        j_point=[f.j_point for f in fiducials],
        t_end=[f.t_end for f in fiducials],
    )


def frontal_axis(leads: NDArray[np.floating]) -> NDArray[np.float64]:
    """Direction in the frontal plane of values in the leads, from I and aVF.

    Parameters
    ----------
    leads : (..., 12) float
        In standard order; such as the area of QRS.

    Returns
    -------
    (...) float64, degrees
        -180 to 180; 0 is left, 90 down.
    """
    i, foot = (leads[..., LEADS.index(name)] for name in ("I", "aVF"))
    return np.rad2deg(np.arctan2(2 / np.sqrt(3) * foot, i)).astype(np.float64)


def _slur(signal: NDArray[np.float64], qrs: NDArray[np.bool_]) -> NDArray[np.float64]:
    velocity = np.linalg.norm(np.gradient(signal, axis=2), axis=1) * qrs
    steep = velocity >= 0.5 * velocity.max(axis=1, keepdims=True)
    return (steep.argmax(axis=1) - qrs.argmax(axis=1)).astype(np.float64)


def _sum(signal: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.einsum("blm,bm->bl", signal, where)


def _mean(signal: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    return _sum(signal, where) / where.sum(axis=1).clip(min=1)[:, None]


def _greatest(
    signal: NDArray[np.float64], where: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Greatest value, none below zero, and its sample; ``where`` is (b, m) or (b, 12, m)."""
    allowed = where if where.ndim == 3 else where[:, None]
    inside = np.where(allowed, signal, -np.inf)
    return inside.max(axis=2).clip(min=0), inside.argmax(axis=2)


def _at(signal: NDArray[np.float64], sample: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.take_along_axis(signal, sample[:, None].clip(0, signal.shape[2] - 1), axis=2)[..., 0]


def _of_greatest_size(signal: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    peak = np.where(where[:, None], np.abs(signal), -1.0).argmax(axis=2)
    return np.take_along_axis(signal, peak[..., None], axis=2)[..., 0]
