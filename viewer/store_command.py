"""Measure what the store of annotations keeps when its writers are killed and its files are spoilt."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotations.mutation_bench import Tally
    from annotations.store_bench import Outcome
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
        tallies = mutation_bench.measure(Path(folder), files=options.mutations, seed=options.seed)
    sizes = f"--processes {options.processes} --findings {options.findings} --mutations {options.mutations}"
    measured = result(
        f"ecglocus bench store {sizes} --seed {options.seed}",
        f"Findings written to one store by {options.processes} processes, half of them killed and replaced; "
        f"{options.mutations} spoilt files of each format imported",
        outcome.acknowledged,
        rows=store_bench.rows_of(outcome),
        headline=_headline(outcome, tallies),
        tables={"Spoilt files": mutation_bench.rows_of(tallies)},
    )
    write_result(options.out / "store.json", measured)
    say(json.dumps(measured) if options.json else markdown(measured))
    return 0 if outcome.sound and not any(tally.tripped for tally in tallies) else 1


def _headline(outcome: "Outcome", tallies: "list[Tally]") -> dict[str, Any]:
    figures = {
        "store_findings": (outcome.acknowledged, 5000),
        "store_lost": (outcome.lost + outcome.wrong, 0),
        "store_integrity": (outcome.integrity, "ok"),
        "spoilt_files": (sum(tally.files for tally in tallies), 2000 * len(tallies)),
        "spoilt_files_neither_refused_nor_valid": (sum(len(tally.tripped) for tally in tallies), 0),
    }
    return {
        name: {"value": value, "low": None, "high": None, "goal": goal}
        for name, (value, goal) in figures.items()
    }
