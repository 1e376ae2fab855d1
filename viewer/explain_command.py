"""``ecglocus explain`` and ``ecglocus demo``: recordings to run directories."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from imn.errors import InputError
from viewer.commands import complain, say

if TYPE_CHECKING:
    from cine_mapping.recordings import Recording
    from imn.model import Model
    from viewer.cli import Demo, Explain
    from viewer.drawing import Drawing

LIKELY = 0.5
"""Findings below this probability are left out of the line printed; the report has them all."""


def demo(options: "Demo") -> int:
    """Explain a simulated recording whose diseased region is known."""
    from annotations.truths import truth_annotation
    from cine_mapping.anatomy_io import load_anatomy
    from cine_mapping.heart_surface import mask_at_surface
    from cine_mapping.myocardium_io import load_myocardium
    from imn.model import load_model
    from viewer.analysis import analyse
    from viewer.run_folder import write_run
    from viewer.simulated_files import LABELS, WORDS

    start = perf_counter()
    anatomy, model = load_anatomy("reference"), load_model()
    simulation = simulated_demo(options.condition, options.region)
    target = LABELS[options.condition][0]
    mask = mask_at_surface(simulation.truth, load_myocardium("reference"), anatomy)
    note = f"The region whose {WORDS[options.condition]} was simulated."
    truth = truth_annotation(simulation.record.id, target, mask, anatomy, note=note)
    prepared = perf_counter() - start
    analysis = analyse(simulation.record, model, anatomy, target=target, annotations=[truth], clusters=True)
    analysis.seconds["prepare"] = prepared
    summary = write_run(analysis, anatomy, options.out, config=_config(options), drawing=_drawing(True))
    _report(summary, options.json)
    return 0


def simulated_demo(condition: str, region: str) -> "Recording":
    """Simulate a virtual patient with an infarct, old or acute, at 70 beats a minute."""
    import numpy as np

    from cine_mapping.asked_conditions import check_place, segments_of
    from cine_mapping.forward.conditions import Infarct, Ischaemia
    from cine_mapping.forward.patients import draw_patient
    from cine_mapping.recordings import simulate_recording
    from viewer.simulated_files import WORDS

    check_place(condition, (region,))
    rng, place = np.random.default_rng(0), segments_of((region,))
    patient = draw_patient(rng)
    disease = Ischaemia(place) if condition == "ischaemia" else Infarct(place)
    name = f"simulated {WORDS[condition]}, {region}"
    return simulate_recording(patient, disease, rng, heart_rate=70.0, name=name)


def explain(options: "Explain") -> int:
    """Explain every recording; one that fails does not stop the others."""
    from tqdm import tqdm

    from cine_mapping.anatomy_io import load_anatomy
    from imn.formats import read_record
    from imn.model import load_model
    from viewer.analysis import analyse
    from viewer.run_folder import write_run

    if not options.records:
        msg = (
            "expected at least one recording, got none; name recordings, such as WFDB's with or without .hea"
        )
        raise InputError(msg)
    anatomy, model = load_anatomy(options.anatomy), load_model(options.model)
    asked, drawing = _asked(options, model), _drawing(options.render)
    # Copied once: with the records in it, each recording would copy the names of all.
    config = _config(replace(options, records=()))
    failures = 0
    folders = list(_folders(options.out, options.records))
    for path, folder in tqdm(folders, desc="explain", unit="rec", disable=len(folders) == 1):
        try:
            start = perf_counter()
            record = read_record(path, **options.told.arguments)
            seconds = perf_counter() - start
            analysis = analyse(record, model, anatomy, **asked)
            analysis.seconds["read"] = seconds
            own = config | {"records": [str(path)]}
            summary = write_run(analysis, anatomy, folder, config=own, drawing=drawing)
        except InputError as mistake:
            failures += 1
            _report_failure(path, mistake, options.json)
            continue
        _report(summary, options.json)
        if asked["annotations"] and not analysis.scores:
            missing = f"no finding of {analysis.target} in this recording"
            complain(f"{record.id}: {options.annotation} has {missing}; it is not scored")
    return 2 if failures else 0


def _asked(options: "Explain", model: "Model") -> dict[str, Any]:
    """Give what is asked of every recording, as `viewer.analysis.analyse` takes it."""
    from annotations.io import read_annotations
    from cine_mapping.forward_setting import load_wall
    from cine_mapping.reference_beat import from_card

    return {
        "target": options.target,
        "annotations": read_annotations(options.annotation) if options.annotation else (),
        "reference": from_card(model.card) if options.reference == "median-beat" else None,
        "wall": load_wall(options.anatomy),
        "spread": options.spread,
        "statements": options.statements,
        "clusters": options.clusters and options.render,
    }


def _config(options: Any) -> dict[str, Any]:
    given = asdict(options)
    given |= given.pop("told", {})
    return {"command": type(options).__name__.lower()} | {
        name: str(value) if isinstance(value, Path) else value for name, value in given.items()
    }


def _drawing(wanted: bool) -> "Drawing":
    """Plan the pictures, and say at once why one will be missing."""
    from viewer.drawing import plan_drawing

    drawing = plan_drawing(wanted)
    if wanted and drawing.reason:
        complain(drawing.reason)
    return drawing


def _folders(out: Path, records: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """Give each recording a run directory of its own, named after it."""
    from imn.formats import formats

    known = {suffix for one in formats() for suffix in one.SUFFIXES}
    taken: set[str] = set()
    for path in records:
        stem = path.stem if path.suffix.lower() in known else path.name
        name, count = stem, 2
        while name in taken:
            name, count = f"{stem}-{count}", count + 1
        taken.add(name)
        yield path, out / name


def _report_failure(path: Path, mistake: InputError, as_json: bool) -> None:
    complain(str(mistake))
    if as_json:
        say(json.dumps({"record": str(path), "error": str(mistake)}))


def _report(summary: dict[str, Any], as_json: bool) -> None:
    """Print a result: one JSON object, or a few lines for people."""
    from viewer.summary import densest

    if as_json:
        say(json.dumps(summary))
        return
    likely = [p for p in summary["predictions"] if p["superclass"] or p["probability"] >= LIKELY]
    chance = ", ".join(f"{p['label']} {p['probability']:.2f}" for p in likely)
    say(f"{summary['record']}: {chance}")
    top = ", ".join(f"{r['name']} {r['density']:.1f}x" for r in densest(summary, 4))
    say(f"  evidence for {summary['target']} is densest in: {top} an even spread")
    say(
        "  territories: " + ", ".join(f"{name} {share:.0%}" for name, share in summary["territories"].items())
    )
    for score in summary["scores"]:
        if score["dice"] is not None:
            beside = ", ".join(f"{name} {value:.2f}" for name, value in score["baselines"].items())
            say(f"  Dice {score['dice']:.2f} with the {score['provenance']} region ({beside})")
    if summary["quality"]:
        say("  quality: " + "; ".join(summary["quality"]))
    say(f"  {summary['files']['report']}")
