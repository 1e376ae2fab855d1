"""What ``ecglocus bench`` measures: the options of each measurement."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from viewer.cli_batch import Speed
from viewer.cli_fuzz import Fuzz, Interrupts
from viewer.cli_sampling import Sampling


@dataclass(frozen=True)
class Territory:
    """Tell anterior from inferior infarct on real recordings by the map's LAD and RCA shares."""

    data: Path
    """PTB-XL in its native layout."""
    models: Path | None = None
    """Folder of ``ecglocus train --cross-validate``; without it, the shipped model on one fold."""
    fold: int = 9
    """Fold for the shipped model, which was trained on 1-8."""
    anatomy: str = "reference"
    """Name of a shipped anatomy, or a file."""
    out: Path = Path("docs/results")
    """Folder for the result as JSON and Markdown."""
    name: str = "territory"
    """Name of these files."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.commands import bench_territory

        return bench_territory(self)


@dataclass(frozen=True)
class Attribution:
    """Measure ecglocus and its rivals as classifiers and as explanations, training what is missing."""

    data: Path
    """PTB-XL in its native layout."""
    models: Path
    """Run directory of the comparison: models and measurements; an interrupted run resumes."""
    records: int = 48
    """Recordings of fold 9 that are explained."""
    workers: int = 1
    """Processes at work."""
    out: Path = Path("docs/results")
    """Folder for attribution.json and attribution.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.commands import bench_attribution

        return bench_attribution(self)


@dataclass(frozen=True)
class Realism:
    """Compare simulated with real ECGs: measures by class, criteria, classifiers across."""

    data: Path
    """PTB-XL in its native layout."""
    patients: int = 100
    """Virtual patients, each with a beat of every condition."""
    seed: int = 0
    """With which they are drawn."""
    out: Path = Path("docs/results")
    """Folder for realism.json and realism.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.realism_command import bench_realism

        return bench_realism(self)


@dataclass(frozen=True)
class Localisation:
    """Score every mapping on simulated hearts whose true region is known, and on imported ones."""

    folder: Path = Path("ecglocus-runs/localisation")
    """Keeps what is simulated; an interrupted run resumes."""
    patients: int = 30
    """Virtual patients of each part."""
    anatomies: tuple[Path, ...] = ()
    """Files of ``ecglocus anatomy import`` to score on as well."""
    learned: tuple[Path, ...] = ()
    """For each of them, what ``ecglocus anatomy learn`` wrote."""
    data: Path | None = None
    """PTB-XL in its native layout, for the real recordings."""
    models: Path | None = None
    """Folder of ``ecglocus train --cross-validate`` to read them with."""
    workers: int = 1
    """Processes that simulate."""
    out: Path = Path("docs/results")
    """Folder for localisation.json and localisation.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.localisation_command import bench_localisation

        return bench_localisation(self)


@dataclass(frozen=True)
class Dice:
    """Compare maps with places derived from cardiologists' statements: PTB-XL's fold 9 and LUDB."""

    data: Path
    """PTB-XL in its native layout."""
    ludb: Path
    """LUDB in its native layout."""
    models: Path | None = None
    """Models of ``ecglocus bench attribution``: rivals and post-hoc maps as well."""
    out: Path = Path("docs/results")
    """Folder for dice.json and dice.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.dice_command import bench_dice

        return bench_dice(self)


@dataclass(frozen=True)
class StoreBench:
    """Kill half of the processes that write to a store, spoil files that are imported: nothing is lost."""

    processes: int = 8
    """Processes that write at once."""
    findings: int = 5000
    """Findings that they share."""
    mutations: int = 100_000
    """Spoilt files of each format that are imported."""
    workers: int = 1
    """Processes that import."""
    folder: Path = Path("ecglocus-runs/import")
    """Keeps what was imported and the first offenders; an interrupted run resumes."""
    seed: int = 0
    """Of who is killed and when, and of how files are spoilt."""
    out: Path = Path("docs/results")
    """Folder for store.json and store.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.store_command import bench_store

        return bench_store(self)


@dataclass(frozen=True)
class Delineation:
    """Check the limits of waves against LUDB's cardiologists, beside NeuroKit2's (extra ``delineate``)."""

    data: Path
    """LUDB in its native layout."""
    out: Path = Path("docs/results")
    """Folder for delineation.json and delineation.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.delineation_command import bench_delineation

        return bench_delineation(self)


@dataclass(frozen=True)
class ViewerBench:
    """Measure what the viewer costs in a real browser: bytes, milliseconds, frames (extra ``browser``)."""

    users: int = 20
    """Visitors at once; 0 leaves that part out."""
    out: Path = Path("docs/results")
    """Folder for viewer.json and viewer.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.commands import keep
        from viewer.viewer_bench import bench_viewer

        return keep(self.out / "viewer.json", bench_viewer(self.users), self.json)


@dataclass(frozen=True)
class Clusters:
    """Let a forest on cluster proportions stand in for the network; clusters against LUDB's waves."""

    data: Path
    """PTB-XL in its native layout."""
    ludb: Path
    """LUDB in its native layout."""
    models: Path
    """Folder of ``ecglocus train --cross-validate``: each fold is read by a network that never saw it."""
    others: tuple[Path, ...] = ()
    """Weights of other networks (``ecglocus train --model cnn``), each scored on the fold it never saw."""
    folder: Path = Path("ecglocus-runs/clusters")
    """Keeps each fold; an interrupted run resumes."""
    out: Path = Path("docs/results")
    """Folder for clusters.json and clusters.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.clusters_command import bench_clusters

        return bench_clusters(self)


Measurement = (
    Annotated[Territory, tyro.conf.subcommand("territory")]
    | Annotated[Attribution, tyro.conf.subcommand("attribution")]
    | Annotated[Realism, tyro.conf.subcommand("realism")]
    | Annotated[Localisation, tyro.conf.subcommand("localisation")]
    | Annotated[StoreBench, tyro.conf.subcommand("store")]
    | Annotated[Dice, tyro.conf.subcommand("dice")]
    | Annotated[Clusters, tyro.conf.subcommand("clusters")]
    | Annotated[Delineation, tyro.conf.subcommand("delineation")]
    | Annotated[ViewerBench, tyro.conf.subcommand("viewer")]
    | Annotated[Sampling, tyro.conf.subcommand("sampling")]
    | Annotated[Speed, tyro.conf.subcommand("speed")]
    | Annotated[Fuzz, tyro.conf.subcommand("fuzz")]
    | Annotated[Interrupts, tyro.conf.subcommand("interrupts")]
)
