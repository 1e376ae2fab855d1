"""The sequence of clusters as a ribbon under the leads, and a card for each cluster that matters."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import REGIONS, Anatomy
from cine_mapping.heart_map import HeartMap
from imn.explanation import Explanation
from imn.files import replacing
from imn.leads import LEADS
from viewer.bullseye import WEDGES
from viewer.cluster_reading import ClusterCard, ClusterReading
from viewer.ecg_paper import DPI, INK, Strip, draw_grid, draw_key, draw_name, draw_trace, new_sheet, shades

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = ("II", "V2", "V5")
LONGEST_S, MM_PER_S = 10.0, 25.0
SIDE_MM, HEAD_MM, ROW_MM, GAP_MM = 14.0, 14.0, 25.0, 3.0
RIBBON_MM, ENTROPY_MM = 7.0, 9.0
CARDS, CARD_MM, CARDS_MM, FOOT_MM = 8, 32.0, 62.0, 14.0
EYE_MM = 11.0
SOFT = "#333333"


def draw_ribbon(
    path: str | Path, reading: ClusterReading, explanation: Explanation, anatomy: Anatomy, *, title: str = ""
) -> None:
    """Draw three leads with the clusters under them, and the clusters that weigh most, as PNG of 200 dpi.

    Parameters
    ----------
    path : str or Path
    reading : ClusterReading
    explanation : Explanation
        Of the same recording; its first 10 s are shown.
    anatomy : Anatomy
        That the clusters' evidence lies on.
    title : str
    """
    n = min(explanation.signal.shape[1], round(LONGEST_S * explanation.fs))
    wide = 5.0 * np.ceil(n / explanation.fs * MM_PER_S / 5.0)
    low = FOOT_MM + CARDS_MM + GAP_MM + ENTROPY_MM + RIBBON_MM
    high = 5.0 * np.ceil(len(SHOWN) * ROW_MM / 5.0)
    size = (max(wide, CARDS * CARD_MM) + 2 * SIDE_MM, low + high + HEAD_MM)
    figure, axes = new_sheet(*size)
    paper = draw_grid(axes, (SIDE_MM, low, SIDE_MM + wide, low + high))
    for i, lead in enumerate(SHOWN):
        strip = Strip(SIDE_MM, low + high - (i + 0.55) * ROW_MM, MM_PER_S, ROW_MM / 2, paper)
        draw_trace(axes, strip, explanation.signal[LEADS.index(lead), :n], explanation.fs)
        draw_name(axes, SIDE_MM + 1, strip.y + 8, lead)
    _ribbon(axes, reading, n, n / explanation.fs, low)
    heaviest = sorted(reading.cards, key=lambda card: -card.heart.amount)[:CARDS]
    limit = max((float(np.abs(_by_region(card.heart, anatomy)).max()) for card in heaviest), default=0.0)
    for i, card in enumerate(heaviest):
        _card(axes, card, SIDE_MM + (i + 0.5) * CARD_MM, anatomy, limit or 1.0)
    axes.text(SIDE_MM, size[1] - 3, title, fontsize=12, fontweight="bold", va="top")
    words = "The clusters of most evidence, for or against.\nMean waveform in the lead where it is largest."
    axes.text(SIDE_MM, FOOT_MM - 4, words, fontsize=8.5, color=SOFT, va="top")
    unit = f"evidence for {reading.target} per region, logit over its share of the surface"
    draw_key(axes, (size[0] - 95, 6.0, 62, 3.5), limit or 1.0, unit)
    with replacing(path) as draft:
        figure.savefig(draft, dpi=DPI)


def _ribbon(axes: "Axes", reading: ClusterReading, n: int, seconds: float, top: float) -> None:
    from matplotlib.colors import to_rgb

    colours = np.array([to_rgb(card.colour) for card in reading.cards])[reading.order[:n]]
    right = SIDE_MM + seconds * MM_PER_S
    keep = axes.get_xlim(), axes.get_ylim()
    extent = (SIDE_MM, right, top - RIBBON_MM, top - 1.0)
    axes.imshow(colours[None], extent=extent, aspect="auto", interpolation="nearest", zorder=2)
    axes.set(xlim=keep[0], ylim=keep[1])
    base = top - RIBBON_MM - ENTROPY_MM
    x = np.linspace(SIDE_MM, right, n)
    height = base + (ENTROPY_MM - 1.5) * reading.entropy[:n]
    axes.fill_between(x, base, height, color="#888888", linewidth=0, zorder=2)
    small = {"fontsize": 7, "color": SOFT, "va": "center", "ha": "right"}
    axes.text(SIDE_MM - 1, top - RIBBON_MM / 2, "cluster", **small)
    axes.text(SIDE_MM - 1, base + ENTROPY_MM / 2, "doubt", **small)


def _card(axes: "Axes", card: ClusterCard, x: float, anatomy: Anatomy, limit: float) -> None:
    from matplotlib.patches import Rectangle

    top = FOOT_MM + CARDS_MM
    bar = Rectangle((x - CARD_MM / 2 + 2, top - 5), CARD_MM - 4, 4, facecolor=card.colour, edgecolor="none")
    axes.add_patch(bar)
    time = f"{card.time:.0%}" if card.time >= 0.01 else "<1%"
    facts = f"{card.weight:+.2f} logit, {time} of time".replace("-", "−")
    axes.text(x, top - 6, card.name, fontsize=9, fontweight="bold", ha="center", va="top")
    axes.text(x, top - 10.5, facts, fontsize=7, color=SOFT, ha="center", va="top")
    lead = int(np.ptp(card.waveform, axis=1).argmax())
    _wave(axes, card.waveform[lead], LEADS[lead], (x, top - 24))
    _eye(axes, _by_region(card.heart, anatomy), (x + 1.2, FOOT_MM + EYE_MM + 2), limit)


def _wave(axes: "Axes", signal: NDArray[np.float64], lead: str, at: tuple[float, float]) -> None:
    wide, high = CARD_MM - 10, 14.0
    scale = high / max(float(np.ptp(signal)), 0.4)
    x = at[0] + np.linspace(-wide / 2, wide / 2, signal.size)
    level = (signal.max() + signal.min()) / 2
    axes.plot([at[0], at[0]], [at[1] - high / 2, at[1] + high / 2], color="#bbbbbb", linewidth=0.6)
    axes.plot(x, at[1] + scale * (signal - level), color=INK, linewidth=0.9)
    axes.text(x[0], at[1] + high / 2, lead, fontsize=7, color=SOFT, va="top")


def _eye(axes: "Axes", values: NDArray[np.float64], at: tuple[float, float], limit: float) -> None:
    from matplotlib.patches import Wedge

    for wedge in WEDGES:
        width = EYE_MM * (wedge.outer - wedge.inner)
        patch = Wedge(at, EYE_MM * wedge.outer, wedge.start, wedge.stop, width=width)
        colour = shades(values[REGIONS.index(wedge.region)], limit)
        patch.set(facecolor=tuple(colour), edgecolor="#999999", linewidth=0.5)
        axes.add_patch(patch)


def _by_region(heart: HeartMap, anatomy: Anatomy) -> NDArray[np.float64]:
    """Evidence of each region over its share of the surface, in the order of `REGIONS`, logit."""
    areas = np.bincount(anatomy.region, weights=anatomy.heart.areas, minlength=len(REGIONS))
    parts = np.bincount(anatomy.region, weights=heart.supporting + heart.opposing, minlength=len(REGIONS))
    return np.divide(parts * areas.sum(), areas, out=np.zeros(len(REGIONS)), where=areas > 0)
