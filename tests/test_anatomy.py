"""The reference anatomy, its labels, its files, its lead vectors."""

import dataclasses
from importlib.resources import files

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.transform import Rotation

from cine_mapping.anatomy import AHA_SEGMENTS, ELECTRODES, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.anatomy_io import load_anatomy, save_anatomy
from cine_mapping.electrodes import place_electrodes
from cine_mapping.lead_field import expand_lead_vectors, infinite_medium
from cine_mapping.long_axis import LongAxis, find_long_axis
from cine_mapping.segments import TERRITORIES, label_segments, region_mask, segment_edges
from imn.errors import InputError
from imn.leads import LEADS


@pytest.fixture(scope="module")
def reference() -> Anatomy:
    return load_anatomy("reference")


def _ventricles(anatomy: Anatomy) -> Mesh:
    count = int(anatomy.ventricles.sum())
    assert anatomy.ventricles[:count].all()
    triangles = anatomy.heart.triangles
    return Mesh(anatomy.heart.points[:count], triangles[(triangles < count).all(axis=1)])


def _edges(triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    directed = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return directed, np.unique(np.sort(directed, axis=1), axis=0)


def _volume(mesh: Mesh) -> float:
    """Volume inside a closed surface in ml, by the divergence theorem."""
    centres = mesh.points[mesh.triangles].astype(float).mean(axis=1)
    return float((centres * mesh.triangle_normals).sum() / 3000)


def _pieces(mesh: Mesh, keep: np.ndarray) -> int:
    _, edges = _edges(mesh.triangles)
    edges = edges[keep[edges].all(axis=1)]
    links = coo_array((np.ones(len(edges)), edges.T), shape=(len(keep),) * 2)
    return len(np.unique(connected_components(links, directed=False)[1][keep]))


@pytest.mark.parametrize(("part", "handles"), [("ventricles", 2), ("torso", 0)])
def test_closed_surface_is_manifold_and_points_outwards(reference: Anatomy, part: str, handles: int) -> None:
    # Each ventricle is a bag with two openings through its wall: one handle each.
    mesh = _ventricles(reference) if part == "ventricles" else reference.torso
    directed, edges = _edges(mesh.triangles)
    assert len(directed) == 2 * len(edges)
    assert len(np.unique(directed, axis=0)) == len(directed)
    assert len(mesh.points) - len(edges) + len(mesh.triangles) == 2 - 2 * handles
    assert _volume(mesh) > 0


def test_sizes_are_those_of_a_heart_and_a_chest(reference: Anatomy) -> None:
    heart = _ventricles(reference)
    assert 4000 <= len(heart.points) <= 7000
    assert 130 < _volume(heart) < 220
    assert 25_000 < _volume(reference.torso) < 45_000
    axis = find_long_axis(heart.points, heart.triangles, reference.surface[: len(heart.points)])
    assert 80 < np.linalg.norm(axis.apex - axis.base) < 95
    directed, _ = _edges(heart.triangles)
    lengths = np.linalg.norm(heart.points[directed[:, 0]] - heart.points[directed[:, 1]], axis=1)
    low, high = np.percentile(lengths, [1, 99])
    assert 2 < low < high < 6


def test_walls_are_as_thick_as_walls(reference: Anatomy) -> None:
    from scipy.spatial import KDTree

    points, surface = reference.heart.points, reference.surface
    outer = KDTree(points[surface == SURFACES.index("epicardium")])
    lateral = (surface == SURFACES.index("LV endocardium")) & region_mask(
        reference, ("mid inferolateral", "mid anterolateral")
    )
    free = (surface == SURFACES.index("RV endocardium")) & region_mask(reference, "RV free wall")
    assert 8 < np.median(outer.query(points[lateral])[0]) < 11
    assert 3 < np.median(outer.query(points[free])[0]) < 5


def test_heart_lies_in_the_chest_pointing_left_forward_and_down(reference: Anatomy) -> None:
    heart = _ventricles(reference)
    axis = find_long_axis(heart.points, heart.triangles, reference.surface[: len(heart.points)])
    down, _, anterior = axis.frame
    assert down @ np.array([0.643, -0.616, -0.456]) > 0.99
    assert anterior[1] < 0 < anterior[2]
    inside = np.abs(reference.heart.points).max(axis=0)
    assert (inside < np.abs(reference.torso.points).max(axis=0)).all()
    electrode = dict(zip(ELECTRODES, reference.electrodes, strict=True))
    assert electrode["V1"][0] == pytest.approx(-22, abs=0.1) and electrode["V2"][0] == pytest.approx(
        22, abs=0.1
    )
    assert electrode["V4"][2] == pytest.approx(electrode["V6"][2])
    # The rule on the torso that ships, which is coarser than the one they were placed on.
    again = place_electrodes(reference.torso, within=(0, 0, 0))
    assert np.linalg.norm(again - reference.electrodes, axis=1).max() < 1.2
    assert electrode["RA"][0] < 0 < electrode["LA"][0]


def test_every_region_is_there_and_in_one_piece_on_each_surface(reference: Anatomy) -> None:
    side = np.where(
        reference.surface == SURFACES.index("basal rim"), SURFACES.index("epicardium"), reference.surface
    )
    for index, name in enumerate(REGIONS):
        here = reference.region == index
        assert here.sum() > 30, name
        for surface in np.unique(side[here]):
            assert _pieces(reference.heart, here & (side == surface)) == 1, (name, SURFACES[surface])


def test_septum_carries_septal_segments_on_both_sides(reference: Anatomy) -> None:
    right = reference.surface == SURFACES.index("RV endocardium")
    found = {REGIONS[i] for i in np.unique(reference.region[right])}
    septal = {name for name in AHA_SEGMENTS if "septal" in name}
    assert septal < found
    assert found - septal == set(TERRITORIES["RV"])


def test_labelling_follows_the_heart_when_it_is_turned_and_moved(reference: Anatomy) -> None:
    heart = _ventricles(reference)
    surface = reference.surface[: len(heart.points)]
    points = heart.points.astype(float)
    moved = Rotation.from_rotvec([0.4, -1.1, 0.7]).apply(points) + [30, -20, 500]
    labels = [
        label_segments(p, heart.triangles, surface, find_long_axis(p, heart.triangles, surface))
        for p in (points, moved)
    ]
    np.testing.assert_array_equal(labels[0], labels[1])
    # The volume, whose septum says where the shipped ones part, is of another mesh.
    assert (labels[0] == reference.region[: len(points)]).mean() > 0.99


def test_anterior_is_where_the_right_hand_rule_puts_it() -> None:
    # Apex to the left, right ventricle in front: what is above is the anterior wall.
    axis = LongAxis(np.zeros(3), np.array([80.0, 0, 0]), np.array([5.0, -1, 0]))
    depth, angle = axis.coordinates(np.array([[40.0, -1, 0], [20, 0, 1], [60, 0, -1]]))
    np.testing.assert_allclose(depth, [0.5, 0.25, 0.75])
    np.testing.assert_allclose(np.rad2deg(angle), [0, 90, -90], atol=1e-12)


def test_territories_part_the_ventricles(reference: Anatomy) -> None:
    masks = np.stack([region_mask(reference, name) for name in TERRITORIES])
    np.testing.assert_array_equal(masks.sum(axis=0), reference.ventricles)
    np.testing.assert_array_equal(region_mask(reference, ("LAD", "RV")), masks[0] | masks[3])
    with pytest.raises(InputError, match="LMCA"):
        region_mask(reference, "LMCA")


def test_segment_borders_lie_on_edges_between_regions() -> None:
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0], [2, 2, 0]], dtype=np.float32)
    mesh = Mesh(points, np.array([[0, 1, 2], [1, 3, 2]], dtype=np.int32))
    blank = Mesh(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))
    region = np.array([0, 1, 1, 2], dtype=np.int8)
    anatomy = Anatomy(
        "square",
        mesh,
        np.zeros(4, np.int8),
        region,
        blank,
        blank,
        np.zeros((9, 3), np.float32),
        np.zeros((12, 4, 3), np.float32),
    )
    lines = {tuple(sorted(map(tuple, line[:, :2].tolist()))) for line in segment_edges(anatomy)}
    assert lines == {((0.0, 1.0), (1.0, 0.0)), ((1.0, 2.0), (2.0, 1.0))}
    three = dataclasses.replace(anatomy, region=np.array([0, 1, 2, 2], dtype=np.int8))
    assert len(segment_edges(three)) == 3 + 1


def test_lead_vectors_obey_einthoven_and_goldberger(reference: Anatomy) -> None:
    lead = dict(zip(LEADS, reference.lead_vectors.astype(float), strict=True))
    scale = np.abs(reference.lead_vectors).max()
    for left, right in (
        (lead["III"], lead["II"] - lead["I"]),
        (lead["aVR"], -(lead["I"] + lead["II"]) / 2),
        (lead["aVL"], lead["I"] - lead["II"] / 2),
        (lead["aVF"], lead["II"] - lead["I"] / 2),
    ):
        np.testing.assert_allclose(left, right, atol=1e-7 * scale)


@pytest.mark.parametrize(
    ("lead", "dipole"),
    [("I", (1, 0, 0)), ("II", (0, 0, -1)), ("aVF", (0, 0, -1)), ("V2", (0, -1, 0)), ("V6", (1, 0, 0))],
)
def test_a_dipole_towards_the_electrode_is_positive(
    reference: Anatomy, lead: str, dipole: tuple[int, int, int]
) -> None:
    seen = reference.lead_vectors[LEADS.index(lead)] @ np.array(dipole)
    assert (seen[reference.ventricles] > 0).mean() > 0.95


def test_infinite_medium_is_the_dipole_formula() -> None:
    electrodes = np.full((9, 3), 1e9)
    electrodes[ELECTRODES.index("LA")] = 100.0, 0, 0
    vectors = infinite_medium(np.zeros((1, 3)), electrodes, conductivity=0.2)
    expected = 1000 / (4 * np.pi * 0.2 * 100.0**2)
    np.testing.assert_allclose(vectors[LEADS.index("I"), 0], [expected, 0, 0], atol=1e-6)
    np.testing.assert_allclose(vectors[LEADS.index("aVL"), 0], [expected, 0, 0], atol=1e-6)
    np.testing.assert_allclose(vectors[LEADS.index("V1"), 0], [-expected / 3, 0, 0], atol=1e-6)


def test_infinite_medium_is_the_gradient_of_its_potential() -> None:
    rng = np.random.default_rng(3)
    point, electrodes = rng.normal(size=3), 80 * rng.normal(size=(9, 3))
    inverse = lambda p: np.array([np.linalg.norm(e - p) ** -1 for e in electrodes])  # noqa: E731
    step = 1e-3 * np.eye(3)
    slope = np.stack([(inverse(point + h) - inverse(point - h)) / 2e-3 for h in step], axis=1)
    vectors = infinite_medium(point[None], electrodes, conductivity=1.0)
    i_lead = 1000 / (4 * np.pi) * (slope[ELECTRODES.index("LA")] - slope[ELECTRODES.index("RA")])
    np.testing.assert_allclose(vectors[0, 0], i_lead, rtol=1e-5)


def test_bounded_torso_resembles_the_infinite_medium_but_has_larger_limb_leads(
    reference: Anatomy,
) -> None:
    keep = reference.ventricles
    free = infinite_medium(reference.heart.points, reference.electrodes)[:, keep]
    bound = reference.lead_vectors[:, keep]
    assert np.corrcoef(free.ravel(), bound.ravel())[0, 1] > 0.9
    limb, chest = (np.linalg.norm(free[r]) / np.linalg.norm(bound[r]) for r in (slice(6), slice(6, 12)))
    assert limb < 0.7 * chest


def test_file_is_small_and_round_trips(reference: Anatomy, tmp_path) -> None:
    assert len((files("cine_mapping") / "anatomies" / "reference.npz").read_bytes()) < 2e6
    save_anatomy(reference, tmp_path / "copy.npz")
    copy = load_anatomy(tmp_path / "copy.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["copy.npz"]
    assert (copy.name, copy.origin) == (reference.name, reference.origin)
    for field in ("surface", "region", "electrodes", "lead_vectors"):
        np.testing.assert_array_equal(getattr(copy, field), getattr(reference, field))
    for field in ("heart", "vessels", "torso"):
        np.testing.assert_array_equal(getattr(copy, field).points, getattr(reference, field).points)
        np.testing.assert_array_equal(getattr(copy, field).triangles, getattr(reference, field).triangles)


def test_files_that_are_no_anatomy_are_refused(reference: Anatomy, tmp_path) -> None:
    path = tmp_path / "x.npz"
    with pytest.raises(InputError, match="no such file"):
        load_anatomy(path)
    path.write_bytes(b"not an archive")
    with pytest.raises(InputError, match="x.npz"):
        load_anatomy(path)
    np.savez(path, a=np.zeros(3))
    with pytest.raises(InputError, match="format"):
        load_anatomy(path)
    save_anatomy(reference, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="x.npz"):
        load_anatomy(path)
    arrays = _arrays(reference, tmp_path)
    arrays["region"] = arrays["region"][:-1]
    np.savez(path, allow_pickle=False, **arrays)
    with pytest.raises(InputError, match="fit together"):
        load_anatomy(path)
    del arrays["torso_points"]
    np.savez(path, allow_pickle=False, **arrays)
    with pytest.raises(InputError, match="torso_points"):
        load_anatomy(path)


def _arrays(anatomy: Anatomy, folder) -> dict[str, np.ndarray]:
    save_anatomy(anatomy, folder / "whole.npz")
    with np.load(folder / "whole.npz") as archive:
        return dict(archive)


def test_lead_vectors_that_break_einthoven_are_not_written(reference: Anatomy, tmp_path) -> None:
    broken = reference.lead_vectors.copy()
    broken[LEADS.index("III")] *= 1.1
    with pytest.raises(InputError, match="Einthoven"):
        save_anatomy(dataclasses.replace(reference, lead_vectors=broken), tmp_path / "x.npz")


def test_expansion_keeps_the_independent_leads() -> None:
    independent = np.random.default_rng(0).normal(size=(8, 5, 3)).astype(np.float32)
    full = expand_lead_vectors(independent)
    np.testing.assert_array_equal(full[[0, 1, 6, 7, 8, 9, 10, 11]], independent)
