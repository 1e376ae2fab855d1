"""From the canonical wall to the surface that is drawn, amounts kept."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.heart_surface import nodes_at_surface
from cine_mapping.heart_to_heart import plan_transfer
from cine_mapping.myocardium import Myocardium

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, eq=False)
class OntoSurface:
    """Where densities at the canonical nodes are seen on an anatomy's surface.

    Parameters
    ----------
    seen : (v, n) sparse float64
        Rows of ventricular vertices sum to one, those of atria are zero.
    volumes : (n,) float64, mm3
        Of the canonical nodes.
    areas : (v,) float64, mm2
    """

    seen: "csr_matrix"
    volumes: NDArray[np.float64]
    areas: NDArray[np.float64]

    def shares(self, amounts: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give each vertex's share of a map.

        Parameters
        ----------
        amounts : (n,) float
            At the canonical nodes; not negative, not all zero.

        Returns
        -------
        (v,) float64
            They sum to one.
        """
        held = (self.seen @ (np.asarray(amounts, dtype=float) / self.volumes)) * self.areas
        return held / held.sum()


def plan_surface(anatomy: Anatomy, canonical: Myocardium, own: Myocardium | None = None) -> OntoSurface:
    """Find each vertex's node.

    Parameters
    ----------
    anatomy : Anatomy
        To be drawn on.
    canonical : Myocardium
    own : Myocardium, optional
        The anatomy's volume where it is not the canonical one; values come to
        it by ventricular coordinates.

    Returns
    -------
    OntoSurface
    """
    from scipy.sparse import csr_matrix

    volume = canonical if own is None else own
    node = nodes_at_surface(volume, anatomy)
    vertices = np.flatnonzero(node >= 0)
    shape = (len(node), len(volume.points))
    seen = csr_matrix((np.ones(len(vertices)), (vertices, node[vertices])), shape=shape)
    if own is not None:
        seen = csr_matrix(seen @ plan_transfer(canonical, own))
    return OntoSurface(seen, canonical.node_volumes, anatomy.heart.areas)
