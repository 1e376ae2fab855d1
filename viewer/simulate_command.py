"""``ecglocus simulate``: recordings of virtual patients, whose truth is known.

Blocks of recordings are made by worker processes, each block's folder appears when it
is whole, and a run that was interrupted goes on with the blocks that are missing.
"""

import json
import re
import shutil
from dataclasses import asdict, fields
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from imn.errors import InputError
from imn.results import commit, versions, write_text
from viewer.processes import in_processes

if TYPE_CHECKING:
    from cine_mapping.myocardium import Myocardium
    from cine_mapping.simulated_set import SimulatedCase, SimulatedSet
    from viewer.cli import Simulate

PLAN, DRAFTS = "simulation.json", re.compile(r"\.(\d{6}|writing)-")


def simulate(options: "Simulate") -> int:
    """Make the set, or what is missing of it; say where it is."""
    from cine_mapping.recordings import Sampling
    from cine_mapping.simulated_set import SimulatedSet
    from viewer.commands import say
    from viewer.simulated_files import TABLE

    plan = SimulatedSet(
        conditions=options.condition,
        regions=options.region,
        transmurality=options.transmurality,
        each=options.n,
        patients=options.patients,
        seed=options.seed,
        anatomy=options.anatomy,
        noise=options.noise,
        heart_rate=options.heart_rate,
        sampling=Sampling(options.seconds, options.fs),
    )
    if options.workers < 1:
        msg = f"workers: expected 1 or more, got {options.workers}; give another number"
        raise InputError(msg)
    start = perf_counter()
    made = make_set(plan, options.out, workers=options.workers, draw=options.draw)
    seconds = perf_counter() - start
    table = str(options.out / TABLE)
    done = {
        "records": plan.count,
        "made": made,
        "seconds": seconds,
        "per_second": made / seconds,
        "table": table,
    }
    say(json.dumps(done) if options.json else f"{plan.count} recordings, {made} of them new: {table}")
    return 0


def make_set(plan: "SimulatedSet", out: Path, *, workers: int = 1, draw: bool = False) -> int:
    """Write a set into a folder.

    Parameters
    ----------
    plan : SimulatedSet
    out : Path
        Empty, missing, or of an interrupted run of the same plan.
    workers : int
        Processes; how many changes nothing in what is written.
    draw : bool
        Draw each recording on ECG paper beside it.

    Returns
    -------
    int
        How many recordings were not there before.

    Raises
    ------
    InputError
        If the folder holds something else, or a recording cannot be simulated.
    """
    from tqdm import tqdm

    from viewer.simulated_files import TABLE, read_table, write_table

    try:
        _claim(out, _origin(plan, draw))
        blocks = {out / f"{block.start:06d}": block for block in plan.blocks()}
        missing = {folder: block for folder, block in blocks.items() if not folder.is_dir()}
        count = sum(map(len, missing.values()))
        with tqdm(total=plan.count, initial=plan.count - count, unit="record", disable=None) as bar:
            calls = ((plan, folder, block, draw) for folder, block in missing.items())
            for done in in_processes(make_block, calls, min(workers, max(len(missing), 1))):
                bar.update(done)
        if missing or not (out / TABLE).is_file():
            write_table(out / TABLE, [row for folder in blocks for row in read_table(folder / TABLE)])
    except InputError:
        _leave(out)
        raise
    except OSError as error:
        msg = f"{out}: expected a folder to write recordings to, got {error.strerror}; choose another"
        raise InputError(msg) from error
    return count


def make_block(plan: "SimulatedSet", folder: Path, block: range, draw: bool) -> int:
    """Write the recordings of a block into a folder that appears when all are there.

    Parameters
    ----------
    plan : SimulatedSet
    folder : Path
    block : range
        Of numbers of recordings.
    draw : bool
        As in `make_set`.

    Returns
    -------
    int
        How many they are.
    """
    from annotations.io import write_annotations
    from cine_mapping.simulated_set import load_ground, simulate_case
    from viewer.run_folder import fresh_folder
    from viewer.simulated_files import TABLE, comments_of, truth_of, write_table, write_wfdb

    ground = load_ground(plan.anatomy)
    rows = []
    with fresh_folder(folder) as draft:
        for number in block:
            case = simulate_case(plan, number)
            record = case.recording.record
            write_wfdb(draft, record, comments_of(case))
            write_annotations(draft / f"{record.id}.json", [truth_of(case, ground)])
            if draw:
                draw_case(draft / f"{record.id}.png", case)
            rows.append(case.row)
        write_table(draft / TABLE, rows)
    return len(block)


def draw_case(path: Path, case: "SimulatedCase") -> None:
    """Draw a recording on ECG paper.

    Parameters
    ----------
    path : Path
    case : SimulatedCase
    """
    from cine_mapping.asked_conditions import PLACED
    from viewer.ecg_picture import EcgSheet, draw_ecg
    from viewer.simulated_files import WORDS

    row, record = case.row, case.recording.record
    place = row["asked_region"] or row["truth_region"]
    place = f", {place} ({row['truth_ml']:.0f} ml)" if case.family in PLACED else ""
    rate = f"{record.id}, {row['heart_rate']:.0f} beats per minute"
    sheet = EcgSheet(title=f"Simulated {WORDS[case.family]}{place}", subtitle=rate)
    draw_ecg(path, record.signal, fs=record.fs, sheet=sheet)


def _origin(plan: "SimulatedSet", draw: bool) -> dict[str, Any]:
    """Everything that what is written follows from."""
    from annotations.masks import anatomy_hash
    from cine_mapping.simulated_set import load_ground

    ground = load_ground(plan.anatomy)
    return {
        "simulated": True,
        "config": {"command": "simulate", **asdict(plan), "draw": draw},
        "seed": plan.seed,
        "versions": versions(),
        "source_sha256": _source_hash(),
        "inputs": {
            "anatomy_sha256": anatomy_hash(ground.anatomy),
            "myocardium_sha256": _hash(ground.setting.myocardium),
        },
    }


def _source_hash() -> str:
    """Content hash of the code that simulates: a commit says nothing of what was not committed."""
    import cine_mapping

    digest, folder = sha256(), Path(cine_mapping.__path__[0])
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder).as_posix()};".encode() + path.read_bytes())
    return digest.hexdigest()


def _hash(myocardium: "Myocardium") -> str:
    digest = sha256()
    for array in (getattr(myocardium, field.name) for field in fields(myocardium)):
        digest.update(array.encode() if isinstance(array, str) else np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _claim(out: Path, origin: dict[str, Any]) -> None:
    """Take an empty folder, or one that was begun with the same origin; drop drafts that a kill left."""
    origin = json.loads(json.dumps(origin))
    path = out / PLAN
    if path.is_file():
        begun = json.loads(path.read_text(encoding="utf-8"))
        unlike = [key for key, value in origin.items() if begun.get(key) != value]
        if unlike:
            msg = f"{out}: was begun with another {' and '.join(unlike)}; give another folder"
            raise InputError(msg)
        for draft in out.iterdir():
            if draft.is_dir() and DRAFTS.match(draft.name):
                shutil.rmtree(draft)
    elif out.exists() and any(not DRAFTS.match(held.name) for held in out.iterdir()):
        msg = f"{out}: expected an empty folder or one of a simulation, it holds other files; name another"
        raise InputError(msg)
    else:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        dated = {"date": now, "commit": commit(), **origin}
        write_text(path, json.dumps(dated, indent=2) + "\n")


def _leave(out: Path) -> None:
    """Give a folder back that nothing was made in, so that a corrected command can have it."""
    held = [path.name for path in out.iterdir()] if out.is_dir() else []
    if held == [PLAN]:
        (out / PLAN).unlink()
        out.rmdir()
