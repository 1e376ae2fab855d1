"""A recording read for a label whose place its statements give, and what each mapping makes of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.derived_rules import territory_regions
from annotations.overlap import area_fraction, mesh_overlap, top_fraction_mask
from cine_mapping.anatomy import REGIONS, Anatomy
from cine_mapping.beat import Beat, Evidence, fold_evidence
from cine_mapping.beats import find_beat
from cine_mapping.modalities import TAUGHT, WEIGHTS, average, plan_modalities
from cine_mapping.operators.territory_table import SEGMENTS_OF_LEAD
from imn.errors import InputError
from imn.explanation import Explanation
from imn.leads import LEADS
from imn.record import Record

if TYPE_CHECKING:
    from imn.model import Model

LABELS = ("MI", "STTC", "CD", "HYP")
PLAIN, DRAWN, BEST = "12 leads by the textbook", "average", "average with statements"
MAPS = (PLAIN, *WEIGHTS, TAUGHT, DRAWN, BEST)
"""``average`` is what is drawn, ``average with statements`` the mean of it and ``statements``."""


@dataclass(frozen=True)
class Stated:
    """A recording and what is stated of it.

    Parameters
    ----------
    record : Path or Record
    id, patient : str
    statements : tuple of str
        Keys of `annotations.statement_rules.RULES`; others say nothing.
    source : str
        Data set, for people.
    fold : int
        Of PTB-XL; 0 elsewhere.
    """

    record: Path | Record
    id: str
    patient: str
    statements: tuple[str, ...]
    source: str
    fold: int = 0

    def places(self, label: str, *, reaching: bool = False) -> tuple[str, ...]:
        """Name the regions of the ventricles where the statements place a label.

        Parameters
        ----------
        label : str
        reaching : bool
            As in `annotations.derived_rules.territory_regions`.

        Returns
        -------
        tuple of str
        """
        named = territory_regions(self.statements, label=label, reaching=reaching)
        return tuple(name for name in named if "atrium" not in name)


@dataclass(frozen=True, eq=False)
class Reading:
    """One recording read for one label.

    Parameters
    ----------
    stated : Stated
    label : str
    explanation : Explanation
        Of this label only.
    beat : Beat
    """

    stated: Stated
    label: str
    explanation: Explanation
    beat: Beat

    @property
    def evidence(self) -> Evidence:
        """Give the evidence folded onto the beat."""
        return fold_evidence(self.explanation, self.beat, self.label)

    def by(self, weights: NDArray[np.floating]) -> "Reading":
        """Read the same recording by other weights, (12, n) float, logit per mV."""
        stack = np.asarray(weights, dtype=np.float32)[None]
        return replace(self, explanation=replace(self.explanation, weights=stack))


def ptbxl_stated(data_dir: Path, folds: Iterable[int]) -> list[Stated]:
    """List PTB-XL's recordings of some folds that have a place.

    Parameters
    ----------
    data_dir : Path
    folds : iterable of int

    Returns
    -------
    list of Stated

    Raises
    ------
    InputError
        As `imn.ptbxl.read_index`.
    """
    from imn.ptbxl import read_index

    entries = read_index(data_dir, folds)
    found = [
        Stated(e.file, str(e.id), f"PTB-XL {e.patient}", tuple(e.codes), "PTB-XL", e.fold) for e in entries
    ]
    return [one for one in found if any(one.places(label) for label in LABELS)]


def ludb_stated(data_dir: Path) -> list[Stated]:
    """List LUDB's recordings that have a place.

    Parameters
    ----------
    data_dir : Path

    Returns
    -------
    list of Stated
        With their recordings read.

    Raises
    ------
    InputError
        If the tables or a recording are missing or damaged.
    """
    from annotations.ludb import read_index, read_signal

    entries = [Stated(e.file, e.id, f"LUDB {e.id}", e.statements, "LUDB") for e in read_index(data_dir)]
    files = {e.id: e for e in read_index(data_dir)}
    placed = [one for one in entries if any(one.places(label) for label in LABELS)]
    return [replace(one, record=read_signal(files[one.id])) for one in placed]


def read_all(stated: Iterable[Stated], model: "Model") -> Iterator[Reading]:
    """Have recordings read, once for each label that has a place.

    Parameters
    ----------
    stated : iterable of Stated
    model : Model

    Yields
    ------
    Reading
        None of a recording that the model refuses, or in which no beat stands out.
    """
    from imn.formats import read_record

    for one in stated:
        record = one.record if isinstance(one.record, Record) else read_record(one.record)
        try:
            explanation = model.explain(record, spread=False)
            beat = find_beat(explanation.signal, explanation.fs)
        except InputError:
            continue
        for label in LABELS:
            if one.places(label):
                yield Reading(one, label, only(explanation, label), beat)


def only(explanation: Explanation, label: str) -> Explanation:
    """Keep one label of an explanation.

    Parameters
    ----------
    explanation : Explanation
    label : str
        One of its classes.

    Returns
    -------
    Explanation
        Without a spread.
    """
    k = explanation.classes.index(label)
    kept = slice(k, k + 1)
    return replace(
        explanation,
        classes=(label,),
        logits=explanation.logits[kept],
        bias=explanation.bias[kept],
        weights=explanation.weights[kept],
        weight_spread=None,
    )


def place_mask(reading: Reading, anatomy: Anatomy, *, reaching: bool = False) -> NDArray[np.bool_]:
    """Mark where the statements place the label.

    Parameters
    ----------
    reading : Reading
    anatomy : Anatomy
    reaching : bool
        As in `Stated.places`.

    Returns
    -------
    (v,) bool
    """
    codes = [REGIONS.index(name) for name in reading.stated.places(reading.label, reaching=reaching)]
    return np.isin(anatomy.region, codes) & anatomy.ventricles


def maps_of(reading: Reading, anatomy: Anatomy) -> dict[str, NDArray[np.float64]]:
    """Lay the supporting evidence out by every mapping of `MAPS`.

    Parameters
    ----------
    reading : Reading
    anatomy : Anatomy

    Returns
    -------
    dict of str to (v,) float64
        Shares of the vertices; each sums to one, or is zero where nothing speaks for the label.
        Where statements taught nothing of the label, their map is the average of the others.
    """
    plan = plan_modalities(anatomy, reading.beat)
    maps = plan.apply(reading.explanation, reading.label, statements=True)
    best = average(maps)
    taught = maps.pop(TAUGHT, None)
    drawn = average(maps)
    found = {PLAIN: plain_map(reading.evidence, anatomy)}
    found |= {name: held.supporting for name, held in maps.items()}
    found |= {TAUGHT: (taught or drawn).supporting, DRAWN: drawn.supporting, BEST: best.supporting}
    return {name: _share(found[name]) for name in MAPS}


def plain_map(evidence: Evidence, anatomy: Anatomy) -> NDArray[np.float64]:
    """Lay each lead's supporting evidence out over the segments that the textbook says it faces.

    No wave, no sign, no lead field: what a reader makes of twelve curves with evidence
    on them, by the table of `cine_mapping.operators.territory_table`.

    Parameters
    ----------
    evidence : Evidence
    anatomy : Anatomy

    Returns
    -------
    (v,) float64, logit
    """
    amounts = evidence.leads.clip(min=0.0).sum(axis=1)
    drawn = np.zeros(len(anatomy.region))
    for lead, amount in zip(LEADS, amounts, strict=True):
        faced = np.isin(anatomy.region, [number - 1 for number in SEGMENTS_OF_LEAD.get(lead, ())])
        areas = np.where(faced & anatomy.ventricles, anatomy.heart.areas, 0.0)
        drawn += amount * areas / max(areas.sum(), np.finfo(float).tiny)
    return drawn


def dice_at(
    share: NDArray[np.floating],
    mask: NDArray[np.bool_],
    areas: NDArray[np.float64],
    *,
    size: float | None = None,
) -> float:
    """Give the Dice of the densest part of a map.

    Parameters
    ----------
    share : (v,) float
    mask : (v,) bool
        What is marked.
    areas : (v,) float64, mm2
    size : float, optional
        Part of the area that the map marks; as large as what is marked by default.

    Returns
    -------
    float
    """
    fraction = area_fraction(mask, areas) if size is None else size
    return mesh_overlap(top_fraction_mask(share, areas, fraction=fraction), mask, areas=areas).dice


def _share(held: NDArray[np.float64]) -> NDArray[np.float64]:
    return held / max(held.sum(), np.finfo(float).tiny)
