"""Options of ``ecglocus view``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from viewer.cli_told import ToldOptions


@dataclass(frozen=True)
class ViewOptions:
    """Open the viewer in a browser; without an argument, the demonstration."""

    sources: Annotated[tuple[Path, ...], tyro.conf.Positional] = ()
    """Recordings, run directories of explain or demo, a store of annotations (.sqlite)."""
    port: int = 8501
    """Port to serve on."""
    address: str = "127.0.0.1"
    """Address to serve on; by default this machine alone can see the page."""
    model: tuple[Path, ...] = ()
    """Weights to choose from beside the shipped ones (.safetensors with its .json card)."""
    anatomy: tuple[str, ...] = ()
    """Anatomy files to choose from beside the reference; the first is shown first."""
    store: Path | None = None
    """Store that annotations are kept in; ecglocus-annotations.sqlite in this folder by default."""
    headless: bool = False
    """Do not open a browser."""
    told: ToldOptions = ToldOptions()

    def run(self) -> int:
        """Serve the page."""
        from viewer.view_command import view

        return view(self)
