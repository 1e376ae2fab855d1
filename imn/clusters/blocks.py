"""What the last three blocks of a network say at each moment, on one time grid.

Boubekki et al., arXiv 2509.15198 (2025), cluster the activations of the last three residual blocks of a
one-dimensional ResNet, whose logits are linear in their mean over time.  Nothing is changed in a
network: its blocks are listened to.

Deviations
----------
* The paper does not say how its blocks are aligned.  Here an output stands in the middle of the
  samples it belongs to, and is brought to a grid of 50 Hz by linear interpolation.
* A mesomorphic network's logits are no function of its blocks' mean: what they say multiplies the
  signal.  Its evidence for the superclasses, summed over leads and by a Gaussian of 0.1 s over time, is
  a fourth block.
* A mean of several networks has the blocks of each of them, and one evidence.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError
from imn.explanation import sigmoid
from imn.labels import SUPERCLASSES

if TYPE_CHECKING:
    from torch import Tensor, nn

FS = 100.0
"""Rate of what networks read, Hz."""
GRID_HZ = 50.0
BATCH = 64
EVIDENCE_S = 0.1
"""Standard deviation of the Gaussian that gathers evidence."""


@dataclass(frozen=True)
class Block:
    """One block of a network: its output i looks at input sample ``stride * i + first``.

    Parameters
    ----------
    name : str
        Path of the module.
    stride : int
    first : float
    """

    name: str
    stride: int
    first: float = 0.0


LAST_BLOCKS: Mapping[str, tuple[Block, Block, Block]] = {
    # Widened to the samples by linear interpolation, so that a value stands in the middle of what it becomes.
    "Network": (Block("context", 8, 3.5), Block("decode2", 4, 1.5), Block("decode1", 2, 0.5)),
    # Halved by maxima over pairs, whose middle lies between samples.
    "PaperIMN": (Block("encoder", 4, 1.5), Block("decoder.2", 4, 1.5), Block("decoder.6", 2, 0.5)),
    "XResNet1d101": (Block("blocks.30", 32), Block("blocks.31", 32), Block("blocks.32", 32)),
    "S4Classifier": (Block("layers.1", 1), Block("layers.2", 1), Block("layers.3", 1)),
    "SamplingCNN": (Block("features.2", 2, 0.5), Block("features.4", 4, 1.5), Block("features.6", 8, 3.5)),
}
"""The last three blocks by the network's class."""
EVIDENCE = Block("evidence", 2, 0.5)


@dataclass(frozen=True, eq=False)
class Activations:
    """What blocks gave, each at its own rate.

    Parameters
    ----------
    blocks : tuple of Block
    values : tuple of (r, channels, m) float
        One array per block.
    logits : (r, k) float64
        What the model says of each recording.
    n : int
        Samples of the recordings, at 100 Hz.
    """

    blocks: tuple[Block, ...]
    values: tuple[NDArray[np.floating], ...]
    logits: NDArray[np.float64]
    n: int

    def __len__(self) -> int:
        """Give the number of recordings."""
        return len(self.values[0])

    def __getitem__(self, recordings: slice | NDArray[np.integer] | NDArray[np.bool_]) -> "Activations":
        """Keep some recordings."""
        values = tuple(value[recordings] for value in self.values)
        return Activations(self.blocks, values, self.logits[recordings], self.n)

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Sigmoid of the logits of the superclasses, (r, 5) float64."""
        logits: NDArray[np.float64] = self.logits[:, : len(SUPERCLASSES)]
        return sigmoid(logits)

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of each block."""
        return tuple(value.shape[1] for value in self.values)

    @property
    def steps(self) -> int:
        """Moments of the grid."""
        return len(grid_times(self.n))

    def on_grid(self, at: NDArray[np.integer] | None = None) -> NDArray[np.float32]:
        """Bring all blocks to the grid.

        Parameters
        ----------
        at : (r, s) int, optional
            Moments of the grid wanted of each recording; all by default.

        Returns
        -------
        (r, s, channels of all blocks) float32
        """
        every = np.broadcast_to(np.arange(self.steps), (len(self), self.steps))
        times = grid_times(self.n)[every if at is None else at]
        parts = [
            _interpolated(value, (times - block.first) / block.stride)
            for block, value in zip(self.blocks, self.values, strict=True)
        ]
        return np.concatenate(parts, axis=2)


def grid_times(n: int) -> NDArray[np.float64]:
    """Moments of the grid, each in the middle of its 20 ms.

    Parameters
    ----------
    n : int
        Samples of the recording at 100 Hz.

    Returns
    -------
    (s,) float64, samples at 100 Hz
    """
    step = FS / GRID_HZ
    return np.arange(int(np.ceil(n / step)), dtype=float) * step + (step - 1) / 2


def last_blocks(network: "nn.Module") -> tuple[Block, Block, Block]:
    """Name the last three blocks of a network.

    Parameters
    ----------
    network : nn.Module
        Of a class in `LAST_BLOCKS`.

    Returns
    -------
    tuple of three Block
        In the order in which the signal passes them.

    Raises
    ------
    InputError
        If it is of no kind that is known here.
    """
    kind = type(network).__name__
    if kind not in LAST_BLOCKS:
        msg = f"expected a network among {', '.join(LAST_BLOCKS)}, got {kind}; train one with ecglocus train"
        raise InputError(msg)
    return LAST_BLOCKS[kind]


def read_activations(networks: Sequence["nn.Module"], signal: NDArray[np.floating]) -> Activations:
    """Let networks read recordings and listen to their last three blocks.

    Parameters
    ----------
    networks : sequence of nn.Module
        Members of one model, in evaluation mode.
    signal : (r, 12, n) float, mV
        At 100 Hz above the isoelectric line.

    Returns
    -------
    Activations
        Values are float32, three blocks per network; then the evidence, if the networks have it.

    Raises
    ------
    InputError
        If a network's blocks are not known.
    """
    found = [_listen(network, signal) for network in networks]
    blocks = tuple(block for network in networks for block in last_blocks(network))
    values = tuple(value for heard, _, _ in found for value in heard)
    evidence = [part for _, _, part in found if part is not None]
    if evidence:
        blocks += (EVIDENCE,)
        values += (_gathered(np.stack(evidence).mean(axis=0)),)
    logits = np.mean([part for _, part, _ in found], axis=0, dtype=float)
    return Activations(blocks, values, logits, signal.shape[-1])


def _listen(
    network: "nn.Module", signal: NDArray[np.floating]
) -> tuple[list[NDArray[np.float32]], NDArray[np.float32], NDArray[np.float32] | None]:
    """Blocks' outputs, logits (r, k), and evidence (r, 5, n) where a network has weights."""
    import torch

    names = [block.name for block in last_blocks(network)]
    held: list[list[NDArray[np.float32]]] = []
    logits, evidence = [], []
    with torch.inference_mode(), _heard(network, names) as heard:
        for first in range(0, len(signal), BATCH):
            some = torch.as_tensor(np.ascontiguousarray(signal[first : first + BATCH], dtype=np.float32))
            logits.append(network(some).numpy())
            held.append([_rows(heard[name]) for name in names])
            if weights := getattr(network, "weights", None):
                parts = weights(some)[:, : len(SUPERCLASSES)]
                evidence.append(torch.einsum("bklt,blt->bkt", parts, some).numpy())
    rows = [np.concatenate(parts) for parts in zip(*held, strict=True)]
    return rows, np.concatenate(logits), np.concatenate(evidence) if evidence else None


def _gathered(evidence: NDArray[np.float32]) -> NDArray[np.float32]:
    """Evidence (r, k, n) per sample to (r, k, s), logit per moment of the grid, over about 0.1 s."""
    from scipy.ndimage import gaussian_filter1d

    step = EVIDENCE.stride
    padded = np.pad(evidence, ((0, 0), (0, 0), (0, -evidence.shape[2] % step)))
    summed = padded.reshape(*padded.shape[:2], -1, step).sum(axis=3)
    return np.asarray(gaussian_filter1d(summed, EVIDENCE_S * GRID_HZ, axis=2), np.float32)


@contextmanager
def _heard(network: "nn.Module", names: Iterable[str]) -> Iterator[dict[str, "Tensor"]]:
    """Keep what modules give while they are listened to."""
    heard: dict[str, Tensor] = {}

    def keep(name: str) -> object:
        def hook(_module: object, _inputs: object, output: "Tensor") -> None:
            heard[name] = output

        return network.get_submodule(name).register_forward_hook(hook)  # pyright: ignore[reportArgumentType]

    hooks = [keep(name) for name in names]
    try:
        yield heard
    finally:
        for hook in hooks:
            hook.remove()  # pyright: ignore[reportAttributeAccessIssue]


def _rows(output: "Tensor") -> NDArray[np.float32]:
    """(B, channels, m); where leads are apart, (B, channels, m, 12), each lead's channels are channels."""
    if output.ndim == 4:
        output = output.transpose(-1, -2).flatten(1, 2)
    return np.array(output.numpy(), np.float32)


def _interpolated(values: NDArray[np.floating], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rows (r, c, m) at fractional samples (r, s), held at the ends: (r, s, c)."""
    at = at.clip(0, values.shape[2] - 1)
    low = np.minimum(at.astype(np.intp), max(values.shape[2] - 2, 0))
    share = (at - low).astype(np.float32)[..., None]
    rows, turned = np.arange(len(values))[:, None], values.transpose(0, 2, 1)
    before = turned[rows, low].astype(np.float32)
    if not share.any():
        return before
    after = turned[rows, np.minimum(low + 1, values.shape[2] - 1)].astype(np.float32)
    return np.asarray(before + (after - before) * share, np.float32)
