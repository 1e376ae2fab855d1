"""The same recording written in every format, with all leads or some."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from imn.leads import LEADS
from tests.synthetic import write_wfdb

FS = 500.0
STEP = 0.001
"""Every file here is written in steps of 1 uV or finer."""


def without(signal: np.ndarray, left_out: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Give the rows of the leads that are kept, and their names."""
    kept = tuple(lead for lead in LEADS if lead not in left_out)
    return signal[[LEADS.index(lead) for lead in kept]], kept


def write_mat(folder: Path, signal: np.ndarray, leads: Sequence[str] = LEADS) -> Path:
    """Write as the CinC challenges do: MATLAB 4 matrix of int16 after 24 bytes, header beside it."""
    from scipy.io import savemat

    savemat(folder / "rec.mat", {"val": np.round(signal * 1000).astype(np.int16)}, format="4")
    lines = [f"rec {len(leads)} {FS:g} {signal.shape[1]}"]
    lines += [
        f"rec.mat 16+24 1000(0)/mV 16 0 {round(row[0] * 1000)} 0 0 {lead}"
        for lead, row in zip(leads, signal, strict=True)
    ]
    (folder / "rec.hea").write_text("\n".join(lines) + "\n")
    return folder / "rec.mat"


def write_edf(folder: Path, signal: np.ndarray, leads: Sequence[str] = LEADS) -> Path:
    import edfio

    edf = edfio.Edf(
        [
            edfio.EdfSignal(
                row, FS, label=f"ECG {lead}", physical_dimension="mV", physical_range=(-32.768, 32.767)
            )
            for lead, row in zip(leads, signal, strict=True)
        ]
        + [
            edfio.EdfSignal(
                np.zeros(int(signal.shape[1] / FS * 50)), 50, label="Resp", physical_range=(-1, 1)
            )
        ]
    )
    edf.write(folder / "rec.edf")
    return folder / "rec.edf"


def write_dicom(folder: Path, signal: np.ndarray, leads: Sequence[str] = LEADS) -> Path:
    import pydicom
    from pydicom.data import get_testdata_file

    dataset = pydicom.dcmread(str(get_testdata_file("waveform_ecg.dcm")))
    group = dataset.WaveformSequence[0]
    group.NumberOfWaveformSamples, group.SamplingFrequency = signal.shape[1], FS
    kept = [group.ChannelDefinitionSequence[LEADS.index(lead)] for lead in leads]
    group.ChannelDefinitionSequence, group.NumberOfWaveformChannels = kept, len(kept)
    group.WaveformData = np.round(signal.T * 800).astype("<i2").tobytes()  # 1.25 uV a step, as the sample has
    dataset.save_as(folder / "rec.dcm")
    return folder / "rec.dcm"


def write_aecg(folder: Path, signal: np.ndarray, leads: Sequence[str] = LEADS) -> Path:
    def sequence(code: str, value: str) -> str:
        return f'<component><sequence><code code="{code}"/>{value}</sequence></component>'

    rows = [
        sequence(
            f"MDC_ECG_LEAD_{lead.upper()}",
            '<value xsi:type="SLIST_PQ"><origin value="0" unit="uV"/><scale value="1" unit="uV"/>'
            f"<digits>{' '.join(f'{x:.0f}' for x in row * 1000)}</digits></value>",
        )
        for lead, row in zip(leads, signal, strict=True)
    ]
    time = (
        f'<value xsi:type="GLIST_TS"><head value="20200101"/><increment value="{1 / FS}" unit="s"/></value>'
    )
    body = sequence("TIME_ABSOLUTE", time) + "".join(rows)
    (folder / "rec.xml").write_text(
        '<?xml version="1.0"?><AnnotatedECG xmlns="urn:hl7-org:v3" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><component><series><component>'
        f"<sequenceSet>{body}</sequenceSet></component></series></component></AnnotatedECG>"
    )
    return folder / "rec.xml"


def write_csv(folder: Path, signal: np.ndarray, leads: Sequence[str] = LEADS) -> Path:
    head = f"# fs: {FS:g}\n# unit: mV\n" + ",".join(leads)
    np.savetxt(folder / "rec.csv", signal.T, fmt="%.3f", delimiter=",", header=head, comments="")
    return folder / "rec.csv"


def write_tsv(folder: Path, signal: np.ndarray, leads: Sequence[str] = LEADS) -> Path:
    times = np.arange(signal.shape[1]) / FS * 1000
    head = "\t".join(["time [ms]", *(f"{lead} (uV)" for lead in leads)])
    table = np.column_stack([times, signal.T * 1000])
    np.savetxt(folder / "rec.tsv", table, fmt="%.3f", delimiter="\t", header=head, comments="")
    return folder / "rec.tsv"


def write_npz(folder: Path, signal: np.ndarray, leads: Sequence[str] = LEADS) -> Path:
    np.savez(folder / "rec.npz", signal=signal, fs=FS, leads=np.array(leads), unit="mV")
    return folder / "rec.npz"


def write_dat(folder: Path, signal: np.ndarray, leads: Sequence[str] = LEADS) -> Path:
    return write_wfdb(folder, signal, fs=FS, names=leads, gain=1000.0)


WRITERS: dict[str, Callable[..., Path]] = {
    "wfdb": write_dat,
    "mat": write_mat,
    "edf": write_edf,
    "dicom": write_dicom,
    "aecg": write_aecg,
    "csv": write_csv,
    "tsv": write_tsv,
    "npz": write_npz,
}
