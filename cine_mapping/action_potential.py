"""Transmembrane potential of each vertex over one beat.

Logistic upstroke times two logistic decays (van Oosterom & Jacquemet 2005),
in mV.  Repolarisation runs against excitation: the later a cell is excited the
shorter its action potential, the more so on the epicardium, at the apex and in
the right ventricle (Ramanathan et al. 2006, PNAS 103:6309), so that the T wave
has the sign of the QRS.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.activation import Wall

DECAY_MS, DECAY_POWER = (28.0, 9.0), 0.6


@dataclass(frozen=True)
class Repolarisation:
    """Duration of the action potential and what shortens it, ms; ``compensation`` is ms per ms of delay."""

    duration: float = 310.0
    compensation: float = 0.75
    epicardial: float = 50.0
    apical: float = 5.0
    right: float = 0.0


@dataclass(frozen=True)
class Membrane:
    """Potential at rest and rise from it, mV; time constant of the upstroke, ms."""

    rest: float = -85.0
    amplitude: float = 100.0
    upstroke: float = 1.6


@dataclass(frozen=True, eq=False)
class Cells:
    """What each vertex does in a beat: times in ms, potentials in mV, all (n,) float64."""

    activation: NDArray[np.float64]
    duration: NDArray[np.float64]
    rest: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    upstroke: NDArray[np.float64]


def durations(
    wall: Wall, activation: NDArray[np.float64], repolarisation: Repolarisation
) -> NDArray[np.float64]:
    """Give the action potential duration of each vertex, (n,) float64, ms."""
    return (
        repolarisation.duration
        - repolarisation.compensation * (activation - activation.mean())
        - repolarisation.epicardial * ~wall.endocardial
        - repolarisation.apical * wall.depth
        - repolarisation.right * ~wall.left
    )


def potentials(cells: Cells, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Transmembrane potential, (n, t) float64, mV, at `times` (t,) ms after the first excitation."""
    from scipy.special import expit

    since = times - cells.activation[:, None]
    rise = expit(since / cells.upstroke[:, None])
    left = cells.duration[:, None] - since
    fall = np.prod([expit(left / tau) ** DECAY_POWER for tau in DECAY_MS], axis=0)
    return cells.rest[:, None] + cells.amplitude[:, None] * rise * fall
