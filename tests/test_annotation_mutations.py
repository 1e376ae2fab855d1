"""Spoilt files of annotations: one sentence or a valid annotation, and a store that stays as it was."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations import open_store
from annotations.mutation_bench import TITLES, measure, offenders_of, rows_of
from annotations.mutation_files import KINDS, OWN, kinds, small_heart
from annotations.mutation_trial import judge, spoilt
from annotations.mutations import mutate
from imn.errors import InputError
from imn.fuzz.crew import Tally


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder, heart = tmp_path_factory.mktemp("mutations"), small_heart()
    with open_store(folder / "store.sqlite") as store:
        yield {(kind.name, kind.origin): kind for kind in kinds(folder, heart)}, heart, store


@pytest.mark.parametrize("which", KINDS, ids=" ".join)
def test_sound_files_are_taken_in(bench, which):
    made, heart, store = bench
    assert list(made) == list(KINDS)
    assert judge(made[which].path, made[which], heart, store).outcome == "valid"


@pytest.mark.parametrize("which", KINDS, ids=" ".join)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rng=st.randoms(use_true_random=False))
def test_spoilt_files_are_refused_in_words_or_hold_a_valid_annotation(bench, which, rng):
    made, heart, store = bench
    kind = made[which]
    path = kind.path.with_name(f"spoilt{kind.path.suffix}")
    path.write_bytes(mutate(kind.path.read_bytes(), kind.path.suffix, rng))
    verdict = judge(path, kind, heart, store)
    assert verdict.sound, verdict


def test_files_are_spoilt_in_many_ways_and_often_not_beyond_reading(bench):
    made, *_ = bench
    for kind in made.values():
        sound = kind.path.read_bytes()
        found = {spoilt(kind, number=number, seed=0) for number in range(200)}
        assert len(found - {sound}) > 120


def test_the_measurement_counts_both_outcomes_and_resumes(tmp_path, monkeypatch):
    *_, tallies = measure(tmp_path, inputs=25, seed=1)
    assert [tally.order.kind for tally in tallies] == list(TITLES)
    assert [tally.offenders for tally in tallies] == [[]] * len(TITLES)
    assert all(tally.counts["refused"] + tally.counts["valid"] == 25 for tally in tallies)
    assert sum(tally.counts["valid"] for tally in tallies) > 0
    assert rows_of(tallies)[0]["spoilt"] == 25
    monkeypatch.setattr("imn.fuzz.stretches.work_through", lambda orders, *_: iter(list(orders)[:0]))
    *_, again = measure(tmp_path, inputs=25, seed=1)
    assert [tally.counts for tally in again] == [tally.counts for tally in tallies]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(KeyError("findings"), "traceback"), (InputError("two\nlines"), "words"), (MemoryError(), "memory")],
)
def test_anything_else_is_noticed(bench, monkeypatch, error, outcome):
    made, heart, store = bench

    def broken(*_, **__):
        raise error

    monkeypatch.setattr("annotations.mutation_trial.read_files", broken)
    assert judge(Path("a.json"), made["JSON", OWN], heart, store).outcome == outcome


def test_a_refusal_that_alters_the_store_is_noticed(bench, monkeypatch):
    made, heart, store = bench

    def half(found):
        store.add(found[0])
        msg = "no"
        raise InputError(msg)

    monkeypatch.setattr(store, "add_all", half)
    kind = made["JSON", OWN]
    assert judge(kind.path, kind, heart, store).outcome == "store altered"


def test_offenders_are_kept_as_they_were(tmp_path, monkeypatch):
    def work_through(orders, *_):
        for order in orders:
            tally = Tally(order)
            tally.add({"number": 3, "outcome": "crash", "seconds": 1.0, "peak": 0, "words": ""})
            yield tally

    monkeypatch.setattr("imn.fuzz.stretches.work_through", work_through)
    *_, tallies = measure(tmp_path, inputs=4)
    assert len(offenders_of(tallies)) == len(TITLES)
    assert len(list(tmp_path.glob("*/seed-0/offenders/*/spoilt.*"))) == len(TITLES)
