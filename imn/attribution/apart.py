"""Attributions of the classifiers that were compared, for recordings of others' choosing."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from imn.attribution.methods import METHODS
from imn.attribution.subjects import SUBJECTS, Subject, load, weights_path
from imn.files import replacing

SLOW = ("occlusion",)
"""Methods left out: 1,201 forward passes for each recording."""


def pairs() -> Iterator[tuple[Subject, str]]:
    """Give every classifier with each of its methods, ours by its own weights left out."""
    for subject in SUBJECTS:
        for method in subject.methods:
            if method not in SLOW and not (subject.model == "ecglocus" and method == "own"):
                yield subject, method


def attributions(
    subject: Subject, method: str, models: Path, *, signal: NDArray[np.float32], target: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Explain one label of each recording; what was made before is read from the models' folder.

    Parameters
    ----------
    subject : Subject
    method : str
        Of `imn.attribution.methods.METHODS`.
    models : Path
        As `imn.attribution.subjects.train_all` leaves it.
    signal : (B, 12, n) float32, mV
    target : (B,) int64

    Returns
    -------
    (B, 12, n) float32

    Raises
    ------
    InputError
        If the weights are missing or damaged, or captum is missing.
    """
    digest = hashlib.sha256(weights_path(subject, models, "a").read_bytes())
    digest.update(signal.tobytes() + target.tobytes())
    name = f"{subject.name} {method} {digest.hexdigest()[:16]}.npy".replace(",", "").replace(" ", "-")
    kept = models / "attributions" / name
    if kept.is_file():
        return np.load(kept, allow_pickle=False)
    classifier = load(subject, models, "a")
    made = METHODS[method](classifier, torch.from_numpy(signal), torch.from_numpy(target)).astype(np.float32)
    kept.parent.mkdir(exist_ok=True)
    with replacing(kept) as draft, draft.open("wb") as file:
        np.save(file, made, allow_pickle=False)
    return made
