"""The convolutional network of "Sampling Matters", Mahmuod et al., arXiv 2604.16437 (2026).

Four convolutions over time, three of them followed by halving, global mean,
dropout, one linear layer.  A feature sees 54 samples: 0.54 s at 100 Hz.

Deviations
----------
* K outputs, one sigmoid each, in place of a softmax over two.
* A lead that varies by less than 1e-6 mV counts as flat and becomes zero; the
  published rule looks for flat stretches.
"""

import torch
from torch import Tensor, nn

from imn.leads import LEADS
from imn.rivals.scaling import moments
from imn.sampling.fields import PUBLISHED, Field

SD_OFFSET = 1e-8
FLAT_MV = 1e-6
WIDTHS = (32, 64, 128, 256)


class SamplingCNN(nn.Module):
    """CNN1D of the sampling-rate study.

    Parameters
    ----------
    n_labels : int
        K.
    field : Field
        Kernels and dilations; 54 samples wide as published.
    """

    def __init__(self, n_labels: int, field: Field = PUBLISHED) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        taps = zip(field.kernels, field.dilations, strict=True)
        for into, out, (kernel, dilation) in zip((len(LEADS), *WIDTHS), WIDTHS, taps, strict=False):
            conv = nn.Conv1d(into, out, kernel, padding=kernel // 2 * dilation, dilation=dilation)
            stages += [nn.Sequential(conv, nn.BatchNorm1d(out), nn.ReLU()), nn.MaxPool1d(2)]
        self.features = nn.Sequential(*stages[:-1])
        self.dropout = nn.Dropout(0.4)
        self.head = nn.Linear(WIDTHS[-1], n_labels)

    @property
    def cam_layer(self) -> nn.Module:
        """The last stage, (B, 256, n // 8)."""
        return self.features[-1]

    def forward(self, signal: Tensor) -> Tensor:
        """Give the logits.

        Parameters
        ----------
        signal : (B, 12, n) float, mV

        Returns
        -------
        (B, K)
        """
        return self.head(self.dropout(self.features(standardised(signal)).mean(-1)))


def standardised(signal: Tensor) -> Tensor:
    """Bring each lead to mean 0 and standard deviation 1, a flat one to 0.

    Parameters
    ----------
    signal : (..., n) Tensor, mV

    Returns
    -------
    (..., n) Tensor
    """
    mean, sd = moments(signal, unbiased=False)
    # Rounding of a constant lead's mean, divided by 1e-8, would be as large as an ECG.
    return torch.where(sd < FLAT_MV, 0.0, (signal - mean) / (sd + SD_OFFSET))
