"""Every format that the viewer offers to take away opens again."""

import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imn.errors import InputError
from viewer import heart_picture, movie, report_files, take_away
from viewer.seen import best_view, camera_of
from viewer.shared import demo_reading

VIEW = {
    "mode": "instant",
    "t_ms": 20.0,
    "camera": {"position": [300.0, -700.0, 120.0], "target": [20.0, -20.0, 10.0], "up": [0.0, 0.0, 1.0]},
}
pytestmark = pytest.mark.usefixtures("opengl")


@pytest.fixture(scope="module")
def reading():
    return demo_reading()


@pytest.fixture
def analysis(reading):
    return reading.analysis("MI")


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(heart_picture, "DPI", 40)
    monkeypatch.setattr(movie, "SIZE", (240, 180))
    monkeypatch.setattr(movie, "FRAMES", 4)
    monkeypatch.setattr(movie.moments, "__defaults__", (4,))
    monkeypatch.setattr(report_files, "DPI", 60)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_pictures_for_print(reading, analysis, small, kind):
    content = take_away.print_picture(analysis, reading.anatomy, VIEW, kind)
    if kind == "svg":
        assert content.startswith(b"<?xml")
        assert b"</svg>" in content
        assert b"http" not in content.split(b"<metadata>")[0].replace(b"http://www.w3.org", b"")
    else:
        picture = np.asarray(Image.open(BytesIO(content)).convert("RGB"))
        assert picture.std() > 10


@pytest.mark.parametrize("kind", movie.KINDS)
def test_movies_of_a_beat(reading, analysis, small, kind, tmp_path):
    content = movie.movie(analysis, reading.anatomy, VIEW, kind)
    if kind == "mp4":
        ffmpeg = pytest.importorskip("imageio_ffmpeg")
        path = tmp_path / "beat.mp4"
        path.write_bytes(content)
        assert ffmpeg.count_frames_and_secs(str(path))[0] == 4
        return
    with Image.open(BytesIO(content)) as shown:
        assert shown.n_frames == 4
        frames = []
        for i in range(4):
            shown.seek(i)
            frames.append(np.asarray(shown.convert("RGB")).astype(int))
    assert all((np.abs(a - b) > 8).any() for a, b in zip(frames, frames[1:], strict=False))


def test_an_unknown_movie_is_refused(reading, analysis):
    with pytest.raises(InputError, match="gif, webp, mp4"):
        movie.movie(analysis, reading.anatomy, VIEW, "avi")


def test_the_scale_of_a_movie_fits_all_its_moments(reading, analysis):
    times = movie.moments(analysis, 5)
    paint = movie.common_paint(analysis, reading.anatomy, VIEW, times)
    assert paint.signed
    assert paint.limits[0] == -paint.limits[1]
    fixed = movie.common_paint(analysis, reading.anatomy, {**VIEW, "range": 0.5}, times)
    assert fixed.limits == (-0.5, 0.5)


def test_gltf_is_complete(reading, analysis):
    held = json.loads(take_away.gltf(analysis, reading.anatomy, VIEW))
    assert held["asset"]["version"] == "2.0"
    assert all(buffer["uri"].startswith("data:") for buffer in held["buffers"])


@pytest.mark.parametrize(("kind", "magic"), [("html", b"<!doctype html>"), ("pdf", b"%PDF-")])
def test_reports(reading, analysis, small, kind, magic):
    content = report_files.report(analysis, reading.anatomy, kind)
    assert content.lower().startswith(magic.lower())
    assert kind == "pdf" or b"Research use only" in content
    assert kind == "html" or content.rstrip().endswith(b"%%EOF")


def test_the_camera_of_a_view_is_checked(reading):
    assert camera_of(VIEW, reading.anatomy).position == (300.0, -700.0, 120.0)
    for wrong in ({"position": [0, 0, 0]}, {"position": [1, 2], "target": [0, 0, 0], "up": [0, 0, 1]}):
        with pytest.raises(InputError, match="expected a camera"):
            camera_of({"camera": wrong}, reading.anatomy)


def test_the_first_view_is_that_of_most_evidence(reading, analysis):
    anatomy = reading.anatomy
    assert (
        best_view(anatomy, analysis.average.supporting).name == "Inferior"
    )  # the infarct of the demonstration
    assert best_view(anatomy, np.zeros(len(anatomy.heart.points))).name == "AP"
    left = np.where(anatomy.heart.points[:, 0] > 50, 1.0, 0.0)
    assert best_view(anatomy, left).name in ("Left lateral", "LAO 45°")


def test_looking_from_the_front_has_the_patients_right_at_the_left(reading):
    seen = take_away.looking({}, reading.anatomy)
    assert seen.letters == ("R", "L", "H", "F")
    assert seen.towards_eye == pytest.approx((0, -1, 0), abs=1e-9)
