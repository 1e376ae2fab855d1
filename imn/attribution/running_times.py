"""What post-hoc explanations cost, and what a network explains that learned from shuffled labels."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from imn.attribution.methods import METHODS
from imn.attribution.sanity import likeness
from imn.attribution.subjects import RIVALS, SHUFFLED, SUBJECTS, load
from imn.conditioning import remove_baseline
from imn.record import Record
from imn.storage import load_members

if TYPE_CHECKING:
    from imn.attribution.bench import Size

TIMED = (("paper", "own"), ("xresnet1d101", "integrated_gradients"), ("s4", "integrated_gradients"))


def post_hoc(models: Path, record: Record) -> dict[str, Callable[[], object]]:
    """Give explanations of one recording by rivals, ready to be timed.

    Parameters
    ----------
    models : Path
        As `imn.attribution.subjects.train_all` leaves it.
    record : Record
        At 100 Hz.

    Returns
    -------
    dict of str to callable
        Each explains one label of the recording anew; the last is integrated gradients on S4.
    """
    named = {subject.name: subject for subject in RIVALS}
    target = torch.zeros(1, dtype=torch.int64)

    def run(method: str, network: torch.nn.Module) -> object:
        signal = torch.from_numpy(remove_baseline(record.signal[None], record.fs))
        return METHODS[method](network, signal, target)

    return {
        f"{name}, {method.replace('_', ' ')}": partial(run, method, load(named[name], models, "a"))
        for name, method in TIMED
    }


def shuffled_likeness(models: Path, size: "Size", data: Path) -> float:
    """Compare evidence of one network with that of one trained on shuffled labels.

    Parameters
    ----------
    models : Path
    size : Size
    data : Path
        Root folder of PTB-XL.

    Returns
    -------
    float
        Median over recordings of the rank correlation of evidence.
    """
    from imn.attribution.bench import read_cases

    signal, target = read_cases(data, size.fold).first(size.records)
    true = METHODS["own"](load(SUBJECTS[1], models, "a"), signal, target)
    (network,) = load_members(models / SHUFFLED / "ecglocus.safetensors").members
    return float(np.median(likeness(true, METHODS["own"](network, signal, target)).signed))
