"""Every format gives the same recording, and refuses the same mistakes with one sentence."""

import re
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imn.errors import InputError
from imn.formats import formats, read_record
from imn.leads import LEADS
from imn.limb_leads import DERIVED_LEADS
from tests.format_files import FS, STEP, WRITERS, without, write_dicom
from tests.synthetic import ecg, write_wfdb


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    return np.round(ecg(FS, np.arange(0.5, 4, 0.8), 4.0), 3)


every_format = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


@every_format
def test_the_same_recording_comes_back(tmp_path, signal, write):
    record = read_record(write(tmp_path, signal))
    assert record.id == "rec"
    assert record.fs == pytest.approx(FS)
    assert record.signal.shape == signal.shape
    np.testing.assert_allclose(record.signal, signal, atol=1.01 * STEP)


@every_format
def test_it_comes_back_through_wfdb(tmp_path, signal, write):
    first = read_record(write(tmp_path, signal))
    folder = tmp_path / "again"
    folder.mkdir()
    again = read_record(write_wfdb(folder, first.signal.astype(float), fs=first.fs, gain=1000.0))
    np.testing.assert_allclose(again.signal, first.signal, atol=1.01 * STEP)


@every_format
def test_contradicting_limb_leads_are_refused(tmp_path, signal, write):
    swapped = signal.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    with pytest.raises(InputError, match="I \\+ III = II"):
        read_record(write(tmp_path, swapped))


@every_format
def test_limb_leads_that_a_file_leaves_out_are_derived(tmp_path, signal, write):
    for left_out in (("III", "aVR", "aVL", "aVF"), ("aVR",), ("III", "aVL", "aVF")):
        record = read_record(write(tmp_path, *without(signal, left_out)))
        assert record.metadata[DERIVED_LEADS] == left_out
        # a derived lead adds up the rounding of two
        np.testing.assert_allclose(record.signal, signal, atol=2.5 * STEP)
    assert DERIVED_LEADS not in read_record(write(tmp_path, signal)).metadata


@every_format
def test_leads_that_do_not_follow_from_others_must_be_there(tmp_path, signal, write):
    for lead in ("I", "II", "V4"):
        with pytest.raises(InputError, match=rf"I, II and V1 to V6, found no {lead} among channels"):
            read_record(write(tmp_path, *without(signal, (lead,))))


@every_format
def test_limb_leads_that_are_there_are_checked_though_others_are_not(tmp_path, signal, write):
    inverted = signal.copy()
    inverted[4] *= -1
    with pytest.raises(InputError, match="aVL = I - II / 2"):
        read_record(write(tmp_path, *without(inverted, ("III", "aVR", "aVF"))))


@every_format
def test_a_flat_lead_is_refused(tmp_path, signal, write):
    flat = signal.copy()
    flat[8] = 0.0
    with pytest.raises(InputError, match="V3 flat"):
        read_record(write(tmp_path, flat))


@every_format
def test_too_short_a_recording_is_refused(tmp_path, signal, write):
    with pytest.raises(InputError):
        read_record(write(tmp_path, signal[:, : int(FS)]))


@every_format
def test_what_is_told_does_not_overrule_the_file(tmp_path, signal, write):
    path = write(tmp_path, signal)
    assert read_record(path, fs=FS).fs == pytest.approx(FS)
    with pytest.raises(InputError, match="rate"):
        read_record(path, fs=250.0)


@every_format
def test_empty_and_cut_files_are_refused_in_one_sentence(tmp_path, signal, write):
    path = write(tmp_path, signal)
    path = path.with_suffix(".dat") if path.suffix == ".hea" else path
    whole = path.read_bytes()
    for keep in (0, 1, 100, len(whole) // 2):
        path.write_bytes(whole[:keep])
        try:
            read_record(path)
        except InputError as error:
            assert "\n" not in str(error)


@every_format
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_never_raise_anything_else(tmp_path, signal, write, data):
    kept = tmp_path / "whole"
    if not kept.exists():
        kept.mkdir()
        write(kept, signal)
    folder = tmp_path / "damaged"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)
    path = folder / data.draw(st.sampled_from(sorted(p.name for p in folder.iterdir())))
    raw = bytearray(path.read_bytes())
    reach = min(len(raw), data.draw(st.sampled_from([200, 5000, len(raw)])))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, reach - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(raw))
    try:
        record = read_record(path)
    except InputError as error:
        assert "\n" not in str(error)
        assert re.search("expected .+, (found|got|could not read it).*; .", str(error))
    else:
        assert record.signal.shape[0] == 12


def test_an_array_needs_everything_told(tmp_path, signal):
    np.save(tmp_path / "rec.npy", signal.T)
    told = {"fs": FS, "unit": "mV", "leads": LEADS}
    np.testing.assert_allclose(read_record(tmp_path / "rec.npy", **told).signal, signal, atol=1e-6)
    for name in told:
        with pytest.raises(InputError, match=f"--{name}"):
            read_record(tmp_path / "rec.npy", **{key: value for key, value in told.items() if key != name})


def test_a_table_without_header_needs_its_leads_told(tmp_path, signal):
    np.savetxt(tmp_path / "rec.csv", signal.T, fmt="%.3f", delimiter=";")
    with pytest.raises(InputError, match="--leads"):
        read_record(tmp_path / "rec.csv")
    record = read_record(tmp_path / "rec.csv", fs=FS, unit="mV", leads=LEADS)
    np.testing.assert_allclose(record.signal, signal, atol=STEP)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I,II\n0.1,0.2\n", "sampling rate"),
        ("# fs: 500\nI,II\n0.1,0.2\n", "unit"),
        ("# fs: 500\n# unit: mV\nI,II\n0.1\n", "2 values in every row"),
        ("# fs: 500\n# unit: mV\nI,II\n0.1,x\n", "numbers"),
        ("# fs: 500\n# unit: mV\nI,II\n", "samples"),
        ("time [s],I,II\n0,1,1\n0.1,1,1\n0.5,1,1\n", "even steps"),
        ("time,I,II\n0,1,1\n0.1,1,1\n", "s or ms"),
    ],
)
def test_a_table_says_what_it_lacks(tmp_path, text, words):
    (tmp_path / "rec.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        read_record(tmp_path / "rec.csv")


def test_pickled_arrays_are_refused(tmp_path):
    np.save(tmp_path / "rec.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="pickled"):
        read_record(tmp_path / "rec.npy", fs=FS, unit="mV", leads=LEADS)


def test_xml_bombs_are_refused(tmp_path):
    entities = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(9))
    (tmp_path / "rec.xml").write_text(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{entities}]>'
        "<AnnotatedECG>&a9;</AnnotatedECG>"
    )
    with pytest.raises(InputError, match="without entities"):
        read_record(tmp_path / "rec.xml")


def test_other_xml_is_named(tmp_path):
    (tmp_path / "rec.xml").write_text("<RestingECG></RestingECG>")
    with pytest.raises(InputError, match="RestingECG"):
        read_record(tmp_path / "rec.xml")


def test_absurd_lengths_in_dicom_are_refused(tmp_path, signal):
    import pydicom

    path = write_dicom(tmp_path, signal)
    dataset = pydicom.dcmread(path)
    dataset.WaveformSequence[0].NumberOfWaveformSamples = 2**31 - 1
    dataset.save_as(path)
    with pytest.raises(InputError, match="bytes"):
        read_record(path)


def test_the_sample_that_pydicom_brings_is_read():
    from pydicom.data import get_testdata_file

    record = read_record(str(get_testdata_file("waveform_ecg.dcm")))
    assert (record.fs, record.signal.shape) == (1000.0, (12, 10000))
    assert 0.5 < np.ptp(record.signal[1]) < 10


def test_every_format_is_tested():
    names = {module.__name__.rpartition(".")[2] for module in formats()}
    assert names == {"aecg", "dicom", "edf", "numpy_file", "table", "wfdb"}
