"""Pictures, report and exports on a toy heart: identities first, then pixels."""

import base64
import io
import re
import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from PIL import Image

from cine_mapping.anatomy import ELECTRODES, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.beat import Beat, Evidence, Fiducials
from cine_mapping.heart_map import HeartMap
from imn.errors import InputError
from imn.explanation import Explanation
from imn.files import replacing
from imn.leads import LEADS
from viewer import offscreen, views
from viewer.beat_picture import draw_beat, fiducial_marks
from viewer.bullseye import WEDGES, draw_bullseye
from viewer.ecg_layouts import LAYOUTS
from viewer.ecg_paper import binned
from viewer.ecg_picture import EcgSheet, draw_ecg, stretches
from viewer.exports import write_evidence, write_vtp
from viewer.heart_overlay import Mark
from viewer.heart_picture import Sheet, density, draw_heart
from viewer.outline import mask_outline, region_edges, smooth
from viewer.report import sentence, write_report

PX_PER_MM = 200 / 25.4


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def orange(picture):
    red, green, blue = np.moveaxis(picture, -1, 0)
    return (red > 150) & (red - blue > 90) & (red - green > 30)


def purple(picture):
    red, green, blue = np.moveaxis(picture, -1, 0)
    return (blue - green > 40) & (red - green > 10)


@pytest.fixture(scope="module")
def toy():
    """Ventricle of two ellipsoids around the origin, an atrium above, twelve arbitrary lead vectors."""
    import pyvista

    ball = pyvista.Icosphere(nsub=4)
    points, triangles = np.asarray(ball.points), np.asarray(ball.regular_faces)
    n = len(points)
    outer, inner = points * (40, 35, 45), points * (28, 24, 32)
    atrium = points * 18 + (0, 10, 58)
    region = np.digitize(outer[:, 2], (-15, 15)) * 6
    return Anatomy(
        name="toy",
        heart=Mesh(
            np.vstack([outer, inner, atrium]).astype(np.float32),
            np.vstack([triangles, triangles[:, ::-1] + n, triangles + 2 * n]).astype(np.int32),
        ),
        surface=np.repeat([SURFACES.index("epicardium"), 0, SURFACES.index("left atrium")], n).astype(
            np.int8
        ),
        region=np.concatenate([region, region, np.full(n, REGIONS.index("left atrium"))]).astype(np.int8),
        vessels=Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)),
        torso=Mesh(points.astype(np.float32) * 200, triangles.astype(np.int32)),
        electrodes=np.zeros((len(ELECTRODES), 3), np.float32),
        lead_vectors=np.ones((12, 3 * n, 3), np.float32),
        origin="two ellipsoids and a ball",
    )


@pytest.fixture(scope="module")
def opengl():
    """Skip where this machine cannot draw."""
    offscreen.rendering_problem.cache_clear()
    problem = offscreen.rendering_problem()
    if problem:
        pytest.skip(problem)


def bump(anatomy, centre, width=12.0):
    distance = np.linalg.norm(anatomy.heart.points - np.array(centre), axis=1)
    return np.exp(-0.5 * (distance / width) ** 2)


# --- views -----------------------------------------------------------------------------------------------

DIRECTIONS = {
    "L": (1, 0, 0),
    "R": (-1, 0, 0),
    "P": (0, 1, 0),
    "A": (0, -1, 0),
    "H": (0, 0, 1),
    "F": (0, 0, -1),
}


@pytest.mark.parametrize("view", (*views.STANDARD, views.LEFT_LATERAL, views.POSTERIOR), ids=lambda v: v.name)
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


# --- the recording ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_layout_holds_every_lead_once_and_leaves_no_place_empty(layout):
    assert sorted(lead for _, _, lead in layout.places) == sorted(LEADS)
    rows = layout.rows - len(layout.rhythm)
    assert sorted((row, column) for row, column, _ in layout.places) == list(
        product(range(rows), range(layout.columns))
    )


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_columns_follow_each_other_in_time(layout):
    parts = stretches(layout, 10.0)
    for row in range(layout.rows):
        spans = sorted((part.start_s, part.end_s) for part in parts if part.row == row)
        assert spans[0][0] == 0 and spans[-1][1] == pytest.approx(10.0)
        assert all(a[1] == pytest.approx(b[0]) for a, b in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize("fs", [50.0, 100.0, 360.0, 500.0, 1000.0])
def test_bins_keep_the_sum_at_any_rate(fs):
    evidence = np.random.default_rng(0).normal(size=(12, int(4 * fs)))
    bins = binned(evidence, fs)
    assert bins.shape == (12, 400)
    np.testing.assert_allclose(bins.sum(axis=1), evidence.sum(axis=1))


def test_bins_do_not_depend_on_the_rate():
    coarse = np.random.default_rng(0).normal(size=(12, 300))
    np.testing.assert_allclose(binned(np.repeat(coarse / 5, 5, axis=1), 500.0), binned(coarse, 100.0))


def trace_row(path, column):
    """Row of the darkest pixel of the first strip at a column."""
    return int(pixels(path)[260:420, column].sum(axis=1).argmin())


def test_print_scale_is_ten_mm_per_mv_and_25_mm_per_s(tmp_path):
    heights = []
    for level in (0.0, -0.5):
        draw_ecg(tmp_path / "ecg.png", np.full((12, 1000), level), fs=100.0, sheet=EcgSheet(layout="3x4+1"))
        heights.append(trace_row(tmp_path / "ecg.png", 600))
    assert heights[1] - heights[0] == pytest.approx(5 * PX_PER_MM, abs=1.5)
    with Image.open(tmp_path / "ecg.png") as image:
        assert image.info["dpi"][0] == pytest.approx(200, abs=0.1)
    widths = []
    for seconds in (4, 8):
        draw_ecg(tmp_path / "ecg.png", np.zeros((12, 100 * seconds)), fs=100.0)
        widths.append(pixels(tmp_path / "ecg.png").shape[1])
    assert widths[1] - widths[0] == pytest.approx(100 * PX_PER_MM, abs=1.5)


def test_shading_appears_where_the_evidence_is(tmp_path):
    signal, evidence = np.zeros((12, 1000)), np.zeros((12, 1000))
    evidence[LEADS.index("V2"), 300:350], evidence[LEADS.index("V5"), 700:750] = 0.02, -0.02
    sheet = EcgSheet(label="AMI", layout="12x1")
    draw_ecg(tmp_path / "ecg.png", signal, fs=100.0, evidence=evidence, sheet=sheet)
    paper = pixels(tmp_path / "ecg.png")[:-150]
    seconds = [
        ((np.flatnonzero(hue(paper).any(axis=0)) / PX_PER_MM) - 17.0) / 25.0 for hue in (orange, purple)
    ]
    assert seconds[0].min() == pytest.approx(3.0, abs=0.02) and seconds[0].max() == pytest.approx(
        3.5, abs=0.02
    )
    assert seconds[1].min() == pytest.approx(7.0, abs=0.02) and seconds[1].max() == pytest.approx(
        7.5, abs=0.02
    )
    draw_ecg(tmp_path / "bare.png", signal, fs=100.0, sheet=sheet)
    bare = pixels(tmp_path / "bare.png")
    assert not orange(bare).any() and not purple(bare).any()


def test_long_recordings_are_cut_at_ten_seconds(tmp_path):
    signal = np.random.default_rng(0).normal(scale=0.1, size=(12, 3000))
    draw_ecg(tmp_path / "long.png", signal, fs=100.0)
    draw_ecg(tmp_path / "short.png", signal[:, :1000], fs=100.0)
    long, short = pixels(tmp_path / "long.png"), pixels(tmp_path / "short.png")
    assert long.shape == short.shape
    foot = round(17 * PX_PER_MM)
    inside = np.s_[: -foot - 2, : round(266 * PX_PER_MM)]  # the very last sample joins what follows it
    np.testing.assert_array_equal(long[inside], short[inside])
    assert (long[-foot:] != short[-foot:]).any()  # and the foot says so


@pytest.mark.parametrize(
    ("signal", "evidence", "layout"),
    [((8, 500), None, "3x4+1"), ((12, 500), (12, 499), "3x4+1"), ((12, 500), None, "4x3")],
)
def test_ecg_refuses_what_does_not_fit(signal, evidence, layout, tmp_path):
    given = None if evidence is None else np.zeros(evidence)
    with pytest.raises(InputError):
        draw_ecg(
            tmp_path / "ecg.png", np.zeros(signal), fs=100.0, evidence=given, sheet=EcgSheet(layout=layout)
        )
    assert not list(tmp_path.iterdir())


@pytest.fixture
def beat():
    signal = np.zeros((12, 80), np.float32)
    signal[:, 28:32] = 0.5
    peaks = np.array([100, 200, 300])
    return Beat(
        fs=100.0, signal=signal, r_peak=30, fiducials=Fiducials(26, 36, 56, 64), r_peaks=peaks,
        kept=np.ones(3, bool), phase=np.arange(400, dtype=np.int32) % 80,
    )  # fmt: skip


def test_beat_marks_only_the_fiducials_that_are_there(beat, tmp_path):
    assert [name for name, _ in fiducial_marks(beat.fiducials)] == ["QRS", "J", "T", "end"]
    evidence = np.zeros((12, 80))
    evidence[0, 40:50] = 0.01
    draw_beat(tmp_path / "with.png", beat, evidence=evidence, label="AMI")
    draw_beat(tmp_path / "without.png", beat)
    assert orange(pixels(tmp_path / "with.png")).sum() > 1000
    assert not orange(pixels(tmp_path / "without.png")).any()


# --- bull's-eye ------------------------------------------------------------------------------------------


def test_bullseye_holds_every_ventricular_region_once_and_fills_the_disc():
    assert sorted(wedge.region for wedge in WEDGES) == sorted(REGIONS[:20])
    disc = sum(
        (w.outer**2 - w.inner**2) * (w.stop - w.start) / 360 for w in WEDGES if not w.region.startswith("RV")
    )
    assert disc == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("region", "row", "column"),
    [
        ("basal anterior", 0.235, 0.495),
        ("mid inferior", 0.76, 0.53),
        ("apical lateral", 0.54, 0.61),
        ("apex", 0.58, 0.50),
    ],
)
def test_bullseye_colours_the_region_that_holds_the_share(region, row, column, tmp_path):
    draw_bullseye(tmp_path / "eye.png", {name: float(name == region) for name in REGIONS})
    picture = pixels(tmp_path / "eye.png")[:, :1000]
    yellow = (picture[..., 0] > 230) & (picture[..., 2] < 90)
    centre = np.argwhere(yellow).mean(axis=0) / (1000, 1200)
    np.testing.assert_allclose(centre, (row, column), atol=0.05)


def test_bullseye_refuses_missing_regions(tmp_path):
    with pytest.raises(InputError, match="apex"):
        draw_bullseye(tmp_path / "eye.png", {"basal anterior": 1.0})


# --- report ----------------------------------------------------------------------------------------------


def places(first):
    rest = (1 - first) / (len(REGIONS) - 1)
    return {
        "regions": [
            {"name": name, "share": share, "density": share * len(REGIONS)}
            for i, name in enumerate(REGIONS)
            for share in [first if i == 0 else rest]
        ],
        "territories": {"LAD": 0.7, "RCA": 0.1, "LCX": 0.15, "RV": 0.05},
    }


@pytest.fixture
def summary():
    return {
        "record": "rec<script>alert(1)</script>", "fs": 500.0, "model": "m & m", "target": "AMI",
        "predictions": [
            {"label": "AMI", "probability": 0.93, "logit": 2.61, "bias": -0.41, "evidence": 3.02},
            {"label": "NORM", "probability": 0.02, "logit": -3.9, "bias": 0.3, "evidence": -4.2},
        ],
        "completeness_error": 2.3e-7, "conservation_error": 8e-13, **places(0.5),
        "modalities": {name: places(0.3) for name in ("leads", "vcg", "path")},
        "quality": ["P wave <absent>"], "dice": None, "baselines": {}, "scores": [],
        "files": {"heart.png": "heart.png"}, "seconds": {"predict": 0.3}, "versions": {"numpy": "2"},
        "research_use": "Research use only. Not a medical device.",
    }  # fmt: skip


@pytest.fixture
def written(tmp_path, summary):
    def write(pictures=None, **changes):
        write_report(
            tmp_path / "report.html", {**summary, **changes}, pictures or {}, no_pictures="No <GL> here."
        )
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return write


def test_report_is_one_file_that_asks_for_nothing(written, tmp_path):
    for name in ("heart", "ecg", "beat", "bullseye"):
        Image.new("RGB", (40, 30), "orange").save(tmp_path / f"{name}.png")
    html = written({name: tmp_path / f"{name}.png" for name in ("heart", "ecg", "beat", "bullseye")})
    sources = re.findall(r'\b(?:src|href|srcset|data|action)\s*=\s*"([^"]*)"', html)
    assert len(sources) == 4 and all(source.startswith("data:image/webp;base64,") for source in sources)
    assert not re.search(r"https?:|url\(|@import|<script|<link|<iframe", html)
    with Image.open(io.BytesIO(base64.b64decode(sources[0].split(",")[1]))) as image:
        assert image.size == (40, 30)
    assert "Research use only. Not a medical device." in html and "No &lt;GL&gt;" not in html


def test_report_escapes_every_text_and_works_without_pictures(written):
    html = written()
    assert "<script" not in html and "rec&lt;script&gt;" in html
    assert "P wave &lt;absent&gt;" in html and "m &amp; m" in html and "No &lt;GL&gt; here." in html
    assert "<img" not in html and "prefers-color-scheme: dark" in html
    assert "Agreement" not in html


@pytest.mark.parametrize(
    ("provenance", "said"),
    [
        ("simulated", "known from the simulation"),
        ("expert", "marked by an expert"),
        ("derived", "not marked by a person"),
    ],
)
def test_report_says_where_the_annotation_comes_from(provenance, said, written):
    mesh = {
        "dice": 0.71,
        "fraction": 0.11,
        "all_positive": 0.2,
        "iou": 0.55,
        "precision": 0.7,
        "recall": 0.72,
    }
    score = {
        "rater": "<r>", "provenance": provenance, "label": "AMI", "regions": ["mid anterior"],
        "dice": 0.71, "mesh": mesh, "leads": {**mesh, "dice": 0.456},
        "baselines": {"signal energy": 0.31, "permuted leads": 0.28},
    }  # fmt: skip
    html = written(scores=[score])
    assert said in html and ("expert" in html) == (provenance == "expert")
    for number in ("0.710", "0.200", "0.310", "0.280", "11.0\u00a0%", "IoU 0.550", "0.456", "&lt;r&gt;"):
        assert number in html


def test_sentence_names_probability_and_places(summary):
    assert "0.930" in sentence(summary) and "basal anterior (11.0\u00a0\u00d7 an even spread)" in sentence(
        summary
    )
    silent = {**summary, "regions": [{"name": name, "share": 0.0, "density": 0.0} for name in REGIONS]}
    assert "No evidence" in sentence(silent)


# --- exports ---------------------------------------------------------------------------------------------


@pytest.fixture
def heart_map(toy):
    rng = np.random.default_rng(0)
    basis = rng.random((len(toy.heart.points), 3))
    return HeartMap("AMI", "leads", basis / basis.sum(axis=0), rng.random((3, 80)), -rng.random((3, 80)))


def test_vtp_comes_back_as_it_went(toy, heart_map, tmp_path):
    import pyvista

    mask = toy.region == 6
    write_vtp(
        tmp_path / "heart.vtp", toy, {"leads": heart_map}, masks={"annotation": mask}, provenance="simulated"
    )
    data = pyvista.read(tmp_path / "heart.vtp")
    np.testing.assert_array_equal(data.points, toy.heart.points)
    np.testing.assert_array_equal(data.regular_faces, toy.heart.triangles)
    np.testing.assert_allclose(data["leads supporting"], heart_map.supporting, rtol=1e-6)
    np.testing.assert_allclose(data["leads opposing"], heart_map.opposing, rtol=1e-6)
    np.testing.assert_array_equal(data["annotation"].astype(bool), mask)
    np.testing.assert_array_equal(data["region"], toy.region)
    assert list(data.field_data["label"]) == ["AMI"] and list(data.field_data["provenance"]) == ["simulated"]
    assert list(data.field_data["region names"]) == list(REGIONS)
    total = data["leads supporting"].sum(dtype=float) + data["leads opposing"].sum(dtype=float)
    assert total == pytest.approx(heart_map.total, rel=1e-5, abs=1e-4)


def test_vtp_refuses_maps_and_names_that_do_not_fit(toy, heart_map, tmp_path):
    with pytest.raises(InputError, match="one per vertex"):
        write_vtp(tmp_path / "heart.vtp", toy, {}, masks={"annotation": np.zeros(4, bool)})
    with pytest.raises(InputError, match=r"\.vtp"):
        write_vtp(tmp_path / "heart.vtk", toy, {"leads": heart_map})
    assert not list(tmp_path.iterdir())


def test_evidence_file_adds_up_to_the_logit_without_pickle(heart_map, beat, tmp_path):
    rng = np.random.default_rng(0)
    weights, signal = rng.normal(size=(1, 12, 400)), rng.normal(size=(12, 400))
    logits = (weights * signal).sum(axis=(1, 2)) + 0.5
    explanation = Explanation("r", 100.0, "m", ("AMI",), logits, np.array([0.5]), weights, signal)
    folded = Evidence("AMI", rng.normal(size=(12, 80)), rng.normal(size=(3, 80)))
    write_evidence(tmp_path / "evidence.npz", explanation, beat, folded, {"leads": heart_map})
    with np.load(tmp_path / "evidence.npz", allow_pickle=False) as kept:
        assert kept["evidence"].sum() + kept["bias"] == pytest.approx(float(kept["logit"]))
        assert list(kept["leads"]) == list(LEADS) and kept["label"] == "AMI"
        values = kept["leads_basis"] @ (kept["leads_positive"] + kept["leads_negative"])
        np.testing.assert_allclose(values, heart_map.values, atol=1e-7)


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(RuntimeError), replacing(tmp_path / "a.txt") as draft:
        draft.write_text("half")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"] and (tmp_path / "a.txt").read_text() == "old"
