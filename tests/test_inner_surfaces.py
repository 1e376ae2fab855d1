"""Lungs and blood of the reference anatomy, and what they do to the leads."""

import numpy as np
import pytest
from scipy.spatial import KDTree
from scipy.spatial.transform import Rotation

from cine_mapping.anatomy import Anatomy
from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.heart import place_heart
from cine_mapping.inner_surfaces import BLOOD, CONDUCTIVITY, LUNGS, carried, load_inner
from cine_mapping.lead_field import TORSO_S_PER_M, to_lead_vectors
from cine_mapping.mesh_checks import inside, open_edges, volume
from cine_mapping.myocardium import LV_ENDOCARDIUM, Myocardium
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.torso_potential import bounded_potential
from cine_mapping.volume_conductor import VolumeConductor, solve_torso
from imn.errors import InputError


@pytest.fixture(scope="module")
def heart() -> Myocardium:
    return load_myocardium("reference")


@pytest.fixture(scope="module")
def plain(anatomy: Anatomy) -> VolumeConductor:
    return solve_torso(anatomy.torso)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("right lung", 1400, 2600), ("left lung", 1300, 2400), ("LV blood", 60, 160), ("RV blood", 50, 180)],
)
def test_surfaces_are_closed_outward_and_of_human_size(
    name: str, low: float, high: float, anatomy: Anatomy, heart: Myocardium
) -> None:
    ((mesh, conductivity),) = load_inner(name)
    assert open_edges(mesh) == 0 and low < volume(mesh) < high
    assert conductivity == CONDUCTIVITY[name]
    assert inside(mesh.points, anatomy.torso).all()
    # Muscle is neither in the lungs nor, but for a few nodes at the valves, in the blood.
    assert inside(heart.points, mesh).mean() < 0.001


def test_right_is_right(anatomy: Anatomy) -> None:
    middle = {name: load_inner(name)[0][0].points.mean(axis=0) for name in CONDUCTIVITY}
    assert middle["right lung"][0] < -40 and middle["left lung"][0] > 40
    assert middle["LV blood"][0] > middle["RV blood"][0]
    assert [len(load_inner()), len(load_inner(*LUNGS))] == [4, 2]
    with pytest.raises(InputError, match="liver"):
        load_inner("liver")


def test_inner_surfaces_of_the_torsos_own_conductivity_change_nothing(
    anatomy: Anatomy, heart: Myocardium, plain: VolumeConductor
) -> None:
    same = solve_torso(anatomy.torso, inner=[(mesh, TORSO_S_PER_M) for mesh, _ in load_inner()])
    one, two = (
        bounded_potential(torso, anatomy.electrodes, heart.points[::40])[0] for torso in (plain, same)
    )
    one, two = (potential - potential.mean(axis=0) for potential in (one, two))
    np.testing.assert_allclose(one, two, atol=1e-6 * np.abs(one).max())


def test_blood_strengthens_sources_across_the_wall_and_weakens_those_along_it(
    anatomy: Anatomy, heart: Myocardium, plain: VolumeConductor
) -> None:
    """Brody 1956, Circ Res 4:731."""
    filled = solve_torso(anatomy.torso, inner=load_inner("LV blood"))
    # Just beneath the endocardium of the free wall.
    at = np.flatnonzero((heart.surface == LV_ENDOCARDIUM) & (np.abs(heart.rotational) > 1.6))
    at = at[(heart.apicobasal[at] > 0.3) & (heart.apicobasal[at] < 0.7)]
    outward = heart.boundary.vertex_normals[at]
    across = -outward / np.linalg.norm(outward, axis=1, keepdims=True)
    places = heart.points[at] + across
    size = []
    for torso in (plain, filled):
        vectors = to_lead_vectors(bounded_potential(torso, anatomy.electrodes, places)[1])
        radial = (vectors * across).sum(axis=2)
        along = np.linalg.norm(vectors - radial[..., None] * across, axis=2)
        size.append([np.linalg.norm(radial), np.linalg.norm(along)])
    gain = np.array(size[1]) / size[0]
    assert gain[0] > 1.15 and gain[1] < 0.85


def test_what_they_change_in_the_leads(anatomy: Anatomy, heart: Myocardium, plain: VolumeConductor) -> None:
    leads = [
        simulate_beat(place_heart(heart, torso, anatomy.electrodes)).leads
        for torso in (
            plain,
            *(
                solve_torso(anatomy.torso, inner=load_inner(*names))
                for names in (LUNGS, BLOOD, LUNGS + BLOOD)
            ),
        )
    ]
    alike = [np.corrcoef(leads[0].ravel(), found.ravel())[0, 1] for found in leads[1:]]
    assert alike[0] > 0.97 and 0.9 < alike[1] < 0.98 and 0.88 < alike[2] < 0.98
    limb = [np.linalg.norm(found[:6]) / np.linalg.norm(leads[0][:6]) for found in leads[1:]]
    assert all(1.0 < gain < 1.6 for gain in limb)


def test_blood_goes_where_the_heart_goes(heart: Myocardium) -> None:
    ((pool, _),) = load_inner("LV blood")
    middle = heart.points.mean(axis=0)
    turn = Rotation.from_rotvec([0.05, -0.1, 0.08])
    moved = turn.apply(heart.points - middle) + middle + [9, -4, 7]
    found = carried(pool, heart, moved)
    expected = turn.apply(pool.points - middle) + middle + [9, -4, 7]
    assert np.linalg.norm(found.points - expected, axis=1).max() < 4
    still = carried(pool, heart, heart.points)
    np.testing.assert_allclose(still.points, pool.points, atol=1e-4)
    gap = KDTree(moved).query(found.points)[0] - KDTree(heart.points).query(pool.points)[0]
    assert np.abs(gap).max() < 5
