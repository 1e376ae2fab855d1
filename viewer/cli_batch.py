"""Options of ``ecglocus batch``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from tyro.constructors import PrimitiveConstructorSpec

from viewer.cli_told import ToldOptions

MAPS = ("npz", "zarr")
Maps = Annotated[
    str,
    PrimitiveConstructorSpec(
        nargs=(0, 1),
        metavar="[{npz,zarr}]",
        instance_from_str=lambda words: words[0] if words else MAPS[0],
        is_instance=lambda value: isinstance(value, str),
        str_from_instance=lambda value: [value] if value else [],
        choices=MAPS,
    ),
]


@dataclass(frozen=True)
class Batch:
    """Explain any number of recordings: tables of probabilities and regions, and maps if asked for."""

    inputs: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """Folders, RECORDS files, PTB-XL's table, CSV or Parquet lists of paths, recordings."""
    out: Path
    """Folder for what is made; an interrupted run goes on where it was."""
    labels: tuple[str, ...] = ()
    """Labels to explain; by default the most probable superclass."""
    model: Path | None = None
    """Weights (.safetensors with its .json card); the shipped ones by default."""
    anatomy: str = "reference"
    """Name of a shipped anatomy, or a file."""
    maps: Maps = ""
    """Also keep the maps, as factors: alone or as npz in NumPy's archives, as zarr in a Zarr store."""
    reference: Literal["isoelectric", "median-beat"] = "isoelectric"
    """What evidence is relative to: the isoelectric line, or a class-free median beat at every R peak."""
    statements: bool = False
    """Give half of the average to where cardiologists' statements put the disease; its shares besides."""
    credible: bool = False
    """Also give the 80 % credible region in simulated recordings."""
    spread: bool = False
    """Also see how far the networks of the ensemble disagree; takes several times as long."""
    clusters: bool = False
    """Also give the moments that the shipped network tells apart, their time and weight."""
    column: str | None = None
    """Column of tables that holds the paths; path, filename_lr, filename, file or record by default."""
    workers: int = 1
    """Processes at work; they change nothing in what is written."""
    batch: int = 32
    """Recordings that the network reads together."""
    shard: int = 256
    """Recordings in a file; what a kill loses at most, for each worker."""
    engine: Literal["local", "ray"] = "local"
    """Processes of this machine, or Ray's actors on this machine or a cluster (extra ``cluster``)."""
    json: bool = False
    """Print one JSON object on standard output and nothing else there."""
    told: ToldOptions = ToldOptions()

    def run(self) -> int:
        """Explain."""
        from viewer.batch import batch

        return batch(self)


@dataclass(frozen=True)
class Speed:
    """Measure how fast recordings go through, beside the least that each stage can take."""

    data: Path
    """PTB-XL in its native layout."""
    records: int = 256
    """Recordings of fold 9 that two processes go through."""
    out: Path = Path("docs/results")
    """Folder for speed.json and speed.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.processes import one_thread

        # Before anything loads that calculates: stages and floors have one thread each.
        with one_thread():
            from viewer.commands import keep
            from viewer.speed_bench import measure

            measured = measure(self.data, records=self.records)
        return keep(self.out / "speed.json", measured, self.json)
