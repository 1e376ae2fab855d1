"""What the viewer costs: bytes, milliseconds, frames; measured in a real browser on this machine.

The case is a heart of ten thousand vertices and a beat of a thousand samples:
the reference heart made finer, and the demonstration's recording sampled more
often.  Then a newcomer follows the documentation to a scored picture, and
twenty visitors come at once, each with a recording of his own.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from cine_mapping.anatomy import Anatomy, Mesh
from imn.leads import LEADS
from imn.record import Record
from viewer.browser_crowd import measure_crowd
from viewer.browser_probe import FIRST, LLVMPIPE, SWIFTSHADER, Watch, browsing, serving, wait_for_view
from viewer.browser_silhouette import silhouette_iou
from viewer.newcomer import PACE, time_newcomer
from viewer.reading import Reading

VERTICES, SAMPLES = 10_000, 1000
SIZE = {"width": 1280, "height": 800}
LOADS, TOGGLES, PLAYING_MS = 3, 5, 4000
NAVIGATED = "() => performance.getEntriesByType('navigation')[0].responseEnd"
GOALS = {
    "payload_mb": "<= 1.5",
    "toggle_kb": "< 5",
    "js_ms_per_frame": "< 1",
    "first_picture_s": "< 2.5",
    "silhouette_iou": "> 0.99",
    "external_requests": "0",
    "newcomer_s": "< 120",
    "user_errors": "0",
    "uploads_seen_by_others": "0",
    "private_folders_left": "0",
    "memory_ratio": "<= 1.1",
}


def bench_viewer(users: int = 20) -> dict[str, Any]:
    """Measure the viewer.

    Parameters
    ----------
    users : int
        Visitors at once; 0 leaves them and the newcomer out.

    Returns
    -------
    dict
        As `imn.results.result` gives.

    Raises
    ------
    InputError
        If there is no browser, or this machine cannot draw.
    """
    from imn.results import figure, result

    with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
        folder = Path(private)
        recording, heart, anatomy = write_case(folder)
        content, samples = _packed(recording, anatomy)
        rows: list[dict[str, Any]] = []
        busy = os.getloadavg()[0]
        with serving([str(recording), "--anatomy", str(heart)], folder) as server:
            for renderer, flags in (("SwiftShader", SWIFTSHADER), ("llvmpipe", LLVMPIPE)):
                rows.append({"renderer": renderer} | _measure(server.url, flags, anatomy))
        people, wrong = _people(folder, users) if users else ({}, ())
    best = max(rows, key=lambda row: row["fps_software"])
    figures = {"payload_mb": len(content) / 1e6} | best | people
    headline = {name: figure(value, GOALS.get(name)) for name, value in figures.items()}
    return result(
        "ecglocus bench viewer",
        f"the demonstration on {len(anatomy.heart.points)} vertices x {samples} samples, headless Chromium "
        f"without a graphics card (headline: the faster renderer), {os.cpu_count()} cores, load average "
        f"{busy:.1f} before; the newcomer: {PACE}",
        len(rows),
        rows=rows,
        headline=headline,
        tables={"What went wrong": [{"what": one} for one in wrong]} if wrong else None,
    )


def _people(folder: Path, users: int) -> tuple[dict[str, float], tuple[str, ...]]:
    """Let a newcomer find his way, then a crowd come at once; each with a server of its own."""
    alone, crowded = folder / "newcomer", folder / "crowd"
    for made in (alone, crowded):
        made.mkdir()
    found = time_newcomer(alone)
    crowd, wrong = measure_crowd(crowded, users)
    return found | crowd, wrong


def write_case(folder: Path) -> tuple[Path, Path, Anatomy]:
    """Write a recording and a heart of the size that is measured."""
    import wfdb

    from cine_mapping.anatomy_io import load_anatomy, save_anatomy
    from cine_mapping.beats import find_beat
    from viewer.sources import open_demo

    reference = load_anatomy("reference")
    record = open_demo(reference).record
    length = find_beat(record.signal, record.fs).signal.shape[1]
    fine = resampled(record, record.fs * (SAMPLES + 1) / length)
    wfdb.wrsamp(
        "dense", fine.fs, ["mV"] * 12, list(LEADS), fine.signal.T.astype(float), fmt=["16"] * 12,
        write_dir=str(folder),
    )  # fmt: skip
    anatomy = finer(reference, VERTICES)
    save_anatomy(anatomy, folder / "dense.npz")
    return folder / "dense.hea", folder / "dense.npz", anatomy


def _packed(recording: Path, anatomy: Anatomy) -> tuple[bytes, int]:
    """Pack the case as the server does."""
    from viewer.shared import load_shared_model, load_shared_wall
    from viewer.sources import open_path

    reading = Reading(
        open_path(recording), load_shared_model(""), anatomy=anatomy, wall=load_shared_wall("reference")
    )
    label = reading.target()
    return reading.packed(label)[1], reading.analysis(label).beat.signal.shape[1]


def resampled(record: Record, fs: float) -> Record:
    """Give a recording at another rate, linear between its samples."""
    n = record.signal.shape[1]
    times = np.arange(int(n * fs / record.fs)) / fs * record.fs
    signal = np.stack([np.interp(times, np.arange(n), row) for row in record.signal])
    return replace(record, signal=signal.astype(np.float32), fs=fs)


def finer(anatomy: Anatomy, vertices: int) -> Anatomy:
    """Give an anatomy with about so many vertices; what belongs to a vertex comes from the nearest one."""
    from scipy.spatial import KDTree

    from viewer.outline import to_polydata

    fine = to_polydata(anatomy.heart).subdivide(1, "linear")
    fine = fine.decimate_pro(1 - 2 * vertices / fine.n_cells, preserve_topology=True).clean()
    mesh = Mesh(
        np.asarray(fine.points, dtype=np.float32),
        np.asarray(fine.faces).reshape(-1, 4)[:, 1:].astype(np.int32),
    )
    _, near = KDTree(anatomy.heart.points).query(mesh.points)
    return replace(
        anatomy,
        heart=mesh,
        surface=anatomy.surface[near],
        region=anatomy.region[near],
        lead_vectors=anatomy.lead_vectors[:, near],
    )


def _measure(url: str, flags: tuple[str, ...], anatomy: Anatomy) -> dict[str, Any]:
    with browsing(flags) as browser:
        watch, first = Watch(), []
        for _ in range(LOADS - 1):
            page = _opened(browser, url, watch)
            first.append(_first_picture(page))
            page.context.close()
        page = _opened(browser, url, watch)
        first.append(_first_picture(page))
        toggles = _toggle_kb(page, watch)
        played = _play(page)
        return {
            "toggle_kb": toggles,
            "js_ms_per_frame": played["js_ms_median"],
            "first_picture_s": min(first),
            "first_picture_median_s": float(np.median(first)),
            "fps_software": played["fps"],
            "silhouette_iou": silhouette_iou(page, anatomy),
            "external_requests": len(watch.external),
            "console_errors": len(watch.errors),
        }


def _opened(browser: Any, url: str, watch: Watch) -> Any:
    page = browser.new_context(viewport=SIZE).new_page()
    watch.attach(page)
    page.goto(url)
    wait_for_view(page)
    return page


def _first_picture(page: Any) -> float:
    """Seconds from the page's last byte to the first picture of the heart."""
    return (page.evaluate(f"() => ({FIRST}).stats.first_ms") - page.evaluate(NAVIGATED)) / 1000


def _toggle_kb(page: Any, watch: Watch) -> float:
    """Bytes both ways over the socket when an option is changed, median."""
    page.wait_for_timeout(3000)
    sizes = []
    for i in range(TOGGLES):
        before = watch.socket_bytes
        page.evaluate(f"() => ({FIRST}).setView({{isolines: {'true' if i % 2 == 0 else 'false'}}})")
        page.wait_for_timeout(2000)
        sizes.append((watch.socket_bytes - before) / 1000)
    return float(np.median(sizes))


def _play(page: Any) -> Mapping[str, float]:
    page.evaluate(f"() => ({FIRST}).setView({{mode: 'instant', playing: true}})")
    page.wait_for_timeout(1000)
    page.evaluate(f"() => ({FIRST}).resetStats()")
    page.wait_for_timeout(PLAYING_MS)
    stats = page.evaluate(
        f"() => {{ const {{js_ms_median, fps}} = ({FIRST}).stats; return {{js_ms_median, fps}}; }}"
    )
    page.evaluate(f"() => ({FIRST}).setView({{playing: false}})")
    return stats
