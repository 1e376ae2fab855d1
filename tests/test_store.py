"""The store: what was acknowledged is there, whoever is killed; who may see and settle what."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from annotations import Annotation, Finding, open_store
from annotations.annotation import State
from annotations.store_bench import _outcome, measure, rows_of
from annotations.store_file import check_integrity
from imn.errors import InputError

ROOT = Path(__file__).parent.parent
MI = Finding("MI", "expert", 0.5, regions=("LAD",))


def reading(rater: str, *, record: str = "r1", state: State = "signed", note: str = "") -> Annotation:
    return Annotation(record, rater, (replace(MI, note=note),), state=state)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(path: Path):
    with open_store(path) as opened:
        yield opened


# what it holds


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


def test_what_is_added_is_there_when_it_is_opened_again(path):
    with open_store(path) as store:
        store.add(reading("A", note="ein Ö, 心, '\"; DROP TABLE revision;--\r\n"))
        held = store.history()
    with open_store(path, access="read") as store:
        assert store.history() == held
        with pytest.raises(InputError, match="was opened for reading"):
            store.add(reading("A"))


def test_sqlite_itself_refuses_to_change_or_remove_a_revision(store, path):
    store.add(reading("A"))
    with closing(sqlite3.connect(path)) as other:
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


# states


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


# files that cannot be used


def test_another_programs_file_is_named_and_left_as_it_is(path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE mine (a)")
        other.commit()
    before = path.read_bytes()
    with pytest.raises(InputError, match="found another program's SQLite file"):
        open_store(path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_store_of_a_later_version_is_left_as_it_is(path):
    with open_store(path) as store:
        store.add(reading("A"))
        store._connection().execute("PRAGMA user_version = 2")
    before = path.read_bytes()
    with pytest.raises(InputError, match="of version 1, found version 2; update ecglocus"):
        open_store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("access", ["create", "write", "read"])
def test_what_is_no_database_is_refused(path, access):
    path.write_bytes(b"record,label\n" * 400)
    with pytest.raises(InputError, match="found no SQLite file"):
        open_store(path, access=access)
    with pytest.raises(InputError, match="cannot be opened|no such file"):
        open_store(path.parent, access=access)
    with pytest.raises(InputError, match="cannot be opened|no such file"):
        open_store(path.parent / "none" / "store.sqlite", access=access)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_store_is_not_made_where_one_was_expected(path):
    for access in ("write", "read"):
        with pytest.raises(InputError, match="expected a store of annotations, found no such file"):
            open_store(path, access=access)
    assert not path.exists()


def test_a_damaged_store_is_named(path):
    with open_store(path) as store:
        for number in range(200):
            store.add(reading("A", record=f"r{number}", note="x" * 200))
    content = bytearray(path.read_bytes())
    content[8192:] = b"\x5a" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(InputError, match="the store is damaged"), open_store(path, access="read") as store:
        store.latest()
    content = content[:4096] + bytes(4096) + content[8192:]
    path.write_bytes(content)
    with pytest.raises(InputError, match="the store is damaged"):
        check_integrity(path)


def test_a_row_that_is_no_annotation_is_named(store, path):
    row = ("r1", "A", "signed", "", '{"rater": "A"}')
    with closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO revision VALUES (7, ?, ?, ?, ?, ?)", row)
        other.commit()
    with pytest.raises(InputError, match=r"store.sqlite: revision 7: expected an annotation"):
        store.latest()


def test_a_full_disk_stores_nothing_of_what_did_not_fit(store):
    store.add(reading("A"))
    connection = store._connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(InputError, match="the disk is full and nothing was stored"):
        store.add_all([reading(f"B{number}", note="x" * 9000) for number in range(20)])
    connection.execute("PRAGMA max_page_count = 100000")
    assert store.latest() == (reading("A"),)
    store.add(reading("B"))


AS_ANOTHER = """
import os, sys
import urllib.parse  # this Python may lie where the other user cannot read
from annotations import Annotation, open_store
from imn.errors import InputError

if os.getuid() == 0:
    os.seteuid(65534)
with open_store(sys.argv[1], access="read") as store:
    print(len(store.latest()))
try:
    open_store(sys.argv[1]).add(Annotation("r", "B", ()))
except InputError as error:
    print(error)
"""


def test_a_store_in_a_folder_that_cannot_be_written_can_be_read():
    with TemporaryDirectory() as place:
        folder, path = Path(place), Path(place) / "store.sqlite"
        with open_store(path) as store:
            store.add(reading("A"))
        path.chmod(0o444)
        folder.chmod(0o555)
        command = [sys.executable, "-c", AS_ANOTHER, str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        folder.chmod(0o755)
        assert done.returncode == 0, done.stderr
        count, sentence = done.stdout.splitlines()
        assert count == "1"
        assert "the store cannot be" in sentence
        assert [each.name for each in folder.iterdir()] == [path.name]


# several at once


def test_threads_share_a_store(store):
    def write(rater: str) -> None:
        for number in range(20):
            store.add(reading(rater, record=f"r{number}"))

    threads = [Thread(target=write, args=(f"rater {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.latest()) == len(store.history()) == 80
    assert sorted(store.revisions()) == list(range(1, 81))


def test_a_revision_made_from_the_latest_loses_no_finding_of_another_process(path, store):
    def mark(number: int) -> None:
        with open_store(path) as own:
            for _ in range(10):
                own.revise("r1", "A", lambda before: added(before, number))

    def added(before: Annotation | None, number: int) -> Annotation:
        findings = before.findings if before else ()
        return Annotation("r1", "A", (*findings, replace(MI, note=str(number))), state="draft")

    threads = [Thread(target=mark, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (latest,) = store.latest()
    assert sorted(finding.note for finding in latest.findings) == sorted("0123" * 10)
    assert store.count() == 40
    with pytest.raises(InputError, match="expected a revision of r1 by A, got the annotation of r1 by B"):
        store.revise("r1", "A", lambda before: reading("B"))
    assert store.count() == 40


FORKED = """
import os, sys
from annotations import Annotation, open_store

with open_store(sys.argv[1]) as store:
    store.add(Annotation("r1", "before", ()))
    child = os.fork()
    for number in range(30):
        store.add(Annotation("r1", "parent" if child else "child", ()))
    if not child:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    print(store.count(), *store.raters())
"""


def test_a_forked_process_has_a_connection_of_its_own(tmp_path):
    command = [sys.executable, "-c", FORKED, str(tmp_path / "a b?c#d%20.sqlite")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["61", "before", "child", "parent"], done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a b?c#d%20.sqlite"]
    assert check_integrity(tmp_path / "a b?c#d%20.sqlite") == "ok"


AT_EVERY_STATEMENT = """
import json, os, sqlite3, sys
from pathlib import Path
from annotations import Annotation, Finding, open_store
from annotations.store_file import check_integrity

folder, real = Path(sys.argv[1]), sqlite3.connect
reading = lambda rater: Annotation("r1", rater, (Finding("MI", "expert", 0.5),))

def fatal_after(count):
    class Fatal(sqlite3.Connection):
        def execute(self, *given):
            nonlocal count
            count -= 1
            if count < 0:
                os.kill(os.getpid(), 9)
            return super().execute(*given)
    return lambda *given, **options: real(*given, factory=Fatal, **options)

def write(path, count, notes):
    sqlite3.connect = fatal_after(count)
    with open_store(path) as store:
        for rater in "AB":
            store.add(reading(rater))
            os.write(notes, rater.encode())

outcomes = []
for count in range(1000):
    path = folder / f"{count}.sqlite"
    out, notes = os.pipe()
    child = os.fork()
    if not child:
        write(path, count, notes)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    os.close(notes)
    acknowledged = os.read(out, 9).decode()
    os.close(out)
    with open_store(path) as store:
        held = "".join(store.raters())
        store.add(reading("Z"))
        usable = store.latest(rater="Z") == (reading("Z"),)
    outcomes.append([acknowledged, held, usable, check_integrity(path)])
    if status == 0:
        break
print(json.dumps(outcomes))
"""


def test_a_process_killed_before_any_statement_leaves_all_it_was_told_is_stored(tmp_path):
    command = [sys.executable, "-c", AT_EVERY_STATEMENT, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    assert len(outcomes) > 20
    for acknowledged, held, usable, integrity in outcomes:
        assert held in ("", "A", "AB")
        assert held.startswith(acknowledged)
        assert len(held) - len(acknowledged) <= 1
        assert usable
        assert integrity == "ok"
    assert outcomes[0][:2] == ["", ""]
    assert outcomes[-1][:2] == ["AB", "AB"]
    assert {held for _, held, _, _ in outcomes} == {"", "A", "AB"}


def test_killed_writers_lose_nothing_that_was_acknowledged(tmp_path):
    outcome = measure(tmp_path, processes=4, findings=120, seed=3)
    assert outcome.sound
    assert outcome.acknowledged == 120
    assert outcome.killed == 2
    assert {row["figure"]: row["value"] for row in rows_of(outcome)}["of these lost"] == 0
    with pytest.raises(InputError, match="the store of an earlier measurement is there"):
        measure(tmp_path)
    with pytest.raises(InputError, match="two processes or more"):
        measure(tmp_path / "other", processes=1)


def test_a_measurement_sees_what_is_lost(tmp_path):
    measure(tmp_path, processes=2, findings=8)
    notes = tmp_path / "acknowledged-0.txt"
    notes.write_text(notes.read_text() + "4711 3\n")
    outcome = _outcome(tmp_path / "store.sqlite", 2, 1, 1.0)
    assert outcome.lost == 1
    assert not outcome.sound
