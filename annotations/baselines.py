"""What stands beside every score: chance, the trap of marking all, and the signal itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.overlap import Overlap, area_fraction, mesh_overlap, top_density_mask, top_fraction_mask
from imn.errors import InputError

BASELINES = ("random region", "random vertices", "all positive", "signal energy", "permuted leads")


@dataclass(frozen=True, eq=False)
class Case:
    """One annotated map on a mesh, and what it was made from.

    Parameters
    ----------
    annotated : (v,) bool
    areas : (v,) float64, mm2
        Vertices of area 0 are not scored (`annotations.masks.scored_areas`).
    triangles : (f, 3) int
        Of the heart; they say which vertices are neighbours.
    weights : (12, n) float, logit per mV
        The network's, for the annotated label.
    signal : (12, n) float, mV
        What they multiply.
    project : callable
        From weights (12, n) on this signal to the supporting evidence of each
        vertex, (v,) float, logit (`HeartMap.supporting`; not divided by area):
        the method whose score is judged.  It takes weights, not evidence, because
        the vectorcardiogram needs them.
    """

    annotated: NDArray[np.bool_]
    areas: NDArray[np.float64]
    triangles: NDArray[np.integer]
    weights: NDArray[np.floating]
    signal: NDArray[np.floating]
    project: Callable[[NDArray[np.floating]], NDArray[np.float64]]

    @property
    def fraction(self) -> float:
        """Annotated share of the scored area."""
        return area_fraction(self.annotated, self.areas)

    def mask_of(self, weights: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Project weights, and mark the densest part as large as the annotation.

        Parameters
        ----------
        weights : (12, n) float, logit per mV
            On the samples of `signal`.

        Returns
        -------
        (v,) bool
        """
        return top_fraction_mask(self.project(weights), self.areas, fraction=self.fraction)

    def overlap_of(self, weights: NDArray[np.floating]) -> Overlap:
        """Compare what weights mark with what is annotated.

        Parameters
        ----------
        weights : (12, n) float, logit per mV
            As in `mask_of`.

        Returns
        -------
        Overlap
            Weighted by area, on what is scored.
        """
        return mesh_overlap(self.mask_of(weights), self.annotated, areas=self.areas)


def score(case: Case) -> Overlap:
    """Overlap of the network's map with the annotation, top-k of the annotated size.

    Parameters
    ----------
    case : Case

    Returns
    -------
    Overlap

    Raises
    ------
    InputError
        As `mesh_overlap` and `top_fraction_mask`.
    """
    return case.overlap_of(case.weights)


def vertex_baselines(case: Case, *, seed: int, draws: int = 100) -> dict[str, float]:
    """Dice that each control reaches on the case, by the same threshold rule.

    ``random region``
        Mean over connected regions of the annotated size, grown over the mesh
        from vertices drawn by area.
    ``random vertices``
        Mean over scattered vertices of the annotated size.
    ``all positive``
        Everything marked: 2p/(1+p).
    ``signal energy``
        The squared signal projected in place of the evidence, by weights equal to
        the signal: what the recording says without the network.
    ``permuted leads``
        Mean over the weights with their leads shuffled: what is left when the network's
        weights lie on the wrong leads.

    Parameters
    ----------
    case : Case
    seed : int
    draws : int
        Random regions, scatterings and permutations each.

    Returns
    -------
    dict of str to float
        One Dice per name in `BASELINES`.

    Raises
    ------
    InputError
        If fewer than one draw is asked for, or the case's shapes do not fit.
    """
    if draws < 1:
        msg = f"draws must be at least 1, got {draws}"
        raise InputError(msg)
    rng = np.random.default_rng(seed)
    regions = [_dice(case, mask) for mask in random_regions(case, rng, draws=draws)]
    scattered = [_dice(case, _scatter(case, rng)) for _ in range(draws)]
    shuffled = [case.overlap_of(case.weights[rng.permutation(len(case.weights))]).dice for _ in range(draws)]
    return {
        "random region": float(np.mean(regions)),
        "random vertices": float(np.mean(scattered)),
        "all positive": _dice(case, np.ones(len(case.areas), dtype=bool)),
        "signal energy": case.overlap_of(case.signal).dice,
        "permuted leads": float(np.mean(shuffled)),
    }


def random_regions(case: Case, rng: np.random.Generator, *, draws: int) -> list[NDArray[np.bool_]]:
    """Grow connected regions of the annotated area over the scored part of the mesh.

    Each spreads by rings from a vertex drawn by area; where its part of the mesh
    is used up, it goes on from another vertex.

    Parameters
    ----------
    case : Case
    rng : Generator
    draws : int
        How many regions.

    Returns
    -------
    list of (v,) bool
    """
    from scipy.sparse import coo_array

    corners = case.triangles[(case.areas[case.triangles] > 0).all(axis=1)]
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    shape = (len(case.areas), len(case.areas))
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=shape).tocsr()
    return [_fill(case, _spread(graph, case.areas, rng)) for _ in range(draws)]


def _dice(case: Case, mask: NDArray[np.bool_]) -> float:
    return mesh_overlap(mask, case.annotated, areas=case.areas).dice


def _scatter(case: Case, rng: np.random.Generator) -> NDArray[np.bool_]:
    return _fill(case, rng.permutation(len(case.areas)))


def _fill(case: Case, order: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Take vertices in the given order until the annotated area is reached."""
    density = np.zeros(len(case.areas))
    density[order] = np.arange(len(order), 0, -1)
    return top_density_mask(density, case.areas, fraction=case.fraction)


def _spread(graph: Any, areas: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.integer]:
    """Order all scored vertices by rings around vertices drawn by area."""
    from scipy.sparse.csgraph import breadth_first_order

    left = areas.copy()
    visited = []
    while left.any():
        seed = rng.choice(len(left), p=left / left.sum())
        ring = breadth_first_order(graph, seed, directed=False, return_predecessors=False)
        visited.append(ring)
        left[ring] = 0.0
    return np.concatenate(visited)
