"""The store of annotations: what it holds, and who may see and settle what."""

import sqlite3
from contextlib import closing

import pytest

from annotations import open_store
from imn.errors import InputError
from tests.store_readings import reading


def test_revisions_are_numbered_and_only_the_last_of_each_reading_counts(store):
    given = [reading("B"), reading("A", state="draft"), reading("A", note="2"), reading("A", record="r2")]
    assert [store.add(annotation) for annotation in given] == [1, 2, 3, 4]
    assert store.latest() == (given[2], given[0], given[3])
    assert store.latest("r1") == (given[2], given[0])
    assert store.latest(rater="A") == (given[2], given[3])
    assert store.latest("r1", "B") == (given[0],)
    assert store.latest("r3") == ()
    assert store.history("r1", "A") == (given[1], given[2])
    assert store.history() == tuple(given)
    assert store.revisions("r2") == {4: given[3]}
    assert store.records() == ("r1", "r2")
    assert store.raters() == ("A", "B")


def test_what_is_added_is_there_when_it_is_opened_again(store_path):
    with open_store(store_path) as store:
        store.add(reading("A", note="ein Ö, 心, '\"; DROP TABLE revision;--\r\n"))
        held = store.history()
    with open_store(store_path, access="read") as store:
        assert store.history() == held
        with pytest.raises(InputError, match="was opened for reading"):
            store.add(reading("A"))


def test_sqlite_itself_refuses_to_change_or_remove_a_revision(store, store_path):
    store.add(reading("A"))
    with closing(sqlite3.connect(store_path)) as other:
        for change in ("UPDATE revision SET rater = 'B'", "DELETE FROM revision"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
                other.execute(change)


def test_the_log_is_written_ahead_and_synchronised(store):
    connection = store._connection()
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_all_are_added_or_none(store):
    store.add(reading("A"))
    with pytest.raises(InputError, match="the annotation of r1 by A is signed and cannot become draft"):
        store.add_all([reading("B"), reading("A", state="draft")])
    with pytest.raises(InputError, match="note: .*too long"):
        store.add_all([reading("B"), reading("C", note="x" * 10_001)])
    assert store.latest() == (reading("A"),)
    settled = reading("C", state="adjudicated")
    assert store.add_all([settled, reading("B"), reading("A")]) == (2, 1)
    assert store.add_all([reading("B"), settled, reading("A")]) == (0, 3)
    assert store.history() == (reading("A"), reading("B"), settled)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("draft", "draft"),
        ("draft", "signed"),
        ("draft", "adjudicated"),
        ("signed", "signed"),
        ("adjudicated", "adjudicated"),
    ],
)
def test_these_states_may_follow(store, before, after):
    store.add_all([reading("A"), reading("B")])
    store.add(reading("C", state=before))
    store.add(reading("C", state=after, note="again"))
    assert store.latest("r1", "C")[0].state == after


@pytest.mark.parametrize(
    ("before", "after"),
    [("signed", "draft"), ("signed", "adjudicated"), ("adjudicated", "draft"), ("adjudicated", "signed")],
)
def test_these_states_may_not_follow(store, before, after):
    store.add_all([reading("A"), reading("B"), reading("C", state=before)])
    with pytest.raises(InputError, match=f"r1 by C is {before} and cannot become {after}"):
        store.add(reading("C", state=after))
    assert store.history("r1", "C") == (reading("C", state=before),)


def test_raters_are_blind_to_each_other_until_they_sign(store):
    store.add_all([reading("A"), reading("B", state="draft"), reading("D", state="draft")])
    store.add(reading("B", record="r2"))
    assert store.visible_to("A", "r1") == (reading("A"),)
    assert store.visible_to("B", "r1") == (reading("B", state="draft"),)
    assert store.visible_to("C", "r1") == ()
    store.add(reading("B"))
    assert store.visible_to("B", "r1") == (reading("A"), reading("B"))
    assert store.visible_to("A", "r1") == (reading("A"), reading("B"))


def test_what_was_signed_blind_stays_apart_from_what_was_amended(store):
    store.add_all([reading("A", note="blind"), reading("B", note="blind")])
    store.add(reading("B", note="after seeing A"))
    assert store.blind_readings("r1") == (reading("A", note="blind"), reading("B", note="blind"))
    assert store.latest("r1", "B") == (reading("B", note="after seeing A"),)


def test_adjudication_takes_two_signed_readings_by_others_and_happens_once(store):
    store.add_all([reading("A"), reading("B", state="draft")])
    settled = reading("C", state="adjudicated")
    for refused in (lambda: store.add(settled), lambda: store.to_adjudicate("C", "r1")):
        with pytest.raises(InputError, match="takes 2 signed readings.*found 1"):
            refused()
    store.add(reading("B"))
    assert store.to_adjudicate("C", "r1") == (reading("A"), reading("B"))
    with pytest.raises(InputError, match="B has read this recording"):
        store.to_adjudicate("B", "r1")
    store.add(settled)
    with pytest.raises(InputError, match="r1 was adjudicated by C"):
        store.add(reading("D", state="adjudicated"))
    assert store.latest("r1", "C") == (settled,)
