"""Atrial fibrillation against normal: the recordings of PTB-XL, and their signals at any rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imn.conditioning import Resampling
from imn.errors import InputError
from imn.formats import read_record
from imn.ptbxl import Entry, read_index
from imn.sampling.arms import FAST, SLOW

CLIP_MV = 15.0
"""As published."""


@dataclass(frozen=True, eq=False)
class Cases:
    """Recordings with either rhythm, in the order of the database.

    Parameters
    ----------
    source : float, Hz
        Rate at which they are read; every other rate is made from it, by one method.
    ids : tuple of int
    patients : tuple of str
    positive : (r,) bool
        Atrial fibrillation.
    files : tuple of Path
    """

    source: float
    ids: tuple[int, ...]
    patients: tuple[str, ...]
    positive: NDArray[np.bool_]
    files: tuple[Path, ...]


def fast_file(entry: Entry) -> Path:
    """Name the 500 Hz recording of an entry, by PTB-XL's own rule; it need not be there."""
    folder = str(entry.file.parent).replace("records100", "records500")
    return Path(folder) / entry.file.name.replace("_lr", "_hr")


def has_fast(entry: Entry) -> bool:
    """Tell whether the 500 Hz recording of an entry is there."""
    return fast_file(entry).with_suffix(".hea").is_file()


def read_cases(data_dir: Path | str, source: float) -> Cases:
    """Find recordings of atrial fibrillation and normal ones.

    As published: AF is a statement ``AFIB``, normal a statement ``NORM`` without it; all others
    are left out.

    Parameters
    ----------
    data_dir : path
        PTB-XL in its native layout.
    source : float, Hz
        500: recordings of which there is a 500 Hz file; 100: all.

    Returns
    -------
    Cases

    Raises
    ------
    InputError
        If there are fewer than ten of either kind.
    """
    entries = [e for e in read_index(data_dir) if {"AFIB", "NORM"} & e.codes.keys()]
    if source == FAST:
        entries = [e for e in entries if has_fast(e)]
    positive = np.array(["AFIB" in e.codes for e in entries], dtype=bool)
    if min(positive.sum(), (~positive).sum()) < 10:
        msg = (
            f"{data_dir}: expected ten or more recordings of AFIB and of NORM at {source:g} Hz, got "
            f"{positive.sum()} and {(~positive).sum()}; give PTB-XL with its records{source:g}"
        )
        raise InputError(msg)
    files = tuple(e.file if source == SLOW else fast_file(e) for e in entries)
    return Cases(source, tuple(e.id for e in entries), tuple(e.patient for e in entries), positive, files)


def signals_at(cases: Cases, fs: float) -> NDArray[np.float32]:
    """Read the recordings and bring them to a rate.

    Parameters
    ----------
    cases : Cases
    fs : float, Hz

    Returns
    -------
    (r, 12, n) float32, mV

    Raises
    ------
    InputError
        If recordings are of several lengths or another rate.

    Notes
    -----
    `scipy.signal.resample_poly` (Kaiser window, ten zero crossings a side) from the rate at which
    the recordings are read, whatever rate that is and also where it stays the same.  Published: an
    FFT, which wraps a recording's end round to its beginning.
    """
    from tqdm import tqdm

    first = signal_at(cases.files[0], cases.source, fs)
    # Filled in place: whole PTB-XL at 500 Hz is gigabytes, which stacking would hold twice.
    signals = np.empty((len(cases.files), *first.shape), dtype=np.float32)
    bar = tqdm(cases.files, desc=f"{cases.source:g} to {fs:g} Hz", unit="rec", disable=None)
    for i, path in enumerate(bar):
        found = signal_at(path, cases.source, fs)
        if found.shape != first.shape:
            expected, got = first.shape[1], found.shape[1]
            msg = f"{path}: expected {expected} samples as in the first, got {got}; leave it out"
            raise InputError(msg)
        signals[i] = found
    return signals


def signal_at(path: Path, source: float, fs: float) -> NDArray[np.float32]:
    """Read one recording and bring it to a rate.

    Parameters
    ----------
    path : Path
    source : float, Hz
        Rate that the file must have.
    fs : float, Hz
        Rate it is brought to.

    Returns
    -------
    (12, n) float32, mV
        Cut at `CLIP_MV` either side.

    Raises
    ------
    InputError
        If it cannot be read, or has another rate than ``source``.
    """
    record = read_record(path)
    if record.fs != source:
        msg = f"{path}: expected {source:g} Hz, got {record.fs:g} Hz; use PTB-XL's records{source:g}"
        raise InputError(msg)
    plan = Resampling.plan(record.signal.shape[1], source, fs)
    return np.clip(plan.apply(record.signal), -CLIP_MV, CLIP_MV).astype(np.float32)


def split(patients: Sequence[str], positive: NDArray[np.bool_], n: int, seed: int) -> NDArray[np.int64]:
    """Deal patients out to folds, those with a positive recording apart from those without.

    Parameters
    ----------
    patients : (r,) sequence of str
    positive : (r,) bool
    n : int
        Number of folds.
    seed : int

    Returns
    -------
    (r,) int64
        Fold of each recording, 0 to n - 1; all of a patient's recordings are in one.
    """
    rng = np.random.default_rng(seed)
    names, of = np.unique(np.asarray(patients), return_inverse=True)
    count = np.bincount(of)
    with_it = np.bincount(of, weights=positive) > 0
    fold = np.empty(len(names), dtype=np.int64)
    for kind in (with_it, ~with_it):
        drawn = rng.permutation(np.flatnonzero(kind))
        # Those with most recordings first, so that folds come out alike in size.
        drawn = drawn[np.argsort(-count[drawn], kind="stable")]
        fold[drawn] = np.arange(len(drawn)) % n
    return fold[of]
