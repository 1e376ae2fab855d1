"""Any anatomy as a setting for virtual patients."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from cine_mapping.anatomy import Anatomy
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.forward.heart import place_heart
from cine_mapping.forward.patients import Setting, draw_patient, reference_setting
from cine_mapping.forward.physiology import Physiology
from cine_mapping.long_axis import LongAxis
from cine_mapping.myocardium import Myocardium
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.own_physiology import fit_physiology
from cine_mapping.volume_conductor import solve_torso
from cine_mapping.volume_mesh import EDGE_MM, fill

GEOMETRIES = 4
"""How many places and shapes of a heart its early sites have to suit."""


def setting_of(anatomy: Anatomy, *, edge: float = EDGE_MM, axis: LongAxis | None = None) -> Setting:
    """Fill an anatomy's ventricles and put them into its torso, to draw patients about.

    Parameters
    ----------
    anatomy : Anatomy
    edge : float, mm
        About as long as the tetrahedra's edges.
    axis : LongAxis, optional
        As in `volume_mesh.fill`.

    Returns
    -------
    Setting

    Raises
    ------
    InputError
        As `volume_mesh.fill`.
    """
    return Setting(fill(anatomy, edge=edge, axis=axis), anatomy.torso, anatomy.electrodes)


def load_setting(name_or_path: str | Path) -> Setting:
    """Read an anatomy with its myocardium, which is made if the file beside it is not there.

    Parameters
    ----------
    name_or_path : str or Path
        ``"reference"``, or what ``ecglocus anatomy import`` wrote.

    Returns
    -------
    Setting

    Raises
    ------
    InputError
        As `load_anatomy`, `load_myocardium` and `setting_of`.
    """
    if str(name_or_path) == "reference":
        return reference_setting()
    anatomy = load_anatomy(name_or_path)
    beside = volume_beside(Path(name_or_path))
    if not beside.is_file():
        return setting_of(anatomy)
    return Setting(load_myocardium(beside), anatomy.torso, anatomy.electrodes)


def load_wall(name_or_path: str | Path) -> Myocardium | None:
    """Read the myocardium of an anatomy, if it does not have to be made first.

    Parameters
    ----------
    name_or_path : str or Path
        ``"reference"`` for the shipped one, or an anatomy's file: the one beside it
        (`volume_beside`).

    Returns
    -------
    Myocardium or None
        None if there is no file beside it.

    Raises
    ------
    InputError
        As `load_myocardium`.
    """
    if str(name_or_path) == "reference":
        return load_myocardium("reference")
    beside = volume_beside(Path(name_or_path))
    return load_myocardium(beside) if beside.is_file() else None


def volume_beside(anatomy: Path) -> Path:
    """Name the file of the myocardium that belongs to an anatomy's file.

    Parameters
    ----------
    anatomy : Path

    Returns
    -------
    Path
        In the same folder, ``_myocardium.npz`` after its stem.
    """
    return anatomy.with_name(f"{anatomy.stem}_myocardium.npz")


def suited(setting: Setting) -> Setting:
    """Give a setting early sites and speeds of its own (`physiology_of`).

    Parameters
    ----------
    setting : Setting

    Returns
    -------
    Setting
        The same but for `physiology`.
    """
    return replace(setting, physiology=physiology_of(setting))


def physiology_of(setting: Setting, *, seed: int = 0) -> Physiology:
    """Early sites and speeds that give patients drawn about a setting a usual QRS; takes a minute or two.

    Parameters
    ----------
    setting : Setting
    seed : int
        The same gives the same.

    Returns
    -------
    Physiology
        To be given to `draw_patient` with the setting.
    """
    rng = np.random.default_rng(seed)
    hearts = [place_heart(setting.myocardium, solve_torso(setting.torso), setting.electrodes)]
    hearts += [draw_patient(rng, setting).heart for _ in range(GEOMETRIES - 1)]
    return fit_physiology(hearts, seed=seed)
