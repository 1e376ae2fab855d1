"""The ventricular wall seen from each of its surface vertices."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import AHA_SEGMENTS, SURFACES, Anatomy

_LV_ENDO, _RV_ENDO, _EPI = (
    SURFACES.index(name) for name in ("LV endocardium", "RV endocardium", "epicardium")
)


def wall_direction(anatomy: Anatomy) -> NDArray[np.float64]:
    """Direction in which excitation crosses the wall: from within outwards.

    On the septum it runs from the left to the right ventricle.  Zero on the
    basal rim and on the atria.

    Parameters
    ----------
    anatomy : Anatomy

    Returns
    -------
    (v, 3) float64
        Unit vectors, LPS.
    """
    normals = anatomy.heart.vertex_normals
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    unit = np.divide(normals, length, out=np.zeros_like(normals), where=length > 0)
    septal = (anatomy.surface == _RV_ENDO) & (anatomy.region < len(AHA_SEGMENTS))
    outward = (anatomy.surface == _EPI) | septal
    inward = ((anatomy.surface == _LV_ENDO) | (anatomy.surface == _RV_ENDO)) & ~septal
    return unit * (outward.astype(float) - inward)[:, None]


@lru_cache(maxsize=4)
def wall_volume(anatomy: Anatomy) -> NDArray[np.float64]:
    """Myocardium that belongs to each ventricular vertex: area times half the wall; found once per anatomy.

    The wall's thickness is the distance to the nearest vertex across it: from
    epicardium to an endocardium and back, through the septum from one
    endocardium to the other.  It is held at the upper quartile of its ventricle:
    in the grooves where the ventricles meet there is no "across".

    Parameters
    ----------
    anatomy : Anatomy

    Returns
    -------
    (v,) float64, mm3
        Zero on the atria; read-only, as it is kept.
    """
    from scipy.spatial import KDTree

    points = anatomy.heart.points.astype(float)
    walls = [anatomy.surface == kind for kind in (_LV_ENDO, _RV_ENDO, _EPI)]
    distance = np.stack([KDTree(points[wall]).query(points)[0] for wall in walls])
    for kind, wall in enumerate(walls):
        distance[kind, wall] = np.inf
    thickness = distance.min(axis=0)
    left = anatomy.region < len(AHA_SEGMENTS)
    for ventricle in (left, anatomy.ventricles & ~left):
        if ventricle.any():
            thickness[ventricle] = thickness[ventricle].clip(max=np.quantile(thickness[ventricle], 0.75))
    volume = anatomy.heart.areas * anatomy.ventricles * thickness / 2
    volume.setflags(write=False)
    return volume
