"""Turning and moving heart, torso and electrodes together: lead fields turn along, ECGs stay."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cine_mapping.anatomy import Anatomy, Mesh
from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.conditions import LBBB, Condition, Ectopy, Infarct, Ischaemia
from cine_mapping.forward.heart import VirtualHeart, place_heart
from cine_mapping.forward.regions import Ellipsoid, Segments
from cine_mapping.inner_surfaces import load_inner
from cine_mapping.lead_field import to_lead_vectors
from cine_mapping.myocardium import Myocardium
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.torso_potential import bounded_potential
from cine_mapping.volume_conductor import solve_torso

TURN = Rotation.from_euler("xyz", [40, -70, 25], degrees=True).as_matrix()
SHIFT = np.array([120.0, -300.0, 55.0])


def turned(points: NDArray[np.floating]) -> NDArray[np.float32]:
    return (np.asarray(points, dtype=float) @ TURN.T + SHIFT).astype(np.float32)


def turned_mesh(mesh: Mesh) -> Mesh:
    return Mesh(turned(mesh.points), mesh.triangles)


def turned_heart(heart: Myocardium) -> Myocardium:
    return replace(heart, points=turned(heart.points), fibres=(heart.fibres @ TURN.T).astype(np.float32))


@pytest.fixture(scope="module")
def pair(anatomy: Anatomy) -> tuple[VirtualHeart, VirtualHeart]:
    heart = load_myocardium("reference")
    here = place_heart(heart, solve_torso(anatomy.torso), anatomy.electrodes)
    torso = solve_torso(turned_mesh(anatomy.torso))
    return here, place_heart(turned_heart(heart), torso, turned(anatomy.electrodes))


@pytest.mark.parametrize("filled", [False, True])
def test_lead_fields_turn_with_the_body(anatomy: Anatomy, filled: bool) -> None:
    inner = load_inner("left lung", "LV blood") if filled else ()
    places = load_myocardium("reference").points[::60]
    here = bounded_potential(solve_torso(anatomy.torso, inner=inner), anatomy.electrodes, places)[1]
    torso = solve_torso(turned_mesh(anatomy.torso), inner=[(turned_mesh(mesh), s) for mesh, s in inner])
    there = bounded_potential(torso, turned(anatomy.electrodes), turned(places))[1]
    one, two = to_lead_vectors(here) @ TURN.T, to_lead_vectors(there)
    assert np.abs(two - one).max() < 2e-4 * np.abs(one).max()


@pytest.mark.parametrize(
    "condition",
    [
        None,
        LBBB,
        Ischaemia(Segments(("LAD",))),
        Infarct(Ellipsoid(centre=3000, semi_axes=(25.0, 18.0), turn_deg=30.0)),
        Ectopy(1234),
    ],
)
def test_the_ecg_and_its_truth_stay(
    pair: tuple[VirtualHeart, VirtualHeart], condition: Condition | None
) -> None:
    here, there = (simulate_beat(heart, condition) for heart in pair)
    np.testing.assert_array_equal(here.truth, there.truth)
    np.testing.assert_allclose(here.activation, there.activation, atol=0.01)
    assert np.abs(here.leads - there.leads).max() < 2e-3 * np.abs(here.leads).max()
