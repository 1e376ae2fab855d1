"""Whether maps of real recordings tell what the statements of PTB-XL say of place.

Four questions, each with a score that is high for the first answer:

- anterior or inferior infarct: LAD less RCA share of the map of MI
- lateral wall involved or not: LCX share of the map of MI
- posterior wall involved or not: share of the basal and mid inferior and inferolateral segments
- right or left bundle branch block: share of the right ventricle in the map of CD

The class asked for tells none of them: MI is the same class for every infarct, CD
for both blocks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import RV_REGIONS, Anatomy
from cine_mapping.beats import find_beat
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import WEIGHTS, average, plan_modalities
from cine_mapping.segments import TERRITORIES
from cine_mapping.shares import region_shares
from imn.errors import InputError
from imn.labels import ANTERIOR, INFERIOR, LATERAL
from imn.metrics import auroc_gains, auroc_intervals
from imn.ptbxl import Entry, read_index

if TYPE_CHECKING:
    from imn.model import Model

MAPS = ("average", *WEIGHTS)
POSTERIOR = frozenset(("PMI", "IPMI", "IPLMI"))
INFARCT = ANTERIOR | INFERIOR | LATERAL | POSTERIOR
POSTERIOR_SEGMENTS = ("basal inferior", "mid inferior", "basal inferolateral", "mid inferolateral")


@dataclass(frozen=True)
class Question:
    """What is asked of a map.

    Parameters
    ----------
    words : str
    label : str
        Whose evidence is mapped.
    answer : callable
        From an entry to True, False, or None where it is not asked.
    score : callable
        From shares by region to a number that is high for True.
    """

    words: str
    label: str
    answer: Callable[[Entry], bool | None]
    score: Callable[[Mapping[str, float]], float]


def _territory(entry: Entry) -> bool | None:
    return None if entry.territory is None else entry.territory == "anterior"


def _involves(codes: frozenset[str]) -> Callable[[Entry], bool | None]:
    return lambda entry: bool(codes & entry.codes.keys()) if INFARCT & entry.codes.keys() else None


def _right_block(entry: Entry) -> bool | None:
    right, left = "CRBBB" in entry.codes, "CLBBB" in entry.codes
    return None if right == left else right


def _sum(names: Sequence[str]) -> Callable[[Mapping[str, float]], float]:
    return lambda shares: sum(shares[name] for name in names)


def _contrast(shares: Mapping[str, float]) -> float:
    return _sum(TERRITORIES["LAD"])(shares) - _sum(TERRITORIES["RCA"])(shares)


QUESTIONS = (
    Question("anterior or inferior infarct", "MI", _territory, _contrast),
    Question("lateral wall or not", "MI", _involves(LATERAL), _sum(TERRITORIES["LCX"])),
    Question("posterior wall or not", "MI", _involves(POSTERIOR), _sum(POSTERIOR_SEGMENTS)),
    Question("right or left bundle branch block", "CD", _right_block, _sum(RV_REGIONS)),
)


def real_rows(
    data_dir: Path, anatomy: Anatomy, models: Mapping[int, "Model"], questions: Sequence[Question] = QUESTIONS
) -> list[dict[str, Any]]:
    """Ask every question of every map of every recording that it can be asked of.

    Parameters
    ----------
    data_dir : Path
        PTB-XL in its native layout.
    anatomy : Anatomy
    models : mapping of fold to Model
        For each fold a model that never saw it.
    questions : sequence of Question

    Returns
    -------
    list of dict
        One row per question and map: AUROC with its interval, and what the
        average has more, paired.
    """
    from tqdm import tqdm

    from imn.formats import read_record

    held: dict[str, list[tuple[bool, list[float]]]] = {q.words: [] for q in questions}
    for entry in tqdm(read_index(data_dir, models), desc="real recordings", disable=None):
        asked = [(q, answer) for q in questions if (answer := q.answer(entry)) is not None]
        if not asked:
            continue
        explanation = models[entry.fold].explain(read_record(entry.file), spread=False)
        try:
            beat = find_beat(explanation.signal, explanation.fs)
        except InputError:
            continue
        plan = plan_modalities(anatomy, beat)
        shares = {
            label: _shares(plan.apply(explanation, label), anatomy) for label in {q.label for q, _ in asked}
        }
        for question, answer in asked:
            held[question.words].append((answer, [question.score(shares[question.label][m]) for m in MAPS]))
    return [row for question in questions for row in _rows(question, held[question.words])]


def _shares(maps: Mapping[str, HeartMap], anatomy: Anatomy) -> dict[str, dict[str, float]]:
    return {name: region_shares(held, anatomy) for name, held in {**maps, "average": average(maps)}.items()}


def _rows(question: Question, held: Sequence[tuple[bool, list[float]]]) -> list[dict[str, Any]]:
    truth = np.array([answer for answer, _ in held], dtype=bool)
    scores: NDArray[np.float64] = np.array([row for _, row in held])
    if truth.all() or not truth.any():
        return []
    found, _ = auroc_intervals(np.repeat(truth[:, None], len(MAPS), axis=1), scores)
    gains = auroc_gains(truth, scores)
    return [
        {
            "question": question.words,
            "map": name,
            "n_yes": int(truth.sum()),
            "n_no": int((~truth).sum()),
            "auroc": interval.value,
            "low": interval.low,
            "high": interval.high,
            "average_minus": gain.value,
            "minus_low": gain.low,
            "minus_high": gain.high,
        }
        for name, interval, gain in zip(MAPS, found, gains, strict=True)
    ]
