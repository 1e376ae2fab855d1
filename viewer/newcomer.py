"""A newcomer who follows docs/viewer.md to an annotated, scored picture, at the pace of a person.

Each step of "From nothing to an annotated, scored picture" is done in a real
browser as it is written, and what it promises is looked for: the row in the
store, Dice on the page, the scores with their baselines below it.  The time
counts from ``ecglocus view`` being started; the install is not in it.
"""

import math
import time
from pathlib import Path
from typing import Any

from viewer.browser_probe import FIRST, LLVMPIPE, Watch, browsing, serving, wait_for_view

SIZE = {"width": 1280, "height": 800}
RATER = "newcomer"
LOOK_MS = 1000.0
"""Before every action: a person reads and aims."""
KEY_MS = 200.0
"""Between keys: five a second."""
PAINT_MS, STROKES = 5000.0, 50
PATIENCE_MS = 120_000
PACE = (
    f"{LOOK_MS / 1000:g} s before every action, {1000 / KEY_MS:g} keys a second, "
    f"{PAINT_MS / 1000:g} s of painting"
)


def time_newcomer(folder: Path) -> dict[str, float]:
    """Go from nothing to an annotated, scored picture.

    Parameters
    ----------
    folder : Path
        Empty; gets the store.

    Returns
    -------
    dict of str to float
        ``newcomer_s``; ``newcomer_dice`` of what was painted with the map of evidence.

    Raises
    ------
    RuntimeError
        If a step does not give what the page on the viewer promises.
    """
    store, start = folder / "store.sqlite", time.monotonic()
    with serving(["--store", str(store)], folder) as server, browsing(LLVMPIPE) as browser:
        page, watch = browser.new_context(viewport=SIZE).new_page(), Watch()
        page.set_default_timeout(PATIENCE_MS)
        watch.attach(page)
        page.goto(server.url)
        wait_for_view(page, seconds=PATIENCE_MS / 1000)
        _enter_rater(page)
        _paint(page)
        _sign(page, store)
        dice = _dice_shown(page)
        _score(page)
        taken = time.monotonic() - start
        if watch.errors or watch.external:
            msg = f"expected no error and no request to others, got {[*watch.errors, *watch.external][:3]}"
            raise RuntimeError(msg)
    return {"newcomer_s": taken, "newcomer_dice": dice}


def _press(page: Any, place: Any) -> None:
    page.wait_for_timeout(LOOK_MS)
    place.click()


def _enter_rater(page: Any) -> None:
    """Enter a rater at the left."""
    field = page.get_by_test_id("stSidebar").get_by_label("Rater")
    _press(page, field)
    field.press_sequentially(RATER, delay=KEY_MS)
    page.keyboard.press("Tab")
    page.wait_for_function(f"() => ({FIRST}).state.get().rater === '{RATER}'")


def _paint(page: Any) -> None:
    """Choose *Brush*, and paint where the heart is most coloured: a spiral around it."""
    _press(page, page.get_by_role("button", name="Brush", exact=True).first)
    box = page.locator("canvas.heart-canvas").first.bounding_box()
    x, y = box["x"] + 0.55 * box["width"], box["y"] + 0.52 * box["height"]
    page.wait_for_timeout(LOOK_MS)
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(STROKES):
        away, angle = 60.0 * i / STROKES, 0.6 * i
        page.mouse.move(x + away * math.cos(angle), y + away * math.sin(angle), steps=2)
        page.wait_for_timeout(PAINT_MS / STROKES)
    page.mouse.up()
    page.wait_for_function(f"() => ({FIRST}).state.get().draft.vertices?.some((marked) => marked)")


def _sign(page: Any, store: Path) -> None:
    """*Sign and save*; the store has it."""
    from annotations.store import open_store

    _press(page, page.get_by_role("button", name="Sign and save"))
    mine = f"({FIRST}).payload.meta.annotations.some(({{rater}}) => rater === '{RATER}')"
    page.wait_for_function(f"() => {mine}")
    with open_store(store, access="read") as held:
        kept = [mark for mark in held.latest() if mark.rater == RATER and mark.state == "signed"]
    if not kept or not kept[0].findings[0].vertices:
        msg = f"expected what was painted in {store}, found {kept}"
        raise RuntimeError(msg)


def _dice_shown(page: Any) -> float:
    """*Expert against model* shows the Dice of the map with the region; choose one's own among the raters."""
    own = page.get_by_role("radiogroup", name="Annotation").locator("label", has_text=RATER)
    own.wait_for()
    _press(page, own)
    shown = own.locator("[title=Dice]")
    shown.wait_for()
    return float(shown.inner_text())


def _score(page: Any) -> None:
    """*Agreement with the experts* and *Score the map* below: the scores and what chance reaches."""
    below = page.locator(".st-key-below")
    _press(page, below.get_by_text("Agreement with the experts"))
    _press(page, page.get_by_role("button", name="Score the map"))
    table = page.get_by_test_id("stDataFrame")
    for words in (RATER, "random"):
        table.get_by_text(words).first.wait_for(state="attached")
