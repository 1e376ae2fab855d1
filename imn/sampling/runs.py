"""All runs of the study: one file per network, fold and seed, so that a cut study goes on where it was."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import sha256
from itertools import groupby, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.explanation import sigmoid
from imn.sampling.arms import ARMS, Arm
from imn.sampling.cases import Cases, read_cases, signals_at, split
from imn.sampling.fitting import Indices, Material, Schedule, Signals, fit, predict
from imn.sampling.keeping import kept_or_made


@dataclass(frozen=True)
class Study:
    """The whole study.

    Parameters
    ----------
    data : Path
        PTB-XL in its native layout.
    folder : Path
        Of the runs.
    seeds : tuple of int
        One network each; a recording's logit is their mean.
    folds : int
    arms : tuple of Arm
    schedule : Schedule
    """

    data: Path
    folder: Path
    seeds: tuple[int, ...] = (0,)
    folds: int = 5
    arms: tuple[Arm, ...] = ARMS
    schedule: Schedule = field(default_factory=Schedule)


@dataclass(frozen=True, eq=False)
class Held:
    """What an arm says of every recording, each by a network that never saw its patient.

    Parameters
    ----------
    arm : Arm
    cases : Cases
    logits : (r,) float64
        After training on as many of either kind: 0 is where they are equally likely then.
    prior : (r,) float64
        Log odds of AF among the recordings trained on: to add for a probability.
    """

    arm: Arm
    cases: Cases
    logits: NDArray[np.float64]
    prior: NDArray[np.float64]

    @property
    def probability(self) -> NDArray[np.float64]:
        """Of AF at the frequency that it had in training, (r,)."""
        return sigmoid(self.logits + self.prior)


def hold_out(study: Study) -> list[Held]:
    """Train what is missing and give every arm's held-out logits.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Held
        In the order of ``study.arms``.

    Raises
    ------
    InputError
        If recordings are missing, or the folder holds another study.
    """
    from tqdm import tqdm

    cases = {source: read_cases(study.data, source) for source in {arm.source for arm in study.arms}}
    found: list[Held] = []
    total = len(study.arms) * study.folds * len(study.seeds)
    with tqdm(total=total, desc="train", unit="network", disable=None) as bar:
        for (source, fs), arms in groupby(study.arms, key=lambda arm: (arm.source, arm.fs)):
            signals = _Lazy(cases[source], fs)
            for arm in arms:
                bar.set_postfix_str(arm.name)
                parts = []
                for part in _parts(study, arm, signals):
                    parts.append(part)
                    bar.update()
                found.append(_together(arm, cases[source], parts, len(study.seeds)))
    return found


class _Lazy:
    """Signals at one rate, read when the first network needs them."""

    def __init__(self, cases: Cases, fs: float) -> None:
        self.cases, self.fs, self._signals = cases, fs, None

    def get(self) -> Signals:
        """Give the signals, (r, 12, n) float32, mV."""
        if self._signals is None:
            self._signals = signals_at(self.cases, self.fs)
        return self._signals

    def train(
        self, arm: Arm, tested: NDArray[np.bool_], schedule: Schedule, seed: int
    ) -> NDArray[np.float64]:
        """As `held_out_logits`."""
        return held_out_logits(arm, self.get(), self.cases, tested, schedule, seed)


Part = tuple[Indices, NDArray[np.float64], float]


def _parts(study: Study, arm: Arm, signals: _Lazy) -> Iterator[Part]:
    """Rows, logits and prior of each test fold, for each seed."""
    cases = signals.cases
    for seed, fold in product(study.seeds, range(study.folds)):
        folds = split(cases.patients, cases.positive, study.folds, seed=0)
        path = study.folder / f"{arm.name}-seed{seed}-fold{fold}.json"
        key = _key(study, arm, cases, seed, fold)
        train = partial(signals.train, arm, folds == fold, study.schedule, seed)
        rows = np.flatnonzero(folds == fold)
        kept = np.flatnonzero(folds != fold)
        share = cases.positive[kept].mean()
        logits = kept_or_made(path, key, train)
        yield rows, logits, float(np.log(share / (1 - share)))


def held_out_logits(
    arm: Arm,
    signals: Signals,
    cases: Cases,
    tested: NDArray[np.bool_],
    schedule: Schedule,
    seed: int,
) -> NDArray[np.float64]:
    """Train on all but the tested recordings, and give the logits of these.

    A fifth of the remaining patients is kept out of training to choose when to stop; labels of
    the tested recordings are used for nothing.

    Parameters
    ----------
    arm : Arm
    signals : (r, 12, n) float32, mV
        At the arm's rate.
    cases : Cases
        Of these recordings.
    tested : (r,) bool
    schedule : Schedule
    seed : int

    Returns
    -------
    (tested.sum(),) float64
    """
    kept = np.flatnonzero(~tested)
    positive = cases.positive & ~tested
    inner = split([cases.patients[i] for i in kept], positive[kept], 5, seed=1 + seed) == 0
    material = Material(signals, kept[~inner], kept[inner], positive)
    return predict(fit(arm, material, schedule, seed), signals, np.flatnonzero(tested))


def _together(arm: Arm, cases: Cases, parts: Sequence[Part], seeds: int) -> Held:
    logits, prior = np.zeros(len(cases.ids)), np.zeros(len(cases.ids))
    for rows, own, log_odds in parts:
        logits[rows] += own / seeds
        prior[rows] = log_odds
    return Held(arm, cases, logits, prior)


def _key(study: Study, arm: Arm, cases: Cases, seed: int, fold: int) -> dict[str, Any]:
    """All that a run depends on; the number of other seeds and arms is not part of it."""
    content = json.dumps([cases.ids, cases.patients, cases.positive.tolist()])
    return {
        "arm": asdict(arm),
        "schedule": asdict(study.schedule),
        "folds": study.folds,
        "seed": seed,
        "fold": fold,
        "recordings_sha256": sha256(content.encode()).hexdigest(),
    }
