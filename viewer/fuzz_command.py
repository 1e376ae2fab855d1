"""Measure what the readers make of spoilt recordings."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imn.fuzz.crew import Tally
    from viewer.cli_fuzz import Fuzz

WORSE = "neither refused nor valid"


def bench_fuzz(options: "Fuzz") -> int:
    """Read, write the result and print it; 1 if a reader did what it must not."""
    from imn.fuzz.bench import defuse, offenders_of, rows_of
    from imn.results import result
    from viewer.commands import keep

    tallies = _read(options)
    rows, offenders, bombs = rows_of(tallies), offenders_of(tallies), defuse()
    guided = _guided(options) if options.guided else []
    tables = {"Files that are made to harm": bombs, "Offenders": offenders, "Found by coverage": guided}
    by_coverage = f" --guided {options.guided}" if guided else ""
    measured = result(
        f"ecglocus bench fuzz --inputs {options.inputs} --seed {options.seed}{by_coverage}",
        "Small simulated recordings of every format, spoilt in one to three places: bytes, stretches, "
        "numbers, fields, tags, lengths; each read by a process that may take 1 GB and 20 s",
        sum(row["spoilt"] for row in rows),
        rows=rows,
        headline=_headline(rows, bombs, guided, options.inputs),
        tables={title: held for title, held in tables.items() if held},
    )
    keep(options.out / "fuzz.json", measured, options.json)
    figures = measured["headline"].items()
    return int(any(held["value"] for name, held in figures if name.endswith("neither_refused_nor_valid")))


def _read(options: "Fuzz") -> "list[Tally]":
    """Have the files read that were not read before; refuse options that do not do."""
    from tqdm import tqdm

    from imn.errors import InputError
    from imn.fuzz.bench import NAMES, measure

    if min(options.inputs, options.workers) < 1:
        msg = f"expected inputs and workers above 0, got {options.inputs} and {options.workers}"
        raise InputError(msg)
    if not set(options.formats) <= set(NAMES):
        got = ", ".join(options.formats)
        msg = f"expected formats among {', '.join(NAMES)}, got {got}; correct the names"
        raise InputError(msg)
    told = {"inputs": options.inputs, "seed": options.seed, "workers": options.workers}
    tallies = []
    with tqdm(total=options.inputs * len(NAMES), desc="fuzz", unit="file") as progress:
        for tallies in measure(options.folder, names=options.formats, **told):
            progress.update(sum(tally.counts.total() for tally in tallies) - progress.n)
    return tallies


def _guided(options: "Fuzz") -> list[dict[str, Any]]:
    from tqdm import tqdm

    from imn.fuzz.guided import measure, targets

    rows = []
    with tqdm(total=len(targets()), desc="fuzz by coverage", unit="reader") as progress:
        for rows in measure(options.folder, runs=options.guided):
            progress.update(len(rows) - progress.n)
    return rows


def _exploded(bombs: list[dict[str, Any]]) -> int:
    from imn.fuzz.trial import REFUSED, VALID

    return sum(row["outcome"] not in (REFUSED, VALID) for row in bombs)


def _headline(
    rows: list[dict[str, Any]], bombs: list[dict[str, Any]], guided: list[dict[str, Any]], inputs: int
) -> dict[str, Any]:
    from imn.results import figure

    figures = {
        "spoilt_recordings": (sum(row["spoilt"] for row in rows), inputs * len(rows)),
        "spoilt_recordings_neither_refused_nor_valid": (sum(row["anything else"] for row in rows), 0),
        "slowest_s": (max(row["slowest, s"] for row in rows), 20.0),
        "memory_mb": (max(row["memory, MB"] for row in rows), 1024.0),
        "harmful_files_neither_refused_nor_valid": (_exploded(bombs), 0),
    }
    if guided:
        figures |= {
            "found_by_coverage": (sum(row["tried"] for row in guided), None),
            "found_by_coverage_neither_refused_nor_valid": (sum(row[WORSE] for row in guided), 0),
        }
    return {name: figure(value, goal) for name, (value, goal) in figures.items()}
