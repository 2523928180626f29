"""The uncommitted changes of branches."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from lakeloop.local.lakefs.entries import Entry


@dataclass(frozen=True)
class Staged:
    """One uncommitted change: a new entry, or none for a removal."""

    path: str
    entry: Entry | None
    version: str


def put(db: sqlite3.Connection, repository: str, branch: str, path: str, entry: Entry | None) -> None:
    text = None if entry is None else entry.to_json()
    db.execute(
        "INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?, ?)", (repository, branch, path, text, uuid.uuid4().hex)
    )


def find(db: sqlite3.Connection, repository: str, branch: str, path: str) -> Staged | None:
    row = db.execute(
        "SELECT * FROM staged WHERE repository = ? AND branch = ? AND path = ?", (repository, branch, path)
    ).fetchone()
    return None if row is None else _from_row(row)


def scan(db: sqlite3.Connection, repository: str, branch: str, start: str = "") -> Iterator[Staged]:
    rows = db.execute(
        "SELECT * FROM staged WHERE repository = ? AND branch = ? AND path >= ? ORDER BY path",
        (repository, branch, start),
    )
    return map(_from_row, rows)


def is_empty(db: sqlite3.Connection, repository: str, branch: str) -> bool:
    query = "SELECT 1 FROM staged WHERE repository = ? AND branch = ? LIMIT 1"
    return db.execute(query, (repository, branch)).fetchone() is None


def drop(db: sqlite3.Connection, repository: str, branch: str, changes: list[Staged]) -> None:
    """Forget these changes, but not a later one to the same path."""
    db.executemany(
        "DELETE FROM staged WHERE repository = ? AND branch = ? AND path = ? AND version = ?",
        [(repository, branch, change.path, change.version) for change in changes],
    )


def _from_row(row: sqlite3.Row) -> Staged:
    entry = None if row["entry"] is None else Entry.from_json(row["entry"])
    return Staged(row["path"], entry, row["version"])
