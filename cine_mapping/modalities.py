"""Every modality's map of one label's evidence, and their average: what is drawn.

To the three arguments of `cine_mapping.projection` comes a fourth,
``simulations``: evidence lies where the disease lay in simulated hearts whose
recordings gave the network such evidence (`cine_mapping.operators.decoder`).

Cross-modal averaging gives equal weight to every modality that does better than
a fixed guess at the middle of the left ventricle on simulated recordings
(`cine_mapping.localisation.lots.READ_TRIAL`); ``path`` does not, and is shown
beside the average only.

A fifth, ``statements``, joins only when asked for: where cardiologists' statements put the disease in
recordings with such evidence (`cine_mapping.operators.statements`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.beat import Beat, Evidence, fold_evidence
from cine_mapping.heart_map import HeartMap
from cine_mapping.localisation.network_cases import ASKED
from cine_mapping.myocardium import Myocardium
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.operators.evidence_pattern import evidence_pattern
from cine_mapping.operators.learned import shipped, shipped_decoder
from cine_mapping.operators.onto_surface import OntoSurface, plan_surface
from cine_mapping.operators.pattern import Pattern
from cine_mapping.operators.statements import shipped_statements
from cine_mapping.places import loose_places
from cine_mapping.projection import Placement, Projection, cross_modal_average, plan_projection, settle
from imn.explanation import Explanation

LEARNED, TAUGHT = "simulations", "statements"
WEIGHTS: Mapping[str, float] = {"leads": 1.0, "vcg": 1.0, "path": 0.0, LEARNED: 1.0}
WITH_STATEMENTS: Mapping[str, float] = {**WEIGHTS, TAUGHT: sum(WEIGHTS.values())}
"""Half from what knows the heart, half from what knows its readers."""


@dataclass(frozen=True, eq=False)
class Credible:
    """Where the disease would be in four of five simulated recordings with such evidence.

    Parameters
    ----------
    family : str
        Disease that the label speaks of.
    region : (v,) bool
        Vertices of the 80 % credible region (`cine_mapping.localisation.credible`).
    share : float
        Of the ventricles' surface.
    stands_out : bool
        False where nine of ten normal simulated recordings look the same: no region.
    """

    family: str
    region: NDArray[np.bool_]
    share: float
    stands_out: bool


@dataclass(frozen=True, eq=False)
class Modalities:
    """All modalities of one beat on one anatomy; made by `plan_modalities`.

    Parameters
    ----------
    anatomy : Anatomy
    beat : Beat
    projection : Projection
    surface : OntoSurface
    """

    anatomy: Anatomy
    beat: Beat
    projection: Projection
    surface: OntoSurface

    def apply(self, explanation: Explanation, label: str, *, statements: bool = False) -> dict[str, HeartMap]:
        """Map the evidence for a label by each modality.

        Parameters
        ----------
        explanation : Explanation
            Of the recording that the beat is of.
        label : str
        statements : bool
            Also by what statements taught, where they taught anything of the label.

        Returns
        -------
        dict of str to HeartMap
            One for each of `WEIGHTS` or `WITH_STATEMENTS`, each with the evidence's sum.
        """
        evidence = fold_evidence(explanation, self.beat, label)
        pattern = evidence_pattern(explanation, self.beat, label)
        maps = {**self.projection.apply(evidence), LEARNED: self._learned(evidence, pattern)}
        known = shipped_statements().get(label) if statements else None
        if known is not None:
            shares = known.shares(evidence, self.beat, self.anatomy)
            maps[TAUGHT] = place_along(self.anatomy, self.beat, evidence, shares, TAUGHT)
        return maps

    def spread(
        self, members: Sequence[Explanation], label: str, *, statements: bool = False
    ) -> NDArray[np.float64]:
        """Tell how far the members of an ensemble disagree on the average map.

        Parameters
        ----------
        members : sequence of Explanation
            Of the same recording, by each member alone (`imn.model.Model.apart`).
        label : str
        statements : bool
            As in `apply`.

        Returns
        -------
        (v,) float64, logit
            Standard deviation of a vertex's evidence over the members.
        """
        drawn = [average(self.apply(member, label, statements=statements)) for member in members]
        return np.std([held.supporting + held.opposing for held in drawn], axis=0)

    def credible(self, explanation: Explanation, label: str) -> Credible | None:
        """Give the credible region for a label.

        Parameters
        ----------
        explanation : Explanation
        label : str

        Returns
        -------
        Credible or None
            None where no simulated disease goes by the label.
        """
        pattern, known = evidence_pattern(explanation, self.beat, label), shipped()
        if pattern.family not in ASKED:
            return None
        probability = shipped_decoder("network").probability(pattern)
        threshold = known.thresholds["network"][known.families.index(pattern.family)]
        region = (self.surface.seen @ probability >= threshold) & self.anatomy.ventricles
        areas = self.anatomy.heart.areas
        return Credible(
            pattern.family,
            region,
            float(areas[region].sum() / areas[self.anatomy.ventricles].sum()),
            bool(probability.max() > known.presence["network"]),
        )

    def _learned(self, evidence: Evidence, pattern: Pattern) -> HeartMap:
        probability = shipped_decoder("network").apply(Pattern(pattern.family, pattern.values))
        return place_along(self.anatomy, self.beat, evidence, self.surface.shares(probability), LEARNED)


def plan_modalities(
    anatomy: Anatomy,
    beat: Beat,
    deflection: NDArray[np.floating] | None = None,
    *,
    wall: Myocardium | None = None,
) -> Modalities:
    """Prepare all modalities for one beat on one anatomy.

    Parameters
    ----------
    anatomy : Anatomy
    beat : Beat
    deflection : (12, m) float, mV, optional
        As in `plan_projection`.
    wall : Myocardium, optional
        The anatomy's ventricles as a volume; made from its surface (ten seconds
        or more) if it is not the reference anatomy and none is given.

    Returns
    -------
    Modalities
    """
    projection = plan_projection(anatomy, beat, deflection)
    return Modalities(anatomy, beat, projection, _surface(anatomy, wall))


@lru_cache(maxsize=4)
def _surface(anatomy: Anatomy, wall: Myocardium | None) -> OntoSurface:
    canonical = load_myocardium("reference")
    # by its place, for anyone may call a heart "reference"
    if np.array_equal(anatomy.heart.points, load_anatomy("reference").heart.points):
        return plan_surface(anatomy, canonical)
    from cine_mapping.volume_mesh import fill

    return plan_surface(anatomy, canonical, wall or fill(anatomy))


def average(maps: Mapping[str, HeartMap]) -> HeartMap:
    """Average maps of one label by their weights (`weights_of`).

    Parameters
    ----------
    maps : mapping of str to HeartMap
        As `Modalities.apply` gives them.

    Returns
    -------
    HeartMap
    """
    return cross_modal_average(list(maps.values()), list(weights_of(maps).values()))


def weights_of(maps: Mapping[str, HeartMap]) -> dict[str, float]:
    """Give the weight of each map in the average.

    Parameters
    ----------
    maps : mapping of str to HeartMap

    Returns
    -------
    dict of str to float
        Of `WITH_STATEMENTS` where these are among them, else of `WEIGHTS`.
    """
    weights = WITH_STATEMENTS if TAUGHT in maps else WEIGHTS
    return {name: weights[name] for name in maps}


def place_along(
    anatomy: Anatomy, beat: Beat, evidence: Evidence, shares: NDArray[np.float64], modality: str
) -> HeartMap:
    """Lay all evidence of QRS, ST and T out alike; the P wave's and what no wave carries as ever.

    Parameters
    ----------
    anatomy : Anatomy
    beat : Beat
    evidence : Evidence
    shares : (v,) float64
        Of each vertex; they sum to one.
    modality : str
        Name of the map.

    Returns
    -------
    HeartMap
        With the evidence's sum.
    """
    loose = loose_places(anatomy)
    basis = np.hstack([shares[:, None], loose])
    places = settle(np.zeros(evidence.leads.shape[1], dtype=np.intp), beat, 1)
    courses = Placement(basis, places, places).courses(evidence.leads, np.ones_like(places))
    return HeartMap(evidence.label, modality, basis, *courses, anatomy, beat)
