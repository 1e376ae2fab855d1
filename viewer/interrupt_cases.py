"""Commands that are interrupted, small inputs for them, and how to tell what they have completed."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

RECORDS, IMPORTED, BEFORE = 4, 40, 3
FOLDS = tuple(fold for fold in (1, 7, 8, 9) for _ in range(5))
STATEMENTS = {
    "NORM": "NORM,NORM",
    "ASMI": "MI,AMI",
    "NDT": "STTC,STTC",
    "LAFB": "CD,LAFB/LPFB",
    "LVH": "HYP,LVH",
}
BROKEN, READABLE = "broken", "can be read"

Shown = Mapping[str, str]
"""What stands under its own name, with the digest of all in it that no clock has a part in, or `READABLE`
where a clock has, or `BROKEN`."""


@dataclass(frozen=True)
class Case:
    """A command that writes.

    Parameters
    ----------
    name : str
    arguments : callable
        Takes the folders of the inputs and of what is made; gives the command line.
    shown : callable
        Takes the folder of what is made; gives what is complete in it.
    begin : callable
        Takes that folder; puts there what was complete before.
    warm : bool
        Whether processes are forked from one that has run the command before; torch's
        gradients cannot be forked.
    """

    name: str
    arguments: Callable[[Path, Path], list[str]]
    shown: Callable[[Path], Shown]
    begin: Callable[[Path], None] = lambda out: None
    warm: bool = True


def make_inputs(folder: Path) -> None:
    """Simulate recordings, and put them into the layout of PTB-XL and into files of annotations."""
    told = ["--condition", "normal", "scar", "--n", str(RECORDS // 2), "--patients", "0", "--fs", "100"]
    command = [sys.executable, "-m", "viewer.cli", "simulate", *told, "--seconds", "6"]
    subprocess.run([*command, "--out", str(folder / "recordings")], check=True, capture_output=True)
    _write_ptbxl(folder / "ptbxl", _recordings(folder))
    _write_annotations(folder / "imported.json", BEFORE, IMPORTED)


def small_training() -> None:
    """Have `imn.training` train a network of eight channels for a few epochs, and the command know of it."""
    import imn.recipe
    import imn.training

    plain = imn.recipe.recipe_for

    def tiny(model: str) -> imn.recipe.Recipe:
        return replace(plain(model), widths=(8, 8, 8), kernel=3, epochs=4, patience=9, batch=12, n_crop=300)

    for module in (imn.recipe, imn.training):
        setattr(module, "recipe_for", tiny)  # noqa: B010


def _recordings(folder: Path) -> list[Path]:
    return sorted((folder / "recordings").rglob("*.hea"))


def _write_ptbxl(root: Path, recordings: list[Path]) -> None:
    root.mkdir()
    names = list(STATEMENTS)
    with (root / "ptbxl_database.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold", "filename_lr"])
        for i, fold in enumerate(FOLDS):
            path = recordings[i % len(recordings)].with_suffix("")
            said = str({names[i % len(names)]: 100.0})
            table.writerow([i, i, f"{40 + 15 * (i % 4)}.0", i // 6 % 2, said, fold, path])
    rows = [f"{name},1.0,{rest}" for name, rest in STATEMENTS.items()]
    head = ",diagnostic,diagnostic_class,diagnostic_subclass"
    (root / "scp_statements.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def _write_annotations(path: Path, first: int, last: int) -> None:
    from annotations.io import write_annotations
    from annotations.mutation_files import readings, small_heart

    (made, _) = readings(small_heart())
    write_annotations(path, [replace(made, record_id=f"r{i}") for i in range(first, last)])


def _begin_store(out: Path) -> None:
    from annotations.io import read_annotations
    from annotations.store import open_store

    _write_annotations(out / "before.json", 0, BEFORE)
    with open_store(out / "store.sqlite") as store:
        store.add_all(read_annotations(out / "before.json"))


def _digest(*contents: bytes) -> str:
    return sha256(b"\0".join(contents)).hexdigest()


def _explained(out: Path) -> Shown:
    return {
        folder.name: _attempt(_run_folder, folder)
        for folder in (out.iterdir() if out.is_dir() else ())
        if not folder.name.startswith(".")
    }


def _run_folder(folder: Path) -> str:
    """Digest of evidence and map; the summary and the report have dates in them."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    if not all(Path(file).is_file() for file in summary["files"].values()):
        return BROKEN
    if not (folder / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>"):
        return BROKEN
    return _digest((folder / "evidence.npz").read_bytes(), (folder / "map.vtp").read_bytes())


def _batched(out: Path) -> Shown:
    """Shards of the tables and of the maps, byte by byte."""
    files = [path for part in ("records", "maps") for path in sorted((out / part).glob("[!.]*"))]
    return {str(path.relative_to(out)): _digest(path.read_bytes()) for path in files}


def _trained(out: Path) -> Shown:
    """Weights byte by byte; that card and checkpoint can be read, which have dates and epochs in them."""
    weights = {path.name: _digest(path.read_bytes()) for path in sorted(out.glob("ecglocus.safetensors"))}
    others = [*sorted(out.glob("ecglocus.json")), *sorted(out.glob("checkpoint*.safetensors"))]
    return weights | {path.name: _attempt(_readable, path) for path in others}


def _readable(path: Path) -> str:
    from safetensors import safe_open

    if path.suffix == ".json":
        json.loads(path.read_text(encoding="utf-8"))
        return READABLE
    with safe_open(path, "numpy") as held:
        for name in held.keys():  # noqa: SIM118
            held.get_tensor(name)
    return READABLE


def _imported(out: Path) -> Shown:
    """Annotations by recording; an import is there as a whole or not at all."""
    from annotations.document import document_of, text_of
    from annotations.store import open_store
    from annotations.store_file import check_integrity

    if check_integrity(out / "store.sqlite") != "ok":
        return {"store": BROKEN}
    with open_store(out / "store.sqlite", access="read") as store:
        held = {a.record_id: _digest(text_of(document_of([a], out)).encode()) for a in store.latest()}
    return held if len(held) in (BEFORE, IMPORTED) else held | {"a part of an import": BROKEN}


def _attempt(read: Callable[[Path], str], path: Path) -> str:
    try:
        return read(path)
    except Exception as error:  # whatever it is, the file is not whole
        sys.stderr.write(f"{path}: {error!r}\n")
        return BROKEN


CASES = {
    case.name: case
    for case in (
        Case(
            "explain",
            lambda inputs, out: [
                *("explain", *map(str, _recordings(inputs)[:2])),
                *("--no-render", "--out", str(out)),
            ],
            _explained,
        ),
        Case(
            "batch",
            lambda inputs, out: [
                *("batch", str(inputs / "recordings"), "--out", str(out)),
                *("--shard", "1", "--batch", "2", "--maps", "npz"),
            ],
            _batched,
        ),
        Case(
            "train",
            lambda inputs, out: [
                "train",
                "--data",
                str(inputs / "ptbxl"),
                "--out",
                str(out),
                "--members",
                "1",
            ],
            _trained,
            warm=False,
        ),
        Case(
            "annotations import",
            lambda inputs, out: [
                *("annotations", "import", str(inputs / "imported.json")),
                *("--store", str(out / "store.sqlite")),
            ],
            _imported,
            _begin_store,
        ),
    )
}
