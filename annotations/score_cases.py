"""Scores over recordings: means with intervals, and the difference to every control.

Figures are kept apart by provenance, label, and where the score was taken: on the
heart or on leads x time.  A recording counts once, however many raters marked it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotations.lead_baselines import on_beat_of
from annotations.map_score import MapScore
from annotations.masks import scored_areas
from annotations.overlap import area_fraction, lead_time_overlap, mesh_overlap, top_density_mask
from annotations.paired import Difference, paired_interval
from annotations.scores import Score
from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat
from imn import bootstrap

HEART, LEAD_TIME = "heart", "leads x time"
OTHERS = "another patient's map"
MOST_OTHERS = 20
"""Other patients whose maps stand in, drawn where there are more."""
SEED = 0


@dataclass(frozen=True, eq=False)
class Scored:
    """A score with what another patient's map needs to stand in for it.

    Parameters
    ----------
    score : Score
    anatomy : Anatomy
    beat : Beat
    evidence : (12, m) float64, logit
        On the beat.
    """

    score: Score
    anatomy: Anatomy
    beat: Beat
    evidence: NDArray[np.float64]

    @property
    def record(self) -> str:
        """Recording that it is of."""
        return self.score.annotation.record_id

    def on(self, where: str) -> MapScore | None:
        """Give the scores on one ground.

        Parameters
        ----------
        where : str
            `HEART` or `LEAD_TIME`.

        Returns
        -------
        MapScore or None
            None if they were not taken.
        """
        return self.score.places if where == HEART else self.score.times

    def controls(self, where: str) -> Mapping[str, float]:
        """Give Dice of the controls that need no other patient.

        Parameters
        ----------
        where : str
            As in `on`.

        Returns
        -------
        mapping of str to float
        """
        return self.score.baselines if where == HEART else self.score.lead_baselines


@dataclass(frozen=True)
class RecordScores:
    """What one recording brings to a group, averaged over its raters.

    Parameters
    ----------
    record : str
    raters : tuple of str
    figures : dict of str to float
        As `MapScore.figures`.
    controls : dict of str to float
        Dice of each control.
    """

    record: str
    raters: tuple[str, ...]
    figures: dict[str, float]
    controls: dict[str, float]


@dataclass(frozen=True)
class Mean:
    """A figure over recordings.

    Parameters
    ----------
    value : float
    low, high : float or None
        95 % interval by BCa over recordings; None for one recording.
    cases : int
        Recordings that have it: those without a distance have none.
    """

    value: float
    low: float | None
    high: float | None
    cases: int


@dataclass(frozen=True)
class Group:
    """Scores of one label and one provenance over recordings.

    Parameters
    ----------
    label, provenance : str
    where : str
        `HEART` or `LEAD_TIME`.
    cases : tuple of RecordScores
    figures : dict of str to Mean
    controls : dict of str to Mean
        Dice of each control that every recording has.
    differences : dict of str to Difference
        Dice minus each control's, paired; empty for one recording.
    """

    label: str
    provenance: str
    where: str
    cases: tuple[RecordScores, ...]
    figures: dict[str, Mean]
    controls: dict[str, Mean]
    differences: dict[str, Difference]


def groups_of(scored: Iterable[Scored], *, seed: int = SEED) -> tuple[Group, ...]:
    """Put scores together by label, provenance and place, never two provenances in one figure.

    Drafts do not count; where a recording was adjudicated, that reading alone does.

    Parameters
    ----------
    scored : iterable of Scored
    seed : int

    Returns
    -------
    tuple of Group
        Sorted by label, provenance and place.
    """
    held: dict[tuple[str, str, str], list[Scored]] = defaultdict(list)
    for one in scored:
        if one.score.annotation.state == "draft":
            continue
        for where in (HEART, LEAD_TIME):
            if one.on(where) is not None:
                held[one.score.finding.label, one.score.finding.provenance, where].append(one)
    return tuple(_group(key, _settled(held[key]), seed) for key in sorted(held))


def mean_of(values: Sequence[float], *, seed: int = SEED) -> Mean | None:
    """Average a figure over the recordings that have it.

    Parameters
    ----------
    values : sequence of float
        Not finite where a recording has none.
    seed : int

    Returns
    -------
    Mean or None
        None if none has it; without an interval if one has.
    """
    finite = [value for value in values if np.isfinite(value)]
    if not finite:
        return None
    if len(finite) < 2:
        return Mean(finite[0], None, None, 1)
    found = bootstrap.interval(finite, seed=seed)
    return Mean(found.value, found.low, found.high, len(finite))


def others_dice(scored: Sequence[Scored], where: str, *, seed: int = SEED) -> list[float]:
    """Dice that maps of other recordings reach on each one's annotation, by the same rule.

    Parameters
    ----------
    scored : sequence of Scored
        Of one label and one provenance, all scored there.
    where : str
    seed : int

    Returns
    -------
    list of float
        The mean over the others, NaN where there is none on the same anatomy.
    """
    rng, found = np.random.default_rng(seed), []
    for mine in scored:
        others = [one for one in scored if one.record != mine.record]
        if where == HEART:
            others = [one for one in others if one.anatomy is mine.anatomy]
        if len(others) > MOST_OTHERS:
            others = [others[i] for i in rng.choice(len(others), MOST_OTHERS, replace=False)]
        dice = _on_heart if where == HEART else _on_leads
        found.append(float(np.mean([dice(mine, one) for one in others])) if others else np.nan)
    return found


def _on_heart(mine: Scored, other: Scored) -> float:
    areas, truth = scored_areas(mine.anatomy), mine.score.truth
    shown = top_density_mask(other.score.density, areas, fraction=area_fraction(truth, areas))
    return mesh_overlap(shown, truth, areas=areas).dice


def _on_leads(mine: Scored, other: Scored) -> float:
    truth = mine.score.marked
    if truth is None:
        return np.nan
    like = (truth.shape[1], mine.beat.r_peak, mine.beat.fs)
    values = on_beat_of(other.evidence, r_peak=other.beat.r_peak, fs=other.beat.fs, like=like)
    shown = top_density_mask(values, np.ones(truth.shape), fraction=float(truth.mean()))
    return lead_time_overlap(shown, truth).dice


def _settled(scored: list[Scored]) -> list[Scored]:
    """Leave the adjudicated reading of a recording alone where there is one."""
    settled = {one.record for one in scored if one.score.annotation.state == "adjudicated"}
    return [one for one in scored if one.record not in settled or one.score.annotation.state == "adjudicated"]


def _group(key: tuple[str, str, str], scored: list[Scored], seed: int) -> Group:
    label, provenance, where = key
    others = others_dice(scored, where, seed=seed)
    by_record: dict[str, list[tuple[Scored, float]]] = defaultdict(list)
    for one, dice in zip(scored, others, strict=True):
        by_record[one.record].append((one, dice))
    cases = tuple(_case(record, held, where) for record, held in sorted(by_record.items()))

    def over(values: Callable[[RecordScores], dict[str, float]]) -> dict[str, Mean]:
        names = list(values(cases[0]))
        means = {
            name: mean_of([values(case).get(name, np.nan) for case in cases], seed=seed) for name in names
        }
        return {name: mean for name, mean in means.items() if mean is not None}

    controls = {name: mean for name, mean in over(lambda c: c.controls).items() if mean.cases == len(cases)}
    dice = [case.figures["Dice"] for case in cases]
    differences = {
        name: paired_interval(dice, [case.controls[name] for case in cases], seed=seed)
        for name in controls
        if len(cases) > 1
    }
    return Group(label, provenance, where, cases, over(lambda c: c.figures), controls, differences)


def _case(record: str, held: list[tuple[Scored, float]], where: str) -> RecordScores:
    scores = [score for one, _ in held if (score := one.on(where)) is not None]
    controls = [{**one.controls(where), OTHERS: dice} for one, dice in held]
    raters = tuple(sorted({one.score.annotation.rater for one, _ in held}))
    return RecordScores(record, raters, _averaged([s.figures for s in scores]), _averaged(controls))


def _averaged(entries: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean of each name over raters, leaving out those that are not defined."""
    means = {}
    for name in entries[0]:
        finite = [entry[name] for entry in entries if np.isfinite(entry.get(name, np.nan))]
        means[name] = float(np.mean(finite)) if finite else np.nan
    return means
