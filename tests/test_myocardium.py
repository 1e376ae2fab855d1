"""The reference wall as a volume: its size, coordinates, segments, fibres and early sites, and its file."""

import dataclasses
from importlib.resources import files

import numpy as np
import pytest

from cine_mapping.anatomy import AHA_SEGMENTS, REGIONS, RV_REGIONS, SURFACES, Anatomy
from cine_mapping.long_axis import LongAxis, find_long_axis
from cine_mapping.myocardium import BASE, EPICARDIUM, INSIDE, LV_ENDOCARDIUM, RV_ENDOCARDIUM, Myocardium
from cine_mapping.myocardium_io import load_myocardium, save_myocardium
from cine_mapping.purkinje import PURKINJE_SITES, early_nodes
from cine_mapping.ventricular_coordinates import make_myocardium
from imn.errors import InputError
from tests.prolate_shell import Shell, another_heart, assert_closed, make_shell, shell_heart, turn, wrapped


@pytest.fixture(scope="module")
def shell() -> Shell:
    return make_shell()


@pytest.fixture(scope="module")
def axis(anatomy: Anatomy) -> LongAxis:
    keep = anatomy.ventricles
    triangles = anatomy.heart.triangles[keep[anatomy.heart.triangles].all(axis=1)]
    return find_long_axis(anatomy.heart.points[keep], triangles, anatomy.surface[keep])


@pytest.fixture(scope="module")
def other(wall: Myocardium) -> Myocardium:
    return another_heart(wall)


class TestReference:
    def test_is_one_closed_piece_of_positive_tetrahedra(self, wall):
        assert (wall.volumes > 0).all()
        assert 5000 <= len(wall.points) <= 12000
        assert len(np.unique(wall.tetrahedra)) == len(wall.points)
        assert pieces(wall, np.zeros(len(wall.points))) == 1
        triangles = wall.boundary.triangles
        assert_closed(triangles)
        normals = wall.boundary.triangle_normals
        middles = wall.points[triangles].astype(float).mean(axis=1)
        assert (middles * normals).sum() / 3 == pytest.approx(wall.volumes.sum(), rel=1e-6)
        np.testing.assert_array_equal(np.unique(triangles), np.flatnonzero(wall.surface != INSIDE))

    def test_volumes_of_nodes_ventricles_and_regions_add_up(self, wall):
        total = wall.volumes.sum()
        assert wall.node_volumes.sum() == pytest.approx(total)
        by_region = np.bincount(wall.region, wall.node_volumes)
        assert len(by_region) == len(AHA_SEGMENTS + RV_REGIONS) and by_region.sum() == pytest.approx(total)
        assert by_region[: len(AHA_SEGMENTS)].sum() == pytest.approx(
            wall.node_volumes[wall.ventricle == 0].sum()
        )

    def test_size_is_a_human_one(self, wall):
        left, right = (wall.node_volumes[wall.ventricle == k].sum() / 1000 for k in (0, 1))
        assert 100 < left < 150
        assert 0.25 < right / left < 0.5
        assert 7 < thickness(wall, EPICARDIUM, 0, LV_ENDOCARDIUM) < 11
        assert 3 < thickness(wall, EPICARDIUM, 1, RV_ENDOCARDIUM) < 5
        assert 7 < thickness(wall, RV_ENDOCARDIUM, 0, LV_ENDOCARDIUM) < 11

    def test_every_segment_is_one_piece_and_none_is_tiny(self, wall):
        share = np.bincount(wall.region, wall.node_volumes) / wall.volumes.sum()
        assert share.min() > 0.01 and share.max() < 0.25
        assert pieces(wall, wall.region) == len(AHA_SEGMENTS + RV_REGIONS)
        assert pieces(wall, wall.ventricle) == 2

    def test_lies_in_the_reference_anatomy(self, wall, anatomy):
        pyvista = pytest.importorskip("pyvista")
        keep = anatomy.ventricles
        triangles = anatomy.heart.triangles[keep[anatomy.heart.triangles].all(axis=1)]
        surface = pyvista.PolyData(anatomy.heart.points.astype(float)).copy()
        surface = pyvista.PolyData.from_regular_faces(anatomy.heart.points.astype(float), triangles)
        outer = pyvista.PolyData(wall.points[wall.surface != INSIDE].astype(float))
        distance = np.abs(outer.compute_implicit_distance(surface)["implicit_distance"])
        assert np.quantile(distance, 0.99) < 1 and distance.max() < 2
        assert np.median(distance) < 0.1

    def test_segments_are_those_of_the_surface(self, wall, anatomy):
        from scipy.spatial import KDTree

        outer = np.flatnonzero(wall.surface != INSIDE)
        keep = anatomy.ventricles
        near = outer[KDTree(wall.points[outer]).query(anatomy.heart.points[keep])[1]]
        assert (wall.region[near] == anatomy.region[keep]).mean() > 0.92
        names = {LV_ENDOCARDIUM: 0, RV_ENDOCARDIUM: 1, EPICARDIUM: 2, BASE: 3}
        assert [SURFACES[k] for k in names.values()] == list(SURFACES[:4])
        kinds = np.array([names[k] for k in wall.surface[near].tolist()])
        assert (kinds == anatomy.surface[keep]).mean() > 0.97

    def test_coordinates_reach_from_surface_to_surface(self, wall):
        left = wall.ventricle == 0
        surface, depth = wall.surface, wall.transmural
        assert (depth[(surface == LV_ENDOCARDIUM) | ((surface == RV_ENDOCARDIUM) & ~left)] == 0).all()
        assert (depth[(surface == EPICARDIUM) | ((surface == RV_ENDOCARDIUM) & left)] == 1).all()
        inside = surface == INSIDE
        assert ((depth[inside] > 0) & (depth[inside] < 1)).mean() > 0.995
        assert (wall.apicobasal[surface == BASE] == 1).all() and wall.apicobasal.min() == 0
        cap = wall.region == REGIONS.index("apex")
        assert wall.apicobasal[cap].max() < 0.35
        septum = (surface == RV_ENDOCARDIUM) & left & (np.abs(wall.apicobasal - 0.5) < 0.15)
        assert np.abs(np.rad2deg(np.quantile(wall.rotational[septum], [0.02, 0.98])) - [-60, 60]).max() < 10

    def test_anterior_is_in_front_and_septum_on_the_right(self, wall):
        middle = (wall.apicobasal > 0.3) & (wall.apicobasal < 0.7) & (wall.ventricle == 0)
        at = {
            angle: wall.points[middle & (wrapped(wall.rotational - angle) < 0.3)].mean(axis=0)
            for angle in (0, np.pi / 2, np.pi, -np.pi / 2)
        }
        assert at[0][0] < at[np.pi][0] - 20
        assert (at[np.pi / 2] - at[-np.pi / 2])[1] < 0 < (at[np.pi / 2] - at[-np.pi / 2])[2]

    def test_comes_anew_from_its_mesh(self, wall, axis):
        again = make_myocardium(wall.points, wall.tetrahedra, wall.surface, axis=axis)
        for field in ("apicobasal", "transmural"):
            np.testing.assert_allclose(getattr(again, field), getattr(wall, field), atol=1e-4)
        assert wrapped(again.rotational - wall.rotational).max() < 1e-4
        np.testing.assert_array_equal(again.ventricle, wall.ventricle)
        assert (again.region == wall.region).mean() > 0.999

    def test_coordinates_do_not_depend_on_the_frame(self, wall):
        mesh = (wall.tetrahedra, wall.surface)
        here = make_myocardium(wall.points, *mesh)
        there = make_myocardium(wall.points.astype(float) @ turn().T + [30, -200, 9], *mesh)
        for field in ("apicobasal", "transmural"):
            np.testing.assert_allclose(getattr(there, field), getattr(here, field), atol=1e-3)
        off_axis = here.apicobasal > 0.1
        assert wrapped(there.rotational - here.rotational)[off_axis].max() < 1e-3
        np.testing.assert_array_equal(there.ventricle, here.ventricle)
        assert (there.region == here.region).mean() > 0.999
        same = np.abs((there.fibres * (here.fibres @ turn().T)).sum(axis=1))
        assert np.quantile(same, 0.01) > 0.999

    def test_fibres_follow_the_helix(self, wall):
        left = (wall.ventricle == 0) & (wall.apicobasal > 0.3) & (wall.apicobasal < 0.7)
        upward = -(find_axis(wall))
        free = left & (np.abs(wall.rotational) > 1.5)
        for surface, sign in ((LV_ENDOCARDIUM, 1), (EPICARDIUM, -1)):
            nodes = free & (wall.surface == surface)
            centre = wall.points[left].mean(axis=0)
            around = np.cross(upward, wall.points[nodes] - centre)
            around /= np.linalg.norm(around, axis=1, keepdims=True)
            climb = (wall.fibres[nodes] @ upward) * (wall.fibres[nodes] * around).sum(axis=1)
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

    @pytest.mark.parametrize("which", ["wall", "other"])
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
    def test_round_trips_through_a_file(self, wall, tmp_path):
        save_myocardium(wall, tmp_path / "copy.npz")
        copy = load_myocardium(tmp_path / "copy.npz")
        assert [p.name for p in tmp_path.iterdir()] == ["copy.npz"]
        for field in dataclasses.fields(Myocardium):
            np.testing.assert_array_equal(getattr(copy, field.name), getattr(wall, field.name))

    def test_files_that_are_none_are_refused(self, wall, tmp_path):
        path = tmp_path / "x.npz"
        with pytest.raises(InputError, match="no such file"):
            load_myocardium(path)
        path.write_bytes(b"not an archive")
        with pytest.raises(InputError, match="found no whole archive of NumPy"):
            load_myocardium(path)
        np.savez(path, points=wall.points)
        with pytest.raises(InputError, match="format"):
            load_myocardium(path)
        np.savez(path, format=np.array("ecglocus myocardium 1"), points=wall.points)
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
    def test_unsound_arrays_are_refused(self, wall, changes, words):
        with pytest.raises(InputError, match=words.replace(".", r"\.")):
            dataclasses.replace(wall, **changes(wall))

    def test_a_wall_without_labels_is_refused(self, wall):
        with pytest.raises(InputError, match="RV endocardium"):
            unlabelled = np.where(wall.surface == RV_ENDOCARDIUM, EPICARDIUM, wall.surface)
            make_myocardium(wall.points, wall.tetrahedra, unlabelled)
