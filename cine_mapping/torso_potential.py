"""Lead-field potential of the electrodes at points of the heart, in the bounded torso.

By reciprocity the potential that a source gives at an electrode is known for
all sources once the electrode's own lead-field potential Z is known in the
heart.  Z is that of charges induced on every border between conductivities
(the adjoint of the boundary-element equation), so one solution per electrode
serves any number of points, heart positions and source models.

Units: millimetres, S/m, and Z in mV per mA of current, ``1000 / (4 pi sigma r)``
in the infinite medium.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.anatomy import Mesh
from cine_mapping.flat_triangles import PORTION, FlatTriangles
from cine_mapping.lead_field import TORSO_S_PER_M
from cine_mapping.volume_conductor import VolumeConductor
from imn.errors import InputError

OHM = 1000.0
"""1 / (S/m mm) in mV per mA."""
NEAR = 2.5
"""Edge lengths within which a border's charge is spread over its triangles."""
OFF_SKIN_MM, SKIN_DEEP_MM = 30.0, 1e-4


def infinite_potential(
    points: ArrayLike, electrodes: ArrayLike, conductivity: float = TORSO_S_PER_M
) -> NDArray[np.float64]:
    """Lead-field potential in an unbounded homogeneous conductor, 1 / (4 pi sigma r).

    Parameters
    ----------
    points : (n, 3) float, mm
    electrodes : (k, 3) float, mm
    conductivity : float, S/m

    Returns
    -------
    (k, n) float64, mV per mA
    """
    from scipy.spatial.distance import cdist

    reach = cdist(np.asarray(electrodes, dtype=float), np.asarray(points, dtype=float))
    return np.asarray(OHM / (4 * np.pi * conductivity * reach), dtype=np.float64)


def bounded_potential(
    torso: VolumeConductor, electrodes: ArrayLike, points: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lead-field potential of electrodes on the skin, and its gradient.

    Parameters
    ----------
    torso : VolumeConductor
    electrodes : (k, 3) float, mm
        Moved to the nearest place on the skin.
    points : (n, 3) float, mm
        Inside the torso.

    Returns
    -------
    potential : (k, n) float64, mV per mA
        Up to a part common to all electrodes: leads, which are differences, have a meaning.
    gradient : (k, n, 3) float64, mV per mA mm
        Potential at the electrode of unit dipoles at the points
        (for `cine_mapping.lead_field.to_lead_vectors`).

    Raises
    ------
    InputError
        If an electrode is far from the skin or a point outside it.

    Notes
    -----
    Points may lie close to a border: charges nearby are spread over their
    triangles.  A skin of 1,800 vertices, 24 mm apart, gives chest leads within
    1% of a much finer one.
    """
    from scipy.linalg import lu_solve

    seen = np.asarray(points, dtype=float)
    _refuse_outside(torso.borders[0], seen)
    places, rows = _integral_equation(torso, electrodes)
    charges = lu_solve(torso.factors, rows.T, trans=1, check_finite=False).T
    potential, gradient = _of_points(places, 2 / torso.steps[0] * np.eye(len(places)), seen)
    for border, start, stop in zip(torso.borders, torso.starts, torso.starts[1:], strict=False):
        parts = _of_surface(border, charges[:, start:stop], seen)
        potential, gradient = potential + parts[0], gradient + parts[1]
    return potential * OHM / (4 * np.pi), gradient * OHM / (4 * np.pi)


def _integral_equation(
    torso: VolumeConductor, electrodes: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Potential at the electrodes' places from that at all vertices, besides the sources' own part.

    The equation that holds at the vertices is used once more at the electrode
    (iterated collocation), since over a heart close to the skin the potential
    is far from linear within a triangle.
    """
    skin = torso.borders[0]
    triangle, shares = nearest_on_skin(skin, electrodes)
    places = np.einsum("kc,kci->ki", shares, skin.corners[triangle])
    normal = skin.normals[triangle] / (2 * skin.areas[triangle, None])
    rows = []
    for border, step in zip(torso.borders, torso.steps, strict=True):
        # On the skin itself the mean of both sides is the principal value.
        both = [border.double_layer(places + away * normal) for away in (-SKIN_DEEP_MM, SKIN_DEEP_MM)]
        rows.append((both[0] + both[1]) * step / torso.steps[0])
    return places, np.concatenate(rows, axis=1)


def nearest_on_skin(
    skin: FlatTriangles, electrodes: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Nearest place on the skin.

    Parameters
    ----------
    skin : FlatTriangles
    electrodes : (k, 3) float, mm

    Returns
    -------
    triangle : (k,) int64
    shares : (k, 3) float64
        Barycentric coordinates in it.

    Raises
    ------
    InputError
        If an electrode is more than 30 mm from the skin.
    """
    triangles, found = [], []
    for electrode in np.asarray(electrodes, dtype=float):
        shares = _nearest_shares(skin, electrode)
        away = np.linalg.norm(np.einsum("fk,fki->fi", shares, skin.corners) - electrode, axis=1)
        nearest, gap = int(np.argmin(away)), float(np.min(away))
        if not gap <= OFF_SKIN_MM:
            message = (
                f"electrode at {electrode.round().tolist()} mm is {gap:.0f} mm from the skin, "
                f"at most {OFF_SKIN_MM:.0f} mm expected: check frame and unit of electrodes and torso"
            )
            raise InputError(message)
        triangles.append(nearest)
        found.append(shares[nearest])
    return np.array(triangles), np.array(found)


def _nearest_shares(skin: FlatTriangles, point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Barycentric coordinates of the nearest place in each triangle, (f, 3)."""
    after = np.roll(skin.corners, -1, axis=1)
    plane = np.einsum("fki,fki->fk", skin.slopes, point - after)
    options = np.zeros((4, *plane.shape))
    options[0] = plane
    along = np.einsum("fki,fki->fk", point - after, skin.sides) / skin.lengths**2
    for corner, share in enumerate(np.clip(along, 0, 1).T):
        options[corner + 1, :, (corner + 1) % 3] = 1 - share
        options[corner + 1, :, (corner + 2) % 3] = share
    away = np.linalg.norm(np.einsum("ofk,fki->ofi", options, skin.corners) - point, axis=2)
    away[0, (plane < 0).any(axis=1)] = np.inf
    return options[away.argmin(axis=0), np.arange(len(plane))]


def _of_surface(
    border: FlatTriangles, charges: NDArray[np.float64], seen: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum of charge / R over a border, and its gradient.

    Charges of triangles near any of the points are spread over them, the
    others stay at the vertices: a grid of point charges is felt one edge
    length away only.
    """
    from scipy.spatial import KDTree

    share = border.areas[:, None] / (3 * border.mesh.areas[border.mesh.triangles])
    distance, _ = KDTree(seen).query(border.corners.mean(axis=1))
    near = np.flatnonzero(distance < NEAR * border.lengths.mean())
    points = np.asarray(border.mesh.points, dtype=float)
    if not len(near):
        return _of_points(points, charges, seen)
    triangles = border.mesh.triangles[near]
    moved = charges[:, triangles] * share[near]
    at_vertices = charges.copy()
    np.subtract.at(at_vertices.T, triangles, moved.transpose(1, 2, 0))
    patch = FlatTriangles(Mesh(border.mesh.points, triangles))
    spread = patch.single_layer(seen, moved.sum(axis=2) / patch.areas)
    kept = np.unique(np.delete(border.mesh.triangles, near, axis=0))
    rest = _of_points(points[kept], at_vertices[:, kept], seen)
    return spread[0] + rest[0], spread[1] + rest[1]


def _of_points(
    places: NDArray[np.float64], charges: NDArray[np.float64], seen: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum of charge / R over point charges (k, q), and its gradient."""
    from scipy.spatial.distance import cdist

    potential, gradient = np.zeros((len(charges), len(seen))), np.zeros((len(charges), *seen.shape))
    columns = np.concatenate([charges, *(charges * axis for axis in places.T)])
    step = max(1, PORTION // max(1, len(places)))
    for part in (slice(start, start + step) for start in range(0, len(seen), step)):
        inverse = 1 / cdist(seen[part], places)
        potential[:, part] = charges @ inverse.T
        inverse **= 3
        # Of one product: sums of the charges, and of each coordinate times them.
        total, *moments = (inverse @ columns.T).reshape(len(inverse), 4, len(charges)).transpose(1, 2, 0)
        gradient[:, part] = np.stack(moments, axis=2) - total[:, :, None] * seen[part]
    return potential, gradient


def _refuse_outside(skin: FlatTriangles, seen: NDArray[np.float64]) -> None:
    """Refuse points whose extremes along 26 directions are not inside the skin."""
    ways = np.array([(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)])
    extremes = np.unique((seen @ ways.T).argmax(axis=0))
    angle = skin.double_layer(seen[extremes]).sum(axis=1)
    if not (angle > 0.5).all():
        place = seen[extremes[angle.argmin()]].round().tolist()
        message = f"heart point {place} mm is outside the skin: check frame and unit of heart and torso"
        raise InputError(message)
