"""The path of mean activation through the heart (CineECG style).

References
----------
van Dam 2017, J Electrocardiol 50:732 (mean temporo-spatial isochrone);
Locati et al. 2020, Circ Arrhythm Electrophysiol, doi 10.1161/CIRCEP.120.008524.

Deviations
----------
- The published formula is not public.  Ours integrates the direction of the
  Kors vectorcardiogram at constant speed, as secondary sources describe it.
- The path is re-centred: its mean over each of QRS, J to T peak and T peak to
  T end is the centre of the ventricles.  Started at the centre and left alone,
  such a path is further from the true mean activation than the centre itself.
- Points outside the ventricles' bounding ellipsoid are drawn back onto it.
- It is a display of mean direction with an uncertainty of 20 to 25 mm, never a
  source location.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat
from cine_mapping.vcg import LPS_FROM_FRANK, loop

QRS_SPEED = 0.7
"""Speed of the mean isochrone in QRS, mm per ms (m/s)."""
REPOLARISATION_LENGTH = 60.0
"""Length of the path in each half of repolarisation, mm."""
UNCERTAINTY = 20.0
"""Radius of the ball in which the path says anything, mm."""


def segments(beat: Beat) -> dict[str, slice]:
    """Cut the beat at its fiducial points.

    Parameters
    ----------
    beat : Beat

    Returns
    -------
    dict of str to slice, samples
        ``QRS``, ``ST`` (J point to T peak) and ``T`` (T peak to T end).
    """
    f = beat.fiducials
    return {
        "QRS": slice(f.qrs_onset, f.j_point),
        "ST": slice(f.j_point, f.t_peak),
        "T": slice(f.t_peak, f.t_end),
    }


def activation_path(anatomy: Anatomy, beat: Beat) -> NDArray[np.float64]:
    """Trace the path of mean activation from QRS onset to T end.

    Parameters
    ----------
    anatomy : Anatomy
    beat : Beat

    Returns
    -------
    (t, 3) float64, mm
        One point per sample of the beat from QRS onset to T end, LPS.
    """
    centre, inverse = _ellipsoid(anatomy)
    vcg = (LPS_FROM_FRANK @ loop(beat.signal)).T
    size = np.sqrt((vcg**2).sum(axis=1, keepdims=True))
    direction = np.divide(vcg, size, out=np.zeros_like(vcg), where=size > 0)
    pieces = [
        _integrate(direction[part], QRS_SPEED * 1000 / beat.fs if name == "QRS" else None)
        for name, part in segments(beat).items()
    ]
    return centre + _clip(np.concatenate(pieces), inverse)


@lru_cache(maxsize=4)
def _ellipsoid(anatomy: Anatomy) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the ventricles' centre and the inverse of their covariance's root, once per anatomy."""
    weight = anatomy.heart.areas * anatomy.ventricles
    points = anatomy.heart.points.astype(float)
    centre = weight @ points / weight.sum()
    covariance = ((points - centre).T * weight) @ (points - centre) / weight.sum()
    return centre, np.linalg.inv(np.linalg.cholesky(covariance))


def _integrate(direction: NDArray[np.float64], step: float | None) -> NDArray[np.float64]:
    """Walk along the loop's direction, (t, 3); without a step, over a fixed length."""
    if step is None:
        step = REPOLARISATION_LENGTH / max(len(direction), 1)
    walk = np.cumsum(direction * step, axis=0)
    return walk - walk.mean(axis=0)


def _clip(walk: NDArray[np.float64], inverse: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draw points outside the ellipsoid of two standard deviations back onto it."""
    radius = np.sqrt(((walk @ inverse.T) ** 2).sum(axis=1, keepdims=True)) / 2.0
    return walk / np.maximum(radius, 1.0)
