"""What stands beside a score on leads x time: the same controls as on the heart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotations.overlap import lead_time_overlap, top_density_mask
from imn.errors import InputError


@dataclass(frozen=True, eq=False)
class LeadCase:
    """One annotated beat, and what the network saw on it.

    Parameters
    ----------
    annotated : (12, m) bool
    evidence : (12, m) float, logit
    signal : (12, m) float, mV
    """

    annotated: NDArray[np.bool_]
    evidence: NDArray[np.floating]
    signal: NDArray[np.floating]

    def dice_of(self, values: NDArray[np.floating]) -> float:
        """Dice of the largest values, as many as are annotated.

        Parameters
        ----------
        values : (12, m) float

        Returns
        -------
        float
        """
        ones = np.ones(self.annotated.shape)
        shown = top_density_mask(values, ones, fraction=float(self.annotated.mean()))
        return lead_time_overlap(shown, self.annotated).dice


def lead_baselines(case: LeadCase, *, seed: int, draws: int = 100) -> dict[str, float]:
    """Dice that each control reaches on leads x time, by the same threshold rule.

    ``random region``
        Mean over the annotation itself, turned to another moment of the beat with its leads shuffled.
    ``random vertices``
        Mean over scattered samples, as many as are annotated.
    ``all positive``
        Everything marked: 2p/(1+p).
    ``signal energy``
        Where the signal is large: by |x|, or its square, which ranks the same.
    ``permuted leads``
        Mean over the evidence with its leads shuffled.

    Parameters
    ----------
    case : LeadCase
    seed : int
    draws : int

    Returns
    -------
    dict of str to float
        One Dice per name in `annotations.baselines.BASELINES`.

    Raises
    ------
    InputError
        If fewer than one draw is asked for.
    """
    if draws < 1:
        msg = f"draws must be at least 1, got {draws}"
        raise InputError(msg)
    rng = np.random.default_rng(seed)
    truth, (leads, samples) = case.annotated, case.annotated.shape
    p = float(truth.mean())
    turned = [
        lead_time_overlap(np.roll(truth[rng.permutation(leads)], rng.integers(samples), axis=1), truth).dice
        for _ in range(draws)
    ]
    scattered = [
        lead_time_overlap(rng.permutation(truth.ravel()).reshape(truth.shape), truth).dice
        for _ in range(draws)
    ]
    shuffled = [case.dice_of(case.evidence[rng.permutation(leads)]) for _ in range(draws)]
    return {
        "random region": float(np.mean(turned)),
        "random vertices": float(np.mean(scattered)),
        "all positive": 2 * p / (1 + p),
        "signal energy": case.dice_of(np.abs(case.signal)),
        "permuted leads": float(np.mean(shuffled)),
    }


def on_beat_of(
    values: NDArray[np.floating], *, r_peak: int, fs: float, like: tuple[int, int, float]
) -> NDArray[np.float64]:
    """Lay what was seen on one patient's beat onto another's, R peak on R peak, (12, m) float64.

    Parameters
    ----------
    values : (12, k) float
    r_peak : int
        Sample of the R peak in them.
    fs : float, Hz
    like : (int, int, float)
        Samples of the other beat, its R peak and its rate, Hz.

    Returns
    -------
    (12, m) float64
        Zero where the one beat is shorter than the other.
    """
    length, peak, rate = like
    times = (np.arange(length) - peak) / rate
    own = (np.arange(values.shape[1]) - r_peak) / fs
    return np.stack([np.interp(times, own, row, left=0.0, right=0.0) for row in values])
