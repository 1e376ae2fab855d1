"""How far the raters of a panel agree, what they mean together, and whether the model is one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotations.agreement import (
    alpha_of,
    coincidences,
    contingency,
    dice_of,
    fleiss_of,
    kappa_of,
    over_records,
)
from annotations.paired import Difference, paired_interval
from annotations.panel import MODEL, Panel
from annotations.score_cases import SEED, Mean, mean_of
from annotations.staple import Consensus, share_inside, staple
from imn.bootstrap import Interval, percentile_interval, resamples_of


@dataclass(frozen=True)
class Pair:
    """Agreement of two raters on the recordings that both rated.

    Parameters
    ----------
    a, b : str
    records : int
    dice : Mean
        Over recordings.
    kappa : Interval or None
        Cohen's, of all recordings together; None where it is not defined.
    """

    a: str
    b: str
    records: int
    dice: Mean
    kappa: Interval | None


@dataclass(frozen=True)
class Performance:
    """A rater against what all mean together (STAPLE).

    Parameters
    ----------
    rater : str
    records : int
        Those that another rated too.
    marked : float
        Part of the whole that the rater marks on average.
    sensitivity, specificity : float
    """

    rater: str
    records: int
    marked: float
    sensitivity: float
    specificity: float


@dataclass(frozen=True)
class AsOneOfThem:
    """The model's agreement with the raters beside theirs with each other, on the same recordings.

    Parameters
    ----------
    among : Mean
        Dice among the raters: mean over their pairs, then over recordings.
    with_model : Mean
        Dice of the model with each of them, likewise.
    difference : Difference or None
        With the model minus among; above 0 the model is closer to them than they
        are to each other.  None for fewer than two recordings.
    williams : Interval or None
        Ratio of both; 1 or more: the model may pass for one of them.  None where
        the raters have nothing in common.
    """

    among: Mean
    with_model: Mean
    difference: Difference | None
    williams: Interval | None


@dataclass(frozen=True, eq=False)
class Agreement:
    """All that is said of a panel.

    Parameters
    ----------
    panel : Panel
        The model among the raters where there is one.
    pairs : tuple of Pair
    fleiss, alpha : Interval or None
        Among the raters; Fleiss' kappa over the recordings that all of them rated.
    alpha_with_model : Interval or None
    performance : tuple of Performance
        The model as one more rater, over the recordings that two of all or more rated.
    consensus : dict of str to (n,) float64
        For each recording the probability that a unit is in the region, of the raters alone;
        of one rater it is 0 or 1.
    model : AsOneOfThem or None
    """

    panel: Panel
    pairs: tuple[Pair, ...]
    fleiss: Interval | None
    alpha: Interval | None
    alpha_with_model: Interval | None
    performance: tuple[Performance, ...]
    consensus: dict[str, NDArray[np.float64]]
    model: AsOneOfThem | None


def agree(panel: Panel, *, seed: int = SEED) -> Agreement:
    """Measure how far the raters of a panel agree.

    Parameters
    ----------
    panel : Panel
        With the model as one more rater (`annotations.panel.with_model`) or without.
    seed : int

    Returns
    -------
    Agreement
        Of one rater there are no pairs; the consensus is what that rater says.

    Notes
    -----
    The ratio is that of G. W. Williams, Biometrics 1976;32:619, as V. Chalana and Y. Kim,
    IEEE Trans Med Imaging 1997;16:642, use it for regions; its interval draws recordings.
    """
    people = [i for i, rater in enumerate(panel.raters) if rater != MODEL]
    everyone = list(range(len(panel.raters)))
    told = _together(panel, everyone)[0]
    return Agreement(
        panel=panel,
        pairs=tuple(pair for a, b in combinations(everyone, 2) if (pair := _pair(panel, a, b, seed))),
        fleiss=_coefficient(fleiss_of, panel, people, complete=True, seed=seed),
        alpha=_coefficient(alpha_of, panel, people, seed=seed),
        alpha_with_model=_coefficient(alpha_of, panel, everyone, seed=seed)
        if len(everyone) > len(people)
        else None,
        performance=tuple(_performance(panel, told, i) for i in everyone) if told else (),
        consensus=_consensus(panel, people),
        model=_as_one(panel, people, seed) if len(everyone) > len(people) else None,
    )


def _pair(panel: Panel, a: int, b: int, seed: int) -> Pair | None:
    both = [i for i in range(len(panel.records)) if panel.rated(i)[[a, b]].all()]
    tables = [
        contingency(panel.ratings[i][a], panel.ratings[i][b], weights=panel.weights[i], categories=2)
        for i in both
    ]
    dice = mean_of([float(dice_of(table)) for table in tables], seed=seed)
    if dice is None:
        return None
    # each recording counts the same, whatever the length of its beat
    even = [table / table.sum() for table in tables]
    return Pair(panel.raters[a], panel.raters[b], len(both), dice, over_records(kappa_of, even, seed=seed))


def _coefficient(
    coefficient: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    panel: Panel,
    raters: Sequence[int],
    *,
    complete: bool = False,
    seed: int,
) -> Interval | None:
    """Take a coefficient over the recordings that two of the raters, or all of them, rated."""
    matrices = []
    for i, (ratings, weights) in enumerate(zip(panel.ratings, panel.weights, strict=True)):
        count = int(panel.rated(i)[raters].sum())
        if count > 1 and (count == len(raters) or not complete):
            matrices.append(coincidences(ratings[raters], weights=weights, categories=2))
    return over_records(coefficient, matrices, seed=seed)


def _together(panel: Panel, raters: Sequence[int]) -> tuple[Consensus | None, list[int]]:
    """STAPLE over the recordings that two of the raters or more rated, and which these are.

    All at once: a rater is the same in each recording, how much is marked is not.  A recording
    with one rater would only confirm that rater.
    """
    shared = [i for i in range(len(panel.records)) if panel.rated(i)[raters].sum() > 1]
    if not shared:
        return None, []
    ratings, weights = [panel.ratings[i][raters] for i in shared], [panel.weights[i] for i in shared]
    prior = [
        np.full(len(scale), share_inside(held, scale)) for held, scale in zip(ratings, weights, strict=True)
    ]
    scales = np.concatenate([scale / scale.mean() for scale in weights])
    return staple(np.hstack(ratings), weights=scales, prior=np.concatenate(prior)), shared


def _consensus(panel: Panel, raters: Sequence[int]) -> dict[str, NDArray[np.float64]]:
    """Probability to be inside, by recording; where there is one rater, what that one says."""
    meant, shared = _together(panel, raters)
    found = {
        record: (panel.ratings[i][raters] == 1).any(axis=0).astype(float)
        for i, record in enumerate(panel.records)
    }
    if meant is not None:
        ends = np.cumsum([len(panel.weights[i]) for i in shared])[:-1]
        for i, probability in zip(shared, np.split(meant.probability, ends), strict=True):
            found[panel.records[i]] = probability
    return found


def _performance(panel: Panel, told: Consensus, rater: int) -> Performance:
    shared = [i for i in range(len(panel.records)) if panel.rated(i).sum() > 1]
    rated = [i for i in shared if panel.rated(i)[rater]]
    marked = [panel.weights[i][panel.ratings[i][rater] == 1].sum() / panel.weights[i].sum() for i in rated]
    return Performance(
        panel.raters[rater],
        len(rated),
        float(np.mean(marked)) if marked else np.nan,
        float(told.sensitivity[rater]),
        float(told.specificity[rater]),
    )


def _as_one(panel: Panel, people: Sequence[int], seed: int) -> AsOneOfThem | None:
    model = panel.raters.index(MODEL)
    among, beside = [], []
    for i in range(len(panel.records)):
        present = [one for one in people if panel.rated(i)[one]]
        if len(present) < 2 or not panel.rated(i)[model]:
            continue
        among.append(np.mean([_dice(panel, i, a, b) for a, b in combinations(present, 2)]))
        beside.append(np.mean([_dice(panel, i, model, one) for one in present]))
    first, second = mean_of(among, seed=seed), mean_of(beside, seed=seed)
    if first is None or second is None:
        return None
    difference = paired_interval(beside, among, seed=seed) if len(among) > 1 else None
    return AsOneOfThem(first, second, difference, _williams(np.array(beside), np.array(among), seed))


def _williams(beside: NDArray[np.float64], among: NDArray[np.float64], seed: int) -> Interval | None:
    if among.sum() <= 0:
        return None
    value = float(beside.mean() / among.mean())
    if len(among) < 2:
        return Interval(value, np.nan, np.nan)
    rows = resamples_of(len(among), seed=seed)
    below = among[rows].mean(axis=1)
    drawn = np.divide(beside[rows].mean(axis=1), below, out=np.full(len(rows), np.nan), where=below > 0)
    return percentile_interval(value, drawn)


def _dice(panel: Panel, record: int, a: int, b: int) -> float:
    ratings, weights = panel.ratings[record], panel.weights[record]
    return float(dice_of(contingency(ratings[a], ratings[b], weights=weights, categories=2)))
