"""Hints that a recording is upside down, a lead hardly there or the gain wrong: reported, never repaired.

Equations
---------
``s_i = sign(g_i) sqrt|g_i|`` with the skewness ``g_i = mean(x_i^3) / mean(x_i^2)^1.5`` of the
independent leads above the isoelectric line: high R waves make it positive, deep S waves negative.
A recording is upside down where ``c . s`` is below a limit; turned round, all of ``s`` change sign.

Deviations
----------
- Fisher's discriminant between recordings of PTB-XL, folds 1-8, and the same turned round; the limit
  leaves 1 of 200 of them below (`imn.electrode_interchange.main`; figures of fold 9 beside them).
- No recording of these folds has a lead below `QUIET` of the others or above `HIGHEST_MV`.
"""

from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.leads import INDEPENDENT, INDEPENDENT_INDEX

QUIET = 0.09
"""Root mean square of a lead over the median of the independent leads'; the least of PTB-XL is 0.092."""
HIGHEST_MV = 20.0
"""Above the isoelectric line; the highest of PTB-XL is 12 mV, with artefacts."""
FALSE_SHARE = 0.005


@dataclass(frozen=True, eq=False)
class Upright:
    """How recordings that are the right way up are known.

    Parameters
    ----------
    coefficients : (8,) float64
        Of `skewness`.
    least : float
        Below it a recording is called upside down.
    """

    coefficients: NDArray[np.float64]
    least: float


def skewness(above: ArrayLike) -> NDArray[np.float64]:
    """Which way each independent lead deflects, whatever its gain.

    Parameters
    ----------
    above : (12, n) float, mV
        Above the isoelectric line.

    Returns
    -------
    (8,) float64
        Square root of the third moment over the second to the power 3/2, with its sign; positive is upwards.
    """
    leads = _independent(above)
    cubes = np.vecdot(leads, leads**2) / leads.shape[1]
    found = cubes / (_sizes(leads) ** 3).clip(np.finfo(float).tiny)
    return np.sign(found) * np.sqrt(np.abs(found))


def _independent(above: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(above).take(INDEPENDENT_INDEX, axis=0).astype(float)


def _sizes(leads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Root mean square of each lead."""
    return np.sqrt(np.vecdot(leads, leads) / leads.shape[1])


def height_hints(above: ArrayLike, rule: Upright) -> tuple[str, ...]:
    """Tell in words what the heights of the leads speak for.

    Parameters
    ----------
    above : (12, n) float, mV
        Above the isoelectric line.
    rule : Upright

    Returns
    -------
    tuple of str
        Empty where nothing stands out.
    """
    rows = np.asarray(above)
    sizes = _sizes(_independent(rows)).tolist()
    least = QUIET * median(sizes)
    quiet = [name for name, size in zip(INDEPENDENT, sizes, strict=True) if size < least]
    highest = float(np.abs(rows).max())
    found = {
        "every lead looks upside down: check the polarity": skewness(rows) @ rule.coefficients < rule.least,
        f"{', '.join(quiet)} hardly there beside the other leads: check the electrode": bool(quiet),
        f"leads up to {highest:.0f} mV high, beyond any heart: check gain and unit": highest > HIGHEST_MV,
    }
    return tuple(words for words, holds in found.items() if holds)


def learn_upright(skewed: NDArray[np.float64]) -> Upright:
    """Learn the rule from recordings.

    Parameters
    ----------
    skewed : (r, 8) float64
        `skewness` of each, most of them the right way up.

    Returns
    -------
    Upright
    """
    coefficients = np.linalg.solve(np.cov(skewed.T), skewed.mean(axis=0))
    coefficients /= np.abs(coefficients).max()
    return Upright(coefficients, float(np.quantile(skewed @ coefficients, FALSE_SHARE)))


def measure_upright(skewed: NDArray[np.float64], rule: Upright) -> dict[str, float]:
    """Share of recordings called upside down as they are, and turned round.

    Parameters
    ----------
    skewed : (r, 8) float64
        `skewness` of each.
    rule : Upright

    Returns
    -------
    dict of str to float
        ``as recorded`` and ``turned``, 0 to 1.
    """
    said = skewed @ rule.coefficients
    return {"as recorded": float((said < rule.least).mean()), "turned": float((-said < rule.least).mean())}
