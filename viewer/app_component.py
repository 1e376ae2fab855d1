"""The parts of the page that live in the browser: the program, the bytes, the pages, the view.

They are apart because Streamlit sends a component's data and program again
whenever either changes: the program and the bytes never do, the view is small.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).with_name("assets")
PATTERN = "view-*.js"
# A single line that holds a path's characters would be taken for a path.
INLINE = "// ecglocus\n"
RUNTIME, STORE, PAGES, VIEW = "ecglocus_runtime", "ecglocus_store", "ecglocus_pages", "ecglocus_view"
BUILD = "python hatch_build.py"


def bundle_path() -> Path | None:
    """Find the program for the browser; None where it was not built."""
    found = sorted(ASSETS.glob(PATTERN))
    return found[-1] if found else None


def no_bundle() -> str:
    """Say in one sentence that the program is missing, and how to make it."""
    return (
        f"The interactive viewer was not built ({ASSETS.name}/{PATTERN} is missing): pictures from the "
        f"server step in time instead; with Node.js 18 or later, build it by `{BUILD}` in the source folder, "
        "or install a published wheel."
    )


@cache
def bundle() -> str:
    """Read the program for the browser.

    Raises
    ------
    FileNotFoundError
        If it was not built.
    """
    path = bundle_path()
    if path is None:
        raise FileNotFoundError(no_bundle())
    return path.read_text(encoding="utf-8")


def _program(call: str) -> str:
    """Wait for the runtime, which the page loads as a module of its own, then hand over."""
    return f"""{INLINE}
const ready = () => new Promise((done) => {{
  const look = () => globalThis.ecglocus ? done(globalThis.ecglocus) : setTimeout(look, 5);
  look();
}});
export default function (component) {{
  let gone = false, end = null;
  const held = globalThis.ecglocus;
  const start = (ecglocus) => {{ if (!gone) end = ecglocus.component.{call}(component); }};
  if (held) start(held); else ready().then(start);
  return () => {{ gone = true; if (typeof end === "function") end(); }};
}}
"""


def mount_program() -> None:
    """Send the program to the browser, once per page."""
    _component(RUNTIME, f"{INLINE}{bundle()}")(key=RUNTIME, height=1)


def mount_bytes(content: bytes) -> None:
    """Send a payload; an equal one is not sent again."""
    _component(STORE, _program("store"))(key=STORE, data=content, height=1)


def mount_pages(content: bytes, on_page: Callable[[], None]) -> None:
    """Send one page of a long recording, and let the browser ask for another.

    Parameters
    ----------
    content : bytes
        Of `viewer.payload_recording`.
    on_page : callable
        Called when it asks; which page is then under ``page`` in the component's state.
    """
    _component(PAGES, _program("pages"))(key=PAGES, data=content, height=1, on_page_change=on_page)


def mount_view(data: Mapping[str, Any], *, on: Mapping[str, Callable[[], None]]) -> Any:
    """Show the view of a payload and give what the browser says of it.

    Parameters
    ----------
    data : mapping
        ``key`` of the payload, and ``view``, ``revision``, ``editable``, ``blind``, ``rater``, ``label``,
        ``theme`` and ``themes``.
    on : mapping of str to callable
        By name of what the browser says: ``view``, ``annotate``, ``pick``, ``event``.

    Returns
    -------
    Any
        The component's state.
    """
    callbacks = {f"on_{name}_change": call for name, call in on.items()}
    return _component(VIEW, _program("view"))(key=VIEW, data=dict(data), **callbacks)


def _component(name: str, js: str) -> Callable[..., Any]:
    from streamlit.components.v2 import component

    return component(name, js=js)
