"""Transmembrane potential of each node over one beat.

Logistic upstroke times two logistic decays (van Oosterom & Jacquemet 2005), in
mV.  How long a cell's action potential lasts is a property of the cell: it
runs against the *normal* order of excitation, and is shorter on the
epicardium and at the apex (Ramanathan et al. 2006, PNAS 103:6309), so that the
normal T wave is upright while an abnormal order of excitation turns it.

Deviations
----------
- The numbers were chosen by random search so that the reference heart's T wave
  has the usual height and width in each lead; other choices fit as well.
- On the epicardium Ramanathan found 32 ms between the ventricles and 42 ms
  between apex and base; here both differences are a few ms only.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.myocardium import Myocardium

DECAY_MS, DECAY_POWER = (45.0, 20.0), 0.8
_TABLE_MS, _TABLE_STEP = 800.0, 0.125
"""The decay is looked up: so long before and after its middle it is 1 and 0 to seven digits."""


@dataclass(frozen=True)
class DurationGradients:
    """Duration of the action potential in ms and what shortens it; ``compensation`` is ms per ms of delay."""

    mean: float = 290.0
    compensation: float = 0.68
    epicardial: float = 41.0
    apical: float = 20.0
    right: float = -8.0
    septal: float = -12.0


@dataclass(frozen=True)
class ActionPotential:
    """Potential at rest and rise from it, mV; time constant of the upstroke, ms."""

    rest: float = -85.0
    amplitude: float = 100.0
    upstroke: float = 1.6


@dataclass(frozen=True, eq=False)
class CellCourse:
    """What each node does in a beat: times in ms, potentials in mV, all (n,) float64.

    A node whose activation is infinite stays at rest.
    """

    activation: NDArray[np.float64]
    duration: NDArray[np.float64]
    rest: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    upstroke: NDArray[np.float64]


def durations(
    myocardium: Myocardium, normal_activation: NDArray[np.float64], gradients: DurationGradients
) -> NDArray[np.float64]:
    """Give the action potential duration of each node, (n,) float64, ms.

    Parameters
    ----------
    myocardium : Myocardium
    normal_activation : (n,) float64, ms
        In a normal beat, whatever the beat at hand.
    gradients : DurationGradients

    Notes
    -----
    Both faces of the septum are endocardium: its depth counts as 0 on both and
    1/2 in the middle (``1 - abs(2 t - 1)`` halved).
    """
    depth = myocardium.transmural.astype(float)
    septum = septal_weight(myocardium)
    depth = (1 - septum) * depth + septum * 0.5 * (1 - np.abs(2 * depth - 1))
    shorter = (
        gradients.compensation * (normal_activation - normal_activation.mean())
        + gradients.epicardial * (depth - depth.mean())
        + gradients.apical * (0.5 - myocardium.apicobasal)
        + gradients.right * (myocardium.ventricle == 1)
        + gradients.septal * septum
    )
    return gradients.mean - shorter


def septal_weight(myocardium: Myocardium) -> NDArray[np.float64]:
    """1 in the septum, 0 in the free walls, falling over 20 degrees where the right ventricle joins, (n,)."""
    angle = np.abs(np.rad2deg(myocardium.rotational.astype(float)))
    return np.clip((65 - angle) / 20, 0, 1) * (myocardium.ventricle == 0)


def transmembrane_potential(course: CellCourse, times: ArrayLike) -> NDArray[np.float32]:
    """Potential above rest of every node, (n, t) float32, mV.

    Parameters
    ----------
    course : CellCourse
    times : (t,) float, ms
        On the clock of the activation times.
    """
    from scipy.special import expit

    excited = np.isfinite(course.activation)
    start = np.where(excited, course.activation, 0.0)
    height = np.where(excited, course.amplitude, 0.0)
    now = np.asarray(times, dtype=np.float32)
    since = now - start.astype(np.float32)[:, None]
    rise = expit(since / course.upstroke.astype(np.float32)[:, None])
    left = course.duration.astype(np.float32)[:, None] - since
    return rise * _decay(left) * height.astype(np.float32)[:, None]


def _decay(left: NDArray[np.floating]) -> NDArray[np.float32]:
    """Share of the plateau that is left so long before the end, ms."""
    from scipy.special import expit

    grid = np.arange(-_TABLE_MS, _TABLE_MS + _TABLE_STEP, _TABLE_STEP)
    table = np.prod([expit(grid / tau) ** DECAY_POWER for tau in DECAY_MS], axis=0).astype(np.float32)
    index = ((left + _TABLE_MS) * (1 / _TABLE_STEP) + 0.5).astype(np.int32)
    return table.take(index, mode="clip")
