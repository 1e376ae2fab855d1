"""xresnet1d101 of the PTB-XL benchmark: Strodthoff et al., IEEE JBHI 25 (2021) 1519.

fastai's xresnet (He et al., Bag of tricks, CVPR 2019) over time: a stem of three
convolutions, 3 + 4 + 23 + 3 bottleneck blocks, mean and maximum over time, and a
head of two linear layers.  Widths, kernels, head and first weights are those of
the benchmark's published settings (github.com/helme/ecg_ptbxl_benchmarking), where
every stage is 64 wide and every normalisation begins at one.

Deviations
----------
* The whole recording is read at once; the benchmark takes the maximum over crops of 2.5 s.
* Millivolts are divided by a constant; the benchmark standardises by its data.
"""

import torch
from torch import Tensor, nn

from imn.leads import LEADS
from imn.rivals.scaling import SIGNAL_SD

STEM = (32, 32, 64)
WIDTH = 64
EXPANSION = 4
BLOCKS = (3, 4, 23, 3)
KERNEL = 5
HEAD = 128
DROPOUT = 0.5


def _conv(into: int, out: int, kernel: int, stride: int = 1) -> tuple[nn.Module, nn.Module]:
    conv = nn.Conv1d(into, out, kernel, stride=stride, padding=kernel // 2, bias=False)
    return conv, nn.BatchNorm1d(out)


class Bottleneck(nn.Module):
    """Narrow, convolve, widen; the shortcut is averaged where time is halved."""

    def __init__(self, into: int, out: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_conv(into, WIDTH, 1), nn.ReLU(),
            *_conv(WIDTH, WIDTH, KERNEL, stride), nn.ReLU(),
            *_conv(WIDTH, out, 1),
        )  # fmt: skip
        pool = [nn.AvgPool1d(2, ceil_mode=True)] if stride > 1 else []
        self.shortcut = nn.Sequential(*pool, *(_conv(into, out, 1) if into != out else ()))
        self.act = nn.ReLU()

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, into, n) to (B, out, ceil(n / stride))."""
        return self.act(self.body(hidden) + self.shortcut(hidden))


def _blocks() -> list[nn.Module]:
    out = EXPANSION * WIDTH
    return [
        Bottleneck(STEM[-1] if stage == block == 0 else out, out, 2 if stage and not block else 1)
        for stage, n_blocks in enumerate(BLOCKS)
        for block in range(n_blocks)
    ]


def _first_weights(module: nn.Module) -> None:
    """Draw weights by He et al. 2015; biases are zero, normalisations the identity."""
    if isinstance(module, nn.Conv1d | nn.Linear):
        nn.init.kaiming_normal_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class XResNet1d101(nn.Module):
    """xresnet1d101 of the PTB-XL benchmark.

    Parameters
    ----------
    n_labels : int
        K.
    """

    def __init__(self, n_labels: int) -> None:
        super().__init__()
        stem = [
            nn.Sequential(*_conv(into, out, KERNEL, stride), nn.ReLU())
            for into, out, stride in zip((len(LEADS), *STEM), STEM, (2, 1, 1), strict=False)
        ]
        self.stem = nn.Sequential(*stem, nn.MaxPool1d(3, stride=2, padding=1))
        self.blocks = nn.Sequential(*_blocks())
        pooled = 2 * EXPANSION * WIDTH
        self.head = nn.Sequential(
            nn.BatchNorm1d(pooled), nn.Dropout(DROPOUT / 2), nn.Linear(pooled, HEAD), nn.ReLU(),
            nn.BatchNorm1d(HEAD), nn.Dropout(DROPOUT), nn.Linear(HEAD, n_labels),
        )  # fmt: skip
        self.apply(_first_weights)

    @property
    def cam_layer(self) -> nn.Module:
        """The last block, (B, 256, about n / 32)."""
        return self.blocks[-1]

    def forward(self, signal: Tensor) -> Tensor:
        """Give the logits.

        Parameters
        ----------
        signal : (B, 12, n) float, mV

        Returns
        -------
        (B, K)
        """
        features = self.blocks(self.stem(signal / SIGNAL_SD))
        return self.head(torch.cat([features.amax(-1), features.mean(-1)], dim=1))
