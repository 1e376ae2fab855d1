"""The demonstration as one HTML file: ``python -m viewer.demonstration_page demo.html``.

Over a megabyte, so it is made where the documentation is built and not kept with the sources.
"""

import sys
from pathlib import Path

from imn.files import replacing
from viewer.shared import demo_reading
from viewer.take_away import page

TITLE = "A simulated old inferior infarct"
LABEL = "MI"
VIEW = {"compare": "contour", "mask": 0}
"""With the contour of the region that was simulated."""


def write_demonstration(path: Path) -> None:
    """Write the viewer with the demonstration into one file that needs no network.

    Parameters
    ----------
    path : path
        Its folder is made.

    Raises
    ------
    FileNotFoundError
        If the program for the browser was not built.
    """
    reading = demo_reading()
    content = page(reading.packed(LABEL, reading.opened.annotations)[1], VIEW, TITLE)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        draft.write_bytes(content)


if __name__ == "__main__":
    destination = Path(sys.argv[1] if len(sys.argv) > 1 else "ecglocus-demo.html")
    write_demonstration(destination)
    sys.stdout.write(f"{destination}\n")
