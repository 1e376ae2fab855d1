"""Around the mean activation of the moment, in the manner of CineECG.

Equations
---------
The path ``p`` walks along the Kors vector of the beat, 0.7 mm per ms in QRS and
60 mm in each of ST and T, about the middle of the heart (its mean over each
wave lies there), drawn back into the ellipsoid of two standard deviations of the wall.
``density_i = sum_t sum_l |a_l(t)| exp(-|r_i - p(t)|^2 / (2 (14 mm)^2)) dt``.

Source: van Dam 2017, J Electrocardiol 50:732; Locati et al. 2020, Circ Arrhythm
Electrophysiol 13:e008524 (mean temporo-spatial isochrone).

Deviations
----------
- The published formula is not public; this is our reading (see `cine_mapping.path`),
  on bins of 10 and 20 ms and with waves of fixed times (`polarity.WAVES_MS`).
- Evidence's sign is left aside: CineECG has no place for one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.operators.dipole import KORS_LPS
from cine_mapping.operators.pattern import Pattern, binned
from cine_mapping.operators.polarity import WAVES_MS, wave_bins
from cine_mapping.operators.spatial_filter import WIDTHS_MS, lay_by_density
from cine_mapping.path import QRS_SPEED, REPOLARISATION_LENGTH
from imn.leads import INDEPENDENT_INDEX

BALL_MM = 14.0
STANDARD_DEVIATIONS = 2.0


@dataclass(frozen=True, eq=False)
class MeanPath:
    """Where a path may go.

    Parameters
    ----------
    points : (n, 3) float64, mm
        Of the wall, about its middle.
    spread : (3, 3) float64, mm
        Cholesky factor of their covariance.
    normal : (8, b) float64, mV
        The heart's normal beat.
    matrix : (3, 8) float64
        From leads to the vector in the axes of the mesh.
    volumes : (n,) float64, mm3
    """

    points: NDArray[np.float64]
    spread: NDArray[np.float64]
    normal: NDArray[np.float64]
    matrix: NDArray[np.float64]
    volumes: NDArray[np.float64]

    def apply(self, pattern: Pattern, beat: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Lay out the pattern around the path.

        Parameters
        ----------
        pattern : Pattern
        beat : (8, b) float64, mV, optional
            The patient's own beat, binned; by default the normal beat and the
            pattern on top, which is right where the pattern is a difference in mV.

        Returns
        -------
        (n,) float64
            Amounts at the nodes, which sum to the pattern's total.
        """
        from scipy.spatial.distance import cdist

        path, bins = self.path(self.normal + pattern.values if beat is None else beat)
        weight = (np.abs(pattern.values).sum(axis=0) * WIDTHS_MS)[bins]
        density = np.exp(-0.5 * cdist(self.points, path, "sqeuclidean") / BALL_MM**2) @ weight
        return lay_by_density(density, self.volumes, pattern.total)

    def path(self, beat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Trace the mean activation.

        Parameters
        ----------
        beat : (8, b) float64, mV
            Binned.

        Returns
        -------
        points : (k, 3) float64, mm
            About the wall's middle.
        bins : (k,) int64
            That they lie in.
        """
        vector = self.matrix @ beat
        size = np.linalg.norm(vector, axis=0)
        direction = np.divide(vector, size, out=np.zeros_like(vector), where=size > 0)
        pieces, bins = [], []
        for wave in WAVES_MS:
            inside = np.flatnonzero(wave_bins(wave))
            widths = WIDTHS_MS[inside]
            steps = widths * (QRS_SPEED if wave == "QRS" else REPOLARISATION_LENGTH / widths.sum())
            walk = np.cumsum(direction[:, inside] * steps, axis=1).T
            walk -= widths @ walk / widths.sum()
            radius = np.linalg.norm(np.linalg.solve(self.spread, walk.T), axis=0) / STANDARD_DEVIATIONS
            pieces.append(walk / np.maximum(radius, 1)[:, None])
            bins.append(inside)
        return np.concatenate(pieces), np.concatenate(bins)


def plan_mean_path(heart: VirtualHeart, *, matrix: NDArray[np.float64] = KORS_LPS) -> MeanPath:
    """Prepare paths through a heart.

    Parameters
    ----------
    heart : VirtualHeart
        To map onto.
    matrix : (3, 8) float
        From the independent leads to the vector in the axes of the mesh.

    Returns
    -------
    MeanPath
    """
    wall = heart.myocardium
    points, volumes = wall.points.astype(float), wall.node_volumes
    points = points - volumes @ points / volumes.sum()
    spread = np.linalg.cholesky((points.T * volumes) @ points / volumes.sum())
    beat = simulate_beat(heart)
    onset = beat.activation.min()
    normal = binned(beat.leads[list(INDEPENDENT_INDEX)], beat.times - onset)
    return MeanPath(points, spread, normal, matrix, volumes)
