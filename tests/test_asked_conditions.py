"""Conditions that are asked for by family and region lie there, or are refused in one sentence."""

import numpy as np
import pytest

from cine_mapping.anatomy import REGIONS
from cine_mapping.asked_conditions import PLACED, check_place, draw_condition, segments_of
from cine_mapping.forward.conditions import Ectopy, Preexcitation
from cine_mapping.forward.families import FAMILIES
from cine_mapping.forward.patients import Patient
from cine_mapping.forward.regions import av_ring
from cine_mapping.segments import TERRITORIES
from imn.errors import InputError


class TestAskedConditions:
    @pytest.mark.parametrize("family", ["ischaemia", "scar"])
    def test_disease_lies_in_the_segments_asked_for(self, patient: Patient, family: str) -> None:
        names = ("mid anterior", "apical anterior")
        for seed in range(3):
            condition = draw_condition(family, names, patient.heart, np.random.default_rng(seed))
            truth = condition.changes(patient.heart, patient.physiology).truth
            regions = {REGIONS[k] for k in np.unique(patient.heart.myocardium.region[truth])}
            assert truth.any() and regions <= set(names)

    def test_sites_lie_in_the_region_asked_for(self, patient: Patient) -> None:
        myocardium, rng = patient.heart.myocardium, np.random.default_rng(0)
        for _ in range(5):
            ectopy = draw_condition("ectopy", ("apex",), patient.heart, rng)
            assert isinstance(ectopy, Ectopy)
            assert REGIONS[myocardium.region[ectopy.node]] == "apex"
            wpw = draw_condition("WPW", ("LCX",), patient.heart, rng)
            assert isinstance(wpw, Preexcitation)
            assert REGIONS[myocardium.region[wpw.node]] in TERRITORIES["LCX"]
            assert wpw.node in av_ring(myocardium)

    @pytest.mark.parametrize("family", FAMILIES)
    def test_without_a_region_a_family_draws_as_ever(self, patient: Patient, family: str) -> None:
        drawn = draw_condition(family, (), patient.heart, np.random.default_rng(5))
        assert drawn == FAMILIES[family](patient.heart.myocardium, np.random.default_rng(5))

    @pytest.mark.parametrize(
        ("family", "regions", "words"),
        [
            ("flu", (), "condition: expected one of normal, ischaemia"),
            ("scar", ("left lung",), "region: expected some of LAD"),
            ("scar", ("left atrium",), "region: expected some of LAD"),
            ("LBBB", ("LAD",), "LBBB has no region to choose"),
            ("normal", ("LAD",), "normal has no region to choose"),
        ],
    )
    def test_mistakes_are_one_sentence(self, family: str, regions: tuple[str, ...], words: str) -> None:
        with pytest.raises(InputError, match=words):
            check_place(family, regions)

    def test_no_accessory_pathway_at_the_apex(self, patient: Patient) -> None:
        with pytest.raises(InputError, match="WPW has no site in apex"):
            draw_condition("WPW", ("apex",), patient.heart, np.random.default_rng(0))

    def test_what_can_be_placed_can_be(self, patient: Patient) -> None:
        for family in PLACED:
            draw_condition(family, ("basal inferolateral",), patient.heart, np.random.default_rng(0))
        assert segments_of(("LAD",)).strip > 0 == segments_of(("apex",)).strip
