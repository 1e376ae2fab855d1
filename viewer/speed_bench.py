"""How fast recordings go through, as ratios to the least that each stage can take, measured side by side.

Floors
------
read     ``wfdb.rdrecord`` alone
predict  the network's convolutions, linear layers and attention products alone, through torch
project  the maps' bases times their courses, through numpy
write    a copy in memory of the bytes that are written
filters  SciPy's median, Gaussian and band-pass filters alone, for the isoelectric line and the beats

Times are those of the processor, in one thread, so that others at work on the machine count for little;
stage and floor take turns.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from viewer.batch_stages import Station, Work, placed
from viewer.processes import in_processes

if TYPE_CHECKING:
    from imn.few_labels import FewLabels
    from imn.record import Record

TOGETHER = 32
LINE = "isoelectric line, part of predict"
GOALS = {"pipeline_over_floors": 1.5, "projection_over_matmul": 1.5, "records_per_second": 40.0}
Run = Callable[[], object]


@dataclass(frozen=True)
class Timed:
    """Processor seconds of something and of its floor, one pair for each turn."""

    taken: tuple[float, ...]
    floor: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median over the turns."""
        return float(np.median(np.divide(self.taken, np.maximum(self.floor, 1e-9))))


def measure(data: Path, *, records: int = 256, turns: int = 7) -> dict[str, Any]:
    """Measure everything, and give it as a result.

    Parameters
    ----------
    data : Path
        PTB-XL in its native layout; recordings of fold 9.
    records : int
        That two processes go through together.
    turns : int
        Of each stage and its floor.
    """
    from imn.ptbxl import read_index
    from imn.results import result

    paths = [str(entry.file) for entry in read_index(data, [9])][:records]
    stages = time_stages(paths[:TOGETHER], turns)
    projection = time_projection(turns)
    pair = time_pair(paths)
    headline = _headline(stages, projection, pair)
    load = os.getloadavg()[0]
    return result(
        "ecglocus bench speed --data PTBXL",
        f"PTB-XL fold 9 at 100 Hz, {TOGETHER} recordings at once, {turns} turns; "
        f"{os.cpu_count()} cores, other work on them (load {load:.0f})",
        len(paths),
        rows=[_row(name, timed, len(paths[:TOGETHER])) for name, timed in stages.items()],
        headline=headline,
    )


def turns_of(taken: Run, floor: Run, turns: int) -> Timed:
    """Time something and its floor in turns, after one of each that does not count."""
    runs = (taken, floor)
    pairs = [[_seconds(run) for run in runs] for _ in range(turns + 1)][1:]
    return Timed(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))


def _seconds(run: Run) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def time_stages(paths: Sequence[str], turns: int) -> dict[str, Timed]:
    """Time every stage of a batch beside its floor, and the whole; seconds for all these recordings."""
    import wfdb

    from imn.few_labels import explain_few
    from imn.floors import bare_products
    from imn.formats import read_record

    station = Station(Work(batch=len(paths)))
    records = [read_record(path) for path in paths]
    few = explain_few(station.model, records, station.choose)
    shown = np.stack([one.explanation.signal for one in few])
    project, products = _projecting(station, few)
    with TemporaryDirectory() as folder:
        write, copy = _writing(station, paths, Path(folder))
        found = {
            "read": turns_of(
                lambda: [read_record(path) for path in paths],
                lambda: [wfdb.rdrecord(path) for path in paths],
                turns,
            ),
            "predict": turns_of(
                lambda: explain_few(station.model, records, station.choose),
                bare_products(station.model, shown),
                turns,
            ),
            LINE: turns_of(*_line(records), turns),
            "beat": turns_of(_beats(records, few), _band_pass(records), turns),
            "project": turns_of(project, products, turns),
            "write": turns_of(write, copy, turns),
        }
        whole = turns_of(lambda: (station.run(0, paths), write()), lambda: None, turns)
    floors = np.sum([timed.floor for name, timed in found.items() if name not in (LINE, "beat")], axis=0)
    filtered = floors + np.add(found[LINE].floor, found["beat"].floor)
    return found | {
        "whole": Timed(whole.taken, tuple(floors)),
        "whole, filters among the floors": Timed(whole.taken, tuple(filtered)),
    }


def _beats(records: "Sequence[Record]", few: "Sequence[FewLabels]") -> Run:
    from cine_mapping.beats import find_beat
    from imn.electrode_interchange import hints

    signals = [one.explanation.signal for one in few]

    def run() -> None:
        for record, signal in zip(records, signals, strict=True):
            find_beat(signal, record.fs)
            hints(record, signal)

    return run


def _line(records: "Sequence[Record]") -> tuple[Run, Run]:
    """Give the isoelectric line, and SciPy's medians and Fourier transforms for it alone."""
    from scipy.fft import irfft, rfft
    from scipy.ndimage import median_filter

    from imn.conditioning import WINDOWS_S, remove_baseline

    fs, signals = records[0].fs, [record.signal for record in records]

    def filters() -> None:
        for signal in signals:
            for window in WINDOWS_S:
                median_filter(signal.ravel(), size=2 * round(window * fs / 2) + 1)
            irfft(rfft(signal.astype(float)))

    return lambda: [remove_baseline(signal, fs) for signal in signals], filters


def _band_pass(records: "Sequence[Record]") -> Run:
    from scipy.signal import butter, sosfiltfilt

    sos = butter(2, (8.0, 20.0), "bandpass", fs=records[0].fs, output="sos")
    return lambda: [sosfiltfilt(sos, record.signal[:8], axis=1) for record in records]


def _projecting(station: Station, few: "Sequence[FewLabels]") -> tuple[Run, Run]:
    from cine_mapping.beats import find_beat
    from cine_mapping.modalities import plan_modalities

    explained = [one.explanation for one in few]
    beats = [find_beat(one.signal, one.fs) for one in explained]

    def run() -> None:
        for one, beat in zip(explained, beats, strict=True):
            plan = plan_modalities(station.anatomy, beat)
            placed(plan.apply(one, one.classes[0]), plan, float(one.logits[0] - one.bias[0]))

    maps = [
        plan_modalities(station.anatomy, beat).apply(one, one.classes[0])
        for one, beat in zip(explained, beats, strict=True)
    ]
    factors = [
        (held.basis, np.stack([held.positive.sum(axis=1), held.negative.sum(axis=1)], axis=1))
        for each in maps
        for held in each.values()
    ]
    return run, lambda: [basis @ sums for basis, sums in factors]


def _writing(station: Station, paths: Sequence[str], out: Path) -> tuple[Run, Run]:
    from viewer.batch_folder import Shard, write_shard

    done, shard = station.run(0, paths), Shard(0, 0, len(paths))
    write_shard(out, shard, done, station.model.classes)
    held = np.frombuffer(b"".join(file.read_bytes() for file in out.rglob("*.parquet")), np.uint8)
    return lambda: write_shard(out, shard, done, station.model.classes), held.copy


def time_projection(turns: int) -> Timed:
    """Time three maps of 10,000 vertices by 1,000 samples beside the same matrix products alone."""
    from cine_mapping.projection import plan_projection
    from viewer.speed_heart import large_case

    anatomy, beat, evidence = large_case()

    def project() -> None:
        for heart_map in plan_projection(anatomy, beat).apply(evidence).values():
            _ = heart_map.values

    maps = plan_projection(anatomy, beat).apply(evidence)
    factors = [(held.basis, held.positive + held.negative) for held in maps.values()]

    def multiply() -> None:
        for basis, course in factors:
            _ = basis @ course

    return turns_of(project, multiply, turns)


def time_pair(paths: Sequence[str]) -> dict[str, float]:
    """Have two processes go through recordings at the same time: a second by the clock, and of processors."""
    halves = [list(paths[i::2]) for i in range(2)]
    spans = np.array(list(in_processes(go_through, ((half,) for half in halves), 2)))
    clock = spans[:, 1].max() - spans[:, 0].min()
    return {"clock": len(paths) / clock, "processor": 2 * len(paths) / spans[:, 2].sum()}


def go_through(paths: Sequence[str]) -> tuple[float, float, float]:
    """Explain recordings and write them, all loaded before; begin, end (s), and processor time (s)."""
    from viewer.batch_folder import Shard, write_shard

    station = Station(Work())
    station.run(0, paths[:TOGETHER])
    with TemporaryDirectory() as folder:
        start, before = time.time(), time.process_time()
        done = station.run(0, paths)
        write_shard(Path(folder), Shard(0, 0, len(paths)), done, station.model.classes)
        return start, time.time(), time.process_time() - before


def _headline(stages: Mapping[str, Timed], projection: Timed, pair: Mapping[str, float]) -> dict[str, Any]:
    figures = {
        "pipeline_over_floors": stages["whole"].ratio,
        "pipeline_over_floors_with_filters": stages["whole, filters among the floors"].ratio,
        "projection_over_matmul": projection.ratio,
        "records_per_second": pair["processor"],
        "records_per_second_by_the_clock": pair["clock"],
    }
    return {
        name: {"value": value, "low": None, "high": None, "goal": GOALS.get(name)}
        for name, value in figures.items()
    }


def _row(name: str, timed: Timed, count: int) -> dict[str, Any]:
    taken, floor = (1000 * float(np.median(held)) / count for held in (timed.taken, timed.floor))
    ratios = np.divide(timed.taken, np.maximum(timed.floor, 1e-9))
    return {
        "stage": name,
        "ms per recording": taken,
        "floor, ms": floor,
        "ratio": timed.ratio,
        "least": float(ratios.min()),
        "most": float(ratios.max()),
    }
