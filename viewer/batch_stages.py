"""What a batch does with recordings, on any engine: read, predict together, find the beat, project."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import REGIONS, Anatomy
from cine_mapping.beat import Beat
from cine_mapping.modalities import Modalities
from cine_mapping.segments import TERRITORIES
from imn.errors import InputError
from imn.explanation import sigmoid
from imn.record import Record
from viewer.batch_more import Besides, More

if TYPE_CHECKING:
    from cine_mapping.heart_map import HeartMap
    from cine_mapping.myocardium import Myocardium
    from imn.few_labels import FewLabels
    from imn.model import Model

HELD = 320_000
"""Samples per lead that are held at once: 32 recordings of 10 s at 1000 Hz, or one long one."""
READ = 32_000
"""Samples per lead that the network is shown at once."""


@dataclass(frozen=True)
class Work:
    """What is asked for; small, and the same for every worker.

    Parameters
    ----------
    labels : tuple of str
        To explain; by default the one that `imn.labels.default_label` names.
    model, anatomy : str
        The shipped model where it is None.
    maps : str
        Keep the maps' factors, as "npz" or "zarr".
    batch : int
        Recordings that are read by the network together, where rate and length agree.
    more : More
    """

    labels: tuple[str, ...] = ()
    model: str | None = None
    anatomy: str = "reference"
    maps: str = ""
    batch: int = 32
    more: More = More()


@dataclass(frozen=True, eq=False)
class Done:
    """What came of a stretch of recordings.

    Parameters
    ----------
    rows : list of dict
        One per recording and label, in order, by the columns of `viewer.batch_table`.
    failures : list of dict
        Number, path, stage and reason of each recording that could not be explained.
    seconds : list of dict
        Time that each stage of a recording took; what is done together is shared out evenly.
    maps : dict of str to array
        See `viewer.batch_maps`.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    seconds: list[dict[str, Any]] = field(default_factory=list)
    maps: dict[str, NDArray[np.float32]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Held:
    """A recording on its way."""

    number: int
    path: str
    record: Record
    seconds: dict[str, float]


@dataclass(frozen=True)
class Station:
    """What recordings need, loaded once in a process.

    Parameters
    ----------
    work : Work
    """

    work: Work

    @cached_property
    def model(self) -> "Model":
        """The network."""
        from imn.few_labels import use_one_thread
        from imn.model import load_model

        use_one_thread()
        return load_model(self.work.model)

    @cached_property
    def anatomy(self) -> Anatomy:
        """The heart."""
        from cine_mapping.anatomy_io import load_anatomy

        return load_anatomy(self.work.anatomy)

    @cached_property
    def wall(self) -> "Myocardium | None":
        """The heart's ventricles as a volume, where it is not the reference."""
        from cine_mapping.forward_setting import load_wall

        return load_wall(self.work.anatomy)

    @cached_property
    def besides(self) -> Besides:
        """What is asked for besides."""
        return Besides(self.model, self.work.more)

    def run(self, first: int, paths: Sequence[str]) -> Done:
        """Explain recordings; one that cannot be explained is listed with the reason and stops no other.

        Parameters
        ----------
        first : int
            Number of the first of them in the batch.
        paths : sequence of str

        Returns
        -------
        Done
        """
        done = Done()
        for held in self._together(first, paths, done):
            for alike in self._alike(held):
                self._explain(alike, done)
        for part in (done.rows, done.failures, done.seconds):
            part.sort(key=lambda row: row["number"])
        return done

    def _together(self, first: int, paths: Sequence[str], done: Done) -> Iterator[list[_Held]]:
        """Read a few recordings at a time, never more than `HELD` samples but for a single one."""
        held: list[_Held] = []
        for number, path in enumerate(paths, first):
            record = self._read(number, path, done)
            if record is None:
                continue
            if held and sum(one.record.signal.shape[1] for one in (*held, record)) > HELD:
                yield held
                held = []
            held.append(record)
            if len(held) == self.work.batch:
                yield held
                held = []
        if held:
            yield held

    def _read(self, number: int, path: str, done: Done) -> _Held | None:
        from imn.formats import read_record
        from imn.model import check_record

        start = perf_counter()
        try:
            record = read_record(path, **self.work.more.told)
            check_record(record)
        except InputError as mistake:
            done.failures.append(_failure(number, path, "read", str(mistake)))
            return None
        return _Held(number, path, record, {"read": perf_counter() - start})

    def _alike(self, held: list[_Held]) -> Iterator[list[_Held]]:
        """Part recordings by rate and length, and into what the network is shown at once."""

        def kind(one: _Held) -> tuple[float, int]:
            return one.record.fs, one.record.signal.shape[1]

        for (fs, n), group in groupby(sorted(held, key=kind), key=kind):
            alike, size = list(group), max(1, int(READ * fs / (100 * n)))
            yield from (alike[i : i + size] for i in range(0, len(alike), size))

    def _explain(self, alike: list[_Held], done: Done) -> None:
        from imn.few_labels import explain_few

        start = perf_counter()
        found = explain_few(self.model, [one.record for one in alike], self.choose)
        each = (perf_counter() - start) / len(alike)
        for one, few in zip(alike, found, strict=True):
            one.seconds["predict"] = each
            try:
                rows = self._place(one, few, done.maps)
            except InputError as mistake:
                done.failures.append(_failure(one.number, one.path, "place", str(mistake)))
            except Exception as error:
                # A fault of ours on one recording in millions must not stop the others, nor every later try.
                reason = f"unexpected {type(error).__name__}: {error}"
                done.failures.append(_failure(one.number, one.path, "place", reason))
            else:
                done.rows.extend(rows)
                done.seconds.append({"number": one.number, **one.seconds})

    def choose(self, logits: NDArray[np.float64]) -> list[int]:
        """Give the labels to explain, by index, from the logits of a recording."""
        from imn.labels import default_label

        classes = self.model.classes
        return [classes.index(name) for name in self.work.labels or (default_label(classes, logits),)]

    def _place(self, one: _Held, few: "FewLabels", kept: dict[str, NDArray[np.float32]]) -> list[dict]:
        from cine_mapping.beats import find_beat
        from cine_mapping.modalities import plan_modalities
        from imn.electrode_interchange import hints
        from viewer.batch_maps import factors_of

        explanation = few.explanation
        start = perf_counter()
        beat = find_beat(explanation.signal, explanation.fs)
        said = _about(one, few, self.model.classes, beat) | {
            "electrodes": list(hints(one.record, explanation.signal))
        }
        one.seconds["beat"] = perf_counter() - start
        start = perf_counter()
        explanation, deflection = self.besides.relative(explanation, beat)
        plan, rows = plan_modalities(self.anatomy, beat, deflection, wall=self.wall), []
        more = self.besides.columns(one.record, plan, explanation)
        for k, label in enumerate(explanation.classes):
            maps = plan.apply(explanation, label, statements=self.work.more.statements)
            logit, bias = float(explanation.logits[k]), float(explanation.bias[k])
            chosen = {"label": label, "probability": float(sigmoid(logit)), "logit": logit}
            rows.append(said | chosen | {"bias": bias} | placed(maps, plan, logit - bias) | more[k])
            if self.work.maps:
                kept |= {f"{one.number}/{label}/{key}": held for key, held in factors_of(maps, plan).items()}
        one.seconds["project"] = perf_counter() - start
        return rows


def _failure(number: int, path: str, stage: str, reason: str) -> dict[str, Any]:
    return {"number": number, "path": path, "stage": stage, "reason": reason}


def _about(one: _Held, few: "FewLabels", classes: Sequence[str], beat: Beat) -> dict[str, Any]:
    record = one.record
    return {
        "number": one.number,
        "path": one.path,
        "record": record.id,
        "fs": record.fs,
        "samples": record.signal.shape[1],
        "signal_sha256": sha256(record.signal.tobytes()).hexdigest(),
        "logits": dict(zip(classes, few.logits.tolist(), strict=True)),
        "beats": len(beat.r_peaks),
        "beats_kept": int(beat.kept.sum()),
        "quality": list(beat.quality),
    }


def placed(maps: "dict[str, HeartMap]", plan: Modalities, expected: float) -> dict[str, Any]:
    """Give the shares of regions and territories, of each map and the average.

    Parameters
    ----------
    maps : dict of str to HeartMap
    plan : Modalities
    expected : float, logit
        What each map must sum to.

    Returns
    -------
    dict
        ``regions``, ``territories``, and the largest error of a sum as ``conservation_error``.
    """
    from cine_mapping.modalities import weights_of
    from cine_mapping.shares import amounts_by_region, parts_by_territory, shares_of

    held = [(one.supporting, one.opposing) for one in maps.values()]
    amounts = [amounts_by_region(supporting, plan.anatomy) for supporting, _ in held]
    weights = np.array([*weights_of(maps).values()])
    average = (weights[:, None] * amounts).sum(axis=0) / weights.sum()
    regions = shares_of(np.stack([*amounts, average]))
    names = (*maps, "average")
    return {
        "regions": _named(names, REGIONS, regions),
        "territories": _named(names, TERRITORIES, parts_by_territory(regions)),
        "conservation_error": max(abs(float(yes.sum() + no.sum()) - expected) for yes, no in held),
    }


def _named(maps: Sequence[str], parts: Iterable[str], shares: NDArray[np.float64]) -> dict[str, Any]:
    return {name: dict(zip(parts, row, strict=True)) for name, row in zip(maps, shares.tolist(), strict=True)}
