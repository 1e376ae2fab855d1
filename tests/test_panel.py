"""Panels of raters: who rated what, how far they agree, and whether the model is one of them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from annotations import Annotation, Finding, Interval, beat_mask, mesh_overlap, scored_areas, vertex_mask
from annotations.agreement import MISSING, cohen_kappa, fleiss_kappa, krippendorff_alpha
from annotations.agreement_tables import consensus_annotations, document
from annotations.panel import MODEL, Panel, nominal_beat, panels_on_heart, panels_on_leads, with_model
from annotations.panel_agreement import agree
from annotations.score_cases import HEART
from cine_mapping.anatomy import Anatomy
from imn.errors import InputError

BASAL = Finding("MI", "expert", 1.0, regions=("basal anterior",))
MID = Finding("MI", "expert", 1.0, regions=("mid anterior",))
NOTHING = Finding("MI", "expert", 1.0)
V1 = Finding("MI", "expert", 1.0, intervals=(Interval(("V1",), -0.04, 0.04, "beat"),))
V12 = Finding("MI", "expert", 1.0, intervals=(Interval(("V1", "V2"), -0.04, 0.04, "beat"),))


def says(rater: str, *findings: Finding, record: str = "r", **state) -> Annotation:
    return Annotation(record, rater, findings, **state)


def drawn(ratings: list[NDArray], raters: tuple[str, ...], weights: NDArray | None = None) -> Panel:
    """A panel of given ratings, one array (r, n) for each recording."""
    scales = tuple(np.ones(given.shape[1]) if weights is None else weights for given in ratings)
    records = tuple(f"r{i}" for i in range(len(ratings)))
    return Panel("MI", "expert", HEART, raters, records, tuple(ratings), scales)


def raters_of(
    sensitivity: list[float], specificity: list[float], *, records=12, n=400, seed=0
) -> list[NDArray]:
    rng = np.random.default_rng(seed)
    truth = rng.random((records, n)) < rng.uniform(0.1, 0.4, (records, 1))
    yes = np.where(truth[:, None], np.array(sensitivity)[:, None], 1 - np.array(specificity)[:, None])
    return list((rng.random(yes.shape) < yes).astype(np.int64))


# who rated what


def test_marks_become_ratings_of_the_ventricles(toy: Anatomy) -> None:
    (panel,) = panels_on_heart([says("A", BASAL), says("B", MID)], toy)
    areas = scored_areas(toy)
    assert (panel.raters, panel.records) == (("A", "B"), ("r",))
    assert panel.ratings[0].shape == (2, (areas > 0).sum())
    np.testing.assert_array_equal(panel.ratings[0][0] == 1, vertex_mask(BASAL, toy)[areas > 0])
    assert panel.weights[0].sum() == pytest.approx(areas.sum())


def test_findings_of_one_rater_join(toy: Anatomy) -> None:
    (panel,) = panels_on_heart([says("A", BASAL, MID), says("B", MID, BASAL)], toy)
    np.testing.assert_array_equal(*panel.ratings[0])
    assert panel.ratings[0][0].sum() == (vertex_mask(BASAL, toy) | vertex_mask(MID, toy)).sum()


def test_provenances_and_labels_are_panels_of_their_own(toy: Anatomy) -> None:
    findings = [BASAL, replace(BASAL, provenance="derived"), replace(BASAL, provenance="simulated")]
    panels = panels_on_heart([says("A", *findings, replace(BASAL, label="CD")), says("B", *findings)], toy)
    assert [(p.label, p.provenance) for p in panels] == [
        ("CD", "expert"), ("MI", "derived"), ("MI", "expert"), ("MI", "simulated")
    ]  # fmt: skip


def test_only_signed_readings_count(toy: Anatomy) -> None:
    given = [says("A", BASAL), says("B", MID, state="draft"), says("C", MID, state="adjudicated")]
    (panel,) = panels_on_heart(given, toy)
    assert panel.raters == ("A",)


def test_who_finds_nothing_rates_and_who_was_silent_does_not(toy: Anatomy) -> None:
    given = [
        says("A", BASAL),
        says("B", NOTHING),
        says("C", V1),
        says("D", replace(MID, label="CD")),
        says("E"),
        says("E", MID, record="q"),
        says("F"),
    ]
    _, panel = panels_on_heart(given, toy)
    assert panel.raters == ("A", "B", "E")
    rated = {rater: panel.ratings[1][i] for i, rater in enumerate(panel.raters)}
    assert rated["B"].max() == rated["E"].max() == 0
    assert panel.rated(0).tolist() == [False, False, True]


def test_intervals_become_ratings_of_leads_and_samples() -> None:
    (panel,) = panels_on_leads([says("A", V1), says("B", V12), says("C", BASAL)], {})
    assert panel.raters == ("A", "B")
    np.testing.assert_array_equal(panel.ratings[0][0] == 1, beat_mask(V1, nominal_beat()).ravel())
    assert panel.ratings[0].sum(axis=1).tolist() == [40, 80]


def test_an_interval_on_a_recording_that_is_not_there_has_no_place(beat) -> None:
    far = Finding("MI", "expert", 1.0, intervals=(Interval(("V1",), 1.0, 1.1, "recording"),))
    with pytest.raises(InputError, match="give its run"):
        panels_on_leads([says("A", far)], {})
    (panel,) = panels_on_leads([says("A", far)], {"r": beat})
    np.testing.assert_array_equal(panel.ratings[0][0] == 1, beat_mask(far, beat).ravel())


def test_asking_for_one_label_leaves_the_others_out(toy: Anatomy) -> None:
    far = Finding("QRS", "expert", 1.0, intervals=(Interval(("V1",), 1.0, 1.1, "recording"),))
    given = [says("A", V1, far), says("B", far), says("C")]
    (panel,) = panels_on_leads(given, {}, label="MI")
    assert panel.raters == ("A",)
    whole = [says("A", BASAL, replace(MID, label="CD")), says("B", replace(MID, label="CD")), says("C", MID)]
    (asked,) = panels_on_heart(whole, toy, label="MI")
    both = {panel.label: panel for panel in panels_on_heart(whole, toy)}
    assert asked.raters == both["MI"].raters == ("A", "C")
    np.testing.assert_array_equal(asked.ratings[0], both["MI"].ratings[0])


def test_a_region_that_the_heart_lacks_is_refused(toy: Anatomy) -> None:
    with pytest.raises(InputError, match="has no apex"):
        panels_on_heart([says("A", replace(BASAL, regions=("apex",)))], toy)


# agreement


def test_raters_that_say_the_same_agree_fully(toy: Anatomy) -> None:
    (panel,) = panels_on_heart([says(r, BASAL, record=q) for r in "ABC" for q in "pq"], toy)
    found = agree(panel)
    assert len(found.pairs) == 3
    assert found.alpha is not None
    assert found.fleiss is not None
    assert (found.alpha.value, found.fleiss.value) == pytest.approx((1, 1))
    for pair in found.pairs:
        assert pair.kappa is not None
        assert (pair.dice.value, pair.kappa.value, pair.records) == (1, pytest.approx(1), 2)
    for one in found.performance:
        assert (one.sensitivity, one.specificity) == pytest.approx((1, 1), abs=1e-6)


def test_coefficients_are_those_of_all_recordings_in_a_row() -> None:
    ratings = raters_of([0.9, 0.8, 0.7], [0.95, 0.9, 0.85])
    whole, found = np.hstack(ratings), agree(drawn(ratings, ("A", "B", "C")))
    assert found.alpha is not None
    assert found.fleiss is not None
    assert found.alpha.value == pytest.approx(krippendorff_alpha(whole))
    assert found.fleiss.value == pytest.approx(fleiss_kappa(whole))
    assert found.alpha.low < found.alpha.value < found.alpha.high
    kappas = [cohen_kappa(whole[0], whole[1]), cohen_kappa(whole[0], whole[2])]
    assert [pair.kappa.value for pair in found.pairs[:2] if pair.kappa] == pytest.approx(kappas)


def test_areas_weigh_dice() -> None:
    weights = np.array([9.0, 1.0, 1.0, 1.0])
    ratings = [np.array([[1, 1, 0, 0], [1, 0, 1, 0]])]
    (pair,) = agree(drawn(ratings, ("A", "B"), weights)).pairs
    masks = ratings[0].astype(bool)
    assert pair.dice.value == pytest.approx(mesh_overlap(*masks, areas=weights).dice)


def test_raters_of_different_recordings_have_nothing_to_compare() -> None:
    ratings = raters_of([0.9, 0.9], [0.9, 0.9], records=2)
    ratings[0][1], ratings[1][0] = MISSING, MISSING
    found = agree(drawn(ratings, ("A", "B")))
    assert found.pairs == ()
    assert found.alpha is found.fleiss is found.model is None


def test_one_rater_means_what_the_rater_says(toy: Anatomy) -> None:
    (panel,) = panels_on_heart([says("A", BASAL)], toy)
    found = agree(panel)
    assert found.pairs == ()
    np.testing.assert_array_equal(found.consensus["r"] >= 0.5, panel.ratings[0][0] == 1)
    assert consensus_annotations(found, toy, {}) == []
    json.dumps(document([found], command="c", data="d"), allow_nan=False)


def test_a_recording_with_one_rater_confirms_nobody() -> None:
    ratings = raters_of([0.9, 0.8, 0.7], [0.95, 0.9, 0.85])
    alone = np.vstack([ratings[0][:1], np.full((2, 400), MISSING)])
    one, more = (agree(drawn(held, ("A", "B", "C"))) for held in (ratings, [*ratings, alone]))
    assert more.performance == one.performance
    np.testing.assert_array_equal(more.consensus["r12"], alone[0])


def test_fleiss_takes_the_recordings_that_all_rated_and_alpha_all() -> None:
    ratings = raters_of([0.9, 0.8, 0.7], [0.95, 0.9, 0.85], records=4)
    ratings[0][2] = MISSING
    found = agree(drawn(ratings, ("A", "B", "C")))
    assert found.alpha is not None
    assert found.fleiss is not None
    assert found.fleiss.value == pytest.approx(fleiss_kappa(np.hstack(ratings[1:])))
    assert found.alpha.value == pytest.approx(krippendorff_alpha(np.hstack(ratings)))


def test_nobody_marks_anything() -> None:
    found = agree(drawn([np.zeros((3, 50), np.int64)] * 3, ("A", "B", "C")))
    assert found.alpha is None
    assert [pair.dice.value for pair in found.pairs] == [1, 1, 1]
    assert not any((held >= 0.5).any() for held in found.consensus.values())


def test_staple_finds_raters_as_they_were_drawn() -> None:
    ratings = raters_of([0.95, 0.8, 0.6], [0.98, 0.9, 0.95], records=30, n=1000)
    found = agree(drawn(ratings, ("A", "B", "C"))).performance
    assert [one.sensitivity for one in found] == pytest.approx([0.95, 0.8, 0.6], abs=0.03)
    assert [one.specificity for one in found] == pytest.approx([0.98, 0.9, 0.95], abs=0.03)


# the model as one more


def entered(ratings: list[NDArray], **size) -> Panel:
    """Take the last rater's marks as the model's map."""
    raters = tuple("ABCDEFG"[: len(ratings[0]) - 1])
    panel = drawn([given[:-1] for given in ratings], raters)
    return with_model(panel, {f"r{i}": given[-1].astype(float) for i, given in enumerate(ratings)}, **size)


def test_the_model_marks_as_much_as_the_raters_do_or_as_it_is_told() -> None:
    density = np.random.default_rng(0).random(100)
    panel = drawn([np.array([[1] * 10 + [0] * 90, [1] * 30 + [0] * 70])], ("A", "B"))
    told = with_model(panel, {"r0": density})
    assert told.raters == ("A", "B", MODEL)
    assert told.ratings[0][2].sum() == 20
    assert density[told.ratings[0][2] == 1].min() > density[told.ratings[0][2] == 0].max()
    assert with_model(panel, {"r0": density}, size=0.05).ratings[0][2].sum() == 5
    assert (with_model(panel, {}).ratings[0][2] == MISSING).all()


def test_a_model_that_repeats_one_rater_agrees_with_that_rater() -> None:
    ratings = raters_of([0.9, 0.9], [0.95, 0.95])
    found = agree(entered([np.vstack([given, given[:1]]) for given in ratings], size=1.0))
    pair = next(pair for pair in found.pairs if {pair.a, pair.b} == {"A", MODEL})
    assert pair.dice.value == pytest.approx(1)


def test_a_poor_model_does_not_pass_for_one_of_them() -> None:
    poor = agree(entered(raters_of([0.8, 0.8, 0.8, 0.3], [0.93] * 4, records=30), size=1.0)).model
    assert poor is not None
    assert poor.difference is not None
    assert poor.williams is not None
    assert poor.difference.high < 0
    assert poor.difference.p < 0.01
    assert poor.williams.high < 1
    assert poor.williams.value == pytest.approx(poor.with_model.value / poor.among.value)


def test_a_model_like_the_raters_passes_for_one_of_them_nearly_always() -> None:
    found = [
        agree(entered(raters_of([0.8] * 4, [0.93] * 4, records=20, n=150, seed=i), size=1.0)).model
        for i in range(12)
    ]
    differences = [one.difference for one in found if one and one.difference]
    ratios = [one.williams for one in found if one and one.williams]
    assert sum(d.low < 0 < d.high for d in differences) >= 9
    assert sum(w.low < 1 < w.high for w in ratios) >= 9


def test_the_raters_own_figures_and_consensus_do_not_know_the_model() -> None:
    ratings = raters_of([0.9, 0.8, 0.7, 0.2], [0.95, 0.9, 0.85, 0.5])
    beside, alone = agree(entered(ratings, size=1.0)), agree(drawn([r[:3] for r in ratings], ("A", "B", "C")))
    assert beside.alpha == alone.alpha
    assert beside.fleiss == alone.fleiss
    assert beside.pairs[0] == alone.pairs[0]
    for record, probability in alone.consensus.items():
        np.testing.assert_array_equal(beside.consensus[record], probability)
    assert beside.alpha_with_model is not None
    assert alone.alpha is not None
    assert beside.alpha_with_model.value < alone.alpha.value


def test_the_order_of_raters_does_not_matter() -> None:
    ratings = raters_of([0.9, 0.8, 0.7], [0.95, 0.9, 0.85])
    one = agree(drawn(ratings, ("A", "B", "C")))
    other = agree(drawn([given[::-1] for given in ratings], ("C", "B", "A")))
    assert one.alpha is not None
    assert other.alpha is not None
    assert other.alpha.value == pytest.approx(one.alpha.value)
    assert [p.sensitivity for p in other.performance[::-1]] == pytest.approx(
        [p.sensitivity for p in one.performance], abs=1e-6
    )


def test_the_model_with_one_rater_is_compared_with_nobody() -> None:
    found = agree(entered(raters_of([0.9, 0.9], [0.9, 0.9]), size=1.0))
    assert found.model is None
    assert len(found.pairs) == 1


def test_one_recording_has_a_difference_without_an_interval() -> None:
    found = agree(entered(raters_of([0.8] * 3, [0.9] * 3, records=1), size=1.0)).model
    assert found is not None
    assert found.difference is None
    assert found.among.low is None


# what is written


def test_the_consensus_is_derived_and_reads_back_as_the_region(toy: Anatomy) -> None:
    both = Finding("MI", "expert", 1.0, regions=("basal anterior", "mid anterior"))
    (panel,) = panels_on_heart([says("A", BASAL), says("B", BASAL), says("C", both)], toy)
    found = agree(panel)
    (annotation,) = consensus_annotations(found, toy, {})
    (finding,) = annotation.findings
    assert (annotation.rater, finding.provenance) == ("STAPLE of 3 expert readings", "derived")
    inside = vertex_mask(finding, toy)[scored_areas(toy) > 0]
    np.testing.assert_array_equal(inside, found.consensus["r"] >= 0.5)


def test_the_consensus_on_leads_reads_back_as_the_intervals() -> None:
    (panel,) = panels_on_leads([says("A", V12), says("B", V12), says("C", V1)], {})
    found = agree(panel)
    (annotation,) = consensus_annotations(found, None, {})  # pyright: ignore[reportArgumentType]
    inside = beat_mask(annotation.findings[0], nominal_beat()).ravel()
    np.testing.assert_array_equal(inside, found.consensus["r"] >= 0.5)


def test_the_document_is_json_and_says_how_the_model_stands() -> None:
    found = agree(entered(raters_of([0.8] * 3, [0.9] * 3), size=1.0))
    measured = document([found], command="c", data="d")
    json.dumps(measured, allow_nan=False)
    figures = {row["figure"]: row for row in measured["rows"]}
    assert figures["model minus among"]["low"] < figures["model minus among"]["high"]
    assert "Williams' index of the model" in figures
    assert len(measured["headline"]) == 2
