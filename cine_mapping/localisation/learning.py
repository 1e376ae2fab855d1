"""Learn the mappings of one anatomy from simulated patients."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cine_mapping.localisation.cases import NAMES, Cases
from cine_mapping.localisation.credible import credible_threshold, held_threshold
from cine_mapping.localisation.network_cases import NetworkCases
from cine_mapping.localisation.patterns import NOISE_MV
from cine_mapping.myocardium import Myocardium
from cine_mapping.operators.decoder import Decoder, fit_decoder, plan_decoder
from cine_mapping.operators.learned import Learned
from cine_mapping.operators.library import Library, occupied
from cine_mapping.operators.patches import Patches, find_centres, plan_patches
from cine_mapping.operators.pattern import Pattern
from imn.perceptron import Fitting, Perceptron

SPECIFICITY = 0.90
EVIDENCE_NOISE = 0.05


def library_of(
    domain: str, cases: Cases | NetworkCases, patches: Patches, values: NDArray[np.floating], nodes: int
) -> Library:
    """Put the patterns of cases beside their regions.

    Parameters
    ----------
    domain : str
    cases : Cases or NetworkCases
    patches : Patches
    values : (s, 8, b) float
        Patterns of the cases.
    nodes : int
        Of the myocardium they were simulated on.

    Returns
    -------
    Library
    """
    truth = occupied(cases.masks(nodes), patches)
    return Library(domain, values.astype(np.float32), cases.family, truth)


def learn(
    train: Mapping[str, tuple[Cases | NetworkCases, NDArray[np.floating]]],
    calibration: Mapping[str, tuple[Cases | NetworkCases, NDArray[np.floating]]],
    myocardium: Myocardium,
    *,
    usual: NDArray[np.floating],
    fitting: Fitting = Fitting(),  # noqa: B008 -- frozen
    origin: str = "",
) -> Learned:
    """Fit a decoder for each domain, and set its thresholds on other patients.

    Parameters
    ----------
    train, calibration : mapping of domain to cases and their patterns (s, 8, b)
        Of different patients.
    myocardium : Myocardium
        Whose nodes the truth is at.
    usual : (8, b) float, mV
        The reference of the domain ``generic``.
    fitting : Fitting
    origin : str

    Returns
    -------
    Learned
    """
    centres = find_centres(myocardium)
    patches = plan_patches(myocardium, centres)
    perceptrons: dict[str, Perceptron] = {}
    thresholds: dict[str, NDArray[np.float64]] = {}
    presence: dict[str, float] = {}
    for domain, (cases, values) in train.items():
        noise = EVIDENCE_NOISE if domain == "network" else NOISE_MV
        library = library_of(domain, cases, patches, values, len(myocardium.points))
        net = fit_decoder(library, len(NAMES), noise=noise, fitting=fitting)
        perceptrons[domain] = _halved(net)
        decoder = plan_decoder(domain, NAMES, perceptrons[domain], myocardium, centres)
        thresholds[domain], presence[domain] = _calibrated(decoder, *calibration[domain], myocardium)
    return Learned(
        NAMES, centres, np.asarray(usual, dtype=np.float32), perceptrons, thresholds, presence, origin
    )


def _halved(net: Perceptron) -> Perceptron:
    """Round weights as the file does, so that what is calibrated is what is shipped."""
    return replace(net, weights=tuple(w.astype(np.float16).astype(np.float32) for w in net.weights))


def _calibrated(
    decoder: Decoder, cases: Cases | NetworkCases, values: NDArray[np.floating], myocardium: Myocardium
) -> tuple[NDArray[np.float64], float]:
    """Thresholds of the credible regions by family, and of "no region"."""
    rng = np.random.default_rng(0)
    if decoder.domain != "network":
        values = values + NOISE_MV * rng.standard_normal(values.shape)
    truth, areas = cases.masks(len(myocardium.points)), myocardium.boundary.areas
    held = np.full(len(cases), np.nan)
    spared = []
    for i, (family, value) in enumerate(zip(cases.family, values, strict=True)):
        asked = int(family) if family else int(rng.integers(1, len(NAMES)))
        probability = decoder.probability(Pattern(NAMES[asked], np.asarray(value, dtype=float)))
        if family:
            held[i] = held_threshold(probability, truth[i], areas)
        else:
            spared.append(probability.max())
    thresholds = np.zeros(len(NAMES))
    for family in range(1, len(NAMES)):
        some = held[cases.family == family]
        thresholds[family] = credible_threshold(some) if np.isfinite(some).any() else 0.0
    return thresholds, float(np.quantile(spared, SPECIFICITY)) if spared else 0.0
