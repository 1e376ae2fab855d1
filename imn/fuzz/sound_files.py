"""A small sound recording in every format, for spoiling."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.leads import LEADS, expand

FS, SECONDS = 100.0, 3.0
_STEP_MV = 0.001
_CODES = (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8)
"""SCP-ECG's numbers of the leads in our order."""

Write = Callable[[Path, NDArray[np.float64]], Path]


@dataclass(frozen=True)
class Kind:
    """A format, how a sound file of it is written, and what is told when it is read.

    Parameters
    ----------
    name : str
    write : callable
        Takes a folder and a signal, (12, n) mV; gives the path to read.
    reader : str
        The module of `imn.formats` that reads it; others that begin alike belong to it.
    told : mapping
        Further arguments of `imn.formats.read_record`.
    """

    name: str
    write: Write
    reader: str
    told: Mapping[str, Any] = field(default_factory=dict)


def sound_signal() -> NDArray[np.float64]:
    """Give leads that obey Einthoven's law, (12, n) mV in steps of 1 uV."""
    t = np.arange(round(FS * SECONDS)) / FS
    waves = [np.sin(2 * np.pi * (1 + i) * t) * (0.5 + 0.1 * i) + 0.05 * i for i in range(8)]
    return np.round(expand(np.array(waves)), 3)


def _steps(signal: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.round(signal / _STEP_MV).astype("<i2")


def _header(file: str, signal: NDArray[np.float64], layout: str) -> str:
    lines = [f"rec 12 {FS:g} {signal.shape[1]}"]
    first = _steps(signal)[:, 0]
    lines += [
        f"{file} {layout} 1000(0)/mV 16 0 {at} 0 0 {lead}" for lead, at in zip(LEADS, first, strict=True)
    ]
    return "\n".join([*lines, "# Age: 61", "# Sex: Female"]) + "\n"


def _write_wfdb(folder: Path, signal: NDArray[np.float64]) -> Path:
    (folder / "rec.dat").write_bytes(_steps(signal).T.tobytes())
    (folder / "rec.hea").write_text(_header("rec.dat", signal, "16"))
    return folder / "rec.hea"


def _write_mat(folder: Path, signal: NDArray[np.float64]) -> Path:
    """Write as the CinC challenges do: a MATLAB 4 matrix of int16 after 24 bytes, header beside it."""
    head = np.array([30, 12, signal.shape[1], 0, 4], "<i4").tobytes() + b"val\0"
    (folder / "rec.mat").write_bytes(head + _steps(signal).T.tobytes())
    (folder / "rec.hea").write_text(_header("rec.mat", signal, "16+24"))
    return folder / "rec.mat"


def _write_edf(folder: Path, signal: NDArray[np.float64], suffix: str = ".edf") -> Path:
    """Write the header of EDF, or of BDF with its 24 bits, and one record of data a second."""
    wide = suffix == ".bdf"
    limit = 2**23 if wide else 2**15
    n, c = round(FS), len(LEADS)
    head = [("\xffBIOSEMI" if wide else "0", 8), ("X F X X", 80), ("Startdate X X X X", 80)]
    head += [("01.01.20", 8), ("10.00.00", 8), (f"{256 * (c + 1)}", 8), ("24BIT" if wide else "", 44)]
    head += [(f"{signal.shape[1] // n}", 8), ("1", 8), (f"{c}", 4)]
    head += [(f"ECG {lead}", 16) for lead in LEADS] + [("", 80)] * c + [("uV", 8)] * c
    head += ([(f"{-limit}", 8)] * c + [(f"{limit - 1}", 8)] * c) * 2  # a step is a microvolt
    head += [("", 80)] * c + [(f"{n}", 8)] * c + [("", 32)] * c
    text = b"".join(entry.encode("latin-1").ljust(width) for entry, width in head)
    blocks = _steps(signal).astype("<i4").reshape(c, -1, n).transpose(1, 0, 2).reshape(-1, 1)
    path = folder / f"rec{suffix}"
    path.write_bytes(text + blocks.view(np.uint8)[:, : 3 if wide else 2].tobytes())
    return path


def _write_bdf(folder: Path, signal: NDArray[np.float64]) -> Path:
    return _write_edf(folder, signal, ".bdf")


def _write_dicom(folder: Path, signal: NDArray[np.float64]) -> Path:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage

    def coded(value: str, meaning: str) -> Dataset:
        code = Dataset()
        code.CodeValue, code.CodeMeaning, code.CodingSchemeDesignator = value, meaning, "SCPECG"
        return code

    def channel(number: int, lead: str) -> Dataset:
        made = Dataset()
        made.ChannelSourceSequence = [coded(f"5.6.3-9-{number}", f"Lead {lead}")]
        made.ChannelSensitivity, made.ChannelBaseline = "1", "0"
        made.ChannelSensitivityUnitsSequence = [coded("uV", "microvolt")]
        made.ChannelSensitivityCorrectionFactor, made.ChannelSampleSkew = "1", "0"
        made.WaveformBitsStored = 16
        return made

    group, dataset = Dataset(), Dataset()
    group.WaveformOriginality, group.NumberOfWaveformChannels = "ORIGINAL", 12
    group.NumberOfWaveformSamples, group.SamplingFrequency = signal.shape[1], f"{FS:g}"
    group.ChannelDefinitionSequence = [channel(n, lead) for n, lead in zip(_CODES, LEADS, strict=True)]
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.add_new("WaveformData", "OW", _steps(signal).T.tobytes())
    dataset.SOPClassUID, dataset.SOPInstanceUID = TwelveLeadECGWaveformStorage, "1.2.3"
    dataset.PatientAge, dataset.PatientSex, dataset.Modality = "061Y", "F", "ECG"
    dataset.WaveformSequence = [group]
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(folder / "rec.dcm", enforce_file_format=True)
    return folder / "rec.dcm"


def _write_aecg(folder: Path, signal: NDArray[np.float64]) -> Path:
    def sequence(code: str, value: str) -> str:
        return f'<component><sequence><code code="{code}"/><value>{value}</value></sequence></component>'

    scale = '<origin value="0" unit="uV"/><scale value="1" unit="uV"/>'
    body = sequence("TIME_RELATIVE", f'<increment value="{1 / FS}" unit="s"/>') + "".join(
        sequence(f"MDC_ECG_LEAD_{lead.upper()}", f"{scale}<digits>{' '.join(map(str, row))}</digits>")
        for lead, row in zip(LEADS, _steps(signal).tolist(), strict=True)
    )
    inner = f"<component><sequenceSet>{body}</sequenceSet></component>"
    (folder / "rec.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><AnnotatedECG xmlns="urn:hl7-org:v3"><component><series>'
        f"{inner}</series></component></AnnotatedECG>"
    )
    return folder / "rec.xml"


def _write_csv(folder: Path, signal: NDArray[np.float64]) -> Path:
    head = f"# fs: {FS:g}\n# unit: mV\n" + ",".join(LEADS)
    np.savetxt(folder / "rec.csv", signal.T, fmt="%.3f", delimiter=",", header=head, comments="")
    return folder / "rec.csv"


def _write_tsv(folder: Path, signal: NDArray[np.float64]) -> Path:
    table = np.column_stack([np.arange(signal.shape[1]) / FS * 1000, signal.T * 1000])
    head = "\t".join(["time [ms]", *(f"{lead} (uV)" for lead in LEADS)])
    np.savetxt(folder / "rec.tsv", table, fmt="%.0f", delimiter="\t", header=head, comments="")
    return folder / "rec.tsv"


def _write_npz(folder: Path, signal: NDArray[np.float64]) -> Path:
    np.savez_compressed(folder / "rec.npz", signal=signal, fs=FS, leads=np.array(LEADS), unit="mV")
    return folder / "rec.npz"


def _write_npy(folder: Path, signal: NDArray[np.float64]) -> Path:
    np.save(folder / "rec.npy", signal.T)
    return folder / "rec.npy"


KINDS = (
    Kind("WFDB", _write_wfdb, "wfdb"),
    Kind("CinC .mat", _write_mat, "wfdb"),
    Kind("EDF", _write_edf, "edf"),
    Kind("BDF", _write_bdf, "edf"),
    Kind("DICOM", _write_dicom, "dicom"),
    Kind("HL7 aECG", _write_aecg, "aecg"),
    Kind("CSV", _write_csv, "table"),
    Kind("TSV", _write_tsv, "table"),
    Kind("NumPy .npz", _write_npz, "numpy_file"),
    Kind("NumPy .npy", _write_npy, "numpy_file", {"fs": FS, "unit": "mV", "leads": LEADS}),
)
"""Every format that `imn.formats` reads."""
