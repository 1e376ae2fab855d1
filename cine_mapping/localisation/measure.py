"""Maps by many mappings of the same cases, scored against the truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.heart_to_heart import plan_transfer
from cine_mapping.localisation.intervals import interval_over_patients, paired_interval_over_patients
from cine_mapping.localisation.scores import Scores, plan_scores, score_maps
from cine_mapping.myocardium import Myocardium
from cine_mapping.operators.pattern import Operator, Pattern

MEDIANS = ("centre_mm", "peak_mm")
"""Scores of which the median is given; of all others the mean."""
FIELDS = tuple(Scores.__dataclass_fields__)


@dataclass(frozen=True, eq=False)
class Measured:
    """Scores of every mapping in every case.

    Parameters
    ----------
    names : tuple of str
        Of the mappings.
    scores : (s, m, f) float64
        Case, mapping, field of `Scores`; NaN where the region does not reach the surface.
    family : (s,) str
    patient : (s,) int
    """

    names: tuple[str, ...]
    scores: NDArray[np.float64]
    family: NDArray[np.str_]
    patient: NDArray[np.integer]

    def of(self, name: str, field: str) -> NDArray[np.float64]:
        """Take one score of one mapping.

        Parameters
        ----------
        name : str
            Of the mapping.
        field : str
            Of `Scores`.

        Returns
        -------
        (s,) float64
        """
        return self.scores[:, self.names.index(name), FIELDS.index(field)]


def measure(
    mappings: Mapping[str, Operator],
    patterns: Sequence[Pattern],
    truth: NDArray[np.bool_],
    patient: NDArray[np.integer],
    *,
    canonical: Myocardium,
    heart: Myocardium | None = None,
    word: str = "map",
) -> Measured:
    """Map every pattern by every mapping and score it.

    Parameters
    ----------
    mappings : mapping of str to Operator
        Onto the canonical heart.
    patterns : sequence of s Pattern
    truth : (s, n) bool
        At the nodes of `heart`.
    patient : (s,) int
    canonical : Myocardium
    heart : Myocardium, optional
        Where the cases were simulated and maps are scored, brought there by
        ventricular coordinates; the canonical one by default.
    word : str
        For the progress bar.

    Returns
    -------
    Measured
    """
    from tqdm import tqdm

    space = plan_scores(heart or canonical)
    across = None if heart is None else plan_transfer(canonical, heart)
    rows = np.full((len(patterns), len(mappings), len(FIELDS)), np.nan)
    for row, pattern, inside in zip(rows, tqdm(patterns, desc=word, disable=None), truth, strict=True):
        on_surface = inside[space.nodes]
        if on_surface.all() or not on_surface.any():
            continue
        maps = np.stack([mapping.apply(pattern) for mapping in mappings.values()])
        if across is not None and heart is not None:
            maps = (across @ (maps / canonical.node_volumes).T).T * heart.node_volumes
        row[:] = np.stack(list(score_maps(space, maps, inside).as_mapping().values()), axis=1)
    family = np.array([pattern.family for pattern in patterns])
    return Measured(tuple(mappings), rows, family, np.asarray(patient))


def rows_of(measured: Measured, best: str, families: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Tabulate by family: each score with its interval over patients, and what the best has more.

    Parameters
    ----------
    measured : Measured
    best : str
        Mapping that the others are set against, pair by pair.
    families : mapping of str to sequence of str
        Names of rows, and the families that each takes together.

    Returns
    -------
    list of dict
        One for each family and mapping with cases of more than one patient.
    """
    rows = []
    for family, members in families.items():
        for name in measured.names:
            kept = np.isin(measured.family, members) & np.isfinite(measured.of(name, "dice"))
            if len(np.unique(measured.patient[kept])) > 1:
                rows.append({"family": family, "mapping": name} | _row(measured, name, best, kept))
    return rows


def _row(measured: Measured, name: str, best: str, kept: NDArray[np.bool_]) -> dict[str, Any]:
    owner = measured.patient[kept]
    row: dict[str, Any] = {"n": int(kept.sum()), "patients": len(np.unique(owner))}
    for field in FIELDS:
        middle = np.median if field in MEDIANS else np.mean
        held = measured.of(name, field)[kept]
        if field in ("dice", "centre_mm"):
            found = interval_over_patients(held, owner, statistic=middle)
            row |= {field: found.value, f"{field}_low": found.low, f"{field}_high": found.high}
        else:
            row[field] = float(middle(held))
    gain = paired_interval_over_patients(
        measured.of(best, "dice")[kept], measured.of(name, "dice")[kept], owner
    )
    return row | {"dice_less": gain.value, "less_low": gain.low, "less_high": gain.high}
