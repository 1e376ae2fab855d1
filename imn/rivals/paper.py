"""The published ECG-IMN: Thambawita et al., arXiv 2602.09566 (2026).

The recording is an image of leads by samples.  An encoder and a decoder of
two-dimensional convolutions give W, one weight per label, lead and sample; a
linear read-out of the encoder's mean gives b.  With x the recording's z-scores,
``logit = sum(W * x) + b``.  Its W sees 72 to 76 samples, at any sampling rate.

Deviations
----------
None of parameters or numbers.  The z-score is taken inside, so that the network
takes millivolts like every classifier here.  Samples are the image's height and
leads its width, and activations lie channels last: the same sums (kernels are the
published ones, transposed) in half the time on a CPU.
"""

import torch
from torch import Tensor, nn

from imn.errors import InputError
from imn.leads import LEADS
from imn.rivals.scaling import moments

SD_FLOOR = 1e-6
STRIDE = 4


class Transpose(nn.Module):
    """Exchange leads and time."""

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, channels, n, 12) to (B, channels, 12, n), and back."""
        return hidden.transpose(-1, -2)


def _encode(into: int, out: int) -> tuple[nn.Module, ...]:
    conv = nn.Conv2d(into, out, (15, 3), padding=(7, 1), bias=False)
    return conv, nn.BatchNorm2d(out), nn.GELU()


def _decode(into: int, out: int) -> tuple[nn.Module, ...]:
    conv = nn.Conv2d(into, out, 3, padding=1, bias=False)
    return conv, nn.BatchNorm2d(out), nn.GELU(), nn.Upsample(scale_factor=(2, 1))


class PaperIMN(nn.Module):
    """ECG-IMN with its transition decoder.

    Parameters
    ----------
    n_labels : int
        K.

    Attributes
    ----------
    cam_layer : nn.Module
        Gives what the third encoder convolution gives, (B, 64, 12, n / 2), as in the publication.
    """

    def __init__(self, n_labels: int) -> None:
        super().__init__()
        third, *rest = _encode(32, 64)
        # Only here to be looked at by Grad-CAM, leads before samples.
        self.cam_layer = Transpose()
        self.encoder = nn.Sequential(
            *_encode(1, 16),
            *_encode(16, 32), nn.MaxPool2d((2, 1)),
            third, self.cam_layer, Transpose(), *rest, nn.MaxPool2d((2, 1)),
        )  # fmt: skip
        self.dropout = nn.Dropout(0.2)
        self.decoder = nn.Sequential(
            *_decode(64, 32), *_decode(32, 16), nn.Conv2d(16, n_labels, 3, padding=1)
        )
        self.bias = nn.Linear(64, n_labels)

    def forward(self, signal: Tensor) -> Tensor:
        """Give the logits.

        Parameters
        ----------
        signal : (B, 12, n) float, mV
            n divisible by 4.

        Returns
        -------
        (B, K)

        Raises
        ------
        InputError
            Another shape.
        """
        weights, scores, bias, _ = self._parts(signal)
        return torch.einsum("bklt,blt->bk", weights, scores) + bias

    def weights(self, signal: Tensor) -> Tensor:
        """Give the weights per millivolt, W / sd.

        ``(weights * signal).sum((-2, -1)) + intercepts`` are the logits.

        Parameters
        ----------
        signal : (B, 12, n) float, mV

        Returns
        -------
        (B, K, 12, n), logit per mV
        """
        weights, _, _, (_, sd) = self._parts(signal)
        return weights / sd[:, None]

    def intercepts(self, signal: Tensor) -> Tensor:
        """Give what `weights` leave of the logits, ``b - sum(W * mean / sd)``.

        Parameters
        ----------
        signal : (B, 12, n) float, mV

        Returns
        -------
        (B, K)
        """
        weights, _, bias, (mean, sd) = self._parts(signal)
        return bias - torch.einsum("bklt,blt->bk", weights, (mean / sd).expand_as(signal))

    def evidence(self, signal: Tensor, target: Tensor) -> Tensor:
        """Give the publication's attribution, W times z-score.

        ``evidence.sum((-2, -1)) + biases`` is the logit of the target.

        Parameters
        ----------
        signal : (B, 12, n) float, mV
        target : (B,) int64

        Returns
        -------
        (B, 12, n), logit
        """
        weights, scores, _, _ = self._parts(signal)
        return weights[torch.arange(len(target), device=target.device), target] * scores

    def biases(self, signal: Tensor) -> Tensor:
        """Give b, what `evidence` leaves of the logits; it depends on the recording.

        Parameters
        ----------
        signal : (B, 12, n) float, mV

        Returns
        -------
        (B, K)
        """
        return self._parts(signal)[2]

    def _parts(self, signal: Tensor) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, Tensor]]:
        """W (B, K, 12, n), z-scores (B, 12, n), b (B, K), and mean and sd (B, 12, 1) in mV."""
        if signal.ndim != 3 or signal.shape[1] != len(LEADS) or signal.shape[2] % STRIDE:
            msg = (
                f"the paper's network takes (recordings, {len(LEADS)}, samples) with samples divisible by "
                f"{STRIDE}, got {tuple(signal.shape)}: cut or pad the recording"
            )
            raise InputError(msg)
        mean, sd = moments(signal, unbiased=True)
        sd = sd.clamp_min(SD_FLOOR)
        scores = (signal - mean) / sd
        image = scores.transpose(1, 2)[:, None].contiguous(memory_format=torch.channels_last)
        latent = self.dropout(self.encoder(image))
        weights = self.decoder(latent).transpose(-1, -2)
        return weights, scores, self.bias(latent.mean((-2, -1))), (mean, sd)
