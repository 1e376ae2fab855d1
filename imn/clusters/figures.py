"""Figures of the cluster benchmark: fidelity, loss against the truth, does entropy tell of mistakes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.bootstrap import Interval, percentile_interval
from imn.clusters.forest import DECIDED, agreement
from imn.clusters.protocol import HeldOut
from imn.labels import SUPERCLASSES
from imn.metrics import auroc

GOALS = {"agreement": 0.95, "auroc_loss": 1.8}
RESAMPLES, SEED = 500, 0
POINTS = 100.0
Statistic = Callable[[HeldOut], float]


def joined(parts: Sequence[HeldOut]) -> HeldOut:
    """Put held-out folds together.

    Parameters
    ----------
    parts : sequence of HeldOut

    Returns
    -------
    HeldOut
        Recipe, fold and name are the first one's; the constant is their mean.
    """
    first = parts[0]
    names = ("truth", "patient", "network", "surrogate", "plain", "labelled", "entropy")
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    constant = np.mean([part.constant for part in parts], axis=0)
    return HeldOut(first.model, first.fold, first.recipe, constant=constant, **arrays)


def taken(held: HeldOut, at: NDArray[np.integer]) -> HeldOut:
    """Take recordings, with repeats.

    Parameters
    ----------
    held : HeldOut
    at : (k,) int
        Which of them.

    Returns
    -------
    HeldOut
    """
    names = ("truth", "patient", "network", "surrogate", "plain", "labelled", "entropy")
    arrays = {name: getattr(held, name)[at] for name in names}
    return HeldOut(held.model, held.fold, held.recipe, constant=held.constant, **arrays)


def agrees(held: HeldOut, forest: str = "surrogate") -> float:
    """Share of recordings and superclasses on which forest and network decide alike.

    Parameters
    ----------
    held : HeldOut
    forest : str
        One of its fields: "surrogate", "plain" or "labelled".

    Returns
    -------
    float
    """
    return float(agreement(getattr(held, forest), held.network).mean())


def macro(held: HeldOut, given: str) -> float:
    """Mean AUROC over the superclasses.

    Parameters
    ----------
    held : HeldOut
    given : str
        One of its fields: whose values are judged.

    Returns
    -------
    float
    """
    return float(auroc(held.truth.T, getattr(held, given).T).mean())


def decided(held: HeldOut) -> HeldOut:
    """Keep of network and forest only which labels they give, as an AUROC of decisions needs."""
    return replace(held, network=held.network >= DECIDED, surrogate=held.surrogate >= DECIDED)


def accuracy(held: HeldOut, given: str) -> float:
    """Share of recordings and superclasses decided as the truth is.

    Parameters
    ----------
    held : HeldOut
    given : str
        As in `macro`.

    Returns
    -------
    float
    """
    return float(((getattr(held, given) >= DECIDED) == held.truth).mean())


def mistaken(held: HeldOut) -> NDArray[np.bool_]:
    """Tell recordings in which the network gets at least one superclass wrong."""
    return ((held.network >= DECIDED) != held.truth).any(axis=1)


def undecided(held: HeldOut) -> NDArray[np.float64]:
    """Mean binary entropy of the network's own probabilities: what its output says of doubt.

    Parameters
    ----------
    held : HeldOut

    Returns
    -------
    (r,) float64, bit
    """
    p = held.network.clip(1e-9, 1 - 1e-9)
    return -(p * np.log2(p) + (1 - p) * np.log2(1 - p)).mean(axis=1)


STATISTICS: dict[str, Statistic] = {
    "agreement": agrees,
    "auroc_loss": lambda h: POINTS * (macro(h, "network") - macro(h, "surrogate")),
    "agreement_activations_alone": lambda h: agrees(h, "plain"),
    "auroc_loss_activations_alone": lambda h: POINTS * (macro(h, "network") - macro(h, "plain")),
    "auroc_loss_taught_labels": lambda h: POINTS * (macro(h, "network") - macro(h, "labelled")),
    "auroc_network": lambda h: macro(h, "network"),
    "auroc_forest": lambda h: macro(h, "surrogate"),
    "auroc_network_decided": lambda h: macro(decided(h), "network"),
    "auroc_forest_decided": lambda h: macro(decided(h), "surrogate"),
    "auroc_loss_decided": lambda h: POINTS * (macro(decided(h), "network") - macro(decided(h), "surrogate")),
    "accuracy_network": lambda h: accuracy(h, "network"),
    "accuracy_forest": lambda h: accuracy(h, "surrogate"),
    "accuracy_taught_labels": lambda h: accuracy(h, "labelled"),
    "entropy_errors_auroc": lambda h: float(auroc(mistaken(h), h.entropy)),
    "output_errors_auroc": lambda h: float(auroc(mistaken(h), undecided(h))),
}
"""Every figure of the headline."""


def headline(held: HeldOut, *, resamples: int = RESAMPLES) -> dict[str, dict[str, Any]]:
    """Give every figure with its 95 % interval over patients.

    Parameters
    ----------
    held : HeldOut
    resamples : int

    Returns
    -------
    dict of str to dict
        Each of `STATISTICS` with ``value, low, high, goal``.
    """
    draws = list(patient_draws(held.patient, resamples))
    drawn = [taken(held, at) for at in draws]
    found = {
        name: percentile_interval(statistic(held), [statistic(one) for one in drawn])
        for name, statistic in STATISTICS.items()
    }
    return {name: _figure(name, interval) for name, interval in found.items()}


def patient_draws(patient: NDArray[np.str_], resamples: int) -> list[NDArray[np.int64]]:
    """Draw patients with replacement, each with all of their recordings.

    Parameters
    ----------
    patient : (r,) str
    resamples : int

    Returns
    -------
    list of (k,) int64
        Recordings of each draw.
    """
    _, number = np.unique(patient, return_inverse=True)
    order = np.argsort(number, kind="stable")
    own = np.split(order, np.cumsum(np.bincount(number))[:-1])
    rng = np.random.default_rng(SEED)
    return [np.concatenate([own[i] for i in rng.integers(0, len(own), len(own))]) for _ in range(resamples)]


def _figure(name: str, interval: Interval) -> dict[str, Any]:
    return {**vars(interval), "goal": GOALS.get(name)}


def label_rows(held: HeldOut) -> list[dict[str, Any]]:
    """Give a row per superclass."""
    rows = []
    for k, name in enumerate(SUPERCLASSES):
        network, forest = held.network[:, k] >= DECIDED, held.surrogate[:, k] >= DECIDED
        alike = float((network == forest).mean())
        chance = float(network.mean() * forest.mean() + (1 - network.mean()) * (1 - forest.mean()))
        truth = held.truth[:, k]
        rows.append(
            {
                "label": name,
                "n_positive": int(truth.sum()),
                "network_says": int(network.sum()),
                "agreement": alike,
                "kappa": (alike - chance) / (1 - chance) if chance < 1 else None,
                "by_chance": float((network == (held.constant[k] >= DECIDED)).mean()),
                "auroc_network": float(auroc(truth, held.network[:, k])),
                "auroc_forest": float(auroc(truth, held.surrogate[:, k])),
                "auroc_taught_labels": float(auroc(truth, held.labelled[:, k])),
            }
        )
    return rows


def fold_rows(parts: Sequence[HeldOut]) -> list[dict[str, Any]]:
    """Give a row per held-out fold."""
    return [
        {
            "fold": part.fold,
            "n": len(part.truth),
            "model": part.model,
            "clusters": f"{part.recipe.n_clusters} {part.recipe.kind}",
            "evidence": part.recipe.evidence,
            "agreement": agrees(part),
            "activations_alone": agrees(part, "plain"),
            "auroc_network": macro(part, "network"),
            "auroc_forest": macro(part, "surrogate"),
            "entropy_errors_auroc": float(auroc(mistaken(part), part.entropy)),
        }
        for part in parts
    ]
