"""Small classifiers of which the right answers are known."""

import torch
from torch import Tensor, nn


class Linear(nn.Module):
    """Self-explaining and linear: every method must agree on W * x."""

    def __init__(self, n: int, k: int = 3) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(1)
        self.w = nn.Parameter(torch.randn(k, 12, n, generator=draw, dtype=torch.float64))
        self.b = nn.Parameter(torch.randn(k, generator=draw, dtype=torch.float64))

    def forward(self, signal: Tensor) -> Tensor:
        return torch.einsum("klt,blt->bk", self.w, signal) + self.b

    def weights(self, signal: Tensor) -> Tensor:
        return self.w.expand(len(signal), -1, -1, -1)

    def evidence(self, signal: Tensor, target: Tensor) -> Tensor:
        return self.w[target] * signal


class Square(nn.Module):
    """Half the sum of squares read as W = x / 2: complete, parallel to the gradient, half its size."""

    def forward(self, signal: Tensor) -> Tensor:
        return 0.5 * (signal**2).sum((1, 2))[:, None]

    def weights(self, signal: Tensor) -> Tensor:
        return 0.5 * signal[:, None]


class Convolutional(nn.Module):
    """Three labels by two convolutions over time, on all leads (1-d) or lead by lead (2-d)."""

    def __init__(self, activation: type[nn.Module] = nn.ReLU, *, rows: bool = False) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.rows = rows
        if rows:
            first = nn.Conv2d(1, 8, (3, 7), padding=(1, 3))
            second = nn.Conv2d(8, 8, (3, 7), stride=(1, 2), padding=(1, 3))
        else:
            first = nn.Conv1d(12, 16, 7, padding=3)
            second = nn.Conv1d(16, 16, 7, stride=2, padding=3)
        self.body = nn.Sequential(first, activation(), second, activation())
        self.cam_layer = self.body[2]
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(8 if rows else 16, 3)
        self.double()

    def forward(self, signal: Tensor) -> Tensor:
        hidden = self.body(signal[:, None] if self.rows else signal)
        return self.head(self.dropout(hidden.flatten(2).mean(-1)))
