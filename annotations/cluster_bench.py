"""The cluster benchmark: fidelity and truth on PTB-XL's held-out folds, waves on LUDB."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotations.cluster_states import count_states, state_figures, state_rows
from annotations.ludb import read_index
from imn.clusters.figures import agrees, fold_rows, headline, joined, label_rows, macro
from imn.clusters.kept import kept
from imn.clusters.protocol import HeldOut, read_data
from imn.clusters.sequence import shipped_clusters
from imn.errors import InputError
from imn.results import result, versions

if TYPE_CHECKING:
    from imn.model import Model

FOLDS = range(1, 10)
DEVELOPED_ON = 9
"""Fold whose results were looked at while the method was made: shown, but not in the headline."""


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Parameters
    ----------
    data, ludb : Path
        PTB-XL and LUDB in their native layouts.
    models : Path
        Folder of ``ecglocus train --cross-validate``.
    folder : Path
        Keeps each held-out fold; an interrupted run goes on.
    others : tuple of Path
        Weights of other networks, each scored on the fold it never saw.
    """

    data: Path
    ludb: Path
    models: Path
    folder: Path
    others: tuple[Path, ...] = ()


def bench_clusters(plan: Plan, model: "Model", command: str) -> dict[str, Any]:
    """Measure clusters on every held-out fold, and those of the shipped model on LUDB.

    Parameters
    ----------
    plan : Plan
    model : Model
        The shipped one, for LUDB, of which no model here has seen anything.
    command : str
        What was run, for the record.

    Returns
    -------
    dict
        As `imn.results.result` gives.

    Raises
    ------
    InputError
        If data, models, clusters or scikit-learn are missing.
    """
    from tqdm import tqdm

    paths = _models(plan.models)
    clusters = shipped_clusters(model)
    if clusters is None:
        msg = f"expected clusters of {model.name} among the shipped files, found none; use the shipped model"
        raise InputError(msg)
    data = cache(lambda: read_data(plan.data, FOLDS))
    parts = [kept(plan.folder, path, data) for path in tqdm(paths, desc="folds", disable=None)]
    scored = [part for part in parts if part.fold != DEVELOPED_ON] or parts
    counts, shifted = count_states(model, clusters, read_index(plan.ludb))
    held, said = joined(scored), state_figures(counts, shifted)
    tables = {
        "By held-out fold": fold_rows(parts),
        "Mean and standard deviation over the folds of the headline": _over_folds(scored),
        "Clusters of the shipped model on LUDB": state_rows(counts),
    }
    if plan.others:
        rivals = [kept(plan.folder, path, data) for path in tqdm(plan.others, desc="others", disable=None)]
        tables["Other networks, clusters of their activations"] = fold_rows(rivals)
    measured = result(
        command,
        _words(scored, len(counts)),
        len(held.truth),
        rows=label_rows(held),
        headline=headline(held) | said,
        tables=tables,
    )
    measured["versions"] |= versions(("scikit-learn",))
    return measured


def _models(folder: Path) -> list[Path]:
    paths = [folder / f"fold{fold}" / f"fold{fold}.safetensors" for fold in FOLDS]
    found = [path for path in paths if path.is_file()]
    if not found:
        msg = f"{folder}: expected models of ecglocus train --cross-validate (fold1/...), found none"
        raise InputError(msg)
    return found


def _words(parts: Sequence[HeldOut], n_ludb: int) -> str:
    folds = ", ".join(str(part.fold) for part in parts)
    return (
        f"PTB-XL folds {folds}, 100 Hz (CC BY 4.0, Wagner et al. 2020), each by a network, clusters and "
        f"forests that never saw it; intervals over patients. LUDB 1.0.1 (ODC-By 1.0, Kalyakulina et al. "
        f"2020), {n_ludb} recordings"
    )


def _over_folds(parts: Sequence[HeldOut]) -> list[dict[str, Any]]:
    import numpy as np

    figures = {
        "agreement": [agrees(part) for part in parts],
        "agreement, activations alone": [agrees(part, "plain") for part in parts],
        "AUROC of the network": [macro(part, "network") for part in parts],
        "AUROC of the forest": [macro(part, "surrogate") for part in parts],
    }
    return [
        {"figure": name, "mean": float(np.mean(values)), "sd": float(np.std(values)), "folds": len(values)}
        for name, values in figures.items()
    ]
