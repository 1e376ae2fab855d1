"""What the page fetches only when it is asked for: a rival's evidence, pages of a long recording."""

import streamlit as st

from imn.errors import InputError
from viewer.app_component import PAGES, mount_pages
from viewer.app_state import Session
from viewer.payload_recording import Pages
from viewer.reading import Reading
from viewer.rival_reading import NONE, words_of


def readable_rival(session: Session, reading: Reading) -> str:
    """Give the rival that was chosen, once it was read; none, and a sentence why, where it cannot be."""
    if session.rival == NONE:
        return NONE
    try:
        with st.spinner(f"Comparing with {words_of(session.rival)} …"):
            reading.seen(str(session.label), rival=session.rival)
    except InputError as mistake:
        st.warning(f"No rival is shown: {mistake}")
        return NONE
    return session.rival


@st.fragment
def pages(session: Session, reading: Reading) -> None:
    """Send the page of a long recording that the browser asks for; asking runs this part alone."""
    label = str(session.label)
    held = reading.analysis(label)
    if Pages.of(held).count < 2:
        return
    of = (session.source, session.stretch)

    def take() -> None:
        number = st.session_state[PAGES].get("page")
        if isinstance(number, int):
            session.seen["page"] = (of, number)

    asked = session.seen.get("page")
    number = asked[1] if asked and asked[0] == of else None
    mount_pages(reading.page(label, number), take)
