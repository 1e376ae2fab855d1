"""Whether 80 % credible regions hold the true ones, and whether normal hearts are left without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.localisation.cases import NAMES, Cases
from cine_mapping.localisation.credible import INSIDE
from cine_mapping.localisation.network_cases import NetworkCases
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.operators.decoder import Decoder
from cine_mapping.operators.learned import Learned
from cine_mapping.operators.pattern import Pattern


@dataclass(frozen=True, eq=False)
class Covered:
    """What credible regions show and hold, case by case.

    Parameters
    ----------
    family : (s,) int
        Index into `NAMES`.
    patient : (s,) int
    held : (s,) float64
        1 where the region holds the true one, 0 where not; NaN without a true one on the surface.
    size : (s,) float64
        Its share of the area.
    shown : (s,) float64
        1 where a region is shown at all, 0 where none is.
    """

    family: NDArray[np.integer]
    patient: NDArray[np.integer]
    held: NDArray[np.float64]
    size: NDArray[np.float64]
    shown: NDArray[np.float64]


def score_coverage(
    decoder: Decoder, known: Learned, patterns: Sequence[Pattern], cases: Cases | NetworkCases
) -> Covered:
    """See whether credible regions hold the true ones, and whether normal hearts are left without.

    Parameters
    ----------
    decoder : Decoder
    known : Learned
        With the thresholds of the decoder's domain.
    patterns : sequence of s Pattern
    cases : Cases or NetworkCases
        Of these patterns, on the reference myocardium.

    Returns
    -------
    Covered
    """
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


def coverage_rows(
    coverage: Mapping[str, Covered], families: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """Tabulate how often a region is shown and holds the true one, and its share of the area.

    Parameters
    ----------
    coverage : mapping of str to Covered
        By domain.
    families : mapping of str to sequence of str
        Names of rows, and the families that each takes together; ``normal`` comes by itself.

    Returns
    -------
    list of dict
    """
    rows = []
    for domain, found in coverage.items():
        for family, members in {"normal": ("normal",), **families}.items():
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
