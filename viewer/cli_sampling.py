"""Options of ``ecglocus bench sampling``."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sampling:
    """Detect atrial fibrillation at 62 to 500 Hz: published networks, ours, and its maps across rates."""

    data: Path
    """PTB-XL in its native layout; of records500 what there is."""
    folder: Path = Path("ecglocus-runs/sampling")
    """Keeps what was trained and measured; an interrupted run resumes."""
    models: Path | None = None
    """Folder of ``ecglocus train --cross-validate``: ours on all folds, not the shipped one's alone."""
    repeats: int = 1
    """Networks per fold, from seeds 0, 1, ...; a recording's logit is their mean."""
    out: Path = Path("docs/results")
    """Folder for sampling.json and sampling.md."""
    pictures: Path = Path("docs/sampling")
    """Folder for the figures."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.sampling_command import bench_sampling

        return bench_sampling(self)
