"""What is read at once is what wfdb reads, to the bit; whatever is put otherwise is left to wfdb."""

from pathlib import Path

import numpy as np
import pytest
import wfdb

import imn
from imn.plain_wfdb import PlainRecord, read_plain
from tests.synthetic import ecg, write_wfdb

FS = 100.0


@pytest.fixture
def header(tmp_path: Path) -> Path:
    written = write_wfdb(tmp_path, ecg(FS, np.arange(0.5, 10, 0.8), 10.0, noise_mv=0.01))
    written.write_text(written.read_text() + "#Age: 61\n # Sex: F\n")
    return written


def plain(header: Path) -> PlainRecord | None:
    text = header.read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines()]
    return read_plain(header, text, [fields for fields in lines if not fields[0].startswith("#")])


def test_it_is_what_wfdb_reads(header):
    stored = np.fromfile(header.with_suffix(".dat"), "<i2")
    stored[::97] = -32768
    stored.tofile(header.with_suffix(".dat"))
    header.write_text(header.read_text().replace("1000.0(0)/mV", "999.7(-13)/mV"))
    own, theirs = plain(header), wfdb.rdrecord(str(header.with_suffix("")))
    assert own is not None and isinstance(theirs, wfdb.Record)
    assert theirs.p_signal is not None
    np.testing.assert_array_equal(own.p_signal, theirs.p_signal)
    assert np.isnan(own.p_signal).any()
    for name in ("fs", "adc_gain", "baseline", "sig_name", "comments"):
        assert getattr(own, name) == getattr(theirs, name)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("rec 12 100 1000", "rec 12 100 999"),
        ("rec 12 100 1000", "rec 12 100"),
        ("rec 12 100 1000", "rec 12 100 1000 12:00:00"),
        ("rec 12 100 1000", "rec 11 100 1000"),
        ("rec 12 100 1000", "rec 12 100/360 1000"),
        ("rec.dat 16 ", "rec.dat 61 "),
        ("rec.dat 16 ", "rec.dat 16x2 "),
        ("rec.dat 16 ", "rec.dat 16:3 "),
        ("rec.dat 16 ", "rec.dat 16+4 "),
        ("rec.dat 16 ", "missing.dat 16 "),
        ("rec.dat 16 ", "../rec.dat 16 "),
        ("(0)/mV", "/mV"),
        ("/mV", "/µV"),
        ("1000.0", "-1000.0"),
        (" 0 V6", " 0 V 6"),
        ("#Age", "#Älter"),
    ],
)
def test_what_is_put_otherwise_is_left_to_wfdb(header, said, instead):
    assert plain(header) is not None
    header.write_text(header.read_text().replace(said, instead), encoding="utf-8")
    assert plain(header) is None


@pytest.mark.parametrize("change", [lambda held: held[:-1], lambda held: held + held[:24], lambda _: b""])
def test_a_signal_file_of_another_length_is_left_to_wfdb(header, change):
    file = header.with_suffix(".dat")
    file.write_bytes(change(file.read_bytes()))
    assert plain(header) is None


def test_a_header_without_channels_is_left_to_wfdb(header):
    header.write_text("rec 0 100 1000\n")
    assert plain(header) is None


@pytest.mark.data
def test_real_recordings_are_read_alike(data_dir, monkeypatch):
    files = sorted((data_dir / "ptbxl" / "records100").rglob("*.hea"))[:50]
    at_once = [imn.read_record(file) for file in files]
    monkeypatch.setattr("imn.formats.wfdb.read_plain", lambda *_: None)
    for one, file in zip(at_once, files, strict=True):
        other = imn.read_record(file)
        np.testing.assert_array_equal(one.signal, other.signal)
        assert (one.fs, one.id, one.metadata) == (other.fs, other.id, other.metadata)
