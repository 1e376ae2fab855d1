"""A small fully connected network: fitted with torch, used with NumPy alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Inputs = Callable[[np.random.Generator], NDArray[np.floating]]


@dataclass(frozen=True)
class Fitting:
    """How a perceptron is fitted.

    Parameters
    ----------
    width, hidden : int
        Units of a hidden layer, and how many such layers.
    epochs, batch : int
    learning_rate, weight_decay, dropout : float
    overlap : float
        Weight of one minus the soft Dice coefficient beside the cross-entropy.
    seed : int
    """

    width: int = 512
    hidden: int = 2
    epochs: int = 30
    batch: int = 256
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-2
    dropout: float = 0.1
    overlap: float = 0.06
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Perceptron:
    """Layers of weights, with x / (1 + exp(-x)) between them and the logistic function at the end.

    Parameters
    ----------
    mean, scale : (f,) float32
        Taken off the inputs, and what they are divided by.
    weights : tuple of (in, out) float32
    biases : tuple of (out,) float32
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]

    def __call__(self, inputs: NDArray[np.floating]) -> NDArray[np.float32]:
        """Give the probability of each output.

        Parameters
        ----------
        inputs : (s, f) float

        Returns
        -------
        (s, o) float32, 0 ... 1
        """
        from scipy.special import expit

        state = ((inputs - self.mean) / self.scale).astype(np.float32)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            state = state @ weight + bias
            state = state * expit(state)
        return expit(state @ self.weights[-1] + self.biases[-1])


def fit(inputs: Inputs, targets: NDArray[np.floating], fitting: Fitting, *, word: str = "fit") -> Perceptron:
    """Fit a perceptron by cross-entropy and overlap.

    Parameters
    ----------
    inputs : callable
        From a random generator to (s, f) float: called anew for each epoch, so
        that it can add noise.
    targets : (s, o) float
        0 ... 1.
    fitting : Fitting
    word : str
        For the progress bar.

    Returns
    -------
    Perceptron
    """
    import torch
    from torch import nn
    from tqdm import tqdm

    torch.manual_seed(fitting.seed)
    rng = np.random.default_rng(fitting.seed)
    first = inputs(rng)
    mean, scale = first.mean(axis=0), first.std(axis=0) + 1e-2
    sizes = [first.shape[1], *[fitting.width] * fitting.hidden, targets.shape[1]]
    net = nn.Sequential()
    for i, (before, after) in enumerate(zip(sizes, sizes[1:], strict=False)):
        if i:
            net.extend([nn.SiLU(), nn.Dropout(fitting.dropout)])
        net.append(nn.Linear(before, after))
    wanted = torch.as_tensor(np.asarray(targets, dtype=np.float32))
    optimiser = torch.optim.AdamW(
        net.parameters(), lr=fitting.learning_rate, weight_decay=fitting.weight_decay
    )
    batches = len(first) // fitting.batch or 1
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, fitting.learning_rate, total_steps=fitting.epochs * batches, pct_start=0.1
    )
    for _ in tqdm(range(fitting.epochs), desc=word, disable=None):
        given = torch.as_tensor(((inputs(rng) - mean) / scale).astype(np.float32))
        order = torch.randperm(len(given))
        for rows in order.tensor_split(batches):
            optimiser.zero_grad()
            _loss(net(given[rows]), wanted[rows], fitting.overlap).backward()
            optimiser.step()
            schedule.step()
    layers = [layer for layer in net if isinstance(layer, nn.Linear)]
    return Perceptron(
        mean.astype(np.float32),
        scale.astype(np.float32),
        tuple(layer.weight.detach().numpy().T.copy() for layer in layers),
        tuple(layer.bias.detach().numpy().copy() for layer in layers),
    )


def _loss(logits, wanted, overlap: float):  # noqa: ANN001, ANN202 -- torch is not imported at the top
    from torch.nn.functional import binary_cross_entropy_with_logits

    probability = logits.sigmoid()
    shared = 2 * (probability * wanted).sum(dim=1)
    dice = shared / (probability.sum(dim=1) + wanted.sum(dim=1) + 1e-3)
    return binary_cross_entropy_with_logits(logits, wanted) + overlap * (1 - dice.mean())
