"""The page of ``ecglocus view``: Streamlit around a view that lives in the browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from imn.errors import InputError
from imn.labels import WORDS
from viewer.app_component import VIEW, bundle_path, mount_bytes, mount_program, mount_view, no_bundle
from viewer.app_options import stores_beside
from viewer.app_state import Session, current, marks_of, reading_of, take_anatomy, take_upload
from viewer.reading import Reading
from viewer.sources import DEMO, UPLOADS_MB
from viewer.summary import RESEARCH_USE
from viewer.view_state import checked_view, from_link

STYLE = """<style>
.stMainBlockContainer {padding: 0.3rem 0.4rem 2rem 0.4rem; max-width: none}
[data-testid="stSidebarUserContent"] {padding: 0 0.9rem 1rem 0.9rem !important}
[data-testid="stSidebarContent"] {padding: 0 !important}
.stAppHeader {height: 0; min-height: 0}
[data-testid="stSidebarHeader"] {height: 2.2rem; padding-bottom: 0; margin-bottom: 0}
.st-key-ecglocus_runtime, .st-key-ecglocus_store {display: none}
</style>"""
SIDEBAR_PX = 240
LOCAL = "Everything stays on this computer: nothing is sent to another. A hospital recording stays local."


def main() -> None:
    """Show the page once; Streamlit calls it again whenever something was chosen."""
    st.set_page_config("ecglocus", page_icon="🫀", layout="wide", initial_sidebar_state=SIDEBAR_PX)
    st.html(STYLE)
    session = current()
    _restore(session)
    with st.sidebar:
        st.markdown("### ecglocus")
        _choose_source(session)
        _choose_rater(session)
        place = st.container()
        _choose_more(session)
        st.caption(f"{RESEARCH_USE} {LOCAL}")
    with place:
        try:
            with st.spinner("Reading the recording …"):
                reading = reading_of(session)
                session.label = session.label or reading.target()
        except InputError as mistake:
            st.error(str(mistake))
            st.stop()
        _choose_label(session, reading)
    _show(session, reading)


def _restore(session: Session) -> None:
    """Take the view that the address carries, once."""
    link = st.query_params.get("view")
    if not link or link == session.seen.get("link"):
        return
    session.seen["link"] = link
    try:
        _take_view(session, from_link(link))
    except InputError as mistake:
        st.warning(str(mistake))


def _take_view(session: Session, view: dict[str, Any]) -> None:
    session.view, session.revision = view, session.revision + 1
    session.label = str(view["label"]) if view.get("label") else session.label


def _choose_source(session: Session) -> None:
    names = list(session.sources)

    def named(source: str) -> str:
        return "Demonstration" if source == DEMO else Path(source).name

    _choice(session, "source", "Recording", names, named)
    with st.expander("Open a recording"):
        st.caption(f"All files of one recording, such as .hea and .dat; at most {UPLOADS_MB} MB. {LOCAL}")
        files = st.file_uploader("Files", accept_multiple_files=True, label_visibility="collapsed")
        fresh = tuple(sorted(file.file_id for file in files))
        if files and fresh != session.seen.get("files"):
            session.seen["files"] = fresh
            _attempt(lambda: take_upload(session, [(file.name, file.getvalue()) for file in files]))


def _choose_label(session: Session, reading: Reading) -> None:
    said = reading.explained()
    labels = list(said.classes)
    if session.label not in labels:
        st.warning(f"The network has no class {session.label!r}; its most probable one is shown.")
        session.label = reading.target()
    chance = dict(zip(labels, said.probabilities, strict=True))

    def named(label: str) -> str:
        words = f"{label}, {WORDS[label]}" if label in WORDS else label
        return words if session.seen.get("blind") else f"{words}: {chance[label]:.2f}"

    _choice(session, "label", "Reading to explain", labels, named)


def _choose_rater(session: Session) -> None:
    rater = st.text_input("Rater", key="rater", placeholder="name or pseudonym", max_chars=80)
    session.seen["rater"] = (rater or "").strip()
    session.seen["blind"] = st.toggle(
        "Blind reading", key="blind", help="Hides the network's reading until yours is signed."
    )


def _choose_more(session: Session) -> None:
    with st.expander("Network, heart, store"):
        _choice(session, "model", "Network", ["", *session.options.models], _stem)
        hearts = ["reference", *session.options.anatomies, *session.anatomies]
        _choice(session, "anatomy", "Heart", hearts, _stem)
        _choice(session, "store", "Store of annotations", stores_beside(session.options.store), _stem)
        file = st.file_uploader("Another heart (.npz of ecglocus anatomy import)", type="npz")
        if file and file.file_id != session.seen.get("heart"):
            session.seen["heart"] = file.file_id
            _attempt(lambda: take_anatomy(session, file.name, file.getvalue()))
        saved = st.file_uploader("View (.json)", type="json")
        if saved and saved.file_id != session.seen.get("view file"):
            session.seen["view file"] = saved.file_id
            _attempt(lambda: _take_view(session, _json(saved.getvalue())))


def _stem(path: str) -> str:
    return Path(path).stem or "shipped"


def _choice(session: Session, name: str, title: str, offered: list[str], named: Callable[[str], str]) -> None:
    """Offer values of a field of the session, which alone says what is chosen.

    The widget is told what is chosen before it is drawn and tells of a change by a
    callback: its own memory would bring back old choices.
    """

    def take() -> None:
        setattr(session, name, st.session_state[name])
        if name == "source":
            session.label = None

    if getattr(session, name) not in offered:
        setattr(session, name, offered[0])
    st.session_state[name] = getattr(session, name)
    st.selectbox(title, offered, format_func=named, key=name, on_change=take)


def _attempt(action: Callable[[], None]) -> None:
    """Do what a user asked for, and start over; say in a sentence why it cannot be done."""
    try:
        action()
    except InputError as mistake:
        st.error(str(mistake))
    else:
        st.rerun()


def _json(content: bytes) -> dict[str, Any]:
    import json

    try:
        return checked_view(json.loads(content))
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        msg = f"expected a view as JSON, could not read it ({error}); save it in the viewer"
        raise InputError(msg) from error


def _show(session: Session, reading: Reading) -> None:
    from viewer.app_below import below

    rater, blind = session.seen["rater"], session.seen["blind"]
    assert session.label is not None
    try:
        marks = marks_of(session, reading.record.id, rater=rater, blind=blind)
        marks = () if blind and not _signed(marks, rater) else (*reading.opened.annotations, *marks)
        with st.spinner(f"Mapping the evidence for {session.label} …"):
            key, content = reading.packed(session.label, marks)
    except InputError as mistake:
        st.error(str(mistake))
        st.stop()
    if bundle_path() is None:
        from viewer.app_fallback import pictures

        st.warning(no_bundle())
        pictures(reading.analysis(session.label), reading.anatomy)
    else:
        mount_program()
        mount_bytes(content)
        _view(session, reading, key, hidden=blind and not _signed(marks, rater))
    if not blind or _signed(marks, rater):
        below(session, reading, marks)


def _signed(marks: Any, rater: str) -> bool:
    return any(mark.rater == rater and mark.state != "draft" for mark in marks)


@st.fragment
def _view(session: Session, reading: Reading, key: str, *, hidden: bool) -> None:
    """Show the view; what it says reruns this part alone, unless it changes what is shown."""
    data = {
        "key": key,
        "revision": session.revision,
        "view": session.view or {"theme": st.context.theme.type or "light"},
        "editable": True,
        "blind": hidden,
        "blind_locked": hidden,
        "rater": session.seen["rater"],
        "label": session.label,
    }
    said = mount_view(data, on=dict.fromkeys(("view", "annotate", "pick", "event"), _nothing))
    if said.get("view"):
        before = session.seen.get("view", {}).get("label")
        session.seen["view"] = checked_view(dict(said["view"]))
        label = session.seen["view"].get("label")
        # Said once by the browser; the same word later is only older than what the sidebar says now.
        if label not in (None, before, session.label) and label in reading.explained().classes:
            session.label = label
            st.rerun()
    if said.get("annotate"):
        _keep(session, reading, dict(said["annotate"]))
    if said.get("event") and said["event"].get("webgl") is False:
        session.seen["webgl"] = False
    if session.seen.get("webgl") is False:
        from viewer.app_fallback import pictures

        pictures(reading.analysis(str(session.label)), reading.anatomy)


def _nothing() -> None:
    """Let Streamlit know that the browser may say this."""


def _keep(session: Session, reading: Reading, event: dict[str, Any]) -> None:
    """Write what was marked to the store at once, and show it."""
    from viewer.keeping import keep_marks

    event.setdefault("label", session.label)
    event["rater"] = event.get("rater") or session.seen["rater"]
    try:
        revision = keep_marks(session.store, event, reading.anatomy, record_id=reading.record.id)
    except InputError as mistake:
        st.error(str(mistake))
        return
    session.notice = f"Kept in {Path(session.store).name} as revision {revision}."
    st.toast(session.notice)
    st.rerun()


if __name__ == "__main__":
    main()

__all__ = ["VIEW", "main"]
