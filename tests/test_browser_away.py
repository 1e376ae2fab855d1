"""Every file that the viewer gives away, asked for with its button in a real browser and opened again."""

import csv
import json
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, PdfParser

from viewer.browser_probe import FIRST, Watch, serving, wait_for_view

pytestmark = pytest.mark.usefixtures("opengl")
SIZE = {"width": 1600, "height": 900}
PATIENCE_MS = 180_000
ASKED = {
    "mode": "instant",
    "t_ms": 24.0,
    "map": "vcg",
    "sign": "for",
    "isolines": True,
    "camera": {"position": [300.0, -700.0, 120.0], "target": [20.0, -20.0, 10.0], "up": [0.0, 0.0, 1.0]},
}
"""What the files show; nothing of it is how the page begins."""
PICTURES = ("Picture, PNG", "Movie, GIF", "Movie, WebP", "Heart as PNG", "Leads as PNG")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("away")
    with serving(["--store", str(folder / "store.sqlite")], folder) as served:
        yield served


@pytest.fixture(scope="module")
def page(browser, server, watch):
    """A page that shows what was asked, with everything to take away in sight."""
    opened = visited(browser, server.url, watch)
    opened.evaluate(f"(view) => ({FIRST}).setView(view)", ASKED)
    opened.locator(".st-key-below").get_by_text("Take away").click()
    opened.get_by_role("button", name="Report, PDF").wait_for()
    opened.wait_for_timeout(1500)  # the server is told of a view once it rests
    yield opened
    opened.context.close()


@pytest.fixture
def taken(page, tmp_path):
    """Click the button of a file; give the file."""

    def take(title: str) -> Path:
        button = page.get_by_role("button", name=title, exact=True).first
        with page.expect_download(timeout=PATIENCE_MS) as waiting:
            button.click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    return take


def visited(browser, url, watch, *, offline=False):
    page = browser.new_context(viewport=SIZE, accept_downloads=True, offline=offline).new_page()
    watch.attach(page)
    page.goto(url)
    if url.startswith("http"):
        wait_for_view(page)
    return page


def restored(page):
    """Wait for the view that was asked; the camera within what a file keeps of it."""
    page.wait_for_function(f"() => ({FIRST}).getView().map === '{ASKED['map']}'")
    found = page.evaluate(f"() => ({FIRST}).getView()")
    assert {name: found[name] for name in ASKED if name != "camera"} == {
        name: value for name, value in ASKED.items() if name != "camera"
    }
    for name, point in ASKED["camera"].items():
        assert found["camera"][name] == pytest.approx(point, abs=0.05)


@pytest.mark.parametrize("title", PICTURES)
def test_pictures_open_and_are_not_empty(page, taken, title):
    if title.endswith("as PNG"):
        open_section(page, "Take away")
    path = taken(title)
    with Image.open(path) as picture:
        assert np.asarray(picture.convert("RGB")).std() > 5
        if title.startswith("Movie"):
            assert getattr(picture, "n_frames", 1) == 60
            first = np.asarray(picture.convert("RGB")).astype(int)
            picture.seek(30)
            assert (np.abs(np.asarray(picture.convert("RGB")) - first).max(axis=2) > 8).mean() > 0.001
        elif title.startswith("Picture"):
            assert min(picture.size) > 1000  # for print


def open_section(page, words):
    """Open a panel at the right, if it is shut."""
    made = page.locator("details.ecg-section", has=page.get_by_text(words, exact=True)).first
    if made.get_attribute("open") is None:
        made.locator("summary").click()


def test_svg_is_a_drawing_that_a_browser_shows(taken, browser):
    path = taken("Picture, SVG")
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    width, height, watch = shown_alone(browser, path)
    assert width > 200
    assert height > 200
    assert (watch.errors, watch.external) == ([], [])


def shown_alone(browser, path):
    """Show a file in the browser without a network; give the size of what it shows and what it did."""
    watch = Watch()
    page = visited(browser, path.as_uri(), watch, offline=True)
    box = page.evaluate("() => document.documentElement.getBoundingClientRect()")
    page.context.close()
    return box["width"], box["height"], watch


@pytest.mark.skipif(find_spec("imageio_ffmpeg") is None, reason="the extra movie is not installed")
def test_mp4_holds_every_frame(taken):
    import imageio_ffmpeg  # pyright: ignore[reportMissingImports]

    frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(taken("Movie, MP4")))
    assert frames == 60
    assert seconds == pytest.approx(3.0, abs=0.1)


def test_the_mesh_holds_what_is_seen(taken):
    import pyvista

    held = pyvista.read(taken("Maps, VTP"))
    assert np.ptp(held.point_data["seen"]) > 0
    assert held.n_points > 1000


def test_gltf_has_everything_inside(taken):
    held = json.loads(taken("Heart, glTF").read_bytes())
    assert held["asset"]["version"] == "2.0"
    assert all(buffer["uri"].startswith("data:") for buffer in held["buffers"])


def test_the_page_that_needs_no_network_shows_the_same_view(taken, browser):
    path, watch = taken("Page that needs no network"), Watch()
    assert path.stat().st_size < 5_000_000
    alone = visited(browser, path.as_uri(), watch, offline=True)
    alone.wait_for_function("() => globalThis.ecglocusView?.stats?.frames > 0", timeout=60_000)
    found = alone.evaluate("() => globalThis.ecglocusView.getView()")
    assert {name: found[name] for name in ("t_ms", "map")} == {name: ASKED[name] for name in ("t_ms", "map")}
    assert (watch.errors, watch.external) == ([], [])
    alone.context.close()


def test_the_report_opens_without_a_network(taken, browser):
    path, watch = taken("Report, HTML"), Watch()
    report = visited(browser, path.as_uri(), watch, offline=True)
    assert report.get_by_text("Research use only").count()
    assert report.evaluate("() => [...document.images].every((x) => x.complete && x.naturalWidth > 100)")
    assert report.evaluate("() => document.images.length") >= 3
    assert (watch.errors, watch.external) == ([], [])
    report.context.close()


def test_the_report_for_print_has_its_pages(taken):
    with PdfParser.PdfParser(str(taken("Report, PDF"))) as held:
        assert len(held.pages) >= 4
        assert str(held.info.Title).endswith("evidence for MI")


def test_the_table_of_regions_adds_up(taken):
    with taken("Save as CSV").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["region"] for row in rows}) == len(rows) >= 17
    assert {row["map"] for row in rows} == {ASKED["map"]}
    assert sum(float(row["share_for"]) for row in rows) == pytest.approx(1.0, abs=0.01)


def test_a_saved_view_is_restored_where_it_is_sent(taken, browser, server, watch):
    path = taken("This view, JSON")
    assert json.loads(path.read_text())["map"] == ASKED["map"]
    other = visited(browser, server.url, watch)
    other.get_by_text("Network, heart, store").click()
    other.locator("input[type=file][accept*='.json']").set_input_files(path)
    restored(other)
    other.context.close()


def test_the_link_restores_the_view(page, browser, server, watch):
    page.get_by_role("button", name="Link that restores this view").click()
    page.wait_for_url("**/?view=*")
    assert parse_qs(urlsplit(page.url).query)["view"]
    other = visited(browser, page.url, watch)
    restored(other)
    other.context.close()


def test_nothing_was_asked_of_others_and_nothing_went_wrong(page, watch):
    assert watch.external == []
    assert watch.errors == []
