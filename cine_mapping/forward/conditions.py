"""Conditions of the heart muscle, each with its true region.

A condition is a frozen value with one method, ``changes``, that says what it
does to a heart of some physiology.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.changes import Changes, no_changes, onsets_of
from cine_mapping.forward.eikonal import Onsets, Speeds, distance_from
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.forward.physiology import ANTERIOR, POSTERIOR, RIGHT, SEPTAL, Physiology
from cine_mapping.forward.regions import Ellipsoid, Segments, soft_edge
from imn.errors import InputError

Region = Segments | Ellipsoid
BALL_MM = 20.0
"""An ectopic or pre-excited site is a ball of this radius, through the wall."""


class Condition(Protocol):
    """What `simulate_beat` needs to know of a condition."""

    def changes(self, heart: VirtualHeart, physiology: Physiology) -> Changes:
        """Say what is not as in the normal beat.

        Parameters
        ----------
        heart : VirtualHeart
        physiology : Physiology
            Of the person without the condition.

        Returns
        -------
        Changes

        Raises
        ------
        InputError
            If the condition does not fit: a site, node or region that is not there.
        """
        ...


@dataclass(frozen=True)
class Normal:
    """Sinus rhythm, no disease; no node is true."""

    def changes(self, heart: VirtualHeart, physiology: Physiology) -> Changes:
        """Nothing."""
        return no_changes(heart, physiology)


@dataclass(frozen=True)
class Block:
    """A bundle or fascicle no longer excites its early sites; true is what is excited late.

    Parameters
    ----------
    sites : tuple of str
        Names of the early sites that fall out, as in `Physiology.sites`.
    late : float, ms
        From which delay on a node is true.
    left, right : float
        Factor on the speed of either endocardium: excitation that comes from
        the muscle finds its way back into the Purkinje network late.
    """

    sites: tuple[str, ...]
    late: float = 25.0
    left: float = 1.0
    right: float = 1.0

    def changes(self, heart: VirtualHeart, physiology: Physiology) -> Changes:
        """Drop the sites (see `Condition.changes`).

        Raises
        ------
        InputError
            If a site is unknown, or none is left.
        """
        known = [site.name for site in physiology.sites]
        kept = tuple(site for site in physiology.sites if site.name not in self.sites)
        if not set(self.sites) <= set(known) or not kept:
            msg = f"expected some, not all, of the early sites {', '.join(known)}, got {self.sites}"
            raise InputError(msg)
        normal, speeds = no_changes(heart, physiology), _retrograde(physiology, self.left, self.right)
        return replace(normal, onsets=onsets_of(heart, kept), speeds=speeds, late=self.late)


LBBB = Block((ANTERIOR, SEPTAL, POSTERIOR), left=0.71)
RBBB = Block((RIGHT,), right=0.36)
LAFB = Block((ANTERIOR,), late=10.0)
LPFB = Block((POSTERIOR,), late=10.0)


@dataclass(frozen=True)
class Ectopy:
    """A beat that starts, or is paced, at one node.

    Parameters
    ----------
    node : int
    left, right : float
        Factor on the speed of either endocardium, as in `Block`.
    """

    node: int
    left: float = 0.75
    right: float = 0.65

    def changes(self, heart: VirtualHeart, physiology: Physiology) -> Changes:
        """Leave no other early site; true is a ball about the node."""
        normal, speeds = no_changes(heart, physiology), _retrograde(physiology, self.left, self.right)
        start = Onsets(np.array([self.node]), np.zeros(1))
        return replace(normal, onsets=start, speeds=speeds, truth=_ball(heart, self.node))


@dataclass(frozen=True)
class Preexcitation:
    """An accessory pathway (Wolff, Parkinson and White) excites a node before the bundle of His does.

    Parameters
    ----------
    node : int
        One of `regions.av_ring`.
    early : float, ms
        Before the first normal site.
    """

    node: int
    early: float = 60.0

    def changes(self, heart: VirtualHeart, physiology: Physiology) -> Changes:
        """Add the site; true is a ball about it."""
        normal = no_changes(heart, physiology)
        start = Onsets(
            np.append(normal.onsets.nodes, self.node),
            np.append(normal.onsets.times, normal.onsets.times.min() - self.early),
        )
        return replace(normal, onsets=start, truth=_ball(heart, self.node))


@dataclass(frozen=True)
class Ischaemia:
    """Acute ischaemia: cells partly depolarised, with low, short and slow action potentials.

    Parameters
    ----------
    region : Segments or Ellipsoid
    rest, amplitude : float, mV
        Added to the potential at rest and to the rise from it.
    duration, speed, upstroke : float
        Factors on the duration, on the conduction velocity and on the upstroke's time constant.
    border : float, mm
        Over which severity rises from 0 to 1.
    """

    region: Region
    rest: float = 25.0
    amplitude: float = -55.0
    duration: float = 0.88
    speed: float = 0.65
    upstroke: float = 1.9
    border: float = 8.0

    def changes(self, heart: VirtualHeart, physiology: Physiology) -> Changes:
        """Alter the cells in the region by severity; true is the region."""
        inside = _inside(self.region, heart)
        severity = soft_edge(heart.myocardium, inside, self.border)
        return replace(
            no_changes(heart, physiology),
            speed=1 + (self.speed - 1) * severity,
            rest=self.rest * severity,
            amplitude=self.amplitude * severity,
            duration=1 + (self.duration - 1) * severity,
            upstroke=1 + (self.upstroke - 1) * severity,
            truth=inside,
        )


@dataclass(frozen=True)
class Infarct:
    """Old infarct: a core without excitation or intracellular conduction in a slow border.

    Parameters
    ----------
    region : Segments or Ellipsoid
        The core.
    speed : float
        Factor on the conduction velocity at the core's edge.
    border : float, mm
        Within which the velocity comes back to normal.
    """

    region: Region
    speed: float = 0.6
    border: float = 5.0

    def changes(self, heart: VirtualHeart, physiology: Physiology) -> Changes:
        """Kill the core; true is the core."""
        core = _inside(self.region, heart)
        border = 2 * soft_edge(heart.myocardium, core, 2 * self.border).clip(0, 0.5)
        return replace(
            no_changes(heart, physiology),
            speed=1 + (self.speed - 1) * border,
            blocked=core,
            conductivity=np.where(core, 0.0, 1.0),
            truth=core,
        )


@dataclass(frozen=True)
class Hypertrophy:
    """Thick wall as a stronger and slower one; the mesh keeps its shape.

    Parameters
    ----------
    ventricle : int
        Index into `VENTRICLES`.
    source, speed : float
        Factors on the intracellular conductivity, i.e. on the source, and on the velocity.
    """

    ventricle: int = 0
    source: float = 1.6
    speed: float = 0.85

    def changes(self, heart: VirtualHeart, physiology: Physiology) -> Changes:
        """Alter one ventricle, which is the truth."""
        inside = heart.myocardium.ventricle == self.ventricle
        return replace(
            no_changes(heart, physiology),
            speed=np.where(inside, self.speed, 1.0),
            conductivity=np.where(inside, self.source, 1.0),
            truth=inside,
        )


def _retrograde(physiology: Physiology, left: float, right: float) -> Speeds:
    usual = physiology.speeds
    return replace(
        usual,
        left_endocardium=left * usual.left_endocardium,
        right_endocardium=right * usual.right_endocardium,
    )


def _inside(region: Region, heart: VirtualHeart) -> NDArray[np.bool_]:
    inside = region.nodes(heart.myocardium, heart.graph)
    if not inside.any():
        msg = f"expected a region with at least one node of the wall, got {region}; make it larger"
        raise InputError(msg)
    return inside


def _ball(heart: VirtualHeart, node: int) -> NDArray[np.bool_]:
    if not 0 <= node < heart.graph.nodes:
        msg = f"expected a node from 0 to {heart.graph.nodes - 1}, got {node}; choose one of the myocardium"
        raise InputError(msg)
    return distance_from(heart.graph, np.array([node]), limit=BALL_MM) <= BALL_MM
