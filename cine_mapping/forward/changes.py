"""What a condition changes in a heart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.eikonal import Onsets, Speeds
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.forward.physiology import Physiology
from cine_mapping.purkinje import PurkinjeSite, early_nodes


@dataclass(frozen=True, eq=False)
class Changes:
    """Where excitation starts, how it spreads, what cells do, and where the truth lies.

    Parameters
    ----------
    onsets : Onsets
    speeds : Speeds
    speed : (n,) float64
        Factor on the speed.
    blocked : (n,) bool
        Nodes that are never excited.
    conductivity : (n,) float64
        Factor on the intracellular conductivity.
    rest, amplitude : (n,) float64, mV
        Added to the potential at rest and to the rise from it.
    duration, upstroke : (n,) float64
        Factors on the action potential's duration and on the upstroke's time constant.
    truth : (n,) bool
        Diseased nodes; none where it is the delay that counts.
    late : float, ms
        Nodes excited so much later than in the normal beat are the truth, besides.
    """

    onsets: Onsets
    speeds: Speeds
    speed: NDArray[np.float64]
    blocked: NDArray[np.bool_]
    conductivity: NDArray[np.float64]
    rest: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    duration: NDArray[np.float64]
    upstroke: NDArray[np.float64]
    truth: NDArray[np.bool_]
    late: float = np.inf


def no_changes(heart: VirtualHeart, physiology: Physiology) -> Changes:
    """Describe the normal beat, to be altered with `dataclasses.replace`.

    Parameters
    ----------
    heart : VirtualHeart
    physiology : Physiology
        Its sites and speeds.

    Returns
    -------
    Changes
        Factors of one, nothing added, no node blocked or diseased.
    """
    zero, one = np.zeros(heart.graph.nodes), np.ones(heart.graph.nodes)
    none = np.zeros(heart.graph.nodes, dtype=bool)
    return Changes(
        onsets=onsets_of(heart, physiology.sites),
        speeds=physiology.speeds,
        speed=one,
        blocked=none,
        conductivity=one,
        rest=zero,
        amplitude=zero,
        duration=one,
        upstroke=one,
        truth=none,
    )


def onsets_of(heart: VirtualHeart, sites: tuple[PurkinjeSite, ...]) -> Onsets:
    """Find the nodes and times of early sites.

    Parameters
    ----------
    heart : VirtualHeart
    sites : tuple of PurkinjeSite

    Returns
    -------
    Onsets
        In the order of the sites.
    """
    return Onsets(early_nodes(heart.myocardium, sites), np.array([site.delay for site in sites], dtype=float))
