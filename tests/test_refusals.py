"""Every refusal of every reader, one by one: what is wrong, and the words about it."""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from imn import reading
from imn.errors import InputError
from imn.formats import aecg, read_record, table
from imn.fuzz.sound_files import KINDS, sound_signal
from imn.leads import LEADS
from imn.reading import read_by_library

KIND = {kind.name: kind for kind in KINDS}


def written(name: str, folder: Path) -> Path:
    return KIND[name].write(folder, sound_signal())


def replaced(path: Path, old: bytes, new: bytes, count: int = 1) -> Path:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, count))
    return path


@pytest.mark.parametrize(
    ("name", "module", "package"),
    [("DICOM", "pydicom", "pydicom"), ("EDF", "edfio", "edfio"), ("HL7 aECG", "defusedxml", "defusedxml")],
)
def test_a_library_that_is_missing_is_named(name, module, package, monkeypatch, tmp_path):
    path = written(name, tmp_path)
    for loaded in [key for key in sys.modules if key.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=rf"{package}, which is not installed; pip install"):
        read_record(path)


def test_a_file_beyond_any_recording_is_not_opened(tmp_path):
    with pytest.raises(InputError, match="at most 10 bytes, found 11; cut it"):
        path = tmp_path / "x.csv"
        path.write_bytes(bytes(11))
        reading.check_size(path, 10)


def test_a_readers_own_refusal_passes_and_a_warning_does_not(tmp_path, recwarn):
    def doubtful():
        import warnings

        warnings.warn("doubtful", stacklevel=1)
        return 3

    assert read_by_library(tmp_path, "x", doubtful) == 3 and not recwarn.list

    def broken():
        raise KeyError("x" * 1000)

    with pytest.raises(InputError, match=r"expected a file, could not read it \(KeyError\)"):
        read_by_library(tmp_path, "a file", broken)


SERIES = b"<component><series>"
AECG = {
    "other XML": ((b"AnnotatedECG", b"RestingECG", 2), r"\(AnnotatedECG\), found RestingECG"),
    "no series": ((b"series>", b"serie>", 2), "one series, found 0"),
    "two series": ((SERIES, b"<component><series/></component>" + SERIES, 1), "one series, found 2"),
    "no set": ((b"sequenceSet>", b"set>", 2), "one set of sequences, found 0"),
    "no time": ((b"TIME_RELATIVE", b"SPACE", 1), "one time sequence and leads"),
    "no leads": ((b"MDC_ECG_LEAD_", b"LEAD_", 12), "one time sequence and leads"),
    "a sample less": ((b"<digits>0 ", b"<digits>", 1), "one length"),
    "two units": ((b'<scale value="1" unit="uV"', b'<scale value="1" unit="mV"', 1), "found uV and mV"),
    "no unit of time": ((b'0.01" unit="s"', b'0.01" unit="min"', 1), "s, ms or us, found 0.01 min"),
    "no time at all": ((b'value="0.01"', b'value="0"', 1), "s, ms or us, found 0 s"),
    "two values": ((b"<value><origin", b"<value/><value><origin", 1), "one value in sequence, found 2"),
    "no number": ((b'<scale value="1"', b'<scale value="x"', 1), r"annotated ECG, could not read it \(Value"),
    "no attribute": ((b'<scale value="1"', b"<scale", 1), r"annotated ECG, could not read it \(KeyError"),
    "cut": ((b"</AnnotatedECG>", b"", 1), r"without entities, could not read it \(ParseError"),
}


@pytest.mark.parametrize(("change", "words"), AECG.values(), ids=AECG)
def test_annotated_ecgs_that_are_none_are_refused(change, words, tmp_path):
    path = replaced(written("HL7 aECG", tmp_path), *change)
    with pytest.raises(InputError, match=words):
        read_record(path)


def test_annotated_ecgs_of_too_many_tags_are_not_parsed(monkeypatch, tmp_path):
    monkeypatch.setattr(aecg, "MOST_TAGS", 50)
    with pytest.raises(InputError, match="at most 50 tags"):
        read_record(written("HL7 aECG", tmp_path))


def test_tags_are_read_in_any_namespace():
    root = ElementTree.fromstring('<a xmlns="x"><b code="1"/></a>')
    assert aecg._attribute(root, "b", "code") == "1" and aecg._attribute(root, "c", "code") == ""


@pytest.mark.parametrize("name", ["WFDB", "EDF", "BDF", "DICOM", "HL7 aECG"])
def test_steps_of_the_converter_are_given_where_asked(name, tmp_path):
    record = read_record(written(name, tmp_path), adu_per_mv=1000)
    np.testing.assert_allclose(record.signal, sound_signal(), atol=1e-6)


def dicom(path: Path, change) -> Path:
    """Change the waveform of a DICOM file, or the file."""
    import pydicom

    dataset = pydicom.dcmread(path)
    change(dataset, dataset.WaveformSequence[0])
    dataset.save_as(path)
    return path


def without(group, name: str) -> None:
    del group.ChannelDefinitionSequence[3][name]


def two(dataset, group, originality: str) -> None:
    from copy import deepcopy

    dataset.WaveformSequence = [group, deepcopy(group)]
    dataset.WaveformSequence[1].WaveformOriginality = originality


DICOM = {
    "no waveform": (lambda d, g: d.pop("WaveformSequence"), "a waveform, found none"),
    "two rhythms": (lambda d, g: two(d, g, "ORIGINAL"), "one original rhythm, found 2"),
    "bits": (lambda d, g: setattr(g, "WaveformBitsAllocated", 12), "whole bytes, found 12 bits of kind SS"),
    "kind": (lambda d, g: setattr(g, "WaveformSampleInterpretation", "MB"), "16 bits of kind MB"),
    "channels": (
        lambda d, g: setattr(g, "NumberOfWaveformChannels", 11),
        "11 channels as the file states, found 12 described",
    ),
    "no samples": (
        lambda d, g: setattr(g, "NumberOfWaveformSamples", 0),
        "12 channels of 0 samples of 16 bits, found 7200 bytes",
    ),
    "no gain": (lambda d, g: without(g, "ChannelSensitivity"), "a sensitivity with its unit"),
    "no unit": (lambda d, g: without(g, "ChannelSensitivityUnitsSequence"), "a sensitivity with its unit"),
    "no rate": (lambda d, g: g.pop("SamplingFrequency"), r"waveform, could not read it \(AttributeError"),
    "skew": (lambda d, g: setattr(g.ChannelDefinitionSequence[2], "ChannelSampleSkew", "0.5"), "a skew"),
    "padding": (lambda d, g: g.add_new("WaveformPaddingValue", "OW", g.WaveformData[:2]), "finite"),
    "unknown lead": (
        lambda d, g: setattr(g.ChannelDefinitionSequence[6].ChannelSourceSequence[0], "CodeValue", "9"),
        None,
    ),
    "no such lead": (
        lambda d, g: [
            setattr(g.ChannelDefinitionSequence[6].ChannelSourceSequence[0], key, value)
            for key, value in (("CodeValue", "9"), ("CodeMeaning", "Lead X\033"))
        ],
        r"found no V1 among channels I, II, III, aVR, aVL, aVF, other X\?, V2",
    ),
}


@pytest.mark.parametrize(("change", "words"), DICOM.values(), ids=DICOM)
def test_waveforms_that_are_none_are_refused(change, words, tmp_path):
    path = dicom(written("DICOM", tmp_path), change)
    if words is None:  # the lead is known by its meaning
        np.testing.assert_allclose(read_record(path).signal, sound_signal(), atol=1e-6)
        return
    with pytest.raises(InputError, match=words):
        read_record(path)


def test_a_median_beat_beside_a_rhythm_is_left_out(tmp_path):
    path = dicom(written("DICOM", tmp_path), lambda d, g: two(d, g, "DERIVED"))
    np.testing.assert_allclose(read_record(path).signal, sound_signal(), atol=1e-6)


def test_a_person_is_told_by_age_and_sex_alone(tmp_path):
    path = written("DICOM", tmp_path)
    assert dict(read_record(path).metadata) == {"age": 61, "sex": "female"}
    dicom(path, lambda d, g: (setattr(d, "PatientAge", "003M"), setattr(d, "PatientSex", "O")))
    assert dict(read_record(path).metadata) == {}


def test_deflated_waveforms_are_refused(tmp_path):
    path = replaced(written("DICOM", tmp_path), b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")
    with pytest.raises(InputError, match="a deflated one; export it uncompressed"):
        read_record(path)


def field(at: int, width: int, new: str):
    return lambda raw: raw[:at] + new.encode().ljust(width)[:width] + raw[at + width :]


LABELS, RATES = 256, 256 + 12 * 216
EDF = {
    "gaps": (field(192, 44, "EDF+D"), r"without gaps, found EDF\+D"),
    "unfinished": (field(236, 8, "-1"), "expected -?[0-9]+ bytes by its header, found 10528"),
    "no channels": (field(252, 4, "x"), r"an EDF file, could not read it \(ValueError"),
    "other names": (
        lambda raw: raw[:LABELS] + b"Resp".ljust(16) * 12 + raw[LABELS + 16 * 12 :],
        "channels named as leads, found Resp, Resp",
    ),
    "two rates": (
        lambda raw: raw[:RATES] + b"50      150     " + raw[RATES + 16 :],
        "one rate for all leads, found 50, 100, 150 Hz",
    ),
}


@pytest.mark.parametrize(("change", "words"), EDF.values(), ids=EDF)
def test_edf_files_that_are_no_ecg_are_refused(change, words, tmp_path):
    path = written("EDF", tmp_path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError, match=words):
        read_record(path)


@pytest.mark.parametrize(("code", "sex"), [("M", "male"), ("F", "female"), ("X", None)])
def test_edf_tells_the_sex_it_states(code, sex, tmp_path):
    path = written("EDF", tmp_path)
    path.write_bytes(field(8, 80, f"X {code} X X")(path.read_bytes()))
    assert read_record(path).metadata.get("sex") == sex


def save(path: Path, **arrays) -> Path:
    np.savez(path, **arrays)
    return path


GIVEN = {"signal": sound_signal(), "fs": 100.0, "leads": np.array(LEADS), "unit": "mV"}
ARRAYS = {
    "no signal": ({"fs": 100.0}, {}, "an array named signal, found none|signal"),
    "leads twice": (GIVEN, {"leads": LEADS}, "the leads that the file names, was told some; leave them out"),
    "no rate": ({k: v for k, v in GIVEN.items() if k != "fs"}, {}, "expected fs, found none.*--fs"),
    "three axes": (GIVEN | {"signal": np.zeros((2, 2, 2))}, {}, r"12 leads and their samples, got shape"),
    "square": (GIVEN | {"signal": np.zeros((12, 12))}, {}, r"got shape \(12, 12\)"),
    "objects": (GIVEN | {"signal": np.array([None])}, {}, "an array of numbers, found pickled"),
    "text": (GIVEN | {"signal": np.array(["a"])}, {}, r"could not read it \(ValueError\)"),
    "many rates": (GIVEN | {"fs": np.array([1.0, 2.0])}, {}, r"could not read it \(ValueError\)"),
}


@pytest.mark.parametrize(("arrays", "told", "words"), ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_do_not_fit_are_refused(arrays, told, words, tmp_path):
    with pytest.raises(InputError, match=words):
        read_record(save(tmp_path / "rec.npz", **arrays), **told)


TABLES = {
    "only comments": (b"# fs: 500\n", "rows of samples, found none"),
    "not UTF-8": (b"I,II\n\xff\xfe,1\n", r"in UTF-8, could not read it \(UnicodeDecodeError"),
    "leads twice": (b"# fs: 500\n# unit: mV\nI,II\n1,2\n", "the leads that the file names, was told some"),
    "a time without value": (b"time [s],I\n0,1\nnan,1\n", "a time in every row"),
    "times that stand": (b"time [s],I\n0,1\n0,1\n", "even steps"),
    "two columns of times": (b"time [s],t [s],I\n0,0,1\n1,1,1\n", "found 2 columns; name it so"),
    "times of no unit": (b"time,I\n0,1\n1,1\n", r"named as time \[s\], found no unit"),
    "a rate that is none": (b"# fs: fast\n# unit: mV\nI,II\n1,2\n", "in Hz after # fs:, found 'fast'"),
}


@pytest.mark.parametrize(("content", "words"), TABLES.values(), ids=TABLES)
def test_tables_that_are_no_recording_are_refused(content, words, tmp_path):
    path = tmp_path / "rec.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_record(path, leads=("I", "II") if "was told" in words else ())


def test_tables_of_too_many_rows_are_not_parsed(monkeypatch, tmp_path):
    monkeypatch.setattr(table, "MOST_ROWS", 200)
    with pytest.raises(InputError, match="at most 200 rows"):
        read_record(written("CSV", tmp_path))


HEADERS = {
    "two rates": ((b"rec.dat 16 ", b"rec.dat 16x2 "), "one rate for all channels, found several"),
    "FLAC": ((b"rec.dat 16 ", b"rec.dat 516 "), "uncompressed signal file, found FLAC"),
}


@pytest.mark.parametrize(("change", "words"), HEADERS.values(), ids=HEADERS)
def test_headers_that_say_what_is_not_read_are_refused(change, words, tmp_path):
    path = replaced(written("WFDB", tmp_path), *change, count=12)
    with pytest.raises(InputError, match=words):
        read_record(path)


def test_text_that_is_no_characters_is_refused(tmp_path):
    path = save(tmp_path / "rec.npz", **GIVEN)
    broken = np.full(12, "aaa")
    broken.view(np.uint32)[:] = 2**31
    save(path, **GIVEN | {"leads": broken})
    with pytest.raises(InputError, match="found text that is no characters"):
        read_record(path)


def test_what_a_file_says_is_quoted_in_print_and_little_of_it(tmp_path):
    words = str(reading.refusal(tmp_path / "x", "a\nb\0" + "c" * 10_000, "do"))
    assert re.search("a\\?b\\?c+; do$", words) and len(words) < 600
