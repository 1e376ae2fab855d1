"""Deletion and insertion: whether the logit follows what the map says it rests on.

Windows of one lead and 100 ms are taken away (deletion) or put into an empty
recording (insertion), most relevant first by the signed sum of the map for the
target's logit, and the classifier is **run again** on every changed signal.
A faithful map makes the deletion curve fall, and the insertion curve rise, at
once.  Deletion is Quantus' *Pixel-Flipping* (Bach et al., PLoS ONE 2015) and
*Region Perturbation* (Samek et al., IEEE TNNLS 2017) with windows as regions;
insertion is that of RISE (Petsiuk et al., BMVC 2018).

Putting in the most relevant share f leaves the same signal as taking away the
least relevant share 1 - f.  So on a grid symmetric about 1/2 the insertion
curve, read backwards, **is** the deletion curve in the order least relevant
first, and ``area(insertion) - area(deletion)`` is the area between the two
deletion curves (least minus most relevant first): the degradation score of
Schulz et al. (ICLR 2020), also called ABPC.  A random order scores 0 in expectation,
on every model, and a change that only breaks the signal (both curves fall)
cancels.

Which scale
-----------
* One model, several maps: the logit.  Every map starts and ends at the same two
  logits, so a per-record affine normalisation would cancel in the pairing and
  only blow up records whose empty and full logit agree.
* Several models: probability, the usual choice, is bounded but rewards an
  overconfident model and saturates.  The logit divided by its standard deviation
  over the recordings (`Curve.area` with ``unit``) does not depend on a model's temperature.
  Report both.

Deviations
----------
* The grid is dense at both ends and not uniform, areas are trapezoids over
  the fraction removed: 28 forward passes for both curves of a recording, area
  between them within 1.5 % of that on 241 points (a linear and a convolutional
  classifier, untrained, six ECGs).  A signed order moves the logit
  at both ends (what speaks against the label goes last), so the end counts too.
* Quantus' curve begins after the first removal; ours begins with the whole signal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imn.attribution.running import CHUNK, record_rng, target_logits
from imn.attribution.windows import WIDTH, keep_windows, n_windows, window_ranks, window_sums
from imn.errors import InputError

FRACTIONS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)
"""Shares of the windows removed or inserted, symmetric about 1/2."""

Scale = Literal["logit", "probability"]


@dataclass(frozen=True, eq=False)
class Protocol:
    """How recordings are taken apart.

    Parameters
    ----------
    fractions : tuple of float
        Rising from 0 to 1.
    width : int, samples
    reference : float or (12, n) float32 Tensor, mV
        The empty recording.

    Raises
    ------
    InputError
        If the fractions do not rise from 0 to 1.
    """

    fractions: tuple[float, ...] = FRACTIONS
    width: int = WIDTH
    reference: Tensor | float = 0.0

    def __post_init__(self) -> None:
        grid = np.asarray(self.fractions)
        if len(grid) < 2 or grid[0] != 0 or grid[-1] != 1 or (np.diff(grid) <= 0).any():
            msg = f"fractions must rise from 0 to 1, got {self.fractions}"
            raise InputError(msg)


PROTOCOL = Protocol()


@dataclass(frozen=True, eq=False)
class Curve:
    """Answer of the classifier along one order.

    Parameters
    ----------
    fractions : (F,) float64
    logit, probability : (B, F) float64
        Of the target.
    """

    fractions: NDArray[np.float64]
    logit: NDArray[np.float64]
    probability: NDArray[np.float64]

    def area(
        self, scale: Scale = "probability", *, unit: NDArray[np.float64] | float = 1.0
    ) -> NDArray[np.float64]:
        """Area under the curve by the trapezoidal rule.

        Parameters
        ----------
        scale : "logit" or "probability"
        unit : float or (B,) float64
            What the area is divided by, such as the label's `logit_spread`.

        Returns
        -------
        (B,) float64
        """
        values = self.logit if scale == "logit" else self.probability
        return np.asarray(np.trapezoid(values, self.fractions, axis=1)) / unit


@dataclass(frozen=True, eq=False)
class Perturbation:
    """Deletion and insertion in one order, most relevant first.

    Parameters
    ----------
    deletion : Curve
        From the whole signal to the empty one.
    insertion : Curve
        From the empty signal to the whole one.
    """

    deletion: Curve
    insertion: Curve

    def area_between(
        self, scale: Scale = "probability", *, unit: NDArray[np.float64] | float = 1.0
    ) -> NDArray[np.float64]:
        """Area of insertion minus area of deletion: larger is more faithful, random is 0.

        Parameters
        ----------
        scale, unit
            As in `Curve.area`.

        Returns
        -------
        (B,) float64
        """
        return self.insertion.area(scale, unit=unit) - self.deletion.area(scale, unit=unit)


def perturb(
    classifier: nn.Module,
    signal: Tensor,
    target: Tensor,
    ranks: NDArray[np.int64],
    *,
    protocol: Protocol = PROTOCOL,
    chunk: int = CHUNK,
) -> Perturbation:
    """Run the classifier along the deletion and the insertion curve of each recording.

    Parameters
    ----------
    classifier : nn.Module
    signal : (B, 12, n) float32, mV
    target : (B,) int64
    ranks : (B, 12, W) int64
        Turn of each window, 0 first: `window_ranks` of `window_sums` of a map.
    protocol : Protocol
    chunk : int
        Signals per forward pass.

    Returns
    -------
    Perturbation
    """
    fractions = np.asarray(protocol.fractions)
    count = np.rint(fractions * ranks[0].size).astype(int)
    size = max(1, chunk // (2 * len(count) - 2))
    places = torch.from_numpy(ranks).to(signal.device)
    counts = torch.from_numpy(count).to(signal.device)[:, None, None, None]
    parts = []
    for at in range(0, len(signal), size):
        x, t, turn = signal[at : at + size], target[at : at + size], places[at : at + size]
        # Whole and empty signal end both curves, so they are run once.
        keep = torch.cat([turn >= counts, turn < counts[1:-1]])
        changed = keep_windows(x, keep, width=protocol.width, reference=protocol.reference)
        labels = t.repeat(len(keep))
        parts.append(
            target_logits(classifier, changed.flatten(0, 1), labels, chunk=chunk).reshape(len(keep), -1)
        )
    logits = torch.cat(parts, 1).T.cpu().double().numpy()
    deletion, inner = logits[:, : len(count)], logits[:, len(count) :]
    insertion = np.concatenate([deletion[:, -1:], inner, deletion[:, :1]], axis=1)
    return Perturbation(_curve(fractions, deletion), _curve(fractions, insertion))


def perturb_by_map(
    classifier: nn.Module,
    signal: Tensor,
    target: Tensor,
    maps: NDArray[np.floating],
    *,
    protocol: Protocol = PROTOCOL,
    chunk: int = CHUNK,
) -> Perturbation:
    """`perturb` in the descending order of a map's signed window sums.

    Parameters
    ----------
    classifier, signal, target, protocol, chunk
        As in `perturb`.
    maps : (B, 12, n) float
        What is large goes first.

    Returns
    -------
    Perturbation
    """
    ranks = window_ranks(window_sums(maps, protocol.width))
    return perturb(classifier, signal, target, ranks, protocol=protocol, chunk=chunk)


def perturb_at_random(
    classifier: nn.Module,
    signal: Tensor,
    target: Tensor,
    *,
    draws: int = 5,
    seed: int = 0,
    protocol: Protocol = PROTOCOL,
) -> Perturbation:
    """Mean of `perturb` over random orders, drawn anew for each recording and draw.

    Parameters
    ----------
    classifier, signal, target, protocol
        As in `perturb`.
    draws : int
        Orders for each recording.
    seed : int

    Returns
    -------
    Perturbation
    """
    shape = (12, n_windows(signal.shape[-1], protocol.width))
    rngs = [record_rng(record, seed) for record in signal]
    scores = [np.stack([rng.random(shape) for rng in rngs]) for _ in range(draws)]
    return mean_perturbation(
        perturb(classifier, signal, target, window_ranks(score), protocol=protocol) for score in scores
    )


def mean_perturbation(parts: Iterable[Perturbation]) -> Perturbation:
    """Mean curves, logits and probabilities apart (the mean probability is not that of the mean logit).

    Parameters
    ----------
    parts : iterable of Perturbation
        Of the same recordings and fractions; at least one.

    Returns
    -------
    Perturbation
    """
    every = list(parts)

    def mean(curves: list[Curve]) -> Curve:
        logit = np.mean([curve.logit for curve in curves], axis=0)
        return Curve(curves[0].fractions, logit, np.mean([curve.probability for curve in curves], axis=0))

    return Perturbation(mean([part.deletion for part in every]), mean([part.insertion for part in every]))


def logit_spread(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the standard deviation of each label's logit over recordings.

    Parameters
    ----------
    logits : (N, K) float

    Returns
    -------
    (K,) float64, logit
    """
    return np.asarray(logits, dtype=float).std(axis=0)


def _curve(fractions: NDArray[np.float64], logit: NDArray[np.float64]) -> Curve:
    return Curve(fractions, logit, 0.5 + 0.5 * np.tanh(0.5 * logit))
