"""Distances between regions of a heart: identities, great circles, the way through the wall."""

import numpy as np
import pytest
from numpy.typing import NDArray

from annotations.distances import distance_to, plan_heart_ways, plan_ways, region_distance
from cine_mapping.anatomy import SURFACES, Mesh
from cine_mapping.anatomy_io import load_anatomy
from imn.errors import InputError
from tests.unit_sphere import sphere

RADIUS = 40.0
BALL = Mesh(sphere(4).points * np.float32(RADIUS), sphere(4).triangles)
POINTS, AREAS = BALL.points.astype(float), BALL.areas
WAYS = plan_ways(BALL)


def cap(direction: tuple[float, float, float], degrees: float) -> NDArray[np.bool_]:
    towards = np.array(direction) / np.linalg.norm(direction)
    return POINTS @ towards / RADIUS > np.cos(np.radians(degrees))


def at(direction: tuple[float, float, float]) -> NDArray[np.bool_]:
    return np.arange(len(POINTS)) == np.argmax(POINTS @ np.array(direction))


def test_shortest_ways_follow_great_circles():
    found = distance_to(WAYS, at((1, 0, 0)))
    true = RADIUS * np.arccos(np.clip(POINTS[:, 0] / RADIUS, -1, 1))
    assert found[at((1, 0, 0))] == 0
    far = true > 10
    ratio = found[far] / true[far]
    assert ratio.min() > 0.985
    assert ratio.max() < 1.015
    assert abs(ratio.mean() - 1) < 0.005


def test_a_region_is_no_distance_from_itself():
    one = cap((1, 1, 0), 30)
    same = region_distance(WAYS, one, one, areas=AREAS)
    assert same is not None
    assert (same.hausdorff, same.hausdorff_95, same.centre) == (0, 0, 0)


def test_distances_are_symmetric_and_ordered():
    a, b = cap((1, 0, 0), 30), cap((1, 1, 0), 20)
    there, back = region_distance(WAYS, a, b, areas=AREAS), region_distance(WAYS, b, a, areas=AREAS)
    assert there is not None
    assert back is not None
    assert there.hausdorff == pytest.approx(back.hausdorff)
    assert there.hausdorff_95 == pytest.approx(back.hausdorff_95)
    assert there.centre == pytest.approx(back.centre)
    assert there.hausdorff_95 <= there.hausdorff


def test_caps_lie_as_far_apart_as_angles_say():
    """Farthest point of a 30 degree cap from a 20 degree cap 60 degrees away: 60 + 30 - 20."""
    found = region_distance(WAYS, cap((1, 0, 0), 30), cap((0.5, np.sqrt(0.75), 0), 20), areas=AREAS)
    assert found is not None
    assert found.hausdorff == pytest.approx(RADIUS * np.radians(70), rel=0.05)
    assert found.centre == pytest.approx(RADIUS * np.radians(60), rel=0.05)


def test_one_stray_vertex_moves_hausdorff_but_not_its_percentile():
    one = cap((1, 0, 0), 40)
    stray = one | at((-1, 0, 0))
    found = region_distance(WAYS, stray, one, areas=AREAS)
    assert found is not None
    assert found.hausdorff == pytest.approx(RADIUS * np.radians(140), rel=0.05)
    assert found.hausdorff_95 == 0


def test_scaling_the_heart_scales_the_distances_and_areas_do_not():
    a, b = cap((1, 0, 0), 30), cap((0, 1, 0), 20)
    one = region_distance(WAYS, a, b, areas=AREAS)
    double = plan_ways(Mesh(BALL.points * np.float32(2), BALL.triangles))
    twice = region_distance(double, a, b, areas=AREAS * 4)
    assert one is not None
    assert twice is not None
    assert (twice.hausdorff, twice.centre) == pytest.approx((2 * one.hausdorff, 2 * one.centre), rel=1e-5)


def test_empty_and_unconnected_regions_have_no_distance():
    a, nothing = cap((1, 0, 0), 30), np.zeros(len(POINTS), bool)
    assert region_distance(WAYS, a, nothing, areas=AREAS) is None
    assert region_distance(WAYS, nothing, nothing, areas=AREAS) is None
    assert np.isinf(distance_to(WAYS, nothing)).all()
    unscored = np.where(a, 0.0, AREAS)
    assert region_distance(WAYS, a, ~a, areas=unscored) is None
    both = Mesh(np.concatenate([BALL.points, BALL.points + 500]), np.concatenate([BALL.triangles] * 2))
    both.triangles[len(BALL.triangles) :] += len(POINTS)
    left, right = np.append(a, nothing), np.append(nothing, a)
    assert region_distance(plan_ways(both), left, right, areas=both.areas) is None


def test_shapes_are_checked():
    with pytest.raises(InputError, match="areas must have shape"):
        region_distance(WAYS, AREAS > 0, AREAS > 0, areas=AREAS[1:])
    with pytest.raises(InputError, match="a must be a bool mask"):
        region_distance(WAYS, AREAS, AREAS > 0, areas=AREAS)


def test_the_way_through_the_wall_is_as_long_as_the_wall_is_thick():
    anatomy = load_anatomy("reference")
    inner = anatomy.surface == SURFACES.index("LV endocardium")
    outer = anatomy.surface == SURFACES.index("epicardium")
    apical = inner & (anatomy.region == 16)
    through = distance_to(plan_heart_ways(anatomy), outer)[apical]
    around = distance_to(plan_ways(anatomy.heart), outer)[apical]
    assert through.min() > 2
    assert through.max() < 20
    assert around.min() > 40


def test_the_reference_heart_is_in_one_piece_below_the_atria():
    anatomy = load_anatomy("reference")
    start = np.arange(len(anatomy.region)) == int(np.flatnonzero(anatomy.ventricles)[0])
    assert np.isfinite(distance_to(plan_heart_ways(anatomy), start)[anatomy.ventricles]).all()
