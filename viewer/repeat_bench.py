"""Same input, same versions, same bytes: everything is made twice, under unlike circumstances, and compared.

The second time Python hashes otherwise, the clock is of another zone, words are of another
locale, and the environment is longer, which puts all of memory elsewhere.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from viewer.interrupt_cases import make_inputs

CIRCUMSTANCES: tuple[Mapping[str, str], ...] = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4242", "TZ": "Asia/Kolkata", "LC_ALL": "C", "FURTHER": "x" * 10_007},
)
MADE = {
    "explain: evidence": "run/*/evidence.npz",
    "explain: map": "run/*/map.vtp",
    "explain: summary but times": "run/*/summary.json",
    "explain: report but times": "run/*/report.html",
    "batch: Parquet": "batch/records/*.parquet",
    "batch: maps": "batch/maps/*.npz",
    "batch: failures": "batch/failures*/*.jsonl",
    "annotations export": "export/*",
    "payload of the viewer": "payload.bin",
}
"""What is compared, and its files."""
_TIMES = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d|>time, s<.*?</table>", re.S)


def measure() -> list[dict[str, Any]]:
    """Make everything twice.

    Returns
    -------
    list of dict
        What was made, how many files and bytes, and how many files were not the same.
    """
    with TemporaryDirectory(prefix="ecglocus-repeat-") as private:
        inputs, folders = Path(private) / "inputs", []
        inputs.mkdir()
        make_inputs(inputs)
        for i, circumstances in enumerate(CIRCUMSTANCES):
            folders.append(Path(private) / f"made{i}")
            folders[-1].mkdir()
            # What is made says where it was made, so that both are told of it by the same relative name.
            command = [sys.executable, "-W", "ignore", "-m", "viewer.repeat_bench", str(inputs)]
            root = str(Path(__file__).parents[1])
            known = os.environ | circumstances | {"OMP_NUM_THREADS": "1", "PYTHONPATH": root}
            subprocess.run(command, check=True, capture_output=True, env=known, cwd=folders[-1])
        return [_compared(what, pattern, *folders) for what, pattern in MADE.items()]


def _compared(what: str, pattern: str, first: Path, second: Path) -> dict[str, Any]:
    one, two = (
        {path.relative_to(root): _lasting(path) for path in root.glob(pattern)} for root in (first, second)
    )
    unlike = [name for name in one.keys() | two.keys() if one.get(name) != two.get(name)]
    size = sum(map(len, one.values()))
    return {"made twice": what, "files": len(one), "bytes": size, "files that are not the same": len(unlike)}


def _lasting(path: Path) -> bytes:
    """Give the content without the times of day and the seconds that something took."""
    content = path.read_bytes()
    if path.name == "summary.json":
        held = json.loads(content)
        return json.dumps({name: held[name] for name in held if name not in ("seconds", "date")}).encode()
    return _TIMES.sub(b"", content) if path.name == "report.html" else content


def make(inputs: Path) -> None:
    """Make everything in the working directory."""
    from viewer.interrupt_stage import run_here

    recordings = [str(path) for path in sorted((inputs / "recordings").rglob("*.hea"))]
    commands = [
        ["explain", *recordings[:2], "--no-render", "--clusters", "--out", "run"],
        ["batch", str(inputs / "recordings"), "--maps", "npz", "--shard", "2", "--out", "batch"],
        ["annotations", "import", str(inputs / "imported.json"), "--store", "store.sqlite"],
        *(
            ["annotations", "export", "--store", "store.sqlite", "--out", f"export/all.{kind}"]
            for kind in ("json", "csv")
        ),
    ]
    Path("export").mkdir()
    for command in commands:
        if run_here(command):
            msg = f"it failed: ecglocus {' '.join(command)}"
            raise RuntimeError(msg)
    _write_payload(recordings[-1])


def _write_payload(recording: str) -> None:
    from cine_mapping.anatomy_io import load_anatomy
    from imn.formats import read_record
    from imn.model import load_model
    from viewer.analysis import analyse
    from viewer.payload import to_bytes
    from viewer.payload_content import payload_of

    anatomy = load_anatomy("reference")
    analysis = analyse(read_record(recording), load_model(), anatomy)
    Path("payload.bin").write_bytes(to_bytes(payload_of(analysis, anatomy)))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
