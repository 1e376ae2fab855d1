"""How far each mapping can be trusted, measured where the truth is known.

Parts
-----
alone
    The difference of pathological and normal beat of the same virtual heart is mapped.
no own reference
    The same beats, set against the mean normal beat of other patients.
whole system
    The evidence of a trained network on simulated recordings is mapped.
other hearts
    The first part on imported anatomies: mapped by what was learned on the
    reference heart, and by what is learned on the imported heart itself.
real recordings
    Whether the map tells the infarcted wall and the blocked bundle that the
    statements of PTB-XL name.
coverage, no region
    How often the 80 % credible region holds the true one, and how often a
    normal heart is shown as having none.

Patients, hearts, places, electrodes and regions of every part had no part in
learning or choosing a mapping.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.forward.heart import VirtualHeart, reference_heart
from cine_mapping.forward.patients import Setting
from cine_mapping.localisation.cases import Cases, make_cases
from cine_mapping.localisation.coverage import Covered, coverage_rows, score_coverage
from cine_mapping.localisation.headline import BEST, FAMILIES, GOALS, headline_of, loss_between
from cine_mapping.localisation.lots import READ_TEST, TEST, TRAIN
from cine_mapping.localisation.mappings import all_mappings, controls, learned_mappings
from cine_mapping.localisation.measure import Measured, measure, rows_of
from cine_mapping.localisation.network_cases import make_network_cases
from cine_mapping.localisation.patterns import case_patterns
from cine_mapping.localisation.real import real_rows
from cine_mapping.localisation.whole_system import score_whole_system
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.operators.decoder import Decoder
from cine_mapping.operators.learned import Learned, shipped
from cine_mapping.operators.pattern import Operator, Pattern
from imn.results import result

if TYPE_CHECKING:
    from imn.model import Model


LIBRARY_PATIENTS = 60


@dataclass(frozen=True, eq=False)
class Abroad:
    """An imported anatomy to be scored on, and what was learned on it.

    Parameters
    ----------
    setting : Setting
    learned : Learned, optional
        None if nothing was learned on it.
    """

    setting: Setting
    learned: Learned | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """What a run of the benchmark takes.

    Parameters
    ----------
    patients : int
        Of each lot.
    abroad : mapping of name to Abroad
    model : Model, optional
        The network of the whole system; left out, that part is.
    folder : Path, optional
        Keeps the simulated cases, so that a run goes on where it was stopped.
    workers : int
    data : Path, optional
        PTB-XL, for the real recordings.
    readers : mapping of fold to Model, optional
        For each fold a network that never saw it, for the real recordings.
    """

    patients: int = TEST.patients
    abroad: Mapping[str, Abroad] | None = None
    model: "Model | None" = None
    folder: Path | None = None
    workers: int = 1
    data: Path | None = None
    readers: "Mapping[int, Model] | None" = None


def bench_localisation(plan: Plan, command: str, learned: Learned | None = None) -> dict[str, Any]:
    """Run every part.

    Parameters
    ----------
    plan : Plan
    command : str
        What was run, for the record.
    learned : Learned, optional
        Of the reference heart; the shipped one by default.

    Returns
    -------
    dict
        As `imn.results.result` gives.
    """
    known = learned or shipped()
    heart = reference_heart()
    cases = make_cases(
        replace(TEST, patients=plan.patients), folder=_within(plan, "reference"), workers=plan.workers
    )
    parts, coverage = _beats(known, cases, heart, _library(plan))
    if plan.model is not None:
        parts["whole system"], coverage["network"] = _whole_system(plan, plan.model, known, heart)
    rows = [{"part": part} | row for part, held in parts.items() for row in rows_of(held, BEST, FAMILIES)]
    far, loss = _other_hearts(plan, known.plan("own"), parts["alone"])
    headline = headline_of([row for row in rows if row["part"] == "alone"], parts, coverage) | loss
    tables = {"Credible regions and normal hearts": coverage_rows(coverage, FAMILIES)}
    if plan.data is not None and plan.readers:
        real = real_rows(plan.data, load_anatomy("reference"), plan.readers)
        tables["Real recordings of PTB-XL"] = real
        if real:
            headline["territory_auroc_real"] = {
                "value": real[0]["auroc"], "low": real[0]["low"], "high": real[0]["high"],
            }  # fmt: skip
    return result(
        command,
        f"virtual patients, seed {TEST.seed}; {known.origin}",
        len(cases),
        rows=rows + far,
        headline={key: held | {"goal": GOALS.get(key)} for key, held in headline.items()},
        tables=tables,
    )


def _library(plan: Plan) -> Cases:
    """Simulate some of the patients that the decoders learned from, for simpler mappings to learn from."""
    lot = replace(TRAIN, patients=min(LIBRARY_PATIENTS, 2 * plan.patients))
    return make_cases(lot, folder=_within(plan, "library"), workers=plan.workers)


def _beats(
    known: Learned, cases: Cases, heart: VirtualHeart, library: Cases
) -> tuple[dict[str, Measured], dict[str, Covered]]:
    """Score mappings alone, with the patient's own normal beat and without."""
    own, generic = known.plan("own"), known.plan("generic")
    sick = cases.take(np.flatnonzero(cases.family > 0))
    everything = all_mappings(learned_mappings(own, library), BEST, heart)
    blind = {BEST: generic, **controls(generic, heart)}
    parts = {
        "alone": _score(everything, case_patterns(sick), sick, "alone"),
        "no own reference": _score(blind, case_patterns(sick, known.usual), sick, "no own reference"),
    }
    coverage = {
        "own": score_coverage(own, known, case_patterns(cases), cases),
        "generic": score_coverage(generic, known, case_patterns(cases, known.usual), cases),
    }
    return parts, coverage


def _whole_system(
    plan: Plan, model: "Model", known: Learned, heart: VirtualHeart
) -> tuple[Measured, Covered]:
    """Score from the recording on."""
    network, lot = known.plan("network"), replace(READ_TEST, patients=plan.patients)
    measured = score_whole_system(lot, model, {BEST: network, **controls(network, heart)})
    read = make_network_cases(lot, model, _within(plan, "network"))
    return measured, score_coverage(network, known, read.patterns(), read)


def _within(plan: Plan, name: str) -> Path | None:
    return None if plan.folder is None else plan.folder / name


def _score(
    mappings: Mapping[str, Operator],
    patterns: Sequence[Pattern],
    cases: Cases,
    word: str,
) -> Measured:
    canonical = load_myocardium("reference")
    truth = cases.masks(len(canonical.points))
    return measure(mappings, patterns, truth, cases.patient, canonical=canonical, word=word)


def _other_hearts(
    plan: Plan, own: Decoder, home: Measured
) -> tuple[list[dict[str, Any]], dict[str, dict[str, float]]]:
    """Score on imported anatomies, by what the reference heart taught and by what their own did."""
    rows: list[dict[str, Any]] = []
    losses: dict[str, dict[str, float]] = {}
    canonical = load_myocardium("reference")
    for name, abroad in (plan.abroad or {}).items():
        lot = replace(TEST, patients=plan.patients)
        cases = make_cases(lot, setting=abroad.setting, folder=_within(plan, name), workers=plan.workers)
        cases = cases.take(np.flatnonzero(cases.family > 0))
        heart, patterns = abroad.setting.myocardium, case_patterns(cases)
        truth = cases.masks(len(heart.points))
        moved = measure(
            {BEST: own}, patterns, truth, cases.patient, canonical=canonical, heart=heart, word=name
        )
        rows += [
            {"part": f"{name}, learned on the reference"} | row for row in rows_of(moved, BEST, FAMILIES)
        ]
        if abroad.learned is not None:
            taught = {BEST: abroad.learned.plan("own", heart)}
            there = measure(taught, patterns, truth, cases.patient, canonical=heart, word=name)
            rows += [{"part": f"{name}, learned on it"} | row for row in rows_of(there, BEST, FAMILIES)]
            losses[name] = loss_between(home, there)
    worst = max(losses.values(), key=lambda loss: loss["value"]) if losses else None
    return rows, {"new_anatomy_loss": worst} if worst else {}
