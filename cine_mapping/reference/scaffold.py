"""Four-chamber human heart from ``scaffoldmaker``: dense labelled surfaces and the vessels' openings.

The scaffold is ``MeshType_3d_heart1`` with the parameter set ``Human 1``
(Apache-2.0): 392 cubic Hermite volume elements, an idealised heart and not
one person.
"""

# pyright: reportMissingImports=false

from dataclasses import dataclass

import numpy as np
from cmlibs.zinc.context import Context
from numpy.typing import NDArray
from scaffoldmaker.meshtypes.meshtype_3d_heart1 import (
    MeshType_3d_heart1,
)

SAMPLES = 8
SCALE_MM = np.array([-74.0, -74.0, 78.0])
"""Scaffold units to mm, and its axes (right, anterior, head) to LPS."""
OPTIONS = {
    "LV free wall thickness": 0.132,
    "Ventricular septum thickness": 0.122,
    "RV free wall thickness": 0.054,
}
VENTRICLES = ("left ventricle myocardium", "right ventricle myocardium")
OPENINGS = (
    "superior vena cava",
    "inferior vena cava",
    "left pulmonary vein",
    "right pulmonary vein",
    "conus arteriosus",
    "left ventricle myocardium",
)


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles with a label each.

    Parameters
    ----------
    points : (v, 3) float64, mm
    triangles : (f, 3) int64
    labels : (f,) str
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.int64]
    labels: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Opening:
    """Rim of a cut vessel.

    Parameters
    ----------
    name : str
        Which vessel.
    centre : (3,) float64, mm
    direction : (3,) float64
        Unit vector out of the heart.
    radius : float, mm
    """

    name: str
    centre: NDArray[np.float64]
    direction: NDArray[np.float64]
    radius: float


@dataclass(frozen=True, eq=False)
class Heart:
    """The scaffold as surfaces in its own frame: mm, x left, y posterior, z from apex to base.

    Parameters
    ----------
    ventricles, left_ventricle, atria : Surface
    openings : tuple of Opening
    """

    ventricles: Surface
    left_ventricle: Surface
    atria: Surface
    openings: tuple[Opening, ...]


class Scaffold:
    """The scaffold's elements, their faces and the groups they belong to."""

    def __init__(self) -> None:
        self._context = Context("heart")
        region = self._context.getDefaultRegion()
        options = MeshType_3d_heart1.getDefaultOptions("Human 1")
        groups, _ = MeshType_3d_heart1.generateMesh(region, options | OPTIONS)
        module = region.getFieldmodule()
        module.defineAllFaces()
        meshes = {d: module.findMeshByDimension(d) for d in (2, 3)}
        self.members: dict[int, dict[str, set[int]]] = {2: {}, 3: {}}
        for group in groups:
            group.addSubelements()
        for group in groups:
            if (d := group.getDimension()) in meshes:
                elements = _elements(group.getMeshGroup(meshes[d]))
                self.members[d][group.getName()] = {e.getIdentifier() for e in elements}
        self._coordinates = module.findFieldByName("coordinates")
        self._cache = module.createFieldcache()
        self._faces = {e.getIdentifier(): e for e in _elements(meshes[2])}
        self._volumes = {e.getIdentifier(): e for e in _elements(meshes[3])}
        self.volumes = set(self._volumes)
        self.parents = {
            i: {e.getParentElement(k + 1).getIdentifier() for k in range(e.getNumberOfParents())}
            for i, e in self._faces.items()
        }

    def union(self, *names: str) -> set[int]:
        """Volume elements of some groups."""
        return set().union(*(self.members[3][name] for name in names))

    def boundary(self, volumes: set[int]) -> list[int]:
        """Faces with these volume elements on one side only."""
        return [i for i, parents in self.parents.items() if len(parents & volumes) == 1]

    def labels(self, face: int) -> list[str]:
        """Names of the groups that a face is in."""
        return [name for name, members in self.members[2].items() if face in members]

    def ventricular_label(self, face: int) -> str:
        """Name of the surface, out of `SURFACES`, that a face of the ventricles belongs to."""
        labels = self.labels(face)
        for key, label in (
            ("endocardium of left ventricle", "LV endocardium"),
            ("endocardium of right ventricle", "RV endocardium"),
            ("epicardium", "epicardium"),
        ):
            if key in labels:
                return label
        return "basal rim"

    def sample(self, face: int) -> NDArray[np.float64]:
        """Points on a face, (SAMPLES + 1, SAMPLES + 1, 3) mm."""
        return self._evaluate(self._faces[face], (SAMPLES, SAMPLES))

    def fill(self, volume: int, steps: tuple[int, int, int]) -> NDArray[np.float64]:
        """Points in a volume element, (steps + 1 along each of its axes, 3) mm."""
        return self._evaluate(self._volumes[volume], steps)

    def sides(self, volume: int) -> list[int]:
        """Faces of a volume element where its axes are 0 and 1: first 0, first 1, second 0 and so on."""
        element = self._volumes[volume]
        return [element.getFaceElement(k + 1).getIdentifier() for k in range(6)]

    def _evaluate(self, element, steps: tuple[int, ...]) -> NDArray[np.float64]:
        points = np.empty((*(n + 1 for n in steps), 3))
        for place in np.ndindex(points.shape[:-1]):
            self._cache.setMeshLocation(element, [i / n for i, n in zip(place, steps, strict=True)])
            _, points[place] = self._coordinates.evaluateReal(self._cache, 3)
        return points * SCALE_MM

    def surface(self, faces: list[int], label: dict[int, str]) -> Surface:
        """Triangles on some faces."""
        grid = np.arange((SAMPLES + 1) ** 2).reshape(SAMPLES + 1, SAMPLES + 1)
        a, b, c, d = (
            grid[s].ravel()
            for s in np.s_[
                (slice(-1), slice(-1)),
                (slice(1, None), slice(-1)),
                (slice(1, None), slice(1, None)),
                (slice(-1), slice(1, None)),
            ]
        )
        patch = np.r_[np.c_[a, b, c], np.c_[a, c, d]]
        points = np.concatenate([self.sample(f).reshape(-1, 3) for f in faces])
        triangles = np.concatenate([patch + k * grid.size for k in range(len(faces))])
        return Surface(points, triangles, np.repeat([label[f] for f in faces], len(patch)))


def _elements(mesh) -> list:
    iterator = mesh.createElementiterator()
    elements = []
    while (element := iterator.next()).isValid():
        elements.append(element)
    return elements


def build_heart() -> Heart:
    """Generate the scaffold and cut it into ventricles, atria and vessel openings."""
    faces = Scaffold()
    ventricles = faces.union(*VENTRICLES)
    outside = set(faces.boundary(faces.volumes))
    wall = faces.boundary(ventricles)
    outer = [f for f in outside if not faces.parents[f] & ventricles and _is_outer(faces.labels(f))]
    left = faces.union("left atrium myocardium")
    sides = {f: "left atrium" if faces.parents[f] & left else "right atrium" for f in outer}
    lv = faces.boundary(faces.union("left ventricle myocardium"))
    return Heart(
        ventricles=faces.surface(wall, {f: faces.ventricular_label(f) for f in wall}),
        left_ventricle=faces.surface(lv, dict.fromkeys(lv, "")),
        atria=faces.surface(outer, sides),
        openings=_openings(faces, [f for f in outside if not faces.labels(f)]),
    )


def _is_outer(labels: list[str]) -> bool:
    return bool(labels) and not any("luminal" in s or "endocardium" in s for s in labels)


def _openings(faces: Scaffold, rims: list[int]) -> tuple[Opening, ...]:
    """Group rim faces that touch into rings; the outward side is that away from the element."""
    samples = {f: faces.sample(f).reshape(-1, 3) for f in rims}
    rings: list[list[int]] = []
    for face in rims:
        touching = [r for r in rings if any(_touch(samples[face], samples[g]) for g in r)]
        rings = [r for r in rings if r not in touching] + [[face, *sum(touching, [])]]
    openings = (_opening(faces, ring, samples) for ring in rings)
    return tuple(opening for opening in openings if opening.name)


def _touch(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    return bool((np.linalg.norm(a[:, None] - b[None], axis=2) < 1e-3).any())


def _opening(faces: Scaffold, ring: list[int], samples: dict[int, NDArray[np.float64]]) -> Opening:
    points = np.concatenate([samples[f] for f in ring])
    centre = points.mean(axis=0)
    normal = np.linalg.svd(points - centre)[2][2]
    parents = set().union(*(faces.parents[f] for f in ring))
    body = [f for f, p in faces.parents.items() if p & parents]
    inside = np.mean([faces.sample(f).mean(axis=(0, 1)) for f in body], axis=0)
    if (centre - inside) @ normal < 0:
        normal = -normal
    name = next((n for n in OPENINGS if parents & faces.members[3][n]), "")
    return Opening(name, centre, normal, float(np.linalg.norm(points - centre, axis=1).mean()))
