"""What a map must beat: maps that know nothing, evidence that says nothing, hearts that lie otherwise.

Each control has the form of a mapping: planned once, `apply` gives amounts at
the canonical nodes that sum to the pattern's total.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.eikonal import ExcitationGraph, distance_from
from cine_mapping.forward.heart import VirtualHeart, place_heart
from cine_mapping.forward.patients import Setting
from cine_mapping.myocardium import LV_ENDOCARDIUM, Myocardium
from cine_mapping.operators.pattern import Operator, Pattern
from cine_mapping.operators.spatial_filter import lay_by_density
from cine_mapping.volume_conductor import solve_torso

FALL_MM = 20.0
"""Over which the density about a place falls to 1/e; only its order counts for the scores."""
TURNS: Mapping[str, tuple[float, float]] = {
    "rolled +20": (20.0, 0.0),
    "rolled -20": (-20.0, 0.0),
    "tilted +20": (0.0, 20.0),
    "tilted -20": (0.0, -20.0),
}
"""Turn about the long axis, and about the axis across it and the septum, degrees."""


@dataclass(frozen=True, eq=False)
class FixedMap:
    """The same map whatever the pattern: all of the wall, or one place.

    Parameters
    ----------
    shares : (n,) float64
        Sum to one.
    """

    shares: NDArray[np.float64]

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Lay out the pattern's total by the shares."""
        return pattern.total * self.shares


@dataclass(frozen=True, eq=False)
class RandomPlace:
    """About a place drawn evenly from the wall, another one for each pattern.

    Parameters
    ----------
    graph : ExcitationGraph
    volumes : (n,) float64, mm3
    seed : int
        With the pattern it decides the place, so that the order of patterns does not matter.
    """

    graph: ExcitationGraph
    volumes: NDArray[np.float64]
    seed: int = 0

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Lay out the pattern's total about the place."""
        node = _draws(pattern, self.seed).choice(len(self.volumes), p=self.volumes / self.volumes.sum())
        away = distance_from(self.graph, np.array([node]), limit=np.inf)
        return lay_by_density(np.exp(-away / FALL_MM), self.volumes, pattern.total)


@dataclass(frozen=True, eq=False)
class PermutedLeads:
    """A mapping that is told the leads in a wrong order, another one for each pattern.

    Parameters
    ----------
    operator : Operator
    seed : int
    """

    operator: Operator
    seed: int = 0

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Map the pattern with its leads exchanged, none in its own place."""
        rng, own = _draws(pattern, self.seed), np.arange(len(pattern.values))
        order = rng.permutation(own)
        while (order == own).any():
            order = rng.permutation(own)
        return self.operator.apply(replace(pattern, values=pattern.values[order]))


@dataclass(frozen=True, eq=False)
class SignalEnergy:
    """A mapping that is told where the beat is large instead of what the evidence is.

    Parameters
    ----------
    operator : Operator
    normal : (8, b) float64, mV
        The normal beat of the heart mapped onto, binned: the pattern added to
        it stands for the beat where the patient's own is not at hand.
    """

    operator: Operator
    normal: NDArray[np.float64]

    def apply(self, pattern: Pattern, beat: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Map the beat's energy, with the sign of its deflections, in place of the evidence.

        Parameters
        ----------
        pattern : Pattern
        beat : (8, b) float64, mV, optional
            The patient's, binned.

        Returns
        -------
        (n,) float64
        """
        seen = self.normal + pattern.values if beat is None else beat
        return self.operator.apply(replace(pattern, values=seen * np.abs(seen)))


def plan_all_positive(myocardium: Myocardium) -> FixedMap:
    """All of the wall alike.

    Parameters
    ----------
    myocardium : Myocardium

    Returns
    -------
    FixedMap
        Shares by volume.
    """
    volumes = myocardium.node_volumes
    return FixedMap(volumes / volumes.sum())


def plan_left_ventricle_centre(myocardium: Myocardium) -> FixedMap:
    """About the middle of the left ventricle's endocardium: the nearest guess to every region of it.

    Parameters
    ----------
    myocardium : Myocardium

    Returns
    -------
    FixedMap
    """
    points, volumes = myocardium.points.astype(float), myocardium.node_volumes
    areas = myocardium.boundary.areas * (myocardium.surface == LV_ENDOCARDIUM)
    away = np.linalg.norm(points - areas @ points / areas.sum(), axis=1)
    return FixedMap(lay_by_density(np.exp(-away / FALL_MM), volumes, 1.0))


def turned_heart(setting: Setting, *, roll_deg: float = 0.0, tilt_deg: float = 0.0) -> VirtualHeart:
    """Turn the heart in its torso and solve its lead field anew; its nodes keep their numbers.

    A mapping planned on it looks for each wall where it is not.

    Parameters
    ----------
    setting : Setting
    roll_deg : float, degrees
        About the left ventricle's long axis.
    tilt_deg : float, degrees
        About the axis across the long axis and the way from septum to free wall.

    Returns
    -------
    VirtualHeart

    Raises
    ------
    InputError
        If it leaves the torso.
    """
    from scipy.spatial.transform import Rotation

    wall = setting.myocardium
    long, across = _axes(wall)
    turn = Rotation.from_rotvec(np.deg2rad(roll_deg) * long) * Rotation.from_rotvec(
        np.deg2rad(tilt_deg) * across
    )
    middle = wall.points.mean(axis=0, dtype=float)
    moved = replace(
        wall,
        points=(turn.apply(wall.points - middle) + middle).astype(np.float32),
        fibres=turn.apply(wall.fibres).astype(np.float32),
    )
    return place_heart(moved, solve_torso(setting.torso), setting.electrodes)


def _axes(wall: Myocardium) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Long axis towards the base, and the axis across it and the way from septum to free wall."""
    left = wall.ventricle == 0
    coordinates = [np.ones(left.sum()), wall.apicobasal[left], -np.cos(wall.rotational[left])]
    slopes = np.linalg.lstsq(np.stack(coordinates, axis=1), wall.points[left].astype(float), rcond=None)[0]
    long = slopes[1] / np.linalg.norm(slopes[1])
    across = np.cross(long, slopes[2])
    return long, across / np.linalg.norm(across)


def _draws(pattern: Pattern, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(np.ascontiguousarray(pattern.values).tobytes())])
