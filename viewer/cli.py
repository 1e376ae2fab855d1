"""The command line: ``ecglocus demo | explain | train | evaluate | data | bench``."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import tyro

ABOUT = """Where on the heart a neural network's reading of a 12-lead ECG comes from.

Research use only. Not a medical device."""


@dataclass(frozen=True)
class Demo:
    """Explain a simulated ischaemic ECG whose true region is known."""

    region: str = "RCA"
    """Ischaemic territory (LAD, RCA, LCX, RV) or region (such as "mid anterior")."""
    out: Path = Path("ecglocus-demo")
    """Folder for the pictures, the report and the data."""
    json: bool = False
    """Print one JSON object on standard output and nothing else there."""

    def run(self) -> int:
        """Run the demonstration."""
        from viewer.commands import demo

        return demo(self)


@dataclass(frozen=True)
class Explain:
    """Show where on the heart the network's reading of recordings comes from."""

    records: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """WFDB recordings (with or without .hea)."""
    target: str | None = None
    """Class to explain; by default the most probable other than NORM."""
    anatomy: str = "reference"
    """Name of a shipped anatomy, or a file."""
    annotation: Path | None = None
    """Annotations to score the map against (JSON)."""
    model: Path | None = None
    """Weights (.safetensors with its .json card); the shipped ones by default."""
    render: bool = True
    """Draw pictures; --no-render gives the numbers only."""
    out: Path = Path("ecglocus-runs")
    """Folder that gets one run directory per recording."""
    json: bool = False
    """Print one JSON object per recording on standard output and nothing else there."""

    def run(self) -> int:
        """Explain every recording; one that fails does not stop the others."""
        from viewer.commands import explain

        return explain(self)


@dataclass(frozen=True)
class Train:
    """Train the network on a PTB-XL folder: folds 1-8, the epoch chosen on fold 9."""

    data: Path
    """PTB-XL in its native layout (ptbxl_database.csv, records100)."""
    out: Path
    """Run directory: log, checkpoint, weights and card; an interrupted run resumes."""
    members: int = 3
    """Networks in the ensemble."""
    seed: int = 0
    """Seed of the first of them."""
    subclasses: bool = True
    """Let MI and CD have a reader per kind, taught by PTB-XL's subclasses; else one reader per class."""
    cross_validate: bool = False
    """Hold out each fold of 1-9 in turn: fold1.safetensors ... fold9.safetensors."""

    def run(self) -> int:
        """Train."""
        from viewer.commands import train

        return train(self)


@dataclass(frozen=True)
class Evaluate:
    """Measure AUROC per class with bootstrap intervals on one fold of PTB-XL."""

    data: Path
    """PTB-XL in its native layout."""
    fold: int = 9
    """Fold to evaluate on; 9 chose the shipped model's epoch, 10 was kept from it altogether."""
    model: Path | None = None
    """Weights; the shipped ones by default."""
    out: Path = Path("docs/results")
    """Folder for evaluate.json and evaluate.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Evaluate."""
        from viewer.commands import evaluate

        return evaluate(self)


@dataclass(frozen=True)
class Ptbxl:
    """Bring PTB-XL 1.0.3 from PhysioNet into a folder, or complete what is there (CC BY 4.0)."""

    folder: Annotated[Path, tyro.conf.Positional]
    """Gets ptbxl_database.csv, scp_statements.csv, LICENSE.txt, records100 and records500."""
    rate: Literal["100", "500", "both"] = "100"
    """Sampling rate of the recordings, Hz: 100 (half a gigabyte), 500 (2.6 GB) or both."""

    def run(self) -> int:
        """Download."""
        from viewer.commands import data_ptbxl

        return data_ptbxl(self)


# None stands beside it as in Measurement below.
Source = Annotated[Ptbxl, tyro.conf.subcommand("ptbxl")] | Annotated[None, tyro.conf.Suppress]


@dataclass(frozen=True)
class Data:
    """Fetch recordings to train and measure on."""

    what: Source
    """The data set."""

    def run(self) -> int:
        """Fetch."""
        return self.what.run() if self.what else 2


@dataclass(frozen=True)
class Territory:
    """Tell anterior from inferior infarct on real recordings by the map's LAD and RCA shares."""

    data: Path
    """PTB-XL in its native layout."""
    models: Path | None = None
    """Folder of ``ecglocus train --cross-validate``; without it, the shipped model on one fold."""
    fold: int = 9
    """Fold for the shipped model; 9 chose its epoch, 10 was kept from it altogether."""
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


# A union of one type would be no choice, so None stands beside it, unseen, until there are more.
Measurement = Annotated[Territory, tyro.conf.subcommand("territory")] | Annotated[None, tyro.conf.Suppress]


@dataclass(frozen=True)
class Bench:
    """Measure what the documentation states."""

    what: Measurement
    """The measurement."""

    def run(self) -> int:
        """Measure."""
        return self.what.run() if self.what else 2


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Parse the command line, run the command, turn a user's mistake into one sentence.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process by default.
    """
    from imn.errors import InputError

    command = tyro.cli(
        Demo | Explain | Train | Evaluate | Data | Bench,
        prog="ecglocus",
        args=arguments,
        description=ABOUT,
        config=(tyro.conf.OmitArgPrefixes, tyro.conf.OmitSubcommandPrefixes),
    )
    try:
        sys.exit(command.run())
    except InputError as mistake:
        print(f"ecglocus: {mistake}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("ecglocus: interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
