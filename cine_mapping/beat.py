"""The median beat with its fiducial points, and evidence folded onto it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.vcg import pull_back
from imn.explanation import Explanation


@dataclass(frozen=True)
class Fiducials:
    """Global fiducial points, in samples of the median beat.

    Parameters
    ----------
    qrs_onset, j_point : int
    t_peak, t_end : int
    p_onset, p_end : int or None
        None where the wave is absent.
    """

    qrs_onset: int
    j_point: int
    t_peak: int
    t_end: int
    p_onset: int | None = None
    p_end: int | None = None


@dataclass(frozen=True, eq=False)
class Beat:
    """Median beat of a recording.

    Parameters
    ----------
    fs : float, Hz
    signal : (12, m) float32, mV
    r_peak : int, sample of the beat
    fiducials : Fiducials
    r_peaks : (k,) int64, samples of the recording
    kept : (k,) bool
        Beats that entered the median.
    phase : (n,) int32
        For each sample of the recording, the sample of the beat it folds onto.
    quality : tuple of str
        Flags in words; empty when nothing is to be said.
    """

    fs: float
    signal: NDArray[np.float32]
    r_peak: int
    fiducials: Fiducials
    r_peaks: NDArray[np.int64]
    kept: NDArray[np.bool_]
    phase: NDArray[np.int32]
    quality: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Evidence:
    """Evidence for one class, folded onto the beat.

    Parameters
    ----------
    label : str
    leads : (12, m) float64, logit
    dipole : (3, m) float64, logit
        The part of it that Frank's axes X, Y, Z carry (`cine_mapping.vcg.pull_back`).
    """

    label: str
    leads: NDArray[np.float64]
    dipole: NDArray[np.float64]

    @property
    def beyond_dipole(self) -> NDArray[np.float64]:
        """What no dipole carries, summed over leads, (m,) float64, logit."""
        return self.leads.sum(axis=0) - self.dipole.sum(axis=0)


def fold(values: ArrayLike, beat: Beat) -> NDArray[np.float64]:
    """Sum the samples of a recording that share a phase of the beat.

    Parameters
    ----------
    values : (r, n) float
        Rows on the samples of the recording.
    beat : Beat

    Returns
    -------
    (r, m) float64
        Each row keeps its sum.
    """
    rows = np.asarray(values, dtype=float)
    m = beat.signal.shape[1]
    into = beat.phase + m * np.arange(len(rows))[:, None]
    return np.bincount(into.ravel(), rows.ravel(), m * len(rows)).astype(float, copy=False).reshape(-1, m)


def fold_mean(values: ArrayLike, beat: Beat) -> NDArray[np.float64]:
    """Average the samples of a recording that share a phase of the beat.

    Parameters
    ----------
    values : (r, n) float
    beat : Beat

    Returns
    -------
    (r, m) float64
        Zero at phases that no sample has.
    """
    return fold(values, beat) / np.bincount(beat.phase, minlength=beat.signal.shape[1]).clip(min=1)


def fold_evidence(explanation: Explanation, beat: Beat, label: str) -> Evidence:
    """Fold the evidence for one class onto the beat; its sum is kept.

    Evidence is relative to the explanation's reference, on leads and on axes alike.

    Parameters
    ----------
    explanation : Explanation
    beat : Beat
        Of the same recording.
    label : str

    Returns
    -------
    Evidence

    Raises
    ------
    ValueError
        If the model has no such class.
    """
    leads = explanation.evidence_for(label)
    weights = explanation.weights[explanation.classes.index(label)]
    return Evidence(label, fold(leads, beat), fold(pull_back(weights, explanation.deflection), beat))
