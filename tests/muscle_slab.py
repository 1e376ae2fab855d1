"""A flat piece of muscle, for tests of excitation and of what the leads see."""

import numpy as np
from scipy.spatial import Delaunay

from cine_mapping.forward.eikonal import NETWORK_TO
from cine_mapping.myocardium import INSIDE, LV_ENDOCARDIUM, Myocardium, signed_volumes


def slab(
    fibre: tuple[float, float, float] = (1, 0, 0),
    *,
    size: tuple[int, int, int] = (25, 25, 7),
    step: float = 2.5,
) -> Myocardium:
    """A flat piece of muscle, endocardium at z = 0, on points shaken off their grid."""
    rng = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(*[np.arange(n, dtype=float) for n in size], indexing="ij"), axis=-1).reshape(
        -1, 3
    )
    top = np.array(size) - 1.0
    points = grid + rng.uniform(-0.3, 0.3, grid.shape) * ((grid > 0) & (grid < top))
    cells = Delaunay(points).simplices
    volumes = signed_volumes(points, cells)
    cells = np.where((volumes < 0)[:, None], cells[:, [0, 2, 1, 3]], cells)[np.abs(volumes) > 1e-3]
    n = len(points)
    return Myocardium(
        points=(points * step).astype(np.float32),
        tetrahedra=cells.astype(np.int32),
        surface=np.where(points[:, 2] == 0, LV_ENDOCARDIUM, INSIDE).astype(np.int8),
        apicobasal=(NETWORK_TO * points[:, 0] / top[0]).astype(np.float32),
        rotational=np.zeros(n, np.float32),
        transmural=(points[:, 2] / top[2]).astype(np.float32),
        ventricle=np.zeros(n, np.int8),
        fibres=np.tile(np.array(fibre, np.float32), (n, 1)),
        region=np.zeros(n, np.int8),
    )
