"""Scores over recordings: what is kept apart, what counts once, what stands beside them."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from annotations import Annotation, Case, Finding, Interval, lead_time_overlap, paired_interval, scored_areas
from annotations.annotation import State
from annotations.lead_baselines import LeadCase, lead_baselines, on_beat_of
from annotations.map_score import score_map
from annotations.score_cases import HEART, LEAD_TIME, OTHERS, Scored, groups_of, mean_of, others_dice
from annotations.score_tables import contrast_rows, document
from annotations.scores import score_finding
from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat, Evidence
from imn.errors import InputError

BASAL = Finding("MI", "expert", 1.0, regions=("basal anterior",))
ON_LEADS = Finding("MI", "expert", 1.0, intervals=(Interval(("V1", "V2"), -0.05, 0.05, "beat"),))
Make = Callable[..., Scored]


@pytest.fixture
def made(toy: Anatomy, beat: Beat) -> Make:
    """Score a map that shows the basal region, with noise of a seed."""
    areas, inside = scored_areas(toy), toy.region == 0

    def make(
        record: str,
        finding: Finding = BASAL,
        *,
        rater: str = "A",
        state: State = "signed",
        noise=0.0,
        seed=0,
        flip=False,
    ) -> Scored:
        rng = np.random.default_rng(seed)
        density = np.where(inside ^ flip, 1.0, 0.0) + noise * rng.random(len(areas))
        leads = rng.normal(size=beat.signal.shape)

        def case(truth):
            ones = np.ones(beat.signal.shape)
            return Case(truth, areas, toy.heart.triangles, ones, ones, lambda _: density * areas)

        annotation = Annotation(record, rater, (finding,), state=state)
        evidence = Evidence("MI", leads, np.zeros((3, leads.shape[1])))
        score = score_finding(
            annotation, finding, anatomy=toy, beat=beat, evidence=evidence, case=case, draws=2
        )
        return Scored(score, toy, beat, leads)

    return make


# one map


def test_the_annotation_as_map_scores_one_at_no_distance(made: Make) -> None:
    score = made("r").score
    assert score.places is not None
    figures = score.places.figures
    for name in ("Dice", "IoU", "precision", "recall", "pointing game", "relevance mass", "AUPRC"):
        assert figures[name] == pytest.approx(1)
    assert (figures["Hausdorff, mm"], figures["Hausdorff 95 %, mm"], figures["centre, mm"]) == (0, 0, 0)
    assert score.mesh is not None
    assert max(score.places.curve) == pytest.approx(score.mesh.dice, abs=0.05)


def test_a_map_of_the_other_places_scores_nothing_and_lies_apart(made: Make) -> None:
    score = made("r", flip=True).score
    assert score.places is not None
    figures = score.places.figures
    assert (figures["Dice"], figures["pointing game"], figures["relevance mass"]) == (0, 0, 0)
    assert figures["centre, mm"] > 10


def test_a_map_without_evidence_scores_nothing_and_has_no_distance() -> None:
    scored = score_map(np.zeros(10), np.arange(10) < 3, weights=np.ones(10))
    assert scored.distance is None
    assert scored.told.dice == scored.fixed.dice == scored.pointing == 0
    assert np.isnan(scored.figures["centre, mm"])


def test_marks_of_the_heart_and_of_leads_are_scored_where_they_are(made: Make) -> None:
    heart, leads = made("r"), made("r", ON_LEADS)
    assert heart.on(HEART) is not None
    assert heart.on(LEAD_TIME) is None
    assert leads.on(HEART) is None
    assert leads.on(LEAD_TIME) is not None
    nothing = made("r", Finding("MI", "expert", 1.0))
    assert nothing.on(HEART) is nothing.on(LEAD_TIME) is None
    assert groups_of([nothing]) == ()


# groups


def test_provenances_labels_and_places_are_never_mixed(made: Make) -> None:
    findings = [
        BASAL,
        replace(BASAL, provenance="derived"),
        replace(BASAL, provenance="simulated"),
        replace(BASAL, label="CD"),
        ON_LEADS,
    ]
    groups = groups_of([made(f"r{i}", finding) for finding in findings for i in range(2)])
    keys = {(group.label, group.provenance, group.where) for group in groups}
    assert len(groups) == len(keys) == 5
    assert all(len(group.cases) == 2 for group in groups)


def test_a_recording_counts_once_however_many_marked_it(made: Make) -> None:
    many = [made("r1", rater=rater, noise=2, seed=i) for i, rater in enumerate("ABC")]
    alone = made("r2", noise=2, seed=9)
    (group,) = groups_of([*many, alone])
    assert [case.raters for case in group.cases] == [("A", "B", "C"), ("A",)]
    dice = [one.score.mesh.dice for one in many if one.score.mesh]
    assert group.cases[0].figures["Dice"] == pytest.approx(np.mean(dice))
    assert group.figures["Dice"].cases == 2
    assert group.figures["Dice"].value == pytest.approx(np.mean([c.figures["Dice"] for c in group.cases]))


def test_drafts_do_not_count_and_an_adjudication_stands_for_the_recording(made: Make) -> None:
    assert groups_of([made("r", state="draft")]) == ()
    wrong = made("r", flip=True)
    settled = made("r", rater="C", state="adjudicated")
    (group,) = groups_of([wrong, settled, made("q", flip=True)])
    assert {case.record: case.raters for case in group.cases} == {"q": ("A",), "r": ("C",)}
    assert {case.record: case.figures["Dice"] for case in group.cases} == {"q": 0.0, "r": pytest.approx(1)}


def test_one_recording_has_figures_without_intervals(made: Make) -> None:
    (group,) = groups_of([made("r")])
    mean = group.figures["Dice"]
    assert (mean.low, mean.high, mean.cases) == (None, None, 1)
    assert group.differences == {}
    assert OTHERS not in group.controls


def test_differences_are_paired_over_recordings(made: Make) -> None:
    scored = [made(f"r{i}", noise=2.5, seed=i) for i in range(6)]
    (group,) = groups_of(scored, seed=4)
    dice = [one.score.mesh.dice for one in scored if one.score.mesh]
    beside = [one.score.baselines["all positive"] for one in scored]
    assert group.differences["all positive"] == paired_interval(dice, beside, seed=4)
    assert set(group.differences) == {*scored[0].score.baselines, OTHERS}


def test_another_patient_s_map_is_as_good_where_all_maps_are_alike(made: Make) -> None:
    scored = [made(f"r{i}", noise=1.5) for i in range(4)]
    own = [one.score.mesh.dice for one in scored if one.score.mesh]
    assert others_dice(scored, HEART) == pytest.approx(own)
    assert np.isnan(others_dice(scored[:1], HEART)).all()
    good, bad = made("good"), made("bad", flip=True)
    assert others_dice([good, bad], HEART) == [0.0, pytest.approx(1)]


def test_another_patient_s_evidence_is_laid_r_peak_on_r_peak(made: Make, beat: Beat) -> None:
    same = [made(f"r{i}", ON_LEADS) for i in range(3)]
    own = [one.score.leads.dice for one in same if one.score.leads]
    assert others_dice(same, LEAD_TIME) == pytest.approx(own)
    later = replace(beat, r_peak=beat.r_peak + 5)
    moved = np.roll(same[0].evidence, 5, axis=1)
    other = Scored(replace(same[1].score), same[1].anatomy, later, moved)
    found = others_dice([same[0], replace(other, score=same[1].score)], LEAD_TIME)
    assert found[0] == pytest.approx(own[0], abs=0.1)


def test_a_distance_that_some_lack_says_how_many_have_it() -> None:
    mean = mean_of([3.0, np.nan, 5.0])
    assert mean is not None
    assert (mean.value, mean.cases) == (4.0, 2)
    assert mean_of([np.nan]) is None


def test_the_document_is_json_and_names_every_group(made: Make) -> None:
    scored = [made(f"r{i}", f, noise=1, seed=i) for i in range(2) for f in (BASAL, ON_LEADS)]
    measured = document(groups_of([*scored, made("z", replace(BASAL, label="CD"))]), command="c", data="d")
    text = json.dumps(measured, allow_nan=False)
    assert "NaN" not in text
    assert measured["n"] == 3
    assert {row["record"] for row in measured["rows"]} == {"r0", "r1", "z"}
    assert {"Dice: MI, expert, on the heart", "Dice: MI, expert, on leads x time"} <= set(
        measured["headline"]
    )
    assert len(measured["tables"]) == 6


def test_two_kinds_of_maps_are_compared_recording_by_recording(made: Make) -> None:
    good = [made(f"r{i}", noise=1.2, seed=i) for i in range(6)]
    poor = [made(f"r{i}", noise=3, seed=i) for i in range(1, 8)]
    (mine,), (other,) = groups_of(good), groups_of(poor)
    rows = {str(row["score"]): row for row in contrast_rows(mine, other)}
    back = {str(row["score"]): row for row in contrast_rows(other, mine)}
    dice = [[c.figures["Dice"] for c in cases] for cases in (mine.cases[1:], other.cases[:5])]
    expected = paired_interval(*dice, seed=0)
    assert (rows["Dice"]["difference"], rows["Dice"]["low"]) == (expected.mean, expected.low)
    assert rows["Dice"]["recordings"] == 5
    assert back["Dice"]["difference"] == pytest.approx(-expected.mean)
    assert all(row["difference"] == 0 and row["p"] == "1.0000" for row in contrast_rows(mine, mine))
    (single,) = groups_of(good[:1])
    assert contrast_rows(single, mine) == []
    tables = document([mine], command="c", data="d", others=[other])["tables"]
    assert tables["MI, expert, on the heart: these minus the others"] == list(rows.values())


# controls on leads x time


def lead_case(p: float = 0.2, seed: int = 0) -> LeadCase:
    rng = np.random.default_rng(seed)
    return LeadCase(rng.random((12, 200)) < p, rng.normal(size=(12, 200)), rng.normal(size=(12, 200)))


@pytest.mark.parametrize("p", [0.05, 0.3, 0.7])
def test_chance_on_leads_is_what_formulas_say(p: float) -> None:
    one = lead_case(p)
    controls, share = lead_baselines(one, seed=1, draws=30), one.annotated.mean()
    assert controls["all positive"] == pytest.approx(2 * share / (1 + share))
    assert controls["all positive"] == pytest.approx(
        lead_time_overlap(np.ones_like(one.annotated), one.annotated).dice
    )
    assert controls["random vertices"] == pytest.approx(share, abs=0.02)
    assert controls["random region"] == pytest.approx(share, abs=0.02)


def test_evidence_that_repeats_the_signal_scores_as_its_energy() -> None:
    one = lead_case()
    energy = replace(one, evidence=np.square(one.signal))
    assert lead_baselines(one, seed=1, draws=1)["signal energy"] == energy.dice_of(energy.evidence)


def test_leads_that_are_alike_may_be_permuted() -> None:
    one = lead_case()
    alike = replace(
        one, annotated=np.tile(one.annotated[0], (12, 1)), evidence=np.tile(one.evidence[0], (12, 1))
    )
    assert lead_baselines(alike, seed=1, draws=3)["permuted leads"] == pytest.approx(
        alike.dice_of(alike.evidence), abs=0.02
    )


def test_draws_are_needed() -> None:
    with pytest.raises(InputError, match="draws must be at least 1"):
        lead_baselines(lead_case(), seed=1, draws=0)


def test_a_beat_lies_on_itself_and_on_twice_the_rate() -> None:
    values = np.random.default_rng(0).normal(size=(12, 50))
    same = on_beat_of(values, r_peak=20, fs=100.0, like=(50, 20, 100.0))
    np.testing.assert_allclose(same, values)
    double = on_beat_of(values, r_peak=20, fs=100.0, like=(99, 40, 200.0))
    np.testing.assert_allclose(double[:, ::2], values)
    shifted = on_beat_of(values, r_peak=20, fs=100.0, like=(40, 15, 100.0))
    np.testing.assert_allclose(shifted, values[:, 5:45])
    assert not on_beat_of(values, r_peak=0, fs=100.0, like=(90, 40, 100.0))[:, :40].any()
