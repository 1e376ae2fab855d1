"""What a rater says about one recording: which leads and moments, which part of the heart."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real
from typing import Literal, get_args

from cine_mapping.anatomy import REGIONS
from cine_mapping.segments import TERRITORIES
from imn.errors import InputError
from imn.leads import LEADS

Provenance = Literal["expert", "derived", "simulated"]
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
        object.__setattr__(self, "leads", _names("lead", self.leads, valid=LEADS))
        if not self.leads:
            msg = f"an interval must name at least one lead of {', '.join(LEADS)}"
            raise InputError(msg)
        _one_of("on", self.on, valid=get_args(TimeBase))
        for name in ("onset_s", "offset_s"):
            object.__setattr__(self, name, _number(name, getattr(self, name)))
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
        _check_line("anatomy", self.anatomy)
        if not isinstance(self.sha256, str) or not re.fullmatch("[0-9a-f]{64}", self.sha256):
            msg = f"sha256 must be 64 lower-case hexadecimal digits, got {self.sha256!r}"
            raise InputError(msg)
        object.__setattr__(self, "index", tuple(_vertex(i) for i in self.index))
        object.__setattr__(self, "weight", tuple(_number("weight", w) for w in self.weight))
        if len(self.index) != len(self.weight):
            msg = f"vertices need one weight each, got {len(self.weight)} weights for {len(self.index)}"
            raise InputError(msg)
        if any(a >= b for a, b in zip(self.index, self.index[1:], strict=False)):
            msg = "index must hold each vertex once, in rising order"
            raise InputError(msg)
        if any(not 0 < w <= 1 for w in self.weight):
            msg = "weight must be above 0 and at most 1; leave out vertices of weight 0"
            raise InputError(msg)


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """What one rater says supports one label in one recording.

    An annotation without interval, region and vertices says that the rater
    finds nothing that supports the label.

    Parameters
    ----------
    record_id : str
    label : str
        Class the marks speak for, as the model names it.
    rater : str
        Who or what made it: a pseudonym, or the name of a rule or simulator.
    confidence : float
        Of the rater in these marks, 0 to 1.
    provenance : "expert", "derived" or "simulated"
        Whether a person marked it, a rule made it from something else (a report, a
        diagnostic statement), or a simulation knows it.  There is no default, and
        nothing derived or simulated is ever called expert.
    note : str
    intervals : tuple of Interval
    regions : tuple of str
        Names from `PLACES`, each once; the place is their union.
    vertices : VertexWeights or None
        Joins the regions by the larger weight.

    Raises
    ------
    InputError
        If a value does not fit; the sentence lists the valid ones.
    """

    record_id: str
    label: str
    rater: str
    confidence: float
    provenance: Provenance
    note: str = ""
    intervals: tuple[Interval, ...] = ()
    regions: tuple[str, ...] = ()
    vertices: VertexWeights | None = None

    def __post_init__(self) -> None:
        for name in ("record_id", "label", "rater"):
            _check_line(name, getattr(self, name))
        _one_of("provenance", self.provenance, valid=get_args(Provenance))
        object.__setattr__(self, "confidence", _number("confidence", self.confidence))
        if not 0 <= self.confidence <= 1:
            msg = f"confidence must lie between 0 and 1, got {self.confidence:g}"
            raise InputError(msg)
        if not isinstance(self.note, str) or any("\ud800" <= c <= "\udfff" for c in self.note):
            msg = f"note must be text that UTF-8 can hold, got {self.note!r:.80}"
            raise InputError(msg)
        object.__setattr__(self, "intervals", tuple(self.intervals))
        if not all(isinstance(interval, Interval) for interval in self.intervals):
            msg = "intervals must all be values of Interval"
            raise InputError(msg)
        object.__setattr__(self, "regions", _names("region", self.regions, valid=PLACES))
        if self.vertices is not None and not isinstance(self.vertices, VertexWeights):
            msg = f"vertices must be None or a value of VertexWeights, got {type(self.vertices).__name__}"
            raise InputError(msg)

    @property
    def places_marked(self) -> bool:
        """Whether a part of the heart is marked."""
        return bool(self.regions) or self.vertices is not None


def _names(what: str, given: Iterable[str], *, valid: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(given, str):
        msg = f"give a tuple of {what} names, even for one, got the text {given!r}"
        raise InputError(msg)
    names = tuple(given)
    for name in names:
        _one_of(what, name, valid=valid)
    if len(set(names)) < len(names):
        msg = f"each {what} must be named once, got {', '.join(names)}"
        raise InputError(msg)
    return names


def _one_of(what: str, given: object, *, valid: tuple[str, ...]) -> None:
    if given not in valid:
        msg = f"{what} must be one of {', '.join(valid)}, got {given!r}"
        raise InputError(msg)


def _check_line(what: str, given: object) -> None:
    # str.isprintable also refuses line breaks, control characters and lone surrogates
    if not isinstance(given, str) or not given.strip() or not given.isprintable():
        msg = f"{what} must be one line of printable text, got {given!r:.80}"
        raise InputError(msg)


def _number(what: str, given: object) -> float:
    # bool is a Real for Python, but True is nobody's confidence or time
    if isinstance(given, bool) or not isinstance(given, Real) or not isfinite(given):
        msg = f"{what} must be a finite number, got {given!r:.80}"
        raise InputError(msg)
    return float(given)


def _vertex(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, Integral) or given < 0:
        msg = f"index must hold vertex numbers from 0, got {given!r:.80}"
        raise InputError(msg)
    return int(given)
