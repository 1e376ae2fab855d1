"""Places on a heart that evidence can be laid on: spreads over its vertices, each summing to one.

What no beat changes is found once per anatomy and kept, read-only.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.path import UNCERTAINTY
from cine_mapping.vcg import LPS_FROM_FRANK
from cine_mapping.wall import wall_direction, wall_volume
from imn.leads import INDEPENDENT_INDEX


@dataclass(frozen=True, eq=False)
class WallsFaced:
    """Places that an anatomy gives to each channel, whatever the beat; read-only.

    Parameters
    ----------
    leads : (v, 26) float64
        Walls that the leads face, walls opposite, the even spreads.
    axes : (v, 8) float64
        The same for Frank's axes.
    """

    leads: NDArray[np.float64]
    axes: NDArray[np.float64]


@lru_cache(maxsize=4)
def walls_faced(anatomy: Anatomy) -> WallsFaced:
    """Find the places of leads and axes, once per anatomy.

    Parameters
    ----------
    anatomy : Anatomy

    Returns
    -------
    WallsFaced
    """
    volume, direction = wall_volume(anatomy), wall_direction(anatomy)
    loose = loose_places(anatomy)
    facing = _facing(anatomy, direction) * volume[:, None]
    axes = (direction @ LPS_FROM_FRANK) * volume[:, None]
    return WallsFaced(_both_walls(facing, loose), _both_walls(axes, loose))


def _both_walls(pointing: NDArray[np.float64], loose: NDArray[np.float64]) -> NDArray[np.float64]:
    basis = np.hstack([_normalised(pointing.clip(min=0)), _normalised((-pointing).clip(min=0)), loose])
    basis.setflags(write=False)
    return basis


@lru_cache(maxsize=4)
def loose_places(anatomy: Anatomy) -> NDArray[np.float64]:
    """Give the even spread over the ventricles and over the atria.

    Parameters
    ----------
    anatomy : Anatomy
        Where it has no atria, the ventricles stand in.

    Returns
    -------
    (v, 2) float64
        Each column sums to one.
    """
    volume = wall_volume(anatomy)
    atria = anatomy.heart.areas * ~anatomy.ventricles
    loose = _normalised(np.stack([volume, atria if atria.any() else volume], axis=1))
    loose.setflags(write=False)
    return loose


def path_basis(anatomy: Anatomy, path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the balls around places of a path, then the even spreads.

    Parameters
    ----------
    anatomy : Anatomy
    path : (t, 3) float, mm

    Returns
    -------
    (v, t + 2) float64
        Each column sums to one.
    """
    centre, terms = _ball_terms(anatomy)
    c = path - centre
    square = (c**2).sum(axis=1)
    shift = np.column_stack([c / UNCERTAINTY**2, -0.5 / UNCERTAINTY**2 * square, np.ones(len(c))])
    rows = np.empty((len(c) + 2, terms.shape[1]))
    rows[:-2] = np.exp(shift.astype(np.float32) @ terms)
    rows[:-2] /= rows[:-2].sum(axis=1, keepdims=True)
    rows[-2:] = loose_places(anatomy).T
    return rows.T


@lru_cache(maxsize=4)
def _ball_terms(anatomy: Anatomy) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Find what the logarithm of a ball is linear in, once per anatomy.

    With V a vertex's myocardium, and p it and c the ball's place from the ventricles' centre:
    ``log(V exp(-|p - c|^2 / 2 s^2)) = p . c / s^2 - |c|^2 / 2 s^2 + (log V - |p|^2 / 2 s^2)``.

    Returns
    -------
    (3,) centre, (5, v) terms
    """
    points, volume = anatomy.heart.points.astype(float), wall_volume(anatomy)
    centre = points[anatomy.ventricles].mean(axis=0)
    p = points - centre
    own = np.log(volume.clip(min=np.finfo(float).tiny)) - 0.5 / UNCERTAINTY**2 * (p**2).sum(axis=1)
    return centre, np.vstack([p.T, np.ones(len(p)), own]).astype(np.float32)


def _facing(anatomy: Anatomy, direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what each lead sees of a wall as a share of what all leads see, with its sign, (v, 12).

    Dividing by what all leads see keeps the wall nearest the electrodes from
    taking everything (depth weighting; Lin et al. 2006, NeuroImage 31:160).
    """
    vectors = anatomy.lead_vectors.astype(float)
    seen = np.sqrt((vectors[list(INDEPENDENT_INDEX)] ** 2).sum(axis=(0, 2)))
    return np.einsum("lvd,vd->vl", vectors, direction) / seen[:, None]


def _normalised(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    return columns / columns.sum(axis=0)
