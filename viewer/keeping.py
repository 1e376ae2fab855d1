"""From what the browser sends to a revision in the store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotations.annotation import Annotation
from cine_mapping.anatomy import Anatomy
from viewer.marking import annotation_of


def keep_marks(store: str | Path, event: Mapping[str, Any], anatomy: Anatomy, *, record_id: str) -> int:
    """Add what was marked to the rater's reading of a recording.

    Parameters
    ----------
    store : str or Path
        Made if it is not there.
    event : mapping
        As `viewer.marking.finding_of`, with ``rater``.
    anatomy : Anatomy
    record_id : str

    Returns
    -------
    int
        Revision, once it is on disk.

    Raises
    ------
    InputError
        If the event or the store cannot be read.
    """
    from annotations.store import open_store

    # Made once before the store is opened, so that nothing is written where it has no sense.
    alone = annotation_of(event, anatomy, record_id=record_id)

    def joined(before: Annotation | None) -> Annotation:
        return annotation_of(event, anatomy, record_id=record_id, earlier=(before,) if before else ())

    with open_store(store) as held:
        return held.revise(record_id, alone.rater, joined)
