"""Boundary elements of the torso: integrals over triangles, spheres by their series, another program."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from cine_mapping.anatomy import Mesh
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.flat_triangles import FlatTriangles
from cine_mapping.lead_field import infinite_medium, to_lead_vectors
from cine_mapping.torso_potential import bounded_potential, nearest_on_skin
from cine_mapping.volume_conductor import solve_torso
from imn.errors import InputError
from tests.concentric_spheres import layered_sphere, sphere
from tests.solid_blocks import error, interior, referenced, units

RADIUS = 100.0


def test_triangle_integrals_are_those_of_quadrature() -> None:
    rng = np.random.default_rng(2)
    triangle = FlatTriangles(Mesh(rng.normal(size=(3, 3)), np.array([[0, 1, 2]])))
    n = 200
    i, j = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    u = np.concatenate([(i[i + j < n] + 1 / 3), (i[i + j < n - 1] + 2 / 3)]) / n
    v = np.concatenate([(j[i + j < n] + 1 / 3), (j[i + j < n - 1] + 2 / 3)]) / n
    shape = np.stack([1 - u - v, u, v], axis=1)
    share, normal = triangle.areas[0] / n**2, triangle.normals[0] / (2 * triangle.areas[0])
    for seen in 1.5 * rng.normal(size=(5, 3)):
        reach = shape @ triangle.corners[0] - seen
        distance = np.linalg.norm(reach, axis=1, keepdims=True)
        double = (shape * (reach @ normal)[:, None] / distance**3).sum(axis=0) * share / (4 * np.pi)
        np.testing.assert_allclose(triangle.double_layer(seen[None])[0], double, rtol=1e-3, atol=1e-7)
        potential, gradient = triangle.single_layer(seen[None], np.ones((1, 1)))
        np.testing.assert_allclose(potential[0, 0], (1 / distance).sum() * share, rtol=1e-4)
        np.testing.assert_allclose(gradient[0, 0], (reach / distance**3).sum(axis=0) * share, rtol=1e-3)


def test_a_closed_surface_fills_the_solid_angle() -> None:
    ball = FlatTriangles(sphere(1.0, fineness=2))
    rng = np.random.default_rng(3)
    places = np.vstack([interior(rng, 20, depths=(0, 0.9)), interior(rng, 20, depths=(1.05, 3))])
    filled = ball.double_layer(places).sum(axis=1)
    np.testing.assert_allclose(filled, np.repeat([1.0, 0.0], 20), atol=1e-12)


@pytest.mark.parametrize(("layers", "fineness"), [((0.22, 0.22), 4), ((0.6, 0.22), 3), ((0.05, 0.22), 3)])
def test_potentials_in_concentric_spheres_are_those_of_the_series(
    layers: tuple[float, float], fineness: int
) -> None:
    rng = np.random.default_rng(4)
    electrodes, places = RADIUS * units(rng, 40), interior(rng, 200, depths=(1, 40))
    inner = [] if layers[0] == layers[1] else [(sphere(50.0, fineness=fineness), layers[0])]
    torso = solve_torso(sphere(RADIUS, fineness=fineness), layers[1], inner=inner)
    true_potential, true_dipole = layered_sphere(electrodes, places, conductivities=layers)
    potential, dipole = bounded_potential(torso, electrodes, places)
    potential, true_potential = (z - z.mean(axis=1, keepdims=True) for z in (potential, true_potential))
    for found, true in ((potential, true_potential), (dipole, true_dipole)):
        assert error(referenced(found), referenced(true)) < 0.015
        assert np.corrcoef(referenced(found).ravel(), referenced(true).ravel())[0, 1] > 0.9999
    found, true = referenced(dipole), referenced(true_dipole)
    size, true_size = (np.linalg.norm(dipoles, axis=0) for dipoles in (found, true))
    assert np.linalg.norm(found / size - true / true_size, axis=0).max() < 0.02  # RDM
    assert np.abs(size / true_size - 1).max() < 0.02  # MAG


def test_refinement_converges() -> None:
    rng = np.random.default_rng(5)
    electrodes, places = RADIUS * units(rng, 40), interior(rng, 100, depths=(1, 60))
    true = referenced(layered_sphere(electrodes, places)[1])
    errors = []
    for fineness in (1, 2, 3):
        torso = solve_torso(sphere(RADIUS, fineness=fineness))
        errors.append(error(referenced(bounded_potential(torso, electrodes, places)[1]), true))
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


def test_gradient_is_that_of_the_potential_also_beside_an_inner_surface() -> None:
    rng = np.random.default_rng(6)
    torso = solve_torso(sphere(RADIUS, fineness=2), inner=[(sphere(40.0, fineness=2), 0.6)])
    electrodes, places = RADIUS * units(rng, 4), interior(rng, 30, depths=(42, 45))
    step, size = 1e-3 * np.eye(3), 2e-3
    # One call, so that the same triangles count as near.
    moved = np.concatenate([places] + [places + sign * h for h in step for sign in (1, -1)])
    potential, gradient = bounded_potential(torso, electrodes, moved)
    parts = potential.reshape(4, 7, 30)
    slope = np.stack([parts[:, 1 + 2 * i] - parts[:, 2 + 2 * i] for i in range(3)], axis=-1) / size
    np.testing.assert_allclose(gradient[:, :30], slope, rtol=1e-4, atol=1e-6 * np.abs(slope).max())


def test_beside_an_inner_surface_the_potential_stays_true() -> None:
    rng = np.random.default_rng(7)
    layers = (0.6, 0.22)
    electrodes, places = RADIUS * units(rng, 40), interior(rng, 200, depths=(46, 48))
    torso = solve_torso(sphere(RADIUS, fineness=3), layers[1], inner=[(sphere(50.0, fineness=3), layers[0])])
    true = layered_sphere(electrodes, places, conductivities=layers)
    for found, expected in zip(bounded_potential(torso, electrodes, places), true, strict=True):
        assert error(referenced(found), referenced(expected)) < 0.03


def test_an_inner_surface_of_the_same_conductivity_changes_nothing() -> None:
    rng = np.random.default_rng(8)
    electrodes, places = RADIUS * units(rng, 9), interior(rng, 50, depths=(1, 30))
    skin, lung = sphere(RADIUS, fineness=2), sphere(20.0, fineness=1, centre=(0, 60, 0))
    alone, both = (solve_torso(skin, 0.22, inner=inner) for inner in ([], [(lung, 0.22)]))
    for one, other in zip(*(bounded_potential(t, electrodes, places) for t in (alone, both)), strict=True):
        np.testing.assert_allclose(referenced(one), referenced(other), rtol=1e-6, atol=1e-9)


def test_nested_surfaces_know_what_surrounds_them() -> None:
    """Blood in muscle: a middle shell of blood's conductivity leaves the blood pool alone."""
    rng = np.random.default_rng(9)
    electrodes, places = RADIUS * units(rng, 9), interior(rng, 50, depths=(1, 25))
    skin, wall, pool = (sphere(r, fineness=2) for r in (RADIUS, 60.0, 30.0))
    nested = solve_torso(skin, inner=[(pool, 0.6), (wall, 0.6)])
    merged = solve_torso(skin, inner=[(wall, 0.6)])
    for one, other in zip(*(bounded_potential(t, electrodes, places) for t in (nested, merged)), strict=True):
        np.testing.assert_allclose(referenced(one), referenced(other), rtol=1e-6, atol=1e-9)


def test_reciprocity() -> None:
    """A dipole measured at the electrodes, solved forward, is the lead field at its place."""
    rng = np.random.default_rng(10)
    skin = sphere(RADIUS, fineness=3)
    torso = solve_torso(skin)
    at, places = rng.choice(len(skin.points), 9, replace=False), interior(rng, 5, depths=(1, 60))
    electrodes = skin.points[at]
    dipoles = rng.normal(size=(5, 3))
    layer = FlatTriangles(skin).double_layer(skin.points)
    layer[np.diag_indices(len(layer))] += 0.5 - layer.sum(axis=1)
    reach = skin.points[:, None] - places
    source = 1000 * np.einsum("vpi,pi->vp", reach, dipoles) / np.linalg.norm(reach, axis=2) ** 3 / (4 * np.pi)
    forward, *_ = np.linalg.lstsq(0.22 * (0.5 * np.eye(len(layer)) - layer), source, rcond=1e-10)
    lead_field = np.einsum("epi,pi->ep", bounded_potential(torso, electrodes, places)[1], dipoles)
    assert error(referenced(lead_field), referenced(forward[at])) < 2e-3


def test_in_the_middle_of_a_sphere_the_field_is_three_times_the_free_one() -> None:
    """Wilson & Bayley 1950; also the units and the sign of both against each other."""
    rng = np.random.default_rng(11)
    electrodes, middle = RADIUS * units(rng, 9), np.array([[0.1, 0, 0]])
    bounded = bounded_potential(solve_torso(sphere(RADIUS, fineness=3)), electrodes, middle)[1]
    free = infinite_medium(middle, electrodes)
    np.testing.assert_allclose(to_lead_vectors(bounded), 3 * free, rtol=0.02, atol=0.005 * np.abs(free).max())


def test_openmeeg_agrees() -> None:
    pytest.importorskip("openmeeg")
    trimesh = pytest.importorskip("trimesh")
    from tests.openmeeg_torso import bounded_torso

    rng = np.random.default_rng(12)
    ball = sphere(1.0, fineness=3)
    skin = Mesh(ball.points * (170, 115, 250), ball.triangles)
    electrodes = units(rng, 9)
    electrodes /= np.linalg.norm(electrodes / (170, 115, 250), axis=1, keepdims=True)
    places = interior(rng, 100, depths=(1, 50)) + (20, -30, 0)
    ours = to_lead_vectors(bounded_potential(solve_torso(skin), electrodes, places)[1])
    theirs = bounded_torso(places, electrodes, trimesh.Trimesh(skin.points, skin.triangles), 0.22)
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.999
    assert error(ours, theirs) < 0.03


def test_the_shipped_lead_vectors_come_out_again() -> None:
    """They were made on a finer skin than the one that ships."""
    anatomy = load_anatomy("reference")
    places = anatomy.heart.points[anatomy.ventricles][::10]
    ours = to_lead_vectors(bounded_potential(solve_torso(anatomy.torso), anatomy.electrodes, places)[1])
    shipped = anatomy.lead_vectors[:, anatomy.ventricles][:, ::10]
    assert np.corrcoef(ours.ravel(), shipped.ravel())[0, 1] > 0.9999
    assert max(error(one, other) for one, other in zip(ours, shipped, strict=True)) < 0.015


def test_electrodes_go_to_the_nearest_place_on_the_skin() -> None:
    rng = np.random.default_rng(19)
    skin = FlatTriangles(sphere(RADIUS, fineness=2))
    electrodes = units(rng, 20) * rng.uniform(90, 120, size=(20, 1))
    triangle, shares = nearest_on_skin(skin, electrodes)
    assert (shares >= -1e-12).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    places = np.einsum("kc,kci->ki", shares, skin.corners[triangle])
    away = np.linalg.norm(places - electrodes, axis=1)
    shares = rng.dirichlet(np.ones(3), size=(200, len(skin.corners)))
    anywhere = np.einsum("nfk,fki->nfi", shares, skin.corners).reshape(-1, 3)
    sampled = cKDTree(anywhere).query(electrodes)[0]
    assert (away <= sampled + 1e-12).all()
    np.testing.assert_allclose(away, sampled, atol=0.2)


def test_surfaces_that_cannot_be_a_torso_are_refused() -> None:
    skin = sphere(RADIUS, fineness=1)
    with pytest.raises(InputError, match="the skin is not closed"):
        solve_torso(Mesh(skin.points, skin.triangles[1:]))
    with pytest.raises(InputError, match="inside out"):
        solve_torso(Mesh(skin.points, skin.triangles[:, ::-1]))
    with pytest.raises(InputError, match="inner surface 1 and the skin touch or cross"):
        solve_torso(skin, inner=[(sphere(30.0, fineness=1, centre=(90, 0, 0)), 0.05)])
    with pytest.raises(InputError, match="inner surface 1 is not inside the skin"):
        solve_torso(skin, inner=[(sphere(30.0, fineness=1, centre=(300, 0, 0)), 0.05)])
    with pytest.raises(InputError, match="conductivities must be positive"):
        solve_torso(skin, 0.0)
    torso = solve_torso(skin)
    with pytest.raises(InputError, match="outside the skin"):
        bounded_potential(torso, skin.points[:9], np.array([[0, 0, 0], [0, 0, 120.0]]))
    with pytest.raises(InputError, match="mm from the skin"):
        bounded_potential(torso, 2 * skin.points[:9], np.zeros((1, 3)))
