"""Bring annotations into a store and out of it again."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imn.errors import InputError
from viewer.commands import say

if TYPE_CHECKING:
    from annotations.annotation import Annotation
    from annotations.given import Given
    from annotations.transfer import Heart
    from viewer.cli_annotations import Export, Import, List, Transfer

MAPS = (".vtp", ".npz")


def annotations_import(options: "Import") -> int:
    """Read all files, then add what they hold in one transaction."""
    from annotations.importing import read_files
    from annotations.store import open_store
    from cine_mapping.anatomy_io import load_anatomy

    if not options.files:
        msg = "expected at least one file to import, got none"
        raise InputError(msg)
    anatomy = load_anatomy(options.anatomy) if options.anatomy else None
    found = read_files(options.files, given=_given(options), anatomy=anatomy, history=options.history)
    with open_store(options.store) as store:
        added, unchanged = store.add_all(found)
    counts = {"store": str(options.store), "added": added, "unchanged": unchanged}
    words = f"{options.store}: added {added}, already there {unchanged}"
    say(json.dumps(counts) if options.json else words)
    return 0


def annotations_export(options: "Export") -> int:
    """Write what the store holds of what is asked for."""
    from annotations.csv_files import write_csv
    from annotations.io import write_annotations

    held = _held(options)
    if not held:
        msg = f"{options.store}: expected annotations to export, found none of those asked for"
        raise InputError(msg)
    files = [options.out]
    match options.out.suffix.lower():
        case ".json":
            write_annotations(options.out, held)
        case ".csv":
            write_csv(options.out, held)
        case suffix if suffix in MAPS:
            _write_map(options, held)
        case "":
            files = _write_wfdb(options, held)
        case other:
            msg = f"{options.out}: expected .json, .csv, .vtp, .npz or a folder, got {other}"
            raise InputError(msg)
    counts = {"annotations": len(held), "files": [str(path) for path in files]}
    say(json.dumps(counts) if options.json else f"{options.out}: wrote {len(held)} annotations")
    return 0


def annotations_list(options: "List") -> int:
    """Say of each annotation whose it is, its state, and how much it marks."""
    lines = [_line(annotation) for annotation in _held(options)]
    if options.json:
        say("\n".join(json.dumps(line) for line in lines))
        return 0
    rows = [[str(value) for value in line.values()] for line in lines]
    rows.insert(0, ["recording", "rater", "state", "marked at", "findings", "labels", "provenance"])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    say("\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows))
    return 0


def annotations_transfer(options: "Transfer") -> int:
    """Bring what is painted on one heart to another, and add it to the store."""
    from annotations.masks import anatomy_hash
    from annotations.store import open_store
    from annotations.transfer import transfer_annotation

    source, target = _heart(options.source), _heart(options.anatomy)
    of_source = anatomy_hash(source.anatomy)
    if of_source == anatomy_hash(target.anatomy):
        msg = f"expected two hearts, got the same as {options.source} and {options.anatomy}; name another"
        raise InputError(msg)
    with open_store(options.store, access="write") as store:
        painted = [
            annotation
            for annotation in store.latest(options.record, options.rater)
            if any(found.vertices and found.vertices.sha256 == of_source for found in annotation.findings)
        ]
        added, unchanged = store.add_all(transfer_annotation(each, source, target) for each in painted)
    counts = {"store": str(options.store), "added": added, "unchanged": unchanged}
    words = f"{options.store}: added {added}, already there {unchanged}"
    say(json.dumps(counts) if options.json else words)
    return 0


def _write_map(options: "Export", held: "Sequence[Annotation]") -> None:
    from annotations.label_maps import draw_map
    from annotations.npz_files import write_npz
    from annotations.vtp_files import write_vtp
    from cine_mapping.anatomy_io import load_anatomy

    if options.anatomy is None:
        msg = f"{options.out}: a label map is drawn on a heart; give it as --anatomy"
        raise InputError(msg)
    label_map = draw_map(held, load_anatomy(options.anatomy))
    (write_vtp if options.out.suffix.lower() == ".vtp" else write_npz)(options.out, label_map)


def _heart(name: str) -> "Heart":
    from annotations.transfer import Heart
    from cine_mapping.anatomy_io import load_anatomy
    from cine_mapping.forward_setting import load_wall

    anatomy, wall = load_anatomy(name), load_wall(name)
    if wall is None:
        msg = f"{name}: expected the wall of this heart beside it, found none; import it again"
        raise InputError(msg)
    return Heart(anatomy, wall)


def _given(options: "Import") -> "Given":
    from annotations.given import Given

    return Given(
        record_id=options.record,
        rater=options.rater,
        label=options.label,
        provenance=options.provenance,
        confidence=options.confidence,
        state=options.state,
        fs=options.fs,
        unit=options.unit,
        on=options.on,
        leads=options.leads,
        array=options.array,
        value=options.value,
    )


def _held(options: "Export | List") -> "tuple[Annotation, ...]":
    from annotations.store import open_store

    with open_store(options.store, access="read") as store:
        asked = (options.record, options.rater)
        return store.history(*asked) if options.history else store.latest(*asked)


def _write_wfdb(options: "Export", held: "Sequence[Annotation]") -> list[Path]:
    from annotations.wfdb_files import write_wfdb

    if options.fs is None:
        msg = f"{options.out}: WFDB marks count samples; give the sampling rate of the recordings as --fs"
        raise InputError(msg)
    return list(write_wfdb(options.out, held, fs=options.fs))


def _line(annotation: "Annotation") -> dict[str, object]:
    return {
        "record": annotation.record_id,
        "rater": annotation.rater,
        "state": annotation.state,
        "marked_at": annotation.marked_at or "",
        "findings": len(annotation.findings),
        "labels": _listed(finding.label for finding in annotation.findings),
        "provenance": _listed(finding.provenance for finding in annotation.findings),
    }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
