"""Derived annotations: statements of a recording, placed on its heart and its beat by rules.

The place comes from the statements alone, the leads and waves from rule and delineated beat
(`annotations.derived_rules`, `annotations.criterion_waves`).  All of it is ``derived``.
"""

from collections.abc import Mapping, Sequence

from annotations.annotation import Annotation, Finding
from annotations.criterion_waves import criterion_intervals
from annotations.derived_rules import RULES, criteria, labels_of, territory_regions
from cine_mapping.beat import Beat
from imn.labels import LABELS

UNKNOWN = 0.5
"""Confidence where a statement's likelihood is not known; the note says so."""
NO_BEAT = "no heart beat found, so no leads and times"
NO_T = "T wave not found"


def derived_labels(statements: Sequence[str]) -> tuple[str, ...]:
    """Labels for which statements give a place or a criterion.

    Parameters
    ----------
    statements : sequence of str
        Keys of `annotations.statement_rules.RULES`; others say nothing.

    Returns
    -------
    tuple of str
        In the order of `imn.labels.LABELS`.
    """
    meant = {label for name in statements for label in labels_of(name)}
    return tuple(
        label
        for label in LABELS
        if label in meant
        and (territory_regions(statements, label=label) or criteria(statements, label=label))
    )


def derived_annotation(
    record_id: str,
    statements: Mapping[str, float | None],
    beat: Beat | None,
    *,
    rater: str,
    stage: str | None = None,
    tool: str = "",
) -> Annotation | None:
    """Place what statements mean on the heart and on the beat of a recording.

    Parameters
    ----------
    record_id : str
    statements : mapping of str to float or None
        Likelihood of each in percent, None where it is not known.
    beat : Beat or None
        Median beat; None where none was found.
    rater : str
        Names the rules.
    stage : str, optional
        Of an infarct (`annotations.statement_rules.STAGES`).
    tool : str

    Returns
    -------
    Annotation or None
        One finding per label; None where no statement has a rule.
    """
    findings = [_finding(label, statements, beat, stage=stage) for label in derived_labels(tuple(statements))]
    return Annotation(record_id, rater, tuple(findings), tool=tool) if findings else None


def _finding(
    label: str, statements: Mapping[str, float | None], beat: Beat | None, *, stage: str | None
) -> Finding:
    names = [name for name in statements if name in RULES and label in labels_of(name)]
    found = criteria(names, label=label, stage=stage)
    known = [value for name in names if (value := statements[name]) is not None]
    said = ", ".join(f"{name} ({_percent(statements[name])})" for name in names)
    reads_t = any({"ST", "T", "TQ"} & set(criterion.waves) for criterion in found)
    remarks = {
        f"of {said}": True,
        f"infarct of stage {stage}": stage is not None and label.endswith("MI"),
        NO_BEAT: beat is None,
        f"{NO_T}, placed by proportion": reads_t and beat is not None and NO_T in beat.quality,
    }
    intervals = () if beat is None else criterion_intervals(beat, found)
    leads = tuple(dict.fromkeys(lead for criterion in found for lead in criterion.leads))
    return Finding(
        label,
        "derived",
        max(known) / 100 if known else UNKNOWN,
        intervals=intervals,
        regions=territory_regions(names, label=label),
        leads=() if intervals else leads,
        note="; ".join(remark for remark, holds in remarks.items() if holds),
    )


def _percent(likelihood: float | None) -> str:
    return "likelihood unknown" if likelihood is None else f"likelihood {likelihood:g} %"
