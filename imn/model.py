"""A trained model: from a recording to its explanation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from imn.conditioning import Resampling, remove_baseline
from imn.errors import InputError
from imn.explanation import Explanation
from imn.network import Network
from imn.record import Record
from imn.storage import FS, load_members

SLOWEST_HZ, FASTEST_HZ = 60.0, 10_000.0
SHIPPED = Path(__file__).parent / "weights" / "superclass.safetensors"


@dataclass(frozen=True, eq=False)
class Model:
    """One or more networks read as one: weights and bias are their means.

    The mean of several weights is again a weight, so the parts still sum to
    the logit exactly.

    Parameters
    ----------
    name : str
        Name and content hash of the weights.
    classes : tuple of str
    members : tuple of Network
        In evaluation mode.
    card : mapping
        Where the model comes from and what it was measured to do.
    """

    name: str
    classes: tuple[str, ...]
    members: tuple[Network, ...]
    card: Mapping[str, Any]

    @property
    def bias(self) -> NDArray[np.float64]:
        """One constant per class, (k,) float64, logit."""
        return np.mean([member.bias.detach().numpy().astype(float) for member in self.members], axis=0)

    @torch.inference_mode()
    def weights(self, signal: NDArray[np.floating]) -> NDArray[np.float64]:
        """Weights at the model's own rate.

        Parameters
        ----------
        signal : (b, 12, n) float, mV
            At 100 Hz, above the isoelectric line.

        Returns
        -------
        (b, k, 12, n) float64, logit per mV
        """
        batch = torch.as_tensor(np.ascontiguousarray(signal, dtype=np.float32))
        total = np.zeros((len(signal), len(self.classes), *signal.shape[1:]))
        for member in self.members:
            total += member(batch).numpy()
        return total / len(self.members)

    def explain(self, record: Record) -> Explanation:
        """Give logits of a recording and all that they are the sum of.

        Parameters
        ----------
        record : Record
            At any rate; the explanation is on its own samples.

        Returns
        -------
        Explanation

        Raises
        ------
        InputError
            If the rate is below 60 Hz, too slow for a QRS complex, or above 10 kHz.
        """
        return self._explain([record])[0]

    def explain_many(self, records: Iterable[Record], batch: int = 32) -> Iterator[Explanation]:
        """Explain recordings one after another, together where rate and length agree.

        Parameters
        ----------
        records : iterable of Record
        batch : int
            At most so many are read and held at once.

        Yields
        ------
        Explanation, in the order given
        """
        left = iter(records)
        while held := list(islice(left, batch)):
            for _, alike in groupby(held, key=lambda record: (record.fs, record.signal.shape)):
                yield from self._explain(list(alike))

    def _explain(self, records: Sequence[Record]) -> list[Explanation]:
        fs, n = records[0].fs, records[0].signal.shape[1]
        if not SLOWEST_HZ <= fs <= FASTEST_HZ:
            msg = (
                f"record {records[0].id}: expected a sampling rate of {SLOWEST_HZ:g} to {FASTEST_HZ:g} Hz, "
                f"got {fs:g} Hz; give the original recording or correct the rate"
            )
            raise InputError(msg)
        resampling = Resampling.plan(n, fs, FS)
        signals = remove_baseline(np.stack([record.signal for record in records]), fs)
        found = self.weights(resampling.apply(signals))
        weights = resampling.adjoint(found).astype(np.float32)
        bias = self.bias
        # The logit is taken from the stored parts themselves, so that nothing else can enter it.
        sums = np.einsum("bklt,blt->bk", weights, signals, dtype=float, optimize=False)
        return [
            Explanation(record.id, fs, self.name, self.classes, total + bias, bias, part, signal)
            for record, total, part, signal in zip(records, sums, weights, signals, strict=True)
        ]


def load_model(path: Path | str | None = None) -> Model:
    """Read a model, the shipped one by default.

    Parameters
    ----------
    path : path, optional
        A ``.safetensors`` file with its ``.json`` card beside it.

    Returns
    -------
    Model

    Raises
    ------
    InputError
        If the file or its card is missing, damaged, or of another kind.
    """
    stored = load_members(SHIPPED if path is None else path)
    return Model(stored.name, stored.classes, stored.members, stored.card)


@lru_cache(maxsize=1)
def _shipped() -> Model:
    return load_model()


def explain(record: Record, model: Model | None = None) -> Explanation:
    """Explain one recording, with the shipped model by default (read once).

    Parameters
    ----------
    record : Record
    model : Model, optional

    Returns
    -------
    Explanation
    """
    return (model or _shipped()).explain(record)
