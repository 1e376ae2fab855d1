"""Hexahedra to tetrahedra."""

import numpy as np
from numpy.typing import NDArray

_HEX_FACES = np.array([(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)])
"""Corners, numbered 4 i + 2 j + k, of a cell's six faces, counter-clockwise seen from outside."""


def split(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cut hexahedra, some of whose corners may have merged, into tetrahedra that match across faces.

    Each cell is a cone over its faces with its lowest-numbered corner as
    tip, and each face is cut from its own lowest-numbered corner, so both
    sides of a face cut it alike (Dompierre et al. 1999).

    Parameters
    ----------
    cells : (c, 8) int
        Numbered 4 i + 2 j + k; merged corners bear the same number.

    Returns
    -------
    (m, 4) int
    """
    tip = cells.min(axis=1)
    made = []
    for corners in _HEX_FACES:
        face = cells[:, corners]
        away = (face != tip[:, None]).all(axis=1)
        turn = (face.argmin(axis=1)[:, None] + np.arange(4)) % 4
        face = np.take_along_axis(face, turn, axis=1)[away]
        made += [np.c_[tip[away], face[:, [0, 1, 2]]], np.c_[tip[away], face[:, [0, 2, 3]]]]
    tetrahedra = np.concatenate(made)
    ordered = np.sort(tetrahedra, axis=1)
    whole = (np.diff(ordered, axis=1) > 0).all(axis=1)
    # Two faces of a cell that merged into one leave a pair of flat cones on each other.
    _, group, count = np.unique(ordered, axis=0, return_inverse=True, return_counts=True)
    return tetrahedra[whole & (count[group.ravel()] == 1)]
