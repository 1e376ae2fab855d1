"""Fit one network: loss, average of weights, choice of epoch, resumption."""

import copy
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from imn.augmentation import vary
from imn.errors import InputError
from imn.metrics import auroc
from imn.network import Architecture, Network
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
    classes : (r, k) float32 of 0 and 1
    readers : (r, readers) float32 of 0 and 1
    """

    signal: NDArray[np.float32]
    classes: NDArray[np.float32]
    readers: NDArray[np.float32]

    def tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        """Give the three as tensors."""
        return torch.tensor(self.signal), torch.tensor(self.classes), torch.tensor(self.readers)


@dataclass(eq=False)
class _State:
    """All that changes while fitting; a checkpoint is exactly this."""

    network: Network
    average: Network
    best: Network
    optimizer: torch.optim.AdamW
    epoch: int = 0
    best_epoch: int = 0
    best_auroc: float = -math.inf


Log = Callable[[dict[str, Any]], None]


def fit(
    recipe: Recipe, training: Recordings, validation: Recordings, *, seed: int, checkpoint: Path, log: Log
) -> Network:
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
    Network, in evaluation mode

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
            _choose(state, validation)
            write_bytes(checkpoint, _pack(state, _key(recipe, seed)))
            log({"seed": seed, "epoch": epoch, "loss": loss, "auroc": _score(state.average, validation)})
    return state.best.eval()


def _start(recipe: Recipe) -> _State:
    architecture = Architecture(recipe.readers, recipe.widths, recipe.kernel, recipe.dropout)
    network = Network(architecture)
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    return _State(network, copy.deepcopy(network), copy.deepcopy(network), optimizer)


def _epoch(state: _State, recipe: Recipe, training: Recordings, seed: int) -> float:
    """Go through the training recordings once; give the mean loss."""
    torch.manual_seed(1_000_003 * (seed + 1) + state.epoch)
    generator = torch.Generator().manual_seed(torch.initial_seed())
    state.network.train()
    batches, losses = max(1, len(training.signal) // recipe.batch), []
    for i, batch in enumerate(_batches(training, recipe.batch, generator)):
        step = state.epoch * batches + i
        for group in state.optimizer.param_groups:
            group["lr"] = recipe.rate * one_cycle(step / (batches * recipe.epochs))
        signal = vary(batch[0], generator, n_crop=recipe.n_crop, rotation_deg=recipe.rotation_deg)
        value = loss(state.network, recipe, signal, batch[1], batch[2])
        state.optimizer.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(state.network.parameters(), 1.0)
        state.optimizer.step()
        _follow(state.average, state.network, min(AVERAGE_DECAY, (1 + step) / (10 + step)))
        losses.append(float(value.detach()))
    state.epoch += 1
    return float(np.mean(losses))


def _batches(
    recordings: Recordings, size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    signal, classes, readers = recordings.tensors()
    order = torch.randperm(len(signal), generator=generator)
    for i in range(max(1, len(order) // size)):
        at = order[i * size : (i + 1) * size]
        yield signal[at], classes[at], readers[at]


def loss(network: Network, recipe: Recipe, signal: Tensor, classes: Tensor, readers: Tensor) -> Tensor:
    """Cross-entropy of the classes, and of the readers at their share."""
    logits, own = network.read(signal)
    value = functional.binary_cross_entropy_with_logits(logits, classes)
    return value + recipe.reader_share * functional.binary_cross_entropy_with_logits(own, readers)


def one_cycle(progress: float) -> float:
    """Learning rate as a share of its highest: up over the first fifth, down by a cosine."""
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
def _score(network: Network, recordings: Recordings) -> float:
    """Mean AUROC over the classes that have both kinds."""
    network.eval()
    signal = torch.tensor(recordings.signal)
    logits = torch.cat([network.read(part)[0] for part in signal.split(64)]).numpy()
    areas = auroc(recordings.classes.T > 0, logits.T)
    return float(areas[np.isfinite(areas)].mean()) if np.isfinite(areas).any() else 0.0


def _choose(state: _State, validation: Recordings) -> None:
    score = _score(state.average, validation)
    if score > state.best_auroc:
        state.best_auroc, state.best_epoch = score, state.epoch
        state.best.load_state_dict(state.average.state_dict())


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
