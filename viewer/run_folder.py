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

from annotations.masks import anatomy_hash
from annotations.scores import SEED
from cine_mapping.anatomy import Anatomy
from imn.results import commit, versions
from viewer.analysis import Analysis
from viewer.drawing import Drawing, draw
from viewer.summary import summarise

FILES = ("summary.json", "report.html", "evidence.npz", "map.vtp")


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
    analysis: Analysis, anatomy: Anatomy, final: Path, *, config: Mapping[str, Any], drawing: Drawing
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
    drawing : Drawing
        Which pictures to make, and why not all.

    Returns
    -------
    dict
        What was written to ``summary.json``.
    """
    from viewer.exports import write_evidence, write_vtp
    from viewer.report import write_report

    summary = summarise(analysis, anatomy) | {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "no_picture": drawing.reason,
        "config": dict(config),
        "versions": versions(),
        "commit": commit(),
        "seed": SEED,
        "inputs": {
            "signal_sha256": sha256(np.ascontiguousarray(analysis.record.signal).tobytes()).hexdigest(),
            "anatomy_sha256": anatomy_hash(anatomy),
        },
    }
    with fresh_folder(final) as folder:
        start = perf_counter()
        evidence = (analysis.explanation, analysis.beat, analysis.evidence)
        write_evidence(folder / "evidence.npz", *evidence, analysis.maps)
        maps = {**analysis.maps, "average": analysis.average}
        places = [score for score in analysis.scores if score.mesh is not None][:1]
        masks = {name: getattr(score, name) for score in places for name in ("found", "truth")}
        provenance = places[0].finding.provenance if places else ""
        if analysis.credible is not None:
            masks["credible"] = analysis.credible.region
        values = {} if analysis.spread is None else {"spread": analysis.spread}
        write_vtp(folder / "map.vtp", anatomy, maps, masks=masks, values=values, provenance=provenance)
        summary["seconds"]["write"] = perf_counter() - start
        start = perf_counter()
        pictures = draw(analysis, anatomy, folder, drawing.names)
        summary["seconds"]["draw"] = perf_counter() - start
        names = [*FILES, *(picture.name for picture in pictures.values())]
        summary["files"] = {Path(name).stem: str(final / name) for name in names}
        write_report(folder / "report.html", summary, pictures, no_pictures=drawing.reason or "")
        (folder / "summary.json").write_text(
            json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8"
        )
    return summary
