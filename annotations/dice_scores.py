"""Dice of every map of a recording, with what chance and habit would give beside it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotations.annotation import Finding
from annotations.baselines import Case, random_regions
from annotations.criterion_waves import criterion_intervals
from annotations.derived_rules import criteria
from annotations.masks import beat_mask, scored_areas
from annotations.overlap import area_fraction, mesh_overlap
from annotations.readings import BEST, Reading, dice_at, maps_of, place_mask
from cine_mapping.anatomy import Anatomy
from cine_mapping.operators.statements import region_shares, shipped_statements

CONTROLS = (
    "all positive",
    "random region",
    "signal energy",
    "permuted leads",
    "another patient's map",
    "usual place",
)
"""Of the map `BEST`; ``usual place``: where statements of folds 1-8 place the label on average."""
DRAWS, PERMUTATIONS, OTHERS = 20, 4, 20
FIXED_SIZE = 0.2
"""Part of the ventricles that is marked where the map is not told how much."""

Scores = dict[str, float]


def map_scores(
    shares: Mapping[str, NDArray[np.float64]], truth: NDArray[np.bool_], areas: NDArray[np.float64]
) -> Scores:
    """Give the Dice of maps, at the size marked and at a fixed one.

    Parameters
    ----------
    shares : mapping of str to (v,) float
    truth : (v,) bool
    areas : (v,) float64, mm2

    Returns
    -------
    dict of str to float
        By name, and as ``name @ fixed`` at `FIXED_SIZE`.
    """
    found = {name: dice_at(share, truth, areas) for name, share in shares.items()}
    fixed = {
        f"{name} @ fixed": dice_at(share, truth, areas, size=FIXED_SIZE) for name, share in shares.items()
    }
    return found | fixed


def control_scores(
    reading: Reading, anatomy: Anatomy, truth: NDArray[np.bool_], rng: np.random.Generator
) -> Scores:
    """Give Dice of the controls that need no other patient.

    Parameters
    ----------
    reading : Reading
    anatomy : Anatomy
    truth : (v,) bool
    rng : Generator

    Returns
    -------
    dict of str to float
        By control, and ``marked part``.
    """
    areas, weights = scored_areas(anatomy), reading.explanation.weights[0]
    deflection = reading.explanation.deflection

    def best(by: NDArray[np.floating]) -> float:
        return dice_at(maps_of(reading.by(by), anatomy)[BEST], truth, areas)

    case = Case(truth, areas, anatomy.heart.triangles, weights, deflection, lambda _: areas)
    regions = [mesh_overlap(m, truth, areas=areas).dice for m in random_regions(case, rng, draws=DRAWS)]
    shuffled = [best(weights[rng.permutation(len(weights))]) for _ in range(PERMUTATIONS)]
    known = shipped_statements().get(reading.label)
    p = area_fraction(truth, areas)
    usual = p if known is None else dice_at(region_shares(known.usual, anatomy), truth, areas)
    return {
        "all positive": 2 * p / (1 + p),
        "random region": float(np.mean(regions)),
        "signal energy": best(deflection),
        "permuted leads": float(np.mean(shuffled)),
        "usual place": usual,
        "marked part": p,
    }


def others_scores(
    readings: Sequence[Reading],
    shares: Sequence[NDArray[np.float64]],
    truths: Sequence[NDArray[np.bool_]],
    areas: NDArray[np.float64],
    rng: np.random.Generator,
) -> list[float]:
    """Give for each recording the mean Dice of other patients' maps of the same label and source.

    Parameters
    ----------
    readings : sequence of Reading
    shares : sequence of (v,) float
        Their maps.
    truths : sequence of (v,) bool
        What is marked in them.
    areas : (v,) float64, mm2
    rng : Generator
        Chooses among many others.

    Returns
    -------
    list of float
        0 where there is no other patient.
    """
    found = []
    for mine, truth in zip(readings, truths, strict=True):
        others = [
            i
            for i, other in enumerate(readings)
            if (other.label, other.stated.source) == (mine.label, mine.stated.source)
            and other.stated.patient != mine.stated.patient
        ]
        chosen = rng.choice(others, size=min(OTHERS, len(others)), replace=False) if others else []
        found.append(float(np.mean([dice_at(shares[i], truth, areas) for i in chosen])) if others else 0.0)
    return found


def lead_time_scores(reading: Reading) -> Scores:
    """Compare the supporting evidence on leads x time with the waves that the criteria read.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    dict of str to float
        Dice by name; empty where the statements carry no criterion for the label, or the beat has none
        of its waves.
    """
    asked = criteria(reading.stated.statements, label=reading.label)
    intervals = criterion_intervals(reading.beat, asked)
    if not intervals:
        return {}
    finding = Finding(label=reading.label, provenance="derived", confidence=1.0, intervals=intervals)
    mask = beat_mask(finding, reading.beat)
    even = np.ones(mask.size)
    supporting = reading.evidence.leads.clip(min=0.0)
    energy = np.square(reading.beat.signal.astype(float))
    p = float(mask.mean())
    return {
        "evidence": dice_at(supporting.ravel(), mask.ravel(), even),
        "signal energy": dice_at(energy.ravel(), mask.ravel(), even),
        "random samples": p,
        "all positive": 2 * p / (1 + p),
        "marked part": p,
    }


def reading_scores(
    reading: Reading, anatomy: Anatomy
) -> tuple[Scores, NDArray[np.bool_], dict[str, NDArray[np.float64]]]:
    """Score every map of a recording.

    Parameters
    ----------
    reading : Reading
    anatomy : Anatomy

    Returns
    -------
    scores : dict of str to float
    truth : (v,) bool
        What is marked.
    shares : dict of str to (v,) float64
        The maps.
    """
    areas, truth = scored_areas(anatomy), place_mask(reading, anatomy)
    shares = maps_of(reading, anatomy)
    reaching = place_mask(reading, anatomy, reaching=True)
    wider = {f"{name} @ reaching": dice_at(share, reaching, areas) for name, share in shares.items()}
    return map_scores(shares, truth, areas) | wider, truth, shares
