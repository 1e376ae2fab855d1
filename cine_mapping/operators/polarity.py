"""Which way the heart's vector turns in each disease and wave: towards the wall concerned, or away.

An injury current points to the injured wall; a wall excited late has the last
vector to itself; a scar, an ectopic and a pre-excited site turn the
vector of QRS away and that of T towards or away as the order of repolarisation
follows.

Deviations
----------
- Injury within the endocardium alone turns ST away instead; one sign stands for both.
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
_AWAY_FIRST = {"QRS": -1, "T": 1}
_TOWARDS_LATE = {"QRS": 1, "T": -1}
POLARITY: Mapping[str, Mapping[str, int]] = {
    "ischaemia": {"QRS": 1, "ST": 1},
    "scar": {"QRS": -1, "T": -1},
    "ectopy": _AWAY_FIRST,
    "WPW": _AWAY_FIRST,
    **dict.fromkeys(("LBBB", "RBBB", "LAFB", "LPFB"), _TOWARDS_LATE),
    "LVH": {"QRS": 1},
    "RVH": {"QRS": 1},
}
"""+1: towards the wall concerned, -1: away; waves not named say nothing of place."""
UNKNOWN: Mapping[str, int] = dict.fromkeys(WAVES_MS, 1)
"""Taken for families not named."""


def wave_bins(name: str) -> NDArray[np.bool_]:
    """Bins that begin in a wave, (b,) bool."""
    start, stop = WAVES_MS[name]
    return (BINS_MS[:-1] >= start) & (BINS_MS[:-1] < stop)


def towards(family: str) -> NDArray[np.float64]:
    """Sign of each bin, (b,) float64: +1 where the family's vector points to the wall, -1 away, 0 neither."""
    signs = np.zeros(len(BINS_MS) - 1)
    for wave, sign in POLARITY.get(family, UNKNOWN).items():
        signs[wave_bins(wave)] = sign
    return signs
