"""Measure what the store of annotations keeps when its writers are killed."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.cli_bench import StoreBench


def bench_store(options: "StoreBench") -> int:
    """Write while killing, write the result and print it."""
    from annotations.store_bench import measure, rows_of
    from imn.results import markdown, result, write_result
    from viewer.commands import say

    with TemporaryDirectory(prefix="ecglocus-store-") as folder:
        outcome = measure(
            Path(folder), processes=options.processes, findings=options.findings, seed=options.seed
        )
    asked = f"--processes {options.processes} --findings {options.findings} --seed {options.seed}"
    measured = result(
        f"ecglocus bench store {asked}",
        f"Findings written to one store by {options.processes} processes, half of them killed and replaced",
        outcome.acknowledged,
        rows=rows_of(outcome),
        headline={
            "store_findings": {"value": outcome.acknowledged, "low": None, "high": None, "goal": 5000},
            "store_lost": {"value": outcome.lost + outcome.wrong, "low": None, "high": None, "goal": 0},
            "store_integrity": {"value": outcome.integrity, "low": None, "high": None, "goal": "ok"},
        },
    )
    write_result(options.out / "store.json", measured)
    say(json.dumps(measured) if options.json else markdown(measured))
    return 0 if outcome.sound else 1
