"""What stands under the view: agreement with the experts, and what to take away."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from imn.errors import InputError
from viewer.app_state import Session
from viewer.reading import Reading
from viewer.rival_reading import NONE

if TYPE_CHECKING:
    from annotations.annotation import Annotation

MIME = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "gltf": "model/gltf+json",
    "vtp": "application/xml",
    "html": "text/html",
    "pdf": "application/pdf",
    "json": "application/json",
}
NAMES = {"webp": "WebP"}
"""Of kinds that are not written in capitals."""


def below(session: Session, reading: Reading, marks: "Sequence[Annotation]") -> None:
    """Show agreement, the list of readings, and the files to take away.

    Parameters
    ----------
    session : Session
    reading : Reading
        What is shown.
    marks : sequence of Annotation
        That the rater may see.
    """
    label, panels = str(session.label), ("Agreement with the experts", "Readings", "Take away")
    chosen = st.segmented_control("More", panels, key="below", label_visibility="collapsed")
    if chosen == panels[0]:
        if reading.is_scored(label, marks):
            _agreement(reading.scored(label, marks))
        elif st.button("Score the map against the experts and against chance (some seconds)"):
            with st.spinner("Scoring …"):
                reading.scored(label, marks)
            st.rerun()
    elif chosen == panels[1]:
        _readings(marks)
    elif chosen == panels[2]:
        _take_away(session, reading, marks)


def _agreement(analysis: Any) -> None:
    rows = [row for score in analysis.scores if (row := _row(score.as_dict()))]
    if not rows:
        st.caption("Nobody has marked this label in this recording yet. Choose the brush or a segment above.")
        return
    known = dict.fromkeys(name for row in rows for name, value in row.items() if value is not None)
    digits = {name: st.column_config.NumberColumn(format="%.2f") for name in [*known][2:]}
    st.dataframe(
        rows, hide_index=True, width="stretch", column_order=[*known], column_config=digits, placeholder="–"
    )
    st.caption(
        "Dice weighted by area, of the evidence for the label summed over the whole beat, the map marking as "
        "much as the rater did. Beside it the same for a random "
        "region, for everything marked, for the squared signal and for shuffled leads: a score means nothing "
        "without them."
    )


def _row(score: dict[str, Any]) -> dict[str, Any] | None:
    mesh, leads = score["mesh"], score["leads"]
    if not mesh and not leads:
        return None
    shown = {"rater": score["rater"], "kind": score["provenance"]}
    shown |= {name: round(mesh[name], 3) if mesh else None for name in ("dice", "precision", "recall")}
    shown |= {name: round(value, 3) for name, value in score["baselines"].items()}
    return shown | {"leads and time": round(leads["dice"], 3) if leads else None}


def _readings(marks: "Sequence[Annotation]") -> None:
    rows = [
        {
            "rater": mark.rater,
            "label": finding.label,
            "kind": finding.provenance,
            "state": mark.state,
            "confidence": finding.confidence,
            "regions": ", ".join(finding.regions),
            "vertices": len(finding.vertices.index) if finding.vertices else 0,
            "intervals": len(finding.intervals),
            "note": finding.note,
            "marked": mark.marked_at or "",
        }
        for mark in marks
        for finding in mark.findings
    ]
    if rows:
        st.dataframe(rows, hide_index=True, width="stretch")
    else:
        st.caption("No readings of this recording are in the store.")


def _take_away(session: Session, reading: Reading, marks: "Sequence[Annotation]") -> None:
    label = str(session.label)
    rows = _files(session, reading, marks)
    stem = f"{reading.record.id}-{label}".replace("/", "_").replace(" ", "_")
    for i, row in enumerate(rows):
        for j, (column, (title, kind, maker)) in enumerate(zip(st.columns(len(row)), row, strict=True)):
            with column:
                name = f"{stem}{'-report' if 'Report' in title else ''}.{kind}"
                _button(title, name, maker, key=f"away-{i}-{j}")
    left, middle, *_ = st.columns(len(rows[1]))
    with left:
        st.download_button(
            "This view, JSON",
            lambda: json.dumps(_view(session, reading), indent=2),
            f"{stem}-view.json",
            MIME["json"],
            on_click="ignore",
            width="stretch",
        )
    with middle:
        linked = st.button("Link that restores this view", width="stretch")
    if linked:
        _link(session, reading)


def _link(session: Session, reading: Reading) -> None:
    from viewer.view_state import to_link

    whole = _view(session, reading) | {"label": str(session.label)}
    st.query_params["view"] = session.seen["link"] = to_link(whole)
    st.caption("The address of this page now restores the view; copy it.")


def _view(session: Session, reading: Reading) -> dict[str, Any]:
    """Give what is seen now, with the place that it is seen from."""
    from viewer import seen

    held = session.seen.get("view") or session.view or {}
    if held.get("camera"):
        return held
    # Nobody has turned the heart yet: it is seen as the browser first shows it.
    drawn = reading.analysis(str(session.label)).average
    best = seen.best_view(reading.anatomy, drawn.supporting + drawn.opposing)
    return held | {"camera": asdict(seen.standard_camera(best, reading.anatomy))}


def _files(
    session: Session, reading: Reading, marks: "Sequence[Annotation]"
) -> list[list[tuple[str, str, Callable[[], bytes]]]]:
    """Give the rows of buttons: title, kind, and how the file is made."""
    from viewer import movie, report_files, take_away

    label, rival = str(session.label), str(session.seen.get("rival") or NONE)

    def made(maker: Callable[..., bytes], *more: Any) -> Callable[[], bytes]:
        return lambda: maker(
            reading.seen(label, marks, rival=rival), reading.anatomy, _view(session, reading), *more
        )

    def page() -> bytes:
        content = reading.packed(label, marks, rival=rival, whole_leads=True)[1]
        title, pages = f"{reading.record.id}: {label}", reading.more_pages(label)
        return take_away.page(content, _view(session, reading), title, pages=pages)

    def report(kind: str) -> Callable[[], bytes]:
        return lambda: report_files.report(reading.scored(label, marks), reading.anatomy, kind)

    return [
        [(f"Picture, {k.upper()}", k, made(take_away.print_picture, k)) for k in ("png", "svg")]
        + [(f"Movie, {NAMES.get(k, k.upper())}", k, made(movie.movie, k)) for k in movie.KINDS],
        [
            ("Heart, glTF", "gltf", made(take_away.gltf)),
            ("Maps, VTP", "vtp", made(take_away.vtp)),
            ("Page that needs no network", "html", page),
            ("Report, HTML", "html", report("html")),
            ("Report, PDF", "pdf", report("pdf")),
        ],
    ]


def _button(title: str, name: str, maker: Callable[[], bytes], *, key: str) -> None:
    """Offer a file that is made when it is asked for."""

    def make() -> bytes:
        try:
            return maker()
        except InputError as mistake:
            st.session_state["away-mistake"] = str(mistake)
            raise

    mime = MIME[name.rsplit(".", 1)[-1]]
    st.download_button(title, make, name, mime, key=key, on_click="ignore", width="stretch")
