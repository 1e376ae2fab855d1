"""Options of ``ecglocus anatomy``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro


@dataclass(frozen=True)
class Import:
    """Check and label meshes of a heart and a torso, and write them as one anatomy file for explain."""

    source: Annotated[Path, tyro.conf.Positional]
    """Folder with anatomy.json, or that file: name, frame, unit, surfaces, electrodes."""
    out: Path
    """Anatomy file to write (.npz)."""
    meshes: Path | None = None
    """Folder that the description's file names are relative to; its own by default."""

    def run(self) -> int:
        """Import."""
        from viewer.anatomy_command import anatomy_import

        return anatomy_import(self)


@dataclass(frozen=True)
class Learn:
    """Simulate patients of an anatomy and learn from them where in it evidence comes from."""

    anatomy: Annotated[str, tyro.conf.Positional]
    """``reference``, or a file of ``ecglocus anatomy import``."""
    out: Path
    """File of decoders to write (.npz)."""
    folder: Path = Path("ecglocus-runs/learn")
    """Keeps what is simulated; an interrupted run resumes."""
    patients: int = 280
    """Virtual patients to learn from."""
    network: bool = False
    """Also have simulated recordings read by the shipped network, to map its evidence."""
    workers: int = 1
    """Processes that simulate."""

    def run(self) -> int:
        """Learn."""
        from viewer.localisation_command import anatomy_learn

        return anatomy_learn(self)


Action = Annotated[Import, tyro.conf.subcommand("import")] | Annotated[Learn, tyro.conf.subcommand("learn")]


@dataclass(frozen=True)
class Anatomy:
    """Bring in a heart and a torso of your own."""

    what: Action
    """What to do."""

    def run(self) -> int:
        """Do it."""
        return self.what.run()
