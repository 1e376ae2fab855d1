"""From a simulated recording through a trained network onto the heart, by every modality, scored."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.beat import Beat, fold_evidence
from cine_mapping.beats import find_beat
from cine_mapping.forward.patients import draw_patient
from cine_mapping.localisation.cases import Lot
from cine_mapping.localisation.measure import FIELDS, Measured
from cine_mapping.localisation.network_cases import ASKED, record
from cine_mapping.localisation.scores import plan_scores, score_maps
from cine_mapping.myocardium import Myocardium
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.operators.evidence_pattern import evidence_pattern
from cine_mapping.operators.layout import lay_out
from cine_mapping.operators.pattern import Operator, Pattern
from cine_mapping.projection import MODALITIES, plan_projection
from imn.errors import InputError
from imn.explanation import Explanation

if TYPE_CHECKING:
    from imn.model import Model

AVERAGES = {
    "average of leads, vcg, path": MODALITIES,
    "average of all four": (*MODALITIES, "simulations"),
    "average of leads, vcg, simulations": ("leads", "vcg", "simulations"),
}


def score_whole_system(
    lot: Lot, model: "Model", mappings: Mapping[str, Operator], *, word: str = "whole system"
) -> Measured:
    """Simulate, read, map and score a lot's recordings.

    Parameters
    ----------
    lot : Lot
    model : Model
    mappings : mapping of str to Operator
        Of the network's evidence; one is called ``simulations``.
    word : str
        For the progress bar.

    Returns
    -------
    Measured
        Of the mappings, of the modalities of `cine_mapping.projection` and of `AVERAGES`.
    """
    from tqdm import tqdm

    wall, anatomy = load_myocardium("reference"), load_anatomy("reference")
    space, seen = plan_scores(wall), _nearest_vertex(wall, anatomy)
    names = (*mappings, *MODALITIES, *AVERAGES)
    rows: list[NDArray[np.float64]] = []
    family: list[str] = []
    owner: list[int] = []
    for number in tqdm(range(lot.patients), desc=word, disable=None):
        rng = np.random.default_rng([lot.seed, number])
        patient = draw_patient(rng)
        for name in (name for name, count in lot.counts.items() for _ in range(count)):
            recording = record(patient, name, rng)
            if recording is None or not recording.truth[space.nodes].any():
                continue
            explanation = model.explain(recording.record, spread=False)
            try:
                beat = find_beat(explanation.signal, explanation.fs)
            except InputError:
                continue
            maps = _maps(explanation, beat, name, mappings) | _projected(
                explanation, beat, name, anatomy=anatomy, wall=wall, seen=seen
            )
            for average, members in AVERAGES.items():
                maps[average] = np.mean([maps[member] for member in members], axis=0)
            scores = score_maps(space, np.stack([maps[key] for key in names]), recording.truth)
            rows.append(np.stack(list(scores.as_mapping().values()), axis=1))
            family.append(name)
            owner.append(number)
    held = np.stack(rows) if rows else np.empty((0, len(names), len(FIELDS)))
    return Measured(names, held, np.array(family), np.array(owner))


def _maps(
    explanation: Explanation, beat: Beat, family: str, mappings: Mapping[str, Operator]
) -> dict[str, NDArray[np.float64]]:
    found = evidence_pattern(explanation, beat, ASKED[family], family=family)
    pattern = Pattern(family, found.values)
    return {name: mapping.apply(pattern) for name, mapping in mappings.items()}


def _projected(
    explanation: Explanation,
    beat: Beat,
    family: str,
    *,
    anatomy: Anatomy,
    wall: Myocardium,
    seen: NDArray[np.int64],
) -> dict[str, NDArray[np.float64]]:
    """Map by the modalities of the picture, at the canonical nodes; evidence against where NORM is asked."""
    evidence = fold_evidence(explanation, beat, ASKED[family])
    maps = {}
    for name, heart_map in plan_projection(anatomy, beat).apply(evidence).items():
        amounts = -heart_map.opposing if ASKED[family] == "NORM" else heart_map.supporting
        density = amounts / np.maximum(anatomy.heart.areas, 1e-9)
        maps[name] = lay_out(density[seen] * wall.node_volumes, 1.0)
    return maps


def _nearest_vertex(wall: Myocardium, anatomy: Anatomy) -> NDArray[np.int64]:
    from scipy.spatial import KDTree

    vertices = np.flatnonzero(anatomy.ventricles)
    return vertices[KDTree(anatomy.heart.points[vertices]).query(wall.points)[1]]
