"""The unit of every perturbation: one lead for 100 ms.

A single sample of one lead says nothing and its removal makes a spike; 100 ms
is the width of a QRS complex.  A 10 s recording has 12 x 100 such windows.
"""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

WIDTH = 10
"""Samples of a window at 100 Hz: 100 ms."""


def n_windows(n: int, width: int = WIDTH) -> int:
    """Count the windows of a lead.

    Parameters
    ----------
    n, width : int, samples

    Returns
    -------
    int
        The last one may be shorter.
    """
    return -(-n // width)


def window_sums(maps: ArrayLike, width: int = WIDTH) -> NDArray[np.float64]:
    """Sum a map over each window.

    Parameters
    ----------
    maps : (..., n) float
    width : int, samples

    Returns
    -------
    (..., W) float64
        ``W = n_windows(n, width)``.
    """
    values = np.asarray(maps, dtype=float)
    return np.add.reduceat(values, np.arange(0, values.shape[-1], width), axis=-1)


def spread_windows(values: Tensor, n: int, width: int = WIDTH) -> Tensor:
    """Give each sample the value of its window.

    Parameters
    ----------
    values : (..., W) Tensor
    n, width : int, samples

    Returns
    -------
    (..., n) Tensor
    """
    return values.repeat_interleave(width, dim=-1)[..., :n]


def keep_windows(
    signal: Tensor, keep: Tensor, *, width: int = WIDTH, reference: Tensor | float = 0.0
) -> Tensor:
    """Replace the windows not kept by the reference.

    Parameters
    ----------
    signal : (..., 12, n) float32, mV
    keep : (..., 12, W) bool
        Leading axes broadcast against the signal's.
    width : int, samples
    reference : float or (..., 12, n) float32, mV
        What stands where a window was removed; 0 is the isoelectric line.

    Returns
    -------
    (..., 12, n) float32, mV
    """
    fill = torch.as_tensor(reference, dtype=signal.dtype, device=signal.device)
    return torch.where(spread_windows(keep, signal.shape[-1], width), signal, fill)


def window_ranks(scores: ArrayLike, *, seed: int = 0) -> NDArray[np.int64]:
    """Rank the windows of each recording, 0 for the largest signed score.

    Equal scores (a rectified map has many zeros) come in one arbitrary but
    fixed order, the same for every recording: by storage order, lead I would
    go before V6 for no reason.

    Parameters
    ----------
    scores : (B, 12, W) float
    seed : int
        Of the order of equal scores.

    Returns
    -------
    (B, 12, W) int64
    """
    values = np.asarray(scores, dtype=float)
    flat = values.reshape(len(values), -1)
    shuffle = np.random.default_rng(seed).permutation(flat.shape[1])
    order = shuffle[np.argsort(-flat[:, shuffle], axis=1, kind="stable")]
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(flat.shape[1])[None], axis=1)
    return ranks.reshape(values.shape).astype(np.int64)
