"""The report of an analysis as one file: HTML that holds everything, or PDF for print."""

import tempfile
from pathlib import Path
from typing import Any

from cine_mapping.anatomy import Anatomy
from viewer.analysis import Analysis
from viewer.drawing import plan_drawing
from viewer.run_folder import write_run
from viewer.seen import render
from viewer.summary import RESEARCH_USE

A4_IN = (8.27, 11.69)
DPI = 200
ORDER = ("heart", "ecg", "clusters", "beat", "bullseye")


def report(analysis: Analysis, anatomy: Anatomy, kind: str) -> bytes:
    """Make the report of an analysis.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
    kind : "html" or "pdf"

    Returns
    -------
    bytes
    """
    drawing = plan_drawing(True)

    def job() -> bytes:
        with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
            folder = Path(private) / "run"
            summary = write_run(analysis, anatomy, folder, config={"command": "view"}, drawing=drawing)
            if kind == "html":
                return (folder / "report.html").read_bytes()
            return _pdf(summary, folder)

    return job() if drawing.reason else render(job)


def _pdf(summary: dict[str, Any], folder: Path) -> bytes:
    from matplotlib.backends.backend_pdf import PdfPages

    out = folder / "report.pdf"
    with PdfPages(out, metadata={"Title": f"{summary['record']}: evidence for {summary['target']}"}) as pages:
        pages.savefig(_first_page(summary, folder))
        for name in ORDER[1:]:
            if (folder / f"{name}.png").is_file():
                pages.savefig(_picture_page(folder / f"{name}.png"))
    return out.read_bytes()


def _sheet(landscape: bool = False) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(A4_IN[1], A4_IN[0]) if landscape else A4_IN, dpi=DPI, facecolor="white")


def _first_page(summary: dict[str, Any], folder: Path) -> Any:
    from viewer.report import sentence

    figure = _sheet()
    figure.text(
        0.07, 0.95, f"{summary['record']}: evidence for {summary['target']}", fontsize=16, weight="bold"
    )
    figure.text(0.07, 0.925, f"{summary['model']}, {summary['anatomy']} anatomy. {RESEARCH_USE}", fontsize=8)
    figure.text(0.07, 0.89, sentence(summary), fontsize=10, wrap=True, va="top")
    if (folder / "heart.png").is_file():
        _place(figure, folder / "heart.png", (0.05, 0.42, 0.9, 0.42))
    else:
        figure.text(0.07, 0.7, summary.get("no_picture") or "", fontsize=9, wrap=True)
    _table(figure, _predictions(summary), (0.07, 0.06, 0.38, 0.32))
    _table(figure, _regions(summary), (0.52, 0.06, 0.41, 0.32))
    return figure


def _predictions(summary: dict[str, Any]) -> list[list[str]]:
    rows = [
        [p["label"], f"{p['probability']:.2f}", f"{p['logit']:+.2f}"]
        for p in summary["predictions"]
        if p["superclass"] or p["label"] == summary["target"]
    ]
    return [["class", "probability", "logit"], *rows]


def _regions(summary: dict[str, Any]) -> list[list[str]]:
    held = sorted(summary["regions"], key=lambda region: -region["density"])[:9]
    rows = [[r["name"], f"{r['share']:.0%}", f"{r['density']:.1f}x"] for r in held]
    for score in summary["scores"][:1]:
        if score["dice"] is not None:
            rows.append([f"Dice, {score['rater']}"[:26], f"{score['dice']:.2f}", ""])
    return [["region", "share", "of an even spread"], *rows]


def _table(figure: Any, rows: list[list[str]], box: tuple[float, float, float, float]) -> None:
    axes = figure.add_axes(box)
    axes.axis("off")
    held = axes.table(rows[1:], colLabels=rows[0], cellLoc="left", loc="upper left", edges="horizontal")
    held.auto_set_font_size(False)
    held.set_fontsize(8)
    held.auto_set_column_width(range(len(rows[0])))


def _picture_page(path: Path) -> Any:
    figure = _sheet(landscape=True)
    _place(figure, path, (0.02, 0.02, 0.96, 0.96))
    return figure


def _place(figure: Any, path: Path, box: tuple[float, float, float, float]) -> None:
    from PIL import Image

    axes = figure.add_axes(box)
    axes.axis("off")
    with Image.open(path) as picture:
        axes.imshow(picture.convert("RGB"), interpolation="none")
