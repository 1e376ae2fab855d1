"""The command line of annotations: what goes in comes out, mistakes get one sentence and change nothing."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotations import (
    Annotation,
    Finding,
    Interval,
    VertexWeights,
    anatomy_hash,
    open_store,
    write_annotations,
)
from cine_mapping.anatomy import Mesh
from cine_mapping.anatomy_io import load_anatomy, save_anatomy
from cine_mapping.forward_setting import volume_beside
from cine_mapping.myocardium_io import load_myocardium, save_myocardium
from viewer.cli import main

WAVE = Interval(("V1", "V2"), 0.1, 0.2, "recording")


@pytest.fixture(scope="module")
def heart():
    return load_anatomy("reference")


@pytest.fixture
def readings(heart):
    index = tuple(np.flatnonzero(heart.region == 3).tolist())
    painted = VertexWeights(heart.name, anatomy_hash(heart), index, (0.5,) * len(index))
    marked = Finding("MI", "expert", 0.7, (WAVE,), ("LAD",), painted, ("V6",), "as seen")
    return Annotation("r1", "A", (marked,)), Annotation("r1", "B", (), state="draft")


@pytest.fixture
def marks(tmp_path, readings) -> Path:
    write_annotations(tmp_path / "marks.json", readings)
    return tmp_path / "marks.json"


def ecglocus(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in ("annotations", *arguments)])
    return int(ended.value.code or 0)


@pytest.fixture
def store(tmp_path, marks) -> Path:
    assert ecglocus("import", marks, "--store", tmp_path / "store.sqlite") == 0
    return tmp_path / "store.sqlite"


def held(path: Path) -> tuple[Annotation, ...]:
    with open_store(path, access="read") as store:
        return store.history()


@pytest.mark.parametrize(
    ("out", "options"),
    [
        ("out.json", ()),
        ("out.csv", ()),
        ("out.vtp", ("--anatomy", "reference")),
        ("out.npz", ("--anatomy", "reference")),
        ("out", ("--fs", 500)),
    ],
)
def test_what_is_exported_comes_in_again_exactly(tmp_path, store, readings, capsys, out, options):
    assert ecglocus("export", "--store", store, "--out", tmp_path / out, *options, "--json") == 0
    written = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert written["annotations"] == 2
    other = tmp_path / "other.sqlite"
    assert ecglocus("import", *written["files"], "--store", other) == 0
    assert held(other) == readings
    assert ecglocus("import", *written["files"], "--store", other, "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["unchanged"] == 2
    assert held(other) == readings


def test_a_history_comes_in_again_in_its_order(tmp_path, store, readings):
    with open_store(store) as opened:
        opened.add(Annotation("r1", "B", readings[0].findings))
    assert ecglocus("export", "--store", store, "--out", tmp_path / "all.csv", "--history") == 0
    refused = ecglocus("import", tmp_path / "all.csv", "--store", tmp_path / "other.sqlite")
    assert refused == 2 and not (tmp_path / "other.sqlite").exists()
    assert ecglocus("import", tmp_path / "all.csv", "--store", tmp_path / "other.sqlite", "--history") == 0
    assert held(tmp_path / "other.sqlite") == held(store)


def test_what_is_asked_for_is_exported_and_listed(tmp_path, store, capsys):
    capsys.readouterr()
    assert ecglocus("list", "--store", store, "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["rater"], line["state"], line["findings"]) for line in lines] == [
        ("A", "signed", 1),
        ("B", "draft", 0),
    ]
    assert ecglocus("list", "--store", store, "--rater", "B") == 0
    header, line = capsys.readouterr().out.splitlines()
    assert header.startswith("recording") and line.split() == ["r1", "B", "draft", "0"]
    assert ecglocus("export", "--store", store, "--out", tmp_path / "b.json", "--rater", "C") == 2
    assert "expected annotations to export, found none of those asked for" in capsys.readouterr().err


def test_files_for_each_lead_are_one_reading(tmp_path, capsys):
    import wfdb

    for lead, at in (("ii", 100), ("avf", 110)):
        wfdb.wrann("7", lead, np.array([at, at + 20]), ["(", ")"], fs=500, write_dir=str(tmp_path))
    whose = ("--rater", "C", "--label", "QRS", "--provenance", "expert", "--confidence", 1)
    store = tmp_path / "store.sqlite"
    assert ecglocus("import", tmp_path / "7.ii", tmp_path / "7.avf", "--store", store, *whose) == 0
    intervals = (Interval(("II",), 0.2, 0.24, "recording"), Interval(("aVF",), 0.22, 0.26, "recording"))
    assert held(store) == (Annotation("7", "C", (Finding("QRS", "expert", 1.0, intervals),)),)
    assert "added 1" in capsys.readouterr().out


def test_a_painted_region_is_brought_to_another_heart(tmp_path, store, heart):
    wall, larger = load_myocardium("reference"), tmp_path / "larger.npz"
    mesh = Mesh(heart.heart.points * np.float32(1.1), heart.heart.triangles)
    save_anatomy(replace(heart, name="larger", heart=mesh), larger)
    save_myocardium(replace(wall, name="larger", points=wall.points * 1.1), volume_beside(larger))
    assert ecglocus("transfer", "--store", store, "--anatomy", larger) == 0
    *before, moved = held(store)
    (finding,) = moved.findings
    assert (moved.rater, finding.provenance) == ("A, on anatomy larger", "derived")
    there, here = finding.vertices, before[0].findings[0].vertices
    assert there and here
    assert (there.index, there.weight) == (here.index, here.weight)
    assert (there.anatomy, there.sha256) == ("larger", anatomy_hash(load_anatomy(larger)))
    assert ecglocus("transfer", "--store", store, "--anatomy", larger) == 0
    assert held(store) == (*before, moved)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("import", "--store", "{store}"), "expected at least one file to import"),
        (
            ("import", "{folder}/none.json", "--store", "{store}"),
            "none.json: expected annotations, could not read them",
        ),
        (
            ("import", "{marks}", "{marks}", "--store", "{store}"),
            "expected one annotation of r1 by A, found 2",
        ),
        (("import", "{marks}", "--store", "{store}", "--rater", "X"), "the file says itself whose"),
        (("import", "{marks}", "--store", "{marks}"), "found no SQLite file"),
        (("import", "{folder}/bare.vtp", "--store", "{store}"), "could not read"),
        (
            ("import", "{folder}/table.csv", "--store", "{store}"),
            "does not say record, rater, label, provenance",
        ),
        (("export", "--store", "{folder}/no.sqlite", "--out", "a.csv"), "expected a store .* no such file"),
        (
            ("export", "--store", "{store}", "--out", "{folder}/a.doc"),
            "expected .json, .csv, .vtp, .npz or a",
        ),
        (
            ("export", "--store", "{store}", "--out", "{folder}/a.vtp"),
            "drawn on a heart; give it as --anatomy",
        ),
        (("export", "--store", "{store}", "--out", "{folder}/a"), "give the sampling rate .* --fs"),
        (("list", "--store", "{folder}/no.sqlite"), "expected a store of annotations, found no such file"),
        (("transfer", "--store", "{store}", "--anatomy", "reference"), "expected two hearts, got the same"),
        (("transfer", "--store", "{store}", "--anatomy", "{folder}/no.npz"), "found no such file"),
    ],
)
def test_a_mistake_gets_one_sentence_and_changes_nothing(tmp_path, store, marks, capsys, arguments, sentence):
    (tmp_path / "table.csv").write_text("onset,offset\n1,2\n")
    names = {"store": store, "marks": marks, "folder": tmp_path}
    before, there = held(store), sorted(path.name for path in tmp_path.iterdir())
    capsys.readouterr()
    assert ecglocus(*(argument.format(**names) for argument in arguments)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("ecglocus: ")

    assert re.search(sentence, line)
    assert held(store) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == there
