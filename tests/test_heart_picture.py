"""The picture of the heart on a toy heart: identities first, then pixels."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from cine_mapping.anatomy import REGIONS
from imn.errors import InputError
from tests.picture_helpers import bump, orange, pixels, purple
from viewer import offscreen, views
from viewer.heart_overlay import Mark
from viewer.heart_picture import Sheet, density, draw_heart
from viewer.outline import mask_outline, region_edges, smooth

# --- views -----------------------------------------------------------------------------------------------

DIRECTIONS = {
    "L": (1, 0, 0),
    "R": (-1, 0, 0),
    "P": (0, 1, 0),
    "A": (0, -1, 0),
    "H": (0, 0, 1),
    "F": (0, 0, -1),
}


@pytest.mark.parametrize("view", (*views.COMPLETE, views.POSTERIOR), ids=lambda v: v.name)
def test_view_is_a_right_handed_frame_and_its_letters_point_where_they_say(view):
    frame = np.vstack([view.axes, view.towards_eye])
    np.testing.assert_allclose(frame @ frame.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(frame) == pytest.approx(1)
    left, right, top, bottom = ([DIRECTIONS[c] for c in letters] for letters in view.letters)
    for named, expected in ((right, frame[0]), (left, -frame[0]), (top, frame[1]), (bottom, -frame[1])):
        assert np.dot(np.sum(named, axis=0), expected) >= np.sqrt(len(named)) * 0.85


def test_view_of_lao_looks_from_the_left_and_rao_from_the_right():
    assert views.LAO_45.towards_eye[0] > 0 > views.RAO_30.towards_eye[0]
    assert all(view.towards_eye[1] < 0 for view in (views.AP, views.LAO_45, views.RAO_30))


# --- outlines --------------------------------------------------------------------------------------------


def test_smoothing_keeps_a_constant_and_the_range(toy):
    np.testing.assert_allclose(smooth(np.full(len(toy.heart.points), 3.0), toy.heart), 3.0)
    smoothed = smooth((toy.heart.points[:, 0] > 0).astype(float), toy.heart)
    assert smoothed.min() >= 0 and smoothed.max() <= 1


def test_outline_of_a_half_runs_where_the_half_ends(toy):
    lines = mask_outline(toy.heart, (toy.heart.points[:, 0] > 0) & toy.ventricles)
    points = np.vstack([line.points for line in lines])
    assert np.abs(points[:, 0]).max() < 3.0
    assert len(points) > 100


def test_no_outline_of_nothing_but_one_of_a_single_vertex(toy):
    assert mask_outline(toy.heart, np.zeros(len(toy.heart.points), bool)) == []
    alone = np.arange(len(toy.heart.points)) == 7
    points = np.vstack([line.points for line in mask_outline(toy.heart, alone)])
    assert np.linalg.norm(points - toy.heart.points[7], axis=1).max() < 8.0


def test_region_edges_lie_between_regions(toy):
    lines = region_edges(toy.heart, toy.region)
    heights = np.array([np.abs(line.points[:, 2]).mean() for line in lines])
    # Two regions meet in one line that both trace: at 15 mm outside, at 15 * 32 / 45 mm inside.
    expected = np.where(np.abs(heights - 15) < 2.5, 15, 15 * 32 / 45)
    np.testing.assert_allclose(heights, expected, atol=1.5)
    assert len(set(expected)) == 2


# --- off-screen probe ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, {"PYVISTA_OFF_SCREEN": "true", "VTK_DEFAULT_OPENGL_WINDOW": "vtkEGLRenderWindow"}),
        ("linux", {"VTK_DEFAULT_OPENGL_WINDOW": "mine"}, {"PYVISTA_OFF_SCREEN": "true"}),
        ("linux", {"DISPLAY": ":0"}, {}),
        ("darwin", {}, {}),
        ("win32", {}, {}),
    ],
)
def test_settings_are_added_on_linux_without_display_only(platform, environment, expected):
    assert offscreen.settings(platform, environment) == expected


@pytest.fixture
def fresh_probe():
    offscreen.rendering_problem.cache_clear()
    yield
    offscreen.rendering_problem.cache_clear()


def test_probe_answers_none_or_one_sentence(fresh_probe):
    answer = offscreen.rendering_problem()
    assert answer is None or answer.endswith(".")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"], "signal 11"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "exit code 3"),
        (["/nowhere/python"], "could not be started"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="signals and packages are those of Linux")
def test_failing_probe_gives_the_reason_and_the_packages_and_is_asked_once(
    command, reason, fresh_probe, monkeypatch, toy, tmp_path
):
    asked = []
    monkeypatch.setattr(offscreen, "probe_command", lambda: asked.append(1) or command)
    answer = offscreen.rendering_problem()
    assert reason in answer and "libegl1" in answer and "libxcursor1" in answer
    with pytest.raises(InputError, match="No picture of the heart"):
        draw_heart(tmp_path / "heart.png", toy, np.zeros(len(toy.heart.points)))
    assert len(asked) == 1 and not list(tmp_path.iterdir())


# --- the heart -------------------------------------------------------------------------------------------


def test_density_times_area_is_the_evidence(toy):
    values = bump(toy, (0, -35, 0))
    np.testing.assert_allclose(density(values, toy) * toy.heart.areas / 100, values, atol=1e-12)


def test_heart_shows_evidence_where_it_is(toy, opengl, tmp_path):
    sheet = Sheet(views=(views.AP, views.POSTERIOR), columns=2)
    draw_heart(tmp_path / "front.png", toy, bump(toy, (0, -35, 0)) - 1e-6, sheet=sheet)
    draw_heart(tmp_path / "back.png", toy, bump(toy, (0, 35, 0)) - 1e-6, sheet=sheet)
    front, back = pixels(tmp_path / "front.png"), pixels(tmp_path / "back.png")
    assert front.shape[1] == 2000
    halves = [
        orange(picture)[:, part].sum()
        for picture in (front, back)
        for part in (slice(0, 890), slice(890, 1780))
    ]
    assert min(halves[0], halves[3]) > 5000 and max(halves[1], halves[2]) < 50


def test_heart_shows_what_supports_and_what_opposes_in_different_colours(toy, opengl, tmp_path):
    values = bump(toy, (40, 0, 0)) - bump(toy, (-40, 0, 0))
    draw_heart(tmp_path / "heart.png", toy, values, sheet=Sheet(views=(views.AP,), columns=1))
    picture = pixels(tmp_path / "heart.png")
    left, right = picture[:, :890], picture[:, 890:1700]
    assert purple(left).sum() > 5000 and orange(right).sum() > 5000
    assert orange(left).sum() < 50 and purple(right).sum() < 50


def test_heart_outlines_a_mark_that_faces_the_eye_only(toy, opengl, tmp_path):
    mask = bump(toy, (0, -35, 0)) > 0.3
    mark = Mark(mask, "marked", colour="#00ff00")
    draw_heart(
        tmp_path / "heart.png",
        toy,
        np.zeros(len(mask)),
        marks=[mark],
        sheet=Sheet(views=(views.AP, views.POSTERIOR), columns=2),
    )
    green = (pixels(tmp_path / "heart.png")[:-150] == (0, 255, 0)).all(axis=-1)
    assert green[:, :890].sum() > 1000 and green[:, 890:].sum() == 0


def test_opening_the_right_ventricle_shows_what_its_wall_hides(toy, opengl, tmp_path):
    """The front half of both shells is called RV: taken away, the back lining comes to light."""
    front = (toy.heart.points[:, 1] < 0) & toy.ventricles
    region = np.where(front, REGIONS.index("RV free wall"), toy.region).astype(np.int8)
    inner = (toy.surface == 0) & (toy.heart.points[:, 1] > 0)
    values = np.where(inner, bump(toy, (0, 24, 0)), 0.0) - 1e-6
    views_of = Sheet(views=(views.RAO_30, views.SEPTUM), columns=2)
    draw_heart(tmp_path / "heart.png", replace(toy, region=region), values, sheet=views_of)
    picture = orange(pixels(tmp_path / "heart.png"))
    assert picture[:, :890].sum() < 50 and picture[:, 890:1780].sum() > 2000


def test_path_shows_through_the_wall(toy, opengl, tmp_path):
    track = np.stack([np.linspace(-20, 20, 9), np.zeros(9), np.zeros(9)], axis=1)
    sheet = Sheet(views=(views.AP,), columns=1)
    draw_heart(tmp_path / "heart.png", toy, np.zeros(len(toy.heart.points)), track=track, sheet=sheet)
    picture = pixels(tmp_path / "heart.png")[:-150, :1700]
    blue = np.argwhere((np.abs(picture - (0x0B, 0x62, 0xA4)) < 8).all(axis=-1))
    rows, columns = np.ptp(blue, axis=0)
    assert columns > 400 and rows < 60


def test_heart_refuses_values_of_another_heart(toy, tmp_path):
    with pytest.raises(InputError, match="one per vertex"):
        draw_heart(tmp_path / "heart.png", toy, np.zeros(5))
