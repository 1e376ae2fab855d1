"""Layers of the hypernetwork, on (B, channels, moments)."""

import math
from copy import deepcopy
from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

Net = TypeVar("Net", bound=nn.Module)

HIDDEN_HZ = 50.0
"""Rate of the first and last of its features."""


class Residual(nn.Module):
    """Two convolutions, squeeze-excitation over the whole recording, and a shortcut."""

    def __init__(self, width: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        pad = kernel // 2
        self.body = nn.Sequential(
            nn.Conv1d(width, width, kernel, padding=pad * dilation, dilation=dilation, bias=False),
            nn.BatchNorm1d(width),
            nn.GELU(),
            nn.Dropout1d(dropout),
            nn.Conv1d(width, width, kernel, padding=pad, bias=False),
            nn.BatchNorm1d(width),
        )
        self.squeeze = nn.Sequential(
            nn.Linear(2 * width, width // 4), nn.GELU(), nn.Linear(width // 4, width)
        )

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, width, n) to the same shape."""
        body = self.body(hidden)
        gate = self.squeeze(torch.cat([body.mean(-1), body.amax(-1)], dim=1))
        return functional.gelu(torch.addcmul(hidden, body, torch.sigmoid(gate)[..., None]))


class Attention(nn.Module):
    """Let every moment look at every other one: beats are compared across the recording."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(1, width)
        self.ask = nn.Conv1d(width, 3 * width, 1)
        self.out = nn.Conv1d(width, width, 1)

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, width, n) to the same shape."""
        parts = self.ask(self.norm(hidden)).unflatten(1, (3, self.heads, -1)).transpose(-1, -2)
        # Where a moment's channels lie together, no table of all pairs of moments is made.
        seen = functional.scaled_dot_product_attention(*parts.contiguous().unbind(1))
        return hidden + self.out(seen.transpose(-1, -2).flatten(1, 2))


class Smooth(nn.Module):
    """Gaussian over time at 50 Hz; what is constant stays so to the very ends."""

    kernel: Tensor

    def __init__(self, sd_s: float) -> None:
        super().__init__()
        sd = sd_s * HIDDEN_HZ
        steps = torch.arange(-math.ceil(3 * sd), math.ceil(3 * sd) + 1)
        kernel = torch.exp(-0.5 * (steps / max(sd, 1e-9)) ** 2)
        self.register_buffer("kernel", kernel / kernel.sum(), persistent=False)

    def forward(self, rows: Tensor) -> Tensor:
        """(B, rows, m) to the same shape."""
        reach = len(self.kernel) // 2
        return self._convolved(functional.pad(rows, (reach, reach), mode="replicate"))

    def adjoint(self, rows: Tensor) -> Tensor:
        """``(forward(x) * y).sum() == (x * adjoint(y)).sum()``, (B, rows, m)."""
        reach = len(self.kernel) // 2
        spread = self._convolved(functional.pad(rows, (2 * reach, 2 * reach)))
        before, inner, after = spread.split((reach + 1, rows.shape[-1] - 2, reach + 1), dim=-1)
        return torch.cat([before.sum(-1, keepdim=True), inner, after.sum(-1, keepdim=True)], dim=-1)

    def _convolved(self, rows: Tensor) -> Tensor:
        n = rows.shape[1]
        return functional.conv1d(rows, self.kernel.expand(n, 1, -1), groups=n)


def folded(network: Net) -> Net:
    """Give the same network with its normalisations folded into the convolutions before them.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode; it is left as it is.

    Returns
    -------
    nn.Module
        Not to be trained nor stored.
    """
    network = deepcopy(network)
    for part in network.modules():
        if isinstance(part, nn.Sequential):
            for i, (before, after) in enumerate(pairwise(list(part))):
                if isinstance(before, nn.Conv1d) and isinstance(after, nn.BatchNorm1d):
                    part[i], part[i + 1] = fuse_conv_bn_eval(before, after), nn.Identity()
    return network.requires_grad_(False)
