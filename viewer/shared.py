"""What all visitors share, as nobody can change it: networks, hearts, the demonstration, what was served.

A recording named on the command line is served to every visitor; one that a
visitor sends is kept in that visitor's session (`viewer.app_state`) and never here.
"""

from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from viewer.app_options import from_environment
from viewer.cli_told import UNTOLD, ToldOptions
from viewer.reading import Reading
from viewer.sources import DEMO, open_demo, open_path, stretch_of

if TYPE_CHECKING:
    from cine_mapping.anatomy import Anatomy
    from cine_mapping.myocardium import Myocardium
    from imn.model import Model

_ONE = RLock()
"""The first visitor makes it, the others wait."""


def demo_reading() -> Reading:
    """Give the demonstration: made once, for all."""
    return served_reading(DEMO, "", "reference")


def served_reading(source: str, model: str, anatomy: str, stretch: int = 0) -> Reading:
    """Give what is served, read: made once, for all.

    Parameters
    ----------
    source : str
        `DEMO` or a path of the command line.
    model, anatomy : str
        As `load_shared_model` and `load_shared_anatomy`.
    stretch : int
        Of a recording that is read in parts, as in `viewer.sources.stretch_of`.

    Returns
    -------
    Reading

    Raises
    ------
    InputError
        If one of them cannot be read.
    """
    with _ONE:
        told = UNTOLD if source == DEMO else from_environment().told
        return _reading(source, model, anatomy, stretch, told)


@lru_cache(maxsize=4)
def _reading(source: str, model: str, anatomy: str, stretch: int, told: ToldOptions) -> Reading:
    if source != DEMO:
        opened = stretch_of(open_path(Path(source), told), stretch)
    elif (model, anatomy) == ("", "reference"):
        opened = open_demo(_anatomy("reference"))
    else:
        opened = _reading(DEMO, "", "reference", 0, told).opened
    return Reading(opened, _model(model), anatomy=_anatomy(anatomy), wall=_wall(anatomy))


def load_shared_model(path: str) -> "Model":
    """Read weights once.

    Parameters
    ----------
    path : str
        Empty for the shipped ones.

    Returns
    -------
    Model

    Raises
    ------
    InputError
        As `load_model`.
    """
    with _ONE:
        return _model(path)


def load_shared_anatomy(name: str) -> "Anatomy":
    """Read an anatomy once.

    Parameters
    ----------
    name : str
        As in `load_anatomy`.

    Returns
    -------
    Anatomy

    Raises
    ------
    InputError
        As `load_anatomy`.
    """
    with _ONE:
        return _anatomy(name)


def load_shared_wall(name: str) -> "Myocardium | None":
    """Read the volume that belongs to an anatomy once.

    Parameters
    ----------
    name : str
        As in `cine_mapping.forward_setting.load_wall`.

    Returns
    -------
    Myocardium or None
        None where there is none.

    Raises
    ------
    InputError
        As `cine_mapping.forward_setting.load_wall`.
    """
    with _ONE:
        return _wall(name)


@lru_cache(maxsize=4)
def _model(path: str) -> "Model":
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
