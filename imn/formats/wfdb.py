"""WFDB: a text header (.hea) that names one or more signal files.

Format: https://physionet.org/physiotools/wag/header-5.htm
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from imn.assembly import Channels
from imn.errors import InputError
from imn.reading import Told, check_size, refusal

SUFFIXES = (".hea", ".dat", ".mat")
_CALIBRATION = re.compile(r"(?P<gain>[-+]?[\d.]+(?:e[-+]?\d+)?)(?:\([-+]?\d+\))?(?:/(?P<unit>\S+))?", re.I)
_PERSON = re.compile(r"\W*(age|sex)\W*:\s*(\S+)", re.I)
_SEXES = {"m": "male", "male": "male", "f": "female", "female": "female"}
_BYTES = {"8": 1.0, "16": 2.0, "24": 3.0, "32": 4.0, "61": 2.0, "80": 1.0, "160": 2.0, "212": 1.5}
"""Bytes per sample, by storage format."""
_SQUEEZED = {"508", "516", "524"}
"""FLAC, of which a small file may hold any number of samples."""
_STORAGE = re.compile(r"(?P<kind>\d{1,9})(?:x(?P<per_frame>\d{1,9}))?(?::\d{1,9})?(?:\+(?P<offset>\d{1,9}))?")


class _Storage(NamedTuple):
    """How a channel is stored: file, bytes per sample (0 where that is not known), bytes before the first."""

    file: str
    width: float
    offset: int


def recognises(path: Path) -> bool:
    """Tell by its name whether a path is a WFDB record: .hea, .dat, .mat, or none with a .hea beside it."""
    return path.suffix.lower() in SUFFIXES or _header(path).is_file()


def read(path: Path, told: Told) -> Channels:
    """Read all channels of a WFDB record.

    Parameters
    ----------
    path : Path
        With or without .hea, .dat or .mat (the CinC challenges' matrices, which have a header beside them).
    told : Told

    Returns
    -------
    Channels

    Raises
    ------
    InputError
        If header or signal file is missing, damaged or empty, points outside
        its folder, or says something no single recording can.
    """
    header = _header(path)
    raw = _raw(header)
    lines = _lines(header, _text(raw))
    _check_first_line(header, lines[0])
    _check_names(header, [fields[0] for fields in lines[1:]])
    calibrations = [_calibration(fields) for fields in lines[1:]]
    _check_files(header, *_storages(header, raw))
    record = _read_by_wfdb(header)
    if record.p_signal is None or record.p_signal.size == 0:
        raise _refusal(header, "expected samples, found none", "give the signal file that belongs to it")
    signal, units = record.p_signal.T, [unit for _, unit in calibrations]
    if told.digital:
        gain, zero = (np.array(values, dtype=float)[:, None] for values in (record.adc_gain, record.baseline))
        # Undone from physical values, not read as integers, so that missing samples stay NaN.
        signal, units = np.round(signal * gain + zero), ["adu"] * len(units)
    elif any(gain <= 0 for gain, _ in calibrations):
        raise _refusal(
            header,
            "expected a gain for each channel, found none",
            "state steps per mV in it, or --adu-per-mv",
        )
    fs, names = float(record.fs), [name or "" for name in record.sig_name]
    return Channels(names, units, signal, fs, header.stem, str(header), _metadata(record.comments))


def _header(path: Path) -> Path:
    return path.with_suffix(".hea") if path.suffix.lower() in SUFFIXES else path.with_name(path.name + ".hea")


def _refusal(header: Path, said: str, advice: str) -> InputError:
    return refusal(header, said, advice)


def _raw(header: Path) -> bytes:
    if not header.is_file():
        raise _refusal(header, "expected a WFDB header, found no such file", "give the path of one recording")
    return header.read_bytes()


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _lines(header: Path, text: str) -> list[list[str]]:
    """Fields of each line that is no comment."""
    lines = [line.split() for line in text.splitlines()]
    lines = [fields for fields in lines if fields and not fields[0].startswith("#")]
    if not lines:
        raise _refusal(header, "expected a WFDB header, found an empty file", "give a complete recording")
    return lines


def _check_first_line(header: Path, fields: list[str]) -> None:
    """Name, number of channels, rate: wfdb reads 250 Hz where it does not understand the rate."""
    if len(fields) < 2 or not fields[1].isdigit():
        raise _refusal(header, "expected a WFDB header, found other content", "give a recording")
    if "/" in fields[0]:
        raise _refusal(header, "expected one segment, found several", "give one of its segments")
    rate = fields[2].split("/")[0].split("(")[0] if len(fields) > 2 else ""
    if not 0 < _number(rate) < math.inf:
        said = f"expected a sampling rate above 0 Hz as third entry of its first line, got {rate[:20]!r}"
        raise _refusal(header, said, "state the rate")
    if len(fields) > 3 and not fields[3].isdigit():
        said = f"expected a number of samples as fourth entry of its first line, got {fields[3][:20]!r}"
        raise _refusal(header, said, "state it or leave it out")


def _check_names(header: Path, names: Sequence[str]) -> None:
    for name in dict.fromkeys(names):
        if Path(name).name != name or "\\" in name:
            said = f"expected signal files in the header's own folder, got {name[:80]!r}"
            raise _refusal(header, said, "put them beside it and name them without a path")


def _calibration(fields: list[str]) -> tuple[float, str]:
    """Gain and unit of a channel; gain 0 where the header gives none.

    wfdb drops every character that is not ASCII, so it reads µV as V, and fills
    in a gain of 200 where there is none.  The unit mV is the format's own default.
    """
    match = _CALIBRATION.fullmatch(fields[2]) if len(fields) > 2 else None
    return (_number(match["gain"]), match["unit"] or "mV") if match else (0.0, "mV")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _read_by_wfdb(header: Path) -> Any:
    import wfdb

    # wfdb checks little: on a damaged header or signal file it raises whatever
    # its parsing meets (IndexError, TypeError, UnicodeDecodeError, MemoryError ...).
    try:
        return wfdb.rdrecord(str(header.absolute().with_suffix("")))
    except Exception as error:
        said = "expected a signal file as the header describes it, could not read it so"
        raise _refusal(header, said, "get an undamaged copy of both files") from error


def _storages(header: Path, raw: bytes) -> tuple[list[_Storage], float]:
    """Give how each channel is stored, and how many samples, as wfdb will read it: ASCII alone."""
    first, *lines = _lines(header, raw.decode("ascii", errors="ignore"))
    _check_first_line(header, first)
    if not len(lines) == _number(first[1]) > 0:
        said = f"expected {first[1]} channels as the first line says, found {len(lines)}"
        raise _refusal(header, said, "get an undamaged copy of the header")
    return [_storage(header, fields) for fields in lines], _number(first[3]) if len(first) > 3 else 0


def _storage(header: Path, fields: list[str]) -> _Storage:
    match = _STORAGE.fullmatch(fields[1]) if len(fields) > 1 else None
    if match is None:
        raise _refusal(header, "expected a WFDB header, found other content", "give a recording")
    if match["kind"] in _SQUEEZED:
        said = "expected an uncompressed signal file, found FLAC"
        raise _refusal(header, said, "convert it to format 16")
    if int(match["per_frame"] or 1) != 1:
        raise _refusal(header, "expected one rate for all channels, found several", "resample to one rate")
    return _Storage(fields[0], _BYTES.get(match["kind"], 0.0), int(match["offset"] or 0))


def _check_files(header: Path, storages: Sequence[_Storage], samples: float) -> None:
    """Signal files must be there and hold what the header says."""
    for name in dict.fromkeys(one.file for one in storages):
        file = header.with_name(name)
        if not file.is_file():
            said = f"expected the signal file {name} beside it, found no such file"
            raise _refusal(header, said, "put it there")
        size, (needed, frame) = file.stat().st_size, _extent(storages, name, samples)
        if size:
            check_size(file)
        if size < max(needed, 1) or 0 < needed <= size - max(frame, 1):
            said = f"expected {needed:.0f} bytes in {name} by the number of samples, found {size}"
            raise _refusal(header, said, "get an undamaged copy of both files")


def _extent(storages: Sequence[_Storage], file: str, samples: float) -> tuple[float, float]:
    """Bytes that the header asks of one signal file and of one sample in it; 0 where it does not say."""
    held = [one for one in storages if one.file == file]
    if not samples or not all(one.width for one in held):
        return 0, 0
    frame = sum(one.width for one in held)
    return float(np.floor(frame * samples)) + held[0].offset, int(frame)


def _metadata(comments: Sequence[str]) -> dict[str, Any]:
    """Comments as they are, and age (years) and sex where they are named."""
    found: dict[str, Any] = {"comments": tuple(comments)} if comments else {}
    for comment in comments:
        match = _PERSON.match(comment)
        if match is None:
            continue
        key, value = match[1].lower(), match[2].lower()
        if key == "age" and value.isdigit():
            found["age"] = int(value)
        elif key == "sex" and value in _SEXES:
            found["sex"] = _SEXES[value]
    return found
