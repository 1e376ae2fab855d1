"""Annotations as the published schema has them: plain values of JSON."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NoReturn

from annotations.annotation import Annotation, Finding, Interval, VertexWeights
from imn.errors import InputError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

VERSION = 2
MOST_VERTICES, MOST_INTERVALS = 1_000_000, 10_000
"""Of a finding, as the schema says."""


def document_of(annotations: Iterable[Annotation], where: object) -> dict[str, Any]:
    """Give annotations as a document that fits the schema.

    Parameters
    ----------
    annotations : iterable of Annotation
    where : object
        What the sentence about an error begins with, such as the path.

    Returns
    -------
    dict
        In JSON's types.

    Raises
    ------
    InputError
        If a value is beyond the schema's limits.
    """
    document = {"version": VERSION, "annotations": [_entry(annotation) for annotation in annotations]}
    # what asdict leaves as tuples must be lists before the schema can call them arrays
    plain = json.loads(json.dumps(document, allow_nan=False))
    _check(_outline(plain), where)
    return document


def annotations_of(document: Any, where: object) -> tuple[Annotation, ...]:
    """Give the annotations of a document.

    Parameters
    ----------
    document : object
        As `parse` gives it.
    where : object
        What the sentence about an error begins with.

    Returns
    -------
    tuple of Annotation

    Raises
    ------
    InputError
        If it does not fit the schema; the sentence names the place in it, as in
        ``$.annotations[0].findings[1].confidence``.
    """
    _check(document, where)
    return tuple(
        _build(entry, f"{where}: $.annotations[{i}]") for i, entry in enumerate(document["annotations"])
    )


def annotation_of(entry: Any, where: str) -> Annotation:
    """Give an annotation of a document that was checked when it was written.

    Parameters
    ----------
    entry : object
        One of the document's annotations.
    where : str
        What the sentence about an error begins with.

    Returns
    -------
    Annotation

    Raises
    ------
    InputError
        If it is none; not every rule of the schema is checked again.
    """
    try:
        return _build(entry, where)
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"{where}: expected an annotation, found something else ({_shorten(str(error))})"
        raise InputError(msg) from error


def text_of(document: Mapping[str, Any], *, indent: int | None = None) -> str:
    """Write a document as JSON.

    Parameters
    ----------
    document : mapping
    indent : int, optional
        On one line if left out.

    Returns
    -------
    str
    """
    return json.dumps(document, ensure_ascii=False, indent=indent, allow_nan=False)


def parse(content: bytes | str, where: object) -> Any:
    """Read JSON strictly: every key once, no NaN.

    Parameters
    ----------
    content : bytes or str
    where : object
        What the sentence about an error begins with.

    Returns
    -------
    object
        In JSON's types.

    Raises
    ------
    InputError
        If it is not JSON.
    """
    try:
        return json.loads(content, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        msg = f"{where}: expected annotations as JSON, found {_shorten(str(error))}"
        raise InputError(msg) from error


def _outline(document: dict[str, Any]) -> dict[str, Any]:
    """Leave of long lists the extremes: values were checked when they were made, and thousands take long."""
    for finding in (finding for entry in document["annotations"] for finding in entry["findings"]):
        waves, painted = finding.get("intervals", ()), finding.get("vertices", {})
        if 2 < len(waves) <= MOST_INTERVALS:
            first, last = (lambda wave: wave["onset_s"]), (lambda wave: wave["offset_s"])
            finding["intervals"] = [min(waves, key=first), max(waves, key=last)]
        for name in painted.keys() & {"index", "weight"}:
            if len(painted[name]) <= MOST_VERTICES:
                painted[name] = [*painted[name][:1], *painted[name][-1:]]
    return document


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        names = [name for name, _ in pairs]
        msg = f"the key {next(name for name in names if names.count(name) > 1)!r} twice in one object"
        raise ValueError(msg)
    return entries


def _refuse_constant(name: str) -> NoReturn:
    msg = f"{name}, which is not a number in JSON"
    raise ValueError(msg)


@cache
def _validator() -> "Draft202012Validator":
    from jsonschema import Draft202012Validator

    schema = json.loads((files("annotations") / "schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


def _check(document: Any, where: object) -> None:
    if isinstance(document, dict) and document.get("version") == 1:
        msg = (
            f"{where}: expected version 2 of the schema, got version 1; put label, provenance, confidence, "
            "note and marks of each annotation into its list of findings"
        )
        raise InputError(msg)
    try:
        error = next(_validator().iter_errors(document), None)
        wrong = f"{error.json_path}: {_reason(error)}" if error else ""
    except RecursionError:
        wrong = "$: expected annotations, found lists or objects nested hundreds deep"
    if wrong:
        msg = f"{where}: {wrong}"
        raise InputError(msg)


def _reason(error: "ValidationError") -> str:
    rule: dict[str, Any] = dict(error.schema) if isinstance(error.schema, dict) else {}
    found: Any = error.instance
    if error.validator == "additionalProperties":
        unknown = next(name for name in found if name not in rule["properties"])
        return f"unknown key {unknown!r:.80}, the valid ones are {', '.join(rule['properties'])}"
    if error.validator == "enum":
        return f"expected one of {', '.join(rule['enum'])}, got {found!r:.80}"
    return _shorten(error.message)


def _shorten(message: str) -> str:
    """Keep what a message says, drop the middle of a long value it quotes."""
    message = re.sub(r"\s+", " ", message)
    return message if len(message) <= 240 else f"{message[:80]} ... {message[-140:]}"


def _entry(annotation: Annotation) -> dict[str, Any]:
    """Give the annotation as the file has it: without what was left empty."""
    entry = asdict(annotation)
    entry["findings"] = [_filled(finding) for finding in entry["findings"]]
    return _filled(entry)


def _filled(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value not in ("", (), None)}


def _build(entry: dict[str, Any], where: str) -> Annotation:
    findings = tuple(
        _finding(finding, f"{where}.findings[{i}]") for i, finding in enumerate(entry["findings"])
    )
    fields: dict[str, Any] = entry | {"findings": findings}
    try:
        return Annotation(**fields)
    except InputError as error:
        msg = f"{where}: {error}"
        raise InputError(msg) from error


def _finding(entry: dict[str, Any], where: str) -> Finding:
    fields = dict(entry)
    try:
        fields["intervals"] = tuple(Interval(**interval) for interval in entry.get("intervals", ()))
        fields["regions"] = tuple(entry.get("regions", ()))
        fields["leads"] = tuple(entry.get("leads", ()))
        if "vertices" in entry:
            fields["vertices"] = _vertices(entry["vertices"])
        return Finding(**fields)
    except InputError as error:
        msg = f"{where}: {error}"
        raise InputError(msg) from error


def _vertices(entry: dict[str, Any]) -> VertexWeights:
    # JSON Schema counts 7.0 as an integer, Python does not
    index = tuple(int(i) for i in entry["index"])
    return VertexWeights(entry["anatomy"], entry["sha256"], index, tuple(entry["weight"]))
