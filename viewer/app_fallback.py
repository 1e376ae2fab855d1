"""Pictures from the server, stepping in time, where the browser cannot draw the heart itself."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.shares import region_shares
from imn.errors import InputError
from viewer import seen
from viewer.analysis import Analysis
from viewer.heart_picture import paint_for
from viewer.heart_scene import Paint
from viewer.movie import common_paint, moments
from viewer.view_state import unit_of, values_of

SIZE = (720, 540)
STRIP = (320, 12)
"""Width and height of the strip of colours under a picture, pixels."""
WHOLE = "whole beat"


@st.fragment
def pictures(analysis: Analysis, anatomy: Anatomy) -> None:
    """Show the heart at a moment that a slider chooses, or a table where nothing can be drawn."""
    times = moments(analysis, 41)
    words = [WHOLE, *(f"{t:+.0f} ms".replace("-", "−") for t in times)]
    chosen = st.select_slider("Moment of the beat, from the R peak", words, key="moment")
    step = words.index(chosen)
    view: dict[str, Any] = {"mode": "integral"} if step == 0 else {"mode": "instant", "t_ms": times[step - 1]}
    values = values_of(analysis, anatomy, view)
    paint = paint_for(values, anatomy) if step == 0 else common_paint(analysis, anatomy, view, times)
    left, right = st.columns([3, 2])
    with left:
        try:
            picture = _picture(analysis, anatomy, Paint(values, paint.colours, paint.limits))
        except InputError as problem:
            st.info(str(problem))
        else:
            low, high = (f"{limit:.3g}".replace("-", "−") for limit in paint.limits)
            scale = f"colours from {low} (left) to {high} (right) {unit_of(view)}"
            st.image(picture, caption=f"Evidence for {analysis.target}, {chosen}; {scale}")
    with right:
        shares = sorted(region_shares(analysis.average, anatomy).items(), key=lambda item: -item[1])
        rows = [{"region": name, "share of the evidence, %": 100 * share} for name, share in shares]
        digits = {"share of the evidence, %": st.column_config.NumberColumn(format="%.1f")}
        st.dataframe(rows, hide_index=True, column_config=digits)


def _picture(analysis: Analysis, anatomy: Anatomy, paint: Paint) -> NDArray[np.uint8]:
    """Draw the heart from where most of the evidence is seen, with its colours in a strip below."""
    drawn = analysis.average
    best = seen.best_view(anatomy, drawn.supporting + drawn.opposing)
    heart = seen.still(anatomy, paint, camera=seen.standard_camera(best, anatomy), size=SIZE)
    return np.vstack([heart, _strip(paint.colours, heart.shape[1])])


def _strip(colours: str, width: int) -> NDArray[np.uint8]:
    from matplotlib import colormaps

    drawn = np.full((3 * STRIP[1], width, 3), 255, np.uint8)
    colour = (255 * colormaps[colours](np.linspace(0, 1, STRIP[0]))[:, :3]).astype(np.uint8)
    start = (width - STRIP[0]) // 2
    drawn[STRIP[1] : 2 * STRIP[1], start : start + STRIP[0]] = colour
    return drawn
