"""Simulated beats of the reference heart, as a reader of ECGs expects them."""

import numpy as np

from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.conditions import LAFB, LBBB, LPFB, RBBB, Condition, Ectopy, Ischaemia
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.forward.physiology import Physiology
from cine_mapping.forward.potentials import DurationGradients
from cine_mapping.forward.regions import LAD, LCX, RCA, RCA_WITH_RV
from imn.leads import INDEPENDENT, LEADS
from tests.twelve_lead_measures import Reading

UNIFORM = DurationGradients(compensation=0, epicardial=0, apical=0, right=0, septal=0)


def read(heart: VirtualHeart, condition: Condition | None = None) -> Reading:
    return Reading(simulate_beat(heart, condition))


def test_a_normal_beat_looks_normal(heart: VirtualHeart) -> None:
    normal = read(heart)
    r, s, t = normal["R"], normal["S"], normal["T"]
    assert 75 <= normal.duration <= 110
    assert -30 <= normal.axis <= 100
    assert r["V1"] < -s["V1"]
    assert normal["first"]["V1"] > 0
    assert r["V1"] < r["V2"] < r["V3"] < r["V4"]
    ratios = [r[v] / (r[v] - s[v]) for v in ("V3", "V4", "V5")]
    assert ratios == sorted(ratios)
    assert ratios[0] < 0.65 < ratios[1]
    assert r["V5"] > -s["V5"]
    assert r["V6"] > -s["V6"]
    assert all(abs(level) < 0.05 for level in normal["ST"].values())
    assert all(t[lead] > 0.05 for lead in INDEPENDENT)
    assert t["aVR"] < 0


def test_even_durations_turn_the_t_wave_round(heart: VirtualHeart) -> None:
    even = Reading(simulate_beat(heart, physiology=Physiology(gradients=UNIFORM)))
    qrs = np.array([even["area"][lead] for lead in LEADS])
    t = np.array([even["T"][lead] for lead in LEADS])
    clear = np.abs(qrs) > 5
    assert clear.sum() >= 6
    assert (np.sign(qrs[clear]) == -np.sign(t[clear])).all()


def test_bundle_branch_blocks_look_the_part(heart: VirtualHeart) -> None:
    left, right = read(heart, LBBB), read(heart, RBBB)
    assert left.duration > 120
    assert left["area"]["V1"] < 0
    assert left["R"]["V1"] < 0.4 < -left["S"]["V1"]
    for lead in ("I", "V6"):
        assert left["area"][lead] > 0
        assert -left["S"][lead] < 0.1 * left["R"][lead]
        assert left["T"][lead] < 0 < left["T"]["V1"]
    assert right.duration > 110
    assert right["last"]["V1"] > 0.2
    assert right["last"]["I"] < 0
    assert right["last"]["V6"] < 0
    assert right["T"]["V1"] < 0


def test_fascicular_blocks_turn_the_axis(heart: VirtualHeart) -> None:
    normal = read(heart).axis
    assert read(heart, LAFB).axis < normal - 40
    assert read(heart, LPFB).axis > normal


def test_ischaemia_raises_st_over_its_wall(heart: VirtualHeart) -> None:
    anterior, inferior, lateral = (read(heart, Ischaemia(region))["ST"] for region in (LAD, RCA, LCX))
    assert min(anterior[lead] for lead in ("V2", "V3", "V4")) > 0.2
    assert max(anterior[lead] for lead in ("II", "III", "aVF")) < 0.05
    assert inferior["III"] > inferior["II"] > 0.1
    assert inferior["aVF"] > 0.1
    assert inferior["aVL"] < -0.05
    assert min(lateral["V6"], lateral["aVL"]) > 0.1
    assert max(lateral["V2"], lateral["V3"]) < -0.05
    with_right = read(heart, Ischaemia(RCA_WITH_RV))["ST"]
    assert with_right["V1"] > inferior["V1"] + 0.1


def test_pacing_the_right_apex_gives_a_wide_beat_with_superior_axis(heart: VirtualHeart) -> None:
    muscle = heart.myocardium
    right = np.flatnonzero((muscle.ventricle == 1) & (muscle.transmural == 0))
    paced = read(heart, Ectopy(int(right[muscle.apicobasal[right].argmin()])))
    assert paced.duration > 115
    assert -100 < paced.axis < -20
    assert paced["area"]["V1"] < 0
