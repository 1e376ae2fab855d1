"""Whatever is wrong with a file, one sentence says so: InputError, nothing else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import imn
from imn.errors import InputError
from imn.leads import LEADS
from tests.synthetic import ecg, write_wfdb

Spoil = Callable[[Path, np.ndarray], Path]


def _header(edit: Callable[[str], str]) -> Spoil:
    def spoil(folder: Path, signal: np.ndarray) -> Path:
        header = write_wfdb(folder, signal)
        header.write_text(edit(header.read_text()), encoding="utf-8")
        return header

    return spoil


def _replace(old: str, new: str, count: int = -1) -> Spoil:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, count)

    return _header(edit)


def _signal(edit: Callable[[np.ndarray], np.ndarray]) -> Spoil:
    return lambda folder, signal: write_wfdb(folder, edit(signal.copy()))


def _set(row: int | tuple[int, ...], value: object) -> Spoil:
    def edit(signal: np.ndarray) -> np.ndarray:
        signal[list(np.atleast_1d(row))] = value
        return signal

    return _signal(edit)


def _names(*names: str) -> Spoil:
    return lambda folder, signal: write_wfdb(folder, signal[: len(names)], names=names)


def _file(name: str, content: bytes) -> Spoil:
    def spoil(folder: Path, signal: np.ndarray) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return spoil


def _dat(content: Callable[[bytes], bytes | None]) -> Spoil:
    def spoil(folder: Path, signal: np.ndarray) -> Path:
        header = write_wfdb(folder, signal)
        dat = header.with_suffix(".dat")
        left = content(dat.read_bytes())
        if left is None:
            dat.unlink()
        else:
            dat.write_bytes(left)
        return header

    return spoil


def _swapped(i: int, j: int) -> Spoil:
    names = list(LEADS)
    names[i], names[j] = names[j], names[i]
    return _names(*names)


def _missing_stretch(signal: np.ndarray) -> np.ndarray:
    signal[7, 100:120] = np.nan
    return signal


def _signal_twice(folder: Path, signal: np.ndarray) -> Path:
    return write_wfdb(folder, np.vstack([signal, signal[3]]), names=(*LEADS, "avr"))


NOISE = np.random.default_rng(0).bytes(4000)
PNG = b"\x89PNG\r\n\x1a\n" + NOISE

CASES: dict[str, tuple[Spoil, str]] = {
    "no such file": (lambda folder, _: folder / "absent", "no such file"),
    "no such header": (lambda folder, _: folder / "absent.hea", "no such file"),
    "a name too long": (lambda folder, _: folder / ("x" * 5000), "expected a file that can be read"),
    "signal file's name too long": (_replace("rec.dat", "x" * 400), "expected a file that can be read"),
    "a folder": (lambda folder, _: folder, "found a folder"),
    "a picture": (_file("ecg.png", PNG), "found another kind of file"),
    "a picture called header": (_file("ecg.hea", PNG), "a WFDB header, found other content"),
    "a text called header": (
        _file("ecg.hea", b"Dear colleague,\nplease find the ECG.\n"),
        "a WFDB header, found other content",
    ),
    "random bytes": (_file("ecg.hea", NOISE), "a WFDB header, found other content"),
    "an empty header": (_file("ecg.hea", b""), "empty file"),
    "a header of comments": (_file("ecg.hea", b"# nothing\n"), "empty file"),
    "signal file without header": (_file("ecg.dat", NOISE), "no such file"),
    "signal file absent": (_dat(lambda _: None), "expected the signal file rec.dat"),
    "signal file empty": (_dat(lambda _: b""), "expected 24000 bytes"),
    "signal file cut short": (_dat(lambda raw: raw[:-100]), "expected 24000 bytes in rec.dat .* found 23900"),
    "signal file elsewhere": (_replace("rec.dat", "../rec.dat"), "header's own folder"),
    "signal file at the root": (_replace("rec.dat", "/etc/passwd"), "header's own folder"),
    "signal file elsewhere, other slash": (_replace("rec.dat", "..\\rec.dat"), "header's own folder"),
    "signal file on the net": (_replace("rec.dat", "http://x/rec.dat"), "header's own folder"),
    "signal file is a folder": (_replace("rec.dat", ".."), "beside it, found no such file"),
    "several segments": (_replace("rec 12", "rec/2 12", 1), "expected one segment"),
    "lead missing": (_names(*LEADS[:11]), "found no V6 among"),
    "lead names unknown": (_names(*(f"ch{i}" for i in range(12))), "found no I, II, V1"),
    "lead twice": (_signal_twice, "lead aVR twice"),
    "leads I and II exchanged": (_swapped(0, 1), r"found it off by \d+%"),
    "leads aVR and aVL exchanged": (_swapped(3, 4), r"expected aVR = .* off by \d+%"),
    "lead III inverted": (
        _signal(lambda s: s * np.where(np.arange(12) == 2, -1, 1)[:, None]),
        "I [+] III = II",
    ),
    "lead flat": (_set(9, 0.0), "lead V4 flat"),
    "all leads flat": (_set(tuple(range(12)), 0.2), "found lead I, II, .*, V6 flat"),
    "samples missing": (_signal(_missing_stretch), "NaN or infinity in lead V2"),
    "too short": (_signal(lambda s: s[:, :150]), "at least 2 s, got 1.50 s"),
    "unit unknown": (_replace("/mV", "/mmHg"), "got unit 'mmHg'"),
    "one unit unknown": (_replace("/mV", "/K", 1), "expected lead I in mV"),
    "gain zero": (_replace("1000.0(0)/mV", "0(0)/mV"), "expected a gain"),
    "gain absent": (
        _header(lambda text: text.replace(" 1000.0(0)/mV 16 0", "")),
        "a gain for each channel, found none",
    ),
    "gain negative": (_replace("1000.0(0)", "-1000.0(0)"), "a gain for each channel, found none"),
    "gain not a number": (_replace("1000.0(0)", "much"), "a gain for each channel, found none"),
    "one gain wrong": (_replace("1000.0(0)", "500.0(0)", 1), "off by"),
    "rate zero": (_replace(" 100 1000", " 0 1000", 1), "sampling rate above 0 Hz .* got '0'"),
    "rate negative": (_replace(" 100 1000", " -100 1000", 1), "sampling rate above 0 Hz .* got '-100'"),
    "rate not a number": (_replace(" 100 1000", " fast 1000", 1), "sampling rate above 0 Hz .* got 'fast'"),
    "number of samples negative": (_replace(" 100 1000", " 100 -1000", 1), "number of samples"),
    "rate absent": (_replace(" 100 1000", "", 1), "sampling rate above 0 Hz .* got ''"),
    "more samples than there are": (_replace(" 100 1000", " 100 100000", 1), "expected 2400000 bytes"),
    "fewer samples than there are": (_replace(" 100 1000", " 100 600", 1), "expected 14400 bytes"),
    "absurdly many samples": (
        _replace(" 100 1000", " 100 99999999999999", 1),
        "expected 2399999999999976 bytes",
    ),
    "no samples": (_replace(" 100 1000", " 100 0", 1), "as the header describes it, could not read it so"),
    "fewer channels than lines": (_replace("rec 12", "rec 8", 1), "expected 8 channels"),
    "more channels than lines": (_replace("rec 12", "rec 15", 1), "expected 15 channels"),
    "no channels": (_replace("rec 12", "rec 0", 1), "expected 0 channels"),
    "storage format unknown": (
        _replace("rec.dat 16 ", "rec.dat 77 "),
        "as the header describes it, could not read it so",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_mistake_gives_one_sentence(tmp_path: Path, case: str) -> None:
    spoil, expected = CASES[case]
    path = spoil(tmp_path, ecg(100.0, np.arange(0.5, 10, 0.8), 10.0))
    with pytest.raises(InputError, match=expected) as caught:
        imn.read_record(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_header_never_gives_another_error(tmp_path: Path, edits: list[tuple[int, int]]) -> None:
    header = write_wfdb(tmp_path, ecg(100.0, np.arange(0.5, 3, 0.8), 3.0))
    raw = bytearray(header.read_bytes())
    for place, value in edits:
        raw[place % len(raw)] = value
    header.write_bytes(bytes(raw))
    try:
        record = imn.read_record(header)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert record.signal.shape[0] == 12
