"""Finite elements of the wall: stiffness against the textbook and against uniform fields."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cine_mapping.stiffness import FiniteElements, conductivity_tensor
from imn.errors import InputError
from tests.solid_blocks import block, units


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
