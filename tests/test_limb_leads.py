"""Limb leads that a file leaves out follow from I and II: the same recording, and it is said."""

import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imn.assembly import Channels, assemble
from imn.electrode_interchange import HYPOTHESES, hints
from imn.errors import InputError
from imn.formats import read_record
from imn.leads import INDEPENDENT, INDEPENDENT_INDEX, LEADS, expand
from imn.limb_leads import DERIVED_LEADS, IDENTITIES, check_limb_leads, complete_leads, derived_hint
from imn.record import Record
from tests.format_files import without
from tests.synthetic import ecg, write_wfdb

SUBSETS = [lead for count in range(5) for lead in combinations(IDENTITIES, count)]
WORDS = "the file does not hold III, aVR, aVL, aVF: derived from I and II"


def read(signal: np.ndarray, leads: tuple[str, ...], fs: float = 100.0) -> Record:
    return assemble(Channels(leads, ["mV"] * len(leads), signal, fs, "rec"))


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    return ecg(100.0, np.arange(0.5, 10, 0.8), 10.0, noise_mv=0.01)


@pytest.mark.parametrize("left_out", SUBSETS, ids="-".join)
def test_rows_left_out_give_the_same_record(signal, left_out):
    whole, some = read(signal, LEADS), read(*without(signal, left_out))
    np.testing.assert_allclose(some.signal, whole.signal, atol=2e-7)
    assert some.metadata.get(DERIVED_LEADS, ()) == left_out
    kept = [i for i, lead in enumerate(LEADS) if lead not in left_out]
    np.testing.assert_array_equal(some.signal[kept], whole.signal[kept])


@given(
    eight=arrays.arrays(float, (8, 20), elements=st.floats(-900, 900)),
    left_out=st.sampled_from(SUBSETS),
    order=st.randoms(use_true_random=False),
)
@settings(deadline=None)
def test_whatever_the_voltages_and_the_order(eight, left_out, order):
    whole = expand(eight)
    rows, leads = without(whole, left_out)
    pairs = list(zip(leads, rows, strict=True))
    order.shuffle(pairs)
    names, rows = zip(*pairs, strict=True)
    np.testing.assert_allclose(complete_leads(np.stack(rows), names), whole, atol=1e-12)
    check_limb_leads(whole, LEADS, "rec")


def test_rows_are_the_same_bytes_wherever_memory_lies(signal):
    rows, leads = without(signal, tuple(IDENTITIES))
    first = complete_leads(rows, leads)
    for shift in range(1, 8):
        held = np.empty(rows.size + shift)[shift:].reshape(rows.shape)
        held[:] = rows
        np.testing.assert_array_equal(complete_leads(held, leads), first)


@pytest.mark.parametrize("lead", IDENTITIES)
def test_each_limb_lead_that_is_there_is_checked_alone(signal, lead):
    wrong = signal.copy()
    wrong[LEADS.index(lead)] *= -1
    others = tuple(name for name in IDENTITIES if name != lead)
    with pytest.raises(InputError, match=f"expected {IDENTITIES[lead].split(' =')[0].replace('+', '.')}"):
        read(*without(wrong, others))


def test_gains_that_are_made_up_are_found_without_an_identity(signal):
    rows, leads = without(signal / np.ptp(signal, axis=1, keepdims=True), tuple(IDENTITIES))
    with pytest.raises(InputError, match=r"found all equally high.*gains look made up.*--adu-per-mv"):
        read(rows, leads)


def test_hints_are_those_of_all_twelve_and_the_leads_that_were_derived(signal):
    told = [signal, -signal, *(expand(m @ signal[list(INDEPENDENT_INDEX)]) for m in HYPOTHESES.values())]
    found = 0
    for rows in told:
        whole, some = read(rows, LEADS), read(*without(rows, tuple(IDENTITIES)))
        *same, derived = hints(some)
        assert tuple(same) == hints(whole)
        assert derived.startswith(WORDS)
        found += bool(same)
    assert found > 5  # upside down, and exchanges


def test_a_record_tells_it_of_itself(signal):
    assert "12 leads, of which III, aVR, aVL, aVF derived" in repr(read(*without(signal, tuple(IDENTITIES))))
    assert "derived" not in repr(read(signal, LEADS))
    assert derived_hint({}) == ()


def test_written_and_read_again_it_is_whole(tmp_path, signal):
    eight, names = without(np.round(signal, 3), tuple(IDENTITIES))
    first = read_record(write_wfdb(tmp_path, eight, names=names))
    (tmp_path / "again").mkdir()
    again = read_record(write_wfdb(tmp_path / "again", first.signal.astype(float), gain=2000.0))
    np.testing.assert_allclose(again.signal, first.signal, atol=1e-6)
    assert DERIVED_LEADS not in again.metadata


def test_a_stretch_of_it_says_so_too(signal):
    from viewer.sources import STRETCH_S, Opened, stretch_of

    eight, names = without(np.tile(signal, 61), tuple(IDENTITIES))
    opened = Opened(read(eight, names))
    assert opened.record.duration > STRETCH_S
    assert derived_hint(stretch_of(opened, 1).record.metadata)


def test_explain_says_it_in_the_summary_and_the_report(tmp_path, signal, capsys):
    from viewer.cli import main
    from viewer.sources import open_path

    path = write_wfdb(tmp_path, *without(signal, tuple(IDENTITIES))[:1], names=INDEPENDENT)
    with pytest.raises(SystemExit):
        main(["explain", str(path), "--no-render", "--out", str(tmp_path / "out")])
    assert WORDS in capsys.readouterr().out
    summary = json.loads((tmp_path / "out/rec/summary.json").read_text())
    assert any(words.startswith(WORDS) for words in summary["quality"])
    assert WORDS in (tmp_path / "out/rec/report.html").read_text()
    assert derived_hint(open_path(tmp_path / "out/rec").record.metadata)


@pytest.mark.data
def test_real_recordings_without_their_limb_leads_are_the_same(data_dir):
    headers = sorted((data_dir / "ptbxl").glob("records*/*/*.hea"))[::200]
    assert len(headers) > 5
    for header in headers:
        whole = read_record(header)
        some = read(*without(whole.signal.astype(float), tuple(IDENTITIES)), fs=whole.fs)
        # the recorder rounded each lead to its step, 1 uV
        np.testing.assert_allclose(some.signal, whole.signal, atol=0.0021)
        assert hints(replace(some, metadata={})) == hints(whole)
