"""Whether a difference over cases means anything: interval and test of paired scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from imn import bootstrap
from imn.errors import InputError

RESAMPLES = 9999


@dataclass(frozen=True)
class Difference:
    """Mean difference of paired scores with its confidence interval and test.

    Parameters
    ----------
    mean, low, high : float
    level : float
        Of confidence.
    cases : int
    p : float
        Of the permutation test, two-sided (`paired_test`).
    """

    mean: float
    low: float
    high: float
    level: float
    cases: int
    p: float


def paired_test(a: ArrayLike, b: ArrayLike, *, seed: int) -> float:
    """Test whether two scores of the same cases differ in the mean, by exchanging them case by case.

    Exact over all 2^n exchanges for up to 13 cases, over 9,999 random ones beyond
    (`scipy.stats.permutation_test`; Phipson and Smyth 2010 for the count of one in front).

    Parameters
    ----------
    a, b : (n,) float
        Scores of the same cases in the same order.
    seed : int

    Returns
    -------
    float
        Two-sided p: twice the smaller of both sides, at most 1; never 0.

    Raises
    ------
    InputError
        If the scores are not paired, not finite, or of fewer than two cases.
    """
    first, second = bootstrap.paired_values(a, b)
    from scipy.stats import permutation_test

    tested = permutation_test(
        (first, second),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=max(1, 5_000_000 // len(first)),
        # scipy 1.15 renamed it to rng and still takes this name, which older ones need
        random_state=np.random.default_rng(seed),  # pyright: ignore[reportCallIssue]
    )
    return float(tested.pvalue)


def paired_interval(a: ArrayLike, b: ArrayLike, *, seed: int, level: float = 0.95) -> Difference:
    """Bootstrap the mean of a - b over cases, by BCa (Efron 1987), and test it (`paired_test`).

    Parameters
    ----------
    a, b : (n,) float
        Scores of the same cases in the same order.
    seed : int
    level : float

    Returns
    -------
    Difference
        Where every case differs by the same amount, the interval is that amount.

    Raises
    ------
    InputError
        If the scores are not paired, not finite, or of fewer than two cases.
    """
    found = bootstrap.paired_interval(a, b, seed=seed, level=level)
    return Difference(found.value, found.low, found.high, level, np.size(a), paired_test(a, b, seed=seed))


def paired_intervals(
    scores: Sequence[float], baselines: Sequence[Mapping[str, float]], *, seed: int
) -> dict[str, Difference]:
    """Compare the scores of several cases with each of their baselines.

    Parameters
    ----------
    scores : (n,) float
    baselines : n mappings of name to score
        As `annotations.baselines.vertex_baselines` gives them, one per case.
    seed : int

    Returns
    -------
    dict of str to Difference
        Score minus baseline.

    Raises
    ------
    InputError
        If the cases do not all have the same baselines, or as `paired_interval`.
    """
    if not baselines:
        msg = "expected the baselines of at least one case, got none"
        raise InputError(msg)
    names = list(baselines[0])
    if any(set(entry) != set(names) for entry in baselines):
        msg = f"every case must have the same baselines, the first has {', '.join(names)}"
        raise InputError(msg)
    return {name: paired_interval(scores, [entry[name] for entry in baselines], seed=seed) for name in names}
