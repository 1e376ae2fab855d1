"""What the evidence of a beat shows in the independent leads, bin by bin after QRS onset."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.errors import InputError
from imn.leads import INDEPENDENT

BINS_MS = np.concatenate([np.arange(-20.0, 160, 10), np.arange(160.0, 521, 20)])
"""Edges of the bins, ms after QRS onset: 10 ms wide through QRS, 20 ms through ST and T."""
BINS = len(BINS_MS) - 1


@dataclass(frozen=True, eq=False)
class Pattern:
    """What is to be laid out on the heart.

    Parameters
    ----------
    family : str
        What the evidence speaks of, as in `cine_mapping.forward.families`.
    values : (8, b) float64
        Signed, in the leads `INDEPENDENT` and the bins of `BINS_MS`: what the beat
        has more than its reference, mV, or the evidence of a network with the
        sign of the deflection it lies on.
    total : float
        Sum that the map shall have: logit minus bias, or 1 where there is no network.
    """

    family: str
    values: NDArray[np.float64]
    total: float = 1.0

    def __post_init__(self) -> None:
        """Refuse values that do not fit the leads and bins."""
        shape = (len(INDEPENDENT), BINS)
        if np.shape(self.values) != shape or not np.isfinite(self.values).all():
            got = np.shape(self.values)
            msg = f"expected finite values {shape} in leads and bins, got {got}; make them by `binned`"
            raise InputError(msg)


class Operator(Protocol):
    """A mapping onto the canonical wall."""

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Give amounts at the nodes, which sum to the pattern's total.

        Parameters
        ----------
        pattern : Pattern

        Returns
        -------
        (n,) float64
        """
        ...


def binned(leads: ArrayLike, times: ArrayLike) -> NDArray[np.float64]:
    """Average leads over each bin.

    Parameters
    ----------
    leads : (c, t) float
        Zero is taken for what lies beyond the ends.
    times : (t,) float, ms
        After QRS onset, evenly spaced.

    Returns
    -------
    (c, b) float64
    """
    rows, now = np.asarray(leads, dtype=float), np.asarray(times, dtype=float)
    step = now[1] - now[0]
    edges = np.append(now - step / 2, now[-1] + step / 2)
    area = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(rows, axis=1) * step], axis=1)
    at = np.stack([np.interp(BINS_MS, edges, row) for row in area])
    return np.diff(at, axis=1) / np.diff(BINS_MS)
