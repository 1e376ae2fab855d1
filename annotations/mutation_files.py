"""A small sound file of annotations in every format, of our own and as it may come from elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from annotations.annotation import Annotation, Finding, Interval, VertexWeights
from annotations.csv_files import write_csv
from annotations.given import NO_OPTIONS, Given
from annotations.io import write_annotations
from annotations.label_map import LabelMap
from annotations.label_maps import draw_map
from annotations.masks import anatomy_hash
from annotations.npz_files import write_npz
from annotations.vtp_files import write_vtp
from annotations.wfdb_files import write_wfdb
from cine_mapping.anatomy import REGIONS, Anatomy, Mesh

WHOSE = Given(record_id="r1", rater="B", label="MI", provenance="expert", confidence=0.5)
OWN, ELSEWHERE = "ours", "from elsewhere"
KINDS = (
    *((name, OWN) for name in ("JSON", "CSV", "VTP", "NPZ", "WFDB")),
    *((name, ELSEWHERE) for name in ("CSV", "VTP", "NPZ", "WFDB")),
)
"""Name and origin of all kinds, in the order of `kinds`."""


@dataclass(frozen=True)
class Kind:
    """A format, and what is given when its files are imported.

    Parameters
    ----------
    name : str
        Of the format.
    origin : str
        Whether the files say all themselves, or come from elsewhere.
    path : Path
        A sound file of it.
    given : Given
    """

    name: str
    origin: str
    path: Path
    given: Given = NO_OPTIONS

    @property
    def title(self) -> str:
        """Format and origin."""
        return f"{self.name} {self.origin}"


def kinds(folder: Path, heart: Anatomy) -> list[Kind]:
    """Write a sound file of every format, of our own and as it may come from elsewhere.

    Parameters
    ----------
    folder : Path
    heart : Anatomy

    Returns
    -------
    list of Kind
    """
    made_by = readings(heart)
    writers: dict[str, Callable[[Path], object]] = {
        "json": lambda path: write_annotations(path, made_by),
        "csv": lambda path: write_csv(path, made_by),
        "vtp": lambda path: write_vtp(path, draw_map(made_by, heart)),
        "npz": lambda path: write_npz(path, draw_map(made_by, heart)),
    }
    made = []
    for name, write in writers.items():
        made.append(Kind(name.upper(), OWN, folder / f"own.{name}"))
        write(made[-1].path)
    (wfdb, *_) = write_wfdb(folder, made_by[:1], fs=500.0)
    made.append(Kind("WFDB", OWN, wfdb))
    return made + _elsewhere(folder, heart, wfdb)


def _elsewhere(folder: Path, heart: Anatomy, wfdb: Path) -> list[Kind]:
    table, plain = folder / "else.csv", LabelMap(heart.heart.points, heart.heart.triangles, {}, "")
    rows = ["onset,offset,leads,region", "100,180,V1 V2,", ",,,LAD", "-40,60.5,II,"]
    table.write_text("\n".join(rows), encoding="utf-8")
    weights = {"weights": np.linspace(0, 1, len(heart.heart.points))}
    for write, name in ((write_vtp, "else.vtp"), (write_npz, "else.npz")):
        write(folder / name, replace(plain, arrays=weights))
    timed = replace(WHOSE, unit="ms", on="beat")
    return [
        Kind("CSV", ELSEWHERE, table, timed),
        Kind("VTP", ELSEWHERE, folder / "else.vtp", WHOSE),
        Kind("NPZ", ELSEWHERE, folder / "else.npz", WHOSE),
        Kind("WFDB", ELSEWHERE, wfdb, replace(WHOSE, leads=("V1",))),
    ]


def small_heart() -> Anatomy:
    """Make a strip of two vertices in each region."""
    v = 2 * len(REGIONS)
    i = np.arange(v)
    points = np.stack([i * (i + 1) / 20, i % 2, np.zeros(v)], axis=1).astype(np.float32)
    triangles = np.stack([i[:-2], i[1:-1], i[2:]], axis=1).astype(np.int32)
    empty = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    return Anatomy(
        name="strip",
        heart=Mesh(points, triangles),
        surface=np.zeros(v, np.int8),
        region=np.repeat(np.arange(len(REGIONS)), 2).astype(np.int8),
        vessels=empty,
        torso=empty,
        electrodes=np.zeros((9, 3), np.float32),
        lead_vectors=np.zeros((12, v, 3), np.float32),
    )


def readings(heart: Anatomy) -> tuple[Annotation, ...]:
    """Annotations with marks of every sort."""
    painted = VertexWeights(heart.name, anatomy_hash(heart), (3, 4, 17), (1.0, 0.25, 1 / 3))
    waves = (
        Interval(("V1", "V2"), 0.1, 0.18, "recording"),
        Interval(("V1",), 0.25, 0.31, "recording"),
        Interval(("II", "aVF"), -0.04, 0.0605, "beat"),
    )
    findings = (
        Finding("MI", "expert", 0.8, waves, ("LAD", "apex"), note='Q, "QS"\nand ST'),
        Finding("CD", "derived", 0.5, vertices=painted, leads=("V5", "V6")),
        Finding("HYP", "expert", 0.0),
    )
    when = "2026-11-21T17:40:00Z"
    return (
        Annotation("r1", "A", findings, when, "ecglocus 0.1.0"),
        Annotation("r2", "A", (), state="draft"),
    )
