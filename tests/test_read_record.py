"""Reading gives the same twelve leads however a file names, orders and scales them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import imn
from imn import formats
from imn.errors import InputError
from imn.leads import LEADS
from tests.synthetic import ecg, write_wfdb

FS = 100.0
STEP = 0.5e-3


@pytest.fixture
def signal() -> np.ndarray:
    return ecg(FS, np.arange(0.5, 10, 0.8), 10.0)


@pytest.mark.parametrize("suffix", ["", ".hea", ".dat"])
def test_suffix_does_not_matter(tmp_path: Path, signal: np.ndarray, suffix: str) -> None:
    header = write_wfdb(tmp_path, signal)
    record = imn.read_record(str(header.with_suffix(suffix)))
    assert record.id == "rec"
    assert record.fs == FS
    np.testing.assert_allclose(record.signal, signal, atol=1.01 * STEP)


@pytest.mark.parametrize("spell", [str.upper, str.lower, lambda s: f"a{s[1:]}" if s[0] == "a" else s])
def test_order_spelling_and_extra_channels_do_not_matter(tmp_path: Path, signal: np.ndarray, spell) -> None:
    order = np.random.default_rng(1).permutation(12)
    names = [spell(LEADS[i]) for i in order] + ["vx", "vy", "vz"]
    write_wfdb(tmp_path, np.vstack([signal[order], signal[:3] * 2]), names=names)
    np.testing.assert_allclose(imn.read_record(tmp_path / "rec").signal, signal, atol=1.01 * STEP)


@pytest.mark.parametrize(("unit", "per_mv"), [("mV", 1), ("MV", 1), ("uV", 1e3), ("µV", 1e3), ("V", 1e-3)])
def test_units_become_millivolts(tmp_path: Path, signal: np.ndarray, unit: str, per_mv: float) -> None:
    header = write_wfdb(tmp_path, signal * per_mv, units=["XX"] * 12, gain=1000 / per_mv)
    header.write_text(header.read_text().replace("/XX", f"/{unit}"), encoding="utf-8")
    np.testing.assert_allclose(imn.read_record(header).signal, signal, atol=1.01 * STEP)


def test_a_gain_without_unit_is_in_millivolts_as_the_format_says(tmp_path: Path, signal: np.ndarray) -> None:
    header = write_wfdb(tmp_path, signal)
    header.write_text(header.read_text().replace("(0)/mV", ""))
    np.testing.assert_allclose(imn.read_record(header).signal, signal, atol=1.01 * STEP)


def test_leads_scaled_one_by_one_are_refused_and_read_by_converter_steps(
    tmp_path: Path, signal: np.ndarray
) -> None:
    header = write_wfdb(tmp_path, signal)
    gains = iter(np.ptp(np.round(signal * 1000), axis=1))
    lines = [
        line.replace("1000.0(0)", f"{next(gains, 0)}(7)") for line in header.read_text().splitlines()[1:]
    ]
    header.write_text("\n".join(["rec 12 100 1000", *lines]) + "\n")
    with pytest.raises(InputError, match=r"gains look made up.*adu_per_mv"):
        imn.read_record(header)
    record = imn.read_record(header, adu_per_mv=1000)
    np.testing.assert_allclose(record.signal, signal, atol=1.01 * STEP)


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_impossible_steps_per_mv_are_refused(tmp_path: Path, signal: np.ndarray, value: float) -> None:
    with pytest.raises(InputError, match="adu_per_mv: expected a positive number"):
        imn.read_record(write_wfdb(tmp_path, signal), adu_per_mv=value)


def test_age_and_sex_come_from_comments(tmp_path: Path, signal: np.ndarray) -> None:
    header = write_wfdb(tmp_path, signal)
    header.write_text(header.read_text() + "# age: 81\n#<sex>: F\n# Smoker: no\n")
    metadata = imn.read_record(header).metadata
    assert metadata["age"] == 81
    assert metadata["sex"] == "female"
    assert "Smoker: no" in metadata["comments"]


def test_a_new_format_is_one_new_file(
    tmp_path: Path, signal: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "rec.ours").open("wb") as file:
        np.save(file, signal)
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "ours.py").write_text(
        "import numpy as np\n"
        "from imn.assembly import Channels\n"
        "from imn.leads import LEADS\n"
        "SUFFIXES = ('.ours',)\n"
        "def recognises(path): return path.suffix in SUFFIXES\n"
        "def read(path, told):\n"
        "    return Channels(LEADS, ['mV'] * 12, np.load(path), 100.0, path.stem)\n"
    )
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(plugins)])
    try:
        np.testing.assert_allclose(imn.read_record(tmp_path / "rec.ours").signal, signal, atol=1e-6)
    finally:
        sys.modules.pop("imn.formats.ours", None)


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, imn, imn.formats; "
        "print([m for m in ('wfdb', 'scipy', 'torch', 'pandas') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.data
def test_real_recordings_of_three_rates_are_read(data_dir: Path) -> None:
    ptbxl = sorted((data_dir / "ptbxl").glob("records*/*/*.hea"))[::40]
    ptb = sorted((data_dir / "ptbdb").rglob("*.hea"))
    records = [imn.read_record(header) for header in ptbxl + ptb]
    assert {record.fs for record in records} == {100.0, 500.0, 1000.0}
    assert len(ptb) == 47


@pytest.mark.data
def test_every_ludb_header_is_refused_and_every_signal_read_by_steps(data_dir: Path) -> None:
    for header in sorted((data_dir / "ludb" / "data").glob("*.hea"))[::8]:
        with pytest.raises(InputError, match="adu_per_mv"):
            imn.read_record(header)
        assert imn.read_record(header, adu_per_mv=1000).fs == 500.0
