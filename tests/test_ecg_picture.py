"""The recording on paper, the median beat and the bull's-eye."""

from itertools import product

import numpy as np
import pytest
from PIL import Image

from cine_mapping.anatomy import REGIONS
from imn.errors import InputError
from imn.leads import LEADS
from tests.picture_helpers import PX_PER_MM, orange, pixels, purple
from viewer.beat_picture import draw_beat, fiducial_marks
from viewer.bullseye import WEDGES, draw_bullseye
from viewer.ecg_layouts import LAYOUTS
from viewer.ecg_paper import binned
from viewer.ecg_picture import EcgSheet, draw_ecg, stretches

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
