"""The left ventricle as a bull's-eye of 17 segments, the right ventricle beside it.

Cerqueira et al. 2002, Circulation 105:539, give the segments: six basal, six
mid, four apical, the apex; anterior on top, septum towards the right ventricle.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cine_mapping.anatomy import AHA_SEGMENTS, RV_REGIONS
from imn.errors import InputError
from imn.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI = 200
COLOURS = "cividis"


@dataclass(frozen=True)
class Wedge:
    """Part of a ring.

    Parameters
    ----------
    region : str
    inner, outer : float
        Radii, 0 to 1.
    start, stop : float, degrees
        Against the clock from patient left.
    """

    region: str
    inner: float
    outer: float
    start: float
    stop: float

    @property
    def middle(self) -> tuple[float, float]:
        """Where its number stands, polar: radius and degrees."""
        return (0.0 if self.inner == 0 else (self.inner + self.outer) / 2), (self.start + self.stop) / 2


def _ring(names: tuple[str, ...], inner: float, outer: float, first: float) -> list[Wedge]:
    width = 360.0 / len(names)
    starts = [first + i * width for i in range(len(names))]
    return [Wedge(n, inner, outer, s, s + width) for n, s in zip(names, starts, strict=True)]


WEDGES = (
    *_ring(AHA_SEGMENTS[:6], 0.72, 1.0, 60.0),
    *_ring(AHA_SEGMENTS[6:12], 0.46, 0.72, 60.0),
    *_ring(AHA_SEGMENTS[12:16], 0.20, 0.46, 45.0),
    Wedge(AHA_SEGMENTS[16], 0.0, 0.20, 0.0, 360.0),
    Wedge(RV_REGIONS[0], 1.06, 1.36, 120.0, 158.0),
    Wedge(RV_REGIONS[1], 1.06, 1.36, 158.0, 206.0),
    Wedge(RV_REGIONS[2], 1.06, 1.36, 206.0, 240.0),
)
"""Every ventricular region once."""


def _draw_wedge(axes: "Axes", wedge: Wedge, density: float, top: float) -> None:
    from math import cos, radians, sin

    from matplotlib import colormaps
    from matplotlib.patches import Wedge as Patch

    colour = colormaps[COLOURS](density / top)
    patch = Patch((0, 0), wedge.outer, wedge.start, wedge.stop, width=wedge.outer - wedge.inner)
    patch.set(facecolor=colour, edgecolor="white", linewidth=1.4)
    axes.add_patch(patch)
    light = 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]
    radius, angle = wedge.middle
    at = radius * cos(radians(angle)), radius * sin(radians(angle))
    style: dict[str, Any] = {"ha": "center", "color": "black" if light > 0.45 else "white"}
    number = _short(wedge.region)
    axes.text(at[0], at[1] + 0.005, f"{density:.1f}×", fontsize=10, fontweight="bold", va="bottom", **style)
    axes.text(at[0], at[1] - 0.015, number, fontsize=7, va="top", **style)


def _short(region: str) -> str:
    if region in AHA_SEGMENTS:
        return str(AHA_SEGMENTS.index(region) + 1)
    return {"RV outflow tract": "outflow", "RV free wall": "free wall", "RV apex": "apex"}[region]


def _draw_walls(axes: "Axes") -> None:
    soft: dict[str, Any] = {"fontsize": 10, "color": "#444444", "ha": "center", "va": "center"}
    axes.text(0, 1.09, "anterior", **soft)
    axes.text(0, -1.09, "inferior", **soft)
    axes.text(1.09, 0, "lateral", rotation=-90, **soft)
    axes.text(-1.46, 0, "right ventricle", rotation=90, **soft)


def draw_bullseye(path: str | Path, densities: Mapping[str, float], *, title: str = "") -> None:
    """Draw how dense the evidence for the class is in each region as PNG of 200 dpi.

    Parameters
    ----------
    path : str or Path
    densities : mapping of str to float
        Per name in `REGIONS`, as `region_densities` gives them: 1 for an even
        spread; those of the atria are not drawn.
    title : str

    Raises
    ------
    InputError
        If a ventricular region is missing.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

    missing = [wedge.region for wedge in WEDGES if wedge.region not in densities]
    if missing:
        msg = f"expected every ventricular region, {', '.join(missing)} missing; give region_densities"
        raise InputError(msg)
    top = max(densities[wedge.region] for wedge in WEDGES) or 1.0
    figure = Figure(figsize=(6.0, 5.0), dpi=DPI, facecolor="white")
    axes = figure.add_axes((0.01, 0.01, 0.86, 0.90))
    axes.set(xlim=(-1.58, 1.22), ylim=(-1.2, 1.2), aspect="equal")
    axes.axis("off")
    for wedge in WEDGES:
        _draw_wedge(axes, wedge, densities[wedge.region], top)
    _draw_walls(axes)
    colours = ScalarMappable(Normalize(0, top), COLOURS)
    bar = figure.colorbar(colours, cax=figure.add_axes((0.885, 0.16, 0.022, 0.62)))
    bar.set_label("density of the evidence, 1 = even spread", fontsize=9)
    bar.ax.tick_params(labelsize=8.5)
    figure.text(0.02, 0.975, title, fontsize=12, fontweight="bold", va="top")
    with replacing(path) as draft:
        figure.savefig(draft, dpi=DPI)
