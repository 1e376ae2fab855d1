"""The options of ``ecglocus annotations agreement``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Agreement:
    """Say how far raters agree, which region they mean together, and whether the model is one of them."""

    store: Path
    """Store of annotations, or a JSON file: readings as first signed, before others could be seen."""
    label: str | None = None
    """This label only."""
    on: Literal["heart", "leads"] = "heart"
    """Compare places on the heart, or stretches of time on leads of the beat."""
    model_runs: Path | None = None
    """Folder of run directories of ``ecglocus explain``: the model enters as one more rater."""
    size: float | None = None
    """Part of the whole that the model marks; by default as much as the raters of that recording."""
    anatomy: str = "reference"
    """Name of a shipped anatomy, or a file."""
    consensus: Path | None = None
    """JSON file to write the consensus regions to, as derived annotations."""
    out: Path = Path("ecglocus-agreement")
    """Folder for agreement.json and agreement.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Compare."""
        from viewer.agreement_command import agreement

        return agreement(self)
