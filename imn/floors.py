"""The least that reading a batch by the network can take: its matrix products alone, through torch."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imn.layers import Attention
from imn.model import Model


def bare_products(model: Model, signal: NDArray[np.floating]) -> Callable[[], None]:
    """Give the convolutions, linear layers and attention products of all members, to be run alone.

    What they are applied to is taken from one true reading; norms, activations, interpolation and all
    else that the network does between them is left out.

    Parameters
    ----------
    model : Model
    signal : (b, 12, n) float, mV
        At 100 Hz, above the isoelectric line.

    Returns
    -------
    callable
        Runs them once.
    """
    batch = torch.as_tensor(np.ascontiguousarray(signal, dtype=np.float32))
    calls: list[Callable[[], Any]] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], _: Tensor) -> None:
        given = inputs[0]
        calls.append(_attention(module, given) if isinstance(module, Attention) else lambda: module(given))

    with ExitStack() as hooks, torch.inference_mode():
        for member in model.members:
            for module in member.modules():
                if isinstance(module, nn.Conv1d | nn.Linear | Attention):
                    hooks.callback(module.register_forward_hook(note).remove)
            member(batch)

    def run() -> None:
        with torch.inference_mode():
            for call in calls:
                call()

    return run


def members_alone(model: Model, signal: NDArray[np.floating]) -> Callable[[], None]:
    """Give all members' logits of recordings, to be run: what `bare_products` is the floor of.

    Parameters
    ----------
    model, signal
        As in `bare_products`.

    Returns
    -------
    callable
        Computes them, and gives nothing back.
    """
    batch = torch.as_tensor(np.ascontiguousarray(signal, dtype=np.float32))

    def run() -> None:
        with torch.inference_mode():
            shown = model.members[0].show(batch)
            for member in model.members:
                member.respond(*shown)

    return run


def _attention(module: Attention, hidden: Tensor) -> Callable[[], Tensor]:
    """Give the two products of attention; its layers are noted by themselves."""
    b, width, n = hidden.shape
    asked = hidden.reshape(b * module.heads, width // module.heads, n)
    keys = asked.transpose(1, 2).contiguous()
    return lambda: torch.bmm(torch.bmm(keys, asked), keys)
