"""What files say of electrodes on the torso is passed on, whatever the format; nothing else of it."""

from pathlib import Path

import numpy as np
import pytest

from imn.electrode_interchange import hints
from imn.electrode_placement import CODES, PLACEMENT, placement_hint, placement_words
from imn.formats import read_record
from imn.leads import LEADS
from imn.record import Record
from tests.format_files import FS, write_aecg, write_dicom
from tests.synthetic import ecg


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    return ecg(FS, np.arange(0.5, 4, 0.8), 4.0, noise_mv=0.005)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Stress test, Mason-Likar electrodes", ("stress test", "mason-likar")),
        ("MASON LIKAR", ("mason likar",)),
        ("H12+ Holter recorder of Dr. Holterman", ("holter",)),
        ("torso-mounted limb leads", ("torso-mounted",)),
        ("bicycle ergometry, exercise 100 W", ("bicycle ergometry", "exercise")),
        ("12 leads derived from EASI", ("easi",)),
        ("10:11266", (CODES["10:11266"],)),
        ("10:11265", ()),
        ("Standard 12-lead positions, electrodes placed individually", ()),
        ("uneasily resting; stressed; no acute distress; Dr. Toro", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_words_are_picked_whole_and_nothing_else(text: object, words: tuple[str, ...]) -> None:
    assert placement_words([text, text]) == words


def test_a_hint_quotes_each_word_once() -> None:
    said = {PLACEMENT: ("holter",), "comments": ("Holter", "exercise")}
    (hint,) = placement_hint(said)
    assert hint.count("holter") == 1
    assert '"exercise"' in hint
    assert placement_hint({"comments": "rest"}) == placement_hint({}) == ()


def _hints(record: Record) -> str:
    return " ".join(hint for hint in hints(record) if "the file says" in hint)


def _dicom(path: Path, **values: object) -> Path:
    import pydicom

    dataset = pydicom.dcmread(str(path))
    for name, value in values.items():
        setattr(dataset, name, value)
    dataset.save_as(path)
    return path


def test_dicom_says_it_by_code_by_kind_and_in_words(tmp_path: Path, signal: np.ndarray) -> None:
    from pydicom.dataset import Dataset

    assert not _hints(read_record(write_dicom(tmp_path, signal)))
    code, context = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "10:11267", "MDC", "so"
    context.ConceptCodeSequence = [code]
    path = _dicom(write_dicom(tmp_path, signal), AcquisitionContextSequence=[context])
    assert CODES["10:11267"] in _hints(read_record(path))
    code.CodeValue = "10:11265"
    path = _dicom(write_dicom(tmp_path, signal), AcquisitionContextSequence=[context])
    assert not _hints(read_record(path))
    path = _dicom(write_dicom(tmp_path, signal), SOPClassUID="1.2.840.10008.5.1.4.1.1.9.1.3")
    assert '"ambulatory"' in _hints(read_record(path))
    path = _dicom(
        write_dicom(tmp_path, signal), StudyDescription="Treadmill of Jane Roe", PatientName="Holter^A"
    )
    record = read_record(path)
    assert record.metadata[PLACEMENT] == ("treadmill",)


def test_an_annotated_ecg_says_it_but_not_by_the_name_of_whom_it_is_of(
    tmp_path: Path, signal: np.ndarray
) -> None:
    path = write_aecg(tmp_path, signal)
    plain = path.read_text()
    assert not _hints(read_record(path))
    subject = "<subject><trialSubject><id extension='1'/><code code='Holter'/></trialSubject></subject>"
    path.write_text(plain.replace("<component><series>", f"{subject}<component><series>", 1))
    assert not _hints(read_record(path))
    comment = "<annotation><code code='MDC_ECG_COMMENT'/><value>Mason-Likar leads</value></annotation>"
    path.write_text(plain.replace("<component><series>", f"<component><series>{comment}", 1))
    assert '"mason-likar"' in _hints(read_record(path))


def test_edf_says_it_in_its_recording_line_or_a_note(tmp_path: Path, signal: np.ndarray) -> None:
    edfio = pytest.importorskip("edfio")
    rows = [
        edfio.EdfSignal(row, FS, label=lead, physical_dimension="mV")
        for lead, row in zip(LEADS, signal, strict=True)
    ]
    path = tmp_path / "rec.edf"
    for notes, equipment, said in (
        ([], "plain", ""),
        ([], "Holter", "holter"),
        (["exercise 2"], "", "exercise"),
    ):
        edfio.Edf(
            rows,
            recording=edfio.Recording(equipment_code=equipment) if equipment else None,
            annotations=[edfio.EdfAnnotation(1.0, None, note) for note in notes],
        ).write(path)
        assert _hints(read_record(path)) == (placement_hint({PLACEMENT: (said,)})[0] if said else "")
