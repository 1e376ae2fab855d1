"""Measure what the store of annotations keeps when its writers are killed and its files are spoilt."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotations.store_bench import Outcome
    from imn.fuzz.crew import Tally
    from viewer.cli_bench import StoreBench


def bench_store(options: "StoreBench") -> int:
    """Write while killing, import spoilt files, write the result and print it."""
    from annotations import mutation_bench, store_bench
    from imn.results import markdown, result, write_result
    from viewer.commands import say

    with TemporaryDirectory(prefix="ecglocus-store-") as folder:
        outcome = store_bench.measure(
            Path(folder), processes=options.processes, findings=options.findings, seed=options.seed
        )
    tallies = _import_spoilt(options)
    offenders = mutation_bench.offenders_of(tallies)
    sizes = f"--processes {options.processes} --findings {options.findings} --mutations {options.mutations}"
    measured = result(
        f"ecglocus bench store {sizes} --seed {options.seed}",
        f"Findings written to one store by {options.processes} processes, half of them killed and replaced; "
        f"{options.mutations} spoilt files of each format, each imported by a process that may take 1 GB "
        "and 20 s",
        outcome.acknowledged,
        rows=store_bench.rows_of(outcome),
        headline=_headline(outcome, tallies, options.mutations),
        tables={"Spoilt files": mutation_bench.rows_of(tallies)}
        | ({"Offenders": offenders} if offenders else {}),
    )
    write_result(options.out / "store.json", measured)
    say(json.dumps(measured) if options.json else markdown(measured))
    return 0 if outcome.sound and not offenders else 1


def _import_spoilt(options: "StoreBench") -> "list[Tally]":
    from tqdm import tqdm

    from annotations.mutation_bench import TITLES, measure

    tallies = []
    with tqdm(total=options.mutations * len(TITLES), desc="import", unit="file") as progress:
        for tallies in measure(
            options.folder, inputs=options.mutations, seed=options.seed, workers=options.workers
        ):
            progress.update(sum(tally.counts.total() for tally in tallies) - progress.n)
    return tallies


def _headline(outcome: "Outcome", tallies: "list[Tally]", files: int) -> dict[str, Any]:
    from annotations.mutation_bench import TITLES
    from imn.results import figure

    figures = {
        "store_findings": (outcome.acknowledged, 5000),
        "store_lost": (outcome.lost + outcome.wrong, 0),
        "store_integrity": (outcome.integrity, "ok"),
        "spoilt_files": (sum(tally.counts.total() for tally in tallies), files * len(TITLES)),
        "spoilt_files_neither_refused_nor_valid": (sum(len(tally.offenders) for tally in tallies), 0),
    }
    return {name: figure(value, goal) for name, (value, goal) in figures.items()}
