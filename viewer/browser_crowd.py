"""Many visitors at once, each with a recording of his own, of which no other may see anything.

Every visitor opens the page, sends a recording that was simulated for him
alone, names himself as a rater, marks a segment, signs it, and looks for the
others: in all words of his page, in the choice of recordings, and in what the
server sent to be drawn.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.browser_probe import FIRST, LLVMPIPE, QUIET, READY, Server, Watch, browser_path, serving
from viewer.leaving import GONE_S

SIZE = {"width": 1280, "height": 800}
PATIENCE_MS = 300_000.0
REST_S = GONE_S + 15.0
"""Until the server has let go of those who left."""
TERRITORIES, SEGMENTS = ("LAD", "LCX", "RCA"), ("mid inferior", "mid anterior", "apical septal")
WORDS = """() => {
  const words = [];
  const read = (root) => {
    words.push(root.textContent);
    for (const element of root.querySelectorAll("*")) {
      if (element.value) words.push(String(element.value));
      if (element.shadowRoot) read(element.shadowRoot);
    }
  };
  read(document.body);
  for (const { payload } of globalThis.ecglocus.views) words.push(JSON.stringify(payload.meta));
  return words.join("\\n");
}"""


@dataclass(frozen=True)
class Visitor:
    """One who comes with a recording.

    Parameters
    ----------
    record : str
        Its identifier, which no other has.
    rater : str
    segment : str
        Marked by him.
    files : tuple of Path
        Of the recording.
    """

    record: str
    rater: str
    segment: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Visits:
    """What became of a crowd.

    Parameters
    ----------
    errors : tuple of str
        What went wrong, in a sentence each: with the page, or on its console.
    others_seen : tuple of str
        Who saw something of whom.
    """

    errors: tuple[str, ...]
    others_seen: tuple[str, ...]


def measure_crowd(folder: Path, users: int) -> tuple[dict[str, float], tuple[str, ...]]:
    """Let a crowd come twice to a server of its own; see what it saw and what is left when all have gone.

    The first time makes what is made once and kept for all, which is no leak.

    Parameters
    ----------
    folder : Path
        Empty; gets the recordings, the store, and what the server holds in private folders.
    users : int

    Returns
    -------
    dict of str to float
        ``users``, ``user_errors``, ``uploads_seen_by_others``, ``private_folders_left``,
        ``memory_mb``, ``memory_ratio`` of after the second time to after the first.
    tuple of str
        What went wrong, and who saw something of whom, in a sentence each.
    """
    private = folder / "private"
    private.mkdir()
    crowd = visitors(folder, users)
    arguments, own = ["--store", str(folder / "store.sqlite")], {"TMPDIR": str(private)}
    with serving(arguments, folder, environment=own) as server:
        held = set(private.iterdir())
        first, before = visit(server.url, crowd), _rest(server)
        second, after = visit(server.url, crowd), _rest(server)
        left = set(private.iterdir()) - held
    errors, seen = first.errors + second.errors, first.others_seen + second.others_seen
    figures = {
        "users": users,
        "user_errors": len(errors),
        "uploads_seen_by_others": len(seen),
        "private_folders_left": len(left),
        "memory_mb": after,
        "memory_ratio": after / before,
    }
    return figures, errors + seen


def _rest(server: Server) -> float:
    """Memory once the server has come to rest, MB."""
    time.sleep(REST_S)
    return server.memory_mb()


def visitors(folder: Path, count: int) -> tuple[Visitor, ...]:
    """Simulate a recording for each of so many visitors: heart, torso, disease and rate are his own."""
    import numpy as np

    from cine_mapping.asked_conditions import segments_of
    from cine_mapping.forward.conditions import Infarct
    from cine_mapping.forward.patients import draw_patient
    from cine_mapping.recordings import simulate_recording
    from viewer.simulated_files import write_wfdb

    made = []
    for i in range(count):
        rng, name = np.random.default_rng(i), f"visitor{i:02d}recording"
        infarct = Infarct(segments_of((TERRITORIES[i % len(TERRITORIES)],)))
        record = simulate_recording(
            draw_patient(rng), infarct, rng, heart_rate=55.0 + 2 * i, name=name
        ).record
        write_wfdb(folder, record)
        files = (folder / f"{name}.hea", folder / f"{name}.dat")
        made.append(Visitor(name, f"rater{i:02d}own", SEGMENTS[i % len(SEGMENTS)], files))
    return tuple(made)


def visit(url: str, crowd: Sequence[Visitor]) -> Visits:
    """Let all come at once, and leave once the last has looked around.

    Parameters
    ----------
    url : str
        Of the page.
    crowd : sequence of Visitor

    Returns
    -------
    Visits
    """
    return asyncio.run(_everybody(url, crowd))


async def _everybody(url: str, crowd: Sequence[Visitor]) -> Visits:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=[*LLVMPIPE, *QUIET])
        watches = [Watch() for _ in crowd]
        pages = [await _new_page(browser, watch) for watch in watches]
        came = await _each(_work(page, url, one) for page, one in zip(pages, crowd, strict=True))
        looked = await _each(_look(page) for page in pages)
        await browser.close()
    went_wrong = [
        f"{one.rater}: {problem}"
        for one, outcomes in zip(crowd, zip(came, looked, strict=True), strict=True)
        for problem in outcomes
        if isinstance(problem, BaseException)
    ]
    said = [
        f"{one.rater}: {error}" for one, watch in zip(crowd, watches, strict=True) for error in watch.errors
    ]
    return Visits((*went_wrong, *said), others_seen(crowd, looked))


async def _each(work: Any) -> list[Any]:
    return await asyncio.gather(*work, return_exceptions=True)


async def _new_page(browser: Any, watch: Watch) -> Any:
    page = await (await browser.new_context(viewport=SIZE)).new_page()
    page.set_default_timeout(PATIENCE_MS)
    watch.attach(page)
    return page


async def _work(page: Any, url: str, one: Visitor) -> None:
    """Open the page, send the recording, mark a segment and sign."""
    await page.goto(url)
    await page.wait_for_function(READY)
    await page.get_by_text("Open a recording").click()
    await page.locator("input[type=file][multiple]").set_input_files([str(path) for path in one.files])
    await page.wait_for_function(f"() => ({FIRST})?.payload.meta.record === '{one.record}'")
    await page.get_by_test_id("stSidebar").get_by_label("Rater").fill(one.rater)
    await page.keyboard.press("Tab")
    await page.wait_for_function(f"() => ({FIRST}).state.get().rater === '{one.rater}'")
    await page.get_by_role("button", name="Segments", exact=True).first.click()
    await page.get_by_label("Add a segment").select_option(one.segment)
    await page.get_by_role("button", name="Sign and save").click()
    mine = f"({FIRST}).payload.meta.annotations?.some(({{ rater }}) => rater === '{one.rater}')"
    await page.wait_for_function(f"() => {mine}")


async def _look(page: Any) -> str:
    """Give all words that a page shows or was sent, with the choice of recordings opened."""
    await page.get_by_role("combobox", name="Recording", exact=True).click()
    await page.get_by_role("option").first.wait_for()
    return await page.evaluate(WORDS)


def others_seen(crowd: Sequence[Visitor], looked: Sequence[Any]) -> tuple[str, ...]:
    """Tell who has a word of another on his page; his own must be there, or the look saw nothing.

    Parameters
    ----------
    crowd : sequence of Visitor
    looked : sequence
        All words of each one's page; what is no text went wrong and is left out.

    Returns
    -------
    tuple of str
        A sentence for each; empty if all is well.
    """
    found = []
    for one, words in zip(crowd, looked, strict=True):
        if not isinstance(words, str):
            continue
        if one.record not in words or one.rater not in words:
            found.append(f"{one.rater} does not see his own")
        found += [
            f"{one.rater} sees {other.rater}"
            for other in crowd
            if other is not one and (other.record in words or other.rater in words)
        ]
    return tuple(found)
