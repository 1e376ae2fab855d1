"""Meshes in files become labelled anatomies, mistakes become one sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvista

from cine_mapping.anatomy import AHA_SEGMENTS, ELECTRODES, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.forward_setting import load_setting
from cine_mapping.long_axis import LongAxis, find_long_axis
from cine_mapping.mesh_checks import open_edges, volume, wind_outwards
from tests.anatomy_files import (
    EPICARDIUM,
    LV,
    RIM,
    RV,
    ball,
    describe,
    save,
    shares,
    ventricles_of,
    words,
)
from tests.test_cli import ecglocus
from viewer.anatomy_command import import_files
from viewer.mesh_files import read_surfaces

TO_RAS_M = np.diag([-1.0, -1.0, 1.0]) / 1000


@pytest.fixture(scope="module")
def reference() -> Anatomy:
    return load_anatomy("reference")


@pytest.fixture(scope="module")
def ventricles(reference: Anatomy) -> Mesh:
    return ventricles_of(reference)


def _tagged(heart: Mesh, path: Path, reference: Anatomy) -> dict[str, Any]:
    """Write the heart with its labels under numbers of their own, and say what they mean."""
    count = len(heart.points)
    save(heart, path, wall=reference.surface[:count] + np.int32(10), aha=reference.region[:count] + 1.0)
    surface = {str(i + 10): SURFACES[i] for i in range(4)}
    region = {str(i + 1): REGIONS[i] for i in range(20)}
    labels = {"surface": {"array": "wall", "values": surface}, "region": {"array": "aha", "values": region}}
    return {"labels": labels}


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
            changes |= _tagged(heart, tmp_path / f"heart{suffix}", reference)
        imported = import_files(describe(tmp_path, **changes))
        anatomy = imported.anatomy
        assert anatomy is not None, words(imported)
        assert volume(anatomy.heart) == pytest.approx(volume(ventricles), rel=1e-3)
        np.testing.assert_allclose(anatomy.electrodes, reference.electrodes, atol=1e-3)
        if suffix in (".vtp", ".vtk"):
            count = len(ventricles.points)
            np.testing.assert_array_equal(anatomy.surface, reference.surface[:count])
            np.testing.assert_array_equal(anatomy.region, reference.region[:count])
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


def test_a_landmark_far_from_the_heart_is_refused(
    reference: Anatomy, ventricles: Mesh, tmp_path: Path
) -> None:
    save(ventricles, tmp_path / "heart.ply")
    save(reference.torso, tmp_path / "torso.ply")
    imported = import_files(describe(tmp_path, landmarks={"apex": [70, -70, -500]}))
    assert "apex lies outside the box around the ventricles" in words(imported, "error")


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
        (_half_json, "expected a description as JSON"),
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
    for sentence in (
        "turned to face outwards",
        "wholly inside the torso",
        "electrodes by rule",
        "lead vectors: by boundary elements",
        "written beside as mine_myocardium.npz",
        "mine.npz",
    ):
        assert sentence in done.stdout
    setting = load_setting(tmp_path / "mine.npz")
    assert setting.myocardium.volumes.sum() / 1000 == pytest.approx(volume(ventricles), rel=0.01)
    found = load_anatomy(tmp_path / "mine.npz")
    # The same heart by another route: regions agree but for where the right ventricle is said to join.
    same = found.region == reference.region[: len(ventricles.points)]
    assert same.mean() > 0.8
    assert np.linalg.norm(found.electrodes - reference.electrodes, axis=1).max() < 5
    wrong = ecglocus("anatomy", "import", folder, "--out", tmp_path / "mine.vtp")
    assert wrong.returncode == 2 and "end in .npz" in wrong.stderr
