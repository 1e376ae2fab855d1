"""Options of ``ecglocus bench fuzz`` and ``ecglocus bench interrupts``."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fuzz:
    """Have every reader read spoilt recordings: each must be refused in one sentence, or valid."""

    inputs: int = 100_000
    """Spoilt files of each format."""
    formats: tuple[str, ...] = ()
    """Read only these now (WFDB, "CinC .mat", EDF, ...); what was read before is counted."""
    guided: int = 0
    """Besides, have libFuzzer try so many of each file, led by the branches they reach (extra ``fuzz``)."""
    seed: int = 0
    """They all follow from it."""
    workers: int = 1
    """Processes that read."""
    folder: Path = Path("ecglocus-runs/fuzz")
    """Keeps what was read and the first offenders; an interrupted run resumes."""
    out: Path = Path("docs/results")
    """Folder for fuzz.json and fuzz.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.fuzz_command import bench_fuzz

        return bench_fuzz(self)


@dataclass(frozen=True)
class Interrupts:
    """End commands at random moments and fill their disk: what is whole stays, and the next run goes on."""

    times: int = 20
    """Of each command and way to end it."""
    commands: tuple[str, ...] = ()
    """Of explain, batch, train and "annotations import"; all by default."""
    seed: int = 0
    """The moments follow from it, and from how fast this machine is."""
    folder: Path = Path("ecglocus-runs/interrupts")
    """Keeps what was measured; an interrupted run resumes."""
    out: Path = Path("docs/results")
    """Folder for interrupts.json and interrupts.md."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Measure."""
        from viewer.interrupt_bench import bench_interrupts

        return bench_interrupts(self)
