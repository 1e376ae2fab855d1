"""What twelve leads cannot see: how much of a map is evidence, how much is assumption.

Three questions, each with its own answer:

`plan_sight`
    At one instant: how much of a smooth change of potential at each place do the
    eight independent leads tell?  The rest lies in the null space of the lead field.
`explained`
    Over a whole beat: how much of whether a place is diseased do the leads tell, for
    the diseases that the simulator draws?
`twins`
    Which regions lie apart and yet give the same ECG?
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.forward.beat import VirtualBeat, simulate_beat
from cine_mapping.forward.families import FAMILIES
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.operators.lead_fields import node_transfer, smooth_transfer
from cine_mapping.operators.pattern import binned
from cine_mapping.operators.sloreta import SMOOTH_MM
from imn.errors import InputError
from imn.leads import INDEPENDENT_INDEX

NOISE_MV = 0.01
"""Of a lead in a bin of a median beat."""
CHANGE_MV = 30.0
"""Usual change of the transmembrane potential where it changes."""
ALIKE, APART = 0.99, 0.3


@dataclass(frozen=True, eq=False)
class Sight:
    """What the leads tell of smooth potentials at one instant.

    Parameters
    ----------
    share : (n,) float64
        Part of the variance of each node's potential that the leads explain, 0
        to 1; the rest is the prior's.
    strengths : (8,) float64
        Standard deviation of each independent component of the leads over that
        of the noise, largest first.
    """

    share: NDArray[np.float64]
    strengths: NDArray[np.float64]

    @property
    def rank(self) -> int:
        """How many components stand above the noise."""
        return int((self.strengths > 1).sum())


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Regions of one heart and what they do to its ECG.

    Parameters
    ----------
    patterns : (s, 8, b) float64, mV
        What the beat has more than the normal one.
    truths : (s, n) bool
    """

    patterns: NDArray[np.float64]
    truths: NDArray[np.bool_]


@dataclass(frozen=True)
class Twins:
    """Two regions that the ECG takes for one.

    Parameters
    ----------
    first, second : int
        Rows of the catalogue.
    correlation : float
        Of their patterns.
    dice : float
        Of their regions, by the weights given.
    """

    first: int
    second: int
    correlation: float
    dice: float


def plan_sight(
    heart: VirtualHeart,
    *,
    width: float = SMOOTH_MM,
    noise: float = NOISE_MV,
    change: float = CHANGE_MV,
) -> Sight:
    """Tell what a heart's leads can see of smooth potentials.

    With the prior ``v ~ N(0, change^2 C)``, C the Gaussian of the distance, the
    leads ``a = L v + noise`` leave the variance ``change^2 (1 - share)``, where
    ``share_i = k_i' (L C L' + (noise / change)^2 I)^-1 k_i`` and ``k = L C``.

    Parameters
    ----------
    heart : VirtualHeart
    width : float, mm
        Over which potentials are alike.
    noise, change : float, mV
        Standard deviations, of a lead and of the potential.

    Returns
    -------
    Sight
    """
    smooth = smooth_transfer(heart, width)
    gram = smooth @ node_transfer(heart).T
    gram = (gram + gram.T) / 2
    quiet = (noise / change) ** 2 * np.eye(len(gram))
    share = np.einsum("ln,ln->n", smooth, np.linalg.solve(gram + quiet, smooth))
    strengths = np.sqrt(np.linalg.eigvalsh(gram)[::-1].clip(min=0)) * change / noise
    return Sight(share, strengths)


def make_catalogue(heart: VirtualHeart, family: str, count: int, *, seed: int = 0) -> Catalogue:
    """Draw regions of a family in one heart and simulate each; 20 to 50 a second.

    Parameters
    ----------
    heart : VirtualHeart
    family : str
        One of `forward.families.FAMILIES` with a true region.
    count, seed : int

    Returns
    -------
    Catalogue

    Raises
    ------
    InputError
        If the family is not known.
    """
    if family not in FAMILIES:
        msg = f"expected a family of conditions, got {family!r}; choose from {', '.join(FAMILIES)}"
        raise InputError(msg)
    rng, normal = np.random.default_rng(seed), _course(simulate_beat(heart))
    patterns, truths = [], []
    while len(patterns) < count:
        try:
            beat = simulate_beat(heart, FAMILIES[family](heart.myocardium, rng))
        except InputError:  # an ellipsoid between the nodes: another one
            continue
        patterns.append(_course(beat) - normal)
        truths.append(beat.truth)
    return Catalogue(np.stack(patterns), np.stack(truths))


def _course(beat: VirtualBeat) -> NDArray[np.float64]:
    """Independent leads in bins after QRS onset."""
    return binned(beat.leads[list(INDEPENDENT_INDEX)], beat.times - beat.activation.min())


def components(patterns: ArrayLike, *, noise: float = NOISE_MV) -> int:
    """Count the independent components of patterns that stand above the noise.

    Parameters
    ----------
    patterns : (s, 8, b) float, mV
    noise : float, mV
        Of each lead in each bin.

    Returns
    -------
    int
    """
    cases = np.asarray(patterns, dtype=float)
    flat = cases.reshape(len(cases), -1)
    strengths = np.linalg.svd(flat - flat.mean(axis=0), compute_uv=False) / np.sqrt(len(flat))
    return int((strengths > noise).sum())


def explained(patterns: ArrayLike, truths: ArrayLike, *, noise: float = NOISE_MV) -> NDArray[np.float64]:
    """Part of each node's variance over cases that the leads explain, in cases not used to find it.

    The least-squares estimate of "diseased or not" from a pattern, found on every
    other case and tried on the rest, then the other way round.  Noise enters as
    the penalty it amounts to (ridge).  An estimate that is not linear can do
    better, so this is what can be seen at least.

    Parameters
    ----------
    patterns : (s, 8, b) float, mV
    truths : (s, n) bool
    noise : float, mV
        Of each lead in each bin.

    Returns
    -------
    (n,) float64
        0 (nothing, or never diseased) to 1.

    Raises
    ------
    InputError
        If there are fewer than four cases or numbers of them differ.
    """
    x = np.asarray(patterns, dtype=float)
    y = np.asarray(truths, dtype=float)
    if len(x) != len(y) or len(x) < 4:
        msg = f"expected patterns and truths of the same four or more cases, got {len(x)} and {len(y)}"
        raise InputError(msg)
    x = x.reshape(len(x), -1)
    left, whole = np.zeros(y.shape[1]), np.zeros(y.shape[1])
    for start in (0, 1):
        used, held = slice(start, None, 2), slice(1 - start, None, 2)
        means = x[used].mean(axis=0), y[used].mean(axis=0)
        told = x[used] - means[0]
        gram = told.T @ told + len(told) * noise**2 * np.eye(x.shape[1])
        operator = np.linalg.solve(gram, told.T @ (y[used] - means[1]))
        rest = y[held] - means[1]
        whole += (rest**2).sum(axis=0)
        left += ((rest - (x[held] - means[0]) @ operator) ** 2).sum(axis=0)
    return np.divide(whole - left, whole, out=np.zeros_like(whole), where=whole > 0).clip(min=0)


def twins(
    catalogue: Catalogue, weights: ArrayLike, *, alike: float = ALIKE, apart: float = APART
) -> list[Twins]:
    """Find pairs of regions that lie apart and give the same ECG up to its size.

    Parameters
    ----------
    catalogue : Catalogue
    weights : (n,) float
        Of the nodes in the overlap: areas or volumes.
    alike : float
        Least correlation of the patterns.
    apart : float
        Largest Dice of the regions.

    Returns
    -------
    list of Twins
        The least overlapping first.
    """
    flat = catalogue.patterns.reshape(len(catalogue.patterns), -1)
    flat = flat / np.linalg.norm(flat, axis=1, keepdims=True).clip(min=1e-12)
    alikeness = flat @ flat.T
    mask = catalogue.truths * np.sqrt(np.asarray(weights, dtype=float))
    both, size = mask @ mask.T, (mask**2).sum(axis=1)
    dice = 2 * both / (size + size[:, None]).clip(min=1e-12)
    first, second = np.nonzero(np.triu((alikeness >= alike) & (dice <= apart), k=1))
    found = [
        Twins(int(i), int(j), float(alikeness[i, j]), float(dice[i, j]))
        for i, j in zip(first, second, strict=True)
    ]
    return sorted(found, key=lambda pair: (pair.dice, -pair.correlation))
