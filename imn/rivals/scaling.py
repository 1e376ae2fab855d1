"""How the rivals bring millivolts to numbers of order one."""

import torch
from torch import Tensor

SIGNAL_SD = 0.20
"""Standard deviation in mV of PTB-XL at 100 Hz above the isoelectric line (folds 1 to 8, all leads)."""


def moments(signal: Tensor, *, unbiased: bool) -> tuple[Tensor, Tensor]:
    """Give mean and standard deviation over time.

    Parameters
    ----------
    signal : (..., n) float, mV
    unbiased : bool
        Divide by n - 1 instead of n.

    Returns
    -------
    mean, sd : (..., 1), mV
    """
    sd, mean = torch.std_mean(signal, dim=-1, correction=int(unbiased), keepdim=True)
    return mean, sd
