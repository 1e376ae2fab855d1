"""Figures of a model on a fold: the macro is of superclasses, and what a fold lacks has no figure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from imn import evaluation
from imn.errors import InputError
from imn.evaluation import evaluate
from imn.explanation import Explanation
from imn.labels import LABELS
from imn.metrics import auroc, macro_gain
from imn.ptbxl import labels, read_index
from imn.results import markdown
from tests.tiny_ptbxl import write_ptbxl

K = len(LABELS)


@dataclass
class Guesser:
    """Gives each recording drawn logits, and evidence where its weights are told to lie."""

    logits: np.ndarray
    leads: list[int] = field(default_factory=lambda: [0])
    name: str = "guesser"

    def explain_many(self, records) -> Iterator[Explanation]:
        for record, logits, lead in zip(records, self.logits, self.leads, strict=True):
            signal = np.ones((12, 400), np.float32)
            weights = np.zeros((K, 12, 400), np.float32)
            weights[:, lead] = 1.0
            parts = (logits, np.zeros(K), weights, signal)
            yield Explanation(record.id, record.fs, self.name, LABELS, *parts)


@pytest.fixture(scope="module")
def ptbxl(tmp_path_factory) -> Path:
    """Twelve recordings of fold 9 with infarcts of both walls, and four of fold 8 without."""
    codes = ("NORM", "ASMI", "NDT", "LAFB", "LVH", "IMI")
    return write_ptbxl(tmp_path_factory.mktemp("nine") / "ptbxl", [9] * 12 + [8], codes=codes)


def test_macro_is_over_superclasses_and_absent_findings_have_no_figure(ptbxl):
    truth = labels(read_index(ptbxl, [9])) > 0
    logits = np.random.default_rng(0).normal(size=truth.shape)
    found = evaluate(Guesser(logits, [6] * 12), ptbxl, 9)
    rows = {row["label"]: row for row in found["rows"]}
    assert tuple(rows) == LABELS
    for k, name in enumerate(LABELS):
        assert rows[name]["n_positive"] == truth[:, k].sum()
        if truth[:, k].any():
            assert rows[name]["auroc"] == pytest.approx(auroc(truth[:, k], logits[:, k]))
            assert rows[name]["low"] <= rows[name]["auroc"] <= rows[name]["high"]
        else:
            assert rows[name]["auroc"] is rows[name]["low"] is rows[name]["high"] is None
    assert {name for name, row in rows.items() if row["auroc"] is None} == {
        "LMI", "ISCA", "ISCI", "ISCL", "CLBBB", "CRBBB", "IRBBB", "IVCD", "1AVB", "AFIB"
    }  # fmt: skip
    macro = np.mean([rows[name]["auroc"] for name in LABELS[:5]])
    assert found["headline"]["auroc_macro"]["value"] == pytest.approx(macro)
    assert "| AFIB | 0 |  |  |  |" in markdown(found)


def test_evidence_on_the_leads_of_the_wall_is_told(ptbxl):
    anterior = [entry.territory == "anterior" for entry in read_index(ptbxl, [9])]
    logits = np.random.default_rng(0).normal(size=(12, K))
    for leads, expected in ((7, 1), 1.0), ((1, 8), 0.0), ((7, 7), 0.5):
        guesser = Guesser(logits, [leads[0] if a else leads[1] for a in anterior])
        figure = evaluate(guesser, ptbxl, 9)["headline"]["leads_auroc"]
        assert (figure["value"], figure["n"]) == (expected, 4)


def test_groups_by_sex_and_age_hold_those_who_belong_to_them(ptbxl, monkeypatch):
    entries = read_index(ptbxl, [9])
    truth = labels(entries)[:, :5] > 0
    logits = np.random.default_rng(0).normal(size=(12, K))
    guesser = Guesser(logits, [0] * 12)
    (rows,) = evaluate(guesser, ptbxl, 9)["tables"].values()
    assert [row["n"] for row in rows] == [6, 6, 3, 3, 3, 3]
    assert [row["auroc"] for row in rows] == [None] * 6, "too few to say anything"
    monkeypatch.setattr(evaluation, "FEWEST", 1)
    (rows,) = evaluate(guesser, ptbxl, 9)["tables"].values()
    found = {row["group"]: row["auroc"] for row in rows}
    assert found["0 to 49 years"] is None, "three recordings hold not every class"
    men = np.array([entry.sex == "male" for entry in entries])
    assert men.tolist() == [True] * 6 + [False] * 6
    for name, kept in (("male", men), ("female", ~men)):
        assert found[name] == pytest.approx(np.mean(auroc(truth[kept].T, logits[kept, :5].T)))


def test_a_fold_without_a_superclass_is_refused(ptbxl):
    with pytest.raises(InputError, match="with and without NORM, MI, STTC, CD, HYP; choose another fold"):
        evaluate(Guesser(np.zeros((1, K))), ptbxl, 8)


def test_gain_of_the_macro_is_paired():
    rng = np.random.default_rng(0)
    truth = rng.random((80, 3)) < 0.4
    good, bad = truth + rng.normal(size=truth.shape), rng.normal(size=truth.shape)
    nothing = macro_gain(truth, good, 2.0 * good + 1.0, resamples=100)
    assert nothing.value == nothing.low == nothing.high == 0
    gain, loss = macro_gain(truth, good, bad, resamples=100), macro_gain(truth, bad, good, resamples=100)
    expected = np.mean(auroc(truth.T, good.T)) - np.mean(auroc(truth.T, bad.T))
    assert gain.value == pytest.approx(expected) and gain.low < gain.value < gain.high
    assert (gain.value, gain.low, gain.high) == pytest.approx((-loss.value, -loss.high, -loss.low))
