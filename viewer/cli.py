"""The command line: ``ecglocus demo | explain | view | simulate | train | ...``."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import tyro

from viewer.cli_anatomy import Anatomy
from viewer.cli_annotations import Annotations
from viewer.cli_batch import Batch
from viewer.cli_bench import Measurement
from viewer.cli_score import Score
from viewer.cli_told import ToldOptions
from viewer.cli_view import ViewOptions
from viewer.ending import run_to_end

ABOUT = """Where on the heart a neural network's reading of a 12-lead ECG comes from.

Research use only. Not a medical device."""


@dataclass(frozen=True)
class Demo:
    """Explain a simulated ECG of an infarct whose true region is known."""

    region: str = "RCA"
    """Diseased territory (LAD, RCA, LCX, RV) or region (such as "mid anterior")."""
    condition: Literal["scar", "ischaemia"] = "scar"
    """Old infarct, or acute ischaemia, of which the network has seen little."""
    out: Path = Path("ecglocus-demo")
    """Folder for the pictures, the report and the data."""
    json: bool = False
    """Print one JSON object on standard output and nothing else there."""

    def run(self) -> int:
        """Run the demonstration."""
        from viewer.explain_command import demo

        return demo(self)


@dataclass(frozen=True)
class Explain:
    """Show where on the heart the network's reading of recordings comes from."""

    records: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """Recordings: WFDB (with or without .hea), DICOM, EDF, HL7 aECG, CSV, NumPy, CinC's .mat."""
    target: str | None = None
    """Class to explain; by default the most probable superclass."""
    anatomy: str = "reference"
    """Name of a shipped anatomy, or a file."""
    annotation: Path | None = None
    """Annotations to score the map against (JSON)."""
    model: Path | None = None
    """Weights (.safetensors with its .json card); the shipped ones by default."""
    reference: Literal["isoelectric", "median-beat"] = "isoelectric"
    """What evidence is relative to: the isoelectric line, or a class-free median beat at every R peak."""
    spread: bool = False
    """Also see how far the networks of the ensemble disagree, at every vertex (map.vtp, report)."""
    statements: bool = False
    """Give half of the average to where cardiologists' statements put the disease in such recordings."""
    clusters: bool = True
    """Draw the moments that the shipped network tells apart as a ribbon under the leads."""
    render: bool = True
    """Draw pictures; --no-render gives the numbers only."""
    out: Path = Path("ecglocus-runs")
    """Folder that gets one run directory per recording."""
    json: bool = False
    """Print one JSON object per recording on standard output and nothing else there."""
    told: ToldOptions = ToldOptions()

    def run(self) -> int:
        """Explain every recording; one that fails does not stop the others."""
        from viewer.explain_command import explain

        return explain(self)


@dataclass(frozen=True)
class Simulate:
    """Make recordings of virtual patients whose diseased region is known: WFDB, truth and table."""

    condition: tuple[str, ...]
    """normal, ischaemia, scar, ectopy, WPW, LBBB, RBBB, LAFB, LPFB, LVH or RVH; one or more."""
    out: Path
    """Folder for the recordings; an interrupted run goes on where it was."""
    region: tuple[str, ...] = ()
    """AHA segments, RV regions or coronary territories that are diseased; by default anywhere at random."""
    transmurality: float | None = None
    """Part of the wall's depth that is ischaemic or scarred; by default drawn, or all behind an artery."""
    n: int = 1
    """Recordings of each condition."""
    seed: int = 0
    """Everything that is drawn follows from it."""
    patients: int = 10
    """Hearts and torsos to spread the recordings over; 0 for the anatomy's own, unaltered."""
    anatomy: str = "reference"
    """Name of a shipped anatomy, or a file of ``ecglocus anatomy import``."""
    heart_rate: float | None = None
    """Beats per minute; drawn for each recording by default."""
    seconds: float = 10.0
    """Length of each recording."""
    fs: float = 500.0
    """Sampling rate, Hz."""
    noise: bool = True
    """Wander, muscle, mains and electrode noise; --no-noise for none."""
    draw: bool = False
    """Draw each recording on ECG paper beside it."""
    workers: int = 1
    """Processes at work; they change nothing in what is written."""
    json: bool = False
    """Print one JSON object on standard output and nothing else there."""

    def run(self) -> int:
        """Simulate."""
        from viewer.simulate_command import simulate

        return simulate(self)


@dataclass(frozen=True)
class Train:
    """Train on PTB-XL's folds 1-8, each member choosing its epoch on one of them; fold 9 stays unseen."""

    data: Path
    """PTB-XL in its native layout (ptbxl_database.csv, records100)."""
    out: Path
    """Run directory: log, checkpoints, weights and card; an interrupted run resumes."""
    model: str = "ecglocus"
    """What to train: ecglocus, or a rival (paper, xresnet1d101, s4, cnn)."""
    members: int = 5
    """Networks in the ensemble."""
    seed: int = 0
    """Seed of the first of them."""
    findings: bool = True
    """Teach the localised labels and read MI and CD by their weights; --no-findings: superclasses only."""
    fidelity: float | None = None
    """Weight of the local-fidelity term; the recipe's by default."""
    cross_validate: bool = False
    """Hold out each fold of 1-9 in turn: fold1/fold1.safetensors and so on."""

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
    """Fold to evaluate on; the shipped model was trained on 1-8."""
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


# A union of one would be no subcommand; None makes it one.
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
class Bench:
    """Measure what the documentation states."""

    what: Measurement
    """The measurement."""

    def run(self) -> int:
        """Measure."""
        return self.what.run()


View = Annotated[ViewOptions, tyro.conf.subcommand("view")]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Parse the command line, run the command, turn a user's mistake into one sentence.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process by default.
    """
    sys.exit(run_to_end(lambda: _run(arguments)))


def _run(arguments: Sequence[str] | None) -> int:
    command = tyro.cli(
        Demo
        | Explain
        | Batch
        | View
        | Score
        | Simulate
        | Train
        | Evaluate
        | Data
        | Anatomy
        | Annotations
        | Bench,
        prog="ecglocus",
        args=arguments,
        description=ABOUT,
        config=(tyro.conf.OmitArgPrefixes, tyro.conf.OmitSubcommandPrefixes),
    )
    return command.run()


if __name__ == "__main__":
    main()
