"""Rules that bring a foreign mesh in order: winding, cavities, frames, electrodes."""

from dataclasses import replace

import numpy as np
import pytest

from cine_mapping.anatomy import Anatomy, Mesh
from cine_mapping.anatomy_description import parse_description
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.electrodes import place_electrodes
from cine_mapping.mesh_checks import clean, inside, open_edges, volume, wind_outwards
from cine_mapping.surface_labels import label_by_pericardium, label_by_shape
from cine_mapping.voxels import Grid, winding_numbers
from imn.errors import InputError
from tests.anatomy_files import EPICARDIUM, RIM, ball, ventricles_of


@pytest.fixture(scope="module")
def reference() -> Anatomy:
    return load_anatomy("reference")


@pytest.fixture(scope="module")
def ventricles(reference: Anatomy) -> Mesh:
    return ventricles_of(reference)


class TestChecks:
    def test_winding_number_counts_balls_within_balls(self) -> None:
        inner, outer = ball(10), ball(20)
        grid = Grid(np.full(3, -24.97), 1.0, (50, 50, 50))
        both = sum(winding_numbers(mesh.points, mesh.triangles, grid) for mesh in (inner, outer))
        axis = grid.origin[0] + np.arange(50)
        radius = np.linalg.norm(np.stack(np.meshgrid(axis, axis, axis)), axis=0)
        sure = (np.abs(radius - 10) > 0.3) & (np.abs(radius - 20) > 0.6)
        np.testing.assert_array_equal(both[sure], ((radius < 10).astype(int) + (radius < 20))[sure])

    def test_points_inside_a_ball_are_those_nearer_than_its_radius(self) -> None:
        points = np.random.default_rng(0).normal(size=(500, 3)) * 15
        radius = np.linalg.norm(points, axis=1)
        sure = np.abs(radius - 20) > 0.5
        for mesh in (ball(20), replace(ball(20), triangles=ball(20).triangles[:, ::-1])):
            np.testing.assert_array_equal(inside(points, mesh)[sure], (radius < 20)[sure])

    def test_any_triangles_turned_are_turned_back(self, ventricles: Mesh) -> None:
        whole, found = wind_outwards(ventricles, "heart")
        np.testing.assert_array_equal(whole.triangles, ventricles.triangles)
        assert not found
        wrong = np.random.default_rng(1).random(len(ventricles.triangles)) < 0.4
        spoilt = Mesh(ventricles.points, np.where(wrong[:, None], whole.triangles[:, ::-1], whole.triangles))
        mended, found = wind_outwards(spoilt, "heart")
        np.testing.assert_array_equal(
            mended.triangles, np.where(wrong[:, None], spoilt.triangles[:, ::-1], whole.triangles)
        )
        assert found[0].severity == "mended" and f"{wrong.sum()} of" in found[0].sentence

    def test_a_cavity_faces_inwards(self) -> None:
        inner, outer = ball(10), ball(20)
        shell = Mesh(
            np.r_[outer.points, inner.points], np.r_[outer.triangles, inner.triangles + len(outer.points)]
        )
        mended, _ = wind_outwards(shell, "shell")
        assert volume(mended) == pytest.approx(volume(outer) - volume(inner))

    def test_repeated_empty_and_folded_triangles_go(self) -> None:
        mesh = ball(10)
        soup = Mesh(mesh.points[mesh.triangles].reshape(-1, 3), np.arange(mesh.triangles.size).reshape(-1, 3))
        fold = np.array([[0, 1, 900], [1, 0, 900]])
        more = np.r_[soup.triangles, soup.triangles[:5], [[7, 7, 9]], fold].astype(np.int32)
        mended, kept, found = clean(Mesh(soup.points, more), "soup")
        assert len(mended.points) == len(mesh.points) and len(mended.triangles) == len(mesh.triangles)
        np.testing.assert_array_equal(mended.points, soup.points[kept])
        assert volume(mended) == pytest.approx(volume(mesh))
        assert "1 empty and 7 repeated" in found[0].sentence

    def test_holes_are_counted_by_their_edges(self) -> None:
        mesh = ball(10)
        assert open_edges(mesh) == 0
        assert open_edges(Mesh(mesh.points, mesh.triangles[1:])) == 3


class TestDescription:
    GIVEN = {
        "name": "a", "frame": "LPS", "unit": "mm", "electrodes": "rule",
        "surfaces": {"wall": "a.ply", "torso": "b.ply"},
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("frame", "unit", "expected"),
        [("LPS", "mm", (1, 2, 3)), ("LSA", "m", (1000, -3000, 2000)), ("RAS", "cm", (-10, -20, 30))],
    )
    def test_points_come_to_lps_mm(self, frame: str, unit: str, expected: tuple[float, ...]) -> None:
        description = parse_description(self.GIVEN | {"frame": frame, "unit": unit}, "x.json")
        np.testing.assert_allclose(description.to_lps(np.array([1.0, 2, 3])), expected)
        assert not description.mirrored
        assert parse_description(self.GIVEN | {"frame": "RPS"}, "x.json").mirrored

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"frame": "XYZ"}, "frame of three letters"),
            ({"frame": "LRS"}, "frame of three letters"),
            ({"unit": "parsec"}, "expected a unit out of"),
            ({"surfaces": {"wall": "a.ply"}}, "torso is missing"),
            ({"surfaces": {"torso": "a.ply"}}, "myocardium"),
            ({"surfaces": {"wall": "a.ply", "torso": 3}}, "a file or a list of files"),
            ({"surfaces": {"skin": "a.ply"}}, "'skin' is no surface we know"),
            ({"electrodes": {"V1": [0, 0, 0]}}, "missing RA"),
            ({"landmarks": {"base": [0, 0]}}, "three coordinates for 'base'"),
            ({"landmarks": {"nose": [0, 0, 0]}}, "'nose' is no landmark"),
            ({"labels": {"surface": {"array": "a", "values": {"1": "skin"}}}}, "names out of"),
            ({"colour": "red"}, "'colour' is no key"),
        ],
    )
    def test_what_has_no_sense_is_refused_in_one_sentence(self, changes: dict, expected: str) -> None:
        with pytest.raises(InputError, match=expected) as mistake:
            parse_description(self.GIVEN | changes, "x.json")
        assert str(mistake.value).startswith("x.json: ") and "\n" not in str(mistake.value)

    def test_a_key_left_out_is_asked_for(self) -> None:
        with pytest.raises(InputError, match="add unit"):
            parse_description({k: v for k, v in self.GIVEN.items() if k != "unit"}, "x.json")


class TestRules:
    def test_electrodes_on_the_reference_torso_are_those_of_the_reference(self, reference: Anatomy) -> None:
        # It was made on a finer mesh of the same torso.
        found = place_electrodes(reference.torso, (20, -30, 0))
        assert np.linalg.norm(found - reference.electrodes, axis=1).max() < 1.5
        moved = Mesh(reference.torso.points + np.float32([40, -25, 800]), reference.torso.triangles)
        there = place_electrodes(moved, (60, -55, 800))
        np.testing.assert_allclose(there, found + [40, -25, 800], atol=1e-2)

    def test_electrodes_need_a_torso_around_them(self, reference: Anatomy) -> None:
        with pytest.raises(InputError, match="meets no skin"):
            place_electrodes(reference.torso, (0, 0, 5000))

    def test_cavities_are_told_from_the_outside_by_shape(self, reference: Anatomy, ventricles: Mesh) -> None:
        truth = reference.surface[: len(ventricles.points)]
        found = label_by_shape(ventricles)
        assert found is not None
        assert (found == truth)[truth != RIM].mean() > 0.98

    def test_what_coincides_with_the_pericardium_is_epicardium(
        self, reference: Anatomy, ventricles: Mesh
    ) -> None:
        truth = reference.surface[: len(ventricles.points)]
        outside = np.isin(truth, (EPICARDIUM, RIM))
        found = label_by_pericardium(ventricles, ventricles.points[outside])
        np.testing.assert_array_equal(found, np.where(outside, EPICARDIUM, truth))

    def test_a_solid_ball_has_no_cavities(self) -> None:
        assert label_by_shape(ball(40)) is None
