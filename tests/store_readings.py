"""Readings to put in a store of annotations."""

from dataclasses import replace

from annotations import Annotation, Finding
from annotations.annotation import State

MI = Finding("MI", "expert", 0.5, regions=("LAD",))


def reading(rater: str, *, record: str = "r1", state: State = "signed", note: str = "") -> Annotation:
    return Annotation(record, rater, (replace(MI, note=note),), state=state)
