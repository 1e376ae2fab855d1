"""How the shipped network is built and fitted: every number that was chosen.

Readers, their share and the rotation were chosen on folds 2, 4, 6 and 8 of
PTB-XL, each held out in turn, by macro AUROC and by `imn.evaluation.lead_figures`.
"""

from dataclasses import dataclass

CLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
"""Superclasses of PTB-XL, in the order of the network's outputs."""

READERS = (
    ("NORM",),
    ("AMI", "IMI", "LMI"),
    ("STTC",),
    ("LAFB/LPFB", "IRBBB", "_AVB", "IVCD", "CRBBB", "CLBBB"),
    ("HYP",),
)
"""Who reads each class: subclasses of PTB-XL where its kinds lie in different places."""


@dataclass(frozen=True)
class Recipe:
    """Numbers that decide what network comes out, given recordings and a seed.

    Parameters
    ----------
    readers : tuple of tuple of str
        For each class, its readers.  A class with several is read by one per
        subclass of PTB-XL, so that different walls need not share weights.
    widths : (int, int, int)
        Channels at 50, 25 and 12.5 Hz.
    kernel : int
        Odd, samples at each of these rates.
    dropout : float
    epochs : int
    patience : int
        Epochs without a better validation AUROC before fitting ends.
    batch : int
    rate : float
        Highest learning rate.
    decay : float
        Decoupled weight decay.
    n_crop : int
        Samples at 100 Hz seen at once while fitting.
    rotation_deg : float
        See `imn.augmentation.vary`.
    reader_share : float
        Weight of the readers' own cross-entropy.
    """

    readers: tuple[tuple[str, ...], ...] = READERS
    widths: tuple[int, int, int] = (32, 48, 64)
    kernel: int = 5
    dropout: float = 0.2
    epochs: int = 12
    patience: int = 6
    batch: int = 32
    rate: float = 3e-3
    decay: float = 0.05
    n_crop: int = 500
    rotation_deg: float = 8.0
    reader_share: float = 1.7
