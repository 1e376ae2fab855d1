"""Several networks read as one: the mean of IMNs is itself an IMN."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn


class Ensemble(nn.Module):
    """Mean of networks of one kind.

    Where every member's parts sum to its logits, so do their means: the mean
    of several weights is again a weight.

    Parameters
    ----------
    members : iterable of nn.Module
        Each from (B, 12, n) float32, mV to (B, k) logits.
    """

    def __init__(self, members: Iterable[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, signal: Tensor) -> Tensor:
        """Mean logits, (B, k)."""
        return torch.stack([member(signal) for member in self.members]).mean(0)

    def weights(self, signal: Tensor) -> Tensor:
        """Mean weights, (B, k, 12, n), logit per mV."""
        return self._mean("weights", signal)

    def evidence(self, signal: Tensor, target: Tensor) -> Tensor:
        """Mean parts of one logit per recording, (B, 12, n), logit."""
        return self._mean("evidence", signal, target)

    def biases(self, signal: Tensor) -> Tensor:
        """Mean of what is not evidence, (B, k), logit."""
        return self._mean("biases", signal)

    def _mean(self, part: str, *inputs: Tensor) -> Tensor:
        # One by one: weights of all labels and members at once would fill the memory.
        total = torch.zeros(())
        for member in self.members:
            total = total + getattr(member, part)(*inputs)
        return total / len(self.members)
