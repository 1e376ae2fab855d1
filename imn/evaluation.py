"""How well a model does on recordings it was not trained on."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imn.attribution.territory import lead_contrast
from imn.errors import InputError
from imn.formats import read_record
from imn.labels import LABELS, SUPERCLASSES
from imn.metrics import auroc_intervals
from imn.ptbxl import SEXES, Entry, labels, read_index
from imn.results import figure, result

if TYPE_CHECKING:
    from imn.explanation import Explanation
    from imn.model import Model

GOAL_AUROC = 0.85
GOAL_LEADS = 0.70
AGES = ((0, 50), (50, 65), (65, 80), (80, None))
"""Years, from and below."""
FEWEST = 10
"""Recordings with and without each class, below which a group has no figure."""
FIGURE = (("auroc", "value"), ("low", "low"), ("high", "high"))


def evaluate(model: "Model", data_dir: Path | str, fold: int = 9) -> dict[str, Any]:
    """Measure how well the logits tell the classes apart on one fold of PTB-XL.

    Parameters
    ----------
    model : Model
    data_dir : path
        Root folder of PTB-XL.
    fold : int

    Returns
    -------
    dict as `imn.results.result` gives
        Headline ``auroc_macro``, and ``leads_auroc`` (see `lead_figures`) where
        the fold has infarcts of both walls; one row per class; a table by sex and age.

    Raises
    ------
    InputError
        If the fold lacks positives or negatives of a class.
    """
    entries = read_index(data_dir, [fold])
    data = f"PTB-XL fold {fold}, 100 Hz (CC BY 4.0, Wagner et al. 2020), model {model.name}"
    return _measured(
        f"ecglocus evaluate --data PTBXL --fold {fold}", data, entries, *_read_out(model, entries)
    )


def evaluate_held_out(weights: Sequence[Path], data_dir: Path | str) -> dict[str, Any]:
    """Measure the models of `imn.training.cross_validate`, each on the fold it never saw.

    Parameters
    ----------
    weights : sequence of path
        One model per fold.
    data_dir : path
        Root folder of PTB-XL.

    Returns
    -------
    dict as `evaluate` gives, over all held-out recordings together

    Raises
    ------
    InputError
        If there are no weights, or one is missing.
    """
    from imn.model import load_model

    if not weights:
        msg = "expected models of ecglocus train --cross-validate, got none; run cross-validation first"
        raise InputError(msg)
    entries: list[Entry] = []
    parts: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for path in weights:
        model = load_model(path)
        own = read_index(data_dir, [model.card["data"]["held_out_fold"]])
        entries += own
        parts.append(_read_out(model, own))
    logits, shares = (np.concatenate(part) for part in zip(*parts, strict=True))
    credit = "100 Hz (CC BY 4.0, Wagner et al. 2020)"
    data = f"PTB-XL, {len(parts)} folds, {credit}, each by a model that never saw it"
    return _measured("ecglocus train --cross-validate", data, entries, logits, shares)


def _measured(
    command: str,
    data: str,
    entries: Sequence[Entry],
    logits: NDArray[np.float64],
    shares: NDArray[np.float64],
) -> dict[str, Any]:
    truth, k = labels(entries).astype(bool), len(SUPERCLASSES)
    n_positive = truth.sum(axis=0)
    mixed = (n_positive > 0) & (n_positive < len(truth))
    if not mixed[:k].all():
        missing = ", ".join(name for name, both in zip(SUPERCLASSES, mixed[:k], strict=True) if not both)
        msg = f"{data}: expected recordings with and without {missing}; choose another fold"
        raise InputError(msg)
    _, macro = auroc_intervals(truth[:, :k], logits[:, :k])
    # A finding that the fold does not have gets a row without a figure.
    measured, _ = auroc_intervals(truth[:, mixed], logits[:, mixed])
    figures = dict(zip(np.flatnonzero(mixed).tolist(), measured, strict=True))
    rows = [
        {"label": name, "n_positive": int(n_positive[i])}
        | {at: getattr(figures.get(i), part, None) for at, part in FIGURE}
        for i, name in enumerate(LABELS)
    ]
    headline = {"auroc_macro": figure(macro, GOAL_AUROC)} | lead_figures(entries, shares)
    groups = [_of_group(name, truth[kept, :k], logits[kept, :k]) for name, kept in _groups(entries)]
    tables = {"Macro AUROC by sex and age": groups}
    return result(command, data, len(entries), rows=rows, headline=headline, tables=tables)


def _groups(entries: Sequence[Entry]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Name groups of recordings by what is known of the patient, and who belongs to them."""
    for sex in SEXES.values():
        yield sex, np.array([entry.sex == sex for entry in entries])
    age = np.array([np.nan if entry.age is None else entry.age for entry in entries])
    for least, below in AGES:
        name = f"{least} years and more" if below is None else f"{least} to {below - 1} years"
        yield name, (age >= least) & (age < (below or np.inf))


def _of_group(name: str, truth: NDArray[np.bool_], logits: NDArray[np.float64]) -> dict[str, Any]:
    enough = min(truth.sum(axis=0).min(), (~truth).sum(axis=0).min()) >= FEWEST
    macro = auroc_intervals(truth, logits)[1] if enough else None
    return {"group": name, "n": len(truth)} | {at: getattr(macro, part, None) for at, part in FIGURE}


def lead_figures(entries: Sequence[Entry], shares: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Measure whether infarct evidence lies in the leads that face the infarct.

    Recordings whose statements name an anterior or an inferior infarct, not
    both, are told apart by ``shares``: once all, once those whose statement
    has a likelihood of 50 % or more.

    Parameters
    ----------
    entries : sequence of Entry, r of them
    shares : (r,) float64
        As `lead_share` gives.

    Returns
    -------
    dict of headline figures: AUROC with interval
    """
    figures = {}
    for name, least in (("leads_auroc", 0.0), ("leads_auroc_likely", 50.0)):
        kept = [i for i, e in enumerate(entries) if e.territory and e.infarct_likelihood >= least]
        anterior = np.array([[entries[i].territory == "anterior"] for i in kept], dtype=bool).reshape(-1, 1)
        if anterior.any() and not anterior.all():
            (found,), _ = auroc_intervals(anterior, shares[kept, None])
            interval = {"value": found.value, "low": found.low, "high": found.high}
            figures[name] = interval | {"goal": GOAL_LEADS, "n": len(kept)}
    return figures


def lead_share(explanation: "Explanation", label: str = "MI") -> float:
    """Share of the evidence for a class in V1..V4, minus that in II, III, aVF.

    Parameters
    ----------
    explanation : Explanation
    label : str

    Returns
    -------
    float, -1 to 1
    """
    return float(lead_contrast(explanation.evidence_for(label)))


def _read_out(model: "Model", entries: Sequence[Entry]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logits (r, k) and infarct lead shares (r,)."""
    from tqdm import tqdm

    logits, shares = [], []
    found = model.explain_many(read_record(entry.file) for entry in entries)
    for explanation in tqdm(found, total=len(entries), desc="explain", unit="rec", disable=None):
        logits.append(explanation.logits)
        shares.append(lead_share(explanation))
    return np.array(logits), np.array(shares)
