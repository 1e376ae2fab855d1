"""The region that made a pattern, by a network that has seen tens of thousands of simulated ones.

A perceptron gives each patch of the wall its probability of being diseased,
given pattern and family: the mean over hearts, places, electrodes and
physiologies that the simulator draws, so that what twelve leads cannot tell
comes out broad.  Simulation-based inference with an amortised posterior mean
(Cranmer et al. 2020, PNAS 117:30055).

Deviations
----------
- Patches are taken one by one; their dependence on each other is not modelled.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.myocardium import Myocardium
from cine_mapping.operators.layout import lay_out
from cine_mapping.operators.library import Library, require_family, shaped
from cine_mapping.operators.patches import Patches, plan_patches
from cine_mapping.operators.pattern import Pattern
from imn.perceptron import Fitting, Perceptron, fit

UNTOLD = 0.15
"""Part of the examples whose family is withheld, so that an unknown one can be asked for."""


@dataclass(frozen=True, eq=False)
class Decoder:
    """A perceptron from patterns of one domain to the canonical wall.

    Parameters
    ----------
    domain : str
    families : tuple of str
        In the order of its inputs.
    perceptron : Perceptron
    patches : Patches
    volumes : (n,) float64, mm3
        Of the canonical nodes.
    """

    domain: str
    families: tuple[str, ...]
    perceptron: Perceptron
    patches: Patches
    volumes: NDArray[np.float64]

    def probability(self, pattern: Pattern) -> NDArray[np.float64]:
        """Give the probability that each node is diseased.

        Parameters
        ----------
        pattern : Pattern
            Its family may be ``"unknown"``.

        Returns
        -------
        (n,) float64

        Raises
        ------
        InputError
            If the family is neither known nor ``"unknown"``.
        """
        told = np.zeros((1, len(self.families)))
        require_family(pattern.family, (*self.families, "unknown"))
        if pattern.family != "unknown":
            told[0, self.families.index(pattern.family)] = 1
        inputs = np.concatenate([shaped(pattern.values[None], self.domain), told], axis=1)
        return self.patches.spread @ self.perceptron(inputs)[0].astype(float)

    def apply(self, pattern: Pattern) -> NDArray[np.float64]:
        """Lay a pattern's total out by that probability, (n,) float64."""
        return lay_out(self.probability(pattern) * self.volumes, pattern.total)


def plan_decoder(
    domain: str,
    families: tuple[str, ...],
    perceptron: Perceptron,
    myocardium: Myocardium,
    centres: NDArray[np.floating],
) -> Decoder:
    """Bring a fitted perceptron onto the canonical heart.

    Parameters
    ----------
    domain : str
    families : tuple of str
        In the order in which the perceptron was told them.
    perceptron : Perceptron
    myocardium : Myocardium
    centres : (p, 4) float, mm
        As `cine_mapping.operators.patches.find_centres` gave them.

    Returns
    -------
    Decoder
    """
    patches = plan_patches(myocardium, centres)
    return Decoder(domain, families, perceptron, patches, myocardium.node_volumes)


def fit_decoder(
    library: Library,
    families: int,
    *,
    noise: float,
    fitting: Fitting = Fitting(),  # noqa: B008 -- frozen
) -> Perceptron:
    """Fit the perceptron.

    Parameters
    ----------
    library : Library
        Family 0 is the normal heart: whatever family such a beat is asked for,
        no patch is diseased.
    families : int
        How many there are.
    noise : float
        Standard deviation added to each bin anew in each epoch: mV, or part of
        a pattern's root mean square where it is a network's evidence.
    fitting : Fitting

    Returns
    -------
    Perceptron
    """
    spared = library.family == 0

    def inputs(rng: np.random.Generator) -> NDArray[np.float32]:
        size = 1.0
        if library.domain == "network":
            size = np.sqrt((library.values.astype(float) ** 2).mean(axis=(1, 2), keepdims=True))
        noisy = library.values + noise * size * rng.standard_normal(library.values.shape)
        asked = np.where(spared, rng.integers(1, families, len(spared)), library.family)
        told = np.eye(families)[asked] * (rng.random((len(spared), 1)) >= UNTOLD)
        return np.concatenate([shaped(noisy, library.domain), told], axis=1).astype(np.float32)

    return fit(inputs, library.truth, fitting, word=f"{library.domain} decoder")
