"""Every resource as a JSON document in one SQLite file, so that a restart finds what was there."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.documents import Document

SCHEMA = """
CREATE TABLE IF NOT EXISTS resources (
    kind TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (kind, name)
);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, due REAL NOT NULL, entry TEXT NOT NULL
);
"""


class Store:
    """Documents by kind and name (in any case: SageMaker's names are unique regardless of it), and events to deliver.

    One connection behind one lock is enough: statements take microseconds, jobs take seconds.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        # Transactions are begun and ended below, by whichever thread holds the lock.
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        # Nothing is lost when the process is killed; what a power cut may cost is not worth a sync per status change.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing of it; blocks nest, and other threads wait."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def find(self, kind: Kind, name: str) -> Document | None:
        row = self._fetch("SELECT document FROM resources WHERE kind = ? AND name = ?", kind, name.lower())
        return _document(row[0][0]) if row else None

    def all(self, kind: Kind) -> list[Document]:
        return [_document(row[0]) for row in self._fetch("SELECT document FROM resources WHERE kind = ?", kind)]

    def add(self, kind: Kind, name: str, document: Document) -> bool:
        """Whether it is new; nothing is changed when it is not."""
        with self.transaction():
            done = self._connection.execute(
                "INSERT OR IGNORE INTO resources VALUES (?, ?, ?)", (kind, name.lower(), json.dumps(document))
            )
            return done.rowcount == 1

    def change(self, kind: Kind, name: str, **fields: object) -> Document:
        """Set the fields, remove those that are None, and return the whole. Raises KeyError when it is gone."""
        with self.transaction():
            document = self.find(kind, name)
            if document is None:
                raise KeyError(f"{kind} {name}")
            merged = {key: value for key, value in {**document, **fields}.items() if value is not None}
            self._connection.execute(
                "UPDATE resources SET document = ? WHERE kind = ? AND name = ?",
                (json.dumps(merged), kind, name.lower()),
            )
            return merged

    def remove(self, kind: Kind, name: str) -> bool:
        """Whether there was one."""
        with self.transaction():
            done = self._connection.execute("DELETE FROM resources WHERE kind = ? AND name = ?", (kind, name.lower()))
            return done.rowcount == 1

    def add_event(self, due: float, entry: Document) -> None:
        with self.transaction():
            self._connection.execute("INSERT INTO events (due, entry) VALUES (?, ?)", (due, json.dumps(entry)))

    def next_event(self) -> tuple[int, float, Document] | None:
        """The event due first: its number, when, and what."""
        rows = self._fetch("SELECT id, due, entry FROM events ORDER BY due, id LIMIT 1")
        if not rows:
            return None
        number, due, entry = rows[0]
        return number, due, _document(entry)

    def remove_event(self, number: int) -> None:
        with self.transaction():
            self._connection.execute("DELETE FROM events WHERE id = ?", (number,))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _fetch(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()


def _document(text: str) -> Document:
    document: Document = json.loads(text)
    return document
