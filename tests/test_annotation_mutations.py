"""Spoilt files of annotations: one sentence or a valid annotation, and a store that stays as it was."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations import Given, open_store
from annotations.mutation_bench import ELSEWHERE, OWN, Kind, kinds, measure, rows_of, small_heart, try_file
from annotations.mutations import mutate
from imn.errors import InputError

KINDS = [*((name, OWN) for name in ("JSON", "CSV", "VTP", "NPZ", "WFDB")),
         *((name, ELSEWHERE) for name in ("CSV", "VTP", "NPZ", "WFDB"))]  # fmt: skip


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder, heart = tmp_path_factory.mktemp("mutations"), small_heart()
    with open_store(folder / "store.sqlite") as store:
        yield {(kind.name, kind.origin): kind for kind in kinds(folder, heart)}, heart, store


@pytest.mark.parametrize("which", KINDS, ids=" ".join)
def test_sound_files_are_taken_in(bench, which):
    made, heart, store = bench
    assert set(made) == set(KINDS)
    assert try_file(made[which].path, made[which], heart, store)


@pytest.mark.parametrize("which", KINDS, ids=" ".join)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rng=st.randoms(use_true_random=False))
def test_spoilt_files_are_refused_in_words_or_hold_a_valid_annotation(bench, which, rng):
    made, heart, store = bench
    kind = made[which]
    path = kind.path.with_name(f"spoilt{kind.path.suffix}")
    path.write_bytes(mutate(kind.path.read_bytes(), kind.path.suffix, rng))
    try_file(path, kind, heart, store)


def test_files_are_spoilt_in_many_ways_and_often_not_beyond_reading(bench):
    made, *_ = bench
    for kind in made.values():
        sound = kind.path.read_bytes()
        spoilt = {mutate(sound, kind.path.suffix, Random(seed)) for seed in range(200)}
        assert len(spoilt - {sound}) > 120


def test_the_measurement_counts_both_outcomes(tmp_path):
    tallies = measure(tmp_path, files=25, seed=1)
    assert [(tally.kind.name, tally.kind.origin) for tally in tallies] == KINDS
    assert all(tally.refused + tally.valid == tally.files == 25 for tally in tallies)
    assert sum(tally.valid for tally in tallies) > 0
    assert not any(tally.tripped for tally in tallies)
    assert rows_of(tallies)[0]["spoilt"] == 25


def test_anything_else_is_noticed(bench, tmp_path, monkeypatch):
    _, heart, store = bench
    kind = Kind("JSON", OWN, Path("none.json"), Given())

    def broken(*_, **__):
        raise KeyError("findings")

    monkeypatch.setattr("annotations.mutation_bench.read_files", broken)
    with pytest.raises(KeyError):
        try_file(tmp_path / "a.json", kind, heart, store)
    assert [len(tally.tripped) for tally in measure(tmp_path, files=1)] == [1] * len(KINDS)

    def wordy(*_, **__):
        msg = "two\nlines"
        raise InputError(msg)

    monkeypatch.setattr("annotations.mutation_bench.read_files", wordy)
    with pytest.raises(AssertionError, match="two"):
        try_file(tmp_path / "a.json", kind, heart, store)
