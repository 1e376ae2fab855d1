"""Anatomies of any origin: meshes in files become labelled anatomies, mistakes become one sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvista

from cine_mapping.anatomy import AHA_SEGMENTS, ELECTRODES, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.anatomy_description import parse_description
from cine_mapping.anatomy_import import Imported
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.electrodes import place_electrodes
from cine_mapping.long_axis import LongAxis, find_long_axis
from cine_mapping.mesh_checks import clean, inside, open_edges, volume, wind_outwards
from cine_mapping.surface_labels import label_by_pericardium, label_by_shape
from cine_mapping.voxels import Grid, winding_numbers
from imn.errors import InputError
from tests.synthetic import ecg, write_wfdb
from tests.test_cli import ecglocus
from viewer.anatomy_command import import_files
from viewer.mesh_files import read_parts, read_surfaces

DESCRIPTIONS = Path(__file__).parent / "anatomies"
TO_RAS_M = np.diag([-1.0, -1.0, 1.0]) / 1000
LV, RV, EPICARDIUM, RIM = (
    SURFACES.index(name) for name in ("LV endocardium", "RV endocardium", "epicardium", "basal rim")
)


@pytest.fixture(scope="module")
def reference() -> Anatomy:
    return load_anatomy("reference")


@pytest.fixture(scope="module")
def ventricles(reference: Anatomy) -> Mesh:
    count, triangles = int(reference.ventricles.sum()), reference.heart.triangles
    return Mesh(reference.heart.points[:count], triangles[(triangles < count).all(axis=1)])


@pytest.fixture(scope="module")
def kit(data_dir: Path) -> Imported:
    return import_files(DESCRIPTIONS / "kit.json", data_dir / "anatomy" / "kit")


@pytest.fixture(scope="module")
def hra(data_dir: Path) -> Imported:
    return import_files(DESCRIPTIONS / "hra_male.json", data_dir / "anatomy" / "hra_male")


def ball(radius: float = 1.0, centre: tuple[float, float, float] = (0, 0, 0), levels: int = 3) -> Mesh:
    sphere = pyvista.Icosphere(radius=radius, center=centre, nsub=levels)
    return Mesh(np.asarray(sphere.points, np.float32), np.asarray(sphere.regular_faces, np.int32))


def surface_of(mesh: Mesh) -> pyvista.PolyData:
    return pyvista.PolyData(mesh.points, np.c_[np.full(len(mesh.triangles), 3), mesh.triangles].ravel())


def save(mesh: Mesh, path: Path, **arrays: np.ndarray) -> None:
    surface = surface_of(mesh)
    for name, values in arrays.items():
        surface[name] = values
    surface.save(path)


def describe(folder: Path, **changes: Any) -> Path:
    """Write ``anatomy.json`` with these keys changed, None taking one away."""
    surfaces = {"wall": "heart.ply", "torso": "torso.ply"}
    given = {"name": "mine", "frame": "LPS", "unit": "mm", "surfaces": surfaces, "electrodes": "rule"}
    folder.mkdir(exist_ok=True)
    words = {key: value for key, value in (given | changes).items() if value is not None}
    (folder / "anatomy.json").write_text(json.dumps(words), encoding="utf-8")
    return folder


def words(imported: Imported, severity: str = "") -> str:
    return "\n".join(f.sentence for f in imported.findings if severity in f.severity)


def shares(anatomy: Anatomy) -> np.ndarray:
    """Share of the left ventricle's surface in each AHA segment."""
    area = np.bincount(anatomy.region, anatomy.heart.areas, minlength=len(REGIONS))[: len(AHA_SEGMENTS)]
    return area / area.sum()


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


def _as_tagged(folder: Path, reference: Anatomy, heart: Mesh, suffix: str) -> dict[str, Any]:
    tags = reference.surface[: len(heart.points)].astype(np.int32) + 10
    save(heart, folder / f"heart{suffix}", tag=tags)
    values = {str(i + 10): SURFACES[i] for i in range(4)}
    return {"labels": {"surface": {"array": "tag", "values": values}}}


class TestFiles:
    """The reference anatomy written to files, in any format and frame, comes back."""

    @pytest.mark.parametrize("suffix", [".ply", ".stl", ".obj", ".vtp", ".vtk"])
    def test_every_format_in_another_frame_and_unit(
        self, reference: Anatomy, ventricles: Mesh, tmp_path: Path, suffix: str
    ) -> None:
        heart, torso = (
            Mesh((mesh.points @ TO_RAS_M).astype(np.float32), mesh.triangles)
            for mesh in (ventricles, reference.torso)
        )
        surfaces = {"wall": f"heart{suffix}", "torso": f"torso{suffix}"}
        places = {
            name: (at @ TO_RAS_M).tolist() for name, at in zip(ELECTRODES, reference.electrodes, strict=True)
        }
        changes: dict[str, Any] = {"surfaces": surfaces, "frame": "RAS", "unit": "m", "electrodes": places}
        save(heart, tmp_path / f"heart{suffix}")
        save(torso, tmp_path / f"torso{suffix}")
        if suffix in (".vtp", ".vtk"):
            changes |= _as_tagged(tmp_path, reference, heart, suffix)
        imported = import_files(describe(tmp_path, **changes))
        anatomy = imported.anatomy
        assert anatomy is not None, words(imported)
        assert volume(anatomy.heart) == pytest.approx(volume(ventricles), rel=1e-3)
        np.testing.assert_allclose(anatomy.electrodes, reference.electrodes, atol=1e-3)
        truth = reference.surface[: len(ventricles.points)]
        if suffix in (".vtp", ".vtk"):
            np.testing.assert_array_equal(anatomy.surface, truth)
        near = np.linalg.norm(np.sort(anatomy.heart.points, 0) - np.sort(ventricles.points, 0), axis=1)
        assert near.max() < 2e-3
        assert shares(anatomy).min() > 0.02

    def test_a_mirrored_frame_keeps_the_triangles_outwards(
        self, reference: Anatomy, ventricles: Mesh, tmp_path: Path
    ) -> None:
        mirror = np.float32([-1, 1, 1])
        for name, mesh in (("heart", ventricles), ("torso", reference.torso)):
            save(Mesh(mesh.points * mirror, mesh.triangles[:, ::-1]), tmp_path / f"{name}.ply")
        imported = import_files(describe(tmp_path, frame="RPS"))
        assert imported.anatomy is not None and "turned" not in words(imported)
        np.testing.assert_array_equal(imported.anatomy.heart.points, ventricles.points)
        np.testing.assert_array_equal(imported.anatomy.heart.triangles, ventricles.triangles)

    def test_a_volume_gives_its_outside_with_its_labels(self, tmp_path: Path) -> None:
        block = pyvista.ImageData(dimensions=(4, 4, 4)).cast_to_unstructured_grid()
        block["tag"] = np.arange(64)
        block.save(tmp_path / "block.vtu")
        (part,) = read_surfaces(tmp_path / "block.vtu")
        assert open_edges(part.mesh) == 0
        assert volume(wind_outwards(part.mesh, "")[0]) == pytest.approx(27 / 1000)
        at = part.mesh.points @ [1, 4, 16]
        np.testing.assert_array_equal(part.arrays["tag"], at)


def _shells(folder: Path, reference: Anatomy, kinds: tuple[str, ...] = ("LV", "RV")) -> dict[str, str]:
    """A ball of muscle with ball-shaped cavities where the reference has its heart."""
    save(reference.torso, folder / "torso.ply")
    places = {
        "epicardium": ((20, -40, -25), 45.0),
        "LV endocardium": ((37, -38, -25), 18.0),
        "RV endocardium": ((-4, -45, -25), 15.0),
    }
    files = {"torso": "torso.ply"}
    for name, (centre, radius) in places.items():
        if name == "epicardium" or name[:2] in kinds:
            save(ball(radius, centre), folder / f"{name}.stl")
            files[name] = f"{name}.stl"
    return files


LANDMARKS = {"base": [35, -30, -10], "apex": [57, -57, -43]}
JOINS = {"RV insertion anterior": [10, -58, -20], "RV insertion inferior": [15, -30, -50]}


class TestLandmarks:
    def test_what_closed_surfaces_do_not_show_is_asked_for(self, reference: Anatomy, tmp_path: Path) -> None:
        imported = import_files(describe(tmp_path, surfaces=_shells(tmp_path, reference)))
        assert imported.anatomy is None
        assert words(imported, "error") == (
            "segments: the surfaces do not show base; add them to the landmarks"
        )

    def test_with_landmarks_they_are_labelled(self, reference: Anatomy, tmp_path: Path) -> None:
        files = _shells(tmp_path, reference)
        imported = import_files(describe(tmp_path, surfaces=files, landmarks=LANDMARKS | JOINS))
        anatomy = imported.anatomy
        assert anatomy is not None, words(imported)
        muscle = 4 / 3 * np.pi * (45**3 - 18**3 - 15**3) / 1000
        assert volume(anatomy.heart) == pytest.approx(muscle, rel=0.02)
        assert set(np.unique(anatomy.surface)) == {LV, RV, EPICARDIUM, RIM}
        # Others look for the opening on the mesh: it must lie where it was given.
        axis = find_long_axis(anatomy.heart.points, anatomy.heart.triangles, anatomy.surface)
        base, apex = (np.array(LANDMARKS[key], dtype=float) for key in ("base", "apex"))
        depth, _ = LongAxis(base, apex, np.array([-1.0, 0, 0])).coordinates(axis.base[None])
        assert abs(depth[0]) < 0.15

    def test_a_left_ventricle_alone_needs_the_insertions(self, reference: Anatomy, tmp_path: Path) -> None:
        files = _shells(tmp_path, reference, ("LV",))
        imported = import_files(describe(tmp_path, surfaces=files, landmarks=LANDMARKS))
        assert "do not show RV insertion inferior and RV insertion anterior" in words(imported, "error")
        imported = import_files(describe(tmp_path, surfaces=files, landmarks=LANDMARKS | JOINS))
        assert imported.anatomy is not None, words(imported)
        assert imported.anatomy.region.max() < len(AHA_SEGMENTS)

    def test_insertions_the_wrong_way_round_are_refused(self, reference: Anatomy, tmp_path: Path) -> None:
        wrong = dict(zip(JOINS, reversed(JOINS.values()), strict=True))
        files = _shells(tmp_path, reference)
        imported = import_files(describe(tmp_path, surfaces=files, landmarks=LANDMARKS | wrong))
        assert imported.anatomy is None and "correct the landmarks" in words(imported, "error")

    def test_endocardium_outside_the_epicardium_is_refused(self, reference: Anatomy, tmp_path: Path) -> None:
        files = _shells(tmp_path, reference)
        save(ball(15, (90, -40, -25)), tmp_path / files["RV endocardium"])
        imported = import_files(describe(tmp_path, surfaces=files, landmarks=LANDMARKS))
        assert "outside the epicardium" in words(imported, "error")


def _wrong_unit(folder: Path, heart: Mesh, torso: Mesh) -> None:
    describe(folder, unit="m")


def _open(folder: Path, heart: Mesh, torso: Mesh) -> None:
    save(Mesh(heart.points, heart.triangles[40:]), folder / "heart.ply")


def _outside(folder: Path, heart: Mesh, torso: Mesh) -> None:
    save(Mesh(heart.points + np.float32([0, 0, 900]), heart.triangles), folder / "heart.ply")


def _crossing(folder: Path, heart: Mesh, torso: Mesh) -> None:
    save(Mesh(heart.points + np.float32([0, -60, 0]), heart.triangles), folder / "heart.ply")


def _missing(folder: Path, heart: Mesh, torso: Mesh) -> None:
    (folder / "torso.ply").unlink()


def _frame(folder: Path, heart: Mesh, torso: Mesh) -> None:
    describe(folder, frame="up")


def _turned(folder: Path, heart: Mesh, torso: Mesh) -> None:
    describe(folder, frame="RAS")


def _damaged(folder: Path, heart: Mesh, torso: Mesh) -> None:
    (folder / "heart.ply").write_bytes(b"ply\nnothing that follows\n")


def _no_json(folder: Path, heart: Mesh, torso: Mesh) -> None:
    (folder / "anatomy.json").unlink()


def _half_json(folder: Path, heart: Mesh, torso: Mesh) -> None:
    (folder / "anatomy.json").write_text("{", encoding="utf-8")


def _format(folder: Path, heart: Mesh, torso: Mesh) -> None:
    describe(folder, surfaces={"wall": "heart.step", "torso": "torso.ply"})


def _swapped(folder: Path, heart: Mesh, torso: Mesh) -> None:
    nine = {name: [0, -100, 0] for name in ELECTRODES} | {"RA": [180, 0, 90], "LA": [-180, 0, 90]}
    describe(folder, electrodes=nine)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (_wrong_unit, "it would be one if the unit were mm"),
        (_open, "not closed"),
        (_outside, "lies outside the torso"),
        (_crossing, "crosses the torso"),
        (_missing, "no such file"),
        (_frame, "frame of three letters"),
        (_turned, "check the frame"),
        (_damaged, "heart.ply"),
        (_no_json, "expected a description"),
        (_half_json, "expected JSON"),
        (_format, "expected a mesh as .vtp"),
        (_swapped, "RA lies left of LA"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(
    reference: Anatomy,
    ventricles: Mesh,
    tmp_path: Path,
    spoil: Callable[[Path, Mesh, Mesh], None],
    expected: str,
) -> None:
    folder = describe(tmp_path / "given")
    save(ventricles, folder / "heart.ply")
    save(reference.torso, folder / "torso.ply")
    spoil(folder, ventricles, reference.torso)
    done = ecglocus("anatomy", "import", folder, "--out", tmp_path / "mine.npz")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1 and expected in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["given"]


def test_a_good_folder_is_written_and_every_finding_said(
    reference: Anatomy, ventricles: Mesh, tmp_path: Path
) -> None:
    folder = describe(tmp_path / "given")
    save(Mesh(ventricles.points, ventricles.triangles[:, ::-1]), folder / "heart.ply")
    save(reference.torso, folder / "torso.ply")
    done = ecglocus("anatomy", "import", folder, "--out", tmp_path / "mine.npz")
    assert done.returncode == 0 and done.stderr == ""
    for sentence in ("turned to face outwards", "wholly inside the torso", "electrodes by rule", "mine.npz"):
        assert sentence in done.stdout
    found = load_anatomy(tmp_path / "mine.npz")
    # The same heart by another route: regions agree but for where the right ventricle is said to join.
    same = found.region == reference.region[: len(ventricles.points)]
    assert same.mean() > 0.8
    assert np.linalg.norm(found.electrodes - reference.electrodes, axis=1).max() < 5
    wrong = ecglocus("anatomy", "import", folder, "--out", tmp_path / "mine.vtp")
    assert wrong.returncode == 2 and "end in .npz" in wrong.stderr


@pytest.mark.data
class TestHumanAnatomies:
    def test_kit_labels_are_those_that_coincidence_gives(self, kit: Imported) -> None:
        assert kit.anatomy is not None, words(kit)
        counts = np.bincount(kit.anatomy.surface, minlength=4)
        assert (counts[EPICARDIUM], counts[LV], counts[RV], counts[RIM]) == (1178, 575, 553, 0)
        assert {f.severity for f in kit.findings} == {"note"}
        assert "281 ml" in words(kit) and "nearest skin vertex 33 mm" in words(kit)

    def test_kit_labels_by_shape_agree(self, kit: Imported) -> None:
        assert kit.anatomy is not None
        found = label_by_shape(kit.anatomy.heart)
        assert found is not None and (found == kit.anatomy.surface).mean() > 0.98

    def test_hra_is_joined_and_what_is_wrong_with_it_is_said(self, hra: Imported) -> None:
        assert hra.anatomy is not None, words(hra)
        said = words(hra, "warning")
        assert "right atrium (VH_M_right_cardiac_atrium): not closed" in said
        assert "not registered" in said
        assert "left atrium" not in said and "torso" not in said
        assert "3 parts made one" in words(hra, "mended")
        left, right = (hra.anatomy.surface == kind for kind in (LV, RV))
        points = hra.anatomy.heart.points
        assert left.sum() > 500 and right.sum() > 500
        assert points[left, 0].mean() > points[right, 0].mean() + 20

    @pytest.mark.parametrize("name", ["kit", "hra"])
    def test_segments_have_plausible_shares(self, name: str, request: pytest.FixtureRequest) -> None:
        anatomy = request.getfixturevalue(name).anatomy
        assert shares(anatomy).min() > 0.015 and shares(anatomy).max() < 0.12
        thirds = [shares(anatomy)[part].sum() for part in (slice(6), slice(6, 12), slice(12, 16))]
        assert all(0.15 < third < 0.5 for third in thirds)
        assert all((anatomy.region == i).any() for i in range(17, 20))

    def test_coronaries_run_where_the_right_ventricle_joins(self, hra: Imported, data_dir: Path) -> None:
        # LAD and posterior descending artery mark the grooves; the segments' border is 60 degrees.
        given = json.loads((DESCRIPTIONS / "hra_male.json").read_text(encoding="utf-8"))
        names = ("VH_M_left_anterior_descending_artery", "VH_M_right_posterior_descending_artery")
        vessels = [f"VHM_bloodvasc_heart.glb#{name}" for name in names]
        given["surfaces"]["vessels"] = vessels
        parts = read_parts(parse_description(given, "hra"), data_dir / "anatomy" / "hra_male")
        assert hra.anatomy is not None
        keep = hra.anatomy.ventricles
        count = int(keep.sum())
        triangles = hra.anatomy.heart.triangles
        axis = find_long_axis(
            hra.anatomy.heart.points[:count],
            triangles[(triangles < count).all(axis=1)],
            hra.anatomy.surface[:count],
        )
        stated = next(f.sentence for f in hra.findings if "joins at" in f.sentence)
        low, high = (float(word) for word in stated.split("joins at ")[1].split(" degrees")[0].split(" and "))
        for part, groove in zip(parts["vessels"], (high, low), strict=True):
            depth, angle = axis.coordinates(part.mesh.points)
            middle = np.median(np.rad2deg(angle[(depth > 0.3) & (depth < 0.6)]))
            assert abs(middle - groove) < 15

    @pytest.mark.parametrize("name", ["kit", "hra"])
    def test_electrodes_lie_on_the_skin_in_their_order(
        self, name: str, request: pytest.FixtureRequest
    ) -> None:
        anatomy = request.getfixturevalue(name).anatomy
        at = dict(zip(ELECTRODES, anatomy.electrodes, strict=True))
        chest = [at[f"V{i}"] for i in range(1, 7)]
        assert all(one[0] < two[0] for one, two in zip(chest, chest[1:], strict=False))
        assert all(one[1] < two[1] for one, two in zip(chest[3:], chest[4:], strict=False))
        assert at["RA"][0] < 0 < at["LA"][0] and at["LL"][2] < at["V1"][2] - 100
        assert at["V2"][2] == pytest.approx(at["V1"][2], abs=1e-2)
        off = pyvista.PolyData(anatomy.electrodes).compute_implicit_distance(surface_of(anatomy.torso))
        assert np.abs(off["implicit_distance"]).max() < 0.1

    def test_explain_on_an_imported_anatomy_conserves(self, data_dir: Path, tmp_path: Path) -> None:
        done = ecglocus(
            "anatomy", "import", DESCRIPTIONS / "kit.json", "--meshes", data_dir / "anatomy" / "kit",
            "--out", tmp_path / "kit.npz",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        record = write_wfdb(tmp_path, ecg(100.0, np.arange(0.6, 9.8, 0.8), 10.0, noise_mv=0.005))
        run = ecglocus(
            "explain", record, "--anatomy", tmp_path / "kit.npz", "--no-render", "--json",
            "--out", tmp_path / "runs",
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        summary = json.loads(run.stdout)
        assert summary["conservation_error"] < 1e-4
        atria = [region["share"] for region in summary["regions"] if "atrium" in region["name"]]
        assert atria == [0, 0] and sum(r["share"] for r in summary["regions"]) == pytest.approx(1)
