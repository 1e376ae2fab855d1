"""How well a model does on recordings it was not trained on."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError
from imn.formats import read_record
from imn.leads import LEADS
from imn.metrics import auroc_intervals
from imn.ptbxl import Entry, labels, read_index
from imn.recipe import CLASSES
from imn.results import result

if TYPE_CHECKING:
    from imn.explanation import Explanation
    from imn.model import Model

GOAL_AUROC = 0.85
GOAL_LEADS = 0.70
ANTERIOR_LEADS = ("V1", "V2", "V3", "V4")
INFERIOR_LEADS = ("II", "III", "aVF")


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
        Headline ``auroc_macro``; one row per class; and ``evidence_in_leads``,
        see `evaluate_leads`, where the fold has infarcts of both walls.

    Raises
    ------
    InputError
        If the fold lacks positives or negatives of a class.
    """
    _known_classes(model)
    entries = read_index(data_dir, [fold])
    truth = labels(entries).astype(bool)
    one_kind = [
        name for name, column in zip(CLASSES, truth.T, strict=True) if column.all() or not column.any()
    ]
    if one_kind:
        msg = f"fold {fold}: expected recordings with and without {', '.join(one_kind)}; choose another fold"
        raise InputError(msg)
    logits, shares = _read_out(model, entries)
    per_class, macro = auroc_intervals(truth, logits)
    rows = [
        {"class": name, "n_positive": int(n), "auroc": found.value, "low": found.low, "high": found.high}
        for name, n, found in zip(CLASSES, truth.sum(axis=0), per_class, strict=True)
    ]
    headline = {
        "auroc_macro": {"value": macro.value, "low": macro.low, "high": macro.high, "goal": GOAL_AUROC}
    }
    headline |= lead_figures(entries, shares)
    data = f"PTB-XL fold {fold}, 100 Hz (CC BY 4.0, Wagner et al. 2020), model {model.name}"
    command = f"ecglocus evaluate --fold {fold}"
    return result(command, data, len(entries), rows=rows, headline=headline)


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
    supporting = np.clip(explanation.evidence_for(label), 0.0, None).sum(axis=1)
    share = dict(zip(LEADS, supporting / max(supporting.sum(), np.finfo(float).tiny), strict=True))
    return sum(share[lead] for lead in ANTERIOR_LEADS) - sum(share[lead] for lead in INFERIOR_LEADS)


def _read_out(model: "Model", entries: Sequence[Entry]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logits (r, k) and infarct lead shares (r,)."""
    from tqdm import tqdm

    logits, shares = [], []
    found = model.explain_many(read_record(entry.file) for entry in entries)
    for explanation in tqdm(found, total=len(entries), desc="explain", unit="rec", disable=None):
        logits.append(explanation.logits)
        shares.append(lead_share(explanation))
    return np.array(logits), np.array(shares)


def _known_classes(model: "Model") -> None:
    if model.classes != CLASSES:
        msg = f"expected a model of {', '.join(CLASSES)}, got {', '.join(model.classes)}; evaluate it by hand"
        raise InputError(msg)
