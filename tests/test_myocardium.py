"""The wall as a volume: its coordinates, fibres, early sites, and values from heart to heart."""

import dataclasses
from importlib.resources import files

import numpy as np
import pytest

from cine_mapping.anatomy import AHA_SEGMENTS, REGIONS, RV_REGIONS, SURFACES, Anatomy
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.fibres import helix_angle, rule_based_fibres
from cine_mapping.heart_to_heart import plan_transfer, transfer
from cine_mapping.laplace import gradient, harmonic, length_along
from cine_mapping.long_axis import LongAxis, find_long_axis
from cine_mapping.myocardium import (
    BASE,
    EPICARDIUM,
    INSIDE,
    LV_ENDOCARDIUM,
    RV_ENDOCARDIUM,
    Myocardium,
    boundary_triangles,
    signed_volumes,
)
from cine_mapping.myocardium_io import load_myocardium, save_myocardium
from cine_mapping.purkinje import PURKINJE_SITES, early_nodes
from cine_mapping.reference.split import split
from cine_mapping.stiffness import FiniteElements
from cine_mapping.ventricular_coordinates import make_myocardium
from imn.errors import InputError

FOCUS_MM, INNER, OUTER, BASE_ANGLE = 45.0, 0.55, 0.75, np.deg2rad(110)


@dataclasses.dataclass(frozen=True, eq=False)
class Shell:
    """Wall between two confocal prolate spheroids, cut off at a hyperboloid, apex downwards."""

    elements: FiniteElements
    spheroid: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray

    @property
    def inner(self) -> np.ndarray:
        return self.spheroid == INNER

    @property
    def outer(self) -> np.ndarray:
        return self.spheroid == OUTER

    @property
    def exact_depth(self) -> np.ndarray:
        """Laplace's equation in these coordinates depends on the spheroid alone."""
        low, high, here = (np.log(np.tanh(x / 2)) for x in (INNER, OUTER, self.spheroid))
        return (here - low) / (high - low)

    @property
    def around(self) -> np.ndarray:
        """Counter-clockwise seen from the base."""
        zero = np.zeros_like(self.longitude)
        return np.stack([-np.sin(self.longitude), np.cos(self.longitude), zero], axis=1)


def make_shell(focus: float = FOCUS_MM, steps: tuple[int, int, int] = (4, 22, 32)) -> Shell:
    deep, high, round_ = steps
    mu, nu, phi = np.meshgrid(
        np.linspace(INNER, OUTER, deep + 1),
        np.linspace(0, BASE_ANGLE, high + 1),
        2 * np.pi * np.arange(round_) / round_,
        indexing="ij",
    )
    number = np.arange(mu.size).reshape(mu.shape)
    number[:, 0] = number[:, 0, :1]
    number = np.concatenate([number, number[..., :1]], axis=2)[..., ::-1]
    ends = (slice(-1), slice(1, None))
    cells = np.stack([number[a, b, c].ravel() for a in ends for b in ends for c in ends], axis=1)
    used, cells = np.unique(cells, return_inverse=True)
    mu, nu, phi = (v.ravel()[used] for v in (mu, nu, phi))
    radius = focus * np.sinh(mu) * np.sin(nu)
    points = np.stack([radius * np.cos(phi), radius * np.sin(phi), -focus * np.cosh(mu) * np.cos(nu)], axis=1)
    return Shell(FiniteElements(points, split(cells.reshape(-1, 8))), mu, nu, phi)


@pytest.fixture(scope="module")
def shell() -> Shell:
    return make_shell()


@pytest.fixture(scope="module")
def depth(shell: Shell) -> np.ndarray:
    return harmonic(shell.elements, np.select([shell.inner, shell.outer], [0.0, 1.0], np.nan))


@pytest.fixture(scope="module")
def reference() -> Myocardium:
    return load_myocardium("reference")


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    return load_anatomy("reference")


@pytest.fixture(scope="module")
def axis(anatomy: Anatomy) -> LongAxis:
    keep = anatomy.ventricles
    triangles = anatomy.heart.triangles[keep[anatomy.heart.triangles].all(axis=1)]
    return find_long_axis(anatomy.heart.points[keep], triangles, anatomy.surface[keep])


@pytest.fixture(scope="module")
def other(reference: Myocardium) -> Myocardium:
    """The reference stretched, bent and turned: another heart with coordinates of its own."""
    points = reference.points.astype(float) - reference.points.mean(axis=0)
    points = points * [1.15, 0.95, 1.1] + 0.002 * points[:, [1, 2, 0]] ** 2
    return make_myocardium(points @ turn().T, reference.tetrahedra, reference.surface, name="another")


def turn() -> np.ndarray:
    rotation, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    return rotation * np.sign(np.linalg.det(rotation))


def wrapped(angle: np.ndarray) -> np.ndarray:
    return np.abs(np.mod(angle + np.pi, 2 * np.pi) - np.pi)


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


def assert_closed(triangles: np.ndarray) -> None:
    """Every side is run once in each direction."""
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    assert len(np.unique(sides, axis=0)) == len(sides)
    np.testing.assert_array_equal(np.unique(sides, axis=0), np.unique(sides[:, ::-1], axis=0))


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


def shell_heart(shell: Shell, name: str) -> Myocardium:
    """The shell as a left ventricle with its own coordinates."""
    count = len(shell.longitude)
    return Myocardium(
        points=shell.elements.points.astype(np.float32),
        tetrahedra=shell.elements.tetrahedra.astype(np.int32),
        surface=np.select([shell.inner, shell.outer], [LV_ENDOCARDIUM, EPICARDIUM], INSIDE).astype(np.int8),
        apicobasal=(shell.latitude / BASE_ANGLE).astype(np.float32),
        rotational=np.mod(shell.longitude + np.pi, 2 * np.pi).astype(np.float32) - np.float32(np.pi),
        transmural=shell.exact_depth.clip(0, 1).astype(np.float32),
        ventricle=np.zeros(count, np.int8),
        fibres=np.tile(np.float32([1, 0, 0]), (count, 1)),
        region=np.zeros(count, np.int8),
        name=name,
    )


def wave(heart: Myocardium) -> np.ndarray:
    """Smooth in coordinates, and single-valued at the apex."""
    height = heart.apicobasal.astype(float)
    return np.sin(3 * height) + height * np.cos(heart.rotational - 3.0) + heart.transmural


@pytest.fixture(scope="module")
def pair(shell: Shell) -> tuple[Myocardium, Myocardium]:
    """The same wall twice, other in size and in mesh."""
    return shell_heart(shell, "fine"), shell_heart(make_shell(35.0, (3, 13, 27)), "coarse")


class TestTransfer:
    def test_onto_itself_is_the_identity(self, reference):
        values = np.random.default_rng(0).normal(size=(len(reference.points), 2))
        for conserve in (False, True):
            np.testing.assert_allclose(transfer(values, reference, reference, conserve=conserve), values)

    def test_round_trip_between_shells_of_other_size_and_mesh(self, pair):
        fine, coarse = pair
        there = transfer(wave(fine), fine, coarse)
        assert np.abs(there - wave(coarse)).max() < 0.3
        assert np.sqrt(np.mean((there - wave(coarse)) ** 2)) < 0.1
        back = transfer(there, coarse, fine)
        assert np.sqrt(np.mean((back - wave(fine)) ** 2)) < 0.15

    def test_angle_is_on_a_circle(self, pair):
        fine, coarse = pair
        angle = np.mod(coarse.rotational + 0.1 + np.pi, 2 * np.pi) - np.pi
        coarse = dataclasses.replace(coarse, rotational=angle.astype(np.float32))
        away = coarse.apicobasal > 0.2
        apart = fine.rotational[plan_transfer(fine, coarse).indices] - coarse.rotational
        assert np.abs(apart)[away].max() > 6
        assert wrapped(apart)[away].max() < 0.3

    def test_a_constant_stays(self, pair):
        assert (transfer(np.full(len(pair[0].points), 2.5), *pair) == 2.5).all()

    @pytest.mark.parametrize("backwards", [False, True])
    def test_conserving_keeps_totals_and_place(self, pair, backwards):
        source, target = pair[::-1] if backwards else pair
        amounts = source.node_volumes * np.exp(-((wave(source) - 1) ** 2))
        moved = transfer(amounts, source, target, conserve=True)
        assert moved.sum() == pytest.approx(amounts.sum(), rel=1e-12)
        assert (moved >= 0).all()
        one = np.zeros(len(source.points))
        one[len(one) // 2] = 1.0
        assert transfer(one, source, target, conserve=True).sum() == pytest.approx(1.0)
        for field in ("apicobasal", "transmural"):
            middles = [
                (values * getattr(heart, field)).sum() / values.sum()
                for values, heart in ((amounts, source), (moved, target))
            ]
            assert middles[0] == pytest.approx(middles[1], abs=0.06)  # a third of a layer

    def test_segments_arrive_in_another_heart_and_come_back(self, reference, other):
        for region in range(len(AHA_SEGMENTS + RV_REGIONS)):
            mask = (reference.region == region).astype(float)
            there = transfer(mask, reference, other)
            assert dice(there, other.region == region, other.node_volumes) > 0.7
            assert dice(transfer(there, other, reference), mask, reference.node_volumes) > 0.8

    def test_a_missing_ventricle_is_refused(self, reference, pair):
        with pytest.raises(InputError, match="right ventricular free wall"):
            transfer(wave(pair[0]), pair[0], reference)
        with pytest.raises(InputError, match="right ventricular free wall"):
            transfer(wave(reference), reference, pair[0], conserve=True)

    def test_values_of_another_mesh_are_refused(self, pair):
        with pytest.raises(InputError, match="each of the"):
            transfer(np.zeros(3), *pair)


def dice(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> float:
    return 2 * (a * b * weight).sum() / ((a + b) * weight).sum()


class TestReference:
    def test_is_one_closed_piece_of_positive_tetrahedra(self, reference):
        assert (reference.volumes > 0).all()
        assert 5000 <= len(reference.points) <= 12000
        assert len(np.unique(reference.tetrahedra)) == len(reference.points)
        assert pieces(reference, np.zeros(len(reference.points))) == 1
        triangles = reference.boundary.triangles
        assert_closed(triangles)
        normals = reference.boundary.triangle_normals
        middles = reference.points[triangles].astype(float).mean(axis=1)
        assert (middles * normals).sum() / 3 == pytest.approx(reference.volumes.sum(), rel=1e-6)
        np.testing.assert_array_equal(np.unique(triangles), np.flatnonzero(reference.surface != INSIDE))

    def test_volumes_of_nodes_ventricles_and_regions_add_up(self, reference):
        total = reference.volumes.sum()
        assert reference.node_volumes.sum() == pytest.approx(total)
        by_region = np.bincount(reference.region, reference.node_volumes)
        assert len(by_region) == len(AHA_SEGMENTS + RV_REGIONS) and by_region.sum() == pytest.approx(total)
        assert by_region[: len(AHA_SEGMENTS)].sum() == pytest.approx(
            reference.node_volumes[reference.ventricle == 0].sum()
        )

    def test_size_is_a_human_one(self, reference):
        left, right = (reference.node_volumes[reference.ventricle == k].sum() / 1000 for k in (0, 1))
        assert 100 < left < 150
        assert 0.25 < right / left < 0.5
        assert 7 < thickness(reference, EPICARDIUM, 0, LV_ENDOCARDIUM) < 11
        assert 3 < thickness(reference, EPICARDIUM, 1, RV_ENDOCARDIUM) < 5
        assert 7 < thickness(reference, RV_ENDOCARDIUM, 0, LV_ENDOCARDIUM) < 11

    def test_every_segment_is_one_piece_and_none_is_tiny(self, reference):
        share = np.bincount(reference.region, reference.node_volumes) / reference.volumes.sum()
        assert share.min() > 0.01 and share.max() < 0.25
        assert pieces(reference, reference.region) == len(AHA_SEGMENTS + RV_REGIONS)
        assert pieces(reference, reference.ventricle) == 2

    def test_lies_in_the_reference_anatomy(self, reference, anatomy):
        pyvista = pytest.importorskip("pyvista")
        keep = anatomy.ventricles
        triangles = anatomy.heart.triangles[keep[anatomy.heart.triangles].all(axis=1)]
        surface = pyvista.PolyData(anatomy.heart.points.astype(float)).copy()
        surface = pyvista.PolyData.from_regular_faces(anatomy.heart.points.astype(float), triangles)
        outer = pyvista.PolyData(reference.points[reference.surface != INSIDE].astype(float))
        distance = np.abs(outer.compute_implicit_distance(surface)["implicit_distance"])
        assert np.quantile(distance, 0.99) < 1 and distance.max() < 2
        assert np.median(distance) < 0.1

    def test_segments_are_those_of_the_surface(self, reference, anatomy):
        from scipy.spatial import KDTree

        outer = np.flatnonzero(reference.surface != INSIDE)
        keep = anatomy.ventricles
        near = outer[KDTree(reference.points[outer]).query(anatomy.heart.points[keep])[1]]
        assert (reference.region[near] == anatomy.region[keep]).mean() > 0.92
        names = {LV_ENDOCARDIUM: 0, RV_ENDOCARDIUM: 1, EPICARDIUM: 2, BASE: 3}
        assert [SURFACES[k] for k in names.values()] == list(SURFACES[:4])
        kinds = np.array([names[k] for k in reference.surface[near].tolist()])
        assert (kinds == anatomy.surface[keep]).mean() > 0.97

    def test_coordinates_reach_from_surface_to_surface(self, reference):
        left = reference.ventricle == 0
        surface, depth = reference.surface, reference.transmural
        assert (depth[(surface == LV_ENDOCARDIUM) | ((surface == RV_ENDOCARDIUM) & ~left)] == 0).all()
        assert (depth[(surface == EPICARDIUM) | ((surface == RV_ENDOCARDIUM) & left)] == 1).all()
        inside = surface == INSIDE
        assert ((depth[inside] > 0) & (depth[inside] < 1)).mean() > 0.995
        assert (reference.apicobasal[surface == BASE] == 1).all() and reference.apicobasal.min() == 0
        cap = reference.region == REGIONS.index("apex")
        assert reference.apicobasal[cap].max() < 0.35
        septum = (surface == RV_ENDOCARDIUM) & left & (np.abs(reference.apicobasal - 0.5) < 0.15)
        assert (
            np.abs(np.rad2deg(np.quantile(reference.rotational[septum], [0.02, 0.98])) - [-60, 60]).max() < 10
        )

    def test_anterior_is_in_front_and_septum_on_the_right(self, reference):
        middle = (reference.apicobasal > 0.3) & (reference.apicobasal < 0.7) & (reference.ventricle == 0)
        at = {
            angle: reference.points[middle & (wrapped(reference.rotational - angle) < 0.3)].mean(axis=0)
            for angle in (0, np.pi / 2, np.pi, -np.pi / 2)
        }
        assert at[0][0] < at[np.pi][0] - 20
        assert (at[np.pi / 2] - at[-np.pi / 2])[1] < 0 < (at[np.pi / 2] - at[-np.pi / 2])[2]

    def test_comes_anew_from_its_mesh(self, reference, axis):
        again = make_myocardium(reference.points, reference.tetrahedra, reference.surface, axis=axis)
        for field in ("apicobasal", "transmural"):
            np.testing.assert_allclose(getattr(again, field), getattr(reference, field), atol=1e-4)
        assert wrapped(again.rotational - reference.rotational).max() < 1e-4
        np.testing.assert_array_equal(again.ventricle, reference.ventricle)
        assert (again.region == reference.region).mean() > 0.999

    def test_coordinates_do_not_depend_on_the_frame(self, reference):
        mesh = (reference.tetrahedra, reference.surface)
        here = make_myocardium(reference.points, *mesh)
        there = make_myocardium(reference.points.astype(float) @ turn().T + [30, -200, 9], *mesh)
        for field in ("apicobasal", "transmural"):
            np.testing.assert_allclose(getattr(there, field), getattr(here, field), atol=1e-3)
        off_axis = here.apicobasal > 0.1
        assert wrapped(there.rotational - here.rotational)[off_axis].max() < 1e-3
        np.testing.assert_array_equal(there.ventricle, here.ventricle)
        assert (there.region == here.region).mean() > 0.999
        same = np.abs((there.fibres * (here.fibres @ turn().T)).sum(axis=1))
        assert np.quantile(same, 0.01) > 0.999

    def test_fibres_follow_the_helix(self, reference):
        left = (reference.ventricle == 0) & (reference.apicobasal > 0.3) & (reference.apicobasal < 0.7)
        upward = -(find_axis(reference))
        free = left & (np.abs(reference.rotational) > 1.5)
        for surface, sign in ((LV_ENDOCARDIUM, 1), (EPICARDIUM, -1)):
            nodes = free & (reference.surface == surface)
            centre = reference.points[left].mean(axis=0)
            around = np.cross(upward, reference.points[nodes] - centre)
            around /= np.linalg.norm(around, axis=1, keepdims=True)
            climb = (reference.fibres[nodes] @ upward) * (reference.fibres[nodes] * around).sum(axis=1)
            assert (sign * climb > 0).mean() > 0.98

    def test_file_is_small(self):
        assert len((files("cine_mapping") / "anatomies" / "reference_myocardium.npz").read_bytes()) < 1.5e6


def find_axis(heart: Myocardium) -> np.ndarray:
    """Unit vector from base to apex."""
    way = heart.points[heart.apicobasal < 0.1].mean(axis=0) - heart.points[heart.apicobasal > 0.9].mean(
        axis=0
    )
    return way / np.linalg.norm(way)


def pieces(heart: Myocardium, key: np.ndarray) -> int:
    """Connected pieces of nodes that bear the same key."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = np.concatenate([heart.tetrahedra[:, [i, j]] for i in range(4) for j in range(i)])
    edges = edges[key[edges[:, 0]] == key[edges[:, 1]]]
    links = coo_array((np.ones(len(edges)), edges.T), shape=(len(key), len(key)))
    return connected_components(links, directed=False)[0]


def thickness(heart: Myocardium, face: int, ventricle: int, other_face: int) -> float:
    """Median distance across the wall below the base, mm."""
    from scipy.spatial import KDTree

    nodes = (heart.surface == face) & (heart.ventricle == ventricle) & (heart.apicobasal < 0.8)
    nodes &= (heart.apicobasal > 0.2) | (ventricle == 1)
    return float(np.median(KDTree(heart.points[heart.surface == other_face]).query(heart.points[nodes])[0]))


class TestPurkinje:
    def test_sites_are_durrers(self):
        delays = {site.name: site.delay for site in PURKINJE_SITES}
        assert all(0 <= site.delay <= 5 for site in PURKINJE_SITES if site.ventricle == 0)
        assert 5 <= delays["right anterior papillary muscle"] <= 10

    @pytest.mark.parametrize("which", ["reference", "other"])
    def test_nodes_are_where_they_should_be(self, which, request):
        heart = request.getfixturevalue(which)
        nodes = early_nodes(heart)
        assert len(set(nodes.tolist())) == len(PURKINJE_SITES)
        for node, site in zip(nodes, PURKINJE_SITES, strict=True):
            assert heart.ventricle[node] == site.ventricle
            assert heart.surface[node] == (LV_ENDOCARDIUM, RV_ENDOCARDIUM)[site.ventricle]
            assert abs(heart.apicobasal[node] - site.apicobasal) < 0.06
            assert wrapped(heart.rotational[node] - np.deg2rad(site.rotational_deg)) < np.deg2rad(8)

    def test_a_heart_without_right_ventricle_is_refused(self, shell):
        with pytest.raises(InputError, match="RV endocardium"):
            early_nodes(shell_heart(shell, "shell"))


class TestValue:
    def test_round_trips_through_a_file(self, reference, tmp_path):
        save_myocardium(reference, tmp_path / "copy.npz")
        copy = load_myocardium(tmp_path / "copy.npz")
        assert [p.name for p in tmp_path.iterdir()] == ["copy.npz"]
        for field in dataclasses.fields(Myocardium):
            np.testing.assert_array_equal(getattr(copy, field.name), getattr(reference, field.name))

    def test_files_that_are_none_are_refused(self, reference, tmp_path):
        path = tmp_path / "x.npz"
        with pytest.raises(InputError, match="no such file"):
            load_myocardium(path)
        path.write_bytes(b"not an archive")
        with pytest.raises(InputError, match="could not read"):
            load_myocardium(path)
        np.savez(path, points=reference.points)
        with pytest.raises(InputError, match="format"):
            load_myocardium(path)
        np.savez(path, format=np.array("ecglocus myocardium 1"), points=reference.points)
        with pytest.raises(InputError, match="found no .*tetrahedra"):
            load_myocardium(path)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            (lambda m: {"apicobasal": m.apicobasal[:-1]}, "one value per node"),
            (lambda m: {"tetrahedra": m.tetrahedra[:, [1, 0, 2, 3]]}, "inside out"),
            (lambda m: {"tetrahedra": m.tetrahedra + 1}, "do not exist"),
            (lambda m: {"transmural": m.transmural + 0.5}, "0 ... 1"),
            (lambda m: {"rotational": m.rotational * 2}, "-pi"),
            (lambda m: {"fibres": m.fibres * 2}, "unit"),
            (lambda m: {"region": m.region + np.int8(2)}, "unknown index"),
            (lambda m: {"points": m.points * np.float32(np.nan)}, "finite"),
        ],
    )  # fmt: skip
    def test_unsound_arrays_are_refused(self, reference, changes, words):
        with pytest.raises(InputError, match=words.replace(".", r"\.")):
            dataclasses.replace(reference, **changes(reference))

    def test_a_wall_without_labels_is_refused(self, reference):
        with pytest.raises(InputError, match="RV endocardium"):
            unlabelled = np.where(reference.surface == RV_ENDOCARDIUM, EPICARDIUM, reference.surface)
            make_myocardium(reference.points, reference.tetrahedra, unlabelled)
