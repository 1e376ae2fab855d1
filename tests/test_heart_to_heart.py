"""Values carried from heart to heart by the coordinates of the wall."""

import dataclasses

import numpy as np
import pytest

from cine_mapping.anatomy import AHA_SEGMENTS, RV_REGIONS
from cine_mapping.heart_to_heart import plan_transfer, transfer
from cine_mapping.myocardium import Myocardium
from imn.errors import InputError
from tests.prolate_shell import Shell, another_heart, make_shell, shell_heart, wrapped


@pytest.fixture(scope="module")
def shell() -> Shell:
    return make_shell()


@pytest.fixture(scope="module")
def other(wall: Myocardium) -> Myocardium:
    return another_heart(wall)


def wave(heart: Myocardium) -> np.ndarray:
    """Smooth in coordinates, and single-valued at the apex."""
    height = heart.apicobasal.astype(float)
    return np.sin(3 * height) + height * np.cos(heart.rotational - 3.0) + heart.transmural


@pytest.fixture(scope="module")
def pair(shell: Shell) -> tuple[Myocardium, Myocardium]:
    """The same wall twice, other in size and in mesh."""
    return shell_heart(shell, "fine"), shell_heart(make_shell(35.0, (3, 13, 27)), "coarse")


class TestTransfer:
    def test_onto_itself_is_the_identity(self, wall):
        values = np.random.default_rng(0).normal(size=(len(wall.points), 2))
        for conserve in (False, True):
            np.testing.assert_allclose(transfer(values, wall, wall, conserve=conserve), values)

    def test_round_trip_between_shells_of_other_size_and_mesh(self, pair):
        fine, coarse = pair
        there = transfer(wave(fine), fine, coarse)
        assert np.abs(there - wave(coarse)).max() < 0.3
        assert np.sqrt(np.mean((there - wave(coarse)) ** 2)) < 0.1
        back = transfer(there, coarse, fine)
        assert np.sqrt(np.mean((back - wave(fine)) ** 2)) < 0.15

    def test_angle_is_on_a_circle(self, pair):
        fine, coarse = pair
        angle = np.mod(coarse.rotational + 0.1 + np.pi, 2 * np.pi) - np.pi
        coarse = dataclasses.replace(coarse, rotational=angle.astype(np.float32))
        away = coarse.apicobasal > 0.2
        apart = fine.rotational[plan_transfer(fine, coarse).indices] - coarse.rotational
        assert np.abs(apart)[away].max() > 6
        assert wrapped(apart)[away].max() < 0.3

    def test_a_constant_stays(self, pair):
        assert (transfer(np.full(len(pair[0].points), 2.5), *pair) == 2.5).all()

    @pytest.mark.parametrize("backwards", [False, True])
    def test_conserving_keeps_totals_and_place(self, pair, backwards):
        source, target = pair[::-1] if backwards else pair
        amounts = source.node_volumes * np.exp(-((wave(source) - 1) ** 2))
        moved = transfer(amounts, source, target, conserve=True)
        assert moved.sum() == pytest.approx(amounts.sum(), rel=1e-12)
        assert (moved >= 0).all()
        one = np.zeros(len(source.points))
        one[len(one) // 2] = 1.0
        assert transfer(one, source, target, conserve=True).sum() == pytest.approx(1.0)
        for field in ("apicobasal", "transmural"):
            middles = [
                (values * getattr(heart, field)).sum() / values.sum()
                for values, heart in ((amounts, source), (moved, target))
            ]
            assert middles[0] == pytest.approx(middles[1], abs=0.06)  # a third of a layer

    def test_segments_arrive_in_another_heart_and_come_back(self, wall, other):
        for region in range(len(AHA_SEGMENTS + RV_REGIONS)):
            mask = (wall.region == region).astype(float)
            there = transfer(mask, wall, other)
            assert dice(there, other.region == region, other.node_volumes) > 0.7
            assert dice(transfer(there, other, wall), mask, wall.node_volumes) > 0.8

    def test_a_missing_ventricle_is_refused(self, wall, pair):
        with pytest.raises(InputError, match="right ventricular free wall"):
            transfer(wave(pair[0]), pair[0], wall)
        with pytest.raises(InputError, match="right ventricular free wall"):
            transfer(wave(wall), wall, pair[0], conserve=True)

    def test_values_of_another_mesh_are_refused(self, pair):
        with pytest.raises(InputError, match="each of the"):
            transfer(np.zeros(3), *pair)


def dice(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> float:
    return 2 * (a * b * weight).sum() / ((a + b) * weight).sum()
