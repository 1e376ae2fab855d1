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
COLOURS = 128
FRAMES, FRAME_MS, MOVIE_WIDTH = 48, 80, 800
FROM_MS, TO_MS = -40.0, 330.0

SHOWN: tuple[tuple[str, str], ...] = (
    ("overview", "{mode: 'integral', theme: 'light', edges: true}"),
    ("moment", "{mode: 'instant', t_ms: 8, theme: 'dark', isolines: true}"),
    ("experts", "{mode: 'integral', theme: 'light', isolines: false, compare: 'side', mask: 0}"),
    ("path", "{mode: 'instant', t_ms: 60, compare: 'none', path: true, torso: true, electrodes: true}"),
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
                large = private / f"{name}.png"
                page.screenshot(path=str(large))
                path = folder / f"{name}.png"
                shrink_to(large, path)
                yield path
            _show(page, "{torso: false, electrodes: false, path: false, theme: 'light'}")
            yield _movie(page, folder / "beat.webp")


def shrink_to(large: Path, small: Path) -> None:
    """Keep few colours; the words must stay legible, so the size stays."""
    from PIL import Image

    with Image.open(large) as whole:
        page = whole.convert("RGB")
    with replacing(small) as draft:
        page.quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE).save(draft, format="PNG", optimize=True)


def _show(page: Any, view: str) -> None:
    page.evaluate(f"() => ({FIRST}).setView({view})")
    page.wait_for_timeout(1500)


def _movie(page: Any, path: Path) -> Path:
    """Step through QRS, ST and T and write the steps as an animated picture."""
    from PIL import Image

    frames = []
    for i in range(FRAMES):
        t = FROM_MS + (TO_MS - FROM_MS) * i / (FRAMES - 1)
        page.evaluate(f"() => ({FIRST}).setView({{mode: 'instant', t_ms: {t:.1f}}})")
        page.wait_for_timeout(250)
        with Image.open(BytesIO(page.screenshot())) as whole:
            height = round(whole.height * MOVIE_WIDTH / whole.width)
            frames.append(whole.convert("RGB").resize((MOVIE_WIDTH, height), Image.Resampling.LANCZOS))
    with replacing(path) as draft:
        frames[0].save(
            draft, "WEBP", save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0, quality=70
        )
    return path


if __name__ == "__main__":
    for drawn in draw_all(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/viewer")):
        sys.stdout.write(f"{drawn}\n")
