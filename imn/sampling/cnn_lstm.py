"""The convolutional-recurrent network of "Sampling Matters", Mahmuod et al., arXiv 2604.16437 (2026).

Eight convolutions, each followed by halving, then an LSTM over what is left of time.  A feature
before the LSTM sees 2551 samples; there are 3, 4, 10 and 20 of them in 10 s at 62, 100, 250 and 500 Hz.

Deviations
----------
* One output with a sigmoid in place of a softmax over two.
* Flat leads and standardisation as in `imn.rivals.sampling_cnn`.
* Which half of the channels is averaged is not known; here the first.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from imn.leads import LEADS
from imn.rivals.sampling_cnn import standardised

WIDTHS = (32, 32, 64, 64, 128, 128, 256, 256)
KERNEL, PADDING = 10, 5
HIDDEN = 128
DROPOUT = 0.3


class _Stage(nn.Module):
    def __init__(self, into: int, out: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(into)
        self.conv = nn.Conv1d(into, out, KERNEL, padding=PADDING, bias=False)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor) -> Tensor:
        mean, largest = self.dropout(functional.relu(self.conv(self.norm(x)))).chunk(2, dim=1)
        return torch.cat([functional.avg_pool1d(mean, 2), functional.max_pool1d(largest, 2)], dim=1)


class CNNLSTM(nn.Module):
    """CNN-LSTM ("8CSL") of the sampling-rate study.

    Parameters
    ----------
    n_labels : int
    """

    def __init__(self, n_labels: int) -> None:
        super().__init__()
        self.features = nn.Sequential(*map(_Stage, (len(LEADS), *WIDTHS[:-1]), WIDTHS))
        self.lstm = nn.LSTM(WIDTHS[-1], HIDDEN, batch_first=True)
        self.dropout = nn.Dropout(DROPOUT)
        self.head = nn.Linear(HIDDEN, n_labels)

    def forward(self, signal: Tensor) -> Tensor:
        """Give the logits, (B, n_labels), of (B, 12, n) float, mV."""
        steps, _ = self.lstm(self.features(standardised(signal)).transpose(1, 2))
        return self.head(self.dropout(steps.mean(1)))
