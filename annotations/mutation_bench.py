"""Spoilt files of annotations by the hundred thousand: refused in one sentence, or a valid annotation."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import annotations
from annotations.mutation_files import KINDS, kinds, small_heart
from annotations.mutation_trial import spoilt
from imn.fuzz import stretches
from imn.fuzz.crew import Order, Tally
from imn.fuzz.stretches import Study
from imn.fuzz.trial import REFUSED, VALID

SHARED = (
    *(
        f"annotations/{name}.py"
        for name in ("mutations", "mutation_files", "mutation_trial", "mutation_worker")
    ),
    *(f"annotations/{name}.py" for name in ("importing", "given", "io", "annotation", "checks", "marks")),
    *(f"annotations/{name}.py" for name in ("document", "states", "store", "store_file")),
    *(f"imn/fuzz/{name}.py" for name in ("spoiling", "trial", "worker")),
)
"""What every format needs, and what spoils and judges."""
MAPS = ("annotations/label_map.py", "annotations/label_maps.py", "annotations/masks.py")
OWN = {
    "JSON": (),
    "CSV": ("annotations/csv_files.py", "annotations/csv_rows.py"),
    "VTP": (*MAPS, "annotations/vtp_files.py", "annotations/vtp_arrays.py"),
    "NPZ": (*MAPS, "annotations/npz_files.py", "imn/archives.py"),
    "WFDB": tuple(f"annotations/wfdb_{name}.py" for name in ("files", "waves", "words")),
}
"""What else a format needs."""
TITLES = tuple(f"{name} {origin}" for name, origin in KINDS)


def measure(
    folder: Path, *, inputs: int, seed: int = 0, workers: int = 1, names: Sequence[str] = ()
) -> Iterator[list[Tally]]:
    """Have spoilt files of every kind imported into a store.

    Parameters
    ----------
    folder, inputs, seed, workers, names
        As in `imn.fuzz.stretches.measure`.

    Yields
    ------
    list of Tally
        What came of them so far.
    """
    study = Study("annotations.mutation_worker", TITLES, identity, _spoil)
    return stretches.measure(study, folder, inputs=inputs, seed=seed, workers=workers, names=names)


def rows_of(tallies: list[Tally]) -> list[dict[str, Any]]:
    """Give the tallies as the lines of a table."""
    rows = []
    for (name, origin), title in zip(KINDS, TITLES, strict=True):
        own = [tally for tally in tallies if tally.order.kind == title]
        counts = {key: sum(tally.counts[key] for tally in own) for key in (REFUSED, VALID)}
        spoilt_files = sum(tally.counts.total() for tally in own)
        rows.append(
            {
                "format": name,
                "files": origin,
                "spoilt": spoilt_files,
                "refused in one sentence, store as before": counts[REFUSED],
                "valid annotation": counts[VALID],
                "anything else": spoilt_files - sum(counts.values()),
                "slowest, s": max((tally.slowest for tally in own), default=0.0),
                "memory, MB": max((tally.peak for tally in own), default=0) / 2**20,
            }
        )
    return rows


def offenders_of(tallies: list[Tally]) -> list[dict[str, Any]]:
    """Give the first files of each kind that were neither refused nor valid."""
    return stretches.offenders_of(tallies, TITLES)


def identity(title: str) -> str:
    """Digest of the source of all that spoils and imports files of this kind."""
    root, (name, _) = Path(annotations.__file__).parent.parent, dict(zip(TITLES, KINDS, strict=True))[title]
    return stretches.digest_of_code(root / file for file in (*SHARED, *OWN[name]))


def _spoil(order: Order, number: int) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
        kind = next(kind for kind in kinds(Path(private), small_heart()) if kind.title == order.kind)
        return {f"spoilt{kind.path.suffix}": spoilt(kind, number=number, seed=order.seed)}
