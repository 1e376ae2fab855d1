"""The hypernetwork: from one ECG to the weights that read that same ECG.

Thambawita et al., ECG-IMN, arXiv 2602.09566 (2026); interpretable mesomorphic
networks: Kadra, Pineda Arango, Grabocka, NeurIPS 2024, arXiv 2305.13072.
For recording x the network emits W(x), and the logit is ``sum(W * x) + b``.

Deviations from arXiv 2602.09566
--------------------------------
* ``b`` is one learned constant per class: no branch can decide past the evidence.
* W lies in the span of physically possible signals (`imn.leads.IDENTIFIED`).
* Millivolts above the isoelectric line go in, not per-record z-scores.
* Convolutions over time with all leads mixed, at 50, 25 and 12.5 Hz, with
  context from the whole recording; the paper's see 0.75 s and two more leads.
* Each class is read by one or more *readers* (one per kind of infarct, of block
  and so on); its weights are their mixture, by how strongly each responds.
* The sum is scaled to 10 s, so a longer recording has no larger logit.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from imn.leads import IDENTIFIED, LEADS

N_REFERENCE = 1000
WEIGHT_SCALE = 0.02


@dataclass(frozen=True)
class Architecture:
    """Sizes of the network.

    Parameters
    ----------
    readers : tuple of tuple of str
        For each class the names of its readers.
    widths : (int, int, int)
        Channels at 50, 25 and 12.5 Hz.
    kernel : int
        Odd, samples at each of these rates.
    dropout : float
    """

    readers: tuple[tuple[str, ...], ...]
    widths: tuple[int, int, int] = (32, 48, 64)
    kernel: int = 5
    dropout: float = 0.2

    @property
    def n_readers(self) -> int:
        """Readers of all classes."""
        return sum(len(names) for names in self.readers)


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
        return functional.gelu(hidden + body * torch.sigmoid(gate)[..., None])


class Network(nn.Module):
    """Hypernetwork at 100 Hz; see the module's text.

    Parameters
    ----------
    architecture : Architecture
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        a, (w1, w2, w3) = architecture, architecture.widths
        self.architecture = a

        def step(into: int, out: int, kernel: int, stride: int) -> nn.Sequential:
            conv = nn.Conv1d(into, out, kernel, stride=stride, padding=kernel // 2, bias=False)
            return nn.Sequential(conv, nn.BatchNorm1d(out), nn.GELU())

        self.stem = step(len(LEADS), w1, 13, 2)
        self.encode1 = Residual(w1, a.kernel, 1, 0.0)
        self.down2 = step(w1, w2, 5, 2)
        self.encode2 = Residual(w2, a.kernel, 1, 0.0)
        self.down3 = step(w2, w3, 5, 2)
        self.context = nn.Sequential(
            Residual(w3, a.kernel, 1, a.dropout), Residual(w3, a.kernel, 4, a.dropout)
        )
        self.up2 = nn.Conv1d(w3, w2, 1)
        self.decode2 = Residual(w2, a.kernel, 1, a.dropout)
        self.up1 = nn.Conv1d(w2, w1, 1)
        self.decode1 = Residual(w1, a.kernel, 1, a.dropout)
        self.head = nn.Conv1d(w1, a.n_readers * len(LEADS), 1)
        self.bias = nn.Parameter(torch.zeros(len(a.readers)))
        self.offset = nn.Parameter(torch.zeros(a.n_readers))
        self.register_buffer("identified", torch.tensor(IDENTIFIED, dtype=torch.float32), persistent=False)

    def reader_weights(self, signal: Tensor) -> Tensor:
        """Weights of every reader, (B, readers, 12, n), logit per mV, before mixing."""
        n = signal.shape[-1]
        padded = functional.pad(signal, (0, -n % 8))
        fine = self.encode1(self.stem(padded))
        middle = self.encode2(self.down2(fine))
        coarse = self.up2(self.context(self.down3(middle)))
        middle = self.decode2(middle + functional.interpolate(coarse, scale_factor=2.0, mode="linear"))
        fine = self.decode1(fine + functional.interpolate(self.up1(middle), scale_factor=2.0, mode="linear"))
        out = functional.interpolate(self.head(fine), scale_factor=2.0, mode="linear")[..., :n]
        out = out.unflatten(1, (self.architecture.n_readers, len(LEADS)))
        return torch.einsum("lm,brmt->brlt", self.identified, out) * (WEIGHT_SCALE * N_REFERENCE / n)

    def forward(self, signal: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Give weights, and what each class and each reader makes of the recording.

        Parameters
        ----------
        signal : (B, 12, n) float32, mV

        Returns
        -------
        weights : (B, k, 12, n)
            Logit per mV; ``(weights * signal).sum((-2, -1)) + bias`` are the logits.
        logits : (B, k)
        readers : (B, readers)
            Logit of each reader for its own label.
        """
        parts = self.reader_weights(signal)
        evidence = torch.einsum("brlt,blt->br", parts, signal)
        readers = evidence + self.offset
        sizes = [len(names) for names in self.architecture.readers]
        mixed, logits = [], []
        for part, share, own in zip(
            parts.split(sizes, 1), readers.split(sizes, 1), evidence.split(sizes, 1), strict=True
        ):
            mixture = torch.softmax(share, dim=1)
            mixed.append(torch.einsum("br,brlt->blt", mixture, part))
            logits.append((mixture * own).sum(1))
        return torch.stack(mixed, 1), torch.stack(logits, 1) + self.bias, readers
