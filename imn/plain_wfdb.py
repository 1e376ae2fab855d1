"""The commonest WFDB record, read at once: 16-bit samples of all channels in one file, all said in full.

wfdb takes a millisecond for such a header.  A record with anything put otherwise is left to it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imn.reading import LARGEST_FILE

_RECORD = re.compile(r"\S+ (?P<channels>\d{1,4}) (?P<fs>\d{1,9}(\.\d{1,9})?) (?P<samples>\d{1,9})")
_CHANNEL = re.compile(
    r"(?P<file>[-\w]+\.\w+) 16 (?P<gain>\d{1,9}(\.\d{1,9})?)\((?P<zero>-?\d{1,9})\)/\w+"
    r" \d{1,9} -?\d{1,9} -?\d{1,9} -?\d{1,9} \d{1,9} (?P<name>\S+)",
    re.ASCII,
)
_MISSING = -32768


@dataclass(frozen=True, eq=False)
class PlainRecord:
    """What a record holds, named as `wfdb.Record` names it.

    Parameters
    ----------
    p_signal : (n, c) float64
    fs : float, Hz
    adc_gain, baseline : list of float
    sig_name, comments : list of str
    """

    p_signal: NDArray[np.float64]
    fs: float
    adc_gain: list[float]
    baseline: list[float]
    sig_name: list[str]
    comments: list[str]


def read_plain(header: Path, text: str, lines: Sequence[Sequence[str]]) -> PlainRecord | None:
    """Read a record; None where anything is not as it commonly is.

    Parameters
    ----------
    header : Path
    text : str
        Its content.
    lines : sequence of sequence of str
        Fields of each line that is no comment.
    """
    record = _RECORD.fullmatch(" ".join(lines[0]))
    found = [_CHANNEL.fullmatch(" ".join(fields)) for fields in lines[1:]]
    channels = [match for match in found if match]
    if record is None or not text.isascii() or not len(channels) == len(found) == int(record["channels"]):
        return None
    steps = _steps(header, {match["file"] for match in channels}, (int(record["samples"]), len(channels)))
    if steps is None:
        return None
    gain, zero = ([float(match[part]) for match in channels] for part in ("gain", "zero"))
    signal = (steps - np.array(zero)) / gain
    signal[steps == _MISSING] = np.nan
    names = [match["name"] for match in channels]
    comments = [line.strip(" \t#") for line in map(str.strip, text.splitlines()) if line.startswith("#")]
    return PlainRecord(signal, float(record["fs"]), gain, zero, names, comments)


def _steps(header: Path, names: set[str], shape: tuple[int, int]) -> NDArray[np.int16] | None:
    """Read the samples as they are stored, where all are in one file that holds just these."""
    size = 2 * shape[0] * shape[1]
    if len(names) != 1 or not 0 < size <= LARGEST_FILE:
        return None
    file = header.with_name(*names)
    if not file.is_file() or file.stat().st_size != size:
        return None
    return np.frombuffer(file.read_bytes(), dtype="<i2").reshape(shape)
