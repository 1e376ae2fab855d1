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
from numpy.typing import NDArray

from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.forward.heart import reference_heart
from cine_mapping.forward.patients import Setting
from cine_mapping.localisation.cases import NAMES, Cases, make_cases
from cine_mapping.localisation.controls import Operator
from cine_mapping.localisation.credible import INSIDE
from cine_mapping.localisation.intervals import interval_over_patients
from cine_mapping.localisation.lots import READ_TEST, TEST
from cine_mapping.localisation.mappings import all_mappings, controls
from cine_mapping.localisation.measure import MEDIANS, Measured, measure, rows_of
from cine_mapping.localisation.network_cases import NetworkCases, make_network_cases
from cine_mapping.localisation.patterns import case_patterns
from cine_mapping.localisation.real import real_rows
from cine_mapping.localisation.whole_system import score_whole_system
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.operators.decoder import Decoder
from cine_mapping.operators.learned import Learned, shipped
from cine_mapping.operators.pattern import Pattern
from imn.bootstrap import resamples_of
from imn.results import result

if TYPE_CHECKING:
    from imn.model import Model

BEST = "simulations"
DRAWN = "average of leads, vcg, simulations"
"""What a picture shows (`cine_mapping.modalities`)."""
FAMILIES: Mapping[str, Sequence[str]] = {
    "ischaemia": ("ischaemia",),
    "scar": ("scar",),
    "ectopy": ("ectopy",),
    "WPW": ("WPW",),
    "bundle branch block": ("LBBB", "RBBB"),
}
FOUR = tuple(FAMILIES)[:4]
GOALS = {
    "dice_ischaemia": 0.68,
    "dice_scar": 0.60,
    "dice_ectopy": 0.50,
    "dice_wpw": 0.68,
    "dice_bbb": 0.85,
    "mm_ischaemia": 11.0,
    "mm_scar": 14.0,
    "mm_ectopy": 14.0,
    "mm_wpw": 12.0,
    "mm_bbb": 8.0,
    "dice_no_reference": 0.50,
    "mm_no_reference": 17.0,
    "dice_whole_system": 0.48,
    "mm_whole_system": 18.0,
    "territory_auroc_real": 0.90,
    "credible_coverage": 0.80,
    "new_anatomy_loss": 0.05,
}
SHORT = dict(zip(FAMILIES, ("ischaemia", "scar", "ectopy", "wpw", "bbb"), strict=True))


@dataclass(frozen=True, eq=False)
class Covered:
    """Whether credible regions hold the truth, their share of the area, whether any is shown; by case."""

    family: NDArray[np.integer]
    patient: NDArray[np.integer]
    held: NDArray[np.float64]
    size: NDArray[np.float64]
    shown: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Abroad:
    """An imported anatomy to be scored on, and what was learned on it."""

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
    lot = replace(TEST, patients=plan.patients)
    cases = make_cases(lot, folder=_within(plan, "reference"), workers=plan.workers)
    sick = cases.take(np.flatnonzero(cases.family > 0))
    own, generic = known.plan("own"), known.plan("generic")
    heart = reference_heart()
    alone = _score(all_mappings({BEST: own}, BEST, heart), case_patterns(sick), sick, "alone")
    apart = _score(
        {BEST: generic, **controls(generic, heart)},
        case_patterns(sick, known.usual),
        sick,
        "no own reference",
    )
    parts = {"alone": alone, "no own reference": apart}
    coverage = {
        "own": _covered(own, known, case_patterns(cases), cases),
        "generic": _covered(generic, known, case_patterns(cases, known.usual), cases),
    }
    if plan.model is not None:
        network, lot_read = known.plan("network"), replace(READ_TEST, patients=plan.patients)
        mappings = {BEST: network, **controls(network, heart)}
        parts["whole system"] = score_whole_system(lot_read, plan.model, mappings)
        read = make_network_cases(lot_read, plan.model, _within(plan, "network"))
        coverage["network"] = _covered(network, known, read.patterns(), read)
    rows = [{"part": part} | row for part, held in parts.items() for row in rows_of(held, BEST, FAMILIES)]
    far, loss = _other_hearts(plan, own, alone)
    headline = _headline(parts, coverage) | loss
    tables = {"Credible regions and normal hearts": _coverage_rows(coverage)}
    if plan.data is not None and plan.readers:
        real = real_rows(plan.data, load_anatomy("reference"), plan.readers)
        tables["Real recordings of PTB-XL"] = real
        headline["territory_auroc_real"] = {
            "value": real[0]["auroc"],
            "low": real[0]["low"],
            "high": real[0]["high"],
        }
    return result(
        command,
        f"virtual patients, seed {lot.seed}; {known.origin}",
        len(cases),
        rows=rows + far,
        headline={key: held | {"goal": GOALS.get(key)} for key, held in headline.items()},
        tables=tables,
    )


def _within(plan: Plan, name: str) -> Path | None:
    return None if plan.folder is None else plan.folder / name


def _score(
    mappings: Mapping[str, Operator],
    patterns: Sequence[Pattern],
    cases: Cases | NetworkCases,
    word: str,
) -> Measured:
    canonical = load_myocardium("reference")
    truth = cases.masks(len(canonical.points))
    return measure(mappings, patterns, truth, cases.patient, canonical=canonical, word=word)


def _covered(
    decoder: Decoder, known: Learned, patterns: Sequence[Pattern], cases: Cases | NetworkCases
) -> Covered:
    """See whether credible regions hold the true ones, and whether normal hearts are left without."""
    wall = load_myocardium("reference")
    truth, areas = cases.masks(len(wall.points)), wall.boundary.areas
    thresholds, held, size, shown = known.thresholds[decoder.domain], [], [], []
    for pattern, inside, family in zip(patterns, truth, cases.family, strict=True):
        asked = replace(pattern, family=NAMES[family] if family else "unknown")
        probability = decoder.probability(asked)
        shown.append(probability.max() > known.presence[decoder.domain])
        region = probability >= thresholds[family]
        on = areas * inside
        held.append((on[region].sum() >= INSIDE * on.sum() * (1 - 1e-9)) if on.any() else np.nan)
        size.append(areas[region].sum() / areas.sum())
    return Covered(cases.family, cases.patient, np.array(held, float), np.array(size), np.array(shown, float))


def _coverage_rows(coverage: Mapping[str, Covered]) -> list[dict[str, Any]]:
    rows = []
    for domain, found in coverage.items():
        for family, members in {"normal": ("normal",), **FAMILIES}.items():
            some = np.isin([NAMES[f] for f in found.family], members)
            if some.any():
                sick = family != "normal"
                rows.append(
                    {
                        "domain": domain,
                        "family": family,
                        "n": int(some.sum()),
                        "region_shown": float(found.shown[some].mean()),
                        "covered": float(np.nanmean(found.held[some])) if sick else None,
                        "region_size": float(found.size[some].mean()) if sick else None,
                    }
                )
    return rows


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
            losses[name] = _loss(home, there)
    worst = max(losses.values(), key=lambda loss: loss["value"]) if losses else None
    return rows, {"new_anatomy_loss": worst} if worst else {}


def _loss(home: Measured, there: Measured) -> dict[str, float]:
    """Mean Dice of the four families at home less that abroad; patients of either are drawn apart."""
    draws = [_of_four(held, "dice", seed) for held, seed in ((home, 1), (there, 2))]
    spread = draws[0][1] - draws[1][1]
    low, high = np.percentile(spread, (2.5, 97.5))
    return {"value": draws[0][0] - draws[1][0], "low": float(low), "high": float(high)}


def _of_four(
    held: Measured, field: str, seed: int = 0, *, name: str = BEST
) -> tuple[float, NDArray[np.float64]]:
    """Mean over the four families of a score of a mapping, and its draws over patients."""
    middle = np.median if field in MEDIANS else np.mean
    scores, known = held.of(name, field), np.isfinite(held.of(name, "dice"))
    owners, owner = np.unique(held.patient, return_inverse=True)
    rows = [np.flatnonzero((held.family == family) & known) for family in FOUR]
    value = float(np.mean([middle(scores[row]) for row in rows]))
    drawn = []
    for counts in resamples_of(len(owners), seed=seed):
        times = np.bincount(counts, minlength=len(owners))[owner]
        drawn.append(np.mean([middle(np.repeat(scores[row], times[row])) for row in rows]))
    return value, np.array(drawn)


def _headline(parts: Mapping[str, Measured], coverage: Mapping[str, Covered]) -> dict[str, dict[str, float]]:
    held: dict[str, dict[str, float]] = {}
    for row in rows_of(parts["alone"], BEST, FAMILIES):
        if row["mapping"] == BEST:
            for key, field in (("dice", "dice"), ("mm", "centre_mm")):
                parts_of = (("value", field), ("low", f"{field}_low"), ("high", f"{field}_high"))
                held[f"{key}_{SHORT[row['family']]}"] = {name: row[at] for name, at in parts_of}
    for part, word in (("no own reference", "no_reference"), ("whole system", "whole_system")):
        if part in parts:
            for key, field in (("dice", "dice"), ("mm", "centre_mm")):
                name = DRAWN if part == "whole system" else BEST
                value, drawn = _of_four(parts[part], field, name=name)
                low, high = np.percentile(drawn, (2.5, 97.5))
                held[f"{key}_{word}"] = {"value": value, "low": float(low), "high": float(high)}
    own = coverage["own"]
    known = np.isfinite(own.held)
    found = interval_over_patients(own.held[known], own.patient[known])
    held["credible_coverage"] = {"value": found.value, "low": found.low, "high": found.high}
    return held
