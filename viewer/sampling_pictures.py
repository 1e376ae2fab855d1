"""Figures of the sampling-rate study, from its result: AUROC by rate, reliability, maps across rates."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imn.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = Mapping[str, Any]
SERIES = {
    ("CNN1D", "as published"): ("CNN1D, 54 samples as published", "#c1272d", "o"),
    ("CNN1D", "held"): ("CNN1D, field held at 0.87 s", "#0072b2", "s"),
    ("CNN1D", "cut"): ("CNN1D, field cut to 0.1 s", "#d98032", "v"),
    ("CNN-LSTM", "as published"): ("CNN-LSTM as published", "#6a6a6a", "^"),
    ("IMN", "resampled"): ("ecglocus, which resamples to 100 Hz", "#009e73", "D"),
    ("IMN", "not resampled"): ("ecglocus, 500 Hz taken for 100 Hz", "#cc79a7", "x"),
}
"""Name, colour and marker of each network and receptive field."""
RATES = (62, 100, 250, 500)
BY_RATE = {62: "#e69f00", 100: "#0072b2", 250: "#009e73", 500: "#c1272d"}
COLUMNS = 3
LEAST = 5
"""Recordings in a bin for it to be drawn."""
CREDIT = "PTB-XL, CC BY 4.0, Wagner et al. 2020"


def draw(measured: Mapping[str, Any], folder: Path) -> None:
    """Write all figures of a result (`cine_mapping.sampling_bench.bench_sampling`) as PNG.

    Parameters
    ----------
    measured : mapping
    folder : Path
        Gets auroc_by_rate.png, reliability.png and maps_across_rates.png.
    """
    tables = measured["tables"]
    _save(auroc_by_rate(measured["rows"]), folder / "auroc_by_rate.png")
    _save(reliability(tables["Reliability"]), folder / "reliability.png")
    _save(maps_across_rates(tables["Maps across rates"]), folder / "maps_across_rates.png")


def auroc_by_rate(rows: Sequence[Row]) -> "Figure":
    """Draw AUROC with 95 % intervals against the rate, for either kind of recordings."""
    sources = sorted({row["made_from_hz"] for row in rows})
    figure, panels = _panels(len(sources), (5.2, 4.4))
    for panel, source in zip(panels, sources, strict=True):
        own = [row for row in rows if row["made_from_hz"] == source]
        counts = sorted({(row["n_af"], row["n_normal"]) for row in own}, reverse=True)
        words = "; ".join(f"{af} AF, {normal} normal" for af, normal in counts)
        panel.set_title(f"made from {source:g} Hz recordings\n{words}", fontsize=9)
        for k, (key, (label, colour, marker)) in enumerate(SERIES.items()):
            line = [row for row in own if (row["network"], row["field"]) == key and row["auroc"] is not None]
            _line(panel, line, 0.06 * (k - 2), {"label": label, "color": colour, "marker": marker})
        panel.set_xticks(range(len(RATES)), [f"{rate}" for rate in RATES])
        panel.set_xlabel("sampling rate (Hz)")
        panel.grid(axis="y", alpha=0.3)
    panels[0].set_ylabel("AUROC, AF against normal (95 % interval)")
    panels[0].legend(fontsize=7.5, loc="lower left")
    return figure


def reliability(rows: Sequence[Row]) -> "Figure":
    """Draw share of AF against mean probability, a panel per network; bins of `LEAST` or more."""
    kept = [row for row in rows if row["made_from_hz"] == 100 and row["n"] >= LEAST]
    keys = [key for key in SERIES if any((row["network"], row["field"]) == key for row in kept)]
    figure, panels = _panels(len(keys), (3.6, 3.6))
    for panel, key in zip(panels, keys, strict=True):
        panel.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        panel.set_title(SERIES[key][0], fontsize=8)
        for rate, colour in BY_RATE.items():
            line = [row for row in kept if (row["network"], row["field"]) == key and row["hz"] == rate]
            if line:
                x, y = [row["probability"] for row in line], [row["share_af"] for row in line]
                panel.plot(x, y, color=colour, linewidth=1, alpha=0.6)
                sizes = [6 + 12 * row["n"] ** 0.5 for row in line]
                panel.scatter(x, y, s=sizes, color=colour, alpha=0.6, label=f"{rate} Hz", linewidths=0)
        panel.set_xlabel("mean probability of AF")
        panel.set_aspect("equal")
        for handle in panel.legend(fontsize=7, loc="lower right").legend_handles:
            if handle is not None:
                handle.set(sizes=[30])
    panels[0].set_ylabel("share with AF")
    return figure


def maps_across_rates(rows: Sequence[Row]) -> "Figure":
    """Draw how alike maps are at two rates: medians, down to what 95 % of recordings exceed."""
    columns = {"evidence": "evidence over leads and time", "heart": "map on the heart", "dice": "top regions"}
    model = rows[-1]["model"]
    figure, panels = _panels(3, (4.2, 4.2))
    # Without the control, which has no map on the heart and would need an axis of its own.
    pairs = list(dict.fromkeys(row["rates_hz"] for row in rows if row["dice"] is not None))
    for panel, (part, title) in zip(panels, columns.items(), strict=True):
        own = [
            row
            for row in rows
            if row["model"] == model and row[part] is not None and row["rates_hz"] in pairs
        ]
        labels = list(dict.fromkeys(row["label"] for row in own))
        for k, (pair, colour) in enumerate(zip(pairs, ("#0072b2", "#c1272d", "#009e73"), strict=True)):
            line = [row for row in own if row["rates_hz"] == pair]
            x = [labels.index(row["label"]) + 0.2 * (k - 1) for row in line]
            panel.vlines(x, [row[f"{part}_p5"] for row in line], [row[part] for row in line], color=colour)
            panel.plot(x, [row[part] for row in line], "o", color=colour, markersize=4, label=f"{pair} Hz")
        panel.set_xticks(range(len(labels)), labels, rotation=90 if len(labels) > 6 else 0, fontsize=8)
        panel.set_title(f"{'Dice' if part == 'dice' else 'correlation'}: {title}", fontsize=9)
        panel.grid(axis="y", alpha=0.3)
        least = min(row[f"{part}_p5"] for row in own)
        panel.set_ylim(1 - 1.05 * (1 - least), 1 + 0.05 * (1 - least))
    panels[-1].legend(fontsize=8, loc="lower right")
    figure.suptitle(
        f"{model} network, {rows[-1]['n']} recordings; line: down to the 5th percentile", fontsize=9
    )
    return figure


def _line(panel: "Axes", rows: Sequence[Row], shift: float, style: Mapping[str, Any]) -> None:
    rows = sorted(rows, key=lambda row: row["hz"])
    if not rows:
        return
    x = [RATES.index(int(row["hz"])) + shift for row in rows]
    y = [row["auroc"] for row in rows]
    below = [max(0.0, row["auroc"] - row["auroc_low"]) for row in rows]
    above = [max(0.0, row["auroc_high"] - row["auroc"]) for row in rows]
    panel.errorbar(x, y, yerr=[below, above], capsize=2, linewidth=1.2, markersize=5, **style)


def _panels(n: int, size: tuple[float, float]) -> "tuple[Figure, list[Axes]]":
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    # The lowest line is the credit's.
    layout = ConstrainedLayoutEngine(rect=(0, 0.04, 1, 0.96))
    columns, rows = min(n, COLUMNS), -(-n // COLUMNS)
    figure = Figure(figsize=(columns * size[0], rows * size[1]), layout=layout)
    return figure, [figure.add_subplot(rows, columns, i + 1) for i in range(n)]


def _save(figure: "Figure", path: Path) -> None:
    figure.text(0.995, 0.002, CREDIT, ha="right", fontsize=6, color="0.4")
    with replacing(path) as draft:
        figure.savefig(draft, dpi=110)
