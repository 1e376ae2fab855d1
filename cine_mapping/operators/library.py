"""Simulated beats with their true regions, in the form that mappings are given: what they learn from.

The same beats serve three domains, which differ in what the pattern is:

``own``
    The beat less the same patient's normal beat, mV.
``generic``
    The beat less the mean normal beat of many patients, mV.
``network``
    A network's evidence, signed by the deflection it lies on.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.operators.patches import Patches
from cine_mapping.operators.pattern import BINS
from imn.errors import InputError

DOMAINS = ("own", "generic", "network")
UNIT_MV, UNIT_RMS = 0.02, 0.3
"""Where the logarithmic part of `shaped` bends: in mV, and for evidence against its own size."""
FAINT = 1e-9


@dataclass(frozen=True, eq=False)
class Library:
    """Patterns of one domain and what lies behind them.

    Parameters
    ----------
    domain : str
        One of `DOMAINS`.
    values : (s, 8, b) float32
        As `pattern.Pattern.values`.
    family : (s,) int
        Index into `localisation.cases.NAMES`.
    truth : (s, p) float32
        Diseased share of each patch.
    """

    domain: str
    values: NDArray[np.float32]
    family: NDArray[np.integer]
    truth: NDArray[np.float32]

    def of(self, family: int) -> "Library":
        """Pick one family."""
        rows = self.family == family
        return Library(self.domain, self.values[rows], self.family[rows], self.truth[rows])


def occupied(masks: NDArray[np.bool_], patches: Patches) -> NDArray[np.float32]:
    """Diseased share of each patch from diseased nodes.

    Parameters
    ----------
    masks : (s, n) bool
    patches : Patches

    Returns
    -------
    (s, p) float32
    """
    return np.asarray((patches.gather @ masks.T.astype(np.float32)).T)


def require_family(family: str, known: Collection[str]) -> None:
    """Refuse a family of conditions that a mapping has not learned.

    Raises
    ------
    InputError
    """
    if family not in known:
        msg = f"expected a family of conditions, got {family!r}; choose from {', '.join(known)}"
        raise InputError(msg)


def directions(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Patterns as unit vectors.

    Parameters
    ----------
    values : (s, 8, b) float

    Returns
    -------
    (s, 8 b) float64
    """
    rows = np.asarray(values, dtype=float).reshape(len(values), -1)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), FAINT)


def shaped(values: NDArray[np.floating], domain: str) -> NDArray[np.float64]:
    """Patterns as a network takes them: their shape, their faint parts, and how large they are.

    Parameters
    ----------
    values : (s, 8, b) float
    domain : str
        The size of evidence says how sure a network is, not how large a region
        is, and is left out.

    Returns
    -------
    (s, 16 b + 1) float64
    """
    rows = np.asarray(values, dtype=float).reshape(len(values), 8 * BINS)
    size = np.sqrt((rows**2).mean(axis=1, keepdims=True)) + FAINT
    bend = UNIT_RMS * size if domain == "network" else UNIT_MV
    faint = np.sign(rows) * np.log1p(np.abs(rows) / bend)
    told = np.zeros_like(size) if domain == "network" else np.log(size + 1e-3)
    return np.concatenate([rows / size, faint, told], axis=1)
