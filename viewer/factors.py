"""Maps as factors small enough for the browser, with the error that this makes.

A map with up to `EXACT` columns goes as it is.  One with more is cut to its
leading singular vectors if the whole would not fit, and the courses are then
corrected so that the sum over the heart at every sample, for and against, stays
what it was.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.heart_map import HeartMap

EXACT, LEAST = 12, 8
"""Columns up to which a map is never cut, and below which one that is cut does not go."""
BLOCK = 256


@dataclass(frozen=True, eq=False)
class Factors:
    """One map, packed.

    Parameters
    ----------
    basis : (v, k) float16
        Each column's largest magnitude is 1.
    positive, negative : (k, n) float32, logit
        ``basis @ positive`` is the evidence for the class, ``basis @ negative`` that against it.
    residual : float
        Largest error over vertices, samples and signs, as a part of the map's largest magnitude.
    columns : tuple of int or None
        Which columns of the map these are; None where it was cut.
    """

    basis: NDArray[np.float16]
    positive: NDArray[np.float32]
    negative: NDArray[np.float32]
    residual: float
    columns: tuple[int, ...] | None


@dataclass(frozen=True, eq=False)
class _Spectrum:
    """Singular vectors of the map for and against, side by side."""

    left: NDArray[np.float64]
    values: NDArray[np.float64]
    right: NDArray[np.float64]


def pack_maps(maps: Mapping[str, HeartMap], budget: int, *, last: Collection[str] = ()) -> dict[str, Factors]:
    """Pack maps of one beat on one heart into a number of bytes.

    Parameters
    ----------
    maps : mapping of str to HeartMap
    budget : int
        Bytes for all factors.  It is exceeded where even `LEAST` columns do not fit.
    last : collection of str
        Maps that are cut only once the others are as small as can be.

    Returns
    -------
    dict of str to Factors
    """
    kept = {name: _used(heart_map) for name, heart_map in maps.items()}
    used = {name: _columns(heart_map, kept[name]) for name, heart_map in maps.items()}
    ranks = {name: held.basis.shape[1] for name, held in used.items()}
    spectra = {}
    if _bytes(used, ranks) > budget:
        spectra = {name: _spectrum(held) for name, held in used.items() if ranks[name] > EXACT}
        for group in (spectra.keys() - set(last), set(last) & spectra.keys()):
            ranks = _cut(used, ranks, {name: spectra[name] for name in sorted(group)}, budget)
    packed = {}
    for name, held in used.items():
        if ranks[name] == held.basis.shape[1]:
            packed[name] = _quantised(held, held, kept[name])
        else:
            packed[name] = _quantised(_reduced(held, spectra[name], ranks[name]), held, None)
    return packed


def _used(heart_map: HeartMap) -> tuple[int, ...]:
    """Columns that evidence goes to at some time; one at least, so that there is a map."""
    used = heart_map.positive.any(axis=1) | heart_map.negative.any(axis=1)
    return tuple(np.flatnonzero(used).tolist()) or (0,)


def _columns(heart_map: HeartMap, kept: tuple[int, ...]) -> HeartMap:
    index = list(kept)
    factors = (heart_map.basis[:, index], heart_map.positive[index], heart_map.negative[index])
    return HeartMap(heart_map.label, heart_map.modality, *factors)


def _bytes(maps: Mapping[str, HeartMap], ranks: Mapping[str, int]) -> int:
    held = next(iter(maps.values()))
    return sum(ranks.values()) * (2 * len(held.basis) + 8 * held.positive.shape[1])


def _spectrum(heart_map: HeartMap) -> _Spectrum:
    q, r = np.linalg.qr(heart_map.basis)
    courses = np.hstack([heart_map.positive, heart_map.negative])
    left, values, right = np.linalg.svd(r @ courses, full_matrices=False)
    return _Spectrum(q @ left, values, right)


def _cut(
    maps: Mapping[str, HeartMap], ranks: dict[str, int], spectra: Mapping[str, _Spectrum], budget: int
) -> dict[str, int]:
    """Take away the column that matters least to its own map until all fit."""
    ranks = dict(ranks)
    while _bytes(maps, ranks) > budget:
        open_ = [name for name in spectra if ranks[name] > LEAST]
        if not open_:
            break
        least = min(open_, key=lambda n: spectra[n].values[ranks[n] - 1] / max(spectra[n].values[0], 1e-300))
        ranks[least] -= 1
    return ranks


def _reduced(heart_map: HeartMap, spectrum: _Spectrum, rank: int) -> HeartMap:
    basis = spectrum.left[:, :rank]
    courses = spectrum.values[:rank, None] * spectrum.right[:rank]
    n = heart_map.positive.shape[1]
    return HeartMap(heart_map.label, heart_map.modality, basis, courses[:, :n], courses[:, n:])


def _quantised(packed: HeartMap, truth: HeartMap, columns: tuple[int, ...] | None) -> Factors:
    """Round to half precision, then put every sample's sum right again."""
    scale = np.abs(packed.basis).max(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    basis = (packed.basis / scale).astype(np.float16)
    sums = basis.astype(float).sum(axis=0)
    courses = []
    for own, true in ((packed.positive, truth.positive), (packed.negative, truth.negative)):
        course = own * scale[:, None]
        missing = truth.basis.sum(axis=0) @ true - sums @ course
        courses.append(course + _correction(course, sums, missing))
    positive, negative = (course.astype(np.float32) for course in courses)
    return Factors(basis, positive, negative, _residual(basis, (positive, negative), truth), columns)


def _correction(
    course: NDArray[np.float64], sums: NDArray[np.float64], missing: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Least change of the courses that adds what is missing, shared out where the evidence is."""
    share = np.abs(course) * np.abs(sums)[:, None]
    weight = share / np.maximum(share.sum(axis=0), 1e-300)
    safe = np.where(np.abs(sums) > 1e-9, sums, np.inf)
    return weight * missing / safe[:, None]


def _residual(
    basis: NDArray[np.float16],
    courses: tuple[NDArray[np.float32], NDArray[np.float32]],
    truth: HeartMap,
) -> float:
    whole, worst, largest = basis.astype(np.float32), 0.0, 0.0
    true = truth.basis.astype(np.float32)
    for own, held in zip(courses, (truth.positive, truth.negative), strict=True):
        for start in range(0, own.shape[1], BLOCK):
            part = slice(start, start + BLOCK)
            exact = true @ held[:, part].astype(np.float32)
            worst = max(worst, float(np.abs(whole @ own[:, part] - exact).max(initial=0.0)))
            largest = max(largest, float(np.abs(exact).max(initial=0.0)))
    return worst / largest if largest else 0.0
