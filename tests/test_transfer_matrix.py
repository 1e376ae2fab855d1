"""From transmembrane potential to twelve leads: elements, boundary elements, and what joins them."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from cine_mapping.anatomy import ELECTRODES, Mesh
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.flat_triangles import FlatTriangles
from cine_mapping.lead_field import infinite_medium, lead_montage, to_lead_vectors
from cine_mapping.stiffness import ALONG_S_PER_M, FiniteElements, conductivity_tensor
from cine_mapping.torso_potential import bounded_potential, infinite_potential, nearest_on_skin
from cine_mapping.transfer_matrix import transfer_matrix
from cine_mapping.volume_conductor import solve_torso
from imn.errors import InputError
from imn.leads import LEADS
from tests.concentric_spheres import layered_sphere, sphere

RADIUS = 100.0


def block(cells: int, *, size: float = 30.0, round_off: bool = False) -> FiniteElements:
    """A cube of six tetrahedra a cell around the origin, or the ball it can be pressed into."""
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, cells + 1)] * 3, indexing="ij"), axis=-1)
    number = np.arange(grid[..., 0].size).reshape(grid.shape[:3])
    parts = []
    for order in itertools.permutations(range(3)):
        steps = np.zeros((4, 3), dtype=int)
        for i, axis in enumerate(order, start=1):
            steps[i:, axis] = 1
        corners = [number[tuple(slice(s, cells + s) for s in step)].ravel() for step in steps]
        even = np.linalg.det(steps[1:] - steps[:1]) > 0
        parts.append(np.stack(corners if even else [corners[i] for i in (0, 1, 3, 2)], axis=1))
    points = grid.reshape(-1, 3)
    if round_off:
        length = np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
        points = points * np.abs(points).max(axis=1, keepdims=True) / length
    return FiniteElements(points * size / 2, np.concatenate(parts))


def units(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    vectors = rng.normal(size=(n, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def interior(rng: np.random.Generator, n: int, *, depths: tuple[float, float]) -> NDArray[np.float64]:
    return units(rng, n) * rng.uniform(*depths, size=(n, 1))


def referenced(potential: NDArray[np.float64]) -> NDArray[np.float64]:
    return potential - potential.mean(axis=0)


def error(found: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(found - true) / np.linalg.norm(true))


# ---- finite elements


def test_stiffness_is_symmetric_blind_to_constants_and_not_negative() -> None:
    rng = np.random.default_rng(0)
    elements = block(4)
    n = len(elements.points)
    stiff = elements.stiffness(conductivity_tensor(units(rng, n), scale=rng.uniform(0.1, 1, n)))
    assert (stiff != stiff.T).nnz == 0
    assert np.abs(stiff @ np.ones(n)).max() < 1e-14 * np.abs(stiff.data).max()
    values = np.linalg.eigvalsh(stiff.toarray())
    assert values[0] > -1e-15
    assert values[1] > 1e-3 * values[-1]


def test_the_unit_corner_has_the_textbook_stiffness() -> None:
    corner = FiniteElements(np.vstack([np.zeros(3), np.eye(3)]), np.array([[0, 1, 2, 3]]))
    tensor = conductivity_tensor(np.tile([1.0, 0, 0], (4, 1)), along=3, across=1)
    expected = np.array([[5, -3, -1, -1], [-3, 3, 0, 0], [-1, 0, 1, 0], [-1, 0, 0, 1]]) / 6 * 1e-3
    np.testing.assert_allclose(corner.stiffness(tensor).toarray(), expected, atol=1e-18)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_energy_of_a_uniform_field_is_its_conductivity_times_volume(seed: int) -> None:
    rng = np.random.default_rng(seed)
    elements, (fibre, field) = block(3), (units(rng, 1)[0], rng.normal(size=3))
    stiff = elements.stiffness(
        conductivity_tensor(np.tile(fibre, (len(elements.points), 1)), along=0.12, across=0.05)
    )
    ramp = elements.points @ field
    energy = 0.05 * field @ field + 0.07 * (fibre @ field) ** 2
    np.testing.assert_allclose(ramp @ stiff @ ramp, 1e-3 * 30**3 * energy, rtol=1e-10)


def test_the_sign_of_a_fibre_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    elements = block(2)
    fibres = units(rng, len(elements.points))
    flipped = fibres * rng.choice([-1, 1], size=(len(fibres), 1))
    same = elements.stiffness(conductivity_tensor(fibres)) - elements.stiffness(conductivity_tensor(flipped))
    assert np.abs(same.toarray()).max() == 0


def test_what_is_no_wall_is_refused() -> None:
    elements = block(1)
    with pytest.raises(InputError, match="6 of 6 tetrahedra"):
        FiniteElements(elements.points, elements.tetrahedra[:, [1, 0, 2, 3]])
    with pytest.raises(InputError, match="unit vectors"):
        conductivity_tensor(np.zeros((3, 3)))
    with pytest.raises(InputError, match="positive"):
        conductivity_tensor(np.eye(3), along=-0.1)


# ---- triangles


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


# ---- boundary elements


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


# ---- twelve leads


@pytest.fixture(scope="module")
def wall() -> FiniteElements:
    return block(8, round_off=True)


@pytest.fixture(scope="module")
def electrodes() -> NDArray[np.float64]:
    return RADIUS * units(np.random.default_rng(13), len(ELECTRODES))


def test_a_uniform_potential_gives_no_ecg(wall: FiniteElements, electrodes: NDArray[np.float64]) -> None:
    fibres = units(np.random.default_rng(14), len(wall.points))
    leads = transfer_matrix(
        wall.stiffness(conductivity_tensor(fibres)), infinite_potential(wall.points, electrodes)
    )
    assert leads.shape == (12, len(wall.points))
    assert np.abs(leads @ np.full(len(wall.points), -85.0)).max() < 1e-12


def test_limb_leads_obey_einthoven_and_goldberger(
    wall: FiniteElements, electrodes: NDArray[np.float64]
) -> None:
    stiff = wall.stiffness(conductivity_tensor(units(np.random.default_rng(15), len(wall.points))))
    lead = dict(zip(LEADS, transfer_matrix(stiff, infinite_potential(wall.points, electrodes)), strict=True))
    np.testing.assert_array_equal(lead["III"], lead["II"] - lead["I"])
    np.testing.assert_allclose(lead["aVR"], -(lead["I"] + lead["II"]) / 2, rtol=0, atol=1e-18)
    np.testing.assert_allclose(lead["aVL"], lead["I"] - lead["II"] / 2, rtol=0, atol=1e-18)
    np.testing.assert_allclose(lead["aVF"], lead["II"] - lead["I"] / 2, rtol=0, atol=1e-18)


def test_potential_of_each_electrode_may_be_shifted(
    wall: FiniteElements, electrodes: NDArray[np.float64]
) -> None:
    stiff = wall.stiffness(conductivity_tensor(units(np.random.default_rng(16), len(wall.points))))
    potential = infinite_potential(wall.points, electrodes)
    leads = transfer_matrix(stiff, potential)
    np.testing.assert_allclose(
        transfer_matrix(stiff, potential + np.arange(9.0)[:, None] * 1e3), leads, atol=1e-10
    )


def test_a_uniform_gradient_in_an_isotropic_ball_has_a_closed_form(electrodes: NDArray[np.float64]) -> None:
    """Z is harmonic, so its gradient's mean over the ball is that in the middle."""
    ball, field = block(8, round_off=True), np.array([3.0, -2.0, 1.0])
    fibres = np.tile([1.0, 0, 0], (len(ball.points), 1))
    stiff = ball.stiffness(conductivity_tensor(fibres, along=0.1, across=0.1))
    ecg = transfer_matrix(stiff, infinite_potential(ball.points, electrodes)) @ (ball.points @ field)
    moment = -0.1 * field * ball.volumes.sum() * 1e-3  # S/m mV/mm mm3 in mA mm
    expected = infinite_medium(np.zeros((1, 3)), electrodes)[:, 0] @ moment
    np.testing.assert_allclose(ecg, expected, atol=3e-3 * np.abs(expected).max())


def test_depolarisation_towards_an_electrode_is_positive() -> None:
    """Cells behind the front are at +15 mV, those before it at rest."""
    slab, electrodes = block(6), np.full((9, 3), 1e6)
    electrodes[ELECTRODES.index("V1")] = 100.0, 0, 0
    fibres = np.tile([1.0, 0, 0], (len(slab.points), 1))
    leads = transfer_matrix(
        slab.stiffness(conductivity_tensor(fibres)), infinite_potential(slab.points, electrodes)
    )
    front = np.where(slab.points[:, 0] < 0, 15.0, -85.0)
    v1 = (leads @ front)[LEADS.index("V1")]
    # A uniform double layer seen as solid angle: 100 mV, sigma_i / sigma_torso, and the area of the front.
    angle = 4 * np.arcsin(15**2 / (15**2 + 102.5**2))
    np.testing.assert_allclose(v1, 100 * ALONG_S_PER_M / 0.22 * angle / (4 * np.pi), rtol=0.02)


def test_turning_everything_changes_nothing(wall: FiniteElements) -> None:
    rng = np.random.default_rng(17)
    turn = Rotation.random(rng=rng).as_matrix()
    ball = sphere(1.0, fineness=2)
    skin = ball.points * (170, 115, 250)
    electrodes, fibres = skin[rng.choice(len(skin), 9, replace=False)], units(rng, len(wall.points))
    lung = sphere(25.0, fineness=1, centre=(60, 0, 50))

    def leads(turn: NDArray[np.float64]) -> NDArray[np.float64]:
        elements = FiniteElements(wall.points @ turn.T, wall.tetrahedra)
        torso = solve_torso(
            Mesh(skin @ turn.T, ball.triangles), inner=[(Mesh(lung.points @ turn.T, lung.triangles), 0.05)]
        )
        potential, _ = bounded_potential(torso, electrodes @ turn.T, elements.points)
        return transfer_matrix(elements.stiffness(conductivity_tensor(fibres @ turn.T)), potential)

    before, after = leads(np.eye(3)), leads(turn)
    np.testing.assert_allclose(after, before, atol=1e-8 * np.abs(before).max())


def test_transfer_of_dipoles_and_of_potentials_agree(electrodes: NDArray[np.float64]) -> None:
    """L V_m is the sum over the wall of lead vector times impressed current."""
    rng = np.random.default_rng(18)
    ball = block(10, round_off=True)
    fibre = units(rng, 1)[0]
    tensor = conductivity_tensor(np.tile(fibre, (len(ball.points), 1)))
    torso = solve_torso(sphere(RADIUS, fineness=2))
    lead_field, _ = bounded_potential(torso, electrodes, ball.points)
    potential = np.tanh(ball.points @ units(rng, 1)[0] / 5)
    ecg = transfer_matrix(ball.stiffness(tensor), lead_field) @ potential
    slope = np.einsum("mc,mci->mi", potential[ball.tetrahedra], ball.gradients)
    current = -1e-3 * (slope @ tensor[0]) * ball.volumes[:, None]
    middle = np.asarray(ball.points)[ball.tetrahedra].mean(axis=1)
    lead_vectors = np.tensordot(lead_montage(), bounded_potential(torso, electrodes, middle)[1], axes=1)
    np.testing.assert_allclose(
        ecg, np.einsum("lmi,mi->l", lead_vectors, current), atol=5e-3 * np.abs(ecg).max()
    )


def test_a_core_without_conductivity_is_silent(wall: FiniteElements, electrodes: NDArray[np.float64]) -> None:
    fibres = np.tile([1.0, 0, 0], (len(wall.points), 1))
    scar = np.where(wall.points[:, 0] > 0, 0.0, 1.0)
    potential = infinite_potential(wall.points, electrodes)
    sound, scarred = (
        transfer_matrix(wall.stiffness(conductivity_tensor(fibres, scale=scale)), potential)
        for scale in (None, scar)
    )
    core, remote = wall.points[:, 0] > 5, wall.points[:, 0] < -5
    assert np.abs(scarred[:, core]).max() == 0 < np.abs(sound[:, core]).max()
    np.testing.assert_allclose(scarred[:, remote], sound[:, remote], atol=1e-12)


def test_arrays_that_do_not_fit_are_refused(wall: FiniteElements) -> None:
    stiff = wall.stiffness(conductivity_tensor(np.tile([1.0, 0, 0], (len(wall.points), 1))))
    with pytest.raises(InputError, match=r"potential must be \(9, "):
        transfer_matrix(stiff, np.zeros((8, len(wall.points))))
