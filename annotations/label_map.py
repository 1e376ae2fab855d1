"""Values at the points of a heart: what a file of a painted region holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Mesh
from imn.errors import InputError


@dataclass(frozen=True, eq=False)
class LabelMap:
    """A surface with one or more values at each point.

    Parameters
    ----------
    points : (v, 3) float32
    triangles : (f, 3) int32
    arrays : mapping of str to (v,) number
    text : str
        What they mean, as JSON of our own; empty in files from elsewhere.
    """

    points: NDArray[np.float32]
    triangles: NDArray[np.int32]
    arrays: Mapping[str, NDArray[Any]]
    text: str

    @classmethod
    def of(
        cls,
        points: NDArray[np.generic],
        triangles: NDArray[np.generic],
        arrays: Mapping[str, NDArray[Any]],
        text: str,
    ) -> Self:
        """Check what was read from a file, and keep the arrays of one number at each point.

        Parameters
        ----------
        points : (v, 3) float
        triangles : (f, 3) int
        arrays : mapping of str to array
        text : str

        Returns
        -------
        LabelMap

        Raises
        ------
        InputError
            If points or triangles are none.
        """
        kinds = points.dtype.kind, triangles.dtype.kind
        shaped = points.ndim == triangles.ndim == 2 and points.shape[1] == triangles.shape[1] == 3
        with np.errstate(all="ignore"):
            places = points.astype(np.float32) if kinds[0] == "f" else np.full(1, np.nan)
        if kinds[1] not in "iu" or not shaped or not np.isfinite(places).all():
            msg = f"expected points (v, 3) and triangles (f, 3), found {points.shape} and {triangles.shape}"
            raise InputError(msg)
        if triangles.size and not 0 <= triangles.min() <= triangles.max() < len(points):
            msg = f"expected triangles between the {len(points)} points, found others"
            raise InputError(msg)
        kept = {
            name: values
            for name, values in arrays.items()
            if values.shape == (len(points),) and values.dtype.kind in "fiub"
        }
        return cls(places, triangles.astype(np.int32), kept, text)

    @property
    def mesh(self) -> Mesh:
        """The surface alone."""
        return Mesh(self.points, self.triangles)
