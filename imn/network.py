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
RAMP = (0.25, 0.75, 0.75, 0.25)


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

    identified: Tensor
    ramp: Tensor

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
        self.register_buffer("ramp", torch.tensor(RAMP).reshape(1, 1, -1), persistent=False)

    def read(self, signal: Tensor) -> tuple[Tensor, Tensor]:
        """Give what each class and each reader makes of the recording.

        Evidence is summed at 50 Hz, where the network works: weights are
        brought to 100 Hz by a linear operator, so its adjoint on the signal
        gives the same sum for half the effort.

        Parameters
        ----------
        signal : (B, 12, n) float32, mV

        Returns
        -------
        logits : (B, k)
        readers : (B, readers)
            Logit of each reader for its own label.
        """
        mixed, readers, halved = self._mixed(signal)
        return torch.einsum("bklt,blt->bk", mixed, halved) + self.bias, readers

    def forward(self, signal: Tensor) -> Tensor:
        """Give the weights that read this recording.

        Parameters
        ----------
        signal : (B, 12, n) float32, mV

        Returns
        -------
        (B, k, 12, n), logit per mV
            ``(weights * signal).sum((-2, -1)) + bias`` are the logits.
        """
        mixed, _, _ = self._mixed(signal)
        fine = functional.conv_transpose1d(mixed.flatten(0, 2)[:, None], self.ramp, stride=2, padding=1)
        fine = fine.reshape(*mixed.shape[:3], -1)[..., : signal.shape[-1]]
        return torch.einsum("lm,bkmt->bklt", self.identified, fine)

    def _mixed(self, signal: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Class weights and signal at 50 Hz, and the readers' logits."""
        n = signal.shape[-1]
        padded = functional.pad(signal, (0, -n % 8))
        parts = self._reader_weights(padded) * (WEIGHT_SCALE * N_REFERENCE / n)
        possible = torch.einsum("lm,bmt->blt", self.identified, padded)
        halved = functional.conv1d(possible.flatten(0, 1)[:, None], self.ramp, stride=2, padding=1)
        halved = halved.reshape(*signal.shape[:2], -1)
        readers = torch.einsum("brlt,blt->br", parts, halved) + self.offset
        sizes = [len(names) for names in self.architecture.readers]
        mixed = [
            torch.einsum("br,brlt->blt", torch.softmax(own, dim=1), part) if len(own[0]) > 1 else part[:, 0]
            for part, own in zip(parts.split(sizes, 1), readers.split(sizes, 1), strict=True)
        ]
        return torch.stack(mixed, 1), readers, halved

    def _reader_weights(self, padded: Tensor) -> Tensor:
        """(B, readers, 12, m) at 50 Hz, before scaling."""
        fine = self.encode1(self.stem(padded))
        middle = self.encode2(self.down2(fine))
        coarse = self.up2(self.context(self.down3(middle)))
        middle = self.decode2(middle + functional.interpolate(coarse, scale_factor=2.0, mode="linear"))
        fine = self.decode1(fine + functional.interpolate(self.up1(middle), scale_factor=2.0, mode="linear"))
        return self.head(fine).unflatten(1, (self.architecture.n_readers, len(LEADS)))
