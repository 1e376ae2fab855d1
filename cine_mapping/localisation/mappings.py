"""Every mapping that the localisation benchmark compares, on the reference heart."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.localisation.cases import NAMES, Cases
from cine_mapping.localisation.controls import (
    PermutedLeads,
    RandomPlace,
    SignalEnergy,
    plan_all_positive,
    plan_left_ventricle_centre,
)
from cine_mapping.localisation.learning import library_of
from cine_mapping.localisation.patterns import differences
from cine_mapping.myocardium import Myocardium
from cine_mapping.operators.average import Average
from cine_mapping.operators.decoder import Decoder
from cine_mapping.operators.dipole import plan_dipole
from cine_mapping.operators.layout import lay_out
from cine_mapping.operators.lcmv import plan_lcmv
from cine_mapping.operators.matched_filter import plan_matched_filter
from cine_mapping.operators.mean_path import plan_mean_path
from cine_mapping.operators.minimum_norm import plan_minimum_norm
from cine_mapping.operators.neighbours import plan_neighbours
from cine_mapping.operators.pattern import Operator, Pattern, binned
from cine_mapping.operators.ridge import plan_ridge
from cine_mapping.operators.sensitivity import plan_sensitivity
from cine_mapping.operators.sloreta import plan_sloreta
from cine_mapping.operators.territory_table import plan_territory_table
from imn.leads import INDEPENDENT_INDEX

TURN_DEG = 20.0
AVERAGED = (3.0, 1.0, 1.0)
"""Weights of decoder, ridge and neighbours: about their skill on `lots.TRIAL`."""


@dataclass(frozen=True, eq=False)
class Turned:
    """A mapping whose picture is laid onto a heart that is turned about its long axis.

    Parameters
    ----------
    operator : Operator
    taken : (n,) int64
        Node whose density each node gets.
    volumes : (n,) float64, mm3
    """

    operator: Operator
    taken: NDArray[np.int64]
    volumes: NDArray[np.float64]

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Give the turned map, (n,) float64."""
        density = self.operator.apply(replace(pattern, total=1.0)) / self.volumes
        return lay_out(density[self.taken] * self.volumes, pattern.total)


def plan_turned(operator: Operator, myocardium: Myocardium, degrees: float) -> Turned:
    """Turn a mapping's picture about the left ventricle's long axis.

    Parameters
    ----------
    operator : Operator
    myocardium : Myocardium
    degrees : float

    Returns
    -------
    Turned
    """
    from scipy.spatial import KDTree
    from scipy.spatial.transform import Rotation

    points, left = myocardium.points.astype(float), myocardium.ventricle == 0
    height = np.stack([np.ones(left.sum()), myocardium.apicobasal[left]], axis=1)
    start, axis = np.linalg.lstsq(height, points[left], rcond=None)[0]
    turn = Rotation.from_rotvec(np.deg2rad(degrees) * axis / np.linalg.norm(axis))
    taken = KDTree(points).query(turn.apply(points - start) + start)[1]
    return Turned(operator, np.asarray(taken, dtype=np.int64), myocardium.node_volumes)


def learned_mappings(decoder: Decoder, library: Cases) -> dict[str, Operator]:
    """Put the simpler mappings that can be learned, and the average of all, beside the decoder.

    Parameters
    ----------
    decoder : Decoder
        Of the domain ``own``.
    library : Cases
        What the others learn from.

    Returns
    -------
    dict of str to Operator
    """
    sick = library.take(np.flatnonzero(library.family > 0))
    held = library_of("own", sick, decoder.patches, differences(sick), len(decoder.volumes))
    ridge = plan_ridge(held, NAMES, decoder.patches, decoder.volumes)
    neighbours = plan_neighbours(held, NAMES, decoder.patches, decoder.volumes)
    average = Average((decoder, ridge, neighbours), AVERAGED)
    return {"simulations": decoder, "ridge": ridge, "neighbours": neighbours, "average of the three": average}


def rules(heart: VirtualHeart) -> dict[str, Operator]:
    """Plan the published rules and inverse estimates on a heart.

    Parameters
    ----------
    heart : VirtualHeart

    Returns
    -------
    dict of str to Operator
    """
    return {
        "sLORETA": plan_sloreta(heart),
        "beamformer": plan_lcmv(heart),
        "dipole direction": plan_dipole(heart),
        "matched filter": plan_matched_filter(heart),
        "minimum norm": plan_minimum_norm(heart),
        "territory table": plan_territory_table(heart.myocardium),
        "path": plan_mean_path(heart),
        "sensitivity": plan_sensitivity(heart),
    }


def controls(operator: Operator, heart: VirtualHeart) -> dict[str, Operator]:
    """Plan what a mapping must beat: nothing known, evidence that says nothing, a turned heart.

    Parameters
    ----------
    operator : Operator
        The mapping.
    heart : VirtualHeart

    Returns
    -------
    dict of str to Operator
    """
    wall = heart.myocardium
    return {
        "random place": RandomPlace(heart.graph, wall.node_volumes),
        "LV centre": plan_left_ventricle_centre(wall),
        "all positive": plan_all_positive(wall),
        "signal energy": SignalEnergy(operator, _normal_beat(heart)),
        "permuted leads": PermutedLeads(operator),
        "heart turned +20": plan_turned(operator, wall, TURN_DEG),
        "heart turned -20": plan_turned(operator, wall, -TURN_DEG),
    }


def _normal_beat(heart: VirtualHeart) -> NDArray[np.float64]:
    beat = simulate_beat(heart)
    return binned(beat.leads[list(INDEPENDENT_INDEX)], beat.times - beat.activation.min())


def all_mappings(learned: Mapping[str, Operator], best: str, heart: VirtualHeart) -> dict[str, Operator]:
    """Put learned mappings, rules and the controls of the best beside each other.

    Parameters
    ----------
    learned : mapping of str to Operator
    best : str
        One of them.
    heart : VirtualHeart

    Returns
    -------
    dict of str to Operator
    """
    return {**learned, **rules(heart), **controls(learned[best], heart)}
