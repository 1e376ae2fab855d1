"""Simulated recordings in files: WFDB, the truth beside each, and a table."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotations.annotation import Annotation
from annotations.truths import RATER, truth_finding
from cine_mapping.heart_surface import mask_at_surface
from cine_mapping.recordings import STEPS_PER_MV
from cine_mapping.simulated_set import Ground, SimulatedCase
from imn.files import replacing
from imn.leads import LEADS
from imn.record import Record

GAIN = 2 * STEPS_PER_MV
"""Steps of a file per mV: aVR, aVL and aVF are halves of sums."""
NOTICE = "simulated by ecglocus; nobody's heart"
TABLE = "table.csv"
LABELS: Mapping[str, tuple[str, ...]] = {
    "normal": (),
    "ischaemia": ("MI", "STTC"),
    "scar": ("MI",),
    "ectopy": ("CD",),
    "WPW": ("CD",),
    "LBBB": ("CD", "CLBBB"),
    "RBBB": ("CD", "CRBBB"),
    "LAFB": ("CD", "LAFB"),
    "LPFB": ("CD",),
    "LVH": ("HYP", "LVH"),
    "RVH": ("HYP",),
}
"""Classes of the network that each condition's place speaks for."""
WORDS: Mapping[str, str] = {
    "normal": "normal beats",
    "ischaemia": "acute ischaemia",
    "scar": "old infarct",
    "ectopy": "ectopic beats",
    "WPW": "pre-excitation",
    "LBBB": "left bundle branch block",
    "RBBB": "right bundle branch block",
    "LAFB": "left anterior fascicular block",
    "LPFB": "left posterior fascicular block",
    "LVH": "left ventricular hypertrophy",
    "RVH": "right ventricular hypertrophy",
}
"""Each condition in words."""
NOT_NORMAL = ("MI", "STTC", "CD", "HYP")
"""Classes that nothing supports in a normal recording."""


def write_wfdb(folder: Path, record: Record, comments: Sequence[str] = ()) -> None:
    """Write a simulated recording as ``<id>.hea`` and ``<id>.dat``; reading gives back equal samples.

    Parameters
    ----------
    folder : Path
    record : Record
        On the grid of `recordings.STEPS_PER_MV`.
    comments : sequence of str
        Lines for the header.
    """
    import wfdb

    count = len(LEADS)
    wfdb.wrsamp(
        record.id,
        fs=record.fs,
        units=["mV"] * count,
        sig_name=list(LEADS),
        d_signal=np.round(record.signal.T.astype(float) * GAIN).astype(np.int64),
        fmt=["16"] * count,
        adc_gain=[float(GAIN)] * count,
        baseline=[0] * count,
        comments=list(comments),
        write_dir=str(folder),
    )


def truth_of(case: SimulatedCase, ground: Ground) -> Annotation:
    """Say what a case's truth supports, on the surface that maps are drawn on.

    Parameters
    ----------
    case : SimulatedCase
    ground : Ground
        What its set is simulated on.

    Returns
    -------
    Annotation
        A finding for each class that `LABELS` names for the condition; of a normal heart an empty
        one for each of `NOT_NORMAL`.
    """
    mask = mask_at_surface(case.recording.truth, ground.wall, ground.anatomy)
    note = f"Simulated: {case.family}."
    labels = LABELS[case.family] or NOT_NORMAL
    findings = tuple(truth_finding(label, mask, ground.anatomy, note=note) for label in labels)
    return Annotation(case.recording.record.id, RATER, findings)


def comments_of(case: SimulatedCase) -> list[str]:
    """Give header lines: that it is simulated, and what was drawn.

    Parameters
    ----------
    case : SimulatedCase

    Returns
    -------
    list of str
    """
    named = ("condition", "truth_region", "patient", "heart_rate")
    return [NOTICE, *(f"{key}: {case.row[key]}" for key in named if case.row[key] != "")]


def write_table(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV, whole or not at all.

    Parameters
    ----------
    path : Path
    rows : iterable of mapping
        At least one, all with the same keys.
    """
    rows = list(rows)
    with replacing(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a table of `write_table`.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of dict of str to str
    """
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
