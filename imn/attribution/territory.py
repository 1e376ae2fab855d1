"""Whether evidence for an infarct lies in the leads that face it.

The contrast of a recording is the share of its map in V1 to V4 less that in II, III and aVF; over
recordings it should tell anterior from inferior infarcts.

What a share means after folding
--------------------------------
Twelve leads follow from eight, so weights on twelve are not identified: a part that no possible
signal can see moves shares and changes no logit.  Folding to the eight independent leads
(`imn.leads.fold_weights`) takes it away, but leaves no III and no aVF.  So the folded weights are
given back to the twelve leads in the one way of least norm (`imn.leads.to_identified`, which is
``pinv(E).T @ E.T @ W``), and shares are those of the result times the signal.  They depend on the
folded weights only.

References
----------
Haufe et al., NeuroImage 2014; 87: 96, doi 10.1016/j.neuroimage.2013.10.067 (eq. 6: the pattern of
a linear read-out is the covariance of its inputs times its weights, up to the variance of its output).

Deviations
----------
- The pattern is taken over leads at each moment, with one covariance for all moments, and not
  divided by the variance of the output: shares do not see a factor.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.bootstrap import Interval
from imn.errors import InputError
from imn.leads import LEADS, to_identified
from imn.metrics import auroc_intervals

ANTERIOR_LEADS = ("V1", "V2", "V3", "V4")
INFERIOR_LEADS = ("II", "III", "aVF")
Form = Literal["signed", "positive", "absolute"]
FORMS: tuple[Form, ...] = ("signed", "positive", "absolute")


def lead_contrast(maps: ArrayLike, form: Form = "positive") -> NDArray[np.float64]:
    """Share of a map in V1 to V4, less that in II, III and aVF.

    Parameters
    ----------
    maps : (..., 12, n) float
        Where they are made of weights, of identified ones (see the module's text).
    form : "signed", "positive" or "absolute"
        What is summed over time: the map itself, what of it speaks for the label, or its
        magnitude.  Signed and absolute sums are shares of the magnitude of the whole map.

    Returns
    -------
    (...) float64
        -1 to 1; 0 for a map of zeros.

    Raises
    ------
    InputError
        If the map has not twelve leads, or the form is unknown.
    """
    maps = np.asarray(maps, dtype=float)
    if maps.ndim < 2 or maps.shape[-2] != len(LEADS):
        msg = f"expected maps of twelve leads (..., 12, n), got {maps.shape}; expand them first"
        raise InputError(msg)
    if form not in FORMS:
        msg = f"expected a form among {', '.join(FORMS)}, got {form!r}"
        raise InputError(msg)
    amounts = {"signed": maps, "positive": np.clip(maps, 0, None), "absolute": np.abs(maps)}[form]
    per_lead = amounts.sum(axis=-1)
    whole = np.abs(maps).sum(axis=(-1, -2)) if form == "signed" else per_lead.sum(axis=-1)
    parts = [per_lead[..., _at(names)].sum(axis=-1) for names in (ANTERIOR_LEADS, INFERIOR_LEADS)]
    return np.divide(parts[0] - parts[1], whole, out=np.zeros_like(whole), where=whole > 0)


def lead_covariance(signals: ArrayLike) -> NDArray[np.float64]:
    """Covariance of the leads over time, each about its own mean.

    Parameters
    ----------
    signals : (..., 12, n) float, mV
        One recording or several.

    Returns
    -------
    (..., 12, 12) float64, mV2
        Of each; the mean over recordings is the pooled one.
    """
    signals = np.asarray(signals, dtype=float)
    centred = signals - signals.mean(axis=-1, keepdims=True)
    return centred @ centred.swapaxes(-1, -2) / signals.shape[-1]


def activation_pattern(weights: ArrayLike, covariance: ArrayLike) -> NDArray[np.float64]:
    """Potential that goes along with the read-out, in place of the filter that reads it.

    What of the weights no possible signal can see is gone from the pattern.

    Parameters
    ----------
    weights : (..., 12, n) float, logit per mV
    covariance : (..., 12, 12) float, mV2
        As `lead_covariance` gives.

    Returns
    -------
    (..., 12, n) float64, logit mV
    """
    return np.asarray(covariance, dtype=float) @ np.asarray(weights, dtype=float)


def map_forms(
    weights: ArrayLike,
    signal: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    pooled: ArrayLike | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Give the maps that the same weights allow.

    Parameters
    ----------
    weights : (B, 12, n) float, logit per mV
    signal : (B, 12, n) float, mV
    reference : (..., 12, n) float, mV, optional
        Signals against which evidence counts, broadcast to the recordings.
    pooled : (12, 12) float, mV2, optional
        Covariance over many recordings; by default over these.

    Returns
    -------
    dict of str to (B, 12, n) float64
        ``evidence``, ``pattern by record``, ``pattern pooled``, their product with the signal
        (``... x signal``), and with a reference ``against reference`` and its products
        with the patterns.
    """
    identified, x = to_identified(weights), np.asarray(signal, dtype=float)
    own = lead_covariance(x)
    patterns = {
        "pattern by record": activation_pattern(identified, own),
        "pattern pooled": activation_pattern(identified, own.mean(axis=0) if pooled is None else pooled),
    }
    maps = {"evidence": identified * x} | patterns
    maps |= {f"{name} x signal": pattern * x for name, pattern in patterns.items()}
    if reference is not None:
        away = x - np.asarray(reference, dtype=float)
        maps["against reference"] = identified * away
        maps |= {f"{name} against reference": pattern * away for name, pattern in patterns.items()}
    return maps


def contrasts(maps: Mapping[str, ArrayLike]) -> dict[tuple[str, Form], NDArray[np.float64]]:
    """Give the contrast of each map in each form.

    Parameters
    ----------
    maps : mapping of str to (B, 12, n) float

    Returns
    -------
    mapping of (name, form) to (B,) float64
        `lead_contrast` of each.

    Raises
    ------
    InputError
        If a map has not twelve leads.
    """
    return {(name, form): lead_contrast(own, form) for name, own in maps.items() for form in FORMS}


def territory_auroc(anterior: ArrayLike, contrast: ArrayLike, *, seed: int = 0) -> Interval:
    """Tell anterior from inferior infarcts by a contrast.

    Parameters
    ----------
    anterior : (B,) bool
        True for anterior, False for inferior infarcts; others are left out.
    contrast : (B,) float
    seed : int

    Returns
    -------
    Interval

    Raises
    ------
    InputError
        If one kind is missing, or the shapes differ.
    """
    truth, score = np.asarray(anterior, dtype=bool), np.asarray(contrast, dtype=float)
    if truth.ndim != 1 or truth.shape != score.shape:
        msg = f"expected one contrast per recording, got {score.shape} for {truth.shape}"
        raise InputError(msg)
    if truth.all() or not truth.any():
        msg = f"expected anterior and inferior infarcts, got {truth.sum()} of {truth.size} anterior"
        raise InputError(msg)
    (found,), _ = auroc_intervals(truth[:, None], score[:, None], seed=seed)
    return found


def _at(names: tuple[str, ...]) -> list[int]:
    return [LEADS.index(name) for name in names]
