"""Pictures and a short movie of the viewer at work, for docs/viewer.md.

``python -m viewer.viewer_pictures [FOLDER]``, by default docs/viewer: a real
browser opens the demonstration (extra ``browser`` and Chromium).
"""

import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from imn.files import replacing
from viewer.browser_probe import FIRST, browsing, serving, wait_for_view

SIZE = {"width": 1600, "height": 900}
FRAME_MS, MOVIE_WIDTH, MOVIE_QUALITY = 90, 760, 60
MOMENTS = (*range(-48, 62, 4), *range(62, 340, 14))
"""QRS slower than what follows, ms from R."""
BELOW = "{position: [-20, -330, -370], target: [22, -32, -28], up: [0, 0, 1]}"
"""From the front and below: where the demonstration's infarct is."""

LIGHT, DARK = "light", "dark"
SHOWN: tuple[tuple[str, str, str], ...] = (
    ("overview", LIGHT, f"{{mode: 'integral', camera: {BELOW}}}"),
    ("moment", DARK, f"{{mode: 'instant', t_ms: -22, isolines: true, camera: {BELOW}}}"),
    ("experts", LIGHT, "{mode: 'integral', compare: 'side', mask: 0}"),
    ("path", LIGHT, "{mode: 'integral', compare: 'none', t_ms: 20, path: true, cut: {on: true, depth: 0.5}}"),
)
"""File, theme and what to show, one after the other on one page of each theme."""


def draw_all(folder: Path) -> Iterator[Path]:
    """Draw the demonstration in the browser, and give each file."""
    with tempfile.TemporaryDirectory() as scratch:
        private = Path(scratch)
        with serving(["--store", str(private / "store.sqlite")], private) as server, browsing() as browser:
            pages = {theme: _opened(browser, server.url, theme) for theme in (LIGHT, DARK)}
            for name, theme, view in SHOWN:
                _show(pages[theme], view)
                path = folder / f"{name}.png"
                with replacing(path) as draft:
                    draft.write_bytes(pages[theme].screenshot())
                yield path
            _show(pages[LIGHT], f"{{cut: {{on: false, depth: 0.5}}, path: false, camera: {BELOW}}}")
            yield _movie(pages[LIGHT], folder / "beat.webp")


def _opened(browser: Any, url: str, theme: str) -> Any:
    """Open the page in a browser that asks for a theme, which all of the page follows."""
    page = browser.new_context(viewport=SIZE, color_scheme=theme).new_page()
    page.goto(url)
    wait_for_view(page)
    return page


def _show(page: Any, view: str) -> None:
    page.evaluate(f"() => ({FIRST}).setView({view})")
    page.wait_for_timeout(1500)


def _clip(page: Any) -> dict[str, float]:
    """Give the rectangle that heart and leads fill."""
    heart, leads = (page.locator(f".ecg-{part}").first.bounding_box() for part in ("heart-pane", "leads"))
    return {
        "x": heart["x"],
        "y": heart["y"],
        "width": leads["x"] + leads["width"] - heart["x"],
        "height": heart["height"],
    }


def _movie(page: Any, path: Path) -> Path:
    """Step through QRS, ST and T and write the steps as an animated picture."""
    from PIL import Image

    frames = []
    for t in MOMENTS:
        page.evaluate(f"() => ({FIRST}).setView({{mode: 'instant', t_ms: {t}}})")
        page.wait_for_timeout(250)
        with Image.open(BytesIO(page.screenshot(clip=_clip(page)))) as whole:
            height = round(whole.height * MOVIE_WIDTH / whole.width)
            frames.append(whole.convert("RGB").resize((MOVIE_WIDTH, height), Image.Resampling.LANCZOS))
    with replacing(path) as draft:
        frames[0].save(
            draft,
            "WEBP",
            save_all=True,
            append_images=frames[1:],
            duration=FRAME_MS,
            loop=0,
            quality=MOVIE_QUALITY,
        )
    return path


if __name__ == "__main__":
    for drawn in draw_all(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/viewer")):
        sys.stdout.write(f"{drawn}\n")
