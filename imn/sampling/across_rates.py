"""Our own network at several rates: the same recordings, brought to each by one method.

Evidence lives on a recording's own samples.  Rates are compared on a grid of time: a sample stands
for one period around it, and a cell of the grid gets the evidence of the time that it covers, so
that sums are kept and nothing is compared sample by sample.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.record import Record
from imn.sampling.arms import FAST
from imn.sampling.cases import signal_at

GRID_S = 0.02
"""Twice the period of the network's own rate: finer would compare what 100 Hz cannot hold."""
COMPARED = (100.0, 250.0, 500.0)
PAIRS = ((100.0, 250.0), (100.0, 500.0), (250.0, 500.0))


def record_at(path: Path, fs: float, *, source: float = FAST, told: float | None = None) -> Record:
    """Read one recording and bring it to a rate.

    Parameters
    ----------
    path : Path
    fs : float, Hz
        Rate it is brought to.
    source : float, Hz
        Rate of the file.
    told : float, optional, Hz
        Rate that the record says it has; the truth by default.

    Returns
    -------
    Record

    Raises
    ------
    InputError
        As `signal_at`.
    """
    return Record(signal_at(path, source, fs), told or fs, path.name)


def on_grid(evidence: ArrayLike, fs: float, *, step_s: float = GRID_S) -> NDArray[np.float64]:
    """Sum evidence over the cells of a grid of time that starts half a cell before the first sample.

    Parameters
    ----------
    evidence : (..., n) float, logit
    fs : float, Hz
    step_s : float, s

    Returns
    -------
    (..., m) float64, logit
        Same sum as the evidence; the last cell holds what is left.
    """
    held = np.asarray(evidence, dtype=float)
    n = held.shape[-1]
    so_far = np.concatenate([np.zeros((*held.shape[:-1], 1)), held.cumsum(axis=-1)], axis=-1)
    # Sample i stands for the time from (i - 1/2) / fs to (i + 1/2) / fs; between, the sum grows evenly.
    at = np.clip((cell_edges(n, fs, step_s) * fs) + 0.5, 0, n)
    whole = np.minimum(at.astype(int), n - 1)
    share = at - whole
    passed = so_far[..., whole] + share * (so_far[..., whole + 1] - so_far[..., whole])
    return passed[..., 1:] - passed[..., :-1]


def cell_edges(n: int, fs: float, step_s: float) -> NDArray[np.float64]:
    """Give the times at which the cells of the grid meet.

    Parameters
    ----------
    n : int
        Samples of the recording.
    fs : float, Hz
    step_s : float, s
        Length of a cell.

    Returns
    -------
    (cells + 1,) float64, s
        From before the first sample to after the last.
    """
    cells = max(1, round(n / fs / step_s))
    edges = np.asarray((np.arange(cells + 1) - 0.5) * step_s, dtype=np.float64)
    # First and last cell take in what sticks out: half a sample at a slow rate, less than a cell else.
    edges[0], edges[-1] = -0.5 / fs, (n - 0.5) / fs
    return edges


def pair_correlations(grids: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Correlate maps of one recording at `COMPARED` rates over leads and time.

    Parameters
    ----------
    grids : sequence of (k, 12, m) float64
        One for each rate.

    Returns
    -------
    (3, k) float64
        For each of `PAIRS` and label; NaN where a map is the same everywhere.
    """
    at = {fs: grid.reshape(len(grid), -1) for fs, grid in zip(COMPARED, grids, strict=True)}
    return np.array([correlations(at[one], at[other]) for one, other in PAIRS])


def correlations(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's correlation of each row with its like.

    Parameters
    ----------
    first, second : (k, n) float64

    Returns
    -------
    (k,) float64
        NaN where a row is constant.
    """
    one, other = (part - part.mean(axis=1, keepdims=True) for part in (first, second))
    norm = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.where(norm > 0, (one * other).sum(axis=1) / np.maximum(norm, 1e-300), np.nan)
