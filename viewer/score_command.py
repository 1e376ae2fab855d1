"""``ecglocus score``: maps against annotations, of one recording or of many."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imn.errors import InputError

if TYPE_CHECKING:
    from annotations.annotation import Annotation
    from annotations.score_cases import Scored
    from imn.model import Model
    from viewer.cli_score import Score


def score(options: "Score") -> int:
    """Score every run or recording that is annotated, and write what is found."""
    from annotations.score_cases import groups_of
    from annotations.score_tables import document
    from imn.results import markdown, write_result
    from viewer.annotation_sources import annotations_in
    from viewer.commands import say

    if options.draws < 0:
        msg = f"--draws: expected 0 or more, got {options.draws}"
        raise InputError(msg)
    annotations = annotations_in(options.annotations)
    sources, others = list(_sources(options.what)), list(_sources(options.against))
    if not sources:
        msg = "expected at least one run directory or recording, got none"
        raise InputError(msg)
    scored, failures = _scored(sources, annotations, options)
    beside, failed = _scored(others, annotations, replace(options, draws=0))
    failures += failed
    groups = groups_of(scored)
    if not groups and failures == len(sources):
        return 2
    if not groups:
        msg = f"nothing to score: {options.annotations} marks none of the {len(sources)} given"
        raise InputError(msg)
    data = _data(options, len(sources), failures)
    measured = document(groups, command=_command(options), data=data, others=groups_of(beside))
    measured["cases"] = [_entry(one) for one in scored]
    write_result(options.out / "scores.json", measured)
    say(json.dumps(measured) if options.json else markdown(measured))
    return 2 if failures else 0


def _scored(
    sources: Sequence[Path], annotations: "Sequence[Annotation]", options: "Score"
) -> "tuple[list[Scored], int]":
    """Score what can be scored, and count what failed; one that fails does not stop the others."""
    from tqdm import tqdm

    from viewer.commands import complain

    scored: list[Scored] = []
    failures = 0
    for path in tqdm(sources, desc="score", unit="rec", disable=len(sources) < 2):
        try:
            found = _of_run if path.is_dir() else _of_recording
            new = list(found(path, annotations, options))
        except InputError as mistake:
            failures += 1
            complain(str(mistake))
            continue
        scored += new
        if not new:
            complain(f"{path}: {options.annotations} marks nothing here for this label; it is not scored")
    return scored, failures


def _sources(given: Sequence[Path]) -> Iterator[Path]:
    """Give run directories and recordings; a folder of runs stands for them all."""
    from viewer.run_reading import is_run

    for path in given:
        if not path.is_dir() or is_run(path):
            yield path
            continue
        inside = sorted(folder for folder in path.iterdir() if folder.is_dir() and is_run(folder))
        if not inside:
            msg = f"{path}: expected a run directory of ecglocus explain, or a folder of them, found neither"
            raise InputError(msg)
        yield from inside


def _of_run(folder: Path, annotations: "Sequence[Annotation]", options: "Score") -> "Iterator[Scored]":
    from annotations.score_cases import Scored
    from annotations.scores import score_finding
    from viewer.run_reading import open_run

    run = open_run(folder)
    if options.label not in (None, run.label):
        return
    for annotation in annotations:
        for finding in annotation.findings:
            if (annotation.record_id, finding.label) == (run.record, run.label):
                made = score_finding(
                    annotation,
                    finding,
                    anatomy=run.anatomy,
                    beat=run.beat,
                    evidence=run.evidence,
                    case=run.case,
                    draws=options.draws,
                )
                yield Scored(made, run.anatomy, run.beat, run.evidence.leads)


def _of_recording(path: Path, annotations: "Sequence[Annotation]", options: "Score") -> "Iterator[Scored]":
    from annotations.score_cases import Scored
    from cine_mapping.forward_setting import load_wall
    from imn.formats import read_record
    from viewer.analysis import analyse
    from viewer.commands import complain
    from viewer.run_reading import load_once

    record = read_record(path, **options.told.arguments)
    model, anatomy = _model(options.model), load_once(options.anatomy)
    mine = [annotation for annotation in annotations if annotation.record_id == record.id]
    labels = {finding.label for annotation in mine for finding in annotation.findings}
    if options.label is not None:
        labels &= {options.label}
    if strange := sorted(labels - set(model.classes)):
        complain(f"{record.id}: {model.name} knows no {', '.join(strange)}; these are not scored")
    wall = load_wall(options.anatomy)
    for label in sorted(labels & set(model.classes)):
        analysis = analyse(
            record, model, anatomy, target=label, annotations=mine, wall=wall, draws=options.draws
        )
        for made in analysis.scores:
            yield Scored(made, anatomy, analysis.beat, analysis.evidence.leads)


@lru_cache(maxsize=1)
def _model(path: Path | None) -> "Model":
    from imn.model import load_model

    return load_model(path)


def _entry(one: "Scored") -> dict[str, Any]:
    state = one.score.annotation.state
    return {"record": one.record, "state": state, "anatomy": one.anatomy.name} | one.score.as_dict()


def _command(options: "Score") -> str:
    label = f" --label {options.label}" if options.label else ""
    against = " --against ..." if options.against else ""
    named = f"--annotations {options.annotations.name}{against}{label}"
    return f"ecglocus score ... {named} --draws {options.draws}{options.told.words}"


def _data(options: "Score", given: int, failures: int) -> str:
    failed = f", {failures} of them failed" if failures else ""
    return f"{given} runs or recordings against {options.annotations.name}{failed}"
