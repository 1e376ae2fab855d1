"""Transmembrane potential of each node over one beat.

Logistic upstroke less the loss of the plateau, two logistic decays (van Oosterom
& Jacquemet 2005), in mV.  How long a cell's action potential lasts is a property
of the cell: it runs against the *normal* order of excitation, and is shorter on
the epicardium and at the apex (Ramanathan et al. 2006, PNAS 103:6309), so that the
normal T wave is upright while an abnormal order of excitation turns it; coupling
between cells takes some of that back.

Deviations
----------
- Their upstroke *times* the decays is here their upstroke *less* what the decays
  take: the same to 1 % for action potentials over 150 ms, but a sum of two
  courses that all cells share, so that leads need no potential of each node.
- The numbers were chosen by random search so that T waves of normal beats and of
  both bundle branch blocks are, on average over geometries, as in PTB-XL (class
  medians); other choices fit as well.
- On the epicardium Ramanathan found 32 ms between the ventricles and 42 ms
  between apex and base; here 12 and 34 ms, and the septum lasts 49 ms longer.
- Coupling is one number for all cells, not diffusion.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.myocardium import Myocardium

DECAY_MS, DECAY_POWER = (45.0, 20.0), 0.8
GRID_MS, UPSTROKES = 1.0, 6
"""To which times and how many upstrokes nodes are gathered (linearly between two)."""


@dataclass(frozen=True)
class DurationGradients:
    """Duration of the action potential and what shortens it.

    Parameters
    ----------
    mean : float, ms
    compensation : float, ms per ms
        By the delay in the normal beat: what is excited late recovers sooner.
    epicardial : float, ms
        From endocardium to epicardium.
    apical : float, ms
        From base to apex.
    right : float, ms
        In the right ventricle.
    septal : float, ms
        In the septum; negative where it is longer.
    coupling : float, ms per ms
        By which a cell is later than in the normal beat: its neighbours, already
        recovering, draw it along.
    """

    mean: float = 251.1
    compensation: float = 0.71
    epicardial: float = 16.6
    apical: float = 34.0
    right: float = 11.7
    septal: float = -48.9
    coupling: float = 0.45


@dataclass(frozen=True)
class ActionPotential:
    """Height and upstroke of the action potential.

    Parameters
    ----------
    rest : float, mV
    amplitude : float, mV
        Rise from rest.
    upstroke : float, ms
        Time constant.
    """

    rest: float = -85.0
    amplitude: float = 100.0
    upstroke: float = 1.6


@dataclass(frozen=True, eq=False)
class CellCourse:
    """What each node does in a beat.

    Parameters
    ----------
    activation : (n,) float64, ms
        A node whose activation is infinite stays at rest.
    duration : (n,) float64, ms
    rest, amplitude : (n,) float64, mV
        Potential at rest, and rise from it.
    upstroke : (n,) float64, ms
        Time constant.
    """

    activation: NDArray[np.float64]
    duration: NDArray[np.float64]
    rest: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    upstroke: NDArray[np.float64]


def durations(
    myocardium: Myocardium, normal_activation: NDArray[np.float64], gradients: DurationGradients
) -> NDArray[np.float64]:
    """Give the action potential duration of each node.

    Parameters
    ----------
    myocardium : Myocardium
    normal_activation : (n,) float64, ms
        In a normal beat, whatever the beat at hand.
    gradients : DurationGradients

    Returns
    -------
    (n,) float64, ms

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
    """Tell what belongs to the septum.

    Parameters
    ----------
    myocardium : Myocardium

    Returns
    -------
    (n,) float64
        1 in the septum, 0 in the free walls, falling over 20 degrees where the right ventricle joins.
    """
    angle = np.abs(np.rad2deg(myocardium.rotational.astype(float)))
    return np.clip((65 - angle) / 20, 0, 1) * (myocardium.ventricle == 0)


def transmembrane_potential(course: CellCourse, times: ArrayLike) -> NDArray[np.float64]:
    """Potential above rest of every node.

    Parameters
    ----------
    course : CellCourse
    times : (t,) float, ms
        On the clock of the activation times.

    Returns
    -------
    (n, t) float64, mV
    """
    excited = np.isfinite(course.activation)
    start = np.where(excited, course.activation, 0.0)
    height = np.where(excited, course.amplitude, 0.0)
    since = np.asarray(times, dtype=float) - start[:, None]
    course_of = rise(since, course.upstroke[:, None]) - fall(since - course.duration[:, None])
    return height[:, None] * course_of


def rise(since: ArrayLike, upstroke: ArrayLike) -> NDArray[np.float64]:
    """Share of the upstroke that is done.

    Parameters
    ----------
    since : (...) float, ms
        Time since its middle.
    upstroke : (...) float, ms
        Time constant; broadcast against the times.

    Returns
    -------
    (...) float64
        0 to 1.
    """
    from scipy.special import expit

    return np.asarray(expit(np.asarray(since, dtype=float) / upstroke), dtype=np.float64)


def fall(since: ArrayLike) -> NDArray[np.float64]:
    """Share of the plateau that is lost.

    Parameters
    ----------
    since : (...) float, ms
        Time since its end.

    Returns
    -------
    (...) float64
        0 to 1.
    """
    from scipy.special import expit

    after = np.asarray(since, dtype=float)
    return 1 - np.prod([expit(-after / tau) ** DECAY_POWER for tau in DECAY_MS], axis=0)


def lead_voltages(
    transfer: NDArray[np.float64], course: CellCourse, times: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give ``transfer @ transmembrane_potential(course, times)`` without the potential of every node.

    Nodes that rise, or fall, at the same time are added up before they are
    given their course in time: within 0.5 % of the exact product.

    Parameters
    ----------
    transfer : (l, n) float64, mV per mV
    course : CellCourse
    times : (t,) float64, ms
        Evenly spaced.

    Returns
    -------
    (l, t) float64, mV
    """
    excited = np.isfinite(course.activation)
    start, upstroke = course.activation[excited], course.upstroke[excited]
    source = (transfer * course.amplitude)[:, excited]
    levels = _levels(upstroke)
    leads = np.zeros((len(transfer), len(times)))
    for level, share in zip(levels, _shares(upstroke, levels), strict=True):
        leads += _in_time(source * share, start, times, partial(rise, upstroke=level))
    return leads - _in_time(source, start + course.duration[excited], times, fall)


def _levels(upstroke: NDArray[np.float64]) -> NDArray[np.float64]:
    if not upstroke.size or np.ptp(upstroke) < 1e-9:
        return upstroke[:1]
    return np.linspace(upstroke.min(), upstroke.max(), UPSTROKES)


def _shares(values: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight of each level in each value, linear between two levels, (k, n)."""
    if len(levels) < 2:
        return np.ones((len(levels), len(values)))
    place = (values - levels[0]) / (levels[1] - levels[0])
    return (1 - np.abs(place - np.arange(len(levels))[:, None])).clip(0)


def _in_time(
    source: NDArray[np.float64],
    start: NDArray[np.float64],
    times: NDArray[np.float64],
    course: Callable[[ArrayLike], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Sum over nodes of ``source * course(times - start)``, nodes gathered on a grid, (l, t)."""
    if not start.size:
        return np.zeros((len(source), len(times)))
    first = start.min()
    place = (start - first) / GRID_MS
    below = place.astype(np.int64)
    over, bins = place - below, int(below.max()) + 2
    gathered = np.stack(
        [
            np.bincount(below, row * (1 - over), bins) + np.bincount(below + 1, row * over, bins)
            for row in source
        ]
    )
    return gathered @ course(times - (first + GRID_MS * np.arange(bins))[:, None])
