"""Rivals, pages of long recordings and single leads in a real browser, on a heart too fine for 1.5 MB."""

import numpy as np
import pytest

from viewer.browser_probe import FIRST, serving, wait_for_view
from viewer.sources import open_path
from viewer.take_away import LARGEST_PAGE

SECONDS = 24


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """Give a folder with a recording of three pages and a fine heart."""
    import wfdb

    from imn.leads import LEADS
    from viewer.viewer_bench import write_case

    folder = tmp_path_factory.mktemp("rival")
    recording, heart, _ = write_case(folder)
    record = open_path(recording).record
    n = round(SECONDS * record.fs)
    signal = np.tile(record.signal, (1, 3))[:, :n].astype(float)
    wfdb.wrsamp("long", record.fs, ["mV"] * 12, list(LEADS), signal.T, fmt=["16"] * 12, write_dir=str(folder))
    return folder, folder / "long.hea", heart


@pytest.fixture(scope="module")
def page(browser, case, watch):
    folder, recording, heart = case
    arguments = [str(recording), "--anatomy", str(heart), "--store", str(folder / "store.sqlite")]
    with serving(arguments, folder) as server:
        opened = browser.new_context(viewport={"width": 1600, "height": 900}).new_page()
        watch.attach(opened)
        opened.goto(server.url)
        wait_for_view(opened, seconds=120)
        yield opened
        opened.context.close()


def told(page, what, *, seconds=60):
    """Wait until an expression of the view ``v`` holds."""
    page.wait_for_function(f"() => {{ const v = {FIRST}; return v && ({what}); }}", timeout=1000 * seconds)


def choose(page, title, words):
    """Choose in the sidebar; a list that opens while the page runs again is shut by that."""
    from playwright.sync_api import TimeoutError as Late

    box = page.get_by_test_id("stSelectbox").filter(has_text=title).locator("[role=combobox], input").first
    for _ in range(5):
        box.click()
        try:
            page.get_by_role("option", name=words).click(timeout=5000)
        except Late:
            page.keyboard.press("Escape")
            page.wait_for_timeout(1000)
        else:
            return
    raise AssertionError(words)


def test_all_pages_of_a_long_recording_are_reached(page, watch):
    page.get_by_label("Show the median beat or the recording").select_option("recording")
    ribbon = page.locator(".ecg-moments-below i")
    ribbon.nth(20).wait_for(state="attached")
    page.get_by_role("button", name="Next page").click()
    told(page, "v.getView().page === 1 && v.state.get().beat > 0")
    page.locator(".ecg-missing").wait_for(state="hidden", timeout=60_000)
    page.keyboard.press("PageDown")
    told(page, "v.getView().page === 2")
    page.locator(".ecg-missing").wait_for(state="hidden", timeout=60_000)
    assert page.get_by_role("button", name="Next page").is_disabled()
    page.get_by_role("img", name="page 3 of 3, 14 s to 24 s").wait_for()
    page.wait_for_timeout(1500)
    before = watch.socket_bytes
    page.evaluate(f"() => ({FIRST}).setView({{isolines: true}})")
    page.wait_for_timeout(1500)
    assert watch.socket_bytes - before < 5000, "pages are not sent again with every option"
    ribbon.first.click()
    told(page, "v.getView().cluster !== null")
    page.evaluate(
        f"() => ({FIRST}).setView({{cluster: null, isolines: false, source: 'beat', layout: '6x2'}})"
    )


def test_a_lead_whose_columns_were_cut_is_fetched_when_it_is_clicked(page):
    cut = "!v.payload.meta.modalities.some((m) => m.leads)"
    assert page.evaluate(f"() => {{ const v = {FIRST}; return {cut}; }}"), "the case must need the budget"
    page.keyboard.press("Escape")
    told(page, "v.state.get().lead_pick === null")
    sheet = page.locator("canvas.ecg-marks").bounding_box()
    page.mouse.click(sheet["x"] + 0.25 * sheet["width"], sheet["y"] + 0.25 * sheet["height"])
    told(page, "v.state.get().lead_wanted || v.state.get().lead_pick")
    told(page, f"v.state.get().lead_pick?.lead && !({cut})")
    page.get_by_text("alone brings").wait_for()
    page.get_by_role("button", name="Show all leads").click()


def test_model_and_rival_stand_side_by_side(page):
    page.get_by_text("Network, heart, store").click()
    choose(page, "Compare with", "itself, by integrated gradients")
    told(page, "v.payload.meta.rival?.name === 'gradients'", seconds=120)
    panel = page.locator("[data-section=rival]")
    panel.get_by_role("button", name="side by side").click()
    told(page, "v.getView().compare === 'rival'")
    assert page.locator(".heart-caption").count() == 2
    told(page, "v.stats.frames > 0")
    assert 0.3 < float(panel.locator("b").first.inner_text().replace("\u2212", "-")) <= 1
    panel.get_by_role("button", name="difference").click()
    told(page, "v.getView().map === 'less_rival' && v.getView().compare === 'none'")
    assert "model less rival" in page.locator(".heart-bar-title").inner_text()
    page.get_by_text("Blind reading").click()
    told(page, "v.state.get().blind && !v.payload.meta.rival")
    page.get_by_text("Blind reading").click()
    told(page, "!v.state.get().blind && v.payload.meta.rival")


def test_the_page_to_take_away_turns_pages_and_compares(page, browser, watch, tmp_path):
    view = {"map": "rival", "rival": "gradients", "source": "recording", "page": 2, "layout": "3x4"}
    page.evaluate(f"(view) => ({FIRST}).setView(view)", view)
    page.wait_for_timeout(1500)  # until the server was told of it
    page.locator(".st-key-below").get_by_text("Take away").click()
    with page.expect_download(timeout=90_000) as waiting:
        page.get_by_role("button", name="Page that needs no network").click()
    path = tmp_path / "page.html"
    waiting.value.save_as(path)
    assert path.stat().st_size < LARGEST_PAGE
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    watch.attach(opened)
    opened.goto(path.as_uri())
    opened.wait_for_function("() => globalThis.ecglocusView?.stats?.frames > 0", timeout=60_000)
    shown = opened.evaluate("() => globalThis.ecglocusView.getView()")
    assert {name: shown[name] for name in view} == view
    assert opened.locator(".ecg-missing").is_hidden()
    assert opened.evaluate("() => globalThis.ecglocusView.payload.meta.modalities.some((m) => m.leads)")
    context.close()


def test_nothing_went_wrong_and_nothing_left_the_machine(watch):
    assert watch.errors == []
    assert watch.external == []
