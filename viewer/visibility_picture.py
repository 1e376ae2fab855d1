"""The picture of what twelve leads can see of each part of the wall."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from cine_mapping.anatomy import Anatomy
from cine_mapping.heart_surface import nodes_at_surface
from cine_mapping.myocardium import Myocardium
from viewer.heart_picture import Sheet, draw_heart


def draw_visibility(
    path: str | Path, share: ArrayLike, *, anatomy: Anatomy, myocardium: Myocardium, subtitle: str = ""
) -> None:
    """Draw how much of each place's variance the leads explain; the rest of any map there is assumption.

    Parameters
    ----------
    path : str or Path
        Of the PNG.
    share : (n,) float
        From 0 to 1 at the nodes (`cine_mapping.localisation.visibility`).
    anatomy : Anatomy
        To draw.
    myocardium : Myocardium
        Whose nodes these are, in the anatomy's frame.
    subtitle : str

    Raises
    ------
    InputError
        If this machine cannot draw.
    """
    nodes = nodes_at_surface(myocardium, anatomy)
    values = np.where(nodes >= 0, np.asarray(share, dtype=float)[nodes], 0.0)
    words = Sheet(
        title="What twelve leads can see", subtitle=subtitle, bar="share of variance explained", top=1.0
    )
    draw_heart(path, anatomy, values, sheet=words)
