"""What maps of real recordings are asked, and what the shipped network's answer on fold 9."""

from pathlib import Path

import pytest

from cine_mapping import load_anatomy
from cine_mapping.anatomy import REGIONS
from cine_mapping.localisation.real import MAPS, QUESTIONS, Question, real_rows
from imn import load_model
from imn.ptbxl import Entry

EVEN = dict.fromkeys(REGIONS, 1 / len(REGIONS))


def entry(*codes: str) -> Entry:
    return Entry(1, "1", 9, Path("1"), dict.fromkeys(codes, 100.0), frozenset())


@pytest.mark.parametrize(
    ("number", "codes", "answer"),
    [
        (0, ("AMI",), True),
        (0, ("IMI",), False),
        (0, ("AMI", "IMI"), None),
        (1, ("ALMI",), True),
        (1, ("IMI",), False),
        (1, ("NORM",), None),
        (2, ("IPMI",), True),
        (2, ("AMI",), False),
        (3, ("CRBBB",), True),
        (3, ("CLBBB",), False),
        (3, ("CRBBB", "CLBBB"), None),
        (3, ("NORM",), None),
    ],
)
def test_statements_answer_the_questions(number: int, codes: tuple[str, ...], answer: bool | None) -> None:
    assert QUESTIONS[number].answer(entry(*codes)) is answer


@pytest.mark.parametrize(
    ("number", "region"),
    [(0, "mid anterior"), (1, "mid anterolateral"), (2, "basal inferolateral"), (3, "RV free wall")],
)
def test_evidence_in_the_region_asked_for_raises_the_score(number: int, region: str) -> None:
    question: Question = QUESTIONS[number]
    assert question.score({**EVEN, region: 0.5}) > question.score(EVEN)


def test_inferior_evidence_lowers_the_score_of_anterior() -> None:
    assert QUESTIONS[0].score({**EVEN, "mid inferior": 0.5}) < QUESTIONS[0].score(EVEN)


@pytest.mark.data
def test_maps_of_real_recordings_tell_walls_and_ventricles(data_dir: Path) -> None:
    asked = (QUESTIONS[0], QUESTIONS[3])
    rows = real_rows(data_dir / "ptbxl", load_anatomy("reference"), {9: load_model()}, asked)
    found = {(row["question"], row["map"]): row["auroc"] for row in rows}
    assert len(rows) == len(asked) * len(MAPS)
    for question in asked:
        assert found[question.words, "average"] >= 0.80
        assert found[question.words, "average"] > found[question.words, "path"]
