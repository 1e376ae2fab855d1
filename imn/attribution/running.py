"""Run a classifier without changing it: in evaluation mode, in pieces, on given labels."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

CHUNK = 64
"""Signals in one forward pass, unless told otherwise: larger ones leave a CPU's cache, a GPU likes 512."""


@contextmanager
def frozen(classifier: nn.Module) -> Iterator[None]:
    """Keep a classifier in evaluation mode, its parameters without gradients; put both back at the end.

    Without parameter gradients the backward pass to the signal stores and does about half.

    Parameters
    ----------
    classifier : nn.Module
    """
    modes = {module: module.training for module in classifier.modules()}
    wanted = {parameter: parameter.requires_grad for parameter in classifier.parameters()}
    classifier.eval().requires_grad_(False)
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
        for parameter, want in wanted.items():
            parameter.requires_grad_(want)


def pick(values: Tensor, target: Tensor) -> Tensor:
    """Take each recording's own label.

    Parameters
    ----------
    values : (B, K, ...) Tensor
    target : (B,) int64
        Index of the label.

    Returns
    -------
    (B, ...) Tensor
    """
    return values[torch.arange(len(values), device=values.device), target.to(values.device)]


def target_logits(classifier: nn.Module, signal: Tensor, target: Tensor, *, chunk: int = CHUNK) -> Tensor:
    """Logit of one label per recording.

    Parameters
    ----------
    classifier : nn.Module
        (B, 12, n) float32, mV to logits (B, K).
    signal : (B, 12, n) float32, mV
    target : (B,) int64
        Index of the label.
    chunk : int
        Recordings per forward pass.

    Returns
    -------
    (B,), dtype of the classifier
    """
    with frozen(classifier), torch.inference_mode():
        parts = [
            pick(classifier(piece), label)
            for piece, label in zip(signal.split(chunk), target.split(chunk), strict=True)
        ]
    return torch.cat(parts)


def record_rng(record: Tensor, seed: int) -> np.random.Generator:
    """Give a generator that depends on the recording and the seed only, not on its place in a batch.

    Parameters
    ----------
    record : Tensor
        Its bytes count.
    seed : int

    Returns
    -------
    Generator
    """
    content = record.detach().cpu().contiguous().numpy().tobytes()
    return np.random.default_rng([seed, zlib.crc32(content)])
