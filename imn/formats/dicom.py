"""DICOM waveforms: 12-lead and general ECG storage, by pydicom.

Standard: DICOM PS3.3 C.10.9 (waveform module), PS3.16 CID 3001 (lead codes of SCP-ECG and MDC).
"""

import math
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.assembly import Channels
from imn.electrode_placement import CODES, PLACEMENT, placement_words
from imn.leads import LEADS
from imn.reading import Told, check_size, missing_library, read_by_library, refusal

SUFFIXES = (".dcm", ".dicom")
_CODE = re.compile(r"(?:5\.6\.3-9-|2:)(\d+)")
_OF_NUMBER = {1: "I", 2: "II", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF"} | {
    2 + i: f"V{i}" for i in range(1, 7)
}
"""Lead by the last part of its code, the same in SCP-ECG's ("5.6.3-9-1") and MDC's ("2:1") codes."""
_SEXES = {"M": "male", "F": "female"}
_BYTES = {8: 1, 16: 2, 32: 4}
_AMBULATORY = "1.2.840.10008.5.1.4.1.1.9.1.3"
"""Ambulatory ECG waveform storage: Holter recordings."""
_DESCRIPTIONS = (
    *("StudyDescription", "SeriesDescription", "ProtocolName", "AcquisitionContextDescription"),
    *("PerformedProcedureStepDescription", "ManufacturerModelName"),
)
_DEFLATED = b"1.2.840.10008.1.2.1.99"
"""Name of the transfer syntax, which stands before what is deflated."""


def recognises(path: Path) -> bool:
    """Tell by its suffix whether a path is a DICOM file."""
    return path.suffix.lower() in SUFFIXES


def read(path: Path, told: Told) -> Channels:
    """Read the rhythm of a DICOM waveform file; a median beat beside it is left out.

    Raises
    ------
    InputError
        If it is damaged, is no ECG, or holds several rhythms.
    """
    try:
        import pydicom
    except ImportError as error:
        raise missing_library(path, "DICOM", "pydicom") from error
    check_size(path)
    # From memory, where a length that is stated wrongly makes no room for what is not there.
    content = path.read_bytes()
    # pydicom inflates a deflated file whole, which may be a thousand times as large as it looks.
    if _DEFLATED in content:
        raise refusal(
            path, "expected an uncompressed DICOM file, found a deflated one", "export it uncompressed"
        )
    dataset: Any = read_by_library(path, "a DICOM file", lambda: pydicom.dcmread(BytesIO(content)))
    return read_by_library(path, "a DICOM 12-lead waveform", lambda: _channels(path, dataset, told))


def _channels(path: Path, dataset: Any, told: Told) -> Channels:
    group = _rhythm(path, dataset)
    definitions = list(group.ChannelDefinitionSequence)
    raw = _samples(path, group, len(definitions))
    names = [_name(channel) for channel in definitions]
    fs = float(group.SamplingFrequency)
    if any(float(channel.get("ChannelSampleSkew") or 0) for channel in definitions):
        raise refusal(path, "expected leads sampled at the same time, found a skew", "export it without skew")
    units, signal = ["adu"] * len(names), raw
    if not told.digital:
        units = [_unit(path, channel) for channel in definitions]
        gain, zero = (np.array([_number(c, key, default) for c in definitions]) for key, default in _SCALES)
        correction = np.array([_number(c, "ChannelSensitivityCorrectionFactor", 1.0) for c in definitions])
        signal = raw * (gain * correction)[:, None] + zero[:, None]
    return Channels(names, units, signal, fs, path.stem, str(path), _person(dataset))


_SCALES = (("ChannelSensitivity", math.nan), ("ChannelBaseline", 0.0))


def _rhythm(path: Path, dataset: Any) -> Any:
    groups = list(dataset.get("WaveformSequence") or ())
    if not groups:
        raise refusal(path, "expected a waveform, found none in this DICOM file", "give an ECG object")
    if len(groups) > 1:
        groups = [group for group in groups if group.get("WaveformOriginality") == "ORIGINAL"]
    if len(groups) != 1:
        raise refusal(path, f"expected one original rhythm, found {len(groups)}", "export one rhythm")
    return groups[0]


def _samples(path: Path, group: Any, channels: int) -> NDArray[np.float64]:
    """Undo the multiplexing, (c, n), after checking that as many bytes are there as are stated."""
    bits, kind = int(group.WaveformBitsAllocated), str(group.WaveformSampleInterpretation)
    if bits not in _BYTES or kind not in ("SB", "UB", "SS", "US", "SL", "UL"):
        raise refusal(
            path, f"expected samples of whole bytes, found {bits} bits of kind {kind}", "export as 16 bit"
        )
    n, stated = int(group.NumberOfWaveformSamples), int(group.NumberOfWaveformChannels)
    data = bytes(group.WaveformData)
    if stated != channels:
        said = f"expected {stated} channels as the file states, found {channels} described"
        raise refusal(path, said, "get an undamaged copy")
    if n <= 0 or len(data) - channels * n * _BYTES[bits] not in (0, 1):
        said = f"expected {channels} channels of {n} samples of {bits} bits, found {len(data)} bytes"
        raise refusal(path, said, "get an undamaged copy")
    kind = f"<{'i' if kind.startswith('S') else 'u'}{_BYTES[bits]}"
    raw = np.frombuffer(data, dtype=kind, count=channels * n).reshape(n, channels).T
    signal = raw.astype(float)
    padding = group.get("WaveformPaddingValue")
    if padding is not None:
        missing = np.frombuffer(bytes(padding)[: _BYTES[bits]], kind)[0]
        signal[raw == missing] = np.nan
    return signal


def _name(channel: Any) -> str:
    source = channel.ChannelSourceSequence[0]
    code = _CODE.fullmatch(str(source.get("CodeValue", "")))
    if code and int(code[1]) in _OF_NUMBER:
        return _OF_NUMBER[int(code[1])]
    meaning = str(source.get("CodeMeaning", "")).removeprefix("Lead ").split(" (")[0].strip()
    return meaning if meaning.lower() in {lead.lower() for lead in LEADS} else f"other {meaning}"


def _unit(path: Path, channel: Any) -> str:
    sequence = channel.get("ChannelSensitivityUnitsSequence")
    if not sequence or channel.get("ChannelSensitivity") is None:
        raise refusal(
            path, "expected a sensitivity with its unit for each lead, found none", "export it with them"
        )
    return str(sequence[0].CodeValue)


def _number(channel: Any, key: str, default: float) -> float:
    value = channel.get(key)
    return default if value is None else float(value)


def _person(dataset: Any) -> dict[str, Any]:
    """Age and sex; nothing that names the person."""
    found: dict[str, Any] = {}
    age = re.fullmatch(r"(\d{3})Y", str(dataset.get("PatientAge", "")))
    if age:
        found["age"] = int(age[1])
    if dataset.get("PatientSex") in _SEXES:
        found["sex"] = _SEXES[dataset.PatientSex]
    words = placement_words(_said_of_electrodes(dataset))
    return found | ({PLACEMENT: words} if words else {})


def _said_of_electrodes(dataset: Any) -> Iterator[object]:
    """Kind of object, descriptions, and the coded context of the recording (TID 3401)."""
    if dataset.get("SOPClassUID") == _AMBULATORY:
        yield "ambulatory"
    yield from (dataset.get(key, "") for key in _DESCRIPTIONS)
    for context in dataset.get("AcquisitionContextSequence") or ():
        for code in context.get("ConceptCodeSequence") or ():
            value = str(code.get("CodeValue", ""))
            yield value if value in CODES else code.get("CodeMeaning", "")
        yield context.get("TextValue", "")
