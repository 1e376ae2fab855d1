"""The SQLite file of a store: its tables, how it is opened, and its errors in words."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

from imn.errors import InputError

Access = Literal["create", "write", "read"]

APPLICATION = 0x65636C67
"""Marks the file as a store of annotations in the header of SQLite ("eclg")."""
VERSION = 1
"""Of the tables; a store of a later version is left alone."""
BUSY_S = 60.0
"""How long a process waits for another that writes."""

TABLES = (
    """CREATE TABLE revision (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        record_id TEXT NOT NULL,
        rater TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('draft', 'signed', 'adjudicated')),
        added_at TEXT NOT NULL,
        document TEXT NOT NULL
    )""",
    "CREATE INDEX revision_of ON revision (record_id, rater, id)",
    """CREATE TRIGGER never_changed BEFORE UPDATE ON revision
        BEGIN SELECT RAISE(ABORT, 'revisions are only ever added'); END""",
    """CREATE TRIGGER never_removed BEFORE DELETE ON revision
        BEGIN SELECT RAISE(ABORT, 'revisions are only ever added'); END""",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)

REASONS = {
    "SQLITE_BUSY": f"another process has been writing for {BUSY_S:.0f} s; try again",
    "SQLITE_FULL": "the disk is full and nothing was stored; make room and try again",
    "SQLITE_READONLY": "the store cannot be written; change its permissions, or copy it",
    "SQLITE_CANTOPEN": "the store cannot be opened; check the path and its permissions",
    "SQLITE_NOTADB": "expected a store of annotations, found no SQLite file; check the path",
    "SQLITE_CORRUPT": "the store is damaged; go back to a copy",
    "SQLITE_IOERR": "the disk failed, or is full; nothing was stored",
}


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Refuse in one sentence where SQLite reports an error.

    Parameters
    ----------
    path : Path
        Of the store.

    Raises
    ------
    InputError
        In place of any `sqlite3.Error`.
    """
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        reason = next((words for code, words in REASONS.items() if name.startswith(code)), str(error))
        msg = f"{path}: {reason}"
        raise InputError(msg) from error


def connect(path: Path, access: Access) -> sqlite3.Connection:
    """Open a store for one thread; make it where there is none and `access` is "create".

    Parameters
    ----------
    path : Path
    access : "create", "write" or "read"

    Returns
    -------
    sqlite3.Connection

    Raises
    ------
    InputError
        If there is no store, it cannot be opened, or it is something else.
    """
    if access != "create" and not path.is_file():
        msg = f"{path}: expected a store of annotations, found no such file; check the path"
        raise InputError(msg)
    with in_words(path):
        mode = {"create": "rwc", "write": "rw", "read": "ro"}[access]
        connection = _opened(path, mode)
        try:
            _identify(connection, path)
            if access != "read":
                _set_durable(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    with suppress(sqlite3.OperationalError):
        connection = _connection(uri)
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection
    # In a folder that cannot be written SQLite finds no place for its index of the log; without a
    # log there is nothing to index.
    log = path.with_name(f"{path.name}-wal")
    alone = mode == "ro" and not (log.exists() and log.stat().st_size)
    return _connection(f"{uri}&immutable=1" if alone else uri)


def _connection(uri: str) -> sqlite3.Connection:
    # Threads never share a connection, but `Store.close` closes those of all.
    return sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)


def _identify(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables in an empty file, and refuse what is no store of this version."""
    if _kind(connection) == (0, 0, 0):
        connection.execute("BEGIN IMMEDIATE")
        # Another process may have made them while this one waited.
        if _kind(connection) == (0, 0, 0):
            for statement in TABLES:
                connection.execute(statement)
        connection.execute("COMMIT")
    application, version, _ = _kind(connection)
    if application != APPLICATION:
        msg = f"{path}: expected a store of annotations, found another program's SQLite file; check the path"
        raise InputError(msg)
    if version != VERSION:
        msg = f"{path}: expected a store of version {VERSION}, found version {version}; update ecglocus"
        raise InputError(msg)


def _kind(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Give application, version and number of tables."""
    return (
        connection.execute("PRAGMA application_id").fetchone()[0],
        connection.execute("PRAGMA user_version").fetchone()[0],
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0],
    )


def _set_durable(connection: sqlite3.Connection) -> None:
    """Write ahead in a log that is on the disk before a commit returns."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def check_integrity(path: Path) -> str:
    """Give the verdict of SQLite's ``PRAGMA integrity_check``.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        "ok", or what is wrong.

    Raises
    ------
    InputError
        As `connect`.
    """
    with in_words(path), closing(connect(path, "read")) as connection:
        return "; ".join(row[0] for row in connection.execute("PRAGMA integrity_check"))
