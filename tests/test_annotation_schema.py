"""The published schema of annotations: the names that the code knows, and what writing asks of it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from annotations import PLACES, Interval, VertexWeights, read_annotations, write_annotations
from annotations.document import MOST_INTERVALS, MOST_VERTICES
from imn.errors import InputError
from imn.leads import LEADS
from tests.annotation_values import PLAIN, READ

ROOT = Path(__file__).parent.parent


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
