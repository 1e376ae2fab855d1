"""Commands ended at random moments: what was lost, what half-written, and what the next run made of it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from imn.fuzz.stretches import digest_of_code
from imn.results import figure, write_text
from viewer import repeat_bench
from viewer.interrupt_cases import CASES, make_inputs
from viewer.interrupt_stage import FULL, SHORT, can_mount

if TYPE_CHECKING:
    from viewer.cli_fuzz import Interrupts

SIGNALS = ("SIGINT", "SIGTERM", "SIGKILL")
COPIES = 40
OURS = ("viewer/interrupt_*.py", "viewer/ending.py", "imn/files.py")
WRITERS = {
    "explain": ("viewer/run_*.py", "viewer/exports.py"),
    "batch": ("viewer/batch*.py",),
    "train": ("imn/training.py", "imn/fitting.py", "imn/storage.py"),
    "annotations import": ("annotations/store*.py",),
}
"""What writes, for each command."""


def measure(
    folder: Path, *, times: int, seed: int = 0, commands: Sequence[str] = tuple(CASES)
) -> Iterator[list[dict[str, Any]]]:
    """End every command in every way; what was measured before is not measured again.

    Parameters
    ----------
    folder : Path
        Run directory; keeps what came of each, under a name that follows from the source.
    times, seed : int
    commands : sequence of str
        Of `viewer.interrupt_cases.CASES`.

    Yields
    ------
    list of dict
        A line for each command and way so far.
    """
    disk, rows = FULL if can_mount() else SHORT, []
    with TemporaryDirectory(prefix="ecglocus-interrupts-") as private:
        inputs = Path(private)
        for command in commands:
            for how in (*SIGNALS, disk):
                kept = folder / _identity(command) / f"{command}-{how}-{times}-{seed}.json".replace(" ", "-")
                if not kept.is_file():
                    if not (inputs / "recordings").is_dir():
                        make_inputs(inputs)
                    found = _ended(command, inputs, how, times=times, seed=seed)
                    write_text(kept, json.dumps(found, indent=1) + "\n")
                rows = [*rows, _row(command, how, json.loads(kept.read_text(encoding="utf-8")))]
                yield rows


def bench_interrupts(options: "Interrupts") -> int:
    """Measure, write the result and print it; 1 if something was lost, half-written or not continued."""
    from tqdm import tqdm

    from imn.errors import InputError
    from imn.results import result
    from viewer.commands import keep

    commands = options.commands or tuple(CASES)
    if options.times < 1 or not set(commands) <= set(CASES):
        msg = f"expected times above 0 and commands among {', '.join(CASES)}, got {options.times}, {commands}"
        raise InputError(msg)
    rows = []
    with tqdm(total=len(commands) * (len(SIGNALS) + 1), desc="interrupts") as progress:
        for rows in measure(options.folder, times=options.times, seed=options.seed, commands=commands):
            progress.update(len(rows) - progress.n)
    repeated, lost = repeat_bench.measure(), _lost_node(options.folder)
    measured = result(
        f"ecglocus bench interrupts --times {options.times} --seed {options.seed}",
        "Commands at work on small simulated inputs, ended twice at moments drawn evenly over the time "
        "that they take undisturbed, then left to finish; a full disk is a tmpfs that has room for a part, "
        "drawn at random, of what they write. Training is of a network of eight channels",
        sum(row["times"] for row in rows),
        rows=rows,
        headline=_headline(rows, repeated, lost),
        tables={"Same input, same bytes": repeated}
        | ({"Two Ray nodes, one of them killed": lost} if lost else {}),
    )
    keep(options.out / "interrupts.json", measured, options.json)
    return int(
        any(
            held["value"] != held["goal"]
            for held in measured["headline"].values()
            if held["goal"] is not None
        )
    )


def _ended(command: str, inputs: Path, how: str, *, times: int, seed: int) -> dict[str, Any]:
    """Run `viewer.interrupt_stage`, which forks, in a process that has no threads yet."""
    told = [command, str(inputs), how, str(times), str(seed)]
    process = [sys.executable, "-W", "ignore", "-m", "viewer.interrupt_stage", *told]
    alone = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(process, capture_output=True, text=True, env=alone)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def _row(command: str, how: str, found: dict[str, Any]) -> dict[str, Any]:
    counts = found["counts"]
    return {
        "command": command,
        "how": how,
        "times": counts.get("times", 0),
        "of these at work": counts.get("ended", 0),
        "whole files lost": counts.get("lost", 0),
        "half-written taken for whole": counts.get("half", 0),
        "drafts left": counts.get("drafts", 0),
        "other endings": counts.get("others", 0),
        "next runs": counts.get("runs", 0),
        "continued to the same end": counts.get("continued", 0),
        "in words": "; ".join(found["words"])[:300],
    }


def _lost_node(folder: Path) -> list[dict[str, Any]]:
    """Compare a batch whose second node is killed with one that is left alone; nothing where Ray is not."""
    if find_spec("ray") is None:
        return []
    kept = folder / _identity("batch") / "lost-node.json"
    if not kept.is_file():
        with TemporaryDirectory(prefix="ecglocus-node-") as private:
            make_inputs(Path(private))
            data, root = str(_copies(Path(private))), str(Path(__file__).parents[1])
            ray, local = Path(private) / "ray", Path(private) / "local"
            run = partial(
                subprocess.run,
                check=True,
                capture_output=True,
                text=True,
                env=os.environ | {"PYTHONPATH": root},
            )
            python = [sys.executable, "-W", "ignore", "-m"]
            said = run([*python, "viewer.lost_node", data, str(ray)]).stdout
            there, status = map(int, said.rpartition("ended ")[2].split())
            run([*python, "viewer.cli", "batch", data, "--out", str(local), "--shard", "1"])
            one, two = (
                {path.name: path.read_bytes() for path in (out / "records").iterdir()} for out in (local, ray)
            )
        row = {
            "recordings": len(one),
            "written when the node was lost": there,
            "exit code": status,
            "records lost": len(one.keys() - two.keys()),
            "records doubled or other than alone": sum(one.get(name) != held for name, held in two.items()),
        }
        write_text(kept, json.dumps(row, indent=1) + "\n")
    return [json.loads(kept.read_text(encoding="utf-8"))]


def _copies(inputs: Path) -> Path:
    """Give a folder of as many recordings as a node can be lost among."""
    sound = sorted((inputs / "recordings").rglob("*.hea"))
    for i in range(COPIES):
        header, own = sound[i % len(sound)], inputs / "copies" / f"{i:02d}"
        own.mkdir(parents=True)
        for file in (header, header.with_suffix(".dat")):
            shutil.copy(file, own)
    return inputs / "copies"


def _headline(
    rows: list[dict[str, Any]], repeated: list[dict[str, Any]], lost: list[dict[str, Any]]
) -> dict[str, Any]:
    def total(name: str) -> int:
        return sum(row[name] for row in rows)

    figures = {
        "interrupts": (total("times"), None),
        "at_work": (total("of these at work"), None),
        "whole_files_lost": (total("whole files lost"), 0),
        "half_written_taken_for_whole": (total("half-written taken for whole"), 0),
        "drafts_left": (total("drafts left"), 0),
        "endings_not_documented": (total("other endings"), 0),
        "next_runs_that_did_not_continue": (total("next runs") - total("continued to the same end"), 0),
        "files_not_the_same_twice": (sum(row["files that are not the same"] for row in repeated), 0),
    }
    if lost:
        wrong = ("exit code", "records lost", "records doubled or other than alone")
        figures["amiss_when_a_node_was_lost"] = (sum(row[name] for row in lost for name in wrong), 0)
    return {name: figure(value, goal) for name, (value, goal) in figures.items()}


def _identity(command: str) -> str:
    """Digest of the source of all that ends and writes."""
    root = Path(__file__).parent.parent
    files = [path for pattern in (*OURS, *WRITERS[command]) for path in sorted(root.glob(pattern))]
    return digest_of_code(files)
