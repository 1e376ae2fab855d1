"""Whether a map stays the same where nothing that matters has changed.

Two changes that must not matter: the seed a model was trained from, and noise that leaves the
reading as it was.

References
----------
Yeh et al., NeurIPS 2019, arXiv 1901.09392 (max-sensitivity).
Arends et al. 2026, Eur Heart J Digit Health, doi 10.1093/ehjdh/ztag038 (correlation of ECG
attributions between re-initialised networks: 0.41 to 0.65 for twelve methods).

Deviations
----------
- Max-sensitivity is divided by the norm of the map itself, as captum does, so that methods whose
  maps have different units compare.  Yeh et al. do not divide; Quantus divides by the norm of
  the *signal*, which makes a map of small numbers look stable.
- Changes are physiological noise, not a uniform draw from a ball.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from imn.attribution.noise import Noise
from imn.attribution.running import record_rng
from imn.bootstrap import Interval, interval
from imn.errors import InputError

Explain = Callable[[Tensor, Tensor], ArrayLike]
"""(B, 12, n) float32 mV and labels (B,) int64 to maps (B, 12, n): a method of one classifier."""


def map_correlation(a: ArrayLike, b: ArrayLike, *, ranks: bool = False) -> NDArray[np.float64]:
    """Correlate two maps of each recording over leads and time.

    Give maps summed over windows (`imn.attribution.windows.window_sums`) to ask for the same
    places instead of the same samples.

    Parameters
    ----------
    a, b : (B, 12, n) float
    ranks : bool
        Spearman's correlation instead of Pearson's.

    Returns
    -------
    (B,) float64
        -1 to 1; 0 where a map is constant and so points nowhere.

    Raises
    ------
    InputError
        If the shapes differ, or a value is not finite.
    """
    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if first.ndim < 2 or first.shape != second.shape:
        msg = f"expected two maps of each recording, (B, 12, n), got {first.shape} and {second.shape}"
        raise InputError(msg)
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        msg = "expected finite maps, found NaN or infinity; leave such recordings out of both"
        raise InputError(msg)
    rows = [_standardised(values.reshape(len(values), -1), ranks) for values in (first, second)]
    return np.clip((rows[0] * rows[1]).sum(axis=1), -1.0, 1.0)


def seed_correlations(maps: ArrayLike, *, ranks: bool = False) -> NDArray[np.float64]:
    """Give the mean correlation over all pairs of models trained from different seeds.

    Parameters
    ----------
    maps : (M, B, 12, n) float
        Of M models by the same method, for the same recordings and labels.
    ranks : bool

    Returns
    -------
    (B,) float64

    Raises
    ------
    InputError
        If there are fewer than two models, or as `map_correlation`.
    """
    models = [np.asarray(entry) for entry in np.asarray(maps)]
    if len(models) < 2:
        msg = f"expected maps of at least two models, got {len(models)}; train another seed"
        raise InputError(msg)
    pairs = [map_correlation(a, b, ranks=ranks) for a, b in combinations(models, 2)]
    return np.mean(pairs, axis=0)


def median_over_records(values: ArrayLike, *, seed: int = 0) -> Interval:
    """Give the median over recordings with its bootstrap interval.

    Parameters
    ----------
    values : (B,) float
    seed : int

    Returns
    -------
    Interval

    Raises
    ------
    InputError
        If there are fewer than two values, or one is not finite.
    """
    return interval(values, statistic=np.median, seed=seed)


def max_sensitivity(
    explain: Explain,
    signal: Tensor,
    target: Tensor,
    *,
    noise: Noise,
    draws: int = 10,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Give the largest relative change of a map under noise.

    ``max over draws of ||A(x + e) - A(x)|| / ||A(x)||`` with the label held.  A recording's noise
    depends on itself and the seed only, so that every method sees the same.

    Parameters
    ----------
    explain : callable
        A method of one classifier, such as ``partial(METHODS["own"], classifier)``.
    signal : (B, 12, n) float32, mV
    target : (B,) int64
    noise : Noise
    draws : int
    seed : int

    Returns
    -------
    (B,) float64
        Infinite where the map is zero and changes, 0 where it is zero and stays.

    Raises
    ------
    InputError
        If there is no draw, or as `Noise.draw`.

    Notes
    -----
    The signal itself, taken as a map, has ``10 ** (-snr_db / 20)`` where its leads have no mean: 0.1 at
    20 dB.  What is a product with the signal moves about as much even when its weights hold still.
    """
    if draws < 1:
        msg = f"expected at least one draw of noise, got {draws}"
        raise InputError(msg)
    rngs = [record_rng(record, seed) for record in signal]
    still = _rows(explain(signal, target))
    size = np.linalg.norm(still, axis=1)
    largest = np.zeros(len(still))
    clean = signal.detach().cpu().numpy()
    for _ in range(draws):
        added = np.stack([noise.draw(record, rng) for record, rng in zip(clean, rngs, strict=True)])
        moved = _rows(explain(signal + torch.as_tensor(added).to(signal), target))
        largest = np.maximum(largest, np.linalg.norm(moved - still, axis=1))
    unchanged = np.where(largest > 0, np.inf, 0.0)
    return np.divide(largest, size, out=unchanged, where=size > 0)


def _standardised(rows: NDArray[np.float64], ranks: bool) -> NDArray[np.float64]:
    """Centre each row and scale it to norm one; a constant row becomes zero."""
    if ranks:
        from scipy.stats import rankdata

        rows = rankdata(rows, axis=1)
    # A constant row keeps a trace of rounding when its mean is taken away.
    varied = np.ptp(rows, axis=1, keepdims=True) > 0
    centred = np.where(varied, rows - rows.mean(axis=1, keepdims=True), 0.0)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.divide(centred, norm, out=np.zeros_like(centred), where=norm > 0)


def _rows(maps: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(maps, dtype=float)
    return values.reshape(len(values), -1)
