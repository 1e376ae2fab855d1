"""The viewer in a real browser: open, scrub, play, pick, mark, restore."""

import json
import sqlite3
import time
from contextlib import closing
from io import BytesIO

import numpy as np
import pytest

from viewer.browser_probe import FIRST, serving, wait_for_view
from viewer.view_state import to_link

SIZE = {"width": 1600, "height": 900}
STATE = f"() => ({FIRST}).getView()"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("viewer")


@pytest.fixture(scope="module")
def server(folder):
    with serving(["--store", str(folder / "store.sqlite")], folder) as served:
        yield served


@pytest.fixture(scope="module")
def page(browser, server, watch):
    context = browser.new_context(viewport=SIZE, accept_downloads=True)
    opened = context.new_page()
    watch.attach(opened)
    opened.goto(server.url)
    wait_for_view(opened)
    yield opened
    context.close()


def view(page):
    return page.evaluate(STATE)


def camera(page):
    """Where one looks from."""
    return page.evaluate(f"() => ({FIRST}).heart().camera.matrixWorld.elements")


def settled(page, wanted, *, seconds=30):
    """Wait until the view is as wanted."""
    end = time.monotonic() + seconds
    while not wanted(found := view(page)):
        assert time.monotonic() < end, found
        page.wait_for_timeout(50)
    return found


def pixels(page):
    """What the heart's canvas shows, (h, w, 4) uint8."""
    from PIL import Image

    script = f"""async () => {{
      const blob = await ({FIRST}).heart().png();
      const bytes = new Uint8Array(await blob.arrayBuffer());
      let words = "";
      for (const byte of bytes) words += String.fromCharCode(byte);
      return btoa(words);
    }}"""
    import base64

    return np.asarray(Image.open(BytesIO(base64.b64decode(page.evaluate(script)))).convert("RGBA"))


def heart_point(page):
    """Middle of the heart on the screen: a place where the wall is hit."""
    box = page.locator("canvas.heart-canvas").first.bounding_box()
    return box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"]


def test_the_heart_is_drawn_and_time_changes_its_colours(page):
    page.get_by_role("button", name="Moment").click()
    slider = page.get_by_label("Time from the R peak")
    slider.fill("20")
    assert settled(page, lambda v: v["mode"] == "instant")["t_ms"] == pytest.approx(20, abs=1)
    one = pixels(page)
    assert one[..., 3].max() > 0
    assert one[..., :3].std() > 5
    slider.fill("-20")
    settled(page, lambda v: v["t_ms"] < 0)
    assert (np.abs(pixels(page).astype(int) - one).max(axis=2) > 8).mean() > 0.005


def test_playing_moves_the_time_without_the_server(page, watch):
    page.get_by_role("button", name="Play", exact=True).click()
    settled(page, lambda v: v["playing"])
    page.wait_for_timeout(1500)  # what was told of the view before it played
    before, t = watch.socket_bytes, view(page)["t_ms"]
    settled(page, lambda v: v["t_ms"] != t)
    page.wait_for_timeout(500)
    assert watch.socket_bytes - before < 500
    page.get_by_role("button", name="Pause").click()
    settled(page, lambda v: not v["playing"])
    assert (
        page.evaluate(f"() => ({FIRST}).stats.js_ms_median") < 20
    )  # the benchmark measures; this is for blunders


def test_a_pick_names_a_segment_and_moves_no_camera(page):
    before = camera(page)
    page.mouse.click(*heart_point(page))
    page.wait_for_function(f"() => ({FIRST}).state.get().pick !== null")
    page.wait_for_timeout(1500)
    assert camera(page) == pytest.approx(before, abs=0.02)  # saved to 0.01 mm


def test_another_modality_is_another_map(page):
    before = pixels(page)
    page.evaluate(f"() => ({FIRST}).setView({{map: 'vcg', mode: 'integral'}})")
    assert settled(page, lambda v: v["map"] == "vcg")
    assert np.abs(pixels(page).astype(int) - before).max() > 8
    page.evaluate(f"() => ({FIRST}).setView({{map: 'average'}})")


def test_keys_work_before_anything_was_clicked(page):
    page.evaluate("() => document.activeElement.blur()")
    for key, name, value in (("k", "isolines", True), ("c", "tool", "calliper"), ("r", "tool", "interval")):
        page.keyboard.press(key)
        assert settled(page, lambda v, name=name, value=value: v[name] == value)
    page.keyboard.press("k")
    page.keyboard.press("Escape")
    settled(page, lambda v: v["tool"] == "look" and not v["isolines"])
    assert page.get_by_role("dialog").count() == 0  # nothing of Streamlit's answers to them


def test_light_and_dark_are_those_of_the_whole_page(page):
    before, place = grounds(page), camera(page)
    for theme in ("dark", "light"):
        page.get_by_role("button", name=f"{theme.title()} theme").click()
        settled(page, lambda v, theme=theme: v["theme"] == theme)
        page.wait_for_timeout(1500)  # Streamlit runs the page again
        assert view(page)["theme"] == theme
        assert grounds(page) == (before if theme == "light" else {"rgb(15, 17, 20)"})
    assert camera(page) == pytest.approx(place, abs=0.02)


def grounds(page):
    """Colours behind the page and behind its sidebar."""
    script = "e => getComputedStyle(e).backgroundColor"
    return {page.get_by_test_id(name).evaluate(script) for name in ("stApp", "stSidebar")}


def test_the_brush_marks_and_the_store_has_it_at_once(page, folder):
    page.get_by_label("Rater").first.fill("reader 1")
    page.keyboard.press("Tab")
    page.wait_for_timeout(800)
    page.get_by_role("button", name="Brush", exact=True).first.click()
    x, y = heart_point(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 25, y + 10, steps=5)
    page.mouse.up()
    page.wait_for_function(f"() => ({FIRST}).state.get().draft.vertices?.some((x) => x)")
    before = camera(page)
    page.get_by_role("button", name="Sign and save").click()
    kept = wait_for_row(folder / "store.sqlite")
    finding = kept["findings"][0]
    assert kept["rater"] == "reader 1"
    assert finding["label"] == "MI"
    assert finding["provenance"] == "expert"
    assert len(finding["vertices"]["index"]) > 3
    page.wait_for_timeout(2500)  # the page runs again with the new mark
    assert camera(page) == pytest.approx(before, abs=0.02)  # saved to 0.01 mm
    page.get_by_role("button", name="Look", exact=True).first.click()


def wait_for_row(path, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.exists():
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                tables = [
                    name
                    for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
                ]
                for table in tables:
                    for row in connection.execute(f"select * from {table}"):
                        for cell in row:
                            if isinstance(cell, str) and '"findings"' in cell:
                                return json.loads(cell)
        time.sleep(0.2)
    raise AssertionError("nothing in the store")


def test_a_shared_view_is_restored(browser, server):
    wanted = {
        "t_ms": 31.0,
        "mode": "instant",
        "map": "simulations",
        "sign": "for",
        "camera": {"position": [300.0, -700.0, 120.0], "target": [20.0, -20.0, 10.0], "up": [0.0, 0.0, 1.0]},
    }
    context = browser.new_context(viewport=SIZE)
    other = context.new_page()
    other.goto(f"{server.url}/?view={to_link(wanted)}")
    wait_for_view(other)
    found = view(other)
    assert {key: found[key] for key in ("t_ms", "mode", "map", "sign")} == {
        key: wanted[key] for key in ("t_ms", "mode", "map", "sign")
    }
    for name, point in wanted["camera"].items():
        assert found["camera"][name] == pytest.approx(point, abs=0.05)
    context.close()


def test_the_outline_is_that_of_the_pictures_of_the_server(page, opengl):
    from viewer.browser_silhouette import silhouette_iou

    assert silhouette_iou(page) > 0.99


def test_twenty_remounts_lose_no_context(page):
    lost = page.evaluate(
        f"""async () => {{
          const {{ ecglocus }} = globalThis;
          const {{ payload }} = {FIRST};
          const root = document.createElement("div");
          root.style.cssText = "width: 200px; height: 150px; position: fixed; left: -5000px";
          document.body.append(root);
          for (let i = 0; i < 20; i++) {{
            const view = ecglocus.mountView(root, payload, {{}});
            await new Promise((done) => setTimeout(done, 30));
            view.destroy();
          }}
          root.remove();
          return ({FIRST}).stats.contexts_lost;
        }}"""
    )
    assert lost == 0


def test_nothing_was_asked_of_others_and_nothing_went_wrong(page, watch):
    assert watch.external == []
    assert watch.errors == []
