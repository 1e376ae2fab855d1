"""The sidebar: which recording, who reads, what to explain, with which network on which heart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from imn.errors import InputError
from imn.labels import WORDS
from viewer.app_options import stores_beside
from viewer.app_state import Session, take_anatomy, take_upload
from viewer.app_told import told_of_files
from viewer.reading import Reading
from viewer.rival_reading import choices, short_name, words_of
from viewer.sources import DEMO, UPLOADS_MB
from viewer.summary import RESEARCH_USE
from viewer.view_state import checked_view

LOCAL = "Everything stays on this computer: nothing is sent to another. A hospital recording stays local."


def sidebar(session: Session, reading: Reading | None) -> None:
    """Offer everything that decides what is shown.

    Parameters
    ----------
    session : Session
    reading : Reading or None
        None where what was chosen cannot be read: then something else can be.
    """
    with st.sidebar:
        st.markdown("### ecglocus")
        _choose_source(session, reading)
        _choose_rater()
        if reading is not None:
            _choose_label(session, reading)
        _choose_more(session)
        st.caption(f"{RESEARCH_USE} {LOCAL}")


def rater_and_blind() -> tuple[str, bool]:
    """Tell who reads and whether blind; known before the widgets are drawn."""
    return str(st.session_state.get("rater") or "").strip(), bool(st.session_state.get("blind"))


def take_view(session: Session, view: dict[str, Any]) -> None:
    """Let the browser show a view, and its label."""
    session.view, session.revision = view, session.revision + 1
    session.label = str(view["label"]) if view.get("label") else session.label
    if view.get("rival"):
        take_rival(session, str(view["rival"]))


def take_rival(session: Session, name: str) -> None:
    """Compare with what a view names; say so where it is not offered here."""
    offered = choices(session.options.models, session.model)
    found = [choice for choice in offered if short_name(choice) == name]
    if found:
        session.rival = found[0]
    else:
        st.warning(f"The view compares with {name!r}, which is not offered here; open it with --model.")


def _choose_stretch(session: Session, reading: Reading | None) -> None:
    """Offer the parts of a recording that is too long to be read at once."""
    parts = reading.opened.stretches if reading is not None else ()
    if len(parts) < 2:
        return

    def named(number: int) -> str:
        return " to ".join("{}:{:02d}".format(*divmod(round(second), 60)) for second in parts[number])

    _choice(session, "stretch", "Stretch of the recording, min:s", list(range(len(parts))), named)
    st.caption("It is long, so that it is read in stretches, each by itself.")


def _choose_source(session: Session, reading: Reading | None) -> None:
    names = list(session.sources)

    def named(source: str) -> str:
        return "Demonstration" if source == DEMO else Path(source).name

    _choice(session, "source", "Recording", names, named)
    _choose_stretch(session, reading)
    if reading is not None:
        _keep_in_mind(session, reading)
    with st.expander("Open a recording"):
        st.caption(f"All files of one recording, such as .hea and .dat; at most {UPLOADS_MB} MB. {LOCAL}")
        files = st.file_uploader("Files", accept_multiple_files=True, label_visibility="collapsed")
        told = told_of_files()
        fresh = (*sorted(file.file_id for file in files), told)
        if files and fresh != session.seen.get("files"):
            session.seen["files"] = fresh
            _attempt(lambda: take_upload(session, [(file.name, file.getvalue()) for file in files], told))


def _keep_in_mind(session: Session, reading: Reading) -> None:
    """Say what the report says of beats, electrodes and leads of the recording."""
    try:
        words = reading.analysis(str(session.label)).beat.quality
    except InputError:
        return  # it is said above the view
    if words:
        st.caption("  \n".join(("What to keep in mind about this recording:", *words)))


def _choose_label(session: Session, reading: Reading) -> None:
    def named(label: str) -> str:
        return f"{label}, {WORDS[label]}" if label in WORDS else label

    _choice(session, "label", "Reading to explain", list(reading.explained().classes), named)


def _choose_rater() -> None:
    st.text_input("Rater", key="rater", placeholder="name or pseudonym", max_chars=80)
    st.toggle("Blind reading", key="blind", help="Hides the network's reading until yours is signed.")


def _choose_more(session: Session) -> None:
    with st.expander("Network, heart, store"):
        _choice(session, "model", "Network", ["", *session.options.networks], _stem)
        _choice(session, "rival", "Compare with", choices(session.options.models, session.model), words_of)
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
            _attempt(lambda: take_view(session, _json(saved.getvalue())))


def _stem(path: str) -> str:
    return Path(path).stem or "shipped"


def _choice(session: Session, name: str, title: str, offered: list[Any], named: Callable[[Any], str]) -> None:
    """Offer values of a field of the session, which alone says what is chosen.

    The widget is told what is chosen before it is drawn and tells of a change by a
    callback: its own memory would bring back old choices.
    """

    def take() -> None:
        setattr(session, name, st.session_state[name])
        if name == "source":
            session.label, session.stretch = None, 0

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
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        msg = f"expected a view as JSON, could not read it ({error}); save it in the viewer"
        raise InputError(msg) from error
