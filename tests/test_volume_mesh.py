"""Any anatomy's ventricles as a volume: sound tetrahedra, the same coordinates, the same ECG."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from cine_mapping.anatomy import REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.even_points import body_centred, even_sheet, sample_surface
from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.changes import Changes, no_changes, onsets_of
from cine_mapping.forward.eikonal import Onsets
from cine_mapping.forward.heart import VirtualHeart, place_heart
from cine_mapping.forward.patients import reference_setting
from cine_mapping.forward.physiology import Physiology
from cine_mapping.forward_setting import load_setting, setting_of, volume_beside
from cine_mapping.heart_to_heart import transfer
from cine_mapping.mesh_checks import open_edges, volume
from cine_mapping.myocardium import BASE, INSIDE, Myocardium
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.own_physiology import fit_physiology, qrs_measures, unlikeness
from cine_mapping.segments import TERRITORIES
from cine_mapping.untangle import regular_volumes
from cine_mapping.volume_conductor import VolumeConductor, solve_torso
from cine_mapping.volume_mesh import Body, fill, ventricles
from imn.errors import InputError
from imn.leads import INDEPENDENT_INDEX
from tests.concentric_spheres import sphere
from viewer.anatomy_command import import_files

DESCRIPTIONS = Path(__file__).parent / "anatomies"


@pytest.fixture(scope="module")
def filled(anatomy: Anatomy) -> Myocardium:
    return fill(anatomy)


@pytest.fixture(scope="module")
def shipped() -> Myocardium:
    return load_myocardium("reference")


@pytest.fixture(scope="module")
def torso(anatomy: Anatomy) -> VolumeConductor:
    return solve_torso(anatomy.torso)


def overlap(one: np.ndarray, two: np.ndarray, weights: np.ndarray) -> float:
    """Dice."""
    return float(2 * weights[one & two].sum() / (weights[one].sum() + weights[two].sum()))


def alike(one: np.ndarray, two: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), two.ravel())[0, 1])


def there_and_back(one: Myocardium, two: Myocardium) -> list[float]:
    """Dice of each region after a journey to another heart."""
    kept = []
    for number in range(REGIONS.index("left atrium")):
        mask = one.region == number
        back = transfer(transfer(mask.astype(float), one, two), two, one) > 0.5
        kept.append(overlap(mask, back, one.node_volumes))
    return kept


# ---- points


def test_samples_share_out_the_area_evenly() -> None:
    ball = sphere(30.0, fineness=2)
    samples = sample_surface(ball, np.full(len(ball.points), 2), 2.0)
    assert samples.areas.sum() == pytest.approx(ball.areas.sum())
    assert (samples.surface == 2).all() and samples.areas.max() < 2.0
    chosen = samples.points[even_sheet(samples.points, samples.areas, 6.0)]
    from scipy.spatial import KDTree

    nearest = KDTree(chosen).query(chosen, k=2)[0][:, 1]
    assert nearest.min() > 3.0 and np.quantile(nearest, 0.9) / np.quantile(nearest, 0.1) < 1.4


def test_between_two_sheets_there_is_a_rim() -> None:
    triangle = Mesh(np.array([[0, 0, 0], [9, 0, 0], [0, 9, 0]], np.float32), np.array([[0, 1, 2]], np.int32))
    rim = SURFACES.index("basal rim")
    assert (sample_surface(triangle, np.array([0, 0, 0]), 1.0).surface == 0).all()
    mixed = sample_surface(triangle, np.array([0, 0, 2]), 1.0)
    assert set(mixed.surface.tolist()) == {0, 2, rim}
    height = mixed.points[:, 1] / 9
    assert height[mixed.surface == 0].max() < 1 / 3 + 1e-6
    assert height[mixed.surface == 2].min() > 2 / 3 - 1e-6


def test_the_grid_is_body_centred() -> None:
    from scipy.spatial import KDTree

    grid = body_centred(np.zeros(3), np.full(3, 30.0), 4.0)
    inner = grid[((grid > 6) & (grid < 24)).all(axis=1)]
    reach = KDTree(grid).query(inner, k=9)[0][:, 1:]
    np.testing.assert_allclose(reach, 4.0, rtol=1e-9)


def test_what_a_surface_holds() -> None:
    ball, rng = sphere(20.0, fineness=3), np.random.default_rng(0)
    places = rng.uniform(-22, 22, (4000, 3))
    radius = np.linalg.norm(places, axis=1)
    clear = np.abs(radius - 19.9) > 0.2
    held = Body(ball).holds(places)
    np.testing.assert_array_equal(held[clear], radius[clear] < 20)


# ---- the reference heart filled anew


def test_is_as_large_as_the_surface_and_soundly_shaped(filled: Myocardium, anatomy: Anatomy) -> None:
    wall, _, _ = ventricles(anatomy)
    assert filled.volumes.sum() / 1000 == pytest.approx(volume(wall), rel=0.01)
    assert open_edges(filled.boundary) == 0
    assert filled.boundary.areas.sum() == pytest.approx(wall.areas.sum(), rel=0.03)
    quality = filled.volumes / regular_volumes(filled.points.astype(float), filled.tetrahedra)
    assert quality.min() > 0.02 and np.quantile(quality, 0.01) > 0.05
    assert 4000 < len(filled.points) < 12000


def test_coordinates_are_those_of_the_shipped_one(filled: Myocardium, shipped: Myocardium) -> None:
    from scipy.spatial import KDTree

    distance, near = KDTree(shipped.points).query(filled.points)
    close = distance < 3
    assert close.mean() > 0.95
    for name in ("apicobasal", "transmural"):
        difference = getattr(filled, name)[close] - getattr(shipped, name)[near][close]
        assert np.median(np.abs(difference)) < (0.12 if name == "transmural" else 0.03)
        assert np.abs(np.median(difference)) < 0.03
    turn = np.angle(np.exp(1j * (filled.rotational - shipped.rotational[near])))[close]
    assert np.rad2deg(np.quantile(np.abs(turn[filled.apicobasal[close] > 0.2]), 0.9)) < 12
    assert (filled.ventricle == shipped.ventricle[near])[close].mean() > 0.97
    assert (filled.region == shipped.region[near])[close].mean() > 0.85


def test_surfaces_are_the_anatomys(filled: Myocardium, anatomy: Anatomy) -> None:
    from scipy.spatial import KDTree

    wall, surface, _ = ventricles(anatomy)
    outer = np.flatnonzero(filled.surface != INSIDE)
    distance, near = KDTree(filled.points[outer]).query(wall.points)
    assert np.quantile(distance, 0.99) < 4
    names = {1: "epicardium", 2: "LV endocardium", 3: "RV endocardium", 4: "basal rim"}
    kinds = np.array([SURFACES.index(names[k]) for k in filled.surface[outer][near].tolist()])
    assert (kinds == surface).mean() > 0.95
    assert (filled.apicobasal[filled.surface == BASE] == 1).all()


@dataclass(frozen=True, eq=False)
class FromPlaces:
    """A normal beat whose early sites are places in the torso, not the nodes nearest in coordinates."""

    places: np.ndarray
    times: np.ndarray
    surfaces: np.ndarray

    def changes(self, heart: VirtualHeart, physiology: Physiology) -> Changes:
        nodes, times = [], []
        for place, time, kind in zip(self.places, self.times, self.surfaces, strict=True):
            away = np.linalg.norm(heart.myocardium.points - place, axis=1)
            near = np.flatnonzero((away < 7) & (heart.myocardium.surface == kind))
            nodes.append(near)
            times.append(time + away[near] / physiology.speeds.left_endocardium)
        onsets = Onsets(np.concatenate(nodes), np.concatenate(times))
        return replace(no_changes(heart, physiology), onsets=onsets)


def test_the_ecg_is_that_of_the_shipped_one(
    filled: Myocardium, shipped: Myocardium, torso: VolumeConductor, anatomy: Anatomy
) -> None:
    hearts = [place_heart(heart, torso, anatomy.electrodes) for heart in (filled, shipped)]
    sites = onsets_of(hearts[1], Physiology().sites)
    normal = FromPlaces(shipped.points[sites.nodes], sites.times, shipped.surface[sites.nodes])
    beats = [simulate_beat(heart, normal) for heart in hearts]
    one, two = (beat.leads[list(INDEPENDENT_INDEX)] for beat in beats)
    assert alike(one, two) > 0.98


def test_regions_come_back_from_another_mesh(filled: Myocardium, shipped: Myocardium) -> None:
    assert np.median(there_and_back(shipped, filled)) > 0.8


def test_the_same_comes_out_again(anatomy: Anatomy) -> None:
    one, two = (fill(anatomy, edge=7.0) for _ in range(2))
    np.testing.assert_array_equal(one.points, two.points)
    np.testing.assert_array_equal(one.tetrahedra, two.tetrahedra)


def test_a_wall_without_right_cavity_is_refused(anatomy: Anatomy) -> None:
    epicardium, right = SURFACES.index("epicardium"), SURFACES.index("RV endocardium")
    unlabelled = np.where(anatomy.surface == right, epicardium, anatomy.surface).astype(np.int8)
    with pytest.raises(InputError, match="RV endocardium"):
        fill(replace(anatomy, surface=unlabelled))


def test_settings_are_read_by_name() -> None:
    assert load_setting("reference") is reference_setting()
    assert volume_beside(Path("a/mine.npz")) == Path("a/mine_myocardium.npz")


# ---- human hearts


@pytest.mark.data
@pytest.mark.parametrize(("name", "folder"), [("kit", "kit"), ("hra_male", "hra_male")])
def test_a_human_heart_beats(data_dir: Path, shipped: Myocardium, name: str, folder: str) -> None:
    imported = import_files(DESCRIPTIONS / f"{name}.json", data_dir / "anatomy" / folder).anatomy
    assert imported is not None
    setting = setting_of(imported)
    heart = setting.myocardium
    wall, _, _ = ventricles(imported)
    assert heart.volumes.sum() / 1000 == pytest.approx(volume(wall), rel=0.01)
    assert 4000 < len(heart.points) < 12000
    share = np.bincount(heart.region, heart.node_volumes) / heart.volumes.sum()
    assert share.min() > 0.008 and share.max() < 0.3
    assert np.median(there_and_back(shipped, heart)) > 0.7
    for names in TERRITORIES.values():
        mask = np.isin(shipped.region, [REGIONS.index(region) for region in names])
        arrived = transfer(mask.astype(float), shipped, heart) > 0.5
        own = np.isin(heart.region, [REGIONS.index(region) for region in names])
        assert overlap(arrived, own, heart.node_volumes) > 0.7
    placed = place_heart(heart, solve_torso(setting.torso), setting.electrodes)
    own = fit_physiology([placed], draws=150)
    duration, axis, high, low = qrs_measures(simulate_beat(placed, physiology=own))
    assert unlikeness(simulate_beat(placed, physiology=own)) < 0.5 * unlikeness(simulate_beat(placed))
    assert 75 <= duration <= 112 and -20 <= axis <= 95
    net = (high + low)[6:]
    assert net[0] < 0 < net[4] and net[5] > 0
