"""Fidelity: whether the map says how the logit would change.

A map that sums to the logit may still be no guide to the classifier's
behaviour: only its answers nearby tell.  `local_fidelity` compares weights with
the true gradient, `local_model_infidelity` the linear model they stand for
with the classifier (LFR-IMN: Hammer et al., arXiv 2606.29951), `infidelity` any
map with what happens when windows are removed (Yeh et al., NeurIPS 2019;
Quantus' *Infidelity*).  `bias_share` is what no map shows.

Deviations
----------
* Squared errors are divided by the variance (or mean square) of what is
  predicted: 0 is perfect, 1 no better than a constant, on every model's scale.
* Yeh et al. weigh a gradient by the perturbation; a map of additive evidence
  already holds that product, so the predicted fall is the sum of the map over
  what was removed.
* Gaussian neighbours stay physically possible (Einthoven, Goldberger), since no more is identified.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imn.attribution.running import CHUNK, frozen, pick, record_rng, target_logits
from imn.attribution.windows import WIDTH, n_windows, spread_windows
from imn.errors import InputError
from imn.leads import IDENTIFIED

NOISE = 0.1
"""Size of Gaussian neighbours, as a part of each lead's standard deviation."""
REMOVED = 0.1
"""Share of windows taken away for a removal neighbour."""


@dataclass(frozen=True, eq=False)
class Infidelity:
    """Squared error of a prediction, and the spread of what was predicted.

    Parameters
    ----------
    error, scale : (B,) float64, logit squared
    """

    error: NDArray[np.float64]
    scale: NDArray[np.float64]

    @property
    def per_record(self) -> NDArray[np.float64]:
        """``error / scale``, (B,) float64; nan where the logit did not change at all."""
        return np.divide(self.error, self.scale, out=np.full_like(self.error, np.nan), where=self.scale > 0)

    @property
    def pooled(self) -> float:
        """Mean error over mean scale: records whose logit hardly moves do not dominate."""
        return float(self.error.mean() / self.scale.mean())


def input_gradient(
    classifier: nn.Module, signal: Tensor, target: Tensor, *, chunk: int = 16
) -> NDArray[np.float64]:
    """Gradient of the target's logit with respect to the signal.

    Parameters
    ----------
    classifier, signal, target
        As in `imn.attribution.running.target_logits`.
    chunk : int
        Recordings per backward pass.

    Returns
    -------
    (B, 12, n) float64, logit per mV
    """
    parts = []
    with frozen(classifier):
        for piece, label in zip(signal.detach().split(chunk), target.split(chunk), strict=True):
            leaf = piece.clone().requires_grad_()
            (gradient,) = torch.autograd.grad(pick(classifier(leaf), label).sum(), leaf)
            parts.append(gradient.cpu().double())
    return torch.cat(parts).numpy()


def target_weights(
    classifier: nn.Module, signal: Tensor, target: Tensor, *, chunk: int = 16
) -> NDArray[np.float64]:
    """Weights of the target's logit.

    Parameters
    ----------
    classifier, signal, target, chunk
        As in `input_gradient`.

    Returns
    -------
    (B, 12, n) float64, logit per mV

    Raises
    ------
    InputError
        If the classifier gives no weights.
    """
    weights = getattr(classifier, "weights", None)
    if weights is None:
        msg = f"a self-explaining classifier is needed, {type(classifier).__name__} gives no weights"
        raise InputError(msg)
    with frozen(classifier), torch.inference_mode():
        parts = [
            pick(weights(piece), label).cpu().double()
            for piece, label in zip(signal.split(chunk), target.split(chunk), strict=True)
        ]
    return torch.cat(parts).numpy()


def cosine(
    first: NDArray[np.floating], second: NDArray[np.floating], *, identified: bool = True
) -> NDArray[np.float64]:
    """Cosine of two weights per recording.

    Parameters
    ----------
    first, second : (B, 12, n) float, logit per mV
    identified : bool
        Compare only what physically possible signals can see (`imn.leads.IDENTIFIED`).

    Returns
    -------
    (B,) float64
        nan where one of them is zero.
    """
    project = IDENTIFIED if identified else np.eye(12)
    a, b = ((project @ np.asarray(part, dtype=float)).reshape(len(part), -1) for part in (first, second))
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(1), norms, out=np.full(len(a), np.nan), where=norms > 0)


def local_fidelity(
    classifier: nn.Module, signal: Tensor, target: Tensor, *, identified: bool = True
) -> NDArray[np.float64]:
    """Cosine of weights and true gradient, (B,) float64, 1 for a linear reading; see `target_weights`."""
    weights = target_weights(classifier, signal, target)
    return cosine(weights, input_gradient(classifier, signal, target), identified=identified)


def noisy_neighbours(signal: Tensor, *, count: int = 16, size: float = NOISE, seed: int = 0) -> Tensor:
    """Each recording with physically possible white noise.

    Parameters
    ----------
    signal : (B, 12, n) float32, mV
    count : int
    size : float
        Noise before projection, in standard deviations of the lead.
    seed : int

    Returns
    -------
    (B, count, 12, n) float32, mV
    """
    shape = (count, *signal.shape[1:])
    noise = np.stack([record_rng(record, seed).standard_normal(shape) for record in signal])
    spread = signal.double().std(-1, correction=0, keepdim=True).cpu().numpy()[:, None]
    possible = IDENTIFIED @ (size * spread * noise)
    return signal[:, None] + torch.as_tensor(possible).to(signal)


def removal_masks(
    signal: Tensor, *, count: int = 16, share: float = REMOVED, width: int = WIDTH, seed: int = 0
) -> Tensor:
    """Random sets of windows to remove, of equal size.

    Parameters
    ----------
    signal : (B, 12, n) float32, mV
    count : int
    share : float
        Of all windows, at least one.
    width : int, samples
    seed : int

    Returns
    -------
    (B, count, 12, n) bool
        True where a sample is removed.
    """
    windows = n_windows(signal.shape[-1], width)
    take = max(1, round(share * 12 * windows))
    scores = np.stack([record_rng(record, seed).random((count, 12 * windows)) for record in signal])
    chosen = scores.argsort(-1).argsort(-1) < take
    mask = torch.from_numpy(chosen).to(signal.device).unflatten(-1, (12, windows))
    return spread_windows(mask, signal.shape[-1], width)


def remove(signal: Tensor, masks: Tensor, *, reference: Tensor | float = 0.0) -> Tensor:
    """Put the reference where masks say, (B, R, 12, n) float32, mV; see `removal_masks`."""
    return torch.where(masks, torch.as_tensor(reference).to(signal), signal[:, None])


def local_model_infidelity(
    classifier: nn.Module, signal: Tensor, target: Tensor, neighbours: Tensor, *, chunk: int = CHUNK
) -> Infidelity:
    """Error on neighbours of the linear model ``sum(W(x) * x') + b(x)``.

    It is read as ``logit(x) + sum(W(x) * (x' - x))``, the same for a reading
    against any reference signal.

    Parameters
    ----------
    classifier : nn.Module
        Self-explaining.
    signal : (B, 12, n) float32, mV
    target : (B,) int64
    neighbours : (B, R, 12, n) float32, mV
        `noisy_neighbours`, or `remove` with `removal_masks`.
    chunk : int
        Signals per forward pass.

    Returns
    -------
    Infidelity
        Scaled by the variance of the logit over each recording's neighbours.
    """
    weights = torch.from_numpy(target_weights(classifier, signal, target))
    steps = (neighbours - signal[:, None]).cpu().double()
    predicted = torch.einsum("blt,brlt->br", weights, steps).numpy()
    change = _changes(classifier, signal, target, neighbours, chunk)
    return Infidelity(((predicted - change) ** 2).mean(1), change.var(1))


def infidelity(
    classifier: nn.Module,
    signal: Tensor,
    target: Tensor,
    maps: NDArray[np.floating],
    masks: Tensor,
    *,
    rescale: bool = False,
) -> Infidelity:
    """Error of a map as a forecast of what removal does to the logit.

    Parameters
    ----------
    classifier : nn.Module
    signal : (B, 12, n) float32, mV
    target : (B,) int64
    maps : (B, 12, n) float
        Additive evidence, logit.
    masks : (B, R, 12, n) bool
        `removal_masks`.
    rescale : bool
        Give each map the factor, not below 0, that serves it best on this
        recording (after Yeh et al.): the only fair reading of a map without unit, such as saliency.

    Returns
    -------
    Infidelity
        Scaled by the mean square of the change: a map of zeros scores 1.
    """
    sums = torch.einsum("blt,brlt->br", torch.as_tensor(maps).double(), masks.cpu().double()).numpy()
    fall = -_changes(classifier, signal, target, remove(signal, masks), CHUNK)
    if rescale:
        square = (sums**2).sum(1, keepdims=True)
        factor = (sums * fall).sum(1, keepdims=True) / np.where(square > 0, square, 1.0)
        sums = np.maximum(factor, 0.0) * sums
    return Infidelity(((sums - fall) ** 2).mean(1), (fall**2).mean(1))


def bias_share(biases: NDArray[np.floating], logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Variance of what is not evidence over the variance of the logit, per label.

    Parameters
    ----------
    biases, logits : (N, K) float
        Over recordings.

    Returns
    -------
    (K,) float64
        0 for a bias that is one constant per label; above 1 where bias and evidence cancel.
    """
    return np.asarray(biases, dtype=float).var(axis=0) / np.asarray(logits, dtype=float).var(axis=0)


def _changes(
    classifier: nn.Module, signal: Tensor, target: Tensor, changed: Tensor, chunk: int
) -> NDArray[np.float64]:
    """Logit of each changed signal minus that of the whole one, (B, R) float64."""
    labels = target.repeat_interleave(changed.shape[1])
    after = target_logits(classifier, changed.flatten(0, 1), labels, chunk=chunk).reshape(changed.shape[:2])
    before = target_logits(classifier, signal, target, chunk=chunk)
    return (after.double() - before.double()[:, None]).cpu().numpy()
