"""Fields in the wall: tetrahedra that fill cells, harmonic fields, lengths and fibres, by closed forms."""

import numpy as np
import pytest

from cine_mapping.fibres import helix_angle, rule_based_fibres
from cine_mapping.laplace import gradient, harmonic, length_along
from cine_mapping.myocardium import boundary_triangles, signed_volumes
from cine_mapping.reference.split import split
from cine_mapping.stiffness import FiniteElements
from imn.errors import InputError
from tests.prolate_shell import BASE_ANGLE, FOCUS_MM, INNER, OUTER, Shell, assert_closed, make_shell


@pytest.fixture(scope="module")
def shell() -> Shell:
    return make_shell()


@pytest.fixture(scope="module")
def depth(shell: Shell) -> np.ndarray:
    return harmonic(shell.elements, np.select([shell.inner, shell.outer], [0.0, 1.0], np.nan))


class TestSplit:
    @pytest.mark.parametrize("merge", [[], [(0, 1)], [(0, 1), (2, 3)], [(0, 1), (0, 2), (0, 3)]])
    def test_cells_with_merged_corners_keep_their_volume_and_close(self, merge):
        corners = np.array(list(np.ndindex(2, 2, 2)), float)
        cell = np.arange(8)
        for to, of in merge:
            cell[of] = to
        tetrahedra = split(cell[None])
        volume = {0: 1.0, 1: 5 / 6, 2: 0.5, 3: 1 / 3}[len(merge)]
        if len(merge) != 1:  # a cell with one collapsed edge has faces that are not flat
            assert signed_volumes(corners, tetrahedra).sum() == pytest.approx(volume)
        assert (signed_volumes(corners, tetrahedra) > 0).all()
        assert_closed(boundary_triangles(tetrahedra))

    def test_neighbours_agree_whatever_the_numbering(self):
        rng = np.random.default_rng(0)
        grid = rng.permutation(64).reshape(4, 4, 4)
        ends = (slice(-1), slice(1, None))
        cells = np.stack([grid[a, b, c].ravel() for a in ends for b in ends for c in ends], axis=1)
        points = np.empty((64, 3))
        points[grid.ravel()] = np.array(list(np.ndindex(4, 4, 4)))
        tetrahedra = split(cells)
        assert signed_volumes(points, tetrahedra).sum() == pytest.approx(27)
        triangles = boundary_triangles(tetrahedra)
        assert len(triangles) == 6 * 9 * 2
        assert_closed(triangles)


class TestShell:
    def test_is_filled_the_better_the_finer(self, shell):
        # Volume between the spheroids below the cut, by the Jacobian of the coordinates.
        cut = np.cos(BASE_ANGLE)
        low, high = (
            np.cosh(mu) ** 3 / 3 * (1 - cut) - np.cosh(mu) * (1 - cut**3) / 3 for mu in (INNER, OUTER)
        )
        expected = 2 * np.pi * FOCUS_MM**3 * (high - low)
        missing = [
            1 - mesh.elements.volumes.sum() / expected
            for mesh in (make_shell(steps=(4, 11, 16)), shell, make_shell(steps=(4, 44, 64)))
        ]
        assert abs(missing[2]) < 0.01
        assert missing[0] > 3 * missing[1] > 9 * missing[2]
        assert_closed(boundary_triangles(shell.elements.tetrahedra))

    def test_transmural_field_is_the_exact_harmonic_one(self, shell, depth):
        assert (depth[shell.inner] == 0).all() and (depth[shell.outer] == 1).all()
        assert np.abs(depth - shell.exact_depth).max() < 0.02

    def test_transmural_field_rises_through_the_wall_everywhere(self, shell, depth):
        for spheroid in np.unique(shell.spheroid)[1:]:
            below = depth[shell.spheroid < spheroid].max()
            assert depth[shell.spheroid == spheroid].min() > below

    def test_harmonic_field_has_no_source_inside(self, shell, depth):
        stiffness = shell.elements.stiffness(np.broadcast_to(np.eye(3), (len(depth), 3, 3)))
        leaving = stiffness @ depth
        inside = ~(shell.inner | shell.outer)
        assert np.abs(leaving[inside]).max() < 1e-6 * np.abs(leaving).max()

    def test_linear_fields_are_exact(self, shell):
        points = shell.elements.points
        linear = points @ [1.0, -2.0, 0.5] + 3
        surface = np.zeros(len(points), bool)
        surface[boundary_triangles(shell.elements.tetrahedra)] = True
        found = harmonic(shell.elements, np.where(surface, linear, np.nan))
        np.testing.assert_allclose(found, linear, atol=1e-5)
        np.testing.assert_allclose(
            gradient(shell.elements, linear),
            np.tile([1.0, -2.0, 0.5], (len(shell.elements.volumes), 1)),
            atol=1e-9,
        )
        start = linear == linear.min()
        np.testing.assert_allclose(
            length_along(shell.elements, linear, start), (linear - linear.min()) / np.sqrt(5.25), atol=1e-4
        )

    def test_length_through_the_wall_is_its_thickness(self, shell, depth):
        length = length_along(shell.elements, depth, shell.inner)
        equator = shell.outer & (np.abs(shell.latitude - np.pi / 2) < 0.05)
        expected = FOCUS_MM * (np.sinh(OUTER) - np.sinh(INNER))
        assert length[equator] == pytest.approx(expected, rel=0.05)

    def test_fibres_turn_from_plus_to_minus_sixty_degrees(self, shell, depth):
        fibres = rule_based_fibres(shell.elements, depth, shell.latitude / BASE_ANGLE)
        np.testing.assert_allclose(np.linalg.norm(fibres, axis=1), 1, atol=1e-6)
        walls = (shell.latitude > 0.5) & (shell.latitude < BASE_ANGLE - 0.2)
        z = np.stack([np.zeros_like(shell.longitude)] * 2 + [np.ones_like(shell.longitude)], axis=1)
        across = (fibres * shell.around).sum(axis=1)
        along = (fibres * z).sum(axis=1)
        steep = np.arcsin(np.abs(along).clip(max=1))
        # The wall leans, so that compare where it stands upright: at the equator.
        upright = walls & (np.abs(shell.latitude - np.pi / 2) < 0.06)
        signed = np.rad2deg(steep * np.sign(across * along))
        assert np.abs(signed - helix_angle(depth))[upright].max() < 3
        middle = upright & (np.abs(depth - 0.5) < 0.06)
        assert middle.any() and np.abs(along[middle]).max() < 0.15
        # Right-handed inside, left-handed outside, all over the wall.
        assert (across * along)[walls & shell.inner].min() > 0 > (across * along)[walls & shell.outer].max()

    def test_mid_wall_is_circumferential(self):
        assert helix_angle(0.5) == 0 and helix_angle(0.0) == 60 and helix_angle(1.0) == -60

    def test_a_piece_with_nothing_given_is_refused(self, shell):
        count = len(shell.elements.points)
        two = FiniteElements(
            np.concatenate([shell.elements.points, shell.elements.points + 200]),
            np.concatenate([shell.elements.tetrahedra, shell.elements.tetrahedra + count]),
        )
        fixed = np.full(2 * count, np.nan)
        fixed[:count][shell.inner] = 0
        with pytest.raises(InputError, match="label the surfaces"):
            harmonic(two, fixed)
