"""A beat as a movie: the heart as seen, a lead below it, frame by frame."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from imn.errors import InputError
from imn.leads import LEADS
from viewer.analysis import Analysis
from viewer.heart_picture import paint_for
from viewer.heart_scene import Paint
from viewer.seen import Stage, camera_of, render
from viewer.summary import RESEARCH_USE
from viewer.view_state import unit_of, values_of

SIZE, STRIP, FRAMES, PER_SECOND = (800, 600), 120, 60, 20
SHOWN_LEAD = "II"
INK, SOFT, CURSOR = "#1b1b1b", "#6a6a6a", "#b3261e"
KINDS = ("gif", "webp", "mp4")


def movie(analysis: Analysis, anatomy: Anatomy, view: Mapping[str, Any], kind: str) -> bytes:
    """Make a movie of the waves of one beat.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
    view : mapping
        Its map, sign, colours and camera; every frame is one moment.
    kind : str
        One of `KINDS`; MP4 needs the extra ``movie``.

    Returns
    -------
    bytes
        Of the file.

    Raises
    ------
    InputError
        If this machine cannot draw, or cannot write MP4.
    """
    if kind not in KINDS:
        msg = f"expected one of {', '.join(KINDS)}, got {kind!r}"
        raise InputError(msg)
    frames = list(_frames(analysis, anatomy, {**view, "mode": "instant"}))
    return _mp4(frames) if kind == "mp4" else _animated(frames, kind)


def moments(analysis: Analysis, count: int = FRAMES) -> NDArray[np.float64]:
    """Spread moments from the first wave's onset to the end of T.

    Parameters
    ----------
    analysis : Analysis
    count : int

    Returns
    -------
    (count,) float64, ms
        Relative to R.
    """
    beat = analysis.beat
    first = beat.fiducials.p_onset or beat.fiducials.qrs_onset
    samples = np.linspace(first, beat.fiducials.t_end, count)
    return (samples - beat.r_peak) * 1000.0 / beat.fs


def common_paint(
    analysis: Analysis, anatomy: Anatomy, view: Mapping[str, Any], times: NDArray[np.float64]
) -> Paint:
    """Choose one colour scale for all moments, so that they can be compared.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
    view : mapping
        Its ``range`` is kept, where it has one.
    times : (k,) float64, ms
        As `moments` gives them.

    Returns
    -------
    Paint
        With the values of the first moment.
    """
    stack = [values_of(analysis, anatomy, {**view, "mode": "instant", "t_ms": t}) for t in times]
    largest = stack[int(np.argmax([np.quantile(np.abs(x[anatomy.ventricles]), 0.998) for x in stack]))]
    paint = paint_for(largest, anatomy)
    top = float(view.get("range") or paint.limits[1])
    signed = any((values[anatomy.ventricles] < 0).any() for values in stack)
    return Paint(stack[0], "PuOr_r", (-top, top)) if signed else Paint(stack[0], paint.colours, (0.0, top))


def _frames(analysis: Analysis, anatomy: Anatomy, view: Mapping[str, Any]) -> Iterator[NDArray[np.uint8]]:
    times = moments(analysis)
    paint = common_paint(analysis, anatomy, view, times)
    camera = camera_of(view, anatomy)

    def job() -> list[NDArray[np.uint8]]:
        stage = Stage(anatomy, paint, camera=camera, size=SIZE)
        try:
            return [stage.frame(values_of(analysis, anatomy, {**view, "t_ms": t})) for t in times]
        finally:
            stage.close()

    for t, picture in zip(times, render(job), strict=True):
        yield _captioned(picture, analysis, float(t), paint, view)


def _captioned(
    picture: NDArray[np.uint8], analysis: Analysis, t: float, paint: Paint, view: Mapping[str, Any]
) -> NDArray[np.uint8]:
    """Write time and scale beside the heart, and draw a lead with the cursor below."""
    from PIL import Image, ImageDraw, ImageFont

    width, height = SIZE
    page = Image.new("RGB", (width, height + STRIP), "white")
    page.paste(Image.fromarray(picture), (0, 0))
    pen, large, small = ImageDraw.Draw(page), ImageFont.load_default(22), ImageFont.load_default(14)
    pen.text((14, 10), f"{analysis.target}  {t:+.0f} ms", fill=INK, font=large)
    pen.text((14, 40), analysis.record.id, fill=SOFT, font=small)
    words = f"{paint.limits[0]:.3g} to {paint.limits[1]:.3g} {unit_of(view)}"
    pen.text((14, height - 26), words, fill=SOFT, font=small)
    pen.text((width - 14, height - 26), RESEARCH_USE, fill=SOFT, font=small, anchor="ra")
    _strip(pen, analysis, t, small)
    return np.asarray(page)


def _strip(pen: Any, analysis: Analysis, t: float, font: Any) -> None:
    width, height = SIZE
    beat = analysis.beat
    trace = beat.signal[LEADS.index(SHOWN_LEAD)].astype(float)
    low, high = float(trace.min()), float(trace.max())
    y = height + STRIP - 14 - (trace - low) / max(high - low, 1e-9) * (STRIP - 34)
    x = np.linspace(40, width - 14, len(trace))
    pen.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=INK, width=2)
    pen.text((14, height + 10), SHOWN_LEAD, fill=INK, font=font)
    at = np.interp(t * beat.fs / 1000.0 + beat.r_peak, np.arange(len(x)), x)
    pen.line([(at, height + 4), (at, height + STRIP - 4)], fill=CURSOR, width=2)


def _animated(frames: list[NDArray[np.uint8]], kind: str) -> bytes:
    from PIL import Image

    pictures = [Image.fromarray(frame) for frame in frames]
    out = BytesIO()
    options: dict[str, Any] = {"save_all": True, "append_images": pictures[1:], "loop": 0}
    options["duration"] = round(1000 / PER_SECOND)
    if kind == "webp":
        options |= {"quality": 80, "method": 2}
    pictures[0].save(out, kind.upper(), **options)
    return out.getvalue()


def _mp4(frames: list[NDArray[np.uint8]]) -> bytes:
    import tempfile

    try:
        import imageio_ffmpeg  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        msg = 'expected the extra movie for MP4, found it is not installed; pip install "ecglocus[movie]"'
        raise InputError(msg) from error
    with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
        path = Path(private) / "beat.mp4"
        size = frames[0].shape[1::-1]
        writer = imageio_ffmpeg.write_frames(
            str(path), size, fps=PER_SECOND, quality=8, macro_block_size=8, ffmpeg_log_level="error"
        )
        writer.send(None)
        for frame in frames:
            writer.send(np.ascontiguousarray(frame))
        writer.close()
        return path.read_bytes()
