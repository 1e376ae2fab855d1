"""Learn from PTB-XL's statements which evidence goes with which region (`cine_mapping.operators.statements`).

Every recording is read by a network that never saw its fold.  The stiffness of the ridge is chosen on
the same recordings, each fold left out of the fit in turn, by mean Dice at the size that is marked;
no recording of fold 9 or of another database has a part in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.masks import scored_areas
from annotations.readings import Reading, Stated, dice_at, place_mask, read_all
from cine_mapping.anatomy import REGIONS, Anatomy
from cine_mapping.operators.statements import Statements, evidence_features, fit_statements, region_shares
from imn.errors import InputError

if TYPE_CHECKING:
    from imn.model import Model

STIFFNESS = (30.0, 100.0, 300.0, 1000.0)
LEAST = 50
"""Recordings below which nothing is learned of a label."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """Recordings of one label.

    Parameters
    ----------
    features : (n, 96) float64
    marked : (n, r) float64
        Part of each of `REGIONS` that is marked.
    fold : (n,) int
    truth : (n, v) bool
    """

    features: NDArray[np.float64]
    marked: NDArray[np.float64]
    fold: NDArray[np.int64]
    truth: NDArray[np.bool_]


def teach(stated: Sequence[Stated], models: Mapping[int, "Model"], anatomy: Anatomy) -> dict[str, Statements]:
    """Learn from recordings whose statements have a place.

    Parameters
    ----------
    stated : sequence of Stated
    models : mapping of fold to Model
        For each fold, one that never saw it.
    anatomy : Anatomy

    Returns
    -------
    dict of str to Statements
        For each label with recordings enough.

    Raises
    ------
    InputError
        If no label has.
    """
    from tqdm import tqdm

    readings = [
        reading
        for fold, model in models.items()
        for reading in tqdm(
            read_all([one for one in stated if one.fold == fold], model), desc=f"fold {fold}", disable=None
        )
    ]
    lessons = {
        label: [r for r in readings if r.label == label] for label in dict.fromkeys(r.label for r in readings)
    }
    learned = {
        label: _learn(_lesson(own, anatomy), anatomy) for label, own in lessons.items() if len(own) >= LEAST
    }
    if not learned:
        msg = f"expected {LEAST} recordings or more of a label whose statements have a place, found fewer"
        raise InputError(msg)
    return learned


def _lesson(readings: Sequence[Reading], anatomy: Anatomy) -> Lesson:

    marked = [[name in r.stated.places(r.label) for name in REGIONS] for r in readings]
    return Lesson(
        features=np.stack([evidence_features(r.evidence, r.beat) for r in readings]),
        marked=np.array(marked, dtype=float),
        fold=np.array([r.stated.fold for r in readings]),
        truth=np.stack([place_mask(r, anatomy) for r in readings]),
    )


def _learn(lesson: Lesson, anatomy: Anatomy) -> Statements:
    areas = scored_areas(anatomy)
    dices = {
        stiffness: np.mean(
            [
                dice_at(share, mask, areas)
                for share, mask in zip(_held_out(lesson, anatomy, stiffness), lesson.truth, strict=True)
            ]
        )
        for stiffness in STIFFNESS
    }
    best = max(dices, key=lambda stiffness: dices[stiffness])
    return fit_statements(lesson.features, lesson.marked, stiffness=best)


def _held_out(lesson: Lesson, anatomy: Anatomy, stiffness: float) -> list[NDArray[np.float64]]:
    """Lay each recording out by what the other folds taught."""
    found: list[NDArray[np.float64]] = [np.zeros(0)] * len(lesson.fold)
    for fold in np.unique(lesson.fold):
        own = lesson.fold == fold
        fitted = fit_statements(lesson.features[~own], lesson.marked[~own], stiffness=stiffness)
        for i in np.flatnonzero(own):
            found[i] = region_shares(fitted.regions(lesson.features[i]), anatomy)
    return found
