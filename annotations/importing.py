"""Files of annotations, read by their endings, and several of them together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from annotations.annotation import Annotation, Finding
from annotations.csv_files import read_csv
from annotations.given import NO_OPTIONS, Given
from annotations.io import read_annotations
from annotations.label_maps import annotations_in, painted
from annotations.npz_files import read_npz
from annotations.vtp_files import read_vtp
from annotations.wfdb_files import read_wfdb
from cine_mapping.anatomy import Anatomy
from imn.errors import InputError

MAPS = (".vtp", ".npz")


def read_files(
    paths: Sequence[Path],
    *,
    given: Given = NO_OPTIONS,
    anatomy: Anatomy | None = None,
    history: bool = False,
) -> tuple[Annotation, ...]:
    """Read files that are to be added to a store together.

    Parameters
    ----------
    paths : sequence of Path
    given : Given
        What files from elsewhere do not say.
    anatomy : Anatomy, optional
        That label maps from elsewhere are drawn on.
    history : bool
        Whether several annotations of one recording by one rater are meant.

    Returns
    -------
    tuple of Annotation
        In the order of the files, those from elsewhere last.

    Raises
    ------
    InputError
        If a file cannot be used, or two annotations would supersede each other
        that are not meant to.
    """
    found, elsewhere = [], []
    for path in paths:
        # Files from elsewhere often hold a lead or a region each of one reading.
        apart = given.speaks and path.suffix.lower() not in (".json", ".csv")
        (elsewhere if apart else found).extend(read_file(path, given, anatomy))
    found += joined(elsewhere)
    if not history:
        check_single(found)
    return tuple(found)


def read_file(
    path: Path, given: Given = NO_OPTIONS, anatomy: Anatomy | None = None
) -> tuple[Annotation, ...]:
    """Read ``.json``, ``.csv``, ``.vtp`` or ``.npz``; any other ending is a WFDB annotation file.

    Parameters
    ----------
    path : Path
    given : Given
        What the file does not say.
    anatomy : Anatomy, optional
        Whose heart a label map from elsewhere is of.

    Returns
    -------
    tuple of Annotation

    Raises
    ------
    InputError
        As the format's own reader, or if options are given that the file has no
        need of, or not given that it needs.
    """
    suffix = path.suffix.lower()
    if suffix in MAPS:
        return _read_map(path, given, anatomy)
    if suffix == ".csv":
        return read_csv(path, given)
    if suffix != ".json":
        return read_wfdb(path, given)
    if given.speaks:
        msg = f"{path}: the file says itself whose the marks are; leave --rater, --label and the like out"
        raise InputError(msg)
    return read_annotations(path)


def _read_map(path: Path, given: Given, anatomy: Anatomy | None) -> tuple[Annotation, ...]:
    label_map = read_vtp(path) if path.suffix.lower() == ".vtp" else read_npz(path)
    if label_map.text and not given.speaks:
        return annotations_in(label_map, path)
    if anatomy is None:
        msg = f"{path}: the file does not say which heart it is drawn on; give --anatomy"
        raise InputError(msg)
    return (painted(label_map, given, anatomy, path),)


def joined(annotations: Iterable[Annotation]) -> tuple[Annotation, ...]:
    """Make one annotation of what several files hold of one reading, such as a file for each lead.

    Findings that differ in nothing but their intervals become one.

    Parameters
    ----------
    annotations : iterable of Annotation
        Those that differ in nothing but their findings belong together.

    Returns
    -------
    tuple of Annotation
    """
    readings: dict[Annotation, dict[Finding, Finding]] = {}
    for annotation in annotations:
        held = readings.setdefault(replace(annotation, findings=()), {})
        for finding in annotation.findings:
            bare = replace(finding, intervals=())
            before = held[bare].intervals if bare in held else ()
            held[bare] = replace(bare, intervals=before + finding.intervals)
    return tuple(replace(reading, findings=tuple(held.values())) for reading, held in readings.items())


def check_single(annotations: Iterable[Annotation]) -> None:
    """Refuse two annotations of one recording by one rater: the second would supersede the first.

    Parameters
    ----------
    annotations : iterable of Annotation

    Raises
    ------
    InputError
        Naming the first such pair.
    """
    counts = Counter((annotation.record_id, annotation.rater) for annotation in annotations)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        msg = (
            f"expected one annotation of {twice[0]} by {twice[1]}, found {counts[twice]}, of which the last "
            "would supersede the others; put their findings into one, or give --history if it is meant"
        )
        raise InputError(msg)
