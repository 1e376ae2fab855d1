"""Finite-element stiffness of the heart wall: linear tetrahedra, anisotropic conductivity along fibres.

``K[a, b]`` is the integral of ``grad h_a . sigma grad h_b`` over the wall, so
that ``-K V_m`` is the impressed current that leaves each node.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.errors import InputError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

ALONG_S_PER_M, ACROSS_S_PER_M = 0.17, 0.0435
"""Effective intracellular conductivity along and across the fibres.

Chosen for a heart in a torso of one conductivity, so that QRS has the usual height; the
tissue's own values (0.30 / 0.03) would ask for an anisotropic extracellular space beside them.
"""
SIEMENS = 1e-3
"""S/m times mm in siemens."""
EDGES = np.array([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])


def conductivity_tensor(
    fibres: ArrayLike,
    *,
    along: float = ALONG_S_PER_M,
    across: float = ACROSS_S_PER_M,
    scale: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Transversely isotropic conductivity at each node.

    Parameters
    ----------
    fibres : (n, 3) float
        Unit vectors; the sign does not matter.
    along, across : float, S/m
    scale : (n,) float, optional
        Factor at each node, e.g. nearly 0 in the core of a scar.

    Returns
    -------
    (n, 3, 3) float64, S/m

    Raises
    ------
    InputError
        If a conductivity is negative or a fibre is no unit vector.
    """
    directions = np.asarray(fibres, dtype=float)
    factor = np.ones(len(directions)) if scale is None else np.asarray(scale, dtype=float)
    if not (min(along, across) > 0 and factor.shape == directions.shape[:1] and (factor >= 0).all()):
        message = f"conductivity must be positive at every node, got {along} and {across} S/m times the scale"
        raise InputError(message)
    if not np.allclose(np.linalg.norm(directions, axis=1), 1, atol=1e-3):
        message = "fibres must be unit vectors: divide each by its length, and give every node one"
        raise InputError(message)
    tensor = across * np.eye(3) + (along - across) * directions[:, :, None] * directions[:, None]
    return factor[:, None, None] * tensor


@dataclass(frozen=True, eq=False)
class FiniteElements:
    """Linear tetrahedra.

    Parameters
    ----------
    points : (n, 3) float, mm
    tetrahedra : (m, 4) int
        Of positive volume.
    """

    points: NDArray[np.floating]
    tetrahedra: NDArray[np.integer]

    def __post_init__(self) -> None:
        if not (self.volumes > 0).all():
            message = (
                f"{(self.volumes <= 0).sum()} of {len(self.volumes)} tetrahedra have no positive volume: "
                "swap two corners of those that are turned inside out and drop flat ones"
            )
            raise InputError(message)

    @cached_property
    def _sides(self) -> NDArray[np.float64]:
        corners = np.asarray(self.points, dtype=float)[self.tetrahedra]
        return corners[:, 1:] - corners[:, :1]

    @cached_property
    def volumes(self) -> NDArray[np.float64]:
        """Volume of each tetrahedron, (m,) float64, mm3."""
        return np.asarray(np.linalg.det(self._sides) / 6, dtype=np.float64)

    @cached_property
    def gradients(self) -> NDArray[np.float64]:
        """Gradients of the four corners' shape functions, (m, 4, 3) float64, 1/mm."""
        inner = np.asarray(np.linalg.inv(self._sides), dtype=np.float64).transpose(0, 2, 1)
        return np.concatenate([-inner.sum(axis=1, keepdims=True), inner], axis=1)

    def stiffness(self, tensor: NDArray[np.float64]) -> "csr_matrix":
        """Assemble the stiffness.

        Parameters
        ----------
        tensor : (n, 3, 3) float, S/m
            Conductivity at the nodes; each tetrahedron takes the mean of its corners.

        Returns
        -------
        (n, n) sparse float64, S
            Exactly symmetric; rows add up to zero.
        """
        from scipy.sparse import coo_matrix, diags_array

        inside = tensor[self.tetrahedra].mean(axis=1) * (SIEMENS * self.volumes)[:, None, None]
        flux = self.gradients @ inside
        first, second = EDGES.T
        # Off-diagonal entries once, mirrored, and the diagonal from them: symmetry and the null space
        # of constants then hold to the last bit, whatever the order of summation.
        values = np.einsum("mei,mei->me", flux[:, first], self.gradients[:, second])
        rows, columns = self.tetrahedra[:, first].ravel(), self.tetrahedra[:, second].ravel()
        shape = (len(self.points), len(self.points))
        ordered = (np.minimum(rows, columns), np.maximum(rows, columns))
        upper = coo_matrix((values.ravel(), ordered), shape=shape).tocsr()
        both = upper + upper.T
        return (both - diags_array(np.asarray(both.sum(axis=1)).ravel())).tocsr()
