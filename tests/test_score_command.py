"""``ecglocus score`` and ``ecglocus annotations agreement`` as a user meets them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotations import Annotation, Finding, Interval, read_annotations, vertex_mask, write_annotations
from annotations.store import open_store
from cine_mapping.anatomy_io import load_anatomy
from tests.synthetic import ecg, write_wfdb
from tests.test_cli import ecglocus

PLACE = Finding("MI", "expert", 0.9, regions=("mid inferior", "basal inferior"))
TIMES = Finding("MI", "expert", 0.9, intervals=(Interval(("II", "III", "aVF"), -0.04, 0.04, "beat"),))
OTHER = Finding("MI", "expert", 0.9, regions=("mid inferior", "apical inferior"))
DERIVED = Finding("MI", "derived", 0.5, regions=("RCA",))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two recordings of unlike signals."""
    folder = tmp_path_factory.mktemp("records")
    paths = []
    for i, noise in enumerate((0.005, 0.03)):
        signal = ecg(100.0, np.arange(0.6, 9.8, 0.8 + 0.05 * i), 10.0, noise_mv=noise)
        written = write_wfdb(folder, signal)
        # the name stands in the header's first line, twice
        header = written.read_text().replace("rec", f"rec{i}")
        (folder / "rec.dat").rename(folder / f"rec{i}.dat")
        (folder / f"rec{i}.hea").write_text(header)
        paths.append(folder / f"rec{i}")
    return paths


@pytest.fixture(scope="module")
def runs(records: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run directories of both for MI."""
    out = tmp_path_factory.mktemp("runs")
    done = ecglocus("explain", *records, "--target", "MI", "--no-render", "--out", out)
    assert done.returncode == 0
    return out


@pytest.fixture(scope="module")
def marks() -> list[Annotation]:
    """Two readers of both recordings and a rule."""
    return [
        annotation
        for record in ("rec0", "rec1")
        for annotation in (
            Annotation(record, "A", (PLACE, TIMES)),
            Annotation(record, "B", (OTHER, TIMES)),
            Annotation(record, "rule", (DERIVED,)),
        )
    ]


@pytest.fixture(scope="module")
def file(marks: list[Annotation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("marks") / "marks.json"
    write_annotations(path, marks)
    return path


@pytest.fixture(scope="module")
def store(marks: list[Annotation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "store.sqlite"
    with open_store(path) as held:
        held.add_all(marks)
    return path


def scored(*arguments: object) -> dict:
    done = ecglocus("score", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def of_runs(runs: Path, file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    out = tmp_path_factory.mktemp("scores")
    found = scored(runs, "--annotations", file, "--draws", 2, "--out", out)
    assert json.loads((out / "scores.json").read_text()) == found
    assert "MI, expert, on the heart: 2 recordings" in (out / "scores.md").read_text()
    return found


def test_a_folder_of_runs_is_scored_by_provenance_and_place(of_runs: dict) -> None:
    assert of_runs["n"] == 2
    assert set(of_runs["headline"]) == {
        "Dice: MI, derived, on the heart",
        "Dice: MI, expert, on leads x time",
        "Dice: MI, expert, on the heart",
    }
    for figure in of_runs["headline"].values():
        assert figure["low"] <= figure["value"] <= figure["high"]
    controls = of_runs["tables"]["MI, expert, on the heart: Dice beside its controls"]
    names = [row["control"] for row in controls]
    assert {
        "all positive",
        "random region",
        "signal energy",
        "permuted leads",
        "another patient's map",
    } <= set(names)


def test_a_run_scores_as_its_recording_does(
    of_runs: dict, records: list[Path], file: Path, tmp_path: Path
) -> None:
    direct = scored(*records, "--annotations", file, "--draws", 2, "--out", tmp_path)
    for mine, theirs in zip(direct["rows"], of_runs["rows"], strict=True):
        for name, value in mine.items():
            close = value if not isinstance(value, float) else pytest.approx(value, abs=0.02)
            assert theirs[name] == close, name
    assert direct["cases"][0]["baselines"]["permuted leads"] == pytest.approx(
        of_runs["cases"][0]["baselines"]["permuted leads"], abs=0.02
    )


def test_runs_compared_with_themselves_do_not_differ(runs: Path, file: Path, tmp_path: Path) -> None:
    found = scored(runs, "--against", runs, "--annotations", file, "--draws", 0, "--out", tmp_path)
    rows = found["tables"]["MI, expert, on the heart: these minus the others"]
    assert {row["difference"] for row in rows} == {0.0}
    assert {row["recordings"] for row in rows} == {2}


def test_a_store_scores_as_its_file_does(of_runs: dict, runs: Path, store: Path, tmp_path: Path) -> None:
    found = scored(runs / "rec0", "--annotations", store, "--draws", 0, "--out", tmp_path)
    mine = [row for row in found["rows"] if row["on"] == "heart"]
    theirs = [row for row in of_runs["rows"] if row["record"] == "rec0" and row["on"] == "heart"]
    assert [row["Dice"] for row in mine] == [row["Dice"] for row in theirs]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("{runs}/rec0", "--annotations", "{file}", "--label", "CD"), "nothing to score"),
        (("{runs}/..", "--annotations", "{file}"), "expected a run directory of ecglocus explain"),
        (("{runs}/rec0", "--annotations", "{runs}/none.json"), "expected annotations, could not read them"),
        (("{runs}/rec0", "--annotations", "{file}", "--draws", "-1"), "--draws: expected 0 or more"),
        (("--annotations", "{file}"), "at least one run directory"),
    ],
)
def test_what_cannot_be_scored_is_said_in_a_sentence(
    arguments: tuple[str, ...], sentence: str, runs: Path, file: Path, tmp_path: Path
) -> None:
    given = [argument.format(runs=runs, file=file) for argument in arguments]
    done = ecglocus("score", *given, "--out", tmp_path / "scores")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (tmp_path / "scores").exists()


def test_a_recording_that_is_not_there_is_one_sentence(file: Path, tmp_path: Path) -> None:
    done = ecglocus("score", tmp_path / "none", "--annotations", file, "--out", tmp_path / "scores")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_broken_run_does_not_stop_the_others(runs: Path, file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "summary.json").write_text("{}")
    (broken / "evidence.npz").write_bytes(b"no archive")
    done = ecglocus(
        "score", broken, runs / "rec0", "--annotations", file, "--draws", 0, "--out", tmp_path / "s"
    )
    assert done.returncode == 2
    assert "expected a file of a run directory" in done.stderr
    assert json.loads((tmp_path / "s" / "scores.json").read_text())["n"] == 1


def test_a_run_on_another_heart_is_refused(runs: Path, file: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("summary.json", "evidence.npz"):
        (moved / name).write_bytes((runs / "rec0" / name).read_bytes())
    summary = json.loads((moved / "summary.json").read_text())
    summary["inputs"]["anatomy_sha256"] = "0" * 64
    (moved / "summary.json").write_text(json.dumps(summary))
    done = ecglocus("score", moved, "--annotations", file, "--out", tmp_path / "s")
    assert "has changed since" in done.stderr


def test_a_map_that_this_version_makes_otherwise_has_no_controls(
    runs: Path, file: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "summary.json").write_bytes((runs / "rec0" / "summary.json").read_bytes())
    with np.load(runs / "rec0" / "evidence.npz") as held:
        arrays = dict(held)
    arrays["leads_basis"] = arrays["leads_basis"][::-1]
    np.savez(old / "evidence.npz", **arrays)
    given = ("score", old, "--annotations", file, "--out", tmp_path / "s")
    done = ecglocus(*given)
    assert done.returncode == 2
    assert "lies elsewhere when this version makes it anew" in done.stderr
    assert ecglocus(*given, "--draws", 0).returncode == 0


# agreement


def agreed(*arguments: object) -> dict:
    done = ecglocus("annotations", "agreement", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_readers_are_compared_with_the_model_as_one_of_them(runs: Path, store: Path, tmp_path: Path) -> None:
    found = agreed("--store", store, "--model-runs", runs, "--out", tmp_path)
    figures = {(row["panel"], row["figure"]): row for row in found["rows"]}
    title = "MI, expert, on the heart"
    dice = figures[title, "Dice of the model with raters"]["value"]
    among = figures[title, "Dice among raters"]["value"]
    difference = figures[title, "model minus among"]
    assert difference["value"] == pytest.approx(dice - among)
    assert difference["low"] <= difference["value"] <= difference["high"]
    pairs = found["tables"][f"{title}: pairs"]
    assert {row["raters"] for row in pairs} == {"A and B", "A and the model", "B and the model"}
    assert not any("rule" in row["raters"] for row in pairs)
    assert json.loads((tmp_path / "agreement.json").read_text()) == found


def test_leads_and_times_are_compared_too(store: Path, runs: Path, tmp_path: Path) -> None:
    for more in ((), ("--model-runs", runs)):
        found = agreed("--store", store, "--on", "leads", "--out", tmp_path, *more)
        rows = {row["figure"]: row["value"] for row in found["rows"]}
        assert rows["Krippendorff's alpha among raters"] == pytest.approx(1)


def test_the_consensus_is_written_as_derived_annotations(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "consensus.json"
    agreed("--store", file, "--label", "MI", "--consensus", path, "--out", tmp_path)
    written = read_annotations(path)
    assert [annotation.record_id for annotation in written] == ["rec0", "rec1"]
    anatomy = load_anatomy("reference")
    for annotation in written:
        assert annotation.findings[0].provenance == "derived"
        both = vertex_mask(PLACE, anatomy) & vertex_mask(OTHER, anatomy)
        assert (vertex_mask(annotation.findings[0], anatomy) >= both).all()


def test_a_store_gives_what_was_signed_before_others_were_seen(store: Path, tmp_path: Path) -> None:
    first = agreed("--store", store, "--out", tmp_path)
    with open_store(store) as held:
        (mine,) = held.latest("rec0", "B")
        held.add(replace(mine, findings=(PLACE, TIMES)))
    assert agreed("--store", store, "--out", tmp_path)["rows"] == first["rows"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--store", "{file}", "--label", "CD"), "that mark places for CD, found none"),
        (("--store", "{file}", "--size", "0"), "--size: expected a part of the whole"),
        (("--store", "{file}", "--model-runs", "{tmp}"), "expected run directories"),
        (("--store", "{tmp}/none.sqlite"), "could not read"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_sentence(
    arguments: tuple[str, ...], sentence: str, file: Path, tmp_path: Path
) -> None:
    given = [argument.format(file=file, tmp=tmp_path) for argument in arguments]
    done = ecglocus("annotations", "agreement", *given, "--out", tmp_path / "a")
    assert done.returncode == 2
    assert sentence in done.stderr
