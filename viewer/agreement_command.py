"""``ecglocus annotations agreement``: raters against each other, and the model as one more."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imn.errors import InputError

if TYPE_CHECKING:
    from annotations.annotation import Annotation
    from annotations.panel import Panel
    from cine_mapping.anatomy import Anatomy
    from viewer.cli_agreement import Agreement
    from viewer.run_reading import Run

Runs = dict[tuple[str, str], "Run"]
"""By recording and label."""


def agreement(options: "Agreement") -> int:
    """Compare, write and print what is found."""
    from annotations.agreement_tables import consensus_annotations, document
    from annotations.io import write_annotations
    from annotations.panel_agreement import agree
    from imn.results import markdown, write_result
    from viewer.commands import say
    from viewer.run_reading import load_once

    if options.size is not None and not 0 < options.size <= 1:
        msg = f"--size: expected a part of the whole, above 0 and at most 1, got {options.size}"
        raise InputError(msg)
    anatomy = load_once(options.anatomy)
    readings = _readings(options.store)
    runs = _runs(options.model_runs, options, anatomy) if options.model_runs else {}
    beats = {record: run.beat for (record, _), run in runs.items()}
    panels = _panels(options, readings, anatomy, beats)
    found = [agree(_joined(panel, runs, options.size)) for panel in panels]
    measured = document(found, command=_command(options), data=f"Readings in {options.store.name}")
    write_result(options.out / "agreement.json", measured)
    if options.consensus is not None:
        marks = [mark for one in found for mark in consensus_annotations(one, anatomy, beats)]
        write_annotations(options.consensus, marks)
    say(json.dumps(measured) if options.json else markdown(measured))
    return 0


def _readings(path: Path) -> "Sequence[Annotation]":
    """Read what raters said before they could see each other."""
    from annotations.io import read_annotations
    from annotations.store import open_store
    from viewer.annotation_sources import is_store

    if not is_store(path):
        return read_annotations(path)
    with open_store(path, access="read") as store:
        return store.blind_readings()


def _panels(
    options: "Agreement", readings: "Sequence[Annotation]", anatomy: "Anatomy", beats: dict
) -> "Sequence[Panel]":
    from annotations.panel import panels_on_heart, panels_on_leads

    on_heart = options.on == "heart"
    asked = (
        panels_on_heart(readings, anatomy, label=options.label)
        if on_heart
        else panels_on_leads(readings, beats, label=options.label)
    )
    if not asked:
        what = "places" if on_heart else "stretches of time"
        of = f" for {options.label}" if options.label else ""
        msg = f"{options.store}: expected signed readings that mark {what}{of}, found none"
        raise InputError(msg)
    return asked


def _runs(folder: Path, options: "Agreement", anatomy: "Anatomy") -> Runs:
    from annotations.masks import anatomy_hash
    from viewer.run_reading import is_run, open_run

    folders = [folder] if is_run(folder) else sorted(one for one in folder.glob("*") if is_run(one))
    if not folders:
        msg = f"{folder}: expected run directories of ecglocus explain, found none"
        raise InputError(msg)
    runs: Runs = {}
    for one in folders:
        run = open_run(one)
        if options.on == "heart" and anatomy_hash(run.anatomy) != anatomy_hash(anatomy):
            msg = f"{one}: made on anatomy {run.anatomy.name}, the raters are compared on {anatomy.name}"
            raise InputError(msg)
        runs[run.record, run.label] = run
    return runs


def _joined(panel: "Panel", runs: Runs, size: float | None) -> "Panel":
    """Add the model to a panel where it has a run of one of its recordings."""
    from annotations.masks import scored_areas
    from annotations.panel import with_model
    from annotations.score_cases import HEART

    densities = {}
    for record in panel.records:
        run = runs.get((record, panel.label))
        if run is None:
            continue
        if panel.where == HEART:
            areas = scored_areas(run.anatomy)
            seen = areas > 0
            densities[record] = run.supporting[seen] / areas[seen]
        else:
            densities[record] = np.ravel(run.evidence.leads)
    return with_model(panel, densities, size=size) if densities else panel


def _command(options: "Agreement") -> str:
    label = f" --label {options.label}" if options.label else ""
    model = " --model-runs DIR" if options.model_runs else ""
    size = f" --size {options.size}" if options.size is not None else ""
    return (
        f"ecglocus annotations agreement --store {options.store.name}{label} --on {options.on}{model}{size}"
    )
