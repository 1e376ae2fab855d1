"""What the network is asked about, and which statements of PTB-XL mean it."""

import csv
from pathlib import Path

import pytest

from imn.labels import ANTERIOR, FINDINGS, INFERIOR, LABELS, LATERAL, SUPERCLASSES, WORDS
from imn.ptbxl import labels, read_index
from imn.recipe import MIXTURES

CODES = {finding.name: finding.codes for finding in FINDINGS}
COUNTS = {
    "AMI": 203, "IMI": 183, "LMI": 67, "CLBBB": 29, "CRBBB": 36, "IRBBB": 100, "LAFB": 146, "IVCD": 58,
    "1AVB": 59, "LVH": 158, "AFIB": 93,
}  # fmt: skip
"""Recordings with a statement, of any likelihood, in the excerpt of PTB-XL that tests run on."""


def test_superclasses_come_first_and_every_label_is_named_once():
    assert LABELS[:5] == SUPERCLASSES == ("NORM", "MI", "STTC", "CD", "HYP")
    assert len(set(LABELS)) == len(LABELS) == 19
    assert tuple(WORDS) == LABELS
    assert len(set(WORDS.values())) == len(LABELS)


def test_walls_share_the_statements_that_name_both_and_no_others():
    assert not ANTERIOR & INFERIOR
    assert sorted(ANTERIOR & LATERAL) == ["ALMI", "INJAL"]
    assert sorted(INFERIOR & LATERAL) == ["ILMI", "INJIL", "IPLMI"]
    assert not CODES["ISCA"] & CODES["ISCI"]
    assert CODES["ISCA"] & CODES["ISCL"] == {"ISCAL"}
    assert CODES["ISCI"] & CODES["ISCL"] == {"ISCIL"}


def test_all_other_findings_are_one_statement_each():
    walls = {"AMI", "IMI", "LMI", "ISCA", "ISCI", "ISCL"}
    assert all(codes == {name} for name, codes in CODES.items() if name not in walls)
    infarcts = CODES["AMI"] | CODES["IMI"] | CODES["LMI"]
    assert not infarcts & (CODES["ISCA"] | CODES["ISCI"] | CODES["ISCL"])


def test_mixtures_name_superclasses_and_read_findings():
    for name, kinds in MIXTURES:
        assert name in SUPERCLASSES
        assert set(kinds) <= set(CODES)


@pytest.mark.data
def test_what_reads_a_superclass_belongs_to_it(data_dir: Path) -> None:
    with (data_dir / "ptbxl" / "scp_statements.csv").open(newline="", encoding="utf-8") as file:
        classes = {row[""]: row["diagnostic_class"] for row in csv.DictReader(file)}
    assert set().union(*CODES.values()) <= set(classes)
    for name, kinds in MIXTURES:
        assert {classes[code] for kind in kinds for code in CODES[kind]} == {name}
    assert {classes[code] for code in CODES["ISCA"] | CODES["ISCI"] | CODES["ISCL"]} == {"STTC"}


@pytest.mark.data
def test_counts_on_real_recordings(data_dir: Path) -> None:
    entries = read_index(data_dir / "ptbxl")
    truth = labels(entries)
    counts = dict(zip(LABELS, truth.sum(axis=0).astype(int).tolist(), strict=True))
    assert {name: counts[name] for name in COUNTS} == COUNTS
    assert {name: counts[name] for name in ("ISCA", "ISCI", "ISCL")} == {
        name: sum(not CODES[name].isdisjoint(entry.codes) for entry in entries)
        for name in ("ISCA", "ISCI", "ISCL")
    }
    for name, kinds in MIXTURES:
        of_kinds = truth[:, [LABELS.index(kind) for kind in kinds]].any(axis=1)
        assert (truth[of_kinds, LABELS.index(name)] == 1).all()
    ninth = [entry.territory for entry in entries if entry.fold == 9]
    assert len(ninth) == 248
    assert sum(wall is not None for wall in ninth) == 42
