"""Spoilt recordings by the hundred thousand: what each format's reader made of them."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import imn
from imn.fuzz import stretches
from imn.fuzz.bombs import BOMBS
from imn.fuzz.crew import Order, Tally, Worker
from imn.fuzz.sound_files import KINDS
from imn.fuzz.stretches import Study
from imn.fuzz.trial import REFUSED, VALID, kind_named, sound_files, spoilt

SHARED = (
    *("formats/__init__.py", "reading.py", "assembly.py", "record.py", "leads.py", "limb_leads.py"),
    *(f"fuzz/{name}.py" for name in ("mutations", "spoiling", "sound_files", "trial", "worker")),
)
"""What every reader needs, and what spoils and judges."""
BESIDE = {
    "numpy_file": ("archives.py",),
    **dict.fromkeys(("aecg", "dicom", "edf"), ("electrode_placement.py",)),
}
"""What else the module of a format needs."""
NAMES = tuple(kind.name for kind in KINDS)


def measure(
    folder: Path, *, inputs: int, seed: int = 0, workers: int = 1, names: Sequence[str] = ()
) -> Iterator[list[Tally]]:
    """Have spoilt files of every format read.

    Parameters
    ----------
    folder, inputs, seed, workers, names
        As in `imn.fuzz.stretches.measure`.

    Yields
    ------
    list of Tally
        What came of them so far.
    """
    study = Study("imn.fuzz.worker", NAMES, identity, _spoil)
    return stretches.measure(study, folder, inputs=inputs, seed=seed, workers=workers, names=names)


def defuse() -> list[dict[str, Any]]:
    """Have every file that is made to harm read by a process of its own; a line for each."""
    rows = []
    for number, bomb in enumerate(BOMBS):
        with closing(Worker()) as worker:
            answer = worker.defuse(number)
        rows.append(
            {
                "file": (bomb.__doc__ or "").removeprefix("Write ").rstrip("."),
                "outcome": answer["outcome"],
                "s": answer["seconds"],
                "memory, MB": max(answer["peak"], 0) / 2**20,
                "in words": answer["words"].partition("expected")[2].strip()[:120],
            }
        )
    return rows


def rows_of(tallies: list[Tally]) -> list[dict[str, Any]]:
    """Give what came of the files, a line for each format."""
    rows = []
    for name in NAMES:
        own = [tally for tally in tallies if tally.order.kind == name]
        counts = sum((tally.counts for tally in own), start=Counter())
        rows.append(
            {
                "format": name,
                "spoilt": counts.total(),
                "refused in one sentence": counts[REFUSED],
                "valid recording": counts[VALID],
                "anything else": counts.total() - counts[REFUSED] - counts[VALID],
                "slowest, s": max((tally.slowest for tally in own), default=0.0),
                "memory, MB": max((tally.peak for tally in own), default=0) / 2**20,
            }
        )
    return rows


def offenders_of(tallies: list[Tally]) -> list[dict[str, Any]]:
    """Give the first files of each format that were neither refused nor valid."""
    return stretches.offenders_of(tallies, NAMES)


def identity(name: str) -> str:
    """Digest of the source of all that spoils and reads files of this format."""
    home, reader = Path(imn.__file__).parent, kind_named(name).reader
    own = sorted((home / "formats").glob(f"{reader}*.py"))
    shared, beside = ([home / file for file in files] for files in (SHARED, BESIDE.get(reader, ())))
    return stretches.digest_of_code([*shared, *own, *beside])


def _spoil(order: Order, number: int) -> dict[str, bytes]:
    kind = kind_named(order.kind)
    with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
        _, sound = sound_files(kind, Path(private))
    return spoilt(sound, kind, number=number, seed=order.seed)
