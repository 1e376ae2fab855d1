"""Recordings read for one label each: every logit, but the weights of that label alone.

Half the work and a twentieth of the memory of `Model.explain_many`, for many recordings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from imn.conditioning import Resampling, remove_baseline
from imn.explanation import Explanation
from imn.model import Model, check_record
from imn.network import FS
from imn.record import Record

Choice = Callable[[NDArray[np.float64]], int]
"""From the logits of a recording, (k,), to the index of the label to explain."""


@dataclass(frozen=True, eq=False)
class OneLabel:
    """What the network says of a recording, and why for one label.

    Parameters
    ----------
    logits : (k,) float64
        Of all labels of the model.
    explanation : Explanation
        Of the one label that was chosen.
    """

    logits: NDArray[np.float64]
    explanation: Explanation


def explain_one_label(model: Model, records: Sequence[Record], choose: Choice) -> list[OneLabel]:
    """Read recordings of one rate and length together.

    Parameters
    ----------
    model : Model
    records : sequence of Record
    choose : callable
        Which label of a recording is explained.

    Returns
    -------
    list of OneLabel, in the order given
        The label's logit is the sum of the weights stored, as in `Model.explain`; the other
        logits are the network's own, which differ from such sums by rounding alone.

    Raises
    ------
    InputError
        As `Model.explain`.
    """
    for record in records:
        check_record(record)
    fs, n = records[0].fs, records[0].signal.shape[1]
    resampling = Resampling.plan(n, fs, FS)
    signals = remove_baseline(np.stack([record.signal for record in records]), fs)
    logits, target, shown = _read(model, resampling.apply(signals), choose)
    weights = resampling.adjoint(shown.astype(np.float32))
    return [
        _one(model, record, (logits[i], int(target[i])), weights[i], signals[i])
        for i, record in enumerate(records)
    ]


def _read(
    model: Model, signals: NDArray[np.floating], choose: Choice
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
    """Give logits (b, k), labels chosen (b,) and their mean weights at 100 Hz (b, 12, n)."""
    batch = torch.as_tensor(np.ascontiguousarray(signals, dtype=np.float32))
    with torch.inference_mode():
        read = [member.parts(batch) for member in model.members]
        logits = np.mean([own.numpy().astype(float) for _, own, _ in read], axis=0)
        target = np.array([choose(row) for row in logits], dtype=np.intp)
        chosen, n = torch.as_tensor(target), batch.shape[-1]
        weights = np.zeros(batch.shape)
        for member, (parts, _, mix) in zip(model.members, read, strict=True):
            own = mix[torch.arange(len(chosen)), chosen]
            weights += member.fine(torch.einsum("br,brlt->blt", own, parts)[:, None], n)[:, 0].numpy()
    return logits, target, weights / len(model.members)


def _one(
    model: Model,
    record: Record,
    said: tuple[NDArray[np.float64], int],
    weights: NDArray[np.floating],
    signal: NDArray[np.float32],
) -> OneLabel:
    logits, k = said
    held, label, bias = weights[None].astype(np.float32), (model.classes[k],), model.bias[[k]]
    logit = np.einsum("klt,lt->k", held, signal, dtype=float, optimize=False) + bias
    logits = np.where(np.arange(len(logits)) == k, logit, logits)
    return OneLabel(logits, Explanation(record.id, record.fs, model.name, label, logit, bias, held, signal))


def use_one_thread() -> None:
    """Have networks calculate with one thread, so that sums have one order on any machine."""
    torch.set_num_threads(1)
