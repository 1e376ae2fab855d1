"""Spoilt files of annotations by the hundred thousand: refused in one sentence, or a valid annotation."""

import tempfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import annotations
import imn
from annotations.mutation_files import KINDS, kinds, small_heart
from annotations.mutation_trial import spoilt
from imn.fuzz import stretches
from imn.fuzz.crew import Order, Tally
from imn.fuzz.stretches import Study

JUDGES = ("spoiling", "trial", "worker")
READERS = (
    *("mutations", "mutation_files", "mutation_trial", "mutation_worker", "importing", "given", "io"),
    *("csv_files", "csv_rows", "npz_files", "vtp_files", "vtp_arrays", "label_map", "label_maps", "masks"),
    *("wfdb_files", "wfdb_waves", "wfdb_words", "annotation", "checks", "marks", "document"),
    *("states", "store", "store_file"),
)
TITLES = tuple(f"{name} {origin}" for name, origin in KINDS)


def measure(
    folder: Path, *, inputs: int, seed: int = 0, workers: int = 1, names: Sequence[str] = ()
) -> Iterator[list[Tally]]:
    """Have spoilt files of every kind imported into a store; see `imn.fuzz.stretches.measure`."""
    study = Study("annotations.mutation_worker", TITLES, _identity, _spoil)
    return stretches.measure(study, folder, inputs=inputs, seed=seed, workers=workers, names=names)


def rows_of(tallies: list[Tally]) -> list[dict[str, Any]]:
    """Give the tallies as the lines of a table."""
    rows = []
    for (name, origin), title in zip(KINDS, TITLES, strict=True):
        own = [tally for tally in tallies if tally.order.kind == title]
        counts = {key: sum(tally.counts[key] for tally in own) for key in ("refused", "valid")}
        spoilt_files = sum(tally.counts.total() for tally in own)
        rows.append(
            {
                "format": name,
                "files": origin,
                "spoilt": spoilt_files,
                "refused in one sentence, store as before": counts["refused"],
                "valid annotation": counts["valid"],
                "anything else": spoilt_files - sum(counts.values()),
                "slowest, s": max((tally.slowest for tally in own), default=0.0),
                "memory, MB": max((tally.peak for tally in own), default=0) / 2**20,
            }
        )
    return rows


def offenders_of(tallies: list[Tally]) -> list[dict[str, Any]]:
    """Give the first files of each kind that were neither refused nor valid."""
    return stretches.offenders_of(tallies, TITLES)


def _identity(_: str) -> str:
    """Digest of the source of all that spoils and imports annotations; every format leads to the store."""
    home, judges = Path(annotations.__file__).parent, Path(imn.__file__).parent / "fuzz"
    files = [*(judges / f"{name}.py" for name in JUDGES), *(home / f"{name}.py" for name in READERS)]
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _spoil(order: Order, number: int) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
        kind = next(kind for kind in kinds(Path(private), small_heart()) if kind.title == order.kind)
        return {f"spoilt{kind.path.suffix}": spoilt(kind, number=number, seed=order.seed)}
