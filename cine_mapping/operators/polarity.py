"""Which way the heart's vector turns in each disease and wave: towards the wall concerned, or away.

A wall excited late has the last vector to itself; a scar, an ectopic and a
pre-excited site turn the vector of QRS away, and that of T as the order of
repolarisation follows.  An injury current points to the injured wall where it
goes through the wall, and away from it where it ends within: ST counts with either sign.

Deviations
----------
- Waves have fixed times, those of the reference heart, whatever the beat: with
  wide QRS part of it counts as ST.
- Checked on, and the ends of the waves taken from, simulated beats of the families.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cine_mapping.operators.pattern import BINS_MS

WAVES_MS: Mapping[str, tuple[float, float]] = {"QRS": (0, 130), "ST": (130, 240), "T": (240, 420)}
"""From and to, after QRS onset."""
EITHER = 0
_AWAY_FIRST = {"QRS": -1, "T": 1}
_TOWARDS_LATE = {"QRS": 1, "T": -1}
POLARITY: Mapping[str, Mapping[str, int]] = {
    "ischaemia": {"QRS": 1, "ST": EITHER},
    "scar": {"QRS": -1, "T": -1},
    "ectopy": _AWAY_FIRST,
    "WPW": _AWAY_FIRST,
    **dict.fromkeys(("LBBB", "RBBB", "LAFB", "LPFB"), _TOWARDS_LATE),
    "LVH": {"QRS": 1},
    "RVH": {"QRS": 1},
}
"""+1: towards the wall concerned, -1: away, `EITHER`: one of these; waves not named say nothing of place."""
UNKNOWN: Mapping[str, int] = dict.fromkeys(WAVES_MS, 1)
"""Taken for families not named."""


def wave_bins(name: str) -> NDArray[np.bool_]:
    """Bins that begin in a wave, (b,) bool."""
    start, stop = WAVES_MS[name]
    return (BINS_MS[:-1] >= start) & (BINS_MS[:-1] < stop)


def told(courses: NDArray[np.float64], family: str) -> NDArray[np.float64]:
    """Keep of signed courses what speaks for a wall's being concerned.

    ``max(0, s c)`` in each bin with the family's sign s, ``|c|`` where either sign
    speaks for it, 0 in waves that say nothing.  What has the wrong sign says that the
    wall is *not* concerned, so it is dropped, not taken by its size.

    Parameters
    ----------
    courses : (k, b) float64
        In the bins of `pattern.BINS_MS`; positive: the vector points to the place.
    family : str

    Returns
    -------
    (k, b) float64
        Not negative.
    """
    kept = np.zeros_like(courses)
    for wave, sign in POLARITY.get(family, UNKNOWN).items():
        bins = wave_bins(wave)
        seen = courses[:, bins]
        kept[:, bins] = np.abs(seen) if sign == EITHER else (sign * seen).clip(min=0)
    return kept
