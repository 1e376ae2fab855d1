"""Two human anatomies come in by their description, and serve."""

import json
from pathlib import Path

import numpy as np
import pytest
import pyvista

from cine_mapping.anatomy import ELECTRODES
from cine_mapping.anatomy_description import parse_description
from cine_mapping.anatomy_import import Imported
from cine_mapping.long_axis import find_long_axis
from cine_mapping.surface_labels import label_by_shape
from cine_mapping.ventricular_axis import WITHIN_GROOVE_DEG
from tests.anatomy_files import EPICARDIUM, LV, RIM, RV, shares, surface_of, ventricles_of, words
from tests.synthetic import ecg, write_wfdb
from tests.test_cli import ecglocus
from viewer.anatomy_command import import_files
from viewer.mesh_files import read_parts

DESCRIPTIONS = Path(__file__).parent / "anatomies"


@pytest.fixture(scope="module")
def kit(data_dir: Path) -> Imported:
    return import_files(DESCRIPTIONS / "kit.json", data_dir / "anatomy" / "kit")


@pytest.fixture(scope="module")
def hra(data_dir: Path) -> Imported:
    return import_files(DESCRIPTIONS / "hra_male.json", data_dir / "anatomy" / "hra_male")


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
        assert shares(anatomy).min() > 0.01 and shares(anatomy).max() < 0.12
        thirds = [shares(anatomy)[part].sum() for part in (slice(6), slice(6, 12), slice(12, 16))]
        assert all(0.15 < third < 0.5 for third in thirds)
        assert all((anatomy.region == i).any() for i in range(17, 20))

    def test_coronaries_run_where_the_right_ventricle_joins(self, hra: Imported, data_dir: Path) -> None:
        # LAD and posterior descending artery mark the grooves.
        given = json.loads((DESCRIPTIONS / "hra_male.json").read_text(encoding="utf-8"))
        names = ("VH_M_left_anterior_descending_artery", "VH_M_right_posterior_descending_artery")
        vessels = [f"VHM_bloodvasc_heart.glb#{name}" for name in names]
        given["surfaces"]["vessels"] = vessels
        parts = read_parts(parse_description(given, "hra"), data_dir / "anatomy" / "hra_male")
        assert hra.anatomy is not None
        heart = ventricles_of(hra.anatomy)
        axis = find_long_axis(heart.points, heart.triangles, hra.anatomy.surface[: len(heart.points)])
        stated = next(f.sentence for f in hra.findings if "joins at" in f.sentence)
        low, high = (float(word) for word in stated.split("joins at ")[1].split(" degrees")[0].split(" and "))
        grooves = high + WITHIN_GROOVE_DEG, low - WITHIN_GROOVE_DEG
        for part, groove in zip(parts["vessels"], grooves, strict=True):
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
