"""The sampling-rate study as one result: published networks, ours, and its maps across rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.rate_agreement import ASKED, Agreement, agree_all
from imn.bootstrap import interval
from imn.ptbxl import Entry, read_index
from imn.results import figure, result
from imn.sampling.across_rates import PAIRS
from imn.sampling.arms import AS_PUBLISHED, CNN, CUT, DECIDING, FAST, HELD, IMN, RESAMPLED, SLOW
from imn.sampling.cases import has_fast
from imn.sampling.own import own_arms
from imn.sampling.runs import Study, hold_out
from imn.sampling.tables import arm_rows, difference_rows, reliability_rows

if TYPE_CHECKING:
    from imn.model import Model

GOAL = 0.90
CONTROL = "100, 500 taken for 100"
PARTS = ("evidence", "control", "heart", "dice")
SHIPPED, HELD_OUT = "shipped", "held out"
Models = Mapping[int, "Model"]


@dataclass(frozen=True, eq=False)
class Readers:
    """Networks of ours to ask, for each fold of PTB-XL one that never saw it.

    Parameters
    ----------
    shipped : mapping of fold to Model
    held_out : mapping of fold to Model
        Empty: there are none, and the shipped one answers alone.
    """

    shipped: Models
    held_out: Models


def bench_sampling(study: Study, readers: Readers, anatomy: Anatomy, command: str) -> dict[str, Any]:
    """Train what is missing, ask our own network, compare its maps.

    Parameters
    ----------
    study : Study
    readers : Readers
    anatomy : Anatomy
    command : str
        What was run, for the record.

    Returns
    -------
    dict
        As `imn.results.result` gives: one row per network, rate and receptive field; tables of
        paired differences, of reliability, and of maps across rates.
    """
    helds = hold_out(study)
    asked = readers.held_out or readers.shipped
    for source in (SLOW, FAST):
        helds += own_arms(study.data, source, asked, study.folder / "own")
    agreed = {SHIPPED: _agreed(study, readers.shipped, anatomy)}
    if readers.held_out:
        agreed[HELD_OUT] = _agreed(study, readers.held_out, anatomy)
    differences = difference_rows(helds)
    again = difference_rows(hold_out(_again(study)))
    rows = arm_rows(helds)
    tables = {
        "Paired differences": differences,
        "Paired differences from another seed": again,
        "Maps across rates": [row for name, found in agreed.items() for row in _map_rows(name, *found)],
        "Reliability": reliability_rows(helds),
    }
    headline = _map_headline(agreed[SHIPPED][1])
    if HELD_OUT in agreed:
        headline |= {f"{name}_held_out": one for name, one in _map_headline(agreed[HELD_OUT][1]).items()}
    headline |= _detector_headline(differences)
    data = (
        "PTB-XL, atrial fibrillation against normal (CC BY 4.0, Wagner et al. 2020), "
        f"{study.folds} folds by patient, seeds {study.seeds}, schedule {study.schedule}; "
        f"IMN: {SHIPPED} {next(iter(readers.shipped.values())).name}, asked on folds "
        f"{', '.join(map(str, asked))}; anatomy {anatomy.name}"
    )
    n = len({ecg_id for held in helds for ecg_id in held.cases.ids})
    return result(command, data, n, rows=rows, headline=headline, tables=tables)


def _again(study: Study) -> Study:
    """Give the arms that decide the question, from the next seed."""
    arms = tuple(arm for arm in study.arms if arm in DECIDING)
    return replace(study, arms=arms, seeds=(max(study.seeds) + 1,))


Agreed = tuple[Sequence[str], list[Agreement]]


def _agreed(study: Study, models: Models, anatomy: Anatomy) -> Agreed:
    """Labels of the models, and what each recording with 500 Hz gives."""
    entries: list[Entry] = [entry for entry in read_index(study.data, models) if has_fast(entry)]
    return next(iter(models.values())).classes, agree_all(entries, models, anatomy, study.folder / "maps")


def _map_rows(name: str, labels: Sequence[str], found: Sequence[Agreement]) -> list[dict[str, Any]]:
    """One line per pair of rates and label: medians over recordings with intervals.

    The last pair is a control: 500 Hz that the network takes for 100 Hz.
    """
    parts = {part: np.array([getattr(one, part) for one in found]) for part in PARTS}
    pairs = [f"{one:g}, {other:g}" for one, other in PAIRS]
    rows = []
    for i, words in enumerate([*pairs, CONTROL]):
        for k, label in enumerate(labels):
            row: dict[str, Any] = {"model": name, "rates_hz": words, "label": label, "n": len(found)}
            row |= _spread(
                "evidence", (parts["control"][:, 0] if words == CONTROL else parts["evidence"][:, i])[:, k]
            )
            on_heart = words != CONTROL and label in ASKED
            for part in ("heart", "dice"):
                row |= _spread(part, parts[part][:, i, ASKED.index(label)] if on_heart else np.array([]))
            rows.append(row)
    return rows


def _spread(part: str, values: NDArray[np.float64]) -> dict[str, float | None]:
    """Median with its interval, and what one recording in twenty does not reach."""
    kept = values[np.isfinite(values)]
    if len(kept) < 2:
        return dict.fromkeys((part, f"{part}_low", f"{part}_high", f"{part}_p5"))
    median = interval(kept, statistic=np.median)
    low = float(np.percentile(kept, 5))
    return {part: median.value, f"{part}_low": median.low, f"{part}_high": median.high, f"{part}_p5": low}


def _map_headline(agreed: Sequence[Agreement]) -> dict[str, Any]:
    """Medians over recordings of the mean over labels, for the pair of rates that agrees least."""
    headline = {}
    for name, part, goal in (
        ("map_correlation", "evidence", GOAL),
        ("map_correlation_control", "control", None),
        ("heart_correlation", "heart", None),
        ("heart_dice", "dice", None),
    ):
        means = np.nanmean([getattr(one, part) for one in agreed], axis=2)
        least = means[:, np.median(means, axis=0).argmin()]
        found = interval(least, statistic=np.median)
        headline[name] = figure(found, goal, n=len(agreed))
    return headline


def _detector_headline(differences: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Three differences of AUROC that answer the question; those with more recordings."""
    wanted = {
        "auroc_500_minus_100_as_published": (f"500 - {SLOW:g} Hz", CNN, 500.0, AS_PUBLISHED),
        "auroc_500_held_minus_published": ("held - as published", CNN, 500.0, HELD),
        "auroc_100_cut_minus_published": ("cut - as published", CNN, 100.0, CUT),
        "auroc_500_minus_100_imn": (f"500 - {SLOW:g} Hz", IMN, 500.0, RESAMPLED),
    }
    keys = ("difference", "network", "hz", "field")
    found = {tuple(row[k] for k in keys): row for row in differences if row["made_from_hz"] == SLOW}
    return {
        name: {"value": found[at]["auroc"], "low": found[at]["auroc_low"], "high": found[at]["auroc_high"]}
        for name, at in wanted.items()
        if at in found
    }
