"""The SQLite file: one writer at a time, readers that see one moment, nothing acknowledged before it is on disk."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = Path(__file__).with_name("schema.sql")
_BUSY_TIMEOUT_SECONDS = 30.0


class Store:
    """Hands out transactions; each thread keeps its own reading connection."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        self._writing = threading.Lock()
        self._writer = self._connect()
        self._writer.executescript(_SCHEMA.read_text(encoding="utf-8"))
        self._readers = threading.local()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is durable when the block ends, and undone when the block raises."""
        with self._writing:
            yield from self._transaction(self._writer, "BEGIN IMMEDIATE")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A snapshot: writers that commit meanwhile are not seen."""
        connection = getattr(self._readers, "connection", None)
        if connection is None:
            connection = self._readers.connection = self._connect()
        yield from self._transaction(connection, "BEGIN")

    @staticmethod
    def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[sqlite3.Connection]:
        connection.execute(begin)
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # A full disk may have undone it already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _connect(self) -> sqlite3.Connection:
        # Transactions are ours to begin and end, and the writer is used by whichever thread holds the lock.
        connection = sqlite3.connect(
            self._file, timeout=_BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        # In WAL mode only FULL syncs the log at each commit; NORMAL may lose acknowledged ones with the power.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
