"""Medians and quantiles of small arrays."""

import numpy as np
from numpy.typing import NDArray


def quantile(values: NDArray[np.float64], share: float, axis: int = -1) -> NDArray[np.float64]:
    """Do as `numpy.quantile` where nothing is NaN; on arrays this small that takes five times as long.

    Parameters
    ----------
    values : (..., n, ...) float64
    share : float
        From 0 to 1.
    axis : int
        The one that is lost.

    Returns
    -------
    (..., ...) float64
    """
    ordered, last = np.sort(values, axis=axis), values.shape[axis] - 1
    low = int(share * last)
    below, above = ordered.take(low, axis=axis), ordered.take(min(low + 1, last), axis=axis)
    return below + (share * last - low) * (above - below)


def middle(values: NDArray[np.float64], axis: int = 0) -> NDArray[np.float64]:
    """Median along an axis, as `quantile`."""
    return quantile(values, 0.5, axis)
