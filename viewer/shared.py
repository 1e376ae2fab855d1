"""What all visitors of the page share, because nobody can change it: networks, hearts, the demonstration."""

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from viewer.reading import Reading
from viewer.sources import open_demo

if TYPE_CHECKING:
    from cine_mapping.anatomy import Anatomy
    from cine_mapping.myocardium import Myocardium
    from imn.model import Model

_ONE = Lock()
"""The first visitor makes it, the others wait."""


def demo_reading() -> Reading:
    """Give the demonstration: made once, for all."""
    with _ONE:
        return _demo_reading()


@lru_cache(maxsize=1)
def _demo_reading() -> Reading:
    anatomy = _anatomy("reference")
    opened = open_demo(anatomy)
    return Reading(opened, _model(""), anatomy=anatomy, wall=_wall("reference"))


def load_shared_model(path: str) -> "Model":
    """Read weights once; the shipped ones where the path is empty.

    Raises
    ------
    InputError
        As `load_model`.
    """
    with _ONE:
        return _model(path)


def load_shared_anatomy(name: str) -> "Anatomy":
    """Read an anatomy once.

    Raises
    ------
    InputError
        As `load_anatomy`.
    """
    with _ONE:
        return _anatomy(name)


def load_shared_wall(name: str) -> "Myocardium | None":
    """Read the volume that belongs to an anatomy once; None where there is none."""
    with _ONE:
        return _wall(name)


@lru_cache(maxsize=4)
def _model(path: str) -> "Model":
    from pathlib import Path

    from imn.model import load_model

    return load_model(Path(path) if path else None)


@lru_cache(maxsize=4)
def _anatomy(name: str) -> "Anatomy":
    from cine_mapping.anatomy_io import load_anatomy

    return load_anatomy(name)


@lru_cache(maxsize=4)
def _wall(name: str) -> "Myocardium | None":
    from cine_mapping.forward_setting import load_wall

    return load_wall(name)
