"""The ventricular myocardium as a volume, as one value, with coordinates that hold in any heart."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import AHA_SEGMENTS, RV_REGIONS, Mesh
from imn.errors import InputError

VOLUME_SURFACES = ("inside", "epicardium", "LV endocardium", "RV endocardium", "base")
INSIDE, EPICARDIUM, LV_ENDOCARDIUM, RV_ENDOCARDIUM, BASE = range(len(VOLUME_SURFACES))
VENTRICLES = ("left ventricle with septum", "right ventricular free wall")
FACES = np.array([(1, 2, 3), (0, 3, 2), (0, 1, 3), (0, 2, 1)])
"""Corners of a tetrahedron's face opposite each corner, counter-clockwise seen from outside."""

_PER_NODE = ("surface", "apicobasal", "rotational", "transmural", "ventricle", "region")


@dataclass(frozen=True, eq=False)
class Myocardium:
    """Ventricular wall in tetrahedra; LPS millimetres.

    Parameters
    ----------
    points : (n, 3) float32, mm
    tetrahedra : (m, 4) int32
        Of positive volume: seen from the first corner the other three run
        clockwise.
    surface : (n,) int8
        Index into `VOLUME_SURFACES`.
    apicobasal : (n,) float32
        0 at the apex, 1 at the base.
    rotational : (n,) float32, rad
        About the long axis of the left ventricle, -pi ... pi: 0 in the middle
        of the septum, pi/2 anterior.
    transmural : (n,) float32
        0 on the endocardium, 1 on the epicardium; in the septum 0 on the left
        and 1 on the right side.
    ventricle : (n,) int8
        Index into `VENTRICLES`.
    fibres : (n, 3) float32
        Unit vectors along the muscle fibres; the sign does not matter.
    region : (n,) int8
        Index into `anatomy.REGIONS`, atria excepted.
    name, origin : str
        What to call it, and how it was made in one sentence.

    Raises
    ------
    InputError
        If the arrays do not fit together or a value lies outside its range.
    """

    points: NDArray[np.float32]
    tetrahedra: NDArray[np.int32]
    surface: NDArray[np.int8]
    apicobasal: NDArray[np.float32]
    rotational: NDArray[np.float32]
    transmural: NDArray[np.float32]
    ventricle: NDArray[np.int8]
    fibres: NDArray[np.float32]
    region: NDArray[np.int8]
    name: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        problem = self._misfit() or self._out_of_range()
        if not problem and (flat := int((self.volumes <= 0).sum())):
            problem = (
                f"{flat} of {len(self.volumes)} tetrahedra have no positive volume; "
                "swap two corners of those turned inside out and drop flat ones"
            )
        if problem:
            msg = f"myocardium {self.name!r}: {problem}"
            raise InputError(msg)

    def _misfit(self) -> str:
        count = len(self.points)
        sound = (
            self.points.shape == self.fibres.shape == (count, 3)
            and self.tetrahedra.ndim == 2
            and self.tetrahedra.shape[1] == 4
            and len(self.tetrahedra) > 0
            and all(getattr(self, field).shape == (count,) for field in _PER_NODE)
        )
        if sound:
            return ""
        named = ("points", "tetrahedra", "fibres", *_PER_NODE)
        shapes = ", ".join(f"{field} {getattr(self, field).shape}" for field in named)
        return f"expected one value per node and four corners per tetrahedron, got {shapes}"

    def _out_of_range(self) -> str:
        checks = (
            ("tetrahedra name nodes that do not exist", self._corners_exist()),
            ("positions must be finite", bool(np.isfinite(self.points).all())),
            ("apicobasal and transmural must lie in 0 ... 1", self._within_unit()),
            ("rotational must lie in -pi ... pi", bool((np.abs(self.rotational) <= np.pi + 1e-5).all())),
            ("surface, ventricle or region holds an unknown index", self._labels_known()),
            ("fibres must be unit vectors", bool(np.allclose(_lengths(self.fibres), 1, atol=1e-3))),
        )
        return next((f"{problem}; make it anew from its mesh" for problem, sound in checks if not sound), "")

    def _corners_exist(self) -> bool:
        return bool(self.tetrahedra.min() >= 0 and self.tetrahedra.max() < len(self.points))

    def _within_unit(self) -> bool:
        both = np.stack([self.apicobasal, self.transmural])
        return bool(((both >= 0) & (both <= 1)).all())

    def _labels_known(self) -> bool:
        limits = (len(VOLUME_SURFACES), len(VENTRICLES), len(AHA_SEGMENTS) + len(RV_REGIONS))
        labels = (self.surface, self.ventricle, self.region)
        return all(bool(((v >= 0) & (v < top)).all()) for v, top in zip(labels, limits, strict=True))

    @cached_property
    def volumes(self) -> NDArray[np.float64]:
        """Volume of each tetrahedron, (m,) float64, mm3."""
        return signed_volumes(self.points, self.tetrahedra)

    @cached_property
    def node_volumes(self) -> NDArray[np.float64]:
        """Volume that belongs to each node, a quarter of its tetrahedra, (n,) float64, mm3."""
        corners = self.tetrahedra.ravel()
        volumes = np.zeros(len(self.points))
        np.add.at(volumes, corners, np.repeat(self.volumes / 4, 4))
        return volumes

    @cached_property
    def boundary(self) -> Mesh:
        """The closed surface on the nodes of the volume (same numbering), facing outwards."""
        return Mesh(self.points, boundary_triangles(self.tetrahedra))


def _lengths(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.linalg.norm(np.asarray(vectors, dtype=float), axis=1)


def signed_volumes(points: NDArray[np.floating], tetrahedra: NDArray[np.integer]) -> NDArray[np.float64]:
    """Volume of each tetrahedron.

    Parameters
    ----------
    points : (n, 3) float, mm
    tetrahedra : (m, 4) int

    Returns
    -------
    (m,) float64, mm3
        Negative if it is turned inside out.
    """
    corners = np.asarray(points, dtype=float)[tetrahedra]
    sides = corners[:, 1:] - corners[:, :1]
    return np.einsum("mi,mi->m", sides[:, 0], np.cross(sides[:, 1], sides[:, 2])) / 6


def boundary_triangles(tetrahedra: NDArray[np.integer]) -> NDArray[np.int32]:
    """Faces that belong to one tetrahedron only.

    Parameters
    ----------
    tetrahedra : (m, 4) int
        Of positive volume.

    Returns
    -------
    (f, 3) int32
        Counter-clockwise seen from outside.
    """
    faces = tetrahedra[:, FACES].reshape(-1, 3)
    _, first, count = np.unique(np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True)
    return faces[np.sort(first[count == 1])].astype(np.int32)
