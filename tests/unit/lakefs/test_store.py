"""Transactions of the store."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from lakeloop.local.lakefs.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "deep" / "lakefs.sqlite3")


def put(db: sqlite3.Connection, name: str) -> None:
    db.execute("INSERT INTO installation VALUES (?, 'x')", (name,))


def names(store: Store) -> list[str]:
    with store.read() as db:
        return [row["name"] for row in db.execute("SELECT name FROM installation ORDER BY name")]


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    def half() -> None:
        with store.write() as db:
            put(db, "half")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        half()

    assert names(store) == []
    with store.write() as db:
        put(db, "whole")
    assert names(store) == ["whole"]


def test_a_full_disk_fails_one_write_and_not_the_next(store: Store) -> None:
    def write(pages: int, size: int) -> None:
        with store.write() as db:
            db.execute(f"PRAGMA max_page_count = {pages}")
            put(db, "x" * size)

    with pytest.raises(sqlite3.OperationalError, match="full"):
        write(pages=1, size=1_000_000)
    write(pages=1_000_000, size=1)

    assert names(store) == ["x"]


def test_readers_see_one_moment(store: Store) -> None:
    def write() -> None:
        with store.write() as db:
            put(db, "later")

    with store.read() as db:
        before = db.execute("SELECT count(*) FROM installation").fetchone()[0]
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        during = db.execute("SELECT count(*) FROM installation").fetchone()[0]

    assert (before, during, names(store)) == (0, 0, ["later"])


def test_what_is_not_committed_is_not_seen(store: Store) -> None:
    seen: list[list[str]] = []

    with store.write() as db:
        put(db, "unfinished")
        reader = threading.Thread(target=lambda: seen.append(names(store)))
        reader.start()
        reader.join()

    assert seen == [[]]


def test_a_commit_is_synced_to_disk(store: Store) -> None:
    with store.write() as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2, "FULL"


def test_the_state_is_still_there_when_opened_again(tmp_path: Path, store: Store) -> None:
    with store.write() as db:
        put(db, "kept")

    assert names(Store(tmp_path / "deep" / "lakefs.sqlite3")) == ["kept"]
