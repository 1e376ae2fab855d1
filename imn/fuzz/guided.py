"""Bytes that libFuzzer finds by the lines they reach: what each reader made of them (atheris, Linux only)."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from imn.errors import InputError
from imn.fuzz.bench import identity
from imn.fuzz.sound_files import KINDS
from imn.fuzz.trial import sound_files
from imn.results import write_bytes, write_text

WATCHED = (
    *("imn.formats", "imn.assembly", "imn.limb_leads", "imn.reading", "imn.archives"),
    *("pydicom", "edfio", "defusedxml", "zipfile", "numpy.lib._format_impl"),
)
"""What is imported under these names is watched."""
LIBRARIES = ("pydicom.waveforms", "edfio", "defusedxml.ElementTree", "zipfile", "numpy")
"""That our readers import only when they are asked to read."""
START = (
    "import atheris, importlib, sys\n"
    f"with atheris.instrument_imports(include={WATCHED!r}):\n"
    f"    for name in {LIBRARIES!r}:\n"
    "        importlib.import_module(name)\n"
    "    from imn.fuzz import guided_target\n"
    "    from imn.formats import formats\n"
    "    formats()\n"
    "guided_target.main(*sys.argv[1:])\n"
)
_STAGE = re.compile(r"#(\d+)\s+(?:INITED|DONE)\s+cov: (\d+) ft: \d+ corp: (\d+)/")


def targets() -> tuple[tuple[str, str], ...]:
    """Give every format with each of its files: the others stay sound meanwhile."""
    found = []
    for kind in KINDS:
        with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
            found += [(kind.name, file) for file in sound_files(kind, Path(private))[1]]
    return tuple(found)


def measure(folder: Path, *, runs: int) -> Iterator[list[dict[str, Any]]]:
    """Have libFuzzer try every reader; what was tried before is not tried again.

    Parameters
    ----------
    folder : Path
        Run directory, as `imn.fuzz.bench.measure` has it; offenders are kept there.
    runs : int
        Files for each of `targets`.

    Yields
    ------
    list of dict
        A line for each target so far.

    Raises
    ------
    InputError
        If atheris is not installed.
    """
    if find_spec("atheris") is None:
        msg = 'expected atheris, which is not installed; pip install "ecglocus[fuzz]" on Linux'
        raise InputError(msg)
    rows = []
    for kind, file in targets():
        own = folder / identity(kind) / "guided"
        kept = own / f"{kind.replace(' ', '-')}-{file}-{runs}.json"
        if not kept.is_file():
            row = try_reader(kind, file, runs=runs, offenders=own / "offenders")
            write_text(kept, json.dumps(row, indent=1) + "\n")
        rows = [*rows, json.loads(kept.read_text(encoding="utf-8"))]
        yield rows


def try_reader(kind: str, file: str, *, runs: int, offenders: Path) -> dict[str, Any]:
    """Have libFuzzer spoil one file of a format.

    Parameters
    ----------
    kind, file : str
        As `targets` gives them.
    runs : int
        Files to try.
    offenders : Path
        Folder that gets what is neither refused nor valid.

    Returns
    -------
    dict
        A line of the table.

    Raises
    ------
    RuntimeError
        If libFuzzer does not start.
    """
    with tempfile.TemporaryDirectory(prefix="ecglocus-guided-") as private:
        command = [sys.executable, "-W", "ignore", "-c", START, kind, file, private, str(runs)]
        alone = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, capture_output=True, env=alone)
        words = done.stderr.decode(errors="replace")
        found = [entry for entry in Path(private).iterdir() if entry.is_file()]
        for entry in found:
            write_bytes(offenders / f"{kind.replace(' ', '-')}-{file}-{entry.name}", entry.read_bytes())
    stages = _STAGE.findall(words)
    if not found and (done.returncode or not stages):
        msg = f"libFuzzer did not start, or ended early: {words[-500:]}"
        raise RuntimeError(msg)
    # An offender may come before the first stage.
    (_, before, _), (tried, branches, corpus) = (stages[0], stages[-1]) if stages else (("0",) * 3,) * 2
    return {
        "format": kind,
        "file": file,
        "tried": int(tried),
        "branches reached by the sound file": int(before),
        "by all": int(branches),
        "files that reached more": int(corpus),
        "neither refused nor valid": len(found),
    }
