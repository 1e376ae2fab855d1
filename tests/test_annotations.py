"""Annotations: what they hold, how they are stored, and the masks they become."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations import (
    PLACES,
    Annotation,
    Finding,
    Interval,
    VertexWeights,
    anatomy_hash,
    beat_mask,
    read_annotations,
    recording_mask,
    scored_areas,
    vertex_mask,
    vertex_weights,
    write_annotations,
)
from annotations.document import MOST_INTERVALS, MOST_VERTICES
from cine_mapping.anatomy import AHA_SEGMENTS, REGIONS, RV_REGIONS, Anatomy, Mesh
from cine_mapping.beat import Beat, Fiducials
from imn.errors import InputError
from imn.leads import LEADS
from tests.annotation_values import several

ROOT = Path(__file__).parent.parent
PLAIN = Finding("MI", "simulated", 0.5)
READ = Annotation("r1", "A", (PLAIN,))


# values


def test_provenance_has_no_default():
    with pytest.raises(TypeError, match="provenance"):
        Finding(label="MI", confidence=0.5)  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"provenance": "Expert"}, "provenance must be one of expert, derived, simulated, got 'Expert'"),
        ({"confidence": 1.01}, "confidence must lie between 0 and 1, got 1.01"),
        ({"confidence": float("nan")}, "confidence must be a finite number, got nan"),
        ({"confidence": True}, "confidence must be a finite number, got True"),
        ({"label": "two\nlines"}, "label must be one line"),
        ({"note": "\udfff"}, "note must be text"),
        ({"regions": ("anterior",)}, "region must be one of basal anterior, .*RV, got 'anterior'"),
        ({"regions": ("apex", "apex")}, "each region must be named once"),
        ({"regions": "apex"}, "give a tuple of region names"),
        ({"intervals": ({"leads": ["I"]},)}, "intervals must all be values of Interval"),
        ({"vertices": (1, 2)}, "vertices must be None or a value of VertexWeights"),
        ({"leads": ("V7",)}, "lead must be one of I, .*, V6, got 'V7'"),
        ({"leads": "V1"}, "give a tuple of lead names"),
    ],
)
def test_a_finding_refuses(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        replace(PLAIN, **changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"record_id": " "}, "record_id must be one line"),
        ({"rater": "\ud800"}, "rater must be one line"),
        ({"findings": ("MI",)}, "findings must all be values of Finding"),
        ({"findings": "MI"}, "findings must all be values of Finding"),
        ({"marked_at": "2026-11-21 17:40"}, "marked_at must be a moment in UTC such as 2026-.*Z, got"),
        ({"marked_at": "2026-11-21T17:40:00+01:00"}, "marked_at must be a moment in UTC"),
        ({"marked_at": "2026-02-30T17:40:00Z"}, "marked_at must be a moment in UTC"),
        ({"marked_at": 0}, "marked_at must be a moment in UTC"),
        ({"tool": "a\nb"}, "tool must be one line"),
        ({"state": "final"}, "state must be one of draft, signed, adjudicated, got 'final'"),
    ],
)
def test_an_annotation_refuses(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        replace(READ, **changes)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((("v1",), 0, 1, "beat"), "lead must be one of I, II, .*, got 'v1'"),
        (("V1", 0, 1, "beat"), "give a tuple of lead names"),
        (((), 0, 1, "beat"), "at least one lead"),
        ((("V1", "V1"), 0, 1, "beat"), "each lead must be named once"),
        ((("V1",), 0.2, 0.2, "beat"), "must end after it begins"),
        ((("V1",), 0, float("inf"), "beat"), "offset_s must be a finite number"),
        ((("V1",), "0", 1, "beat"), "onset_s must be a finite number"),
        ((("V1",), 0, 1, "ecg"), "on must be one of beat, recording, got 'ecg'"),
        ((("V1",), -0.1, 1, "recording"), "must not be negative"),
    ],
)
def test_an_interval_refuses(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        Interval(*arguments)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("h", "0" * 63, (1,), (1.0,)), "sha256 must be 64"),
        (("h", "G" * 64, (1,), (1.0,)), "sha256 must be 64"),
        (("h", "0" * 64, (1, 2), (1.0,)), "one weight each"),
        (("h", "0" * 64, (2, 1), (1.0, 1.0)), "in rising order"),
        (("h", "0" * 64, (1, 1), (1.0, 1.0)), "in rising order"),
        (("h", "0" * 64, (-1,), (1.0,)), "vertex numbers from 0"),
        (("h", "0" * 64, (1.5,), (1.0,)), "vertex numbers from 0"),
        (("h", "0" * 64, (1,), (0.0,)), "above 0 and at most 1"),
        (("h", "0" * 64, (1,), (1.1,)), "above 0 and at most 1"),
        (("", "0" * 64, (1,), (1.0,)), "anatomy must be one line"),
    ],
)
def test_vertex_weights_refuse(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        VertexWeights(*arguments)


# files


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
    with pytest.raises(InputError, match=r"none.json: annotations cannot be read: No such file"):
        read_annotations(tmp_path / "none.json")
    with pytest.raises(InputError, match="cannot be read"):
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


def schema():
    return json.loads((ROOT / "annotations" / "schema.json").read_text())


def test_the_schema_is_valid_versioned_and_knows_the_same_names():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"].endswith("2020-12/schema")
    assert schema()["$id"].endswith(f":{schema()['properties']['version']['const']}")
    assert tuple(schema()["$defs"]["place"]["enum"]) == PLACES
    assert tuple(schema()["$defs"]["lead"]["enum"]) == LEADS


def test_the_documented_example_is_valid(tmp_path):
    text = (ROOT / "docs" / "annotations.md").read_text()
    example = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert example is not None
    path = tmp_path / "example.json"
    path.write_text(example[1])
    marks = read_annotations(path)
    assert {finding.provenance for m in marks for finding in m.findings} == {"expert", "derived", "simulated"}
    assert schema()["$id"] in text
    write_annotations(path, marks)
    assert read_annotations(path) == marks


def test_importing_the_package_is_cheap():
    heavy = "('scipy', 'sklearn', 'jsonschema', 'torch')"
    code = f"import sys, annotations; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# masks


def anatomy(copies: int = 2) -> Anatomy:
    """A strip of vertices, `copies` in each region, with growing triangles."""
    v = copies * len(REGIONS)
    i = np.arange(v)
    points = np.stack([i * (i + 1) / 20, i % 2, np.zeros(v)], axis=1).astype(np.float32)
    triangles = np.stack([i[:-2], i[1:-1], i[2:]], axis=1).astype(np.int32)
    empty = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    return Anatomy(
        name="strip",
        heart=Mesh(points, triangles),
        surface=np.zeros(v, np.int8),
        region=np.repeat(np.arange(len(REGIONS)), copies).astype(np.int8),
        vessels=empty,
        torso=empty,
        electrodes=np.zeros((9, 3), np.float32),
        lead_vectors=np.zeros((12, v, 3), np.float32),
    )


@pytest.mark.parametrize("name", REGIONS)
def test_a_region_marks_exactly_its_vertices(name):
    heart = anatomy()
    mask = vertex_mask(replace(PLAIN, regions=(name,)), heart)
    np.testing.assert_array_equal(mask, heart.region == REGIONS.index(name))


@pytest.mark.parametrize(
    ("territory", "numbers"),
    [
        ("LAD", {1, 2, 7, 8, 13, 14, 17}),
        ("RCA", {3, 4, 9, 10, 15}),
        ("LCX", {5, 6, 11, 12, 16}),
        ("RV", {18, 19, 20}),
    ],
)
def test_a_territory_marks_its_segments(territory, numbers):
    heart = anatomy()
    mask = vertex_mask(replace(PLAIN, regions=(territory,)), heart)
    assert set((heart.region[mask] + 1).tolist()) == numbers
    assert mask.sum() == 2 * len(numbers)


def test_the_territories_share_out_the_ventricles():
    heart = anatomy()
    count = sum(
        vertex_mask(replace(PLAIN, regions=(t,)), heart).astype(int) for t in ("LAD", "RCA", "LCX", "RV")
    )
    np.testing.assert_array_equal(count, heart.ventricles.astype(int))
    np.testing.assert_array_equal(scored_areas(heart) > 0, heart.ventricles)
    assert len(AHA_SEGMENTS) + len(RV_REGIONS) == 20


def test_painted_vertices_join_the_regions_by_the_larger_weight():
    heart = anatomy()
    painted = VertexWeights("strip", anatomy_hash(heart), (0, 5, 9), (0.25, 0.5, 0.25))
    marks = replace(PLAIN, regions=("basal anterior",), vertices=painted)
    weights = vertex_weights(marks, heart)
    assert weights[[0, 1, 5, 9]].tolist() == [1.0, 1.0, 0.5, 0.25]
    assert weights.sum() == 2.75
    assert np.flatnonzero(vertex_mask(marks, heart)).tolist() == [0, 1, 5]
    assert np.flatnonzero(vertex_mask(marks, heart, at_least=0.25)).tolist() == [0, 1, 5, 9]


def test_the_hash_follows_points_and_triangles_only():
    heart = anatomy()
    assert anatomy_hash(heart) == anatomy_hash(anatomy())
    assert anatomy_hash(replace(heart, name="other", region=heart.region * 0)) == anatomy_hash(heart)
    moved = heart.heart.points.copy()
    moved[3, 2] += 1e-3
    flipped = heart.heart.triangles[:, ::-1]
    assert anatomy_hash(replace(heart, heart=Mesh(moved, heart.heart.triangles))) != anatomy_hash(heart)
    assert anatomy_hash(replace(heart, heart=Mesh(heart.heart.points, flipped))) != anatomy_hash(heart)


def test_places_that_the_anatomy_lacks_are_refused():
    heart = anatomy()
    other = VertexWeights("other", "0" * 64, (0,), (1.0,))
    with pytest.raises(InputError, match="painted on anatomy other .*got strip"):
        vertex_weights(replace(PLAIN, vertices=other), heart)
    beyond = VertexWeights("strip", anatomy_hash(heart), (44,), (1.0,))
    with pytest.raises(InputError, match="marks vertex 44, the anatomy has 44 vertices"):
        vertex_weights(replace(PLAIN, vertices=beyond), heart)
    without_atria = replace(heart, region=np.zeros_like(heart.region))
    with pytest.raises(InputError, match="strip has no left atrium"):
        vertex_weights(replace(PLAIN, regions=("left atrium",)), without_atria)
    with pytest.raises(InputError, match="at_least must be above 0"):
        vertex_mask(PLAIN, heart, at_least=0.0)


def beat(fs: float = 100.0) -> Beat:
    """Three beats 1 s apart, each from 0.3 s before to 0.4 s after its R peak."""
    peaks = (np.array([0.5, 1.5, 2.5]) * fs).astype(np.int64)
    before, m = round(0.3 * fs), round(0.7 * fs)
    nearest = peaks[np.abs(np.arange(round(3 * fs))[:, None] - peaks).argmin(axis=1)]
    phase = np.clip(np.arange(round(3 * fs)) - nearest + before, 0, m - 1).astype(np.int32)
    return Beat(
        fs=fs,
        signal=np.zeros((12, m), np.float32),
        r_peak=before,
        fiducials=Fiducials(*(round(t * fs) for t in (0.25, 0.35, 0.5, 0.6))),
        r_peaks=peaks,
        kept=np.ones(3, bool),
        phase=phase,
    )


def on_beat(onset, offset, leads=("V1", "aVF")):
    return replace(PLAIN, intervals=(Interval(leads, onset, offset, "beat"),))


@pytest.mark.parametrize("fs", [100.0, 250.0, 500.0])
def test_times_on_the_beat_count_from_the_r_peak(fs):
    mask = beat_mask(on_beat(-0.04, 0.12), beat(fs))
    rows, samples = np.nonzero(mask)
    assert set(rows) == {LEADS.index("V1"), LEADS.index("aVF")}
    assert samples.min() / fs == pytest.approx(0.3 - 0.04)
    assert len(set(samples)) == round(0.16 * fs)


@settings(deadline=None)
@given(first=st.integers(-30, 38), length=st.integers(1, 30))
def test_neighbouring_intervals_neither_overlap_nor_leave_a_gap(first, length):
    split, end = (first + 1) / 100, (first + 1 + length) / 100
    left, right = (beat_mask(on_beat(*times), beat()) for times in ((first / 100, split), (split, end)))
    assert not (left & right).any()
    np.testing.assert_array_equal(left | right, beat_mask(on_beat(first / 100, end), beat()))


def test_the_recording_repeats_the_beat_and_folds_back_to_it():
    one = beat()
    marks = on_beat(-0.04, 0.12)
    long = recording_mask(marks, one)
    assert long.sum() == 3 * beat_mask(marks, one).sum()
    starts = np.flatnonzero(np.diff(long[LEADS.index("V1")].astype(int)) == 1) + 1
    assert starts.tolist() == [46, 146, 246]
    folded = np.zeros_like(beat_mask(marks, one))
    for row, marked in zip(folded, long, strict=True):
        row[one.phase[marked]] = True
    np.testing.assert_array_equal(folded, beat_mask(marks, one))


def test_an_interval_on_the_recording_marks_itself_there_and_its_phase_on_the_beat():
    marks = replace(PLAIN, intervals=(Interval(("II",), 1.5, 1.6, "recording"),))
    long = recording_mask(marks, beat())
    assert np.flatnonzero(long[LEADS.index("II")]).tolist() == list(range(150, 160))
    assert long.sum() == 10
    np.testing.assert_array_equal(beat_mask(marks, beat()), beat_mask(on_beat(0, 0.1, ("II",)), beat()))


def test_a_short_interval_marks_one_sample_and_an_outside_one_is_refused():
    assert beat_mask(on_beat(0.011, 0.012, ("I",)), beat()).sum() == 1
    assert beat_mask(on_beat(-9, 9, ("I",)), beat()).sum() == 70
    for times in ((0.4, 0.5), (-0.5, -0.3)):
        with pytest.raises(InputError, match="outside the beat, which spans -0.3 to 0.4 s"):
            beat_mask(on_beat(*times), beat())
    late = replace(PLAIN, intervals=(Interval(("I",), 3.0, 3.1, "recording"),))
    with pytest.raises(InputError, match="outside the recording, which spans 0 to 3 s"):
        recording_mask(late, beat())


def test_nothing_marked_is_an_empty_mask_but_what_was_not_asked_is_refused():
    assert not vertex_mask(PLAIN, anatomy()).any()
    assert not beat_mask(PLAIN, beat()).any()
    with pytest.raises(InputError, match="marks intervals only"):
        vertex_mask(on_beat(0, 0.1), anatomy())
    for mask in (beat_mask, recording_mask):
        with pytest.raises(InputError, match="marks places only"):
            mask(replace(PLAIN, regions=("apex",)), beat())
    with pytest.raises(InputError, match="marks leads only"):
        vertex_mask(replace(PLAIN, leads=("V1",)), anatomy())
    for mask in (beat_mask, recording_mask):
        with pytest.raises(InputError, match="marks leads only"):
            mask(replace(PLAIN, leads=("V1",)), beat())


def test_writing_still_refuses_what_the_schema_does(tmp_path: Path) -> None:
    vertices = schema()["$defs"]["vertices"]["properties"]
    assert vertices["index"]["maxItems"] == vertices["weight"]["maxItems"] == MOST_VERTICES
    assert schema()["$defs"]["finding"]["properties"]["intervals"]["maxItems"] == MOST_INTERVALS
    wave = Interval(("V1",), 0.0, 0.1, "beat")
    early, late = Interval(("V1",), -2e6, 0.1, "beat"), Interval(("V1",), 0.0, 2e6, "beat")
    for changes, place in (
        ({"vertices": VertexWeights("a", "0" * 64, (3, 2**31), (0.5, 0.5))}, r"vertices\.index"),
        ({"intervals": (wave, early, wave, wave)}, r"intervals\[0\]\.onset_s"),
        ({"intervals": (wave, late, wave, wave)}, r"intervals\[1\]\.offset_s"),
        ({"intervals": (wave,) * (MOST_INTERVALS + 1)}, r"intervals: .*too long"),
    ):
        with pytest.raises(InputError, match=place):
            write_annotations(tmp_path / "a.json", [replace(READ, findings=(replace(PLAIN, **changes),))])
    assert not list(tmp_path.iterdir())
