"""Whether a map depends on what the model has learned.

References
----------
Adebayo et al., NeurIPS 2018, arXiv 1810.03292 (weights and labels at random).

Deviations
----------
- Layers are the modules with parameters of their own, in the order in which the network registers
  them: for sequential ones that in which it applies them.
- A layer starts anew by its own ``reset_parameters``; parameters without one are drawn from a
  normal distribution of their own mean and standard deviation, so a single number stays.
- Beside the correlation of ranks stands that of magnitudes, as in the paper: a sign that flips
  everywhere gives -1 in one and +1 in the other, and is no change of place.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from imn.attribution.stability import map_correlation
from imn.errors import InputError


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike two maps of each recording are, by Spearman's correlation.

    Parameters
    ----------
    signed : (B,) float64
        Of the values.
    magnitude : (B,) float64
        Of the absolute values.
    """

    signed: NDArray[np.float64]
    magnitude: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stage:
    """Maps of the network after some of its layers started anew, beside those before.

    Parameters
    ----------
    layer : str, optional
        The last one that started anew, "" for the network's own parameters; None before the first.
    share : float
        Of all parameters that have started anew.
    likeness : Likeness
    """

    layer: str | None
    share: float
    likeness: Likeness


def likeness(a: ArrayLike, b: ArrayLike) -> Likeness:
    """Compare two maps of each recording, of a model that learned and of one that could not.

    Also the label test: maps of a model trained on the true labels against those of one trained
    on shuffled ones.

    Parameters
    ----------
    a, b : (B, 12, n) float

    Returns
    -------
    Likeness

    Raises
    ------
    InputError
        As `imn.attribution.stability.map_correlation`.
    """
    a, b = np.asarray(a), np.asarray(b)
    return Likeness(map_correlation(a, b, ranks=True), map_correlation(np.abs(a), np.abs(b), ranks=True))


def layers(network: nn.Module) -> tuple[str, ...]:
    """Name the modules that hold parameters themselves.

    Parameters
    ----------
    network : nn.Module

    Returns
    -------
    tuple of str
        In the order of registration.
    """
    return tuple(name for name, module in network.named_modules() if _own(module))


def randomised(network: nn.Module, *, stages: int = 10, seed: int = 0) -> Iterator[tuple[str, nn.Module]]:
    """Let a copy of a network forget, from its last layer to its first.

    Parameters
    ----------
    network : nn.Module
        Left as it is.
    stages : int
        Steps in which all layers start anew, about as many layers in each; as many as there are
        layers at most.
    seed : int

    Yields
    ------
    layer : str
        The last one that started anew.
    copy : nn.Module
        One and the same at every step, further randomised.

    Raises
    ------
    InputError
        If no step is asked for, or the network has no parameters.
    """
    names = layers(network)[::-1]
    if stages < 1 or not names:
        msg = f"expected layers and at least one stage, got {len(names)} layers and {stages} stages"
        raise InputError(msg)
    copy = deepcopy(network)
    generator = torch.Generator().manual_seed(seed)
    for group in np.array_split(np.arange(len(names)), min(stages, len(names))):
        for at in group:
            _restart(copy.get_submodule(names[at]), generator)
        yield names[group[-1]], copy


def cascade(
    network: nn.Module, explain: Callable[[nn.Module], ArrayLike], *, stages: int = 10, seed: int = 0
) -> tuple[Stage, ...]:
    """Compare a network's maps with those it gives as it forgets, layer by layer.

    Parameters
    ----------
    network : nn.Module
    explain : callable
        From a network to its maps (B, 12, n) of fixed recordings and labels, such as
        ``lambda network: METHODS["own"](network, signal, target)``.
    stages : int
    seed : int

    Returns
    -------
    tuple of Stage
        First that of a second run of the untouched network: what a method's own chance costs.

    Raises
    ------
    InputError
        As `randomised` and `imn.attribution.stability.map_correlation`.
    """
    whole = sum(parameter.numel() for parameter in network.parameters())
    before = explain(network)
    found = [Stage(None, 0.0, likeness(before, explain(network)))]
    for layer, copy in randomised(network, stages=stages, seed=seed):
        done = layers(network)[layers(network).index(layer) :]
        share = sum(p.numel() for name in done for p in _own(network.get_submodule(name))) / whole
        found.append(Stage(layer, share, likeness(before, explain(copy))))
    return tuple(found)


def _own(module: nn.Module) -> list[nn.Parameter]:
    return list(module.parameters(recurse=False))


@torch.no_grad()
def _restart(module: nn.Module, generator: torch.Generator) -> None:
    reset = getattr(module, "reset_parameters", None)
    if callable(reset):
        # Layers draw from torch's own generators, which are left as they were.
        with torch.random.fork_rng({p.get_device() for p in _own(module) if p.is_cuda}):
            torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
            reset()
        return
    for parameter in _own(module):
        values = parameter.detach().float().cpu()
        drawn = torch.randn(values.shape, generator=generator) * values.std(correction=0) + values.mean()
        parameter.copy_(drawn.to(parameter))
