"""Stores that cannot be used: named, and left as they are."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from annotations import open_store
from annotations.store_file import check_integrity
from imn.errors import InputError
from tests.store_readings import reading

ROOT = Path(__file__).parent.parent


def test_another_programs_file_is_named_and_left_as_it_is(store_path):
    with closing(sqlite3.connect(store_path)) as other:
        other.execute("CREATE TABLE mine (a)")
        other.commit()
    before = store_path.read_bytes()
    with pytest.raises(InputError, match="found another program's SQLite file"):
        open_store(store_path)
    assert store_path.read_bytes() == before
    assert [each.name for each in store_path.parent.iterdir()] == [store_path.name]


def test_a_store_of_a_later_version_is_left_as_it_is(store_path):
    with open_store(store_path) as store:
        store.add(reading("A"))
        store._connection().execute("PRAGMA user_version = 2")
    before = store_path.read_bytes()
    with pytest.raises(InputError, match="of version 1, found version 2; update ecglocus"):
        open_store(store_path)
    assert store_path.read_bytes() == before


@pytest.mark.parametrize("access", ["create", "write", "read"])
def test_what_is_no_database_is_refused(store_path, access):
    store_path.write_bytes(b"record,label\n" * 400)
    with pytest.raises(InputError, match="found no SQLite file"):
        open_store(store_path, access=access)
    with pytest.raises(InputError, match="cannot be opened|no such file"):
        open_store(store_path.parent, access=access)
    with pytest.raises(InputError, match="cannot be opened|no such file"):
        open_store(store_path.parent / "none" / "store.sqlite", access=access)
    assert [each.name for each in store_path.parent.iterdir()] == [store_path.name]


def test_a_store_is_not_made_where_one_was_expected(store_path):
    for access in ("write", "read"):
        with pytest.raises(InputError, match="expected a store of annotations, found no such file"):
            open_store(store_path, access=access)
    assert not store_path.exists()


def test_a_damaged_store_is_named(store_path):
    with open_store(store_path) as store:
        for number in range(200):
            store.add(reading("A", record=f"r{number}", note="x" * 200))
    content = bytearray(store_path.read_bytes())
    content[8192:] = b"\x5a" * (len(content) - 8192)
    store_path.write_bytes(content)
    with (
        pytest.raises(InputError, match="the store is damaged"),
        open_store(store_path, access="read") as store,
    ):
        store.latest()
    content = content[:4096] + bytes(4096) + content[8192:]
    store_path.write_bytes(content)
    with pytest.raises(InputError, match="the store is damaged"):
        check_integrity(store_path)


def test_a_row_that_is_no_annotation_is_named(store, store_path):
    row = ("r1", "A", "signed", "", '{"rater": "A"}')
    with closing(sqlite3.connect(store_path)) as other:
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
