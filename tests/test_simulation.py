"""Simulated recordings: identities of the source, then what a reader of ECGs expects."""

import dataclasses

import numpy as np
import pytest

from cine_mapping.action_potential import potentials
from cine_mapping.activation import Conduction, activation_times, two_rings, ventricular_wall
from cine_mapping.anatomy import Anatomy
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.segments import region_mask
from cine_mapping.simulation import (
    Ischaemia,
    Physiology,
    SimulatedBeat,
    excite,
    simulate,
    simulate_beat,
)
from cine_mapping.source import transfer, wall_tetrahedra
from imn.errors import InputError
from imn.leads import IDENTIFIED, LEADS

ROW = {name: i for i, name in enumerate(LEADS)}


@pytest.fixture(scope="module")
def reference() -> Anatomy:
    return load_anatomy("reference")


@pytest.fixture(scope="module")
def normal(reference: Anatomy) -> SimulatedBeat:
    return simulate_beat(reference)


def _qrs(beat: SimulatedBeat) -> tuple[float, float]:
    """Onset and end where the leads' speed passes 6 % of its highest value, ms."""
    speed = np.linalg.norm(np.gradient(beat.leads, axis=1), axis=0)
    window = (beat.times > -10) & (beat.times < 160)
    busy = beat.times[window][speed[window] > 0.06 * speed[window].max()]
    return busy[0], busy[-1]


def _st(beat: SimulatedBeat) -> dict[str, float]:
    """Elevation 50 ms after the J point, mV."""
    at = np.abs(beat.times - _qrs(beat)[1] - 50).argmin()
    return dict(zip(LEADS, beat.leads[:, at], strict=True))


def _peaks(beat: SimulatedBeat) -> tuple[dict[str, float], dict[str, float]]:
    onset, end = _qrs(beat)
    qrs = beat.leads[:, (beat.times >= onset) & (beat.times <= end)]
    return dict(zip(LEADS, qrs.max(axis=1), strict=True)), dict(zip(LEADS, qrs.min(axis=1), strict=True))


def test_tetrahedra_fill_the_wall(reference: Anatomy) -> None:
    count = int(reference.ventricles.sum())
    points = reference.heart.points[:count].astype(float)
    normals = reference.heart.vertex_normals[:count]
    corners = wall_tetrahedra(points, normals / np.linalg.norm(normals, axis=1, keepdims=True))
    sides = points[corners[:, 1:]] - points[corners[:, :1]]
    filled = np.abs(np.linalg.det(sides)).sum() / 6
    triangles = reference.heart.triangles
    own = (triangles < count).all(axis=1)
    centres = points[triangles[own]].mean(axis=1)
    enclosed = (centres * reference.heart.triangle_normals[own]).sum() / 3
    assert filled == pytest.approx(enclosed, rel=0.02)
    assert len(np.unique(corners)) == count


def test_uniform_potential_gives_no_voltage(reference: Anatomy) -> None:
    operator = transfer(reference)
    assert np.abs(operator.sum(axis=1)).max() < 1e-12 * np.abs(operator).sum(axis=1).max()


def test_isotropic_source_equals_the_double_layer_on_the_surface(reference: Anatomy) -> None:
    # Gauss: with one conductivity the volume source is -sigma * V n . L over the surface.
    keep = reference.ventricles
    points = reference.heart.points[keep].astype(float)
    flux = np.einsum(
        "lvi,vi->lv", reference.lead_vectors[:, keep].astype(float), reference.heart.vertex_normals[keep]
    )
    volume = transfer(reference, along=0.1, through=0.1)
    middle = points.mean(axis=0)
    for field in (points @ [0.3, 0.2, 0.5], np.sin((points - middle) @ [0.03, -0.02, 0.04])):
        double_layer = -0.1e-3 * flux @ (field - field.mean())
        difference = volume @ field - double_layer
        assert np.linalg.norm(difference) < 0.1 * np.linalg.norm(double_layer)


def test_leads_are_linear_in_the_source_and_obey_einthoven(reference: Anatomy) -> None:
    operator = transfer(reference)
    np.testing.assert_allclose(IDENTIFIED @ operator, operator, atol=1e-6 * np.abs(operator).max())
    doubled = transfer(reference, along=0.2, through=0.1)
    np.testing.assert_allclose(doubled, 2 * transfer(reference, along=0.1, through=0.05))


def test_record_obeys_einthoven_and_says_that_it_is_simulated(reference: Anatomy) -> None:
    record = simulate(reference, ischaemia="LAD", seconds=3).record
    signal = record.signal.astype(float)
    np.testing.assert_allclose(signal[ROW["II"]] - signal[ROW["I"]], signal[ROW["III"]], atol=1e-6)
    np.testing.assert_allclose(signal[3:6].sum(axis=0), 0, atol=1e-6)
    assert record.signal.shape == (12, 1500)
    assert "simulated" in record.source and "LAD" in record.source


def test_same_seed_same_recording(reference: Anatomy) -> None:
    first, again, other = (simulate(reference, seconds=3, seed=seed).record.signal for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("rate", [50, 100])
def test_heart_rate_is_the_one_asked_for(reference: Anatomy, rate: float) -> None:
    from scipy.signal import find_peaks

    record = simulate(reference, heart_rate=rate, fs=250).record
    speed = np.linalg.norm(np.gradient(record.signal[6:], axis=1), axis=0)
    beats, _ = find_peaks(speed, height=0.4 * speed.max(), distance=round(0.3 * 250))
    assert 60 * 250 / np.diff(beats).mean() == pytest.approx(rate, rel=0.05)


def test_impossible_requests_are_refused(reference: Anatomy) -> None:
    with pytest.raises(InputError, match="heart_rate"):
        simulate(reference, heart_rate=400)
    with pytest.raises(InputError, match="territory"):
        simulate(reference, ischaemia="left lung")
    with pytest.raises(InputError, match="2 s"):
        simulate(reference, seconds=1)


def test_excitation_spreads_at_the_speeds_given(reference: Anatomy) -> None:
    wall = ventricular_wall(reference)
    times = activation_times(wall, Conduction())
    assert times.min() == 0
    slowest, fastest = Conduction().through, Conduction().endocardial
    assert (np.abs(np.diff(times[wall.edges], axis=1))[:, 0] <= wall.lengths / slowest + 1e-9).all()
    slower = dataclasses.replace(
        Conduction(), endocardial=fastest / 2, along=Conduction().along / 2, through=Conduction().through / 2,
        sites=Conduction().sites[:1],
    )  # fmt: skip
    once = activation_times(wall, dataclasses.replace(Conduction(), sites=Conduction().sites[:1]))
    np.testing.assert_allclose(activation_times(wall, slower), 2 * once, rtol=1e-9)


def test_cells_rest_and_recover(reference: Anatomy) -> None:
    wall = ventricular_wall(reference)
    cells = excite(wall, np.zeros(len(wall.surface)), Physiology(), Ischaemia())
    levels = potentials(cells, np.array([-50.0, cells.activation.max() + 20, 900.0]))
    np.testing.assert_allclose(levels[:, [0, 2]], -85, atol=0.5)
    assert levels[:, 1].min() > 0


def test_ischaemic_cells_rest_higher_and_fire_lower_later_and_shorter(reference: Anatomy) -> None:
    wall = ventricular_wall(reference)
    sick, well = (excite(wall, np.full(len(wall.surface), s), Physiology(), Ischaemia()) for s in (1.0, 0.0))
    injury = Ischaemia()
    np.testing.assert_allclose(sick.rest - well.rest, injury.rest)
    np.testing.assert_allclose(sick.amplitude - well.amplitude, injury.amplitude)
    assert (sick.activation >= well.activation).all()
    assert (sick.duration < well.duration).all()
    assert (sick.rest + sick.amplitude < well.rest + well.amplitude).all()


def test_two_rings_measure_a_flat_sheet_well() -> None:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra
    from scipy.spatial import Delaunay

    points = np.random.default_rng(2).uniform(0, 60, size=(700, 2))
    edges = two_rings(Delaunay(points).simplices, len(points))
    lengths = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    graph = coo_array((lengths, edges.T), shape=(700, 700)).tocsr()
    start = int(np.linalg.norm(points - 30, axis=1).argmin())
    straight = np.linalg.norm(points - points[start], axis=1)
    far = straight > 15
    assert (dijkstra(graph, directed=False, indices=start)[far] / straight[far]).mean() < 1.03


def test_normal_beat_reads_as_normal(normal: SimulatedBeat) -> None:
    onset, end = _qrs(normal)
    high, low = _peaks(normal)
    assert 75 <= end - onset <= 105
    area = normal.leads[:, (normal.times >= onset) & (normal.times <= end)].sum(axis=1)
    axis = np.rad2deg(np.arctan2(2 / np.sqrt(3) * area[ROW["aVF"]], area[ROW["I"]]))
    assert 20 <= axis <= 70
    assert 0.05 < high["V1"] < -low["V1"]
    ratios = [high[name] > -low[name] for name in ("V1", "V2", "V3", "V4", "V5", "V6")]
    assert not ratios[0] and ratios[3:] == [True] * 3
    assert high["aVR"] < -low["aVR"]
    assert all(0.3 < high[name] < 2.5 for name in ("I", "II", "V5", "V6"))
    assert all(max(high[name], -low[name]) < 3 for name in LEADS)


def test_normal_repolarisation(normal: SimulatedBeat) -> None:
    st = _st(normal)
    assert max(abs(st[name]) for name in LEADS) < 0.1
    after = (normal.times > _qrs(normal)[1] + 100) & (normal.times < 480)
    waves = normal.leads[:, after]
    t = dict(zip(LEADS, waves[np.arange(12), np.abs(waves).argmax(axis=1)], strict=True))
    assert all(t[name] > 0.1 for name in ("I", "II", "V4", "V5", "V6"))
    assert t["aVR"] < 0
    assert abs(normal.leads[:, -20:]).max() < 0.05


def test_p_wave_is_upright_in_ii_and_ends_before_the_qrs(normal: SimulatedBeat) -> None:
    before = (normal.times > -200) & (normal.times < -50)
    p = normal.leads[:, before]
    assert 0.07 < p[ROW["II"]].max() < 0.25
    assert p[ROW["aVR"]].min() < -0.05
    quiet = (normal.times > -35) & (normal.times < -12)
    assert np.abs(normal.leads[:, quiet]).max() < 0.03


@pytest.mark.parametrize(
    ("territory", "up", "down"),
    [
        ("LAD", ("V2", "V3", "V4"), ("III", "aVF")),
        ("RCA", ("III", "aVF"), ("aVL", "V2", "V3")),
        ("LCX", ("V5", "V6"), ("V1", "V2", "V3")),
    ],
)
def test_st_segment_moves_as_the_territory_says(
    reference: Anatomy, normal: SimulatedBeat, territory: str, up: tuple[str, ...], down: tuple[str, ...]
) -> None:
    st = _st(simulate_beat(reference, (territory,)))
    assert all(st[name] > 0.1 for name in up), st
    assert all(st[name] < -0.05 for name in down), st
    if territory == "LAD":
        assert max(st, key=lambda name: st[name]) in {"V2", "V3", "V4"}
    if territory == "RCA":
        assert st["III"] > st["II"] > 0


@pytest.mark.parametrize("asked", ["RCA", ("apex",), ("mid anterior", "apical anterior")])
def test_truth_is_the_region_asked_for(reference: Anatomy, asked: str | tuple[str, ...]) -> None:
    result = simulate(reference, ischaemia=asked, seconds=2)
    np.testing.assert_array_equal(result.truth, region_mask(reference, asked))
    assert np.isnan(result.activation[~reference.ventricles]).all()
    assert np.isfinite(result.activation[reference.ventricles]).all()


def test_normal_has_no_truth_and_ischaemia_slows(reference: Anatomy, normal: SimulatedBeat) -> None:
    assert not normal.truth.any()
    sick = simulate_beat(reference, ("LCX",))
    inside = sick.truth
    assert (sick.activation[inside] - normal.activation[inside]).mean() > 5
