"""The four published classifiers that ours is measured against, built anew from their descriptions."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

_CLASSES = {
    "paper": ("imn.rivals.paper", "PaperIMN"),
    "xresnet1d101": ("imn.rivals.xresnet", "XResNet1d101"),
    "s4": ("imn.rivals.s4", "S4Classifier"),
    "cnn": ("imn.rivals.sampling_cnn", "SamplingCNN"),
}


def _builder(module: str, name: str) -> "Callable[[int], nn.Module]":
    def build(n_labels: int) -> "nn.Module":
        return getattr(import_module(module), name)(n_labels)

    return build


RIVALS: "Mapping[str, Callable[[int], nn.Module]]" = MappingProxyType(
    {name: _builder(*where) for name, where in _CLASSES.items()}
)
"""Name to builder; a builder takes the number of labels K.

Each module it builds maps (B, 12, n) float at 100 Hz in mV to (B, K) logits, and
has ``cam_layer``, the module whose output Grad-CAM weighs: (B, channels, m), or
(B, channels, 12, m) for ``paper``.  torch is imported when one is built.
"""

__all__ = ["RIVALS"]
