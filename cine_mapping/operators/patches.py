"""The canonical wall in patches: what learned mappings speak of, fine enough for a border in depth."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.myocardium import Myocardium

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PATCHES = 800
DEPTH_MM = 20.0
"""A wall counts as so thick, so that patches do not reach through it."""
NEIGHBOURS = 4


@dataclass(frozen=True, eq=False)
class Patches:
    """Patches of a heart's nodes; made by `plan_patches`.

    Parameters
    ----------
    centres : (p, 4) float32, mm
        In `places`.
    gather : (p, n) sparse float32
        Mean over a patch, by volume.
    spread : (n, p) sparse float32
        Each node's value from the patches next to it; rows sum to one.
    """

    centres: NDArray[np.float32]
    gather: "csr_matrix"
    spread: "csr_matrix"


def places(myocardium: Myocardium) -> NDArray[np.float64]:
    """Position and depth of each node.

    Parameters
    ----------
    myocardium : Myocardium

    Returns
    -------
    (n, 4) float64, mm
    """
    depth = DEPTH_MM * myocardium.transmural.astype(float)
    return np.column_stack([myocardium.points.astype(float), depth])


def find_centres(myocardium: Myocardium, count: int = PATCHES, seed: int = 0) -> NDArray[np.float32]:
    """Cut a heart into patches of about the same size.

    Parameters
    ----------
    myocardium : Myocardium
    count : int
        How many patches at most.
    seed : int

    Returns
    -------
    (p, 4) float32, mm
        No patch is empty.
    """
    from scipy.cluster.vq import kmeans2

    here = places(myocardium)
    first = here[np.random.default_rng(seed).choice(len(here), size=count, replace=False)]
    centres, label = kmeans2(here, first, minit="matrix", iter=20)
    return centres[np.bincount(label, minlength=count) > 0].astype(np.float32)


def plan_patches(myocardium: Myocardium, centres: NDArray[np.floating]) -> Patches:
    """Give each node to its nearest centre, and its value from the nearest few.

    Parameters
    ----------
    myocardium : Myocardium
        That the centres were found on.
    centres : (p, 4) float, mm

    Returns
    -------
    Patches
    """
    from scipy.sparse import csr_matrix
    from scipy.spatial import KDTree

    away, near = (np.asarray(part) for part in KDTree(centres).query(places(myocardium), k=NEIGHBOURS))
    n, p = len(near), len(centres)
    volumes = myocardium.node_volumes
    held = np.bincount(near[:, 0], weights=volumes, minlength=p)
    part = (volumes / held[near[:, 0]]).astype(np.float32)
    shares = 1 / (away + 1) ** 2
    shares = (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)
    rows = np.repeat(np.arange(n), NEIGHBOURS)
    return Patches(
        centres=np.asarray(centres, dtype=np.float32),
        gather=csr_matrix((part, (near[:, 0], np.arange(n))), shape=(p, n)),
        spread=csr_matrix((shares.ravel(), (rows, near.ravel())), shape=(n, p)),
    )
