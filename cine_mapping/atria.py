"""The P wave: one dipole in each atrium, the right one first.

Deviations from life
--------------------
- The atria do not move with the patient's heart: their lead vectors are those of the
  anatomy the patient was drawn from.
- Nothing spreads within an atrium; no atrial repolarisation.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import ATRIA, REGIONS, SURFACES, Anatomy
from imn.leads import INDEPENDENT_INDEX

ONSET_WIDTHS = 2.5
"""A wave begins so many widths before its centre."""


@dataclass(frozen=True)
class Atria:
    """Two dipoles, each of which rises and falls as a Gaussian.

    Parameters
    ----------
    left, right : (float, float, float)
        Directions, LPS; their length does not count.
    moment : float, mA mm
        Greatest size of each.
    apart : float, ms
        From the middle of the right one to that of the left.
    width : float, ms
        Standard deviation of the Gaussian.
    """

    left: tuple[float, float, float] = (0.75, 0.40, -0.45)
    right: tuple[float, float, float] = (0.30, -0.35, -0.75)
    moment: float = 1.4
    apart: float = 32.0
    width: float = 17.0


@dataclass(frozen=True)
class AtrialSpread:
    """How atria differ between persons, as standard deviations.

    Parameters
    ----------
    turn_deg : float
        Of the directions.
    moment : float
        Of the logarithm of the moment.
    apart, width : float, ms
    """

    turn_deg: float = 10.0
    moment: float = 0.2
    apart: float = 5.0
    width: float = 1.5


@lru_cache(maxsize=4)
def atrial_leads(anatomy: Anatomy) -> NDArray[np.float64]:
    """Mean lead vector of each atrium in the independent leads.

    Parameters
    ----------
    anatomy : Anatomy
        The base of its ventricles stands in for an atrium that it lacks.

    Returns
    -------
    (2, 8, 3) float64, mV per mA mm
        Left, then right.
    """
    base = anatomy.surface == SURFACES.index("basal rim")
    found = []
    for name in ATRIA:
        own = anatomy.region == REGIONS.index(name)
        vertices = own if own.any() else base if base.any() else anatomy.ventricles
        found.append(anatomy.lead_vectors[list(INDEPENDENT_INDEX)][:, vertices].mean(axis=1, dtype=float))
    return np.stack(found)


def draw_atria(rng: np.random.Generator, spread: AtrialSpread, usual: Atria) -> Atria:
    """Draw a person's atria about the usual ones.

    Parameters
    ----------
    rng : Generator
    spread : AtrialSpread
    usual : Atria

    Returns
    -------
    Atria
        Of at least half the usual width.
    """

    def turned(direction: tuple[float, float, float]) -> tuple[float, float, float]:
        unit = np.array(direction) / np.linalg.norm(direction)
        x, y, z = (unit + np.tan(np.deg2rad(spread.turn_deg)) * rng.standard_normal(3)).tolist()
        return x, y, z

    return Atria(
        left=turned(usual.left),
        right=turned(usual.right),
        moment=float(usual.moment * np.exp(spread.moment * rng.standard_normal())),
        apart=usual.apart + spread.apart * float(rng.standard_normal()),
        width=max(usual.width + spread.width * float(rng.standard_normal()), usual.width / 2),
    )


def p_wave(leads: NDArray[np.float64], atria: Atria, since_onset: NDArray[np.float64]) -> NDArray[np.float64]:
    """P wave in the independent leads.

    Parameters
    ----------
    leads : (2, 8, 3) float64
        `atrial_leads`.
    atria : Atria
    since_onset : (t,) float64, ms
        Since the P wave's onset.

    Returns
    -------
    (8, t) float64, mV
    """
    first = ONSET_WIDTHS * atria.width
    wave = np.zeros((leads.shape[1], len(since_onset)))
    for lead, direction, centre in zip(
        leads, (atria.left, atria.right), (first + atria.apart, first), strict=True
    ):
        dipole = atria.moment * np.array(direction) / np.linalg.norm(direction)
        wave += np.outer(lead @ dipole, np.exp(-0.5 * ((since_onset - centre) / atria.width) ** 2))
    return wave
