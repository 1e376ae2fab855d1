"""Evidence onto the heart: conservation, equivariance, and the walls that evidence must reach."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cine_mapping.anatomy import Anatomy, Mesh
from cine_mapping.beat import Beat, Evidence, Fiducials, fold_evidence
from cine_mapping.path import activation_path
from cine_mapping.projection import MODALITIES, cross_modal_average, plan_projection
from cine_mapping.shares import region_shares, territory_shares
from cine_mapping.vcg import DOWER, INVERSE_DOWER, KORS, loop, pull_back
from cine_mapping.wall import wall_direction
from imn.explanation import Explanation
from imn.leads import EXPANSION, LEADS, expand, fold_weights, to_identified

M, FS = 80, 100.0
FIDUCIALS = Fiducials(qrs_onset=26, j_point=36, t_peak=54, t_end=62, p_onset=10, p_end=20)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def make_beat(signal: np.ndarray) -> Beat:
    peaks = np.array([30, 30 + M])
    phase = np.arange(2 * M, dtype=np.int32) % M
    return Beat(FS, signal.astype(np.float32), 30, FIDUCIALS, peaks, np.ones(2, dtype=bool), phase)


def physical_signal(rng: np.random.Generator) -> np.ndarray:
    return expand(rng.normal(size=(8, M)))


def explain(weights: np.ndarray, signal: np.ndarray, label: str = "MI") -> Explanation:
    tiled, twice = np.tile(weights, 2)[None], np.tile(signal, 2)
    logit = np.array([(tiled[0] * twice).sum()])
    return Explanation(
        "toy", FS, "toy", (label,), logit, np.zeros(1), tiled.astype(np.float32), twice.astype(np.float32)
    )


def random_evidence(rng: np.random.Generator, label: str) -> tuple[Beat, Evidence, Explanation]:
    signal = physical_signal(rng)
    explanation = explain(rng.normal(size=(12, M)), signal, label)
    beat = make_beat(signal)
    return beat, fold_evidence(explanation, beat, label), explanation


def test_the_dower_pair_is_an_inverse() -> None:
    np.testing.assert_allclose(INVERSE_DOWER @ DOWER, np.eye(3), atol=1e-3)


def test_kors_agrees_in_sign_and_size_with_dower() -> None:
    product = KORS @ DOWER
    assert (np.diag(product) > 0.85).all()
    assert np.abs(product - np.diag(np.diag(product))).max() < 0.4


@pytest.mark.parametrize(("lead", "axis", "sign"), [("I", 0, 1), ("II", 1, 1), ("V1", 2, -1), ("V2", 2, -1)])
def test_axes_point_left_down_and_back(lead: str, axis: int, sign: int) -> None:
    signal = np.zeros((12, 1))
    signal[LEADS.index(lead)] = 1.0
    assert np.sign(loop(signal)[axis, 0]) == sign


def test_pull_back_keeps_all_evidence_of_a_dipole(rng: np.random.Generator) -> None:
    dipole = rng.normal(size=(3, 50))
    signal = EXPANSION @ DOWER @ dipole
    weights = rng.normal(size=(12, 50))
    total = pull_back(weights, signal).sum()
    assert total == pytest.approx((fold_weights(weights) * (DOWER @ dipole)).sum(), rel=5e-3)


def test_folding_and_identifying_weights_keep_the_sum_on_possible_signals(rng: np.random.Generator) -> None:
    signal, weights = physical_signal(rng), rng.normal(size=(12, M))
    expected = (weights * signal).sum()
    assert (to_identified(weights) * signal).sum() == pytest.approx(expected)
    independent = signal[[0, 1, 6, 7, 8, 9, 10, 11]]
    assert (fold_weights(weights) * independent).sum() == pytest.approx(expected)


@pytest.mark.parametrize("label", ["MI", "STTC", "NORM"])
def test_every_map_sums_to_logit_minus_bias(anatomy: Anatomy, rng: np.random.Generator, label: str) -> None:
    beat, evidence, explanation = random_evidence(rng, label)
    maps = plan_projection(anatomy, beat).apply(evidence)
    assert tuple(maps) == MODALITIES
    for heart_map in (*maps.values(), cross_modal_average(list(maps.values()))):
        assert heart_map.values.sum() == pytest.approx(explanation.logits[0], abs=1e-4)
        assert heart_map.total == pytest.approx(explanation.logits[0], abs=1e-4)


def test_evidence_for_and_against_never_cancel(anatomy: Anatomy, rng: np.random.Generator) -> None:
    beat, evidence, _ = random_evidence(rng, "MI")
    maps = plan_projection(anatomy, beat).apply(evidence)
    for modality in ("leads", "path"):
        assert maps[modality].supporting.sum() == pytest.approx(evidence.leads.clip(min=0).sum())
        assert maps[modality].opposing.sum() == pytest.approx(evidence.leads.clip(max=0).sum())
    assert all((h.positive >= 0).all() and (h.negative <= 0).all() for h in maps.values())


def test_places_are_spreads_that_sum_to_one(anatomy: Anatomy, rng: np.random.Generator) -> None:
    beat, evidence, _ = random_evidence(rng, "MI")
    for heart_map in plan_projection(anatomy, beat).apply(evidence).values():
        assert (heart_map.basis >= 0).all()
        np.testing.assert_allclose(heart_map.basis.sum(axis=0), 1.0)


def test_maps_scale_with_the_evidence(anatomy: Anatomy, rng: np.random.Generator) -> None:
    beat, evidence, _ = random_evidence(rng, "MI")
    plan = plan_projection(anatomy, beat)
    doubled = plan.apply(Evidence("MI", 2 * evidence.leads, 2 * evidence.dipole))
    for modality, heart_map in plan.apply(evidence).items():
        np.testing.assert_allclose(doubled[modality].values, 2 * heart_map.values, atol=1e-12)


def test_turning_body_and_lead_field_together_changes_nothing(
    anatomy: Anatomy, rng: np.random.Generator
) -> None:
    turn = Rotation.from_rotvec([0.4, -0.7, 1.1]).as_matrix()
    turned = replace(
        anatomy,
        heart=Mesh((anatomy.heart.points @ turn.T).astype(np.float32), anatomy.heart.triangles),
        lead_vectors=(anatomy.lead_vectors @ turn.T).astype(np.float32),
    )
    beat, evidence, _ = random_evidence(rng, "MI")
    here = plan_projection(anatomy, beat).apply(evidence)["leads"].values
    there = plan_projection(turned, beat).apply(evidence)["leads"].values
    np.testing.assert_allclose(there, here, atol=1e-4 * np.abs(here).max())


def test_renumbered_vertices_give_renumbered_values(anatomy: Anatomy, rng: np.random.Generator) -> None:
    order = rng.permutation(len(anatomy.heart.points))
    place = np.argsort(order)
    renumbered = replace(
        anatomy,
        heart=Mesh(anatomy.heart.points[order], place[anatomy.heart.triangles].astype(np.int32)),
        surface=anatomy.surface[order],
        region=anatomy.region[order],
        lead_vectors=anatomy.lead_vectors[:, order],
    )
    beat, evidence, _ = random_evidence(rng, "MI")
    here = plan_projection(anatomy, beat).apply(evidence)
    there = plan_projection(renumbered, beat).apply(evidence)
    for modality in MODALITIES:
        np.testing.assert_allclose(there[modality].values, here[modality].values[order], atol=1e-9)


def test_p_wave_evidence_lies_on_the_atria(anatomy: Anatomy, rng: np.random.Generator) -> None:
    signal = physical_signal(rng)
    weights = np.zeros((12, M))
    weights[:, FIDUCIALS.p_onset : FIDUCIALS.p_end] = 1.0
    beat = make_beat(signal)
    evidence = fold_evidence(explain(weights, signal), beat, "MI")
    for heart_map in plan_projection(anatomy, beat).apply(evidence).values():
        assert heart_map.values[anatomy.ventricles] == pytest.approx(0.0)
        assert np.abs(heart_map.values[~anatomy.ventricles]).sum() > 0


def test_diastole_says_nothing_of_place(anatomy: Anatomy, rng: np.random.Generator) -> None:
    signal = physical_signal(rng)
    weights = np.zeros((12, M))
    weights[:, FIDUCIALS.t_end + 2 :] = signal[:, FIDUCIALS.t_end + 2 :]
    beat = make_beat(signal)
    maps = plan_projection(anatomy, beat).apply(fold_evidence(explain(weights, signal), beat, "MI"))
    even = territory_shares(maps["path"], anatomy)
    assert territory_shares(maps["leads"], anatomy) == pytest.approx(even)
    assert territory_shares(maps["vcg"], anatomy) == pytest.approx(even)


@pytest.mark.parametrize(
    ("leads", "territory", "other"),
    [(("V2", "V3", "V4"), "LAD", "RCA"), (("II", "III", "aVF"), "RCA", "LAD")],
)
def test_lost_voltage_speaks_of_the_wall_the_leads_face(
    anatomy: Anatomy, leads: tuple[str, ...], territory: str, other: str
) -> None:
    rows = [LEADS.index(name) for name in leads]
    qrs = slice(FIDUCIALS.qrs_onset, FIDUCIALS.j_point)
    signal, weights = np.zeros((12, M)), np.zeros((12, M))
    signal[rows, qrs] = -1.0
    weights[rows, qrs] = -1.0
    beat = make_beat(signal)
    maps = plan_projection(anatomy, beat).apply(fold_evidence(explain(weights, signal), beat, "MI"))
    for modality in ("leads", "vcg"):
        shares = territory_shares(maps[modality], anatomy)
        assert shares[territory] > shares[other]


def test_tall_voltage_against_a_scar_speaks_of_the_same_wall(anatomy: Anatomy) -> None:
    rows = [LEADS.index(name) for name in ("V2", "V3", "V4")]
    qrs = slice(FIDUCIALS.qrs_onset, FIDUCIALS.j_point)
    signal, weights = np.zeros((12, M)), np.zeros((12, M))
    signal[rows, qrs], weights[rows, qrs] = 1.0, -1.0
    beat = make_beat(signal)
    plan = plan_projection(anatomy, beat)
    against = plan.apply(fold_evidence(explain(weights, signal), beat, "MI"))["leads"]
    lost = make_beat(-signal)
    support = plan_projection(anatomy, lost).apply(fold_evidence(explain(weights, -signal), lost, "MI"))[
        "leads"
    ]
    np.testing.assert_allclose(against.opposing, -support.supporting, atol=1e-9)


@pytest.mark.parametrize(
    ("finding", "superclass"),
    [("AMI", "MI"), ("IMI", "MI"), ("LMI", "MI"), ("ISCA", "STTC"), ("ISCI", "STTC"), ("ISCL", "STTC")],
)
def test_the_finding_of_a_wall_lies_where_its_superclass_would(
    anatomy: Anatomy, rng: np.random.Generator, finding: str, superclass: str
) -> None:
    beat, evidence, _ = random_evidence(rng, "MI")
    plan = plan_projection(anatomy, beat)
    own, wanted, unnamed = (
        plan.apply(Evidence(label, evidence.leads, evidence.dipole)) for label in (finding, superclass, "LVH")
    )
    np.testing.assert_array_equal(own["leads"].values, wanted["leads"].values)
    assert not np.array_equal(own["leads"].values, unnamed["leads"].values)


def test_shares_sum_to_one(anatomy: Anatomy, rng: np.random.Generator) -> None:
    beat, evidence, _ = random_evidence(rng, "MI")
    for heart_map in plan_projection(anatomy, beat).apply(evidence).values():
        assert sum(region_shares(heart_map, anatomy).values()) == pytest.approx(1.0)
        assert sum(territory_shares(heart_map, anatomy).values()) == pytest.approx(1.0)


def test_averaging_one_map_is_that_map_and_ignores_order(anatomy: Anatomy, rng: np.random.Generator) -> None:
    beat, evidence, _ = random_evidence(rng, "MI")
    maps = list(plan_projection(anatomy, beat).apply(evidence).values())
    np.testing.assert_allclose(cross_modal_average([maps[0], maps[0]]).values, maps[0].values)
    np.testing.assert_allclose(cross_modal_average(maps).values, cross_modal_average(maps[::-1]).values)
    np.testing.assert_allclose(cross_modal_average(maps, [0, 0, 2]).values, maps[2].values)
    with pytest.raises(ValueError, match="weights must be 3 numbers"):
        cross_modal_average(maps, [1, -1, 1])


def test_evidence_of_another_beat_is_refused(anatomy: Anatomy, rng: np.random.Generator) -> None:
    beat, _, _ = random_evidence(rng, "MI")
    with pytest.raises(ValueError, match="planned beat's 80 samples"):
        plan_projection(anatomy, beat).apply(Evidence("MI", np.zeros((12, 5)), np.zeros((3, 5))))


def test_each_part_of_the_path_is_centred_on_the_ventricles(
    anatomy: Anatomy, rng: np.random.Generator
) -> None:
    path = activation_path(anatomy, make_beat(physical_signal(rng)))
    assert path.shape == (FIDUCIALS.t_end - FIDUCIALS.qrs_onset, 3)
    points = anatomy.heart.points[anatomy.ventricles]
    assert ((path > points.min(axis=0)) & (path < points.max(axis=0))).all()


def test_walls_point_outwards(anatomy: Anatomy) -> None:
    direction = wall_direction(anatomy)
    length = np.linalg.norm(direction, axis=1)
    assert set(np.unique(length.round(6))) <= {0.0, 1.0}
    assert (length[~anatomy.ventricles] == 0).all()
