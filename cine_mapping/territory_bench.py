"""Tell anterior from inferior infarct on real recordings by the map of infarct evidence.

Score of a recording: LAD share minus RCA share of its MI map.  Recordings of
PTB-XL whose statements name an anterior or an inferior infarct, not both; once
all, once those with a statement of likelihood 50 % or more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import fold_mean
from cine_mapping.beats import find_beat
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import WEIGHTS, Modalities, average, plan_modalities
from cine_mapping.reference_beat import NAME, ReferenceBeat, from_card
from cine_mapping.shares import territory_shares
from imn.evaluation import lead_share
from imn.explanation import Explanation
from imn.leads import IDENTIFIED
from imn.metrics import auroc_gains, auroc_intervals
from imn.ptbxl import Entry, read_index
from imn.results import result

if TYPE_CHECKING:
    from imn.model import Model

LABEL = "MI"
PERMUTATIONS = 10
GOAL = 0.80
CONTROLS = ("signal energy", "permuted leads")
VARIANTS = ("against the median beat", "activation patterns", "free part of leads added")
"""The average of other readings of the same evidence, to see what each step brings.

The class-free beat of the shipped network's training recordings as reference; weights
turned into patterns by the covariance of the leads (Haufe et al. 2014, NeuroImage
87:96); a part added to the weights that no possible signal shows, which twelve
weights have and eight do not.
"""
METHODS = ("average", *WEIGHTS, "leads alone", *VARIANTS, *CONTROLS)


@dataclass(frozen=True)
class Subset:
    """Recordings to score.

    Parameters
    ----------
    name : str
    least : float, percent
        Least likelihood of their statement.
    """

    name: str
    least: float


SUBSETS = (Subset("all", 0.0), Subset("likelihood >= 50", 50.0))


def bench_territory(
    data_dir: Path, anatomy: Anatomy, models: Mapping[int, "Model"], command: str
) -> dict[str, Any]:
    """Score every eligible recording with a model that never saw its fold.

    Parameters
    ----------
    data_dir : Path
        PTB-XL in its native layout.
    anatomy : Anatomy
    models : mapping of fold to Model
        For each fold to score, the model to read its recordings with.
    command : str
        What was run, for the record.

    Returns
    -------
    dict
        As `imn.results.result` gives; one row per subset and method.
    """
    from tqdm import tqdm

    from imn.model import load_model

    entries = [entry for entry in read_index(data_dir, models) if entry.territory]
    rng, reference = np.random.default_rng(0), from_card(load_model().card)
    scores = np.array(
        [
            list(_score(explanation, anatomy, rng, reference).values())
            for explanation in tqdm(_explain(entries, models), total=len(entries), desc="map", disable=None)
        ]
    )
    anterior = np.array([entry.territory == "anterior" for entry in entries])
    likelihood = np.array([entry.infarct_likelihood for entry in entries])
    rows = [row for subset in SUBSETS for row in _rows(subset, likelihood >= subset.least, anterior, scores)]
    folds = ", ".join(map(str, models))
    headline = {
        f"territory_auroc{suffix}": {k: rows[at][k] for k in ("value", "low", "high")} | {"goal": GOAL}
        for suffix, at in (("", 0), ("_likely", len(METHODS)))
    }
    taught = "; ".join(dict.fromkeys(readers_of(model) for model in models.values()))
    data = (
        f"PTB-XL folds {folds}, 100 Hz (CC BY 4.0, Wagner et al. 2020), anatomy {anatomy.name}, "
        f"{LABEL} read by {taught}"
    )
    return result(command, data, len(entries), rows=rows, headline=headline)


def readers_of(model: "Model") -> str:
    """Say whose weights read the infarct class: its own, or those of its kinds."""
    names = dict(model.card["recipe"]["mixtures"]).get(LABEL, ())
    return f"the weights of {', '.join(names)}" if names else "weights of its own"


def _explain(entries: Sequence[Entry], models: Mapping[int, "Model"]) -> Iterator[Explanation]:
    from imn.formats import read_record

    for entry in entries:
        yield models[entry.fold].explain(read_record(entry.file))


def _score(
    explanation: Explanation, anatomy: Anatomy, rng: np.random.Generator, reference: ReferenceBeat
) -> dict[str, float]:
    """LAD minus RCA share by every method in `METHODS`."""
    beat = find_beat(explanation.signal, explanation.fs)
    plan = plan_modalities(anatomy, beat)
    maps = _maps(explanation, plan)
    k = explanation.classes.index(LABEL)

    def control(weights: NDArray[np.floating]) -> float:
        stack = explanation.weights.copy()
        stack[k] = weights
        return _contrast(_maps(replace(explanation, weights=stack), plan)["average"], anatomy)

    own = explanation.weights[k]
    noise = own.std() * rng.standard_normal(own.shape)
    placed = reference.place(beat.r_peaks, explanation.signal.shape[1], explanation.fs)
    against = explanation.against(placed, NAME)
    apart = plan_modalities(anatomy, beat, fold_mean(against.deflection, beat))
    permuted = [control(explanation.weights[k][rng.permutation(12)]) for _ in range(PERMUTATIONS)]
    return {
        **{name: _contrast(maps[name], anatomy) for name in ("average", *WEIGHTS)},
        "leads alone": lead_share(explanation, LABEL),
        "against the median beat": _contrast(_maps(against, apart)["average"], anatomy),
        "activation patterns": control(np.cov(explanation.signal) @ own),
        "free part of leads added": control(own + noise - IDENTIFIED @ noise),
        "signal energy": control(explanation.signal),
        "permuted leads": float(np.mean(permuted)),
    }


def _maps(explanation: Explanation, plan: Modalities) -> dict[str, HeartMap]:
    maps = plan.apply(explanation, LABEL)
    return {**maps, "average": average(maps)}


def _contrast(heart_map: HeartMap, anatomy: Anatomy) -> float:
    shares = territory_shares(heart_map, anatomy)
    return shares["LAD"] - shares["RCA"]


def _rows(
    subset: Subset, kept: NDArray[np.bool_], anterior: NDArray[np.bool_], scores: NDArray[np.float64]
) -> list[dict[str, Any]]:
    truth = np.repeat(anterior[kept, None], len(METHODS), axis=1)
    found, _ = auroc_intervals(truth, scores[kept])
    gains = auroc_gains(anterior[kept], scores[kept])
    return [
        {
            "subset": subset.name,
            "method": name,
            "n_anterior": int(anterior[kept].sum()),
            "n_inferior": int((~anterior[kept]).sum()),
            "value": interval.value,
            "low": interval.low,
            "high": interval.high,
            "average_minus": gain.value,
            "minus_low": gain.low,
            "minus_high": gain.high,
        }
        for name, interval, gain in zip(METHODS, found, gains, strict=True)
    ]
