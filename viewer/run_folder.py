"""One run directory: numbers, map, evidence, pictures and report, whole or not at all."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from cine_mapping.anatomy import Anatomy
from cine_mapping.path import activation_path
from cine_mapping.shares import region_shares
from imn.results import commit, versions
from viewer.analysis import Analysis
from viewer.summary import RESEARCH_USE, summarise


@contextmanager
def fresh_folder(final: Path) -> Iterator[Path]:
    """Give a new folder beside ``final``; take its place when all went well.

    Parameters
    ----------
    final : Path
        Replaced as a whole if it is there.

    Yields
    ------
    Path
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{final.name}-", dir=final.parent) as parent:
        draft = Path(parent) / "draft"
        draft.mkdir()
        yield draft
        if final.exists():
            final.rename(Path(parent) / "replaced")
        draft.rename(final)


def write_run(
    analysis: Analysis, anatomy: Anatomy, final: Path, *, config: Mapping[str, Any], no_picture: str | None
) -> dict[str, Any]:
    """Write everything about one recording into its run directory.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
    final : Path
        The run directory; replaced if it is there.
    config : mapping
        Options of the command, kept beside the result.
    no_picture : str or None
        Why no picture is to be drawn; None to draw.

    Returns
    -------
    dict
        What was written to ``summary.json``.
    """
    from viewer.exports import write_evidence, write_vtp
    from viewer.report import write_report

    summary = summarise(analysis, anatomy) | {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "no_picture": no_picture,
        "config": dict(config),
        "versions": versions(),
        "commit": commit(),
        "inputs": {
            "signal_sha256": sha256(np.ascontiguousarray(analysis.record.signal).tobytes()).hexdigest()
        },
    }
    with fresh_folder(final) as folder:
        start = perf_counter()
        maps = {**analysis.maps, "average": analysis.average}
        write_evidence(folder / "evidence.npz", analysis.explanation, analysis.beat, analysis.evidence, analysis.maps)
        places = [score for score in analysis.scores if score.mesh is not None][:1]
        masks = {name: getattr(score, name) for score in places for name in ("found", "truth")}
        provenance = places[0].annotation.provenance if places else ""
        write_vtp(folder / "map.vtp", anatomy, maps, masks=masks, provenance=provenance)
        summary["seconds"]["write"] = perf_counter() - start
        start = perf_counter()
        pictures = {} if no_picture else draw_all(analysis, anatomy, folder)
        summary["seconds"]["draw"] = perf_counter() - start
        names = [
            "summary.json",
            "report.html",
            "evidence.npz",
            "map.vtp",
            *(p.name for p in pictures.values()),
        ]
        summary["files"] = {Path(name).stem: str(final / name) for name in names}
        write_report(folder / "report.html", summary, pictures, no_pictures=no_picture or "")
        (folder / "summary.json").write_text(
            json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8"
        )
    return summary


def draw_all(analysis: Analysis, anatomy: Anatomy, folder: Path) -> dict[str, Path]:
    """Draw heart, recording, median beat and bull's-eye into a folder.

    Returns
    -------
    dict of str to Path
        By name: heart, ecg, beat, bullseye.
    """
    from viewer.beat_picture import draw_beat
    from viewer.bullseye import draw_bullseye
    from viewer.ecg_picture import EcgSheet, draw_ecg

    name, label = analysis.record.id, analysis.target
    k = analysis.explanation.classes.index(label)
    title = f"{name}: evidence for {label}, probability {analysis.explanation.probabilities[k]:.2f}"
    pictures = {part: folder / f"{part}.png" for part in ("heart", "ecg", "beat", "bullseye")}
    _draw_heart(pictures["heart"], analysis, anatomy, title)
    draw_ecg(
        pictures["ecg"],
        analysis.explanation.signal,
        fs=analysis.explanation.fs,
        evidence=analysis.explanation.evidence_for(label),
        sheet=EcgSheet(title=title, subtitle=RESEARCH_USE, label=label),
    )
    draw_beat(pictures["beat"], analysis.beat, evidence=analysis.evidence.leads, title=title, label=label)
    draw_bullseye(
        pictures["bullseye"], region_shares(analysis.average, anatomy), title=f"Evidence for {label}"
    )
    return pictures


def _draw_heart(path: Path, analysis: Analysis, anatomy: Anatomy, title: str) -> None:
    from viewer.heart_overlay import FOUND_COLOUR, Mark
    from viewer.heart_picture import Sheet, density, draw_heart

    marks = []
    subtitle = f"{anatomy.name} anatomy, average of {', '.join(analysis.maps)}"
    for score in analysis.scores:
        if score.mesh is not None:
            marks = [
                Mark(score.truth, f"{score.annotation.provenance} region"),
                Mark(score.found, "found region of the same size", colour=FOUND_COLOUR, dashed=True),
            ]
            subtitle += f"; Dice {score.mesh.dice:.2f}, all-positive {score.mesh.all_positive:.2f}"
            break
    draw_heart(
        path,
        anatomy,
        density(analysis.average.supporting, anatomy),
        marks=marks,
        track=activation_path(anatomy, analysis.beat),
        sheet=Sheet(title=title, subtitle=subtitle),
    )
