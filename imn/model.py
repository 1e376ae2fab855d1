"""A trained model: from a recording to its explanation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from imn.conditioning import Resampling, remove_baseline
from imn.errors import InputError
from imn.explanation import Explanation
from imn.layers import folded
from imn.network import Network
from imn.record import Record
from imn.storage import FS, load_members

SLOWEST_HZ, FASTEST_HZ = 62.0, 10_000.0
LONGEST_S, MOST_SAMPLES = 600.0, 600_000
"""Weights of ten minutes at 1000 Hz fill half a gigabyte for ten classes."""
SHIPPED = Path(__file__).parent / "weights" / "ecglocus.safetensors"


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
        Of one architecture, in evaluation mode; `imn.layers.folded`, so for reading only.
    card : mapping
        Where the model comes from and what it was measured to do.
    """

    name: str
    classes: tuple[str, ...]
    members: tuple[Network, ...]
    card: Mapping[str, Any]

    @cached_property
    def bias(self) -> NDArray[np.float64]:
        """One constant per class, (k,) float64, logit."""
        return np.mean([member.bias.detach().numpy().astype(float) for member in self.members], axis=0)

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
        return self._member_weights(signal).mean(axis=0, dtype=float)

    def _member_weights(self, signal: NDArray[np.floating]) -> NDArray[np.float32]:
        """Weights of each member, (members, b, k, 12, n) float32."""
        batch = torch.as_tensor(np.ascontiguousarray(signal, dtype=np.float32))
        with torch.inference_mode():
            return np.stack([member.weights(batch).numpy() for member in self.members])

    def apart(self) -> "tuple[Model, ...]":
        """Give each member as a model of its own, to see how far they disagree.

        Returns
        -------
        tuple of Model
            As many as members, each with the name, classes and card of the whole.
        """
        return tuple(replace(self, members=(member,)) for member in self.members)

    def explain(
        self,
        record: Record,
        reference: ArrayLike | None = None,
        *,
        reference_name: str = "given",
        spread: bool = True,
    ) -> Explanation:
        """Give logits of a recording and all that they are the sum of.

        Parameters
        ----------
        record : Record
            At any rate; the explanation is on its own samples.
        reference : (12, n) float, mV, optional
            What the signal is compared with, on the recording's own samples and
            above the isoelectric line; zero by default (see `Explanation.against`).
        reference_name : str
            What the reference is.
        spread : bool
            Carry every member's weights back to the recording's samples, not their
            mean alone, so that `Explanation.spread` is exact.

        Returns
        -------
        Explanation

        Raises
        ------
        InputError
            If the rate is below 62 Hz, too slow for a QRS complex, or above 10 kHz,
            the recording is longer than ten minutes, or the reference does not fit.
        """
        found = self._explain([record], spread)[0]
        return found if reference is None else found.against(reference, reference_name)

    def explain_many(
        self, records: Iterable[Record], batch: int = 32, *, spread: bool = False
    ) -> Iterator[Explanation]:
        """Explain recordings one after another, together where rate and length agree.

        Parameters
        ----------
        records : iterable of Record
        batch : int
            At most so many are read and held at once.
        spread : bool
            As in `explain`; the members' weights are then held for a whole batch.

        Yields
        ------
        Explanation, in the order given
        """
        left = iter(records)
        while held := list(islice(left, batch)):
            for _, alike in groupby(held, key=lambda record: (record.fs, record.signal.shape)):
                yield from self._explain(list(alike), spread)

    def _explain(self, records: Sequence[Record], spread: bool) -> list[Explanation]:
        for record in records:
            check_record(record)
        fs, n = records[0].fs, records[0].signal.shape[1]
        resampling = Resampling.plan(n, fs, FS)
        signals = remove_baseline(np.stack([record.signal for record in records]), fs)
        shown = resampling.apply(signals)
        found = self._member_weights(shown) if spread else self.weights(shown)[None]
        return [
            self._explained(record, signal, *_carried(found[:, i], resampling, spread))
            for i, (record, signal) in enumerate(zip(records, signals, strict=True))
        ]

    def _explained(
        self,
        record: Record,
        signal: NDArray[np.float32],
        weights: NDArray[np.float32],
        spread: NDArray[np.float32] | None,
    ) -> Explanation:
        # The logit is taken from the stored parts themselves, so that nothing else can enter it.
        logits = np.einsum("klt,lt->k", weights, signal, dtype=float, optimize=False) + self.bias
        parts = {"weights": weights, "signal": signal, "weight_spread": spread}
        return Explanation(record.id, record.fs, self.name, self.classes, logits, self.bias, **parts)


def _carried(
    members: NDArray[np.floating], resampling: Resampling, spread: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Bring members' weights, (members, k, 12, n_out), to the caller's samples: mean and deviation.

    A deviation does not commute with a change of rate, so each member is brought there
    before it is taken.
    """
    mean = np.empty((*members.shape[1:-1], resampling.n_in), np.float32)
    deviation = np.empty_like(mean) if spread else None
    for samples, part in resampling.adjoint_parts(members.astype(np.float32, copy=False)):
        mean[..., samples] = part.mean(axis=0)
        if deviation is not None:
            deviation[..., samples] = part.std(axis=0)
    return mean, deviation


def check_record(record: Record) -> None:
    """Refuse what no network was made for.

    Parameters
    ----------
    record : Record

    Raises
    ------
    InputError
        If the sampling rate lies outside 62 Hz to 10 kHz, or the recording is longer than
        600 s or 600,000 samples.
    """
    if not SLOWEST_HZ <= record.fs <= FASTEST_HZ:
        msg = (
            f"record {record.id}: expected a sampling rate of {SLOWEST_HZ:g} to {FASTEST_HZ:g} Hz, "
            f"got {record.fs:g} Hz; give the original recording or correct the rate"
        )
        raise InputError(msg)
    if record.duration > LONGEST_S or record.signal.shape[1] > MOST_SAMPLES:
        msg = (
            f"record {record.id}: expected at most {LONGEST_S:g} s and {MOST_SAMPLES} samples, "
            f"got {record.duration:g} s at {record.fs:g} Hz; cut it into pieces of 5 to 60 s"
        )
        raise InputError(msg)


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
    members = tuple(folded(member) for member in stored.members if isinstance(member, Network))
    if len(members) < len(stored.members):
        kind = stored.card["recipe"]["model"]
        msg = f"{stored.name}: expected a model ecglocus, got rival {kind}; give another file"
        raise InputError(msg)
    return Model(stored.name, stored.classes, members, stored.card)


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
