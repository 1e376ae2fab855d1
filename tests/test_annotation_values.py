"""Annotations: what they hold, and what they refuse to hold."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from annotations import Finding, Interval, VertexWeights
from imn.errors import InputError
from tests.annotation_values import PLAIN, READ

ROOT = Path(__file__).parent.parent


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


def test_importing_the_package_is_cheap():
    heavy = "('scipy', 'sklearn', 'jsonschema', 'torch')"
    code = f"import sys, annotations; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
