"""Evidence onto the heart: planned once for a beat, applied to any evidence.

Three modalities place the same evidence by three different arguments:

``leads``
    Each lead's evidence lies on the wall that the lead faces, or on the wall
    opposite, by the anatomy's lead field.
``vcg``
    Each axis's evidence lies on the wall that the axis points to, or on the wall
    opposite; what no dipole carries says nothing of place and is spread evenly.
``path``
    Evidence lies around the mean activation of its moment.

Faced or opposite follows from what the class is: a scar turns the early
vector away from itself, an injury current turns the ST vector towards itself,
delayed repolarisation turns T away (`POLARITY`).  Evidence that wants less
voltage in V2 during QRS therefore speaks of the anterior wall, whichever sign
the voltage has.

Evidence of the P wave belongs to the atria where the anatomy has them.  Outside
P, QRS, ST and T no source is active, so evidence there is spread evenly.
Every modality conserves: its map sums to the evidence it was given, evidence
for the class and against it kept apart.

Deviations
----------
Dobiczek et al. 2026 (arXiv 2604.27017) publish neither their mapping formula nor
their definition of cross-modal averaging; this module is our reading of both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat, Evidence
from cine_mapping.heart_map import HeartMap
from cine_mapping.path import activation_path, segments
from cine_mapping.places import path_basis, walls_faced
from cine_mapping.vcg import INVERSE_DOWER, loop

MODALITIES = ("leads", "vcg", "path")
PATH_STEP = 0.01
"""Time between places along the path, s."""

_INFARCT = {"QRS": -1, "ST": 1, "T": -1}
_ISCHAEMIA = {"QRS": 1, "ST": 1, "T": -1}
POLARITY: Mapping[str, Mapping[str, int]] = {
    **dict.fromkeys(("MI", "AMI", "IMI", "LMI"), _INFARCT),
    **dict.fromkeys(("STTC", "ISCA", "ISCI", "ISCL"), _ISCHAEMIA),
}
"""+1: the vector points to the wall concerned, -1: away from it; +1 where a label is not named."""


@dataclass(frozen=True, eq=False)
class Placement:
    """Where each channel's evidence goes at each sample of the beat.

    Parameters
    ----------
    basis : (v, k) float64
        Places: spreads over the vertices, not negative, each summing to one.
    agreeing : (c, m) int, or (m,) for all channels
        Place of evidence that wants more of the deflection, where the class's
        vector points to the wall concerned.
    contrary : as ``agreeing``
        Place where one of the two is the other way round.
    """

    basis: NDArray[np.float64]
    agreeing: NDArray[np.intp]
    contrary: NDArray[np.intp]

    def courses(
        self, channels: NDArray[np.float64], polarity: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the course of every place, positive and negative parts apart.

        Parameters
        ----------
        channels : (c, m) float64, logit
            Evidence in leads, on axes, or altogether.
        polarity : (m,) int
            Of the class at each sample: -1 where its vector points away from the wall concerned.

        Returns
        -------
        positive, negative : (k, m) float64, logit
        """
        k, m = self.basis.shape[1], channels.shape[1]
        less = channels < 0
        places = np.where(less == (polarity < 0), self.agreeing, self.contrary) + k * less
        into = (places * m + np.arange(m)).ravel()
        courses = np.bincount(into, channels.ravel(), 2 * k * m).astype(float, copy=False)
        return courses[: k * m].reshape(k, m), courses[k * m :].reshape(k, m)


@dataclass(frozen=True, eq=False)
class Projection:
    """The three modalities of one beat on one anatomy.

    Parameters
    ----------
    leads, vcg, path : Placement
        Of 12 leads, of 3 axes and the rest, of 12 leads.
    waves : mapping of QRS, ST and T to sample slices of the beat
    anatomy : Anatomy
    beat : Beat
        That it was planned for.
    """

    leads: Placement
    vcg: Placement
    path: Placement
    waves: Mapping[str, slice]
    anatomy: Anatomy
    beat: Beat

    def apply(self, evidence: Evidence) -> dict[str, HeartMap]:
        """Place evidence on the heart by each modality.

        Parameters
        ----------
        evidence : Evidence
            Folded onto the beat that this projection was planned for.

        Returns
        -------
        dict of str to HeartMap
            One map for each of `MODALITIES`, each with the evidence's sum.

        Raises
        ------
        ValueError
            If the evidence does not have the beat's length.
        """
        m = self.leads.agreeing.shape[1]
        if evidence.leads.shape[1] != m:
            got = evidence.leads.shape[1]
            msg = f"evidence must have the planned beat's {m} samples, got {got}; plan for its beat"
            raise ValueError(msg)
        polarity = np.ones(m, dtype=int)
        for wave, sign in POLARITY.get(evidence.label, {}).items():
            polarity[self.waves[wave]] = sign
        channels = {
            "leads": evidence.leads,
            "vcg": np.vstack([evidence.dipole, evidence.beyond_dipole]),
            "path": evidence.leads,
        }
        maps = {}
        for modality in MODALITIES:
            placement: Placement = getattr(self, modality)
            courses = placement.courses(channels[modality], polarity)
            place = (self.anatomy, self.beat)
            maps[modality] = HeartMap(evidence.label, modality, placement.basis, *courses, *place)
        return maps


def plan_projection(
    anatomy: Anatomy, beat: Beat, deflection: NDArray[np.floating] | None = None
) -> Projection:
    """Prepare the three modalities for one beat on one anatomy.

    Parameters
    ----------
    anatomy : Anatomy
    beat : Beat
    deflection : (12, m) float, mV, optional
        What the weights multiply, on the beat: its signs say which walls face it.  The
        beat itself by default; what it has more than a reference, where there is one.

    Returns
    -------
    Projection
    """
    waves = segments(beat)
    seen = beat.signal if deflection is None else deflection
    walls = walls_faced(anatomy)
    leads = _directed(walls.leads, seen > 0, beat)
    vcg = _directed(walls.axes, loop(seen, INVERSE_DOWER) > 0, beat)
    path = _along_path(anatomy, beat)
    return Projection(leads, _with_even_channel(vcg, beat), path, waves, anatomy, beat)


def cross_modal_average(maps: Sequence[HeartMap], weights: Sequence[float] | None = None) -> HeartMap:
    """Average maps of the same evidence; the average conserves as they do.

    Parameters
    ----------
    maps : sequence of HeartMap
        Of one class, one anatomy and one beat.
    weights : sequence of float, optional
        Not negative; equal by default.

    Returns
    -------
    HeartMap

    Raises
    ------
    ValueError
        If maps are of different classes or sizes, or weights do not fit.
    """
    if len({(h.label, h.basis.shape[0], h.positive.shape[1]) for h in maps}) != 1:
        msg = "maps to average must share class, anatomy and beat; project the same evidence by each modality"
        raise ValueError(msg)
    w = np.ones(len(maps)) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != (len(maps),) or (w < 0).any() or not w.sum() > 0:
        msg = f"weights must be {len(maps)} numbers, none negative and not all zero, got {weights}"
        raise ValueError(msg)
    shares = w / w.sum()
    return HeartMap(
        maps[0].label,
        "average",
        np.hstack([h.basis for h in maps]),
        np.vstack([share * h.positive for share, h in zip(shares, maps, strict=True)]),
        np.vstack([share * h.negative for share, h in zip(shares, maps, strict=True)]),
        maps[0].anatomy,
        maps[0].beat,
    )


@lru_cache(maxsize=4)
def _during(beat: Beat) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the samples in which the ventricles and in which the atria are active, once for all channels."""
    m = beat.signal.shape[1]
    ventricular, atrial = np.zeros(m, dtype=bool), np.zeros(m, dtype=bool)
    for wave in segments(beat).values():
        ventricular[wave] = True
    if beat.fiducials.p_onset is not None:
        atrial[beat.fiducials.p_onset : beat.fiducials.p_end] = True
    return ventricular, atrial & ~ventricular


def settle(places: NDArray[np.intp], beat: Beat, even: int) -> NDArray[np.intp]:
    """Send what no ventricular wave carries to the even spread, the P wave's to the atria.

    See `Placement`.
    """
    ventricular, atrial = _during(beat)
    return np.where(ventricular, places, even + atrial)


def _directed(basis: NDArray[np.float64], upward: NDArray[np.bool_], beat: Beat) -> Placement:
    """Two places per channel: the walls it points to, then the walls opposite."""
    c = len(upward)
    faced = np.arange(c)[:, None]
    return Placement(basis, *settle(np.where([upward, ~upward], faced, faced + c), beat, 2 * c))


def _with_even_channel(placement: Placement, beat: Beat) -> Placement:
    """Add a channel whose evidence has no direction."""
    even = placement.basis.shape[1] - 2
    places = settle(np.full((1, beat.signal.shape[1]), even), beat, even)
    return Placement(
        placement.basis, np.vstack([placement.agreeing, places]), np.vstack([placement.contrary, places])
    )


def path_places(anatomy: Anatomy, beat: Beat) -> NDArray[np.float64]:
    """Give the places of the path's balls, one per `PATH_STEP`.

    Parameters
    ----------
    anatomy : Anatomy
    beat : Beat

    Returns
    -------
    (t, 3) float64, mm
    """
    return activation_path(anatomy, beat)[:: _stride(beat)]


def _stride(beat: Beat) -> int:
    return max(1, round(PATH_STEP * beat.fs))


def _along_path(anatomy: Anatomy, beat: Beat) -> Placement:
    """One place per 10 ms of the path: a ball around the mean activation.

    The class's polarity does not turn it round: a mirrored path would bring
    what the signal says into the map, whatever the network's evidence is.
    """
    stride = _stride(beat)
    basis = path_basis(anatomy, path_places(anatomy, beat))
    t, m = basis.shape[1] - 2, beat.signal.shape[1]
    along = np.clip((np.arange(m) - beat.fiducials.qrs_onset) // stride, 0, t - 1)
    places = settle(along, beat, t)
    return Placement(basis, places, places)
