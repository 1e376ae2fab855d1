"""What a visitor says of the files that are sent, where these do not say it themselves."""

import re

import streamlit as st

from viewer.cli_told import ToldOptions

UNITS = ("mV", "uV", "V")


def told_of_files() -> ToldOptions:
    """Ask for what tables and arrays leave out, and for converter steps where gains are wrong.

    Returns
    -------
    ToldOptions
    """
    with st.popover("What the files do not say", width="stretch"):
        st.caption("Of tables and arrays that leave it out; whatever a file says itself must agree.")
        fs = st.number_input("Sampling rate, Hz", min_value=0.0, value=None, key="told fs")
        unit = st.selectbox("Unit", UNITS, index=None, key="told unit")
        names = st.text_area(
            "Leads in the order of the columns", key="told leads", placeholder="I II III …", height=68
        )
        steps = "Converter steps per mV, instead of gains that are wrong (LUDB: 1000)"
        adu = st.number_input(steps, min_value=0.0, value=None, key="told steps")
    leads = tuple(re.findall(r"[^\s,;]+", names or ""))
    return ToldOptions(fs or None, unit, leads, adu or None)
