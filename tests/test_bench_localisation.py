"""The localisation benchmark on two patients: every figure, every control, and options that are refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cine_mapping.forward.patients import reference_setting
from cine_mapping.localisation import bench
from cine_mapping.localisation.bench import Abroad, Plan, bench_localisation
from cine_mapping.localisation.headline import BEST, FAMILIES, GOALS
from cine_mapping.localisation.intervals import interval_over_patients, paired_interval_over_patients
from cine_mapping.operators.learned import shipped
from imn.results import markdown, write_result
from tests.test_cli import ecglocus

COUNTS = {"ischaemia": 2, "scar": 2, "ectopy": 1, "WPW": 1, "LBBB": 1, "normal": 1}
OF_NETWORK = {"dice_whole_system", "mm_whole_system", "territory_auroc_real"}
CONTROLS = {
    "random place", "LV centre", "all positive", "signal energy", "permuted leads", "heart turned +20",
    "heart turned -20",
}  # fmt: skip


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Result without a network, and with the reference heart as if it had been imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "TEST", replace(bench.TEST, counts=COUNTS))
        patch.setattr(bench, "_within", lambda plan, _: plan.folder)
        for interval in (interval_over_patients, paired_interval_over_patients):
            patch.setattr(interval, "__kwdefaults__", (interval.__kwdefaults__ or {}) | {"resamples": 200})
        here = {"same heart": Abroad(reference_setting(), shipped())}
        return bench_localisation(
            Plan(patients=2, abroad=here, folder=tmp_path_factory.mktemp("cases")), "test"
        )


def test_every_figure_is_there_with_its_interval_and_goal(measured: dict[str, Any]) -> None:
    assert set(measured["headline"]) == set(GOALS) - OF_NETWORK
    for name, figure in measured["headline"].items():
        assert figure["low"] <= figure["value"] <= figure["high"], name
        assert figure["goal"] == GOALS[name]
        if name.startswith("dice"):
            assert 0 < figure["value"] <= 1
    assert measured["n"] == 2 * sum(COUNTS.values())


def test_every_mapping_is_set_against_the_best(measured: dict[str, Any]) -> None:
    for family in FAMILIES:
        rows = {
            row["mapping"]: row
            for row in measured["rows"]
            if row["part"] == "alone" and row["family"] == family
        }
        assert set(rows) > CONTROLS | {BEST, "sLORETA", "path"}
        for row in rows.values():
            assert row["dice_low"] <= row["dice"] <= row["dice_high"]
            assert row["centre_mm_low"] <= row["centre_mm"] <= row["centre_mm_high"]
            assert row["less_low"] <= row["dice_less"] <= row["less_high"]
            assert row["dice_less"] == pytest.approx(rows[BEST]["dice"] - row["dice"], abs=1e-12)
        assert rows[BEST]["less_low"] == rows[BEST]["less_high"] == 0


def test_what_knows_nothing_loses(measured: dict[str, Any]) -> None:
    for part in ("alone", "no own reference"):
        dice = {
            name: np.mean(
                [row["dice"] for row in measured["rows"] if row["part"] == part and row["mapping"] == name]
            )
            for name in (BEST, *CONTROLS)
        }
        assert all(dice[BEST] > dice[name] + 0.02 for name in CONTROLS), (part, dice)


def test_the_same_heart_imported_costs_nothing(measured: dict[str, Any]) -> None:
    """The same patients, mapped by the same decoder on the same heart."""
    assert measured["headline"]["new_anatomy_loss"]["value"] == pytest.approx(0, abs=1e-6)
    by_part = {
        part: [row["dice"] for row in measured["rows"] if row["part"] == part and row["mapping"] == BEST]
        for part in ("alone", "same heart, learned on it", "same heart, learned on the reference")
    }
    assert by_part["same heart, learned on it"] == pytest.approx(by_part["alone"], abs=1e-6)
    # Through ventricular coordinates and back: nearly.
    assert by_part["same heart, learned on the reference"] == pytest.approx(by_part["alone"], abs=0.03)


def test_coverage_is_told_by_family(measured: dict[str, Any]) -> None:
    (rows,) = measured["tables"].values()
    assert {(row["domain"], row["family"]) for row in rows} == {
        (domain, family) for domain in ("own", "generic") for family in ("normal", *FAMILIES)
    }
    for row in rows:
        assert 0 <= row["region_shown"] <= 1
        sick = row["family"] != "normal"
        assert (row["covered"] is not None) == (row["region_size"] is not None) == sick
        assert not sick or 0 < row["region_size"] < 1


def test_the_result_is_written_as_json_and_as_a_table(measured: dict[str, Any], tmp_path: Path) -> None:
    held, table = write_result(tmp_path / "localisation.json", measured)
    assert json.loads(held.read_text()) == json.loads(json.dumps(measured))
    text = table.read_text()
    assert text == markdown(measured)
    for word in (*measured["headline"], "sLORETA", "Credible regions"):
        assert word in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("anatomy", "learn", "reference", "--out", "{folder}/learned.txt"), "to end in .npz"),
        (("anatomy", "learn", "reference", "--out", "{folder}/a.npz", "--patients", "3"), "--patients"),
        (("anatomy", "learn", "other.npz", "--out", "{folder}/a.npz", "--network"), "--network"),
        (("anatomy", "learn", "{folder}/none.npz", "--out", "{folder}/a.npz"), "none.npz"),
        (("bench", "localisation", "--patients", "1", "--out", "{folder}"), "--patients"),
        (("bench", "localisation", "--learned", "x.npz", "--out", "{folder}"), "--learned"),
        (
            ("bench", "localisation", "--anatomies", "{folder}/none.npz", "--learned", "{folder}/no.npz"),
            "no.npz",
        ),
        (("bench", "localisation", "--anatomies", "{folder}/none.npz", "--out", "{folder}"), "none.npz"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    done = ecglocus(*(argument.format(folder=tmp_path) for argument in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert words in line
    assert not list(tmp_path.iterdir())
