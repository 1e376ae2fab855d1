"""The figures to remember of the localisation benchmark, with their intervals and goals."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.localisation.coverage import Covered
from cine_mapping.localisation.intervals import interval_over_patients
from cine_mapping.localisation.measure import MEDIANS, Measured
from imn.bootstrap import resamples_of

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
FIGURES = (("dice", "dice"), ("mm", "centre_mm"))
WORDS = {"no own reference": ("no_reference", BEST), "whole system": ("whole_system", DRAWN)}
"""Part, what its figures are called, and the mapping they are of."""


def headline_of(
    rows: Sequence[Mapping[str, Any]], parts: Mapping[str, Measured], coverage: Mapping[str, Covered]
) -> dict[str, dict[str, float]]:
    """Pick the figures to remember.

    Parameters
    ----------
    rows : sequence of mapping
        Of the part ``alone``, as `measure.rows_of` gives.
    parts : mapping of str to Measured
        The other parts.
    coverage : mapping of str to Covered
        By domain.

    Returns
    -------
    dict of str to dict
        Each with ``value, low, high``.
    """
    held: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["mapping"] == BEST:
            for key, field in FIGURES:
                bounds = (("value", field), ("low", f"{field}_low"), ("high", f"{field}_high"))
                held[f"{key}_{SHORT[row['family']]}"] = {name: row[at] for name, at in bounds}
    for part, (word, mapping) in WORDS.items():
        if part in parts:
            for key, field in FIGURES:
                value, drawn = _of_four(parts[part], field, name=mapping)
                low, high = np.percentile(drawn, (2.5, 97.5))
                held[f"{key}_{word}"] = {"value": value, "low": float(low), "high": float(high)}
    own = coverage["own"]
    known = np.isfinite(own.held)
    found = interval_over_patients(own.held[known], own.patient[known])
    held["credible_coverage"] = {"value": found.value, "low": found.low, "high": found.high}
    return held


def loss_between(home: Measured, there: Measured) -> dict[str, float]:
    """Mean Dice of the four families at home less that abroad.

    Parameters
    ----------
    home, there : Measured
        Patients of either are drawn apart.

    Returns
    -------
    dict of str to float
        ``value, low, high``, the last two the 95 % interval.
    """
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
