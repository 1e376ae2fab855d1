"""Several at one store: threads, processes, and writers that are killed lose nothing acknowledged."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from annotations import Annotation, open_store
from annotations.store_bench import _outcome, measure, rows_of
from annotations.store_file import check_integrity
from imn.errors import InputError
from tests.store_readings import MI, reading

ROOT = Path(__file__).parent.parent


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


def test_a_revision_made_from_the_latest_loses_no_finding_of_another_process(store_path, store):
    def mark(number: int) -> None:
        with open_store(store_path) as own:
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
