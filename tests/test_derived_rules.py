"""Rules from statements to places and criteria: complete, consistent, and what the sources say."""

import csv
from pathlib import Path

import pytest

from annotations import PLACES
from annotations.derived_rules import (
    FINDING_PLACES,
    GROUNDS,
    RULES,
    STAGES,
    WAVES,
    criteria,
    labels_of,
    territory_regions,
)
from annotations.places import PLACES_NAMED
from annotations.statement_rules import LUDB_KINDS, LUDB_WALLS, WALL_LEADS
from cine_mapping.anatomy import AHA_SEGMENTS
from cine_mapping.segments import TERRITORIES
from imn.errors import InputError
from imn.labels import FINDINGS, LABELS, SUPERCLASSES
from imn.leads import LEADS


def _segments(*numbers: int) -> set[str]:
    return {AHA_SEGMENTS[n - 1] for n in numbers}


@pytest.mark.parametrize("statement", sorted(RULES))
def test_every_rule_uses_known_names(statement: str) -> None:
    rule = RULES[statement]
    assert rule.superclass is None or rule.superclass in SUPERCLASSES
    assert rule.ground in GROUNDS
    assert rule.criteria
    assert rule.sources
    for place in rule.places:
        assert set(PLACES_NAMED[place].regions + PLACES_NAMED[place].reaches) <= set(PLACES)
        assert PLACES_NAMED[place].sources
    for criterion in rule.criteria:
        assert criterion.leads
        assert set(criterion.leads) <= set(LEADS)
        assert set(criterion.waves) <= set(WAVES)


def test_every_statement_of_a_finding_has_a_rule_and_means_it() -> None:
    for finding in FINDINGS:
        for code in finding.codes:
            assert finding.name in labels_of(code), code
            assert criteria([code], label=finding.name), code


@pytest.mark.parametrize(
    ("statement", "numbers"),
    [
        ("ASMI", (8, 13, 14)),
        ("AMI", (7, 13, 17)),
        ("ALMI", (6, 7, 12, 13, 16, 17)),
        ("IMI", (4, 10, 15)),
        ("ILMI", (4, 5, 10, 11, 15, 16)),
        ("IPMI", (4, 5, 10, 11, 15)),
        ("LMI", (5, 6, 11, 12, 16)),
        ("PMI", (5, 11)),
        ("CLBBB", (5, 6, 11, 12)),
        ("STEMI apical", (13, 14, 15, 16, 17)),
    ],
)
def test_segments_of_a_statement(statement: str, numbers: tuple[int, ...]) -> None:
    label = labels_of(statement)[0]
    assert set(territory_regions([statement], label=label)) == _segments(*numbers)


def test_a_wall_is_part_of_an_artery_s_territory_not_all_of_it() -> None:
    for statement, artery in (("ASMI", "LAD"), ("AMI", "LAD"), ("IMI", "RCA")):
        assert set(territory_regions([statement])) < set(TERRITORIES[artery])


def test_septal_q_waves_never_mark_the_basal_anteroseptum() -> None:
    for statement in ("ASMI", "scar septal", "STEMI septal"):
        assert "basal anteroseptal" not in territory_regions([statement])
        assert "basal anteroseptal" in territory_regions([statement], reaching=True)


def test_statements_join_and_order_does_not_matter() -> None:
    both = set(territory_regions(["ASMI", "IMI", "SR"]))
    assert both == set(territory_regions(["IMI"])) | set(territory_regions(["ASMI"]))
    assert both == set(territory_regions(["IMI", "ASMI", "ASMI"]))
    assert set(criteria(["ASMI", "IMI"])) == set(criteria(["ASMI"])) | set(criteria(["IMI"]))


def test_a_finding_gets_its_own_wall_of_a_statement_of_two() -> None:
    whole = set(territory_regions(["ALMI"]))
    front, side = (set(territory_regions(["ALMI"], label=label)) for label in ("AMI", "LMI"))
    assert front | side == whole
    assert not front & side
    assert territory_regions(["ALMI"], label="IMI") == ()
    (front,) = criteria(["ALMI"], label="AMI")
    assert set(front.leads) == {"V2", "V3", "V4"}


def test_nothing_is_said_without_ground() -> None:
    assert territory_regions(["NORM", "SR", "unheard of"]) == ()
    assert criteria(["NORM", "SR", "unheard of"]) == ()
    for statement in ("INJAS", "ISCAL", "NDT", "LVH", "WPW", "1AVB", "IVCD"):
        for label in labels_of(statement):
            assert territory_regions([statement], label=label) == (), statement
    assert set(territory_regions(["ISCIN"], label="STTC", grounds=GROUNDS)) == _segments(4, 10, 15)
    assert set(territory_regions(["LVH"], label="HYP", grounds=GROUNDS)) == set(AHA_SEGMENTS)


def test_waves_follow_the_stage_of_an_infarct() -> None:
    assert {c.waves for c in criteria(["IMI"])} == {("Q",)}
    assert {c.waves for c in criteria(["IMI"], stage="I")} == {("ST", "T")}
    assert {c.waves for c in criteria(["IMI"], stage="I-II")} == {("Q", "ST", "T")}
    posterior = criteria(["PMI"], stage="I-II")
    assert {(c.leads, c.waves) for c in posterior} == {
        (("V1", "V2"), ("R",)),
        (("V1", "V2", "V3"), ("ST", "T")),
    }
    assert {wave for waves in STAGES.values() for wave in waves} == {"Q", "ST", "T"}


def test_ischaemia_and_blocks_ignore_the_stage() -> None:
    for statement, label in (("ISCIN", "STTC"), ("CLBBB", "CD"), ("INJAS", "MI")):
        assert criteria([statement], label=label, stage="I") == criteria([statement], label=label)


def test_wall_statements_of_ludb_mean_their_findings() -> None:
    assert labels_of("STEMI inferior") == ("MI", "IMI")
    assert labels_of("ischaemia anterior") == ("STTC", "ISCA")
    assert labels_of("scar posterior") == ("MI",)
    assert labels_of("undefined lateral") == ("STTC",)
    for kind in LUDB_KINDS:
        for wall in LUDB_WALLS:
            (label, *_) = labels_of(f"{kind} {wall}")
            assert territory_regions([f"{kind} {wall}"], label=label)
            assert criteria([f"{kind} {wall}"], label=label)


def test_walls_of_findings_have_leads() -> None:
    for walls in FINDING_PLACES.values():
        assert set(walls) <= set(WALL_LEADS)


@pytest.mark.parametrize(
    "call",
    [lambda: territory_regions(["IMI"], label="infarct"), lambda: criteria(["IMI"], label="infarct")],
)
def test_an_unknown_label_is_refused(call) -> None:
    with pytest.raises(InputError, match=f"label must be one of NORM, .*{LABELS[-1]}, got 'infarct'"):
        call()


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(InputError, match="stage must be one of I, .*got 'IV'"):
        criteria(["IMI"], stage="IV")


@pytest.mark.data
def test_superclasses_are_those_of_ptbxl(data_dir: Path) -> None:
    with (data_dir / "ptbxl" / "scp_statements.csv").open(newline="") as file:
        rows = {row[""]: row["diagnostic_class"] or None for row in csv.DictReader(file)}
    for statement, superclass in rows.items():
        rule = RULES.get(statement)
        if rule is not None:
            assert rule.superclass == superclass, statement
        else:
            assert superclass in (None, "NORM"), f"{statement} has no rule"
    assert {name for name in RULES if " " not in name} <= set(rows)


def _line(name: str) -> str:
    """Row of the rule's table in the documentation."""
    rule = RULES[name]
    regions = dict.fromkeys(region for place in rule.places for region in PLACES_NAMED[place].regions)
    numbers = [
        str(AHA_SEGMENTS.index(region) + 1) if region in AHA_SEGMENTS else region for region in regions
    ]
    carried = [
        f"{'all' if c.leads == LEADS else ' '.join(c.leads)}: {', '.join(c.waves)}" for c in rule.criteria
    ]
    cells = (
        name,
        rule.superclass or "",
        ", ".join(rule.places),
        ", ".join(numbers),
        rule.ground,
        "; ".join(carried),
    )
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def test_the_documentation_states_every_rule() -> None:
    text = (Path(__file__).parent.parent / "docs" / "derived.md").read_text()
    stated = [line for line in text.splitlines() if line.startswith("| ") and line.count("|") == 7]
    assert set(stated[1:]) == {_line(name) for name in RULES}
