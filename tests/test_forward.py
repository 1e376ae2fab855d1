"""From action potentials to leads: the formulas, and what a transfer matrix must keep."""

import dataclasses

import numpy as np
import pytest
from scipy.special import expit

from cine_mapping.anatomy import Mesh
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.forward.beat import excite, normal_activation, simulate_beat
from cine_mapping.forward.conditions import LBBB
from cine_mapping.forward.heart import VirtualHeart, place_heart
from cine_mapping.forward.physiology import Physiology
from cine_mapping.forward.potentials import (
    DECAY_MS,
    DECAY_POWER,
    CellCourse,
    DurationGradients,
    durations,
    lead_voltages,
    transmembrane_potential,
)
from cine_mapping.forward.regions import LAD
from cine_mapping.volume_conductor import solve_torso
from imn.errors import InputError

UNIFORM = DurationGradients(compensation=0, epicardial=0, apical=0, right=0, septal=0)


def test_potentials_follow_the_formula() -> None:
    rng = np.random.default_rng(0)
    n, times = 40, np.arange(-20, 600, 1.7)
    course = CellCourse(
        activation=rng.uniform(0, 150, n),
        duration=rng.uniform(180, 320, n),
        rest=np.full(n, -85.0),
        amplitude=rng.uniform(40, 100, n),
        upstroke=rng.uniform(1.5, 4, n),
    )
    since = times - course.activation[:, None]
    left = course.duration[:, None] - since
    up, left_over = expit(since / course.upstroke[:, None]), np.ones((n, len(times)))
    for tau in DECAY_MS:
        left_over *= expit(left / tau) ** DECAY_POWER
    height = course.amplitude[:, None]
    found = transmembrane_potential(course, times)
    np.testing.assert_allclose(found, height * (up + left_over - 1), atol=1e-9)
    # The published product, but for what the plateau has lost before the upstroke is over.
    np.testing.assert_allclose(found, height * up * left_over, atol=2.0)


def test_leads_are_summed_over_nodes_that_rise_or_fall_together() -> None:
    rng = np.random.default_rng(0)
    n, times = 200, np.arange(-20, 600, 2.0)
    one, transfer = np.ones(n), rng.normal(size=(3, n))
    start = np.where(np.arange(n) % 7 == 0, np.inf, rng.uniform(0, 150, n))
    for upstroke in (1.6 * one, rng.uniform(1.5, 4, n)):
        course = CellCourse(start, rng.uniform(180, 320, n), -85 * one, 100 * one, upstroke)
        exact = transfer @ transmembrane_potential(course, times)
        found = lead_voltages(transfer, course, times)
        assert np.linalg.norm(found - exact) < 0.005 * np.linalg.norm(exact)
    dead = CellCourse(np.inf * one, 200 * one, -85 * one, 100 * one, one)
    assert (lead_voltages(transfer, dead, times) == 0).all()


def test_a_cell_that_is_not_excited_rests() -> None:
    one = np.ones(2)
    course = CellCourse(np.array([0.0, np.inf]), 250 * one, -85 * one, 100 * one, 1.6 * one)
    height = transmembrane_potential(course, np.arange(0, 300, 2.0))
    assert height[0].max() > 95
    assert (height[1] == 0).all()


def test_cells_excited_late_recover_in_less_time(heart: VirtualHeart) -> None:
    activation = normal_activation(heart, Physiology())
    np.testing.assert_array_equal(durations(heart.myocardium, activation, UNIFORM), UNIFORM.mean)
    only = dataclasses.replace(UNIFORM, compensation=0.5)
    assert np.corrcoef(activation, durations(heart.myocardium, activation, only))[0, 1] == pytest.approx(-1)


def test_leads_are_linear_and_blind_to_a_constant(heart: VirtualHeart) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, heart.graph.nodes, 3))
    both = heart.transfer @ (2 * a - 3 * b)
    np.testing.assert_allclose(both, 2 * heart.transfer @ a - 3 * heart.transfer @ b, atol=1e-12)
    assert np.abs(heart.transfer @ np.full(heart.graph.nodes, 100.0)).max() < 1e-10
    assert heart.transfer_with(np.ones(heart.graph.nodes)) is heart.transfer


def test_the_beat_is_the_transfer_matrix_times_the_potential(heart: VirtualHeart) -> None:
    beat = simulate_beat(heart, LBBB)
    course = excite(heart, LBBB.changes(heart, Physiology()), Physiology())
    exact = heart.transfer @ transmembrane_potential(course, beat.times)
    np.testing.assert_allclose(beat.leads, exact, atol=2e-3 * np.abs(exact).max())
    assert np.abs(beat.leads[:, [0, -1]]).max() < 5e-3
    np.testing.assert_allclose(beat.leads[2], beat.leads[1] - beat.leads[0], atol=1e-5)


def test_a_scar_gives_no_current_and_conductivity_scales_it(heart: VirtualHeart) -> None:
    core = LAD.nodes(heart.myocardium, heart.graph)
    scarred = heart.transfer_with(np.where(core, 0.0, 1.0))
    assert np.abs(scarred[:, core]).max() < 1e-12 * np.abs(scarred).max()
    assert np.abs(scarred.sum(axis=1)).max() < 1e-12
    np.testing.assert_allclose(heart.transfer_with(np.full(len(core), 1.6)), 1.6 * heart.transfer, atol=1e-15)
    with pytest.raises(InputError, match="infarct smaller"):
        heart.transfer_with(np.zeros(len(core)))


def test_moving_heart_and_torso_together_changes_nothing(heart: VirtualHeart) -> None:
    anatomy, way = load_anatomy("reference"), np.array([30.0, -10.0, 200.0], np.float32)
    torso = solve_torso(Mesh(anatomy.torso.points + way, anatomy.torso.triangles))
    muscle = dataclasses.replace(heart.myocardium, points=heart.myocardium.points + way)
    moved = place_heart(muscle, torso, anatomy.electrodes + way)
    scale = np.abs(heart.transfer).max()
    np.testing.assert_allclose(moved.transfer, heart.transfer, atol=1e-3 * scale)
    nearer = dataclasses.replace(muscle, points=muscle.points + np.array([0, -8, 0], np.float32))
    near = place_heart(nearer, torso, anatomy.electrodes + way)
    assert np.ptp(simulate_beat(near).leads[7]) > 1.05 * np.ptp(simulate_beat(heart).leads[7])
