"""Findings as values on a heart, and painted values as findings."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.annotation import Annotation, Finding, VertexWeights
from annotations.document import annotations_of, document_of, parse
from annotations.given import Given
from annotations.label_map import LabelMap
from annotations.masks import anatomy_hash, mesh_hash, vertex_weights
from cine_mapping.anatomy import Anatomy
from imn.errors import InputError

FORMAT = "ecglocus label map 1"


def draw_map(annotations: Iterable[Annotation], anatomy: Anatomy) -> LabelMap:
    """Give each finding that marks a place as weights on a heart, and the annotations beside them.

    Parameters
    ----------
    annotations : iterable of Annotation
    anatomy : Anatomy

    Returns
    -------
    LabelMap
        An array for each such finding, named by number and label; `annotations_in`
        gives the annotations back exactly.

    Raises
    ------
    InputError
        If vertices belong to another heart (`annotations.transfer`), or the heart
        lacks a region.
    """
    annotations = tuple(annotations)
    arrays = {
        f"{i}.{k} {finding.label}": vertex_weights(finding, anatomy)
        for i, annotation in enumerate(annotations, 1)
        for k, finding in enumerate(annotation.findings, 1)
        if finding.places_marked
    }
    points = anatomy.heart.points.astype(np.float32)
    blank = LabelMap(points, anatomy.heart.triangles.astype(np.int32), arrays, "")
    meaning = {
        "format": FORMAT,
        "arrays": list(arrays),
        "sha256": _digest(blank, list(arrays)),
        "document": document_of(annotations, "label map"),
    }
    return LabelMap(points, blank.triangles, arrays, json.dumps(meaning, ensure_ascii=False))


def annotations_in(label_map: LabelMap, where: object) -> tuple[Annotation, ...]:
    """Give the annotations of a label map of our own.

    Parameters
    ----------
    label_map : LabelMap
    where : object
        What the sentence about an error begins with.

    Returns
    -------
    tuple of Annotation

    Raises
    ------
    InputError
        If it is none, or another program has changed its values or its surface.
    """
    meaning = parse(label_map.text, where)
    keys = {"format", "arrays", "sha256", "document"}
    if not isinstance(meaning, Mapping) or set(meaning) != keys or meaning["format"] != FORMAT:
        msg = f"{where}: expected a label map of format {FORMAT!r}, found another; update ecglocus"
        raise InputError(msg)
    if meaning["sha256"] != _digest(label_map, meaning["arrays"]):
        msg = (
            f"{where}: the values differ from the annotations beside them, another program has changed them; "
            "give --rater, --label, --provenance, --confidence and --array to read the values alone"
        )
        raise InputError(msg)
    return annotations_of(meaning["document"], where)


def painted(label_map: LabelMap, given: Given, anatomy: Anatomy, where: object) -> Annotation:
    """Make a finding of an array of a label map.

    Parameters
    ----------
    label_map : LabelMap
    given : Given
        Record, rater, label, provenance, confidence; the array where there are
        several; the code in it where it holds codes.
    anatomy : Anatomy
        Whose heart the map must show.
    where : object
        What the sentence about an error begins with.

    Returns
    -------
    Annotation
        With this finding only.

    Raises
    ------
    InputError
        If something is missing, or the map is of another heart.
    """
    given.need("record_id", "rater", "label", "provenance", "confidence", where=where)
    sha256 = anatomy_hash(anatomy)
    if mesh_hash(label_map.mesh) != sha256:
        msg = (
            f"{where}: the surface is not the heart of anatomy {anatomy.name}: {len(label_map.points)} "
            f"points, expected {len(anatomy.heart.points)} in the same order and place"
        )
        raise InputError(msg)
    weights = _weights(label_map, given, where)
    index = np.flatnonzero(weights)
    vertices = VertexWeights(anatomy.name, sha256, tuple(index.tolist()), tuple(weights[index].tolist()))
    fields: Any = (given.label, given.provenance, given.confidence)
    annotation = Annotation(
        str(given.record_id),
        str(given.rater),
        (Finding(*fields, vertices=vertices),),
        state=given.state or "signed",
    )
    document_of([annotation], where)
    return annotation


def _weights(label_map: LabelMap, given: Given, where: object) -> NDArray[np.float64]:
    names = sorted(label_map.arrays)
    chosen = given.array or (names[0] if len(names) == 1 else "")
    if chosen not in names:
        found = f"found {given.array!r}" if given.array else "give --array"
        msg = f"{where}: expected one of the arrays {', '.join(names) or '(there are none)'}; {found}"
        raise InputError(msg)
    values = label_map.arrays[chosen]
    if given.value is not None:
        return (values == given.value).astype(float)
    weights = values.astype(float)
    if not ((weights >= 0) & (weights <= 1)).all():
        msg = f"{where}: array {chosen} goes beyond 0 to 1; if it holds codes, give the one meant as --value"
        raise InputError(msg)
    return weights


def _digest(label_map: LabelMap, names: object) -> str:
    """Content hash of the surface and the named arrays."""
    digest = hashlib.sha256(mesh_hash(label_map.mesh).encode())
    given = names if isinstance(names, list) else []
    for name in (name for name in given if isinstance(name, str)):
        values = label_map.arrays.get(name)
        # an array that is gone makes the hash another one, as a changed one does
        content = b"" if values is None else values.astype("<f8").tobytes()
        digest.update(f"{name};{len(content)};".encode(errors="replace") + content)
    return digest.hexdigest()
