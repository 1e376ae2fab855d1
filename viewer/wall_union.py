"""Surfaces made lighter, and several closed pieces of myocardium made one."""

from collections.abc import Mapping, Sequence

import numpy as np

from cine_mapping.anatomy import Mesh
from cine_mapping.anatomy_parts import Part, check_part, joined
from cine_mapping.mesh_checks import Finding, open_edges, volume
from cine_mapping.voxels import grid_around, winding_numbers

VOXEL_MM, GAP_VOXELS = 1.25, 2
BLUR_VOXELS, LEVEL = 0.9, 0.35
"""Walls of a single voxel keep above this level after blurring."""
LARGEST = {"wall": 16000, "torso": 5000, "left atrium": 3000, "right atrium": 3000, "vessels": 12000}
WALL_TRIANGLES = 12000


def unite(parts: Mapping[str, Sequence[Part]]) -> tuple[dict[str, Part], list[Finding]]:
    """Make one surface of each kind, no finer than the maps need.

    Parameters
    ----------
    parts : mapping of str to sequence of Part
        Checked one by one; LPS, mm.

    Returns
    -------
    parts : dict of str to Part
    findings : list of Finding
    """
    united: dict[str, Part] = {}
    found: list[Finding] = []
    for kind, pieces in parts.items():
        if kind == "wall" and len(pieces) > 1:
            united[kind], more = _one_wall(pieces)
            found += more
            continue
        whole = pieces[0]
        if len(pieces) > 1:
            whole = Part(f"{len(pieces)} parts", joined([piece.mesh for piece in pieces]))
        united[kind], more = _lighter(kind, whole)
        found += more
    return united, found


def _one_wall(pieces: Sequence[Part]) -> tuple[Part, list[Finding]]:
    """Fill the pieces on a grid, close the gaps between them, and take the surface of the whole."""
    import pyvista
    from scipy import ndimage

    before = sum(volume(piece.mesh) for piece in pieces)
    grid = grid_around(np.concatenate([piece.mesh.points for piece in pieces]), VOXEL_MM, margin=6)
    solid = np.zeros(grid.shape, bool)
    for piece in pieces:
        solid |= winding_numbers(piece.mesh.points, piece.mesh.triangles, grid) != 0
    solid = ndimage.binary_closing(solid, iterations=GAP_VOXELS)
    label = np.empty(grid.shape, dtype=np.int32)
    ndimage.label(solid, output=label)
    solid = label == np.bincount(label.ravel())[1:].argmax() + 1
    image = pyvista.ImageData(dimensions=grid.shape, spacing=(VOXEL_MM,) * 3, origin=tuple(grid.origin))
    soft = ndimage.gaussian_filter(solid.astype(float), BLUR_VOXELS)
    surface = image.contour([LEVEL], soft.ravel(order="F"), method="flying_edges").triangulate()
    surface = surface.smooth_taubin(n_iter=20, pass_band=0.1)
    wall = _decimated(_mesh(surface), WALL_TRIANGLES)
    words = (
        f"wall: {len(pieces)} parts made one on a grid of {VOXEL_MM:g} mm, gaps up to "
        f"{2 * GAP_VOXELS * VOXEL_MM:g} mm closed; {before:.0f} ml became {volume(wall):.0f} ml"
    )
    part, more = check_part("wall", Part("union", wall))
    return part, [Finding("mended", words), *more]


def _lighter(kind: str, part: Part) -> tuple[Part, list[Finding]]:
    """Take triangles away from surfaces that have more than the maps need; labelled ones stay."""
    count = len(part.mesh.triangles)
    if count <= LARGEST.get(kind, count) or part.arrays.keys() - {"NORMAL", "COLOR_0", "Normals"}:
        return part, []
    mesh = _decimated(part.mesh, LARGEST[kind])
    words = f"{kind}: {count} triangles reduced to {len(mesh.triangles)}"
    return Part(part.name, mesh), [Finding("note", words)]


def _decimated(mesh: Mesh, triangles: int) -> Mesh:
    """Take triangles away by quadrics, evenly; where that tears the surface, with its topology kept."""
    import pyvista

    faces = np.c_[np.full(len(mesh.triangles), 3), mesh.triangles]
    surface = pyvista.PolyData(mesh.points, faces.ravel())
    share = 1 - triangles / len(mesh.triangles)
    even = _mesh(surface.decimate(share))
    if open_edges(even) <= open_edges(mesh):
        return even
    return _mesh(surface.decimate_pro(share, preserve_topology=True))


def _mesh(surface) -> Mesh:
    triangles = np.asarray(surface.faces).reshape(-1, 4)[:, 1:]
    return Mesh(np.asarray(surface.points, dtype=np.float32), triangles.astype(np.int32))
