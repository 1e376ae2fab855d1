"""Where a recording comes from: the demonstration, a path, a run directory, files sent by a browser."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from imn.archives import read_archive
from imn.electrode_placement import PLACEMENT
from imn.errors import InputError
from imn.json_files import read_object
from imn.limb_leads import DERIVED_LEADS
from imn.record import Record
from viewer.cli_told import UNTOLD, ToldOptions

if TYPE_CHECKING:
    from annotations.annotation import Annotation
    from cine_mapping.anatomy import Anatomy

DEMO = "demonstration"
UPLOADS_MB = 64
LONGEST_NAME = 200
SUMMARY, EVIDENCE = "summary.json", "evidence.npz"
STRETCH_S = 300.0
"""Longest recording that is read at once: a minute or so of work, and the memory of a small machine."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A recording with what came along with it.

    Parameters
    ----------
    record : Record
    target : str or None
        Class to begin with.
    annotations : tuple of Annotation
        Known beforehand: where a simulated disease is.
    stretches : tuple of (float, float), s
        Beginning and end of the parts that the recording is read in; one where it is read whole.
    """

    record: Record
    target: str | None = None
    annotations: tuple["Annotation", ...] = ()
    stretches: tuple[tuple[float, float], ...] = ()


def open_demo(anatomy: "Anatomy", *, condition: str = "scar", region: str = "RCA") -> Opened:
    """Simulate the recording of ``ecglocus demo``; its truth is told on the reference heart.

    Parameters
    ----------
    anatomy : Anatomy
    condition : str
        One of `viewer.simulated_files.LABELS` with a region.
    region : str
        Where it is.

    Returns
    -------
    Opened
    """
    from annotations.truths import truth_annotation
    from cine_mapping.heart_surface import mask_at_surface
    from cine_mapping.myocardium_io import load_myocardium
    from viewer.explain_command import simulated_demo
    from viewer.simulated_files import LABELS, WORDS

    simulation = simulated_demo(condition, region)
    target = LABELS[condition][0]
    mask = mask_at_surface(simulation.truth, load_myocardium("reference"), anatomy)
    note = f"The region whose {WORDS[condition]} was simulated."
    truth = truth_annotation(simulation.record.id, target, mask, anatomy, note=note)
    return Opened(simulation.record, target, (truth,))


def open_path(path: Path, told: ToldOptions = UNTOLD) -> Opened:
    """Read a recording, or the one that a run directory is of.

    Parameters
    ----------
    path : Path
    told : ToldOptions
        Of a recording; a run directory leaves nothing out.

    Returns
    -------
    Opened

    Raises
    ------
    InputError
        As `imn.formats.read_record`; if a folder is no run directory.
    """
    from imn.formats import read_record

    if not path.is_dir():
        return Opened(read_record(path, **told.arguments))
    return _open_run(path)


def stretches(record: Record) -> tuple[tuple[float, float], ...]:
    """Part a recording into equal stretches of at most `STRETCH_S`.

    Parameters
    ----------
    record : Record

    Returns
    -------
    tuple of (float, float), s
        One where it is read whole.
    """
    count = max(1, ceil(record.duration / STRETCH_S))
    ends = [record.duration * i / count for i in range(count + 1)]
    return tuple(zip(ends, ends[1:], strict=False))


def stretch_of(opened: Opened, number: int) -> Opened:
    """Give one stretch of what was opened as a recording of its own.

    Its name says which, so that what is marked in it is not taken for the whole recording's.

    Parameters
    ----------
    opened : Opened
    number : int
        From 0; the nearest one where there is no such stretch.

    Returns
    -------
    Opened
    """
    parts = stretches(opened.record)
    if len(parts) == 1:
        return replace(opened, stretches=parts)
    start, end = parts[min(max(number, 0), len(parts) - 1)]
    record = opened.record
    first, last = (round(second * record.fs) for second in (start, end))
    name = f"{record.id} {start:.0f}-{end:.0f}s"
    cut = replace(record, signal=record.signal[:, first:last], id=name)
    return Opened(cut, opened.target, stretches=parts)


def _open_run(folder: Path) -> Opened:
    what, advice = "a file of a run directory of ecglocus explain or demo", "give a recording instead"
    summary = read_object(folder / SUMMARY, what, advice=advice)
    shapes = {"signal": "ln", "fs": "", "record": ""}
    held = read_archive(folder / EVIDENCE, what, advice=advice, shapes=shapes)
    facts = {name: said for name in (DERIVED_LEADS, PLACEMENT) if (said := _words(summary.get(name)))}
    record = Record(held["signal"], float(held["fs"]), str(held["record"]), str(folder), facts)
    return Opened(record, summary.get("target"))


def _words(held: object) -> tuple[str, ...]:
    """Take a list of words as such; anything else is none."""
    return tuple(word for word in held if isinstance(word, str)) if isinstance(held, list) else ()


def open_files(files: Sequence[tuple[str, bytes]], told: ToldOptions = UNTOLD) -> Opened:
    """Read one recording from files sent by a browser; nothing of them stays on disk.

    Parameters
    ----------
    files : sequence of (str, bytes)
        Names and contents of all files of one recording.
    told : ToldOptions

    Returns
    -------
    Opened

    Raises
    ------
    InputError
        If they are no recording, several, or too large.
    """
    from imn.formats import read_record

    with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:  # only this user may read it
        paths = write_files(files, Path(private))
        try:
            return Opened(read_record(_first(paths), **told.arguments))
        except InputError as mistake:
            raise InputError(str(mistake).replace(f"{private}/", "")) from mistake


def write_files(files: Sequence[tuple[str, bytes]], folder: Path) -> list[Path]:
    """Write files sent by a browser into a folder, each under its bare name.

    Parameters
    ----------
    files : sequence of (str, bytes)
        Names and contents.
    folder : Path

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If there is none, a name comes twice or is no file's, or they are too large together.
    """
    if not files:
        msg = "expected the files of one recording, got none"
        raise InputError(msg)
    size = sum(len(content) for _, content in files)
    if size > UPLOADS_MB * 2**20:
        msg = f"expected at most {UPLOADS_MB} MB, got {size / 2**20:.0f} MB; cut the recording first"
        raise InputError(msg)
    paths: list[Path] = []
    for name, content in files:
        bare = Path(name.replace("\\", "/")).name
        if bare in ("", "..") or not bare.isprintable() or len(bare.encode(errors="replace")) > LONGEST_NAME:
            msg = f"expected a file name, got {bare[:80]!r}; rename the file"
            raise InputError(msg)
        path = folder / bare
        if path in paths or path == folder:
            msg = f"expected each file once, got {path.name!r} twice; send the files of one recording"
            raise InputError(msg)
        path.write_bytes(content)
        paths.append(path)
    return paths


def _first(paths: Sequence[Path]) -> Path:
    """Choose the file that stands for the recording: the only one, or the header."""
    if len(paths) == 1:
        return paths[0]
    heads = [path for path in paths if path.suffix.lower() == ".hea"]
    stems = sorted({path.stem for path in paths})
    if len(heads) == 1:
        return heads[0]
    if len(stems) == 1:
        return sorted(paths)[0]
    msg = f"expected the files of one recording, got those of several ({', '.join(stems[:5])}); send one"
    raise InputError(msg)
