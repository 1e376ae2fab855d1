"""Annotations as files: written and read back whole, or refused with the place that breaks the schema."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from annotations import VertexWeights, read_annotations, write_annotations
from imn.errors import InputError
from tests.annotation_values import PLAIN, READ, several


@settings(max_examples=60, deadline=None)
@given(values=several)
def test_what_is_written_reads_back_exactly(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("annotations") / "marks.json"
    write_annotations(path, values)
    assert read_annotations(path) == values
    assert [p.name for p in path.parent.iterdir()] == ["marks.json"]


OF_THE_ANNOTATION = ("record_id", "rater", "findings", "marked_at", "tool", "state")


def entry(**changes):
    """An annotation with one finding; changes go where the schema has that key."""
    outer = {"record_id": "r1", "rater": "A", "state": "signed"}
    inner = {"label": "MI", "provenance": "expert", "confidence": 0.5}
    for name, value in changes.items():
        (outer if name in OF_THE_ANNOTATION else inner)[name] = value
    outer = {"findings": [{name: value for name, value in inner.items() if value is not ...}]} | outer
    return {name: value for name, value in outer.items() if value is not ...}


def interval(**changes):
    return {"leads": ["V1"], "onset_s": 0.0, "offset_s": 0.1, "on": "beat"} | changes


def painted(**changes):
    return {"anatomy": "h", "sha256": "0" * 64, "index": [1], "weight": [1.0]} | changes


def document(*entries, **changes):
    return {"version": 2, "annotations": list(entries)} | changes


BROKEN = [
    ([], "$", "not of type 'object'"),
    ({"version": 2}, "$", "'annotations' is a required property"),
    ({"annotations": []}, "$", "'version' is a required property"),
    (document(version=3), "$.version", "2 was expected"),
    (document(by="me"), "$", "unknown key 'by', the valid ones are version, annotations"),
    (document(annotations={}), "$.annotations", "not of type 'array'"),
    (document(3), "$.annotations[0]", "not of type 'object'"),
    *[
        (document(entry(), entry(**{name: ...})), "$.annotations[1]", f"'{name}' is a required property")
        for name in ("record_id", "rater", "findings", "state")
    ],
    *[
        (document(entry(), entry(**{name: ...})), "$.annotations[1].findings[0]", f"'{name}' is a required")
        for name in ("label", "confidence", "provenance")
    ],
    (document(entry(findings={})), "$.annotations[0].findings", "not of type 'array'"),
    (document(entry(findings=[7])), "$.annotations[0].findings[0]", "not of type 'object'"),
    (document(entry(marked_at="today")), "$.annotations[0].marked_at", "does not match"),
    (document(entry(marked_at="2026-02-30T17:40:00Z")), "$.annotations[0]", "marked_at must be a moment"),
    (document(entry(state="final")), "$.annotations[0].state", "one of draft, signed, adjudicated, got"),
    (document(entry(leads=["V7"])), "$.annotations[0].findings[0].leads[0]", "one of I, .*, got 'V7'"),
    (
        document(entry(place="apex")),
        "$.annotations[0].findings[0]",
        "unknown key 'place', the valid ones are label, .*vertices",
    ),
    (document(entry(record_id=7)), "$.annotations[0].record_id", "not of type 'string'"),
    (document(entry(label="")), "$.annotations[0].findings[0].label", "non-empty|too short"),
    (document(entry(rater="x" * 5000)), "$.annotations[0].rater", "too long"),
    (document(entry(rater="a\nb")), "$.annotations[0]", "rater must be one line"),
    (
        document(entry(confidence=1.5)),
        "$.annotations[0].findings[0].confidence",
        "greater than the maximum of 1",
    ),
    (document(entry(confidence=-1)), "$.annotations[0].findings[0].confidence", "less than the minimum of 0"),
    (document(entry(confidence="high")), "$.annotations[0].findings[0].confidence", "not of type 'number'"),
    (document(entry(confidence=True)), "$.annotations[0].findings[0].confidence", "not of type 'number'"),
    (
        document(entry(provenance="gold")),
        "$.annotations[0].findings[0].provenance",
        "one of expert, derived, simulated, got 'gold'",
    ),
    (document(entry(note=None)), "$.annotations[0].findings[0].note", "not of type 'string'"),
    (document(entry(regions="apex")), "$.annotations[0].findings[0].regions", "not of type 'array'"),
    (
        document(entry(regions=["LM"])),
        "$.annotations[0].findings[0].regions[0]",
        "one of basal anterior, .*, RV, got 'LM'",
    ),
    (document(entry(regions=["RV", "RV"])), "$.annotations[0].findings[0].regions", "non-unique"),
    (
        document(entry(intervals=[interval(leads=[])])),
        "$.annotations[0].findings[0].intervals[0].leads",
        "non-empty|too short",
    ),
    (
        document(entry(intervals=[interval(leads=["v1"])])),
        "$.annotations[0].findings[0].intervals[0].leads[0]",
        "got 'v1'",
    ),
    (
        document(entry(intervals=[interval(on="R")])),
        "$.annotations[0].findings[0].intervals[0].on",
        "one of beat, recording",
    ),
    (
        document(entry(intervals=[interval(onset_s=1e7)])),
        "$.annotations[0].findings[0].intervals[0].onset_s",
        "maximum",
    ),
    (
        document(entry(intervals=[interval(offset_s=0.0)])),
        "$.annotations[0].findings[0]",
        "must end after it begins",
    ),
    (
        document(entry(intervals=[interval(onset_s=-1, on="recording")])),
        "$.annotations[0].findings[0]",
        "must not be negative",
    ),
    (
        document(entry(intervals=[interval(lead="V1")])),
        "$.annotations[0].findings[0].intervals[0]",
        "unknown key 'lead'",
    ),
    (
        document(entry(vertices=painted(sha256="A" * 64))),
        "$.annotations[0].findings[0].vertices.sha256",
        "does not match",
    ),
    (
        document(entry(vertices=painted(index=[1.5]))),
        "$.annotations[0].findings[0].vertices.index[0]",
        "not of type 'integer'",
    ),
    (
        document(entry(vertices=painted(index=[-1]))),
        "$.annotations[0].findings[0].vertices.index[0]",
        "minimum",
    ),
    (
        document(entry(vertices=painted(weight=[0]))),
        "$.annotations[0].findings[0].vertices.weight[0]",
        "minimum",
    ),
    (
        document(entry(vertices=painted(weight=[2]))),
        "$.annotations[0].findings[0].vertices.weight[0]",
        "maximum",
    ),
    (document(entry(vertices=painted(weight=[1, 1]))), "$.annotations[0].findings[0]", "one weight each"),
    (
        document(entry(vertices=painted(index=[2, 1], weight=[1, 1]))),
        "$.annotations[0].findings[0]",
        "rising order",
    ),
]


@pytest.mark.parametrize(("content", "place", "sentence"), BROKEN)
def test_a_file_that_breaks_the_schema_is_refused_with_the_place(tmp_path, content, place, sentence):
    path = tmp_path / "marks.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError) as caught:
        read_annotations(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: {place}: ")
    assert re.search(sentence, message)
    assert "\n" not in message
    assert len(message) < 900


def test_a_file_of_the_first_version_gets_one_sentence(tmp_path):
    path = tmp_path / "marks.json"
    path.write_text(json.dumps({"version": 1, "annotations": [{"record_id": "r1", "label": "MI"}]}))
    with pytest.raises(InputError, match=r"expected version 2 of the schema, got version 1; put label"):
        read_annotations(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "expected annotations as JSON"),
        (b"{", "expected annotations as JSON"),
        (b"\xff\xfe\xfd", "expected annotations as JSON"),
        (b"[" * 200_000, "expected annotations as JSON"),
        (b'{"version": 2, "version": 2, "annotations": []}', "the key 'version' twice"),
        (b'{"version": NaN, "annotations": []}', "NaN, which is not a number in JSON"),
        (b"9" * 5000, "expected annotations as JSON"),
        (json.dumps(document(entry(confidence=7))).replace(": 7", ": 1e999").encode(), "maximum of 1"),
    ],
)
def test_what_is_not_json_is_refused(tmp_path, content, sentence):
    path = tmp_path / "marks.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        read_annotations(path)


@pytest.mark.parametrize("depth", [100, 700, 950, 980, 990, 5000])
@pytest.mark.parametrize("name", ["note", "regions", "vertices", "x"])
def test_deep_nesting_is_refused(tmp_path, depth, name):
    path = tmp_path / "marks.json"
    sound = json.dumps(document(entry(**{name: "here"})))
    deep = "[" * depth + "]" * depth
    for core in (deep, f"[{deep}, {deep}]", '{"a":' * depth + "1" + "}" * depth):
        path.write_text(sound.replace('"here"', core))
        with pytest.raises(InputError) as caught:
            read_annotations(path)
        assert len(str(caught.value)) < 900


def test_whole_numbers_may_be_written_with_a_point(tmp_path):
    path = tmp_path / "marks.json"
    path.write_text(json.dumps(document(entry(vertices=painted(index=[7.0], weight=[1])))))
    (marks,) = read_annotations(path)
    assert marks.findings[0].vertices == VertexWeights("h", "0" * 64, (7,), (1.0,))


def test_files_that_cannot_be_read_or_written_are_named(tmp_path, monkeypatch):
    with pytest.raises(
        InputError, match=r"none.json: expected annotations, could not read them .No such file"
    ):
        read_annotations(tmp_path / "none.json")
    with pytest.raises(InputError, match="could not read them .Is a directory"):
        read_annotations(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        write_annotations(tmp_path / "file" / "marks.json", [READ])
    path = tmp_path / "marks.json"
    write_annotations(path, [READ])
    monkeypatch.setattr("annotations.io.LARGEST_FILE", 50)
    with pytest.raises(InputError, match="at most 50 bytes"):
        read_annotations(path)


def test_a_refused_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "marks.json"
    write_annotations(path, [READ])
    with pytest.raises(InputError, match=r"annotations\[0\].findings\[0\].note: .*too long"):
        write_annotations(path, [replace(READ, findings=(replace(PLAIN, note="x" * 10_001),))])
    assert read_annotations(path) == (READ,)
    assert list(tmp_path.iterdir()) == [path]
