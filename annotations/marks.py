"""Marks: stretches of time on leads, parts of the heart."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from annotations.checks import line, names_of, number, one_of, vertex
from cine_mapping.anatomy import REGIONS
from cine_mapping.segments import TERRITORIES
from imn.errors import InputError
from imn.leads import LEADS

TimeBase = Literal["beat", "recording"]

PLACES = (*REGIONS, *TERRITORIES)
"""Every name a region may have: AHA segments, RV regions, atria, coronary territories."""


@dataclass(frozen=True)
class Interval:
    """A stretch of time on some leads, from onset up to but not including offset.

    Parameters
    ----------
    leads : tuple of str
        Names from `imn.leads.LEADS`, each once.
    onset_s, offset_s : float, s
        On the beat: relative to the R peak.  On the recording: from its start.
    on : "beat" or "recording"

    Raises
    ------
    InputError
        If a lead is unknown or repeated, or the times are not finite and in order.
    """

    leads: tuple[str, ...]
    onset_s: float
    offset_s: float
    on: TimeBase

    def __post_init__(self) -> None:
        object.__setattr__(self, "leads", names_of("lead", self.leads, valid=LEADS))
        if not self.leads:
            msg = f"an interval must name at least one lead of {', '.join(LEADS)}"
            raise InputError(msg)
        one_of("on", self.on, valid=get_args(TimeBase))
        for name in ("onset_s", "offset_s"):
            object.__setattr__(self, name, number(name, getattr(self, name)))
        if not self.onset_s < self.offset_s:
            msg = f"an interval must end after it begins, got {self.onset_s:g} to {self.offset_s:g} s"
            raise InputError(msg)
        if self.on == "recording" and self.onset_s < 0:
            msg = (
                f"onset_s on a recording counts from its start and must not be negative, got {self.onset_s:g}"
            )
            raise InputError(msg)


@dataclass(frozen=True)
class VertexWeights:
    """Weights painted on the vertices of one anatomy; all other vertices have weight 0.

    Parameters
    ----------
    anatomy : str
        Its name, for people.
    sha256 : str
        Its content hash (`annotations.masks.anatomy_hash`), which decides.
    index : tuple of int
        Vertices of the heart, in rising order.
    weight : tuple of float
        One per vertex, above 0 and at most 1.

    Raises
    ------
    InputError
        If the hash is not 64 hexadecimal digits, the vertices are not in rising
        order, or a weight is missing or out of range.
    """

    anatomy: str
    sha256: str
    index: tuple[int, ...]
    weight: tuple[float, ...]

    def __post_init__(self) -> None:
        line("anatomy", self.anatomy)
        if not isinstance(self.sha256, str) or not re.fullmatch("[0-9a-f]{64}", self.sha256):
            msg = f"sha256 must be 64 lower-case hexadecimal digits, got {self.sha256!r}"
            raise InputError(msg)
        object.__setattr__(self, "index", tuple(vertex(i) for i in self.index))
        object.__setattr__(self, "weight", tuple(number("weight", w) for w in self.weight))
        if len(self.index) != len(self.weight):
            msg = f"vertices need one weight each, got {len(self.weight)} weights for {len(self.index)}"
            raise InputError(msg)
        if any(a >= b for a, b in zip(self.index, self.index[1:], strict=False)):
            msg = "index must hold each vertex once, in rising order"
            raise InputError(msg)
        if any(not 0 < w <= 1 for w in self.weight):
            msg = "weight must be above 0 and at most 1; leave out vertices of weight 0"
            raise InputError(msg)
