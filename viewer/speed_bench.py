"""How fast recordings go through, as ratios to the least that each stage can take, measured side by side.

Floors
------
read     ``wfdb.rdrecord`` alone
predict  the network's convolutions, linear layers and attention products alone, through torch
project  the maps' bases times their courses, through numpy
write    a copy in memory of the bytes that are written
filters  SciPy's medians and transforms for the isoelectric line, its band-pass, spline and Gaussians for
         the beats, all alone

Parts of a stage are timed by themselves too; their floors are part of the stage's.

Times are those of the processor, in one thread, so that others at work on the machine count for little;
stage and floor take turns.  Stages are timed on recordings that are held at once, the whole and its
writing on one shard, which is what a batch writes at once.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from viewer import speed_stages
from viewer.batch_stages import Station, Work
from viewer.processes import in_processes
from viewer.speed_stages import Run

TOGETHER = 32
LINE, NETWORK = "isoelectric line, part of predict", "network, part of predict"
BALLS = "balls around the path, part of project"
GOALS = {"pipeline_over_floors": 1.5, "projection_over_matmul": 1.5, "records_per_second": 40.0}


@dataclass(frozen=True)
class Timed:
    """Processor seconds that a recording takes and that its floor takes.

    Parameters
    ----------
    taken, floor : tuple of float, s
        One pair for each turn.
    """

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

    Returns
    -------
    dict
        As `imn.results.result` gives it.
    """
    from imn.ptbxl import read_index
    from imn.results import result

    paths = [str(entry.file) for entry in read_index(data, [9])][:records]
    # In a process of its own, where matrix products have one thread too.
    (stages,) = in_processes(time_stages, [(paths, turns)], 1)
    projection = time_projection(turns)
    pair = time_pair(paths)
    headline = _headline(stages, projection, pair)
    load = os.getloadavg()[0]
    return result(
        "ecglocus bench speed --data PTBXL",
        f"PTB-XL fold 9 at 100 Hz, {TOGETHER} recordings at once, one shard, {turns} turns; "
        f"{os.cpu_count()} cores, other work on them (load {load:.0f})",
        len(paths),
        rows=[_row(name, timed) for name, timed in stages.items()],
        headline=headline,
    )


def turns_of(taken: Run, floor: Run, turns: int, count: int = 1) -> Timed:
    """Time something and its floor in turns; the first of each does not count.

    Parameters
    ----------
    taken, floor : callable
    turns : int
    count : int
        Recordings that each goes through.

    Returns
    -------
    Timed
    """
    runs = (taken, floor)
    pairs = [[_seconds(run) / count for run in runs] for _ in range(turns + 1)][1:]
    return Timed(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))


def _seconds(run: Run) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def time_stages(paths: Sequence[str], turns: int) -> dict[str, Timed]:
    """Time every stage of a batch beside its floor, and the whole."""
    station, count = Station(Work(batch=TOGETHER)), len(paths)
    found = _time_held(station, paths[:TOGETHER], turns)
    with TemporaryDirectory() as folder:
        write, copy = speed_stages.writing(station, paths, Path(folder))
        found["write"] = turns_of(write, copy, turns, count)
        whole = turns_of(lambda: (station.run(0, paths), write()), lambda: None, turns, count)
    floors = np.sum([found[name].floor for name in ("read", "predict", "project", "write")], axis=0)
    filtered = floors + np.add(found[LINE].floor, found["beat"].floor)
    return found | {
        "whole": Timed(whole.taken, tuple(floors)),
        "whole, filters among the floors": Timed(whole.taken, tuple(filtered)),
    }


def _time_held(station: Station, paths: Sequence[str], turns: int) -> dict[str, Timed]:
    """Time what is done with the recordings that are held at once."""
    import wfdb

    from imn.few_labels import explain_few
    from imn.floors import bare_products, members_alone
    from imn.formats import read_record

    records = [read_record(path) for path in paths]
    few = explain_few(station.model, records, station.choose)
    shown = np.stack([one.explanation.signal for one in few])
    products = bare_products(station.model, shown)
    runs: dict[str, tuple[Run, Run]] = {
        "read": (
            lambda: [read_record(path) for path in paths],
            lambda: [wfdb.rdrecord(path) for path in paths],
        ),
        "predict": (lambda: explain_few(station.model, records, station.choose), products),
        LINE: speed_stages.line(records),
        NETWORK: (members_alone(station.model, shown), products),
        "beat": (speed_stages.finding(records, few), speed_stages.beat_filters(shown, records[0].fs)),
        "project": speed_stages.projecting(station, few),
        BALLS: speed_stages.balls(station, few),
    }
    return {name: turns_of(*pair, turns, len(paths)) for name, pair in runs.items()}


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
    from imn.results import figure

    figures = {
        "pipeline_over_floors": stages["whole"].ratio,
        "pipeline_over_floors_with_filters": stages["whole, filters among the floors"].ratio,
        "projection_over_matmul": projection.ratio,
        "records_per_second": pair["processor"],
        "records_per_second_by_the_clock": pair["clock"],
    }
    return {name: figure(value, GOALS.get(name)) for name, value in figures.items()}


def _row(name: str, timed: Timed) -> dict[str, Any]:
    taken, floor = (1000 * float(np.median(held)) for held in (timed.taken, timed.floor))
    ratios = np.divide(timed.taken, np.maximum(timed.floor, 1e-9))
    return {
        "stage": name,
        "ms per recording": taken,
        "floor, ms": floor,
        "ratio": timed.ratio,
        "least": float(ratios.min()),
        "most": float(ratios.max()),
    }
