"""How much of a recording one feature of the convolutional network depends on, and holding that constant.

Four convolutions, a halving after each of the first three: convolution i works on every
2**i-th sample, so a kernel of k taps, d apart, widens the field by ``2**i * (k - 1) * d``
samples, and halving i widens it by ``2**i``.
"""

from dataclasses import dataclass
from itertools import product

KERNELS = (7, 5, 5, 3)
UNDILATED = (1, 1, 1, 1)
HALVED = 1 + 2 + 4


@dataclass(frozen=True)
class Field:
    """Kernels and dilations of the four convolutions; as published by default.

    Parameters
    ----------
    kernels : (4,) tuple of int
        Odd.
    dilations : (4,) tuple of int
    """

    kernels: tuple[int, ...] = KERNELS
    dilations: tuple[int, ...] = UNDILATED

    @property
    def samples(self) -> int:
        """Width of the receptive field."""
        widths = (
            2**i * (k - 1) * d for i, (k, d) in enumerate(zip(self.kernels, self.dilations, strict=True))
        )
        return 1 + HALVED + sum(widths)

    def seconds(self, fs: float) -> float:
        """Give the width of the receptive field at a rate, s."""
        return self.samples / fs


PUBLISHED = Field()
HELD_S = PUBLISHED.samples / 62
"""0.87 s: the published field at the lowest rate, about one beat.

At every higher rate it is reached by dilation alone, which leaves the number of parameters as it is.
"""
SHORT_S = PUBLISHED.samples / 500
"""0.108 s: the published field at the highest rate."""


def field_for(fs: float, seconds: float) -> Field:
    """Find the network whose receptive field comes closest to a duration.

    Wider than published: taps are spread, all by the same whole number or one more.  Narrower:
    kernels are cut, which takes parameters away; there is no other way.

    Parameters
    ----------
    fs : float, Hz
    seconds : float, s

    Returns
    -------
    Field
    """
    wanted = seconds * fs
    if wanted >= PUBLISHED.samples:
        spread = (wanted - HALVED - 1) / (PUBLISHED.samples - HALVED - 1)
        choices = [Field(KERNELS, d) for d in product((int(spread), int(spread) + 1), repeat=len(KERNELS))]
    else:
        choices = [Field(k) for k in product(*(range(1, kernel + 1, 2) for kernel in KERNELS))]
    return min(choices, key=lambda field: abs(field.samples - wanted))
