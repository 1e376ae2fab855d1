"""The hypernetwork: from one ECG to the weights that read that same ECG.

Thambawita et al., ECG-IMN, arXiv 2602.09566 (2026); interpretable mesomorphic
networks: Kadra, Pineda Arango, Grabocka, NeurIPS 2024, arXiv 2305.13072.
For recording x the network emits W(x), and the logit is ``sum(W * x) + b``.

Deviations from arXiv 2602.09566 (the paper's own model: `imn.rivals.paper`)
----------------------------------------------------------------------------
* ``b`` is one learned constant per label: no branch can decide past the evidence.
* W lies in the span of physically possible signals (`imn.leads.IDENTIFIED`).
* Millivolts above the isoelectric line are what is weighed, not z-scores of each record;
  W is found from both, since size tells hypertrophy and shape the rest.
* Convolutions over time with all leads mixed, at 50, 25 and 12.5 Hz, and
  attention over the whole recording; the paper's see 0.75 s and two more leads.
* W is smoothed over time: two trainings differ most in what alternates from sample to sample.
* Each localised label is read by weights of its own; a superclass by the mixture of
  its labels' weights, by how strongly each responds.
* The sum is scaled to 10 s, so a longer recording has no larger logit.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from imn.labels import LABELS
from imn.layers import Attention, Residual, Smooth
from imn.leads import IDENTIFIED, LEADS

FS = 100.0
N_REFERENCE = 1000
WEIGHT_SCALE = 0.02
RAMP = (0.25, 0.75, 0.75, 0.25)
TYPICAL_SD_MV, SMALLEST_SD_MV = 0.25, 0.01
"""Size of a lead's standard deviation, and what keeps a flat lead flat."""
STEM_S = 0.13
"""Span of the first convolution, s."""


@dataclass(frozen=True)
class Architecture:
    """Sizes of the network.

    Parameters
    ----------
    labels : tuple of str
        Outputs, superclasses first.
    mixtures : tuple of (str, tuple of str)
        Superclasses that are read by the weights of other labels, and these labels.
    widths : (int, int, int)
        Channels at 50, 25 and 12.5 Hz.
    kernel : int
        Odd, samples at each of these rates: 5 spans 0.1, 0.2 and 0.4 s.
    heads : int
        Of the attention over the recording; 0 leaves it out.
    dropout : float
    identified : bool
        Keep W in the span of physically possible signals; without it the lead axis is free.
    smoothing_s : float
        Standard deviation of the Gaussian that smooths W over time, s; 0 leaves W as it is.
    """

    labels: tuple[str, ...] = LABELS
    mixtures: tuple[tuple[str, tuple[str, ...]], ...] = ()
    widths: tuple[int, int, int] = (32, 48, 64)
    kernel: int = 5
    heads: int = 4
    dropout: float = 0.2
    identified: bool = True
    smoothing_s: float = 0.02

    @property
    def readers(self) -> tuple[str, ...]:
        """Labels with weights of their own."""
        mixed = dict(self.mixtures)
        return tuple(name for name in self.labels if name not in mixed)

    def mixing(self) -> Tensor:
        """(labels, readers) float32: 1 where a label may be read by a reader's weights."""
        read_by = {name: (name,) for name in self.readers} | dict(self.mixtures)
        return torch.tensor([[float(r in read_by[name]) for r in self.readers] for name in self.labels])


class Network(nn.Module):
    """Hypernetwork at 100 Hz; see the module's text.

    Parameters
    ----------
    architecture : Architecture
    """

    identified: Tensor
    ramp: Tensor
    mixing: Tensor

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        a, (w1, w2, w3) = architecture, architecture.widths
        self.architecture = a

        def step(into: int, out: int, kernel: int, stride: int) -> nn.Sequential:
            conv = nn.Conv1d(into, out, kernel, stride=stride, padding=kernel // 2, bias=False)
            return nn.Sequential(conv, nn.BatchNorm1d(out), nn.GELU())

        self.stem = step(2 * len(LEADS), w1, round(STEM_S * FS), 2)
        self.encode1 = Residual(w1, a.kernel, 1, 0.0)
        self.down2 = step(w1, w2, 5, 2)
        self.encode2 = Residual(w2, a.kernel, 1, 0.0)
        self.down3 = step(w2, w3, 5, 2)
        context = [Residual(w3, a.kernel, 1, a.dropout), Residual(w3, a.kernel, 4, a.dropout)]
        self.context = nn.Sequential(*context, *([Attention(w3, a.heads)] if a.heads else []))
        self.up2 = nn.Conv1d(w3, w2, 1)
        self.decode2 = Residual(w2, a.kernel, 1, a.dropout)
        self.up1 = nn.Conv1d(w2, w1, 1)
        self.decode1 = Residual(w1, a.kernel, 1, a.dropout)
        self.smooth = Smooth(a.smoothing_s)
        self.head = nn.Conv1d(w1, len(a.readers) * len(LEADS), 1)
        self.bias = nn.Parameter(torch.zeros(len(a.labels)))
        projector = torch.tensor(IDENTIFIED, dtype=torch.float32) if a.identified else torch.eye(len(LEADS))
        self.register_buffer("identified", projector, persistent=False)
        self.register_buffer("ramp", torch.tensor(RAMP).reshape(1, 1, -1), persistent=False)
        self.register_buffer("mixing", a.mixing(), persistent=False)
        self.own = [a.labels.index(name) for name in a.readers]

    @property
    def cam_layer(self) -> nn.Module:
        """Last layer before the weights, which Grad-CAM looks at."""
        return self.decode1

    def forward(self, signal: Tensor) -> Tensor:
        """Give the logits.

        Parameters
        ----------
        signal : (B, 12, n) float32, mV
            At 100 Hz, above the isoelectric line.

        Returns
        -------
        (B, k)
        """
        return self.respond(*self.show(signal))[1]

    def read(self, signal: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
        """Give the logits, and what the same weights make of another signal.

        Parameters
        ----------
        signal : (B, 12, n) float32, mV
        other : (B, 12, n) float32, mV
            Read by the weights of ``signal``, not by its own.

        Returns
        -------
        logits, logits of ``other`` : (B, k)
        """
        hidden, logits, mix = self.respond(*self.show(signal))
        return logits, self._mixed_sums(mix, self._sums(hidden, self.coarse(other)))

    def weights(self, signal: Tensor) -> Tensor:
        """Give the weights that read this recording.

        Parameters
        ----------
        signal : (B, 12, n) float32, mV

        Returns
        -------
        (B, k, 12, n), logit per mV
            ``(weights * signal).sum((-2, -1)) + bias`` are the logits.
        """
        hidden, _, mix = self.respond(*self.show(signal))
        return self.fine(self.mixed(hidden, mix), signal.shape[-1])

    def evidence(self, signal: Tensor, target: Tensor) -> Tensor:
        """Give the parts of one logit per recording.

        Parameters
        ----------
        signal : (B, 12, n) float32, mV
        target : (B,) int64

        Returns
        -------
        (B, 12, n), logit
        """
        return self.weights(signal)[torch.arange(len(signal)), target] * signal

    def biases(self, signal: Tensor) -> Tensor:
        """Give what is not evidence: the same row for every recording, (B, k)."""
        return self.bias.expand(len(signal), -1)

    def show(self, signal: Tensor) -> tuple[Tensor, Tensor]:
        """Give what `respond` takes, the same for all networks of one architecture.

        Parameters
        ----------
        signal : (B, 12, n) float32, mV

        Returns
        -------
        (B, 24, n), the signal as it is and as its shape alone, and what weights at 50 Hz multiply (`coarse`)
        """
        # Several times as fast as `Tensor.std`.
        centred = signal - signal.mean(-1, keepdim=True)
        sd = torch.linalg.vector_norm(centred, dim=-1, keepdim=True) / (signal.shape[-1] - 1) ** 0.5
        return torch.cat([signal, TYPICAL_SD_MV * signal / (sd + SMALLEST_SD_MV)], 1), self.coarse(signal)

    def respond(self, shown: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Give what weights are made of, with logits and how labels mix readers.

        Evidence is summed where it costs least: weights are the head's mixture of a few channels, brought
        to 100 Hz by a linear operator, so the sums are the head's mixture of the channels' products
        with what that operator's adjoint makes of the signal.

        Parameters
        ----------
        shown, coarse : Tensor
            As `show` gives them.

        Returns
        -------
        hidden : (B, channels, m)
        logits : (B, k)
        mix : (B, k, readers)
        """
        hidden = functional.pad(self._hidden(shown), (0, 0, 0, 1), value=1.0)
        sums = self._sums(hidden, coarse)
        respond = (sums + self.bias[self.own])[:, None, :].masked_fill(self.mixing == 0, -torch.inf)
        mix = torch.softmax(respond, dim=2)
        return hidden, self._mixed_sums(mix, sums), mix

    def mixed(self, hidden: Tensor, mix: Tensor) -> Tensor:
        """Give the weights of mixtures at 50 Hz, to be brought to 100 Hz by `fine`.

        Parameters
        ----------
        hidden : (B, channels, m) Tensor
            As `respond` gives it.
        mix : (B, j, readers) Tensor

        Returns
        -------
        (B, j, 12, m) Tensor
        """
        heads = (mix @ self._readers().flatten(1)).reshape(len(mix), -1, hidden.shape[1])
        return (heads @ hidden).unflatten(1, (-1, len(LEADS)))

    def fine(self, mixed: Tensor, n: int) -> Tensor:
        """Bring weights from 50 Hz to n samples, smoothed.

        Parameters
        ----------
        mixed : (B, j, 12, m) Tensor
            As `mixed` gives it.
        n : int

        Returns
        -------
        (B, j, 12, n) Tensor, logit per mV
        """
        rows = self.smooth(mixed.flatten(1, 2))
        fine = functional.conv_transpose1d(rows.flatten(0, 1)[:, None], self.ramp, stride=2, padding=1)
        return fine.reshape(*mixed.shape[:3], -1)[..., :n] * (WEIGHT_SCALE * N_REFERENCE / n)

    def coarse(self, signal: Tensor) -> Tensor:
        """Bring a signal (B, 12, n) to 50 Hz by the adjoint of `fine`, (B, 12, m)."""
        n = signal.shape[-1]
        padded = functional.pad(signal, (0, -n % 8)).flatten(0, 1)
        halved = functional.conv1d(padded[:, None], self.ramp, stride=2, padding=1)
        return self.smooth.adjoint(halved.reshape(*signal.shape[:2], -1)) * (WEIGHT_SCALE * N_REFERENCE / n)

    def _readers(self) -> Tensor:
        """Give the head of each reader within the span of possible signals, (readers, 12, channels)."""
        assert self.head.bias is not None
        head = torch.cat([self.head.weight[..., 0], self.head.bias[:, None]], dim=1)
        return self.identified @ head.unflatten(0, (-1, len(LEADS)))

    def _sums(self, hidden: Tensor, coarse: Tensor) -> Tensor:
        """Evidence by each reader, (B, readers)."""
        return (coarse @ hidden.mT).flatten(1) @ self._readers().flatten(1).T

    def _mixed_sums(self, mix: Tensor, sums: Tensor) -> Tensor:
        return torch.einsum("bkr,br->bk", mix, sums) + self.bias

    def _hidden(self, shown: Tensor) -> Tensor:
        """(B, 24, n) to (B, width, m) at 50 Hz."""
        fine = self.encode1(self.stem(functional.pad(shown, (0, -shown.shape[-1] % 8))))
        middle = self.encode2(self.down2(fine))
        coarse = self.up2(self.context(self.down3(middle)))
        middle = self.decode2(middle + functional.interpolate(coarse, scale_factor=2.0, mode="linear"))
        return self.decode1(fine + functional.interpolate(self.up1(middle), scale_factor=2.0, mode="linear"))
