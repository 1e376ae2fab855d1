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

SHOWN: tuple[tuple[str, str], ...] = (
    ("overview", f"{{mode: 'integral', theme: 'light', camera: {BELOW}}}"),
    ("moment", "{mode: 'instant', t_ms: -22, theme: 'dark', isolines: true}"),
    ("experts", "{mode: 'integral', theme: 'light', isolines: false, compare: 'side', mask: 0}"),
    ("path", "{mode: 'integral', compare: 'none', t_ms: 20, path: true, cut: {on: true, depth: 0.5}}"),
)
"""File and what to show, one after the other on one page."""


def draw_all(folder: Path) -> Iterator[Path]:
    """Draw the demonstration in the browser, and give each file."""
    with tempfile.TemporaryDirectory() as scratch:
        private = Path(scratch)
        with serving(["--store", str(private / "store.sqlite")], private) as server, browsing() as browser:
            page = browser.new_context(viewport=SIZE).new_page()
            page.goto(server.url)
            wait_for_view(page)
            for name, view in SHOWN:
                _show(page, view)
                path = folder / f"{name}.png"
                with replacing(path) as draft:
                    draft.write_bytes(page.screenshot())
                yield path
            _show(page, f"{{cut: {{on: false, depth: 0.5}}, path: false, camera: {BELOW}}}")
            yield _movie(page, folder / "beat.webp")


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
