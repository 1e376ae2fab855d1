"""Variations of a recording that must not change what it says."""

import numpy as np
import torch
from torch import Tensor

from imn.leads import DOWER, EXPANSION, INDEPENDENT_INDEX

GAIN_SD = 0.15
NOISE_MV = 0.015
WANDER_MV = 0.05
WINDOW = 10
"""Samples at 100 Hz, 100 ms."""


def vary(signal: Tensor, generator: torch.Generator, *, n_crop: int, rotation_deg: float) -> Tensor:
    """Cut, scale and disturb a batch as another session with the same heart would.

    Everything added obeys Einthoven's and Goldberger's identities.

    Parameters
    ----------
    signal : (B, 12, n) float32, mV
    generator : torch.Generator
    n_crop : int
        Samples kept, from a place drawn for each recording.
    rotation_deg : float
        Standard deviation per axis by which the heart's dipole is turned.

    Returns
    -------
    (B, 12, min(n, n_crop)) float32, mV
    """
    signal = _crop(signal, generator, n_crop)
    batch, _, n = signal.shape
    gain = torch.exp(GAIN_SD * torch.randn(batch, 1, 1, generator=generator))
    independent = gain * signal[:, INDEPENDENT_INDEX, :]
    if rotation_deg > 0:
        independent = _turns(batch, generator, rotation_deg) @ independent
    level = NOISE_MV * torch.rand(batch, 1, 1, generator=generator)
    independent = independent + level * torch.randn(batch, 8, n, generator=generator)
    independent = independent + _wander(batch, n, generator)
    return torch.tensor(EXPANSION, dtype=torch.float32) @ independent


def disturb(signal: Tensor, generator: torch.Generator) -> Tensor:
    """Give a neighbour of each recording: windows of (lead x 100 ms) flattened.

    How many windows is drawn for each recording, from none to all but a few, so that
    the neighbours are those that deletion and insertion of evidence will visit.

    Parameters
    ----------
    signal : (B, 12, n) float32, mV, at 100 Hz
    generator : torch.Generator

    Returns
    -------
    (B, 12, n) float32, mV
    """
    batch, leads, n = signal.shape
    kept = torch.rand(batch, 1, 1, generator=generator)
    windows = torch.rand(batch, leads, -(-n // WINDOW) + 1, generator=generator) < kept
    mask = windows.repeat_interleave(WINDOW, dim=2)
    start = int(torch.randint(0, WINDOW, (), generator=generator))
    return signal * mask[..., start : start + n]


def _crop(signal: Tensor, generator: torch.Generator, n_crop: int) -> Tensor:
    spare = signal.shape[-1] - n_crop
    if spare <= 0:
        return signal
    starts = torch.randint(0, spare + 1, (len(signal),), generator=generator).tolist()
    return torch.stack([row[:, at : at + n_crop] for row, at in zip(signal, starts, strict=True)])


def _turns(batch: int, generator: torch.Generator, rotation_deg: float) -> Tensor:
    """(B, 8, 8): turn the dipole part of the leads, leave the rest."""
    axes = torch.randn(batch, 3, generator=generator) * float(np.deg2rad(rotation_deg))
    cross = torch.zeros(batch, 3, 3)
    cross[:, 0, 1], cross[:, 0, 2], cross[:, 1, 2] = -axes[:, 2], axes[:, 1], -axes[:, 0]
    turn = torch.matrix_exp(cross - cross.transpose(1, 2))
    forward = torch.tensor(DOWER, dtype=torch.float32)
    inverse = torch.tensor(np.linalg.pinv(DOWER), dtype=torch.float32)
    return torch.eye(8) + forward @ (turn - torch.eye(3)) @ inverse


def _wander(batch: int, n: int, generator: torch.Generator) -> Tensor:
    """(B, 8, n): slow sines of 0.1 to 0.5 Hz, as breathing leaves behind."""
    time = torch.arange(n) / 100.0
    rate = 0.1 + 0.4 * torch.rand(batch, 1, 1, generator=generator)
    phase = 2 * torch.pi * torch.rand(batch, 8, 1, generator=generator)
    height = WANDER_MV * torch.randn(batch, 8, 1, generator=generator)
    return height * torch.sin(2 * torch.pi * rate * time + phase)
