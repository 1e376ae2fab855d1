"""Fit one network: loss, average of weights, choice of epoch, resumption."""

import copy
import json
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from imn.augmentation import disturb, vary
from imn.classifier import build
from imn.errors import InputError
from imn.labels import SUPERCLASSES
from imn.metrics import auroc
from imn.network import Network
from imn.recipe import Recipe
from imn.results import write_bytes

AVERAGE_DECAY = 0.995
WARM_UP = 0.2


@dataclass(frozen=True, eq=False)
class Recordings:
    """What a network learns from.

    Parameters
    ----------
    signal : (r, 12, n) float32, mV
        At 100 Hz, above the isoelectric line.
    labels : (r, k) float32 of 0 and 1
        Columns as `imn.labels.LABELS`.
    """

    signal: NDArray[np.float32]
    labels: NDArray[np.float32]


@dataclass(eq=False)
class _State:
    """All that changes while fitting; a checkpoint is exactly this."""

    network: nn.Module
    average: nn.Module
    best: nn.Module
    optimizer: torch.optim.AdamW
    epoch: int = 0
    best_epoch: int = 0
    best_auroc: float = -math.inf


Log = Callable[[dict[str, Any]], None]


def fit(
    recipe: Recipe, training: Recordings, validation: Recordings, *, seed: int, checkpoint: Path, log: Log
) -> nn.Module:
    """Fit one network and give the averaged weights of its best epoch.

    Continues from ``checkpoint`` where that exists.  Epoch e of seed s draws
    the same numbers whether or not the run was cut before it.

    Parameters
    ----------
    recipe : Recipe
    training, validation : Recordings
    seed : int
    checkpoint : Path
        Rewritten after each epoch.
    log : callable
        Gets one dict per epoch.

    Returns
    -------
    nn.Module, in evaluation mode, on the CPU

    Raises
    ------
    InputError
        If the checkpoint was made with another recipe or seed, or is damaged.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        state = _start(recipe)
        if checkpoint.exists():
            _restore(state, checkpoint, _key(recipe, seed))
        left = range(state.epoch, recipe.epochs)
        for epoch in tqdm(left, desc=f"seed {seed}", unit="epoch", disable=None):
            if epoch - state.best_epoch > recipe.patience:
                break
            loss = _epoch(state, recipe, training, seed)
            score = _choose(state, validation)
            write_bytes(checkpoint, _pack(state, _key(recipe, seed)))
            log({"seed": seed, "epoch": epoch, "loss": loss, "auroc": score})
    return state.best.eval().cpu()


def device() -> torch.device:
    """Give the graphics processor of this process where there is one (``torchrun`` sets LOCAL_RANK)."""
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")


def _start(recipe: Recipe) -> _State:
    network = build(recipe).to(device())
    kept, free = [], []
    for name, value in network.named_parameters():
        (free if name in getattr(network, "no_decay", ()) else kept).append(value)
    groups = [{"params": kept}, {"params": free, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(
        [g for g in groups if g["params"]], lr=recipe.rate, weight_decay=recipe.decay
    )
    return _State(network, copy.deepcopy(network), copy.deepcopy(network), optimizer)


def _epoch(state: _State, recipe: Recipe, training: Recordings, seed: int) -> float:
    """Go through the training recordings once; give the mean loss."""
    torch.manual_seed(1_000_003 * (seed + 1) + state.epoch)
    generator = torch.Generator().manual_seed(torch.initial_seed())
    state.network.train()
    on = next(state.network.parameters()).device
    batches, losses = max(1, len(training.signal) // recipe.batch), []
    for i, (signal, labels) in enumerate(_batches(training, recipe, generator)):
        step = state.epoch * batches + i
        for group in state.optimizer.param_groups:
            group["lr"] = recipe.rate * one_cycle(step / (batches * recipe.epochs))
        other = disturb(signal, generator) if recipe.fidelity else None
        with torch.autocast(on.type, torch.bfloat16, enabled=on.type == "cuda"):
            value = loss(state.network, recipe, signal.to(on), labels.to(on), other)
        state.optimizer.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(state.network.parameters(), 1.0)
        state.optimizer.step()
        _follow(state.average, state.network, min(AVERAGE_DECAY, (1 + step) / (10 + step)))
        losses.append(float(value.detach()))
    state.epoch += 1
    return float(np.mean(losses))


def _batches(
    recordings: Recordings, recipe: Recipe, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    signal, labels = torch.tensor(recordings.signal), torch.tensor(recordings.labels)
    order, size = torch.randperm(len(signal), generator=generator), recipe.batch
    for i in range(max(1, len(order) // size)):
        at = order[i * size : (i + 1) * size]
        yield vary(signal[at], generator, n_crop=recipe.n_crop, rotation_deg=recipe.rotation_deg), labels[at]


def loss(
    network: nn.Module, recipe: Recipe, signal: Tensor, labels: Tensor, other: Tensor | None = None
) -> Tensor:
    """Cross-entropy of superclasses and of findings, and how far W is from what the network does nearby.

    The last term is local-fidelity regularisation (LFR; Hammer et al., arXiv 2606.29951): weights found for
    ``signal`` read ``other``, and should give the logits that the network itself gives there.

    Parameters
    ----------
    network : nn.Module
    recipe : Recipe
    signal : (B, 12, n) float32, mV
    labels : (B, k) float32
    other : (B, 12, n) float32, mV, optional
        A neighbour of each recording; without it there is no third term.

    Returns
    -------
    () float32
    """
    if other is None:
        logits, value = network(signal), torch.zeros((), device=signal.device)
    else:
        logits, predicted = cast(Network, network).read(signal, other.to(signal.device))
        value = recipe.fidelity * functional.mse_loss(predicted, network(other.to(signal.device)))
    entropy = functional.binary_cross_entropy_with_logits(logits.float(), labels, reduction="none").mean(0)
    k = len(SUPERCLASSES)
    return value + entropy[:k].mean() + recipe.finding_share * entropy[k:].mean()


def one_cycle(progress: float) -> float:
    """Learning rate as a share of its highest: up over the first fifth, down by a cosine.

    Parameters
    ----------
    progress : float
        Share of the updates that are done, 0 to 1.

    Returns
    -------
    float
        0 to 1.
    """
    if progress < WARM_UP:
        return 0.04 + 0.96 * progress / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - WARM_UP) / (1 - WARM_UP))))


@torch.no_grad()
def _follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1.0 - decay)
        else:
            kept.copy_(new)


@torch.no_grad()
def _score(network: nn.Module, recordings: Recordings) -> float:
    """Mean AUROC over the superclasses that have both kinds."""
    network.eval()
    on = next(network.parameters()).device
    parts = torch.tensor(recordings.signal).split(64)
    logits = torch.cat([network(part.to(on)).cpu() for part in parts]).numpy()
    k = len(SUPERCLASSES)
    areas = auroc(recordings.labels.T[:k] > 0, logits.T[:k])
    return float(areas[np.isfinite(areas)].mean()) if np.isfinite(areas).any() else 0.0


def _choose(state: _State, validation: Recordings) -> float:
    score = _score(state.average, validation)
    if score > state.best_auroc:
        state.best_auroc, state.best_epoch = score, state.epoch
        state.best.load_state_dict(state.average.state_dict())
    return score


def _key(recipe: Recipe, seed: int) -> str:
    return json.dumps({"seed": seed, **asdict(recipe)}, sort_keys=True)


def _pack(state: _State, key: str) -> bytes:
    tensors = {
        f"{part}/{name}": value.contiguous()
        for part in ("network", "average", "best")
        for name, value in getattr(state, part).state_dict().items()
    }
    for i, moments in state.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{i}/{name}": value for name, value in moments.items()}
    progress = {"epoch": state.epoch, "best_epoch": state.best_epoch, "best_auroc": state.best_auroc}
    return save(tensors, {"key": key, "progress": json.dumps(progress)})


def _restore(state: _State, checkpoint: Path, key: str) -> None:
    try:
        with safe_open(checkpoint, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            meta = file.metadata() or {}
    except SafetensorError as error:
        msg = f"{checkpoint}: damaged checkpoint; delete it to start again"
        raise InputError(msg) from error
    if meta.get("key") != key:
        msg = f"{checkpoint}: made with another recipe or seed; give another run folder or delete it"
        raise InputError(msg)
    parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "best": {}}
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        part, rest = name.split("/", 1)
        if part == "optimizer":
            i, moment = rest.split("/")
            moments.setdefault(int(i), {})[moment] = value
        else:
            parts[part][rest] = value
    for part, values in parts.items():
        getattr(state, part).load_state_dict(values)
    groups = state.optimizer.state_dict()["param_groups"]
    state.optimizer.load_state_dict({"state": moments, "param_groups": groups})
    for name, value in json.loads(meta["progress"]).items():
        setattr(state, name, value)
