"""The forward model: excitation against closed forms, conditions against truth, leads against textbooks."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay
from scipy.special import expit

from cine_mapping.anatomy import Mesh
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.forward.beat import excite, normal_activation, simulate_beat
from cine_mapping.forward.conditions import (
    LAFB,
    LBBB,
    LPFB,
    RBBB,
    Block,
    Condition,
    Ectopy,
    Hypertrophy,
    Infarct,
    Ischaemia,
    Normal,
    Preexcitation,
)
from cine_mapping.forward.eikonal import (
    NETWORK_TO,
    ExcitationGraph,
    Onsets,
    Speeds,
    activation_times,
    distance_from,
    plan_excitation,
)
from cine_mapping.forward.heart import VirtualHeart, place_heart, reference_heart
from cine_mapping.forward.physiology import EARLY_SITES, Physiology
from cine_mapping.forward.potentials import (
    DECAY_MS,
    DECAY_POWER,
    CellCourse,
    DurationGradients,
    durations,
    lead_voltages,
    transmembrane_potential,
)
from cine_mapping.forward.regions import (
    LAD,
    LCX,
    RCA,
    RCA_WITH_RV,
    Ellipsoid,
    Segments,
    av_ring,
    draw_ellipsoid,
    soft_edge,
)
from cine_mapping.myocardium import INSIDE, LV_ENDOCARDIUM, Myocardium, signed_volumes
from cine_mapping.volume_conductor import solve_torso
from imn.errors import InputError
from imn.leads import INDEPENDENT, LEADS
from tests.twelve_lead_measures import Reading

EVEN = Speeds(along=0.5, across=0.5, left_endocardium=0.5, right_endocardium=0.5)
UNIFORM = DurationGradients(compensation=0, epicardial=0, apical=0, right=0, septal=0)


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


@pytest.fixture(scope="module")
def muscle() -> Myocardium:
    return slab()


@pytest.fixture(scope="module")
def graph(muscle: Myocardium) -> ExcitationGraph:
    return plan_excitation(muscle)


@pytest.fixture(scope="module")
def heart() -> VirtualHeart:
    return reference_heart()


def start_at(*nodes: int) -> Onsets:
    return Onsets(np.array(nodes), np.zeros(len(nodes)))


def middle(muscle: Myocardium) -> int:
    points = muscle.points
    return int(np.linalg.norm(points - (points.min(axis=0) + points.max(axis=0)) / 2, axis=1).argmin())


# ---- excitation


def test_even_muscle_is_excited_in_spheres(muscle: Myocardium, graph: ExcitationGraph) -> None:
    centre = middle(muscle)
    distance = np.linalg.norm(muscle.points - muscle.points[centre], axis=1)
    found = activation_times(graph, EVEN, start_at(centre))
    far = distance > 10
    ratio = found[far] * 0.5 / distance[far]
    assert found[centre] == 0
    assert ratio.min() > 1 - 1e-5
    assert ratio.mean() < 1.03
    assert np.percentile(ratio, 95) < 1.04


@pytest.mark.parametrize("fibre", [(1, 0, 0), (0.6, 0.8, 0)])
def test_fibres_make_spheres_ellipsoids(fibre: tuple[float, float, float]) -> None:
    muscle = slab(fibre)
    centre = middle(muscle)
    way = (muscle.points - muscle.points[centre]).astype(float)
    along = way @ np.array(fibre)
    across = np.sqrt(((way - along[:, None] * fibre) ** 2).sum(axis=1))
    exact = np.hypot(along / 0.6, across / 0.3)
    speeds = Speeds(along=0.6, across=0.3, left_endocardium=1e-3)
    found = activation_times(plan_excitation(muscle), speeds, start_at(centre))
    far = exact > 20
    assert (found[far] / exact[far]).min() > 1 - 1e-5
    # Straight steps to two rings of neighbours find fewer directions where space is stretched by two.
    assert (found[far] / exact[far]).mean() < 1.04
    assert np.percentile(found[far] / exact[far], 95) < 1.09


def test_the_endocardium_is_a_fast_road(muscle: Myocardium, graph: ExcitationGraph) -> None:
    floor = np.flatnonzero(muscle.surface == LV_ENDOCARDIUM)
    corner = int(floor[np.linalg.norm(muscle.points[floor], axis=1).argmin()])
    distance = np.linalg.norm(muscle.points - muscle.points[corner], axis=1)
    fast = activation_times(graph, dataclasses.replace(EVEN, left_endocardium=2.0), start_at(corner))
    far = floor[distance[floor] > 15]
    assert (fast[far] * 2.0 / distance[far]).mean() == pytest.approx(1.01, abs=0.02)
    slow = activation_times(graph, EVEN, start_at(corner))
    assert (fast <= slow + 1e-9).all()
    assert (fast[distance > 30] < 0.7 * slow[distance > 30]).all()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 4374), min_size=2, max_size=5, unique=True), st.floats(-30, 30))
def test_sites_together_are_the_earliest_of_each_alone(
    graph: ExcitationGraph, nodes: list[int], delay: float
) -> None:
    times = np.zeros(len(nodes))
    times[-1] = delay
    alone = [
        activation_times(graph, Speeds(), Onsets(np.array([n]), np.array([t])))
        for n, t in zip(nodes, times, strict=True)
    ]
    together = activation_times(graph, Speeds(), Onsets(np.array(nodes), times))
    fewer = activation_times(graph, Speeds(), Onsets(np.array(nodes[:-1]), times[:-1]))
    np.testing.assert_allclose(together, np.min(alone, axis=0), atol=1e-9)
    assert (together <= fewer + 1e-9).all()


def test_speed_scales_and_blocks_stop(muscle: Myocardium, graph: ExcitationGraph) -> None:
    centre, x = middle(muscle), muscle.points[:, 0]
    found = activation_times(graph, Speeds(), start_at(centre))
    half = activation_times(graph, Speeds(), start_at(centre), factor=np.full(graph.nodes, 0.5))
    np.testing.assert_allclose(half, 2 * found)
    beside = x < x[centre] - 12
    wall = beside & (x > x[centre] - 20)
    stopped = activation_times(graph, Speeds(), start_at(centre), blocked=wall)
    np.testing.assert_array_equal(np.isinf(stopped), beside)
    gap = wall & (muscle.points[:, 1] > 15)
    around = activation_times(graph, Speeds(), start_at(centre), blocked=gap)
    assert np.isfinite(around[beside & ~gap]).all()
    assert (around[~gap] >= found[~gap] - 1e-9).all()
    assert (around[beside & ~wall] > found[beside & ~wall] + 1).any()


def test_excitation_refuses_what_cannot_be(graph: ExcitationGraph) -> None:
    with pytest.raises(InputError, match="at least one place"):
        activation_times(graph, EVEN, start_at(5), blocked=np.arange(graph.nodes) == 5)
    with pytest.raises(InputError, match="positive factors"):
        activation_times(graph, EVEN, start_at(5), factor=np.zeros(graph.nodes))


def test_the_base_has_no_fast_road(muscle: Myocardium) -> None:
    high = dataclasses.replace(muscle, apicobasal=np.ones_like(muscle.apicobasal))
    assert (plan_excitation(high).layer == 0).all()


# ---- action potentials


def test_potentials_follow_the_formula() -> None:
    rng = np.random.default_rng(0)
    n, times = 40, np.arange(-20, 600, 1.7)
    course = CellCourse(
        activation=rng.uniform(0, 150, n),
        duration=rng.uniform(180, 320, n),
        rest=np.full(n, -85.0),
        amplitude=rng.uniform(40, 100, n),
        upstroke=rng.uniform(1.5, 4, n),
    )
    since = times - course.activation[:, None]
    left = course.duration[:, None] - since
    up, left_over = expit(since / course.upstroke[:, None]), np.ones((n, len(times)))
    for tau in DECAY_MS:
        left_over *= expit(left / tau) ** DECAY_POWER
    height = course.amplitude[:, None]
    found = transmembrane_potential(course, times)
    np.testing.assert_allclose(found, height * (up + left_over - 1), atol=1e-9)
    # The published product, but for what the plateau has lost before the upstroke is over.
    np.testing.assert_allclose(found, height * up * left_over, atol=2.0)


def test_leads_are_summed_over_nodes_that_rise_or_fall_together() -> None:
    rng = np.random.default_rng(0)
    n, times = 200, np.arange(-20, 600, 2.0)
    one, transfer = np.ones(n), rng.normal(size=(3, n))
    start = np.where(np.arange(n) % 7 == 0, np.inf, rng.uniform(0, 150, n))
    for upstroke in (1.6 * one, rng.uniform(1.5, 4, n)):
        course = CellCourse(start, rng.uniform(180, 320, n), -85 * one, 100 * one, upstroke)
        exact = transfer @ transmembrane_potential(course, times)
        found = lead_voltages(transfer, course, times)
        assert np.linalg.norm(found - exact) < 0.005 * np.linalg.norm(exact)
    dead = CellCourse(np.inf * one, 200 * one, -85 * one, 100 * one, one)
    assert (lead_voltages(transfer, dead, times) == 0).all()


def test_a_cell_that_is_not_excited_rests() -> None:
    one = np.ones(2)
    course = CellCourse(np.array([0.0, np.inf]), 250 * one, -85 * one, 100 * one, 1.6 * one)
    height = transmembrane_potential(course, np.arange(0, 300, 2.0))
    assert height[0].max() > 95
    assert (height[1] == 0).all()


def test_cells_excited_late_recover_in_less_time(heart: VirtualHeart) -> None:
    activation = normal_activation(heart, Physiology())
    np.testing.assert_array_equal(durations(heart.myocardium, activation, UNIFORM), UNIFORM.mean)
    only = dataclasses.replace(UNIFORM, compensation=0.5)
    assert np.corrcoef(activation, durations(heart.myocardium, activation, only))[0, 1] == pytest.approx(-1)


# ---- from potentials to leads


def test_leads_are_linear_and_blind_to_a_constant(heart: VirtualHeart) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, heart.graph.nodes, 3))
    both = heart.transfer @ (2 * a - 3 * b)
    np.testing.assert_allclose(both, 2 * heart.transfer @ a - 3 * heart.transfer @ b, atol=1e-12)
    assert np.abs(heart.transfer @ np.full(heart.graph.nodes, 100.0)).max() < 1e-10
    assert heart.transfer_with(np.ones(heart.graph.nodes)) is heart.transfer


def test_the_beat_is_the_transfer_matrix_times_the_potential(heart: VirtualHeart) -> None:
    beat = simulate_beat(heart, LBBB)
    course = excite(heart, LBBB.changes(heart, Physiology()), Physiology())
    exact = heart.transfer @ transmembrane_potential(course, beat.times)
    np.testing.assert_allclose(beat.leads, exact, atol=2e-3 * np.abs(exact).max())
    assert np.abs(beat.leads[:, [0, -1]]).max() < 5e-3
    np.testing.assert_allclose(beat.leads[2], beat.leads[1] - beat.leads[0], atol=1e-5)


def test_a_scar_gives_no_current_and_conductivity_scales_it(heart: VirtualHeart) -> None:
    core = LAD.nodes(heart.myocardium, heart.graph)
    scarred = heart.transfer_with(np.where(core, 0.0, 1.0))
    assert np.abs(scarred[:, core]).max() < 1e-12 * np.abs(scarred).max()
    assert np.abs(scarred.sum(axis=1)).max() < 1e-12
    np.testing.assert_allclose(heart.transfer_with(np.full(len(core), 1.6)), 1.6 * heart.transfer, atol=1e-15)
    with pytest.raises(InputError, match="infarct smaller"):
        heart.transfer_with(np.zeros(len(core)))


def test_moving_heart_and_torso_together_changes_nothing(heart: VirtualHeart) -> None:
    anatomy, way = load_anatomy("reference"), np.array([30.0, -10.0, 200.0], np.float32)
    torso = solve_torso(Mesh(anatomy.torso.points + way, anatomy.torso.triangles))
    muscle = dataclasses.replace(heart.myocardium, points=heart.myocardium.points + way)
    moved = place_heart(muscle, torso, anatomy.electrodes + way)
    scale = np.abs(heart.transfer).max()
    np.testing.assert_allclose(moved.transfer, heart.transfer, atol=1e-3 * scale)
    nearer = dataclasses.replace(muscle, points=muscle.points + np.array([0, -8, 0], np.float32))
    near = place_heart(nearer, torso, anatomy.electrodes + way)
    assert np.ptp(simulate_beat(near).leads[7]) > 1.05 * np.ptp(simulate_beat(heart).leads[7])


# ---- conditions and their truth


def test_normal_has_no_truth_and_starts_at_its_sites(heart: VirtualHeart) -> None:
    beat = simulate_beat(heart)
    assert not beat.truth.any()
    assert np.isfinite(beat.activation).all()
    assert beat.activation.min() == 0
    np.testing.assert_array_equal(beat.activation, normal_activation(heart, Physiology()))
    np.testing.assert_array_equal(beat.leads, simulate_beat(heart, Normal()).leads)


@pytest.mark.parametrize(
    "region", [LAD, Segments(("mid inferior",), transmurality=0.5), Ellipsoid(100, (20.0, 15.0), 30.0)]
)
def test_ischaemia_is_true_where_cells_have_changed_most(
    heart: VirtualHeart, region: Segments | Ellipsoid
) -> None:
    change = Ischaemia(region).changes(heart, Physiology())
    beat = simulate_beat(heart, Ischaemia(region))
    np.testing.assert_array_equal(beat.truth, region.nodes(heart.myocardium, heart.graph))
    np.testing.assert_array_equal(beat.truth, change.rest > Ischaemia(region).rest / 2)
    far = distance_from(heart.graph, np.flatnonzero(beat.truth), limit=50) > 8
    for values, normal in ((change.rest, 0), (change.amplitude, 0), (change.duration, 1), (change.speed, 1)):
        assert (values[far] == normal).all()
        assert (values[beat.truth] != normal).all()


def test_an_infarct_is_true_where_nothing_is_excited_or_conducts(heart: VirtualHeart) -> None:
    condition = Infarct(Segments(("RCA",), share=0.7))
    change = condition.changes(heart, Physiology())
    beat = simulate_beat(heart, condition)
    np.testing.assert_array_equal(beat.truth, change.conductivity == 0)
    np.testing.assert_array_equal(beat.truth, change.blocked)
    assert np.isinf(beat.activation[beat.truth]).all()
    assert np.isinf(beat.activation).sum() < beat.truth.sum() + 20
    # Nothing flows between dead and living cells: no injury current between beats.
    assert max(abs(v) for v in Reading(beat)["ST"].values()) < 0.05


@pytest.mark.parametrize(("block", "ventricle"), [(LBBB, 0), (RBBB, 1)])
def test_the_blocked_side_is_late(heart: VirtualHeart, block: Block, ventricle: int) -> None:
    beat = simulate_beat(heart, block)
    delay = beat.activation - normal_activation(heart, Physiology())
    side = heart.myocardium.ventricle == ventricle
    assert (delay >= -1e-9).all()
    np.testing.assert_array_equal(beat.truth, delay > 25)
    # Near the septum the blocked side is soon reached from the other.
    assert np.percentile(delay[side], 75) > 25
    assert np.median(delay[~side]) < np.median(delay[side]) / 2
    assert beat.truth[side].mean() > 3 * beat.truth[~side].mean()


@pytest.mark.parametrize("block", [LAFB, LPFB])
def test_a_fascicle_makes_its_own_wall_late(heart: VirtualHeart, block: Block) -> None:
    beat = simulate_beat(heart, block)
    anterior = np.sin(heart.myocardium.rotational[beat.truth]).mean()
    assert 0.05 < beat.truth.mean() < 0.4
    assert anterior > 0.3 if block is LAFB else anterior < -0.3


def test_ectopic_and_accessory_sites_are_first_and_true(heart: VirtualHeart) -> None:
    ring = av_ring(heart.myocardium)
    assert set(np.unique(heart.myocardium.ventricle[ring])) == {0, 1}
    for node, condition, first in (
        (1234, Ectopy(1234), 0.0),
        (ring[3], Preexcitation(int(ring[3]), early=30.0), -30.0),
    ):
        beat = simulate_beat(heart, condition)
        assert beat.activation.argmin() == node
        assert beat.activation.min() == pytest.approx(first)
        reach = np.linalg.norm(heart.myocardium.points - heart.myocardium.points[node], axis=1)
        assert beat.truth[node]
        assert reach[beat.truth].max() <= 20.0
    assert np.abs(beat.leads[:, beat.times <= 0]).max() > 0.05
    early = simulate_beat(heart, Preexcitation(int(ring[3])))
    assert (early.activation <= normal_activation(heart, Physiology()) + 1e-9).all()


def test_hypertrophy_is_its_ventricle_and_raises_voltage(heart: VirtualHeart) -> None:
    thick, normal = (Reading(simulate_beat(heart, c)) for c in (Hypertrophy(), Normal()))
    np.testing.assert_array_equal(thick.beat.truth, heart.myocardium.ventricle == 0)
    sokolow = [r["R"]["V5"] - r["S"]["V1"] for r in (thick, normal)]
    assert sokolow[0] > 1.3 * sokolow[1]


def test_conditions_refuse_what_the_heart_does_not_have(heart: VirtualHeart) -> None:
    for condition, words in (
        (Ectopy(10**6), "expected a node"),
        (Ischaemia(Segments(("left leg",))), "coronary territory"),
        (Ischaemia(Segments(("LAD",), transmurality=80)), "per cent"),
        (Infarct(Ellipsoid(-1, (10.0, 10.0))), "centre"),
        (Block(tuple(site.name for site in EARLY_SITES)), "not all"),
        (Block(("left leg",)), "early sites"),
    ):
        with pytest.raises(InputError, match=words):
            simulate_beat(heart, condition)


# ---- regions


def test_shares_and_depths_do_what_they_say(heart: VirtualHeart) -> None:
    muscle, graph = heart.myocardium, heart.graph
    volume = muscle.node_volumes
    whole = Segments(("LCX",)).nodes(muscle, graph)
    half = Segments(("LCX",), share=0.5).nodes(muscle, graph)
    assert not (half & ~whole).any()
    assert volume[half].sum() == pytest.approx(0.5 * volume[whole].sum(), rel=0.02)
    inner = Segments(("LCX",), transmurality=0.5).nodes(muscle, graph)
    np.testing.assert_array_equal(inner, whole & (muscle.transmural <= 0.5 + 1e-6))
    strip = LAD.nodes(muscle, graph) & ~Segments(("LAD",)).nodes(muscle, graph)
    assert strip.any()
    assert (muscle.ventricle[strip] == 1).all()
    assert (Segments(("RV",)).nodes(muscle, graph) == (muscle.ventricle == 1)).all()


def test_ellipsoids_are_drawn_by_seed_and_stay_together(heart: VirtualHeart) -> None:
    muscle, graph = heart.myocardium, heart.graph
    drawn = [draw_ellipsoid(muscle, np.random.default_rng(7)) for _ in range(2)]
    assert drawn[0] == drawn[1]
    rng = np.random.default_rng(0)
    for region in (draw_ellipsoid(muscle, rng) for _ in range(10)):
        inside = region.nodes(muscle, graph)
        reach = np.linalg.norm(muscle.points[inside] - muscle.points[region.centre], axis=1)
        assert inside.any()
        assert reach.max() <= max(region.semi_axes)
        assert (muscle.transmural[inside] <= region.transmurality + 1e-6).all()
    first, second = (simulate_beat(heart, Infarct(drawn[k])) for k in (0, 1))
    np.testing.assert_array_equal(first.leads, second.leads)


def test_soft_edges_pass_a_half_at_the_border(heart: VirtualHeart) -> None:
    inside = RCA.nodes(heart.myocardium, heart.graph)
    severity = soft_edge(heart.myocardium, inside, 10.0)
    np.testing.assert_array_equal(severity > 0.5, inside)
    assert severity.min() == 0
    assert severity.max() == 1


# ---- realism on the reference heart


def read(heart: VirtualHeart, condition: Condition | None = None) -> Reading:
    return Reading(simulate_beat(heart, condition))


def test_a_normal_beat_looks_normal(heart: VirtualHeart) -> None:
    normal = read(heart)
    r, s, t = normal["R"], normal["S"], normal["T"]
    assert 75 <= normal.duration <= 110
    assert -30 <= normal.axis <= 100
    assert r["V1"] < -s["V1"]
    assert normal["first"]["V1"] > 0
    assert r["V1"] < r["V2"] < r["V3"] < r["V4"]
    ratios = [r[v] / (r[v] - s[v]) for v in ("V3", "V4", "V5")]
    assert ratios == sorted(ratios)
    assert ratios[0] < 0.65 < ratios[1]
    assert r["V5"] > -s["V5"]
    assert r["V6"] > -s["V6"]
    assert all(abs(level) < 0.05 for level in normal["ST"].values())
    assert all(t[lead] > 0.05 for lead in INDEPENDENT)
    assert t["aVR"] < 0


def test_even_durations_turn_the_t_wave_round(heart: VirtualHeart) -> None:
    even = Reading(simulate_beat(heart, physiology=Physiology(gradients=UNIFORM)))
    qrs = np.array([even["area"][lead] for lead in LEADS])
    t = np.array([even["T"][lead] for lead in LEADS])
    clear = np.abs(qrs) > 5
    assert clear.sum() >= 6
    assert (np.sign(qrs[clear]) == -np.sign(t[clear])).all()


def test_bundle_branch_blocks_look_the_part(heart: VirtualHeart) -> None:
    left, right = read(heart, LBBB), read(heart, RBBB)
    assert left.duration > 120
    assert left["area"]["V1"] < 0
    assert left["R"]["V1"] < 0.4 < -left["S"]["V1"]
    for lead in ("I", "V6"):
        assert left["area"][lead] > 0
        assert -left["S"][lead] < 0.1 * left["R"][lead]
        assert left["T"][lead] < 0 < left["T"]["V1"]
    assert right.duration > 110
    assert right["last"]["V1"] > 0.2
    assert right["last"]["I"] < 0
    assert right["last"]["V6"] < 0
    assert right["T"]["V1"] < 0


def test_fascicular_blocks_turn_the_axis(heart: VirtualHeart) -> None:
    normal = read(heart).axis
    assert read(heart, LAFB).axis < normal - 40
    assert read(heart, LPFB).axis > normal


def test_ischaemia_raises_st_over_its_wall(heart: VirtualHeart) -> None:
    anterior, inferior, lateral = (read(heart, Ischaemia(region))["ST"] for region in (LAD, RCA, LCX))
    assert min(anterior[lead] for lead in ("V2", "V3", "V4")) > 0.2
    assert max(anterior[lead] for lead in ("II", "III", "aVF")) < 0.05
    assert inferior["III"] > inferior["II"] > 0.1
    assert inferior["aVF"] > 0.1
    assert inferior["aVL"] < -0.05
    assert min(lateral["V6"], lateral["aVL"]) > 0.1
    assert max(lateral["V2"], lateral["V3"]) < -0.05
    with_right = read(heart, Ischaemia(RCA_WITH_RV))["ST"]
    assert with_right["V1"] > inferior["V1"] + 0.1


def test_pacing_the_right_apex_gives_a_wide_beat_with_superior_axis(heart: VirtualHeart) -> None:
    muscle = heart.myocardium
    right = np.flatnonzero((muscle.ventricle == 1) & (muscle.transmural == 0))
    paced = read(heart, Ectopy(int(right[muscle.apicobasal[right].argmin()])))
    assert paced.duration > 115
    assert -100 < paced.axis < -20
    assert paced["area"]["V1"] < 0
