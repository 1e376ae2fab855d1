"""What a rater says about one recording: which findings, on which leads, moments and parts of the heart."""

from dataclasses import dataclass
from typing import Literal, get_args

from annotations.checks import line, moment, names_of, number, one_of, text, values_of
from annotations.marks import PLACES, Interval, TimeBase, VertexWeights
from imn.described import Described
from imn.errors import InputError
from imn.leads import LEADS

__all__ = [
    "PLACES",
    "Annotation",
    "Finding",
    "Interval",
    "Provenance",
    "State",
    "TimeBase",
    "VertexWeights",
]

Provenance = Literal["expert", "derived", "simulated"]
State = Literal["draft", "signed", "adjudicated"]


@dataclass(frozen=True)
class Finding:
    """What supports one label: leads, stretches of time, parts of the heart.

    A finding without any mark says that the rater finds nothing that supports
    the label.

    Parameters
    ----------
    label : str
        Class the marks speak for, as the model names it.
    provenance : "expert", "derived" or "simulated"
        Whether a person marked it, a rule made it from something else (a report, a
        diagnostic statement, another finding), or a simulation knows it.  There is
        no default, and nothing derived or simulated is ever called expert.
    confidence : float
        Of the rater in these marks, 0 to 1.
    intervals : tuple of Interval
    regions : tuple of str
        Names from `PLACES`, each once; the place is their union.
    vertices : VertexWeights or None
        Joins the regions by the larger weight.
    leads : tuple of str
        Leads that carry the finding at no stated time; names from `imn.leads.LEADS`.
    note : str

    Raises
    ------
    InputError
        If a value does not fit; the sentence lists the valid ones.
    """

    label: str
    provenance: Provenance
    confidence: float
    intervals: tuple[Interval, ...] = ()
    regions: tuple[str, ...] = ()
    vertices: VertexWeights | None = None
    leads: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        line("label", self.label)
        one_of("provenance", self.provenance, valid=get_args(Provenance))
        object.__setattr__(self, "confidence", number("confidence", self.confidence))
        if not 0 <= self.confidence <= 1:
            msg = f"confidence must lie between 0 and 1, got {self.confidence:g}"
            raise InputError(msg)
        object.__setattr__(self, "intervals", values_of("intervals", self.intervals, Interval))
        object.__setattr__(self, "regions", names_of("region", self.regions, valid=PLACES))
        if self.vertices is not None and not isinstance(self.vertices, VertexWeights):
            msg = f"vertices must be None or a value of VertexWeights, got {type(self.vertices).__name__}"
            raise InputError(msg)
        object.__setattr__(self, "leads", names_of("lead", self.leads, valid=LEADS))
        text("note", self.note)

    @property
    def places_marked(self) -> bool:
        """Whether a part of the heart is marked."""
        return bool(self.regions) or self.vertices is not None

    @property
    def named(self) -> str:
        """Words for the finding in a sentence about it."""
        return f"the {self.provenance} finding of {self.label}"

    @property
    def summary(self) -> str:
        """What is marked, in a few words."""
        marks = (
            ", ".join(self.regions),
            "" if self.vertices is None else "vertices",
            ", ".join(self.leads),
            f"{len(self.intervals)} intervals" if self.intervals else "",
        )
        marked = ", ".join(filter(None, marks)) or "no mark"
        return f"{self.label} ({self.provenance}): {marked}"


@dataclass(frozen=True, repr=False)
class Annotation(Described):
    """What one rater says of one recording.

    Without findings it says that the rater has read the recording and found
    nothing to mark.

    Parameters
    ----------
    record_id : str
    rater : str
        Who or what made it: a pseudonym, or the name of a rule or simulator.
    findings : tuple of Finding
    marked_at : str or None
        When, in UTC, as ``2026-11-21T17:40:00Z``; None where nobody noted it.
    tool : str
        What it was marked with, and its version, as ``ecglocus 0.1.0``.
    state : "draft", "signed" or "adjudicated"
        Still being made; given as the rater's reading; settled between readings.

    Raises
    ------
    InputError
        If a value does not fit.
    """

    record_id: str
    rater: str
    findings: tuple[Finding, ...]
    marked_at: str | None = None
    tool: str = ""
    state: State = "signed"

    def __post_init__(self) -> None:
        line("record_id", self.record_id)
        line("rater", self.rater)
        object.__setattr__(self, "findings", values_of("findings", self.findings, Finding))
        if self.marked_at is not None:
            moment("marked_at", self.marked_at)
        if self.tool != "":
            line("tool", self.tool)
        one_of("state", self.state, valid=get_args(State))

    @property
    def named(self) -> str:
        """Words for the annotation in a sentence about it."""
        return f"the annotation of {self.record_id} by {self.rater}"

    def _facts(self) -> dict[str, str]:
        return {
            "recording": self.record_id,
            "rater": f"by {self.rater}",
            "findings": "; ".join(finding.summary for finding in self.findings) or "nothing found",
            "state": self.state,
            "marked at": self.marked_at or "",
            "tool": self.tool,
        }
