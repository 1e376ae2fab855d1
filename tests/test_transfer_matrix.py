"""From transmembrane potential to twelve leads: what joins finite and boundary elements."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cine_mapping.anatomy import ELECTRODES, Mesh
from cine_mapping.lead_field import infinite_medium, lead_montage
from cine_mapping.stiffness import ALONG_S_PER_M, FiniteElements, conductivity_tensor
from cine_mapping.torso_potential import bounded_potential, infinite_potential
from cine_mapping.transfer_matrix import transfer_matrix
from cine_mapping.volume_conductor import solve_torso
from imn.errors import InputError
from imn.leads import LEADS
from tests.concentric_spheres import sphere
from tests.solid_blocks import block, units

RADIUS = 100.0


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
