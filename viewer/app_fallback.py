"""Pictures from the server, stepping in time, where the browser cannot draw the heart itself."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.shares import region_shares
from imn.errors import InputError
from viewer.analysis import Analysis
from viewer.heart_picture import paint_for
from viewer.heart_scene import Paint
from viewer.movie import common_paint, moments
from viewer.seen import camera_of, still
from viewer.view_state import unit_of, values_of

SIZE = (720, 540)


@st.fragment
def pictures(analysis: Analysis, anatomy: Anatomy) -> None:
    """Show the heart at a moment that a slider chooses, or a table where nothing can be drawn."""
    times = moments(analysis, 41)
    step = st.slider("Moment of the beat (0: the whole beat)", 0, len(times), 0, key="moment")
    view: dict[str, Any] = {"mode": "integral"} if step == 0 else {"mode": "instant", "t_ms": times[step - 1]}
    values = values_of(analysis, anatomy, view)
    paint = paint_for(values, anatomy) if step == 0 else common_paint(analysis, anatomy, view, times)
    words = "whole beat" if step == 0 else f"{view['t_ms']:+.0f} ms"
    left, right = st.columns([3, 2])
    with left:
        try:
            picture = _picture(anatomy, values, paint)
        except InputError as problem:
            st.info(str(problem))
        else:
            scale = f"{paint.limits[0]:.3g} to {paint.limits[1]:.3g} {unit_of(view)}"
            st.image(picture, caption=f"Evidence for {analysis.target}, {words}; colours from {scale}")
    with right:
        shares = sorted(region_shares(analysis.average, anatomy).items(), key=lambda item: -item[1])
        st.dataframe(
            [{"region": name, "share of the evidence for": round(share, 3)} for name, share in shares],
            hide_index=True,
        )


def _picture(anatomy: Anatomy, values: NDArray[np.float64], paint: Paint) -> NDArray[np.uint8]:
    shown = Paint(values, paint.colours, paint.limits)
    return still(anatomy, shown, camera=camera_of({}, anatomy), size=SIZE)
