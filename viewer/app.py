"""The page of ``ecglocus view``: Streamlit around a view that lives in the browser."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from imn.errors import InputError
from viewer.app_below import below
from viewer.app_component import VIEW, bundle_path, mount_bytes, mount_program, mount_view, no_bundle
from viewer.app_fallback import pictures
from viewer.app_more import pages, readable_rival
from viewer.app_sidebar import rater_and_blind, sidebar, take_view
from viewer.app_state import Session, current, marks_of, reading_of
from viewer.app_theme import themes
from viewer.reading import Reading
from viewer.rival_reading import NONE
from viewer.view_state import checked_view, from_link

if TYPE_CHECKING:
    from annotations.annotation import Annotation

STYLE = """<style>
.stMainBlockContainer {padding: 0.3rem 0.4rem 2rem 0.4rem; max-width: none}
[data-testid="stSidebarUserContent"] {padding: 0 0.9rem 1rem 0.9rem !important}
[data-testid="stSidebarContent"] {padding: 0 !important}
.stAppHeader {height: 0; min-height: 0}
[data-testid="stSidebarHeader"] {height: 2.2rem; padding-bottom: 0; margin-bottom: 0}
.st-key-ecglocus_view {opacity: 1 !important}
.st-key-ecglocus_runtime, .st-key-ecglocus_store, div:has(> div > .st-key-ecglocus_pages) {display: none}
</style>"""
SIDEBAR_PX = 240


def main() -> None:
    """Show the page once; Streamlit calls it again whenever something was chosen."""
    st.set_page_config("ecglocus", page_icon="🫀", layout="wide", initial_sidebar_state=SIDEBAR_PX)
    st.html(STYLE)
    session = current()
    # In places of their own: Streamlit may hide or make anew what a spinner or a warning above it moved.
    notes, above, under = st.container(), st.container(), st.container()
    with above:
        if bundle_path() is not None:
            mount_program()  # first of all: it is large, and the browser can read it while the rest is made
    reading, marks = None, None
    try:
        with notes:
            _restore(session)
            with st.spinner("Reading the recording …"):
                reading = reading_of(session)
                _settle_label(session, reading)
                shown = _shown(session, reading)
        with above:
            _show(session, reading, shown)
        marks = None if shown.hidden else shown.marks
    except InputError as mistake:
        notes.error(str(mistake))
    sidebar(session, reading)
    if reading is not None and marks is not None:
        with under:
            below(session, reading, marks)


def _settle_label(session: Session, reading: Reading) -> None:
    classes = reading.explained().classes
    if session.label is not None and session.label not in classes:
        st.warning(f"The network has no class {session.label!r}; its most probable one is shown.")
        session.label = None
    session.label = session.label or reading.target()


def _restore(session: Session) -> None:
    """Take the view that the address carries, once."""
    link = st.query_params.get("view")
    if not link or link == session.seen.get("link"):
        return
    session.seen["link"] = link
    try:
        take_view(session, from_link(link))
    except InputError as mistake:
        st.warning(str(mistake))


@dataclass(frozen=True)
class _Shown:
    """What the browser is to show."""

    key: str
    content: bytes
    marks: "tuple[Annotation, ...]"
    hidden: bool


def _shown(session: Session, reading: Reading) -> _Shown:
    """Pack what may be seen; the network is hidden until a blind reading is signed."""
    (rater, blind), label = rater_and_blind(), str(session.label)
    marks = marks_of(session, reading.record.id, rater=rater, blind=blind)
    hidden = blind and not _signed(marks, rater)
    marks = () if hidden else (*reading.opened.annotations, *marks)
    rival = session.seen["rival"] = NONE if hidden else readable_rival(session, reading)
    key, content = reading.packed(label, marks, rival=rival, whole_leads=bool(session.seen.get("leads")))
    return _Shown(key, content, marks, hidden)


def _show(session: Session, reading: Reading, shown: _Shown) -> None:
    """Show the view, or pictures where the program for the browser is missing."""
    if bundle_path() is None:
        st.warning(no_bundle())
        if not shown.hidden:
            pictures(reading.analysis(str(session.label)), reading.anatomy)
    else:
        mount_bytes(shown.content)
        pages(session, reading)
        _view(session, reading, shown.key, hidden=shown.hidden)


def _signed(marks: Any, rater: str) -> bool:
    return any(mark.rater == rater and mark.state != "draft" for mark in marks)


@st.fragment
def _view(session: Session, reading: Reading, key: str, *, hidden: bool) -> None:
    """Show the view; what it says reruns this part alone, unless it changes what is shown."""
    theme = st.context.theme.type or "light"
    data = {
        "key": key,
        "revision": session.revision,
        "view": session.view or {"theme": theme},
        "theme": theme,
        "themes": themes(),
        "editable": True,
        "blind": hidden,
        "blind_locked": hidden,
        "rater": rater_and_blind()[0],
        "label": session.label,
    }

    said = mount_view(data, on=_listening(session, reading))
    if said.get("view"):
        before = session.seen.get("view", {}).get("label")
        session.seen["view"] = checked_view(dict(said["view"]))
        label = session.seen["view"].get("label")
        # Said once by the browser; the same word later is only older than what the sidebar says now.
        if label not in (None, before, session.label) and label in reading.explained().classes:
            session.label = label
            st.rerun()
    _say_kept(session)
    event = said.get("event") or {}
    if event.get("webgl") is False:
        session.seen["webgl"] = False
    if event.get("leads") and not session.seen.get("leads"):
        session.seen["leads"] = True
        st.rerun()
    if session.seen.get("webgl") is False and not hidden:
        pictures(reading.analysis(str(session.label)), reading.anatomy)


def _listening(session: Session, reading: Reading) -> dict[str, Callable[[], None]]:
    """Give what is called when the browser says something, by its name."""

    def keep() -> None:
        # Here and not in the run that follows: one that another cuts short forgets what was said.
        event = st.session_state[VIEW].get("annotate")
        if event:
            session.seen["kept"] = _keep(session, reading, dict(event))

    return {**dict.fromkeys(("view", "pick", "event"), _nothing), "annotate": keep}


def _nothing() -> None:
    """Let Streamlit know that the browser may say this."""


def _keep(session: Session, reading: Reading, event: dict[str, Any]) -> str:
    """Write what was marked to the store at once; give why that cannot be, or nothing."""
    from viewer.keeping import keep_marks

    event.setdefault("label", session.label)
    event["rater"] = event.get("rater") or rater_and_blind()[0]
    try:
        revision = keep_marks(session.store, event, reading.anatomy, record_id=reading.record.id)
    except InputError as mistake:
        return str(mistake)
    session.notice = f"Kept in {Path(session.store).name} as revision {revision}."
    return ""


def _say_kept(session: Session) -> None:
    """Say what became of marks, once, and show them."""
    mistake = session.seen.pop("kept", None)
    if mistake:
        st.error(mistake)
    elif mistake is not None:
        st.toast(session.notice)
        st.rerun()


if __name__ == "__main__":
    main()
