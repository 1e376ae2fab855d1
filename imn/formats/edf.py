"""EDF, EDF+ and BDF, by edfio.

Format: Kemp & Olivan 2003, Clin Neurophysiol 114:1755.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np

from imn.assembly import Channels
from imn.electrode_placement import PLACEMENT, placement_words
from imn.leads import LEADS
from imn.reading import Told, check_size, missing_library, read_by_library, refusal

SUFFIXES = (".edf", ".bdf")
_PREFIX = re.compile(r"^(?:ecg|ekg|lead)[\s_-]*", re.I)
_HEAD, _BEFORE_COUNTS = 256, 216
"""Bytes of the header itself, and of each channel's entries before its samples per record."""
_KNOWN = {lead.lower() for lead in LEADS}


def recognises(path: Path) -> bool:
    """Tell by its suffix whether a path is an EDF or BDF file."""
    return path.suffix.lower() in SUFFIXES


def read(path: Path, told: Told) -> Channels:
    """Read the channels that are named as leads ("II", "ECG II", "EKG V1").

    Raises
    ------
    InputError
        If it is damaged, has gaps, or its leads have several rates.
    """
    try:
        import edfio
    except ImportError as error:
        raise missing_library(path, "EDF", "edfio") from error
    check_size(path)
    read_by_library(path, "an EDF file", lambda: _check_length(path))
    reader = edfio.read_bdf if path.suffix.lower() == ".bdf" else edfio.read_edf
    return read_by_library(path, "an EDF file", lambda: _channels(path, reader(path), told))


def _check_length(path: Path) -> None:
    """Refuse more or fewer bytes than the header says: edfio would take what is there."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        begin, records, c = int(head[184:192]), int(head[236:244]), int(head[252:256])
        file.seek(_HEAD + c * _BEFORE_COUNTS)
        counts = [int(file.read(8)) for _ in range(c)]
    wide = 3 if path.suffix.lower() == ".bdf" else 2
    needed, size = begin + records * sum(counts) * wide, path.stat().st_size
    if records < 0 or size != needed:
        said = f"expected {needed} bytes by its header, found {size}"
        raise refusal(path, said, "get an undamaged copy of a finished recording")


def _channels(path: Path, file: Any, told: Told) -> Channels:
    if str(getattr(file, "reserved", "")).upper().startswith("EDF+D"):
        raise refusal(path, "expected one recording without gaps, found EDF+D", "give one stretch of it")
    leads = [
        (name, signal) for signal in file.signals if (name := _PREFIX.sub("", signal.label)).lower() in _KNOWN
    ]
    if not leads:
        found = ", ".join(signal.label for signal in file.signals)[:120]
        raise refusal(
            path, f"expected channels named as leads, found {found or 'none'}", "name them I, II ... V6"
        )
    rates = sorted({float(signal.sampling_frequency) for _, signal in leads})
    if len(rates) > 1:
        said = f"expected one rate for all leads, found {', '.join(f'{rate:g}' for rate in rates)} Hz"
        raise refusal(path, said, "resample to one rate")
    signal = np.stack([np.asarray(s.digital if told.digital else s.data, dtype=float) for _, s in leads])
    units = ["adu" if told.digital else s.physical_dimension for _, s in leads]
    return Channels([name for name, _ in leads], units, signal, rates[0], path.stem, str(path), _person(file))


def _person(file: Any) -> dict[str, Any]:
    sex = getattr(getattr(file, "patient", None), "sex", "")
    found: dict[str, Any] = {"sex": {"M": "male", "F": "female"}[sex]} if sex in ("M", "F") else {}
    notes = (note.text for note in getattr(file, "annotations", ()))
    words = placement_words((getattr(file, "local_recording_identification", ""), *notes))
    return found | ({PLACEMENT: words} if words else {})
