"""Hints that electrodes were exchanged, a lead inverted or electrodes moved: reported, never repaired.

Each independent lead is foretold from the other seven by one linear rule; the rule fits worse when
electrodes are exchanged.  Every interchange of `HYPOTHESES` is undone in turn; where one of them
makes the leads fit by more than 99 of 100 recordings' best ever does, it is named.

Equations
---------
``fit = mean_i arctanh corr(x_i, sum_j b_ij x_j)`` over the eight independent leads, from their
moments ``x x'`` alone; undoing ``u`` gives ``u (x x') u'``.

Source
------
Kors & van Herpen 2001, Ann Noninvasive Electrocardiol 6:239: interchange by how well leads are foretold
from the others.

Deviations
----------
- Rule and threshold are learned on folds 1-8 of PTB-XL (``python -m imn.electrode_interchange PTBXL``
  writes them, and what fold 9 says of them, to ``electrode_interchange.json``).
- Left arm for left leg hardly changes the fit: found in few.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.conditioning import remove_baseline
from imn.electrode_placement import placement_hint
from imn.lead_heights import Upright, height_hints, learn_upright, measure_upright, skewness
from imn.leads import INDEPENDENT_INDEX
from imn.limb_leads import derived_hint
from imn.record import Record
from imn.results import versions, write_text

FILE = "electrode_interchange.json"
STEADY = 0.01
"""Share of the mean moment that is added to the diagonal, so that the rule stays smooth."""


def _limbs(first: tuple[int, int], second: tuple[int, int]) -> NDArray[np.float64]:
    mixed = np.eye(8)
    mixed[:2, :2] = first, second
    return mixed


def _swapped(a: int, b: int) -> NDArray[np.float64]:
    mixed = np.eye(8)
    mixed[[a + 1, b + 1]] = mixed[[b + 1, a + 1]]
    return mixed


def _inverted(a: int) -> NDArray[np.float64]:
    mixed = np.eye(8)
    mixed[a + 1, a + 1] = -1
    return mixed


_NEIGHBOURS = [(a, a + 1) for a in range(1, 6)] + [(a, a + 2) for a in range(1, 5)]
HYPOTHESES: Mapping[str, NDArray[np.float64]] = MappingProxyType(
    {
        "right and left arm exchanged": _limbs((-1, 0), (-1, 1)),
        "right arm and left leg exchanged": _limbs((1, -1), (0, -1)),
        "left arm and left leg exchanged": _limbs((0, 1), (1, 0)),
        "limb electrodes turned by one place": _limbs((-1, 1), (-1, 0)),
        "limb electrodes turned by one place, the other way": _limbs((0, -1), (1, -1)),
    }
    | {f"V{a} and V{b} exchanged": _swapped(a, b) for a, b in _NEIGHBOURS}
    | {f"V{a} inverted": _inverted(a) for a in range(1, 7)}
)
"""(8, 8) each: the recorded independent leads from the true ones."""
_UNDONE = np.linalg.inv(np.stack([np.eye(8), *HYPOTHESES.values()]))
"""Their inverses, after one that changes nothing."""


@dataclass(frozen=True, eq=False)
class Rule:
    """How leads follow from each other.

    Parameters
    ----------
    coefficients : (8, 8) float64
        Of each lead on the others; zero diagonal.
    threshold : float
        Gain of fit beyond which an interchange is named.
    """

    coefficients: NDArray[np.float64]
    threshold: float


def hints(record: Record, above: ArrayLike | None = None) -> tuple[str, ...]:
    """Tell in words what may be wrong with the electrodes of a recording, and which leads were derived.

    Parameters
    ----------
    record : Record
    above : (12, n) float, mV, optional
        Its signal above the isoelectric line, where that is known already.

    Returns
    -------
    tuple of str
        Empty where nothing speaks for it.
    """
    rows = remove_baseline(record.signal, record.fs) if above is None else np.asarray(above)
    moment = _moments(rows)
    gains = gains_of(moment, shipped_rule())
    best = max(gains, key=lambda name: gains[name])
    found = (f"the leads fit better with {best}: check the electrodes",) if _beyond(gains, best) else ()
    told = (*placement_hint(record.metadata), *derived_hint(record.metadata))
    return (*found, *height_hints(rows, shipped_upright()), *told)


def _beyond(gains: Mapping[str, float], name: str) -> bool:
    return gains[name] > shipped_rule().threshold


def moments(signal: ArrayLike, fs: float) -> NDArray[np.float64]:
    """Second moments of the independent leads above the isoelectric line, summed over time.

    Parameters
    ----------
    signal : (12, n) float, mV
    fs : float, Hz

    Returns
    -------
    (8, 8) float64, mV2
    """
    return _moments(remove_baseline(np.asarray(signal, dtype=np.float32), fs))


def _moments(above: NDArray[np.floating]) -> NDArray[np.float64]:
    leads = above[list(INDEPENDENT_INDEX)].astype(float)
    return leads @ leads.T


def gains_of(moment: NDArray[np.float64], rule: Rule) -> dict[str, float]:
    """Tell how much better the leads fit after undoing each of `HYPOTHESES`.

    Parameters
    ----------
    moment : (8, 8) float64, mV2
        As `moments` gives it.
    rule : Rule

    Returns
    -------
    dict of str to float
        By name of the hypothesis; negative where they fit worse.
    """
    now, *then = _fits(_UNDONE @ moment @ _UNDONE.transpose(0, 2, 1), rule.coefficients).tolist()
    return {name: fit - now for name, fit in zip(HYPOTHESES, then, strict=True)}


def _fits(moments: NDArray[np.float64], coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tell how well leads are foretold, from each of several (h, 8, 8) moments."""
    tiny = np.finfo(float).tiny
    shared = coefficients @ moments
    foretold = (shared * coefficients).sum(axis=2).clip(tiny)
    own = np.diagonal(moments, axis1=1, axis2=2).clip(tiny)
    correlation = np.diagonal(shared, axis1=1, axis2=2) / np.sqrt(foretold * own)
    return np.arctanh(correlation.clip(-0.99, 0.99)).mean(axis=1)


def learn(signals: ArrayLike, fs: float) -> Rule:
    """Learn the rule and its threshold from recordings.

    Parameters
    ----------
    signals : (r, 12, n) float, mV
    fs : float, Hz

    Returns
    -------
    Rule
        Which names something in one of a hundred of these recordings.
    """
    each = [moments(signal, fs) for signal in np.asarray(signals)]
    mean = np.mean([moment / np.trace(moment) for moment in each], axis=0)
    steady = mean + STEADY * np.trace(mean) / 8 * np.eye(8)
    coefficients = np.zeros((8, 8))
    for i in range(8):
        others = [j for j in range(8) if j != i]
        coefficients[i, others] = np.linalg.solve(steady[np.ix_(others, others)], mean[others, i])
    rule = Rule(coefficients, np.inf)
    best = [max(gains_of(moment, rule).values()) for moment in each]
    return Rule(coefficients, float(np.quantile(best, 0.99)))


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    return json.loads((files("imn") / FILE).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def shipped_rule() -> Rule:
    """Read the rule that the package ships, once."""
    held = _shipped()
    return Rule(np.array(held["coefficients"]), held["threshold"])


@lru_cache(maxsize=1)
def shipped_upright() -> Upright:
    """Read the rule for the right way up that the package ships, once."""
    held = _shipped()["upright"]
    return Upright(np.array(held["coefficients"]), held["least"])


def measure(signals: ArrayLike, fs: float, rule: Rule) -> dict[str, float]:
    """Exchange the electrodes of recordings by each hypothesis, and see how often it is named.

    Parameters
    ----------
    signals : (r, 12, n) float, mV
    fs : float, Hz
    rule : Rule

    Returns
    -------
    dict of str to float
        Share of the recordings in which it is named, by hypothesis; ``none`` is the share in
        which something is named though nothing was exchanged.
    """
    each = [moments(signal, fs) for signal in np.asarray(signals)]

    def named(moment: NDArray[np.float64]) -> str | None:
        gains = gains_of(moment, rule)
        best = max(gains, key=lambda name: gains[name])
        return best if gains[best] > rule.threshold else None

    found = {
        name: float(np.mean([named(mixed @ moment @ mixed.T) == name for moment in each]))
        for name, mixed in HYPOTHESES.items()
    }
    return {"none": float(np.mean([named(moment) is not None for moment in each]))} | found


def main(data: str) -> None:
    """Learn on folds 1-8 of PTB-XL, measure on fold 9, write both beside this module."""
    from imn.ptbxl import FS, read_index, read_signals

    learned_on, measured_on = (
        read_signals(read_index(data, folds), progress=True) for folds in (range(1, 9), [9])
    )
    rule = learn(learned_on, FS)
    found = measure(measured_on, FS, rule)
    skewed = [
        np.array([skewness(remove_baseline(signal, FS)) for signal in signals])
        for signals in (learned_on, measured_on)
    ]
    upright = learn_upright(skewed[0])
    turned = measure_upright(skewed[1], upright)
    held = {
        "command": "python -m imn.electrode_interchange PTBXL",
        "data": "PTB-XL, folds 1-8 to learn, fold 9 to measure (CC BY 4.0, Wagner et al. 2020)",
        "versions": versions(("numpy", "wfdb")),
        "named_on_fold_9": {name: round(share, 4) for name, share in found.items()},
        "upside_down_on_fold_9": {name: round(share, 4) for name, share in turned.items()},
        "upright": {"coefficients": upright.coefficients.round(6).tolist(), "least": round(upright.least, 6)},
        "threshold": rule.threshold,
        "coefficients": rule.coefficients.round(6).tolist(),
    }
    write_text(Path(__file__).with_name(FILE), json.dumps(held, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
