"""Where diagnostic statements placed the disease in recordings that gave the network such evidence.

The other mappings know the heart; this one knows readers.  Cardiologists' statements give
each recording of PTB-XL regions by rule (`annotations.derived_rules`); a ridge regression
learned what evidence goes with which region (`annotations.teaching`, where the rules are).
It says what the field would call the place, not where it is: it is no evidence that the
place is right, and is never shown without its name.

Equations
---------
``x`` holds the share of the supporting evidence in each lead, wave (`WAVES`) and sign of the
deflection that it lies on; ``r = usual + slope (x - mean) / scale``, not below zero, is the part of
each region that such recordings have marked.

Deviations
----------
- Ridge regression on shares, not a network: some hundred recordings teach it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import REGIONS, Anatomy
from cine_mapping.beat import Beat, Evidence
from cine_mapping.wave_share import t_onset
from imn.archives import check_shapes, read_archive
from imn.files import replacing
from imn.reading import refusal

SHIPPED = Path(__file__).parent / "statements.npz"
FORMAT = "ecglocus-statements-1"
WAVES = ("early QRS", "late QRS", "ST", "T")
"""Halves of QRS onset to J point; J point to T onset; T onset to T end."""


@dataclass(frozen=True, eq=False)
class Statements:
    """What was learned of one label.

    Parameters
    ----------
    mean, scale : (96,) float64
        Of the features in the recordings learned from.
    slope : (r, 96) float64
    usual : (r,) float64
        Mean part of each of `REGIONS` that is marked: what one would say without an ECG.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    slope: NDArray[np.float64]
    usual: NDArray[np.float64]

    def regions(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the part of each region that such evidence goes with.

        Parameters
        ----------
        features : (f,) float64
            As `evidence_features` gives them.

        Returns
        -------
        (r,) float64
            Not below zero.
        """
        return (self.usual + self.slope @ ((features - self.mean) / self.scale)).clip(min=0.0)

    def shares(self, evidence: Evidence, beat: Beat, anatomy: Anatomy) -> NDArray[np.float64]:
        """Lay regions out over an anatomy, evenly by area within each.

        Parameters
        ----------
        evidence : Evidence
        beat : Beat
        anatomy : Anatomy

        Returns
        -------
        (v,) float64
            They sum to one.
        """
        return region_shares(self.regions(evidence_features(evidence, beat)), anatomy)


def region_shares(regions: NDArray[np.float64], anatomy: Anatomy) -> NDArray[np.float64]:
    """Lay densities of regions out over the ventricles.

    Parameters
    ----------
    regions : (r,) float64
        In the order of `REGIONS`.
    anatomy : Anatomy

    Returns
    -------
    (v,) float64
        They sum to one; even over the ventricles if all densities are zero.
    """
    density = np.where(anatomy.ventricles, regions[anatomy.region], 0.0) * anatomy.heart.areas
    if not density.sum() > 0:
        density = np.where(anatomy.ventricles, anatomy.heart.areas, 0.0)
    return density / density.sum()


def evidence_features(evidence: Evidence, beat: Beat) -> NDArray[np.float64]:
    """Share of the supporting evidence by sign of the deflection, wave and lead, (96,) float64.

    Parameters
    ----------
    evidence : Evidence
    beat : Beat
        Of the same recording.

    Returns
    -------
    (2 x 4 x 12,) float64
        They sum to one, or are zero where nothing speaks for the label.
    """
    supporting = evidence.leads.clip(min=0.0)
    parts = [
        np.where(side, supporting, 0.0)[:, span].sum(axis=1)
        for side in (beat.signal > 0, beat.signal <= 0)
        for span in _spans(beat)
    ]
    features = np.concatenate(parts)
    return features / max(features.sum(), np.finfo(float).tiny)


def _spans(beat: Beat) -> tuple[slice, ...]:
    marks = beat.fiducials
    middle = (marks.qrs_onset + marks.j_point) // 2
    ends = (marks.qrs_onset, middle, marks.j_point, t_onset(marks), marks.t_end + 1)
    return tuple(slice(start, stop) for start, stop in zip(ends[:-1], ends[1:], strict=True))


def fit_statements(
    features: NDArray[np.float64], marked: NDArray[np.float64], *, stiffness: float
) -> Statements:
    """Learn what evidence goes with which region, by ridge regression.

    Parameters
    ----------
    features : (n, 96) float64
    marked : (n, r) float64
        Part of each region that is marked, 0 to 1.
    stiffness : float
        Ridge penalty on standardised features.

    Returns
    -------
    Statements
    """
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    x, usual = (features - mean) / scale, marked.mean(axis=0)
    gram = x.T @ x + stiffness * np.eye(x.shape[1])
    slope = np.linalg.solve(gram, x.T @ (marked - usual)).T
    return Statements(mean, scale, slope, usual)


def save_statements(learned: Mapping[str, Statements], origin: str, path: Path) -> Path:
    """Write what was learned of each label, and how, to one file.

    Parameters
    ----------
    learned : mapping of str to Statements
        By label.
    origin : str
    path : Path

    Returns
    -------
    Path
        Of the file.
    """
    arrays: dict[str, NDArray] = {
        "format": np.array(FORMAT),
        "labels": np.array(list(learned)),
        "origin": np.array(origin),
    }
    for label, one in learned.items():
        arrays |= {f"{label}/{name}": getattr(one, name).astype(np.float32) for name in _ARRAYS}
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    return path


_ARRAYS = {"mean": "f", "scale": "f", "slope": "rf", "usual": "r"}


def load_statements(path: Path) -> dict[str, Statements]:
    """Read what `save_statements` wrote.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to Statements
        By label.

    Raises
    ------
    InputError
        If it is no such file.
    """
    what, advice = "what statements taught", "learn it anew"
    held = read_archive(path, what, advice=advice, form=FORMAT, shapes={"labels": "l"})
    try:
        return {str(label): _statements(held, str(label)) for label in held["labels"]}
    except ValueError as error:
        raise refusal(path, f"expected {what}, found {error}", advice) from error


def _statements(held: Mapping[str, NDArray], label: str) -> Statements:
    check_shapes(held, {f"{label}/{name}": axes for name, axes in _ARRAYS.items()})
    mean, scale, slope, usual = (held[f"{label}/{name}"].astype(float) for name in _ARRAYS)
    if len(slope) != len(REGIONS):
        msg = f"{len(slope)} regions, where the heart has {len(REGIONS)}"
        raise ValueError(msg)
    return Statements(mean, scale, slope, usual)


@lru_cache(maxsize=1)
def shipped_statements() -> Mapping[str, Statements]:
    """Read what the package ships, once."""
    return MappingProxyType(load_statements(SHIPPED))
