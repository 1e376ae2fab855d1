"""Which reading may follow which, and who may see whose: blind double reading and its adjudication.

A rater's reading of a recording is drafted, signed and amended by signing
again.  Until a rater has signed, the readings of others are hidden; drafts
are always hidden.  When two others have signed, someone may adjudicate.
"""

from collections.abc import Iterable

from annotations.annotation import Annotation, State
from imn.errors import InputError

FOLLOWS: dict[State | None, tuple[State, ...]] = {
    None: ("draft", "signed", "adjudicated"),
    "draft": ("draft", "signed", "adjudicated"),
    "signed": ("signed",),
    "adjudicated": ("adjudicated",),
}
"""States that may follow a state of the same rater and recording; None: nothing yet."""

READINGS = 2
"""Signed readings that an adjudication takes."""


def check_step(annotation: Annotation, before: Annotation | None) -> None:
    """Refuse a revision that may not follow the one before it.

    Parameters
    ----------
    annotation : Annotation
    before : Annotation or None
        The latest of the same rater and recording.

    Raises
    ------
    InputError
        If a signed reading would become a draft or an adjudication, or an
        adjudication something else.
    """
    state = before.state if before else None
    if annotation.state in FOLLOWS[state]:
        return
    hint = (
        "adjudicate under another name than the one you read under"
        if annotation.state == "adjudicated"
        else f"what is {state} stays {state}: amend it by adding it {state} again"
    )
    msg = f"{annotation.named} is {state} and cannot become {annotation.state}; {hint}"
    raise InputError(msg)


def check_adjudication(annotation: Annotation, readings: Iterable[Annotation]) -> None:
    """Refuse an adjudication without two signed readings of others, or a second one.

    Parameters
    ----------
    annotation : Annotation
    readings : iterable of Annotation
        The latest of each rater of that recording.

    Raises
    ------
    InputError
        As described; never for a draft or a signed reading.
    """
    if annotation.state != "adjudicated":
        return
    others = [reading for reading in readings if reading.rater != annotation.rater]
    settled = next((other for other in others if other.state == "adjudicated"), None)
    if settled is not None:
        msg = f"{annotation.record_id} was adjudicated by {settled.rater}; amend that under the same name"
        raise InputError(msg)
    signed = sum(other.state == "signed" for other in others)
    if signed < READINGS:
        msg = (
            f"{annotation.named} adjudicates, which takes {READINGS} signed readings by others, "
            f"found {signed}; have them signed first"
        )
        raise InputError(msg)


def visible(readings: Iterable[Annotation], rater: str) -> tuple[Annotation, ...]:
    """Give what a rater may see: the own reading, and others' once the own is signed.

    Parameters
    ----------
    readings : iterable of Annotation
        The latest of each rater of one recording.
    rater : str

    Returns
    -------
    tuple of Annotation
    """
    readings = tuple(readings)
    unblinded = any(reading.rater == rater and reading.state != "draft" for reading in readings)
    return tuple(
        reading for reading in readings if reading.rater == rater or (unblinded and reading.state != "draft")
    )


def to_adjudicate(readings: Iterable[Annotation], rater: str) -> tuple[Annotation, ...]:
    """Give an adjudicator the signed readings, when they are complete.

    Parameters
    ----------
    readings : iterable of Annotation
        The latest of each rater of one recording.
    rater : str
        Who adjudicates.

    Returns
    -------
    tuple of Annotation

    Raises
    ------
    InputError
        If one of them is the adjudicator's own, or fewer than two are signed.
    """
    signed = tuple(reading for reading in readings if reading.state == "signed")
    if any(reading.rater == rater for reading in signed):
        msg = f"{rater} has read this recording; have another adjudicate, or adjudicate under another name"
        raise InputError(msg)
    if len(signed) < READINGS:
        msg = (
            f"adjudication takes {READINGS} signed readings, found {len(signed)}; they are hidden until then"
        )
        raise InputError(msg)
    return signed
