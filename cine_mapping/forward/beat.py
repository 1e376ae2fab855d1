"""One beat of a virtual heart in twelve leads, with the truth.

Limits
------
- No atria: neither P wave nor atrial repolarisation; no U wave.
- No noise, no other heart position: one heart in one torso of one conductivity.
- Excitation knows no fatigue: no block by rate, no re-entry.
- Cells even out repolarisation by one coefficient only (`DurationGradients.coupling`), wherever they lie.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.changes import Changes, no_changes
from cine_mapping.forward.conditions import Condition, Normal
from cine_mapping.forward.eikonal import activation_times
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.forward.physiology import Physiology
from cine_mapping.forward.potentials import CellCourse, durations, lead_voltages
from imn.leads import EXPANSION, INDEPENDENT_INDEX

WINDOW_MS = (-96.0, 720.0)
STEP_MS = 2.0


@dataclass(frozen=True, eq=False)
class VirtualBeat:
    """One beat.

    Parameters
    ----------
    leads : (12, t) float64, mV
        Zero between T and P.
    times : (t,) float64, ms
        On the clock of the early sites: 0 is when the bundle of His excites the first of them.
    truth : (n,) bool
        Diseased nodes of the myocardium.
    activation : (n,) float64, ms
        Infinite where a node is never excited.
    """

    leads: NDArray[np.float64]
    times: NDArray[np.float64]
    truth: NDArray[np.bool_]
    activation: NDArray[np.float64]


def simulate_beat(
    heart: VirtualHeart,
    condition: Condition | None = None,
    *,
    physiology: Physiology = Physiology(),  # noqa: B008 -- frozen
    step: float = STEP_MS,
) -> VirtualBeat:
    """Simulate one beat.

    Parameters
    ----------
    heart : VirtualHeart
    condition : Condition, optional
        One of `cine_mapping.forward.conditions`; normal by default.
    physiology : Physiology
    step : float, ms
        Between samples.

    Returns
    -------
    VirtualBeat

    Raises
    ------
    InputError
        If the condition does not fit the heart (a node or a region it does not have).
    """
    changes = (condition or Normal()).changes(heart, physiology)
    course = excite(heart, changes, physiology)
    times = np.arange(*WINDOW_MS, step)
    transfer = heart.transfer_with(changes.conductivity)[list(INDEPENDENT_INDEX)]
    leads = EXPANSION @ lead_voltages(transfer, course, times)
    late = course.activation > normal_activation(heart, physiology) + changes.late
    return VirtualBeat(leads, times, changes.truth | late, course.activation)


def excite(heart: VirtualHeart, changes: Changes, physiology: Physiology) -> CellCourse:
    """Activation and action potential of every node.

    Parameters
    ----------
    heart : VirtualHeart
    changes : Changes
        What is not as in the normal beat.
    physiology : Physiology

    Returns
    -------
    CellCourse
    """
    membrane, gradients = physiology.action_potential, physiology.gradients
    normal, activation = normal_activation(heart, physiology), _activation(heart, changes)
    later = np.where(np.isfinite(activation), activation - normal, 0.0)
    duration = durations(heart.myocardium, normal, gradients) - gradients.coupling * (later - later.mean())
    return CellCourse(
        activation=activation,
        duration=duration * changes.duration,
        rest=membrane.rest + changes.rest,
        amplitude=membrane.amplitude + changes.amplitude,
        upstroke=membrane.upstroke * changes.upstroke,
    )


@lru_cache(maxsize=16)
def normal_activation(heart: VirtualHeart, physiology: Physiology) -> NDArray[np.float64]:
    """Activation times of the normal beat, kept for each heart and physiology in use.

    Parameters
    ----------
    heart : VirtualHeart
    physiology : Physiology

    Returns
    -------
    (n,) float64, ms
    """
    return _activation(heart, no_changes(heart, physiology))


def _activation(heart: VirtualHeart, changes: Changes) -> NDArray[np.float64]:
    return activation_times(
        heart.graph, changes.speeds, changes.onsets, factor=changes.speed, blocked=changes.blocked
    )
