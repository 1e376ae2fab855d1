"""A heart in a torso, as one value, in one frame: LPS millimetres."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from imn.described import Described

SURFACES = (
    "LV endocardium",
    "RV endocardium",
    "epicardium",
    "basal rim",
    "left atrium",
    "right atrium",
)
AHA_SEGMENTS = (
    "basal anterior",
    "basal anteroseptal",
    "basal inferoseptal",
    "basal inferior",
    "basal inferolateral",
    "basal anterolateral",
    "mid anterior",
    "mid anteroseptal",
    "mid inferoseptal",
    "mid inferior",
    "mid inferolateral",
    "mid anterolateral",
    "apical anterior",
    "apical septal",
    "apical inferior",
    "apical lateral",
    "apex",
)
RV_REGIONS = ("RV outflow tract", "RV free wall", "RV apex")
ATRIA = ("left atrium", "right atrium")
REGIONS = AHA_SEGMENTS + RV_REGIONS + ATRIA
ELECTRODES = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangulated surface.

    Parameters
    ----------
    points : (v, 3) float32, mm
    triangles : (f, 3) int32
        Counter-clockwise seen from outside.
    """

    points: NDArray[np.float32]
    triangles: NDArray[np.int32]

    @cached_property
    def triangle_normals(self) -> NDArray[np.float64]:
        """Outward normals with the triangle's area as length, (f, 3) float64, mm2."""
        a, b, c = (self.points[self.triangles[:, i]].astype(float) for i in range(3))
        return 0.5 * np.cross(b - a, c - a)

    @cached_property
    def vertex_normals(self) -> NDArray[np.float64]:
        """Outward normals with the vertex's share of area as length, (v, 3) float64, mm2."""
        normals = np.zeros((len(self.points), 3))
        for corner in range(3):
            np.add.at(normals, self.triangles[:, corner], self.triangle_normals / 3)
        return normals

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """Area that belongs to each vertex, a third of its triangles, (v,) float64, mm2."""
        areas = np.zeros(len(self.points))
        share = np.linalg.norm(self.triangle_normals, axis=1) / 3
        for corner in range(3):
            np.add.at(areas, self.triangles[:, corner], share)
        return areas


@dataclass(frozen=True, eq=False, repr=False)
class Anatomy(Described):
    """Ventricles and atria with their labels, the torso around them, nine electrodes.

    Parameters
    ----------
    name : str
    heart : Mesh
        Ventricular myocardium as a closed surface (both endocardia, epicardium,
        basal rim), then the atria if there are any.
    surface : (v,) int8
        Index into `SURFACES` for each vertex of the heart.
    region : (v,) int8
        Index into `REGIONS` for each vertex of the heart.
    vessels : Mesh
        Great vessels, to be looked at only; may be empty.
    torso : Mesh
    electrodes : (9, 3) float32, mm
        In the order of `ELECTRODES`.
    lead_vectors : (12, v, 3) float32
        Voltage in each lead, mV, of a unit current dipole (1 mA mm) at each
        vertex of the heart, per axis.
    origin : str
        How it was made, in one sentence.
    """

    name: str
    heart: Mesh
    surface: NDArray[np.int8]
    region: NDArray[np.int8]
    vessels: Mesh
    torso: Mesh
    electrodes: NDArray[np.float32]
    lead_vectors: NDArray[np.float32]
    origin: str = ""

    @property
    def ventricles(self) -> NDArray[np.bool_]:
        """Vertices of the ventricles, (v,) bool."""
        return self.region < len(AHA_SEGMENTS) + len(RV_REGIONS)

    def _facts(self) -> dict[str, str]:
        heart, torso = self.heart, self.torso
        size = np.ptp(heart.points[self.ventricles], axis=0) if self.ventricles.any() else np.zeros(3)
        return {
            "name": self.name,
            "heart": f"{len(heart.points)} vertices, {int(self.ventricles.sum())} of them of the ventricles",
            "ventricles": f"{size[0]:.0f} x {size[1]:.0f} x {size[2]:.0f} mm",
            "torso": f"torso of {len(torso.points)} vertices",
            "origin": self.origin,
        }
