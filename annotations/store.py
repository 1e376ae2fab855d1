"""Annotations of several raters in one SQLite file: revisions are added, never changed.

Every `add` is one transaction in a write-ahead log with full synchronisation:
when it returns, the revision is on the disk; a process killed before that
leaves the store as it was.  Any number of processes may write at once.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from os import getpid
from pathlib import Path
from threading import get_ident
from types import TracebackType
from typing import Self

from annotations.annotation import Annotation
from annotations.document import annotation_of, document_of, parse, text_of
from annotations.states import check_adjudication, check_step, to_adjudicate, visible
from annotations.store_file import Access, connect, in_words
from imn.errors import InputError

LATEST = "id IN (SELECT max(id) FROM revision WHERE {asked} GROUP BY record_id, rater)"
FIRST_SIGNED = (
    "id IN (SELECT min(id) FROM revision WHERE {asked} AND state = 'signed' GROUP BY record_id, rater)"
)


def open_store(path: str | Path, *, access: Access = "create") -> "Store":
    """Open a store of annotations.

    Parameters
    ----------
    path : str or Path
    access : "create", "write" or "read"
        "create" makes the file where there is none; "read" leaves all as it is.

    Returns
    -------
    Store
        Close it, or use it in a ``with`` statement.

    Raises
    ------
    InputError
        If there is no store, it cannot be opened, is another program's file, or
        of a later version.
    """
    store = Store(Path(path).absolute(), access)
    store.check()
    return store


class Store:
    """An open store; threads and forked processes may share it, each gets a connection of its own.

    Every method raises `InputError` where the file cannot be read or written.
    """

    def __init__(self, path: Path, access: Access) -> None:
        self.path = path
        self._access: Access = access
        self._connections: dict[tuple[int, int], sqlite3.Connection] = {}

    def add(self, annotation: Annotation) -> int:
        """Add a revision; when this returns, it is on the disk.

        Parameters
        ----------
        annotation : Annotation

        Returns
        -------
        int
            Number of the revision, rising.

        Raises
        ------
        InputError
            If its state may not follow (`annotations.states`), it is beyond the
            schema's limits, or it could not be stored.
        """
        document = self._document(annotation)
        with self._transaction() as connection:
            before = _latest(connection, annotation.record_id, annotation.rater)
            return _insert(connection, annotation, document, before)

    def revise(self, record_id: str, rater: str, change: Callable[[Annotation | None], Annotation]) -> int:
        """Add a revision made from the latest, which no other process can supersede meanwhile.

        Parameters
        ----------
        record_id, rater : str
        change : callable
            From the latest annotation of that rater and recording, None if there
            is none, to the next of the same; should be quick.

        Returns
        -------
        int
            As `add`.

        Raises
        ------
        InputError
            As `add`, or if the change is of another rater or recording.
        """
        with self._transaction() as connection:
            before = _latest(connection, record_id, rater)
            annotation = change(before)
            if (annotation.record_id, annotation.rater) != (record_id, rater):
                msg = f"expected a revision of {record_id} by {rater}, got {annotation.named}"
                raise InputError(msg)
            return _insert(connection, annotation, self._document(annotation), before)

    def add_all(self, annotations: Iterable[Annotation]) -> tuple[int, int]:
        """Add all that differ from the latest of their rater and recording, or none of them.

        Parameters
        ----------
        annotations : iterable of Annotation
            Adjudications are added last, for they take the readings.

        Returns
        -------
        (int, int)
            How many were added, and how many were there already.

        Raises
        ------
        InputError
            As `add`; then nothing was added.
        """
        given = sorted(annotations, key=lambda annotation: annotation.state == "adjudicated")
        documents = [(annotation, self._document(annotation)) for annotation in given]
        added = 0
        with self._transaction() as connection:
            for annotation, document in documents:
                before = _latest(connection, annotation.record_id, annotation.rater)
                if before != annotation:
                    _insert(connection, annotation, document, before)
                    added += 1
        return added, len(given) - added

    def latest(self, record_id: str | None = None, rater: str | None = None) -> tuple[Annotation, ...]:
        """Give the latest revision of every rater and recording, or of those asked for, in their order.

        Parameters
        ----------
        record_id, rater : str, optional
            All of them by default; so in the methods below.

        Returns
        -------
        tuple of Annotation
        """
        return self._where(LATEST, record_id, rater)

    def blind_readings(self, record_id: str | None = None) -> tuple[Annotation, ...]:
        """Give every rater's reading as first signed, before the rater could see those of others."""
        return self._where(FIRST_SIGNED, record_id, None)

    def history(self, record_id: str | None = None, rater: str | None = None) -> tuple[Annotation, ...]:
        """Give all revisions, or those of a recording or rater, in the order they were added."""
        return tuple(self.revisions(record_id, rater).values())

    def revisions(self, record_id: str | None = None, rater: str | None = None) -> dict[int, Annotation]:
        """Give the history by the numbers that `add` gave."""
        return self._numbered("{asked}", record_id, rater, order="id")

    def visible_to(self, rater: str, record_id: str) -> tuple[Annotation, ...]:
        """Give what a rater may see of a recording (`annotations.states.visible`)."""
        return visible(self.latest(record_id), rater)

    def to_adjudicate(self, rater: str, record_id: str) -> tuple[Annotation, ...]:
        """Give an adjudicator the signed readings.

        Raises
        ------
        InputError
            As `annotations.states.to_adjudicate`, if they are not complete or one is the adjudicator's own.
        """
        return to_adjudicate(self.latest(record_id), rater)

    def records(self) -> tuple[str, ...]:
        """Name the recordings that have annotations, sorted."""
        return self._names("record_id")

    def raters(self) -> tuple[str, ...]:
        """Name the raters, sorted."""
        return self._names("rater")

    def count(self) -> int:
        """Count the revisions."""
        with in_words(self.path):
            return self._connection().execute("SELECT count(*) FROM revision").fetchone()[0]

    def check(self) -> None:
        """Open the file, if it can be opened as a store."""
        self._connection()

    def close(self) -> None:
        """Close the connections of this process."""
        for key in [key for key in self._connections if key[0] == getpid()]:
            self._connections.pop(key).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _document(self, annotation: Annotation) -> str:
        where = f"{self.path}: {annotation.named}"
        return text_of(document_of([annotation], where)["annotations"][0])

    def _connection(self) -> sqlite3.Connection:
        # What a forked process inherits stays in the dict, unused: closing it there could harm the parent's.
        key = getpid(), get_ident()
        if key not in self._connections:
            self._connections[key] = connect(self.path, self._access)
        return self._connections[key]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._access == "read":
            msg = f"{self.path}: the store was opened for reading; open it for writing to add to it"
            raise InputError(msg)
        with in_words(self.path):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _where(self, condition: str, record_id: str | None, rater: str | None) -> tuple[Annotation, ...]:
        return tuple(self._numbered(condition, record_id, rater, order="record_id, rater").values())

    def _numbered(
        self, condition: str, record_id: str | None, rater: str | None, *, order: str
    ) -> dict[int, Annotation]:
        chosen = condition.format(asked=_asked(record_id, rater))
        query = f"SELECT id, document FROM revision WHERE {chosen} ORDER BY {order}"
        with in_words(self.path):
            rows = self._connection().execute(query, {"record_id": record_id, "rater": rater}).fetchall()
        return {number: _annotation(document, f"{self.path}: revision {number}") for number, document in rows}

    def _names(self, column: str) -> tuple[str, ...]:
        query = f"SELECT DISTINCT {column} FROM revision ORDER BY {column}"
        with in_words(self.path):
            return tuple(row[0] for row in self._connection().execute(query))


def _asked(record_id: str | None, rater: str | None) -> str:
    names = {"record_id": record_id, "rater": rater}
    return " AND ".join(["1", *(f"{name} = :{name}" for name, value in names.items() if value is not None)])


def _annotation(document: str, where: str) -> Annotation:
    return annotation_of(parse(document, where), where)


def _latest(connection: sqlite3.Connection, record_id: str, rater: str) -> Annotation | None:
    row = connection.execute(
        "SELECT document FROM revision WHERE record_id = ? AND rater = ? ORDER BY id DESC LIMIT 1",
        (record_id, rater),
    ).fetchone()
    return _annotation(row[0], f"the annotation of {record_id} by {rater}") if row else None


def _insert(
    connection: sqlite3.Connection, annotation: Annotation, document: str, before: Annotation | None
) -> int:
    check_step(annotation, before)
    if annotation.state == "adjudicated":
        latest = LATEST.format(asked="record_id = ?")
        rows = connection.execute(f"SELECT document FROM revision WHERE {latest}", (annotation.record_id,))
        check_adjudication(annotation, [_annotation(row[0], annotation.named) for row in rows])
    added = connection.execute(
        "INSERT INTO revision (record_id, rater, state, added_at, document) VALUES (?, ?, ?, ?, ?)",
        (
            annotation.record_id,
            annotation.rater,
            annotation.state,
            datetime.now(UTC).isoformat(timespec="milliseconds"),
            document,
        ),
    )
    number = added.lastrowid
    assert number is not None
    return number
