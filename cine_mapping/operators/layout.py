"""A share for every node, and a total to be laid out by it."""

import numpy as np
from numpy.typing import NDArray


def lay_out(amounts: NDArray[np.floating], total: float) -> NDArray[np.float64]:
    """Scale what is positive so that it sums to a total; evenly where nothing is positive.

    Parameters
    ----------
    amounts : (n,) float
    total : float

    Returns
    -------
    (n,) float64
    """
    positive = np.clip(np.asarray(amounts, dtype=float), 0, None)
    held = positive.sum()
    return total * (positive / held if held > 0 else np.full(len(positive), 1 / len(positive)))
