"""The options of ``ecglocus score``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from viewer.cli_told import ToldOptions


@dataclass(frozen=True)
class Score:
    """Score maps against annotations: overlap, rank and distance, with intervals and controls."""

    what: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """Run directories of ``ecglocus explain``, folders of them, or recordings."""
    annotations: Path
    """Annotations: a JSON file, or a store."""
    against: tuple[Path, ...] = ()
    """Other runs of the same recordings (another network, another reference) to compare with, paired."""
    label: str | None = None
    """Score this label only; by default a run's own, and of a recording all that are annotated."""
    anatomy: str = "reference"
    """Name of a shipped anatomy, or a file, for recordings; a run names its own."""
    model: Path | None = None
    """Weights, for recordings; the shipped ones by default."""
    draws: int = 20
    """Random regions, scatterings and permutations for each control; 0 leaves the controls out."""
    out: Path = Path("ecglocus-scores")
    """Folder for scores.json and scores.md."""
    json: bool = False
    """Print the result as one JSON object."""
    told: ToldOptions = ToldOptions()

    def run(self) -> int:
        """Score."""
        from viewer.score_command import score

        return score(self)
