"""Files to take away from the viewer: pictures, meshes, a page that needs nothing else."""

import base64
import gzip
import json
import tempfile
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from cine_mapping.anatomy import Anatomy
from cine_mapping.path import activation_path
from viewer.analysis import Analysis
from viewer.app_component import bundle
from viewer.heart_overlay import Mark
from viewer.heart_picture import Sheet, draw_heart, paint_for
from viewer.seen import Stage, camera_of, render
from viewer.summary import RESEARCH_USE
from viewer.view_state import checked_view, cluster_name, map_name, unit_of, values_of
from viewer.views import View

LARGEST_PAGE = 5_000_000
FRAME = 10_000
"""Bytes of a page beside what it carries."""
LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))
"""What lies at the low and at the high end of x, y and z."""


def print_picture(analysis: Analysis, anatomy: Anatomy, view: Mapping[str, Any], kind: str) -> bytes:
    """Draw what is seen at print size (10 inches wide), with segments, scale and words.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
    view : mapping
        Its direction of looking is kept; the picture is drawn without perspective.
    kind : "png" or "svg"
        In SVG all lines and words are vectors, the shaded heart is a picture.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If this machine cannot draw.
    """
    eye = looking(view, anatomy)
    values = values_of(analysis, anatomy, view)
    moment = f"{view.get('t_ms') or 0:+.0f} ms" if view.get("mode") == "instant" else "whole beat"
    if view.get("mode") != "instant" and view.get("interval_ms"):
        moment = "{:+.0f} to {:+.0f} ms".format(*sorted(view["interval_ms"]))
    if cluster := cluster_name(analysis, view):
        moment = f"{moment}, moments of {cluster}"
    shown = map_name(analysis, view)
    sheet = Sheet(
        title=f"{analysis.record.id}: evidence for {analysis.target}",
        subtitle=f"{shown}, {moment}, {anatomy.name} anatomy. {RESEARCH_USE}",
        bar=f"evidence, {unit_of(view)}",
        views=(eye,),
        columns=1,
        top=float(view["range"]) if view.get("range") else None,
    )
    marks = [Mark(score.truth, f"{score.annotation.rater}") for score in analysis.scores if score.mesh][:1]
    points = analysis.beat.fiducials
    track = activation_path(anatomy, analysis.beat)[: points.j_point - points.qrs_onset]

    def job() -> bytes:
        with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
            path = Path(private) / f"heart.{kind}"
            draw_heart(
                path, anatomy, values, marks=marks, track=track if view.get("path") else None, sheet=sheet
            )
            return path.read_bytes()

    return render(job)


def looking(view: Mapping[str, Any], anatomy: Anatomy) -> View:
    """Give a view's direction of looking, with the letters of its four sides.

    Parameters
    ----------
    view : mapping
        Its camera counts; from the front where it has none.
    anatomy : Anatomy

    Returns
    -------
    View
        Without a name; a side has one or two letters of R, L, A, P, F and H.

    Raises
    ------
    InputError
        If the camera is none (`viewer.seen.camera_of`).
    """
    camera = camera_of(view, anatomy)
    towards = np.array(camera.position) - np.array(camera.target)
    towards /= np.linalg.norm(towards)
    up = np.array(camera.up) - np.dot(camera.up, towards) * towards
    if np.linalg.norm(up) < 1e-6:
        up = np.cross(towards, np.eye(3)[np.argmin(np.abs(towards))])
    up /= np.linalg.norm(up)
    right = np.cross(up, towards)
    sides = (_letters(-right), _letters(right), _letters(up), _letters(-up))
    eye, top = ((float(a[0]), float(a[1]), float(a[2])) for a in (towards, up))
    return View("", eye, top, sides)


def _letters(direction: np.ndarray) -> str:
    order = np.argsort(-np.abs(direction))
    kept = [axis for axis in order if abs(direction[axis]) > 0.4][:2]
    return "".join(LETTERS[axis][int(direction[axis] > 0)] for axis in kept)


def gltf(analysis: Analysis, anatomy: Anatomy, view: Mapping[str, Any]) -> bytes:
    """Write the coloured heart as glTF 2.0 with everything inside.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
    view : mapping
        What is shown, and when (`viewer.view_state.values_of`).

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If this machine cannot draw.
    """
    paint = paint_for(values_of(analysis, anatomy, view), anatomy)

    def job() -> bytes:
        stage = Stage(anatomy, paint, camera=camera_of(view, anatomy), size=(64, 64))
        try:
            with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
                path = Path(private) / "heart.gltf"
                stage.save_gltf(str(path))
                return path.read_bytes()
        finally:
            stage.close()

    return render(job)


def vtp(analysis: Analysis, anatomy: Anatomy, view: Mapping[str, Any]) -> bytes:
    """Write all maps and what is seen as VTK PolyData.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
    view : mapping
        As in `gltf`.

    Returns
    -------
    bytes
        As `viewer.exports.write_vtp`; point array ``seen`` is what the view shows, (v,) float32,
        in the unit of `viewer.view_state.unit_of`.
    """
    from viewer.exports import write_vtp

    maps = {**analysis.maps, "average": analysis.average}
    values = {"seen": values_of(analysis, anatomy, view)}
    if analysis.spread is not None:
        values["spread"] = analysis.spread
    masks = {} if analysis.credible is None else {"credible": analysis.credible.region}
    with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
        path = Path(private) / "map.vtp"
        write_vtp(path, anatomy, maps, masks=masks, values=values)
        return path.read_bytes()


def page(content: bytes, view: Mapping[str, Any], title: str, *, pages: Iterable[bytes] = ()) -> bytes:
    """Put the viewer and a payload into one HTML file that needs no network.

    Parameters
    ----------
    content : bytes
        As `viewer.payload.to_bytes` gives.
    view : mapping
        What the page shows first.
    title : str
    pages : iterable of bytes
        Further pages of a long recording, in their order; as many as `LARGEST_PAGE` has room for.

    Returns
    -------
    bytes

    Raises
    ------
    FileNotFoundError
        If the program for the browser was not built.
    """
    packed = _packed(content)
    words = json.dumps(checked_view(dict(view))).replace("<", "\\u003c")
    program = bundle().replace("</script", "<\\/script")
    more = _pages(pages, LARGEST_PAGE - len(packed) - len(words) - len(program.encode()) - FRAME)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
style-src 'unsafe-inline'; img-src data: blob:; media-src blob:">
<style>html, body {{margin: 0; height: 100%}} main {{height: 100vh}}</style></head>
<body><main></main>
<script id="payload" type="text/plain" data-encoding="gzip">{packed}</script>
{more}<script id="view" type="application/json">{words}</script>
<script type="module">
{program}
globalThis.ecglocus.openStandalone();
</script></body></html>
""".encode()


def _pages(pages: Iterable[bytes], room: int) -> str:
    """Write pages of a recording until one does not fit."""
    parts = []
    for content in pages:
        part = f'<script class="page" type="text/plain" data-encoding="gzip">{_packed(content)}</script>\n'
        room -= len(part)
        if room < 0:
            break
        parts.append(part)
    return "".join(parts)


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")
