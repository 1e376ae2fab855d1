"""Recordings read for a few labels each: every logit, but the weights of those labels alone.

For one label half the work and a twentieth of the memory of `Model.explain_many`.
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

Choice = Callable[[NDArray[np.float64]], Sequence[int]]
"""From the logits of a recording, (k,), to the labels to explain, by index; as many for every recording."""


@dataclass(frozen=True, eq=False)
class FewLabels:
    """What the network says of a recording, and why for some of its labels.

    Parameters
    ----------
    logits : (k,) float64
        Of all labels of the model.
    explanation : Explanation
        Of the labels that were chosen, in that order.
    """

    logits: NDArray[np.float64]
    explanation: Explanation


def explain_few(model: Model, records: Sequence[Record], choose: Choice) -> list[FewLabels]:
    """Read recordings of one rate and length together.

    Parameters
    ----------
    model : Model
    records : sequence of Record
    choose : callable
        Which labels of a recording are explained.

    Returns
    -------
    list of FewLabels, in the order given
        A chosen label's logit is the sum of the weights stored, as in `Model.explain`; the other
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
    # One by one: what the line is found from stays in the cache.
    signals = np.stack([remove_baseline(record.signal, fs) for record in records])
    logits, chosen, shown = _read(model, resampling.apply(signals), choose)
    weights = resampling.adjoint(shown)
    parts = zip(records, logits, chosen, weights, signals, strict=True)
    return [_few(model, record, *rest) for record, *rest in parts]


def _read(
    model: Model, signals: NDArray[np.floating], choose: Choice
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float32]]:
    """Give logits (b, k), labels chosen (b, j) and their mean weights at 100 Hz (b, j, 12, n)."""
    batch = torch.as_tensor(np.ascontiguousarray(signals, dtype=np.float32))
    first = model.members[0]
    with torch.inference_mode():
        shown = first.show(batch)
        read = [member.respond(*shown) for member in model.members]
        logits = np.mean([own.numpy().astype(float) for _, own, _ in read], axis=0)
        chosen = np.array([choose(row) for row in logits], dtype=np.intp)
        rows = torch.arange(len(chosen))[:, None]
        mixed = [
            member.mixed(hidden, mix[rows, torch.as_tensor(chosen)])
            for member, (hidden, _, mix) in zip(model.members, read, strict=True)
        ]
        weights = first.fine(torch.stack(mixed).mean(0), batch.shape[-1])
    return logits, chosen, weights.numpy()


def _few(
    model: Model,
    record: Record,
    logits: NDArray[np.float64],
    chosen: NDArray[np.intp],
    weights: NDArray[np.float32],
    signal: NDArray[np.float32],
) -> FewLabels:
    classes, bias = tuple(model.classes[k] for k in chosen), model.bias[chosen]
    stored = np.einsum("klt,lt->k", weights, signal, dtype=float, optimize=False) + bias
    said = logits.copy()
    said[chosen] = stored
    return FewLabels(
        said, Explanation(record.id, record.fs, model.name, classes, stored, bias, weights, signal)
    )


def use_one_thread() -> None:
    """Have networks calculate with one thread, so that sums have one order on any machine."""
    torch.set_num_threads(1)
