"""Annotations from and to JSON files, checked against the published schema."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from annotations.annotation import Annotation, Interval, VertexWeights
from imn.errors import InputError
from imn.files import replacing

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

VERSION = 1
LARGEST_FILE = 64 * 2**20
"""Bytes; a file beyond this is refused before it is parsed."""
MOST_VERTICES = 1_000_000
"""As the schema says."""


def read_annotations(path: str | Path) -> tuple[Annotation, ...]:
    """Read a file of annotations.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    tuple of Annotation
        In the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, is not JSON, or does not fit the schema; the
        sentence names the place in the file, as in ``$.annotations[0].confidence``.
    """
    document = _parse(_read_bytes(Path(path)), path)
    _check(document, path)
    return tuple(
        _build(entry, f"{path}: $.annotations[{i}]") for i, entry in enumerate(document["annotations"])
    )


def write_annotations(path: str | Path, annotations: Iterable[Annotation]) -> None:
    """Write annotations to a file, whole or not at all; reading gives them back exactly.

    Parameters
    ----------
    path : str or Path
    annotations : iterable of Annotation

    Raises
    ------
    InputError
        If a value is beyond the schema's limits, or the file cannot be written.
    """
    document = {"version": VERSION, "annotations": [_entry(annotation) for annotation in annotations]}
    # what asdict leaves as tuples must be lists before the schema can call them arrays
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    _check(_outline(json.loads(text)), path)
    content = (text + "\n").encode()
    if len(content) > LARGEST_FILE:
        msg = (
            f"{path}: annotations must fit in {LARGEST_FILE} bytes, got {len(content)}; split them over files"
        )
        raise InputError(msg)
    try:
        with replacing(path) as draft:
            draft.write_bytes(content)
    except OSError as error:
        msg = f"{path}: annotations cannot be written: {error.strerror}"
        raise InputError(msg) from error


def _outline(document: dict[str, Any]) -> dict[str, Any]:
    """Leave of painted vertices the ends: `VertexWeights` checked the others, and thousands take long."""
    for painted in (entry["vertices"] for entry in document["annotations"] if "vertices" in entry):
        for name in ("index", "weight"):
            if len(painted[name]) <= MOST_VERTICES:
                painted[name] = [*painted[name][:1], *painted[name][-1:]]
    return document


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        msg = f"{path}: annotations cannot be read: {error.strerror}"
        raise InputError(msg) from error
    if len(content) > LARGEST_FILE:
        msg = f"{path}: expected at most {LARGEST_FILE} bytes of annotations, the file is larger; split it"
        raise InputError(msg)
    return content


def _parse(content: bytes, path: str | Path) -> Any:
    try:
        return json.loads(content, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        msg = f"{path}: expected annotations as JSON, found {_shorten(str(error))}"
        raise InputError(msg) from error


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


def _check(document: Any, path: str | Path) -> None:
    error = next(_validator().iter_errors(document), None)
    if error is not None:
        msg = f"{path}: {error.json_path}: {_reason(error)}"
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
    return {name: value for name, value in asdict(annotation).items() if value not in ("", (), None)}


def _build(entry: dict[str, Any], where: str) -> Annotation:
    fields = dict(entry)
    try:
        fields["intervals"] = tuple(Interval(**interval) for interval in entry.get("intervals", ()))
        fields["regions"] = tuple(entry.get("regions", ()))
        if "vertices" in entry:
            fields["vertices"] = _vertices(entry["vertices"])
        return Annotation(**fields)
    except InputError as error:
        msg = f"{where}: {error}"
        raise InputError(msg) from error


def _vertices(entry: dict[str, Any]) -> VertexWeights:
    # JSON Schema counts 7.0 as an integer, Python does not
    index = tuple(int(i) for i in entry["index"])
    return VertexWeights(entry["anatomy"], entry["sha256"], index, tuple(entry["weight"]))
