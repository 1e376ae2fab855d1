"""Fit one network of the study, choosing when to stop on patients kept out of its training.

Deviations
----------
Published: at most 50 epochs, a plateau schedule, best F1; a training set with as many normal
recordings as AF.  Here: a fixed number of updates, each on as many of either kind, drawn anew
from all of the training recordings; one-cycle schedule; the lowest cross-entropy, which is not as
coarse as F1 where the validation has few AF.  Updates, batches and their recordings are the same
at every rate.  Convolutions are multiplied in bfloat16 while fitting, in single precision for
what is reported.
"""

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from imn.fitting import device, one_cycle
from imn.rivals.sampling_cnn import SamplingCNN
from imn.sampling.arms import Arm
from imn.sampling.cnn_lstm import CNNLSTM

if TYPE_CHECKING:
    from torch import nn

Signals = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Schedule:
    """How long, and on what.

    Parameters
    ----------
    updates : int
    batch : int
        Half of it AF.
    every : int
        Updates between two looks at the validation recordings.
    patience : int
        Looks without a lower cross-entropy before fitting ends.
    rate : float
        Highest learning rate.
    """

    updates: int = 160
    batch: int = 16
    every: int = 20
    patience: int = 3
    rate: float = 2e-3


@dataclass(frozen=True, eq=False)
class Material:
    """What a network may learn from; recordings of its test fold are in neither list.

    Parameters
    ----------
    signals : (r, 12, n) float32, mV
        Also of recordings that are in neither list, so that nothing is copied.
    training, inner : (i,), (j,) int64
        Rows to learn from, and rows to choose by.
    positive : mapping of these rows to bool, (r,)
        Labels; False outside the two lists.
    """

    signals: Signals
    training: Indices
    inner: Indices
    positive: NDArray[np.bool_]


def build(arm: Arm) -> "nn.Module":
    """Make the network of an arm with fresh weights and one output."""
    return CNNLSTM(1) if arm.field is None else SamplingCNN(1, arm.field)


def fit(arm: Arm, material: Material, schedule: Schedule, seed: int) -> "nn.Module":
    """Fit the network of an arm.

    Parameters
    ----------
    arm : Arm
    material : Material
    schedule : Schedule
    seed : int
        Of weights, dropout and the recordings of each update.

    Returns
    -------
    nn.Module, in evaluation mode, with the weights of its best look
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(arm).to(device())
        optimizer = torch.optim.Adam(network.parameters(), lr=schedule.rate)
        rng = np.random.default_rng(seed)
        best, lowest, looks = copy.deepcopy(network), math.inf, 0
        for step in range(schedule.updates):
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate * one_cycle(step / schedule.updates)
            _update(network.train(), optimizer, material, _draw(material, schedule.batch, rng))
            if (step + 1) % schedule.every and step + 1 < schedule.updates:
                continue
            seen = predict(network, material.signals, material.inner, exact=False)
            loss = balanced_entropy(seen, material.positive[material.inner])
            if loss < lowest:
                best, lowest, looks = copy.deepcopy(network), loss, 0
            elif (looks := looks + 1) >= schedule.patience:
                break
    return best.eval()


def predict(
    network: "nn.Module", signals: Signals, rows: Indices, *, exact: bool = True
) -> NDArray[np.float64]:
    """Give the logit of each of some recordings.

    Parameters
    ----------
    network : nn.Module
        With one output.
    signals : (r, 12, n) float32, mV
    rows : (i,) int64
        Which of them.
    exact : bool
        In single precision; else in bfloat16.

    Returns
    -------
    (i,) float64
    """
    network.eval()
    on = next(network.parameters()).device
    with torch.inference_mode(), torch.autocast(on.type, torch.bfloat16, enabled=not exact):
        parts = [
            network(torch.from_numpy(signals[part]).to(on))[:, 0].float().cpu().numpy()
            for part in np.split(rows, range(32, len(rows), 32))
        ]
    return np.concatenate(parts).astype(float)


def balanced_entropy(logits: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Mean cross-entropy of AF and of normal, each counting half.

    Parameters
    ----------
    logits : (r,) float64
    positive : (r,) bool
        With some of either kind.

    Returns
    -------
    float, nat
    """
    each = np.logaddexp(0.0, np.where(positive, -logits, logits))
    return float(0.5 * (each[positive].mean() + each[~positive].mean()))


def _draw(material: Material, batch: int, rng: np.random.Generator) -> Indices:
    truth = material.positive[material.training]
    kinds = (material.training[truth], material.training[~truth])
    half = batch // 2
    return np.concatenate([rng.choice(kind, half, replace=len(kind) < half) for kind in kinds])


def _update(
    network: "nn.Module", optimizer: torch.optim.Optimizer, material: Material, rows: Indices
) -> None:
    on = next(network.parameters()).device
    signal = torch.from_numpy(material.signals[rows]).to(on)
    truth = torch.from_numpy(material.positive[rows].astype(np.float32)).to(on)
    optimizer.zero_grad()
    with torch.autocast(on.type, torch.bfloat16):
        logits = network(signal)[:, 0]
    functional.binary_cross_entropy_with_logits(logits.float(), truth).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
