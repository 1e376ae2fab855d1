"""EDF, EDF+ and BDF, by edfio.

Format: Kemp & Olivan 2003, Clin Neurophysiol 114:1755.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np

from imn.assembly import Channels
from imn.leads import LEADS
from imn.reading import Told, check_size, missing_library, read_by_library, refusal

SUFFIXES = (".edf", ".bdf")
_PREFIX = re.compile(r"^(?:ecg|ekg|lead)[\s_-]*", re.I)
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
    reader = edfio.read_bdf if path.suffix.lower() == ".bdf" else edfio.read_edf
    return read_by_library(path, "an EDF file", lambda: _channels(path, reader(path), told))


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
    return {"sex": {"M": "male", "F": "female"}[sex]} if sex in ("M", "F") else {}
