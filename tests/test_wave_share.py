"""Waves of a recording and how a map is shared out among them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imn
from cine_mapping.beat import Fiducials
from cine_mapping.beats import find_beat
from cine_mapping.wave_share import WAVES, beat_masks, t_onset, wave_masks, wave_shares, wave_table
from imn.conditioning import remove_baseline
from imn.errors import InputError
from tests.synthetic import ecg

R = np.arange(0.6, 9.5, 0.9)


@pytest.fixture(scope="module")
def signal():
    return ecg(100, R, 10.0)


@pytest.fixture(scope="module")
def masks(signal):
    return wave_masks(signal, 100.0)


def _at(seconds):
    return np.round((R + seconds) * 100).astype(int)


@settings(max_examples=15, deadline=None)
@given(
    rr=st.floats(0.45, 1.6),
    jitter=st.floats(0, 0.1),
    fs=st.sampled_from([100.0, 250.0]),
    seed=st.integers(0, 99),
)
def test_every_sample_is_in_just_one_wave(rr, jitter, fs, seed):
    times = np.cumsum(rr + jitter * np.random.default_rng(seed).standard_normal(30))
    masks = wave_masks(ecg(fs, times[times < 9.5], 10.0, noise_mv=0.01), fs)
    assert masks.shape == (5, round(10 * fs))
    assert (masks.sum(axis=0) == 1).all()


def test_the_peak_of_each_wave_lies_in_its_mask_in_every_beat(masks):
    for wave, seconds in (("P", -0.17), ("QRS", 0.0), ("T", 0.27), ("rest", 0.48)):
        assert masks[WAVES.index(wave)][_at(seconds)].all(), wave
    assert 0.06 < masks[WAVES.index("QRS")].mean() * 10 / len(R) < 0.14


def test_waves_follow_each_other_in_their_order(masks):
    order = np.argmax(masks, axis=0)[_at(-0.17)[0] : _at(0.0)[2]]
    changes = order[np.append(0, np.flatnonzero(np.diff(order)) + 1)]
    within = [WAVES[i] for i in changes if WAVES[i] != "rest"]
    assert within == ["P", "QRS", "ST", "T"] * 2 + ["P", "QRS"]


def test_a_recording_without_p_waves_has_none():
    masks = wave_masks(ecg(100, R, 10.0, waves=("Q", "R", "S", "T")), 100.0)
    assert not masks[0].any()
    found = wave_shares(np.ones((12, 1000)), masks, signal=np.ones((12, 1000)))
    assert np.isnan(found.concentration("P"))
    assert found.concentration("P", "QRS") == pytest.approx(1)


def test_fiducial_points_are_the_limits(beat):
    marked = replace(beat, fiducials=Fiducials(26, 36, 56, 64, 10, 20))
    one_beat = np.argmax(beat_masks(marked)[:, :80], axis=0)
    assert t_onset(marked.fiducials) == 56 - round(1.3 * 8)
    expected = np.repeat([4, 0, 4, 1, 2, 3, 4], [10, 10, 6, 10, 10, 19, 15])
    assert (one_beat == expected).all()
    early = Fiducials(26, 50, 56, 64)
    assert t_onset(early) == 50


def test_shares_sum_to_one_and_an_even_map_is_as_concentrated_as_time(signal, masks):
    rng = np.random.default_rng(0)
    for maps in (rng.standard_normal((12, 1000)), np.ones((12, 1000))):
        found = wave_shares(maps, masks, signal=signal)
        for rows in (found.absolute, found.positive, found.signal, found.time):
            assert rows.sum() == pytest.approx(1)
            assert (rows >= 0).all()
    assert found.absolute == pytest.approx(found.time)
    assert found.time == pytest.approx(masks.mean(axis=1))
    assert found.concentration("QRS", "ST") == pytest.approx(1)


def test_a_map_in_one_wave_is_concentrated_by_the_inverse_of_its_time(signal, masks):
    maps = masks[WAVES.index("QRS")] * np.ones((12, 1))
    found = wave_shares(maps, masks, signal=signal)
    assert found.absolute.tolist() == [0, 1, 0, 0, 0]
    assert found.concentration("QRS") == pytest.approx(1 / found.time[1])
    against = wave_shares(-maps, masks, signal=signal)
    assert not against.positive.any()
    assert against.concentration("QRS", of="positive") == 0


def test_the_signal_as_a_map_has_the_shares_of_the_signal(signal, masks):
    found = wave_shares(signal, masks, signal=signal)
    assert found.absolute == pytest.approx(found.signal)
    assert found.concentration("QRS", of="signal") > 3 > 0.5 > found.concentration("rest", of="signal")


def test_recordings_without_beats_are_left_out_and_counted(signal):
    flat = np.zeros_like(signal)
    table = wave_table([signal, signal, 2 * signal], [signal, flat, signal], 100.0)
    assert table.scored.tolist() == [True, False, True]
    assert table.n_skipped == 1
    assert table.shares.absolute.shape == (2, 5)
    assert table.shares.concentration("QRS", "ST", "T").shape == (2,)
    with pytest.raises(InputError, match="heart beats in some of 1"):
        wave_table([signal], [flat], 100.0)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda m, x: wave_shares(x[:, 1:], m, signal=x), r"\(12, n\)"),
        (lambda m, x: wave_shares(x, m[:4], signal=x), r"masks \(5, n\)"),
        (lambda m, x: wave_shares(x, m, signal=x).concentration("U"), "got U"),
        (lambda m, x: wave_shares(x, m, signal=x).concentration(), "got none"),
        (lambda m, x: wave_masks(0 * x, 100.0), "heart beat"),
    ],
)
def test_what_does_not_fit_is_refused(wrong, sentence, masks, signal):
    with pytest.raises(InputError, match=sentence):
        wrong(masks, signal)


def _marked(header: Path, n: int):
    """QRS and T as marked in lead II by cardiologists, (2, n) bool, and the samples they looked at."""
    import wfdb

    found = wfdb.rdann(str(header.with_suffix("")), "ii")
    marked = np.zeros((2, n), bool)
    for before, mark, after in zip(
        range(len(found.symbol)), found.symbol[1:], found.symbol[2:], strict=False
    ):
        if mark in "Nt" and found.symbol[before] == "(" and after == ")":
            marked["Nt".index(mark), found.sample[before] : found.sample[before + 2]] = True
    seen = np.zeros(n, bool)
    seen[found.sample[0] : found.sample[-1]] = True
    return marked, seen


@pytest.mark.data
def test_waves_are_those_that_cardiologists_mark(data_dir):
    overlap = []
    for header in sorted((data_dir / "ludb" / "data").glob("*.hea"))[::8]:
        record = imn.read_record(header, adu_per_mv=1000)
        beat = find_beat(remove_baseline(record.signal, record.fs), record.fs)
        marked, seen = _marked(header, record.signal.shape[1])
        ours = beat_masks(beat)[[WAVES.index("QRS"), WAVES.index("T")]]
        both, either = (ours & marked)[:, seen], (ours | marked)[:, seen]
        overlap.append(both.sum(axis=1) / np.maximum(either.sum(axis=1), 1))
    qrs, t = np.median(overlap, axis=0)
    assert qrs > 0.8
    assert t > 0.75
