"""Commits and the history they form."""

from __future__ import annotations

import hashlib
import heapq
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lakeloop.local.lakefs.errors import NotFound


@dataclass(frozen=True)
class Commit:
    """One version of a repository. Its id is a hash of all it says, so an identical retry gives the same commit."""

    parents: tuple[str, ...]
    committer: str
    message: str
    creation_date: int
    tree: str
    generation: int
    metadata: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def id(self) -> str:
        facts = {
            "parents": self.parents,
            "committer": self.committer,
            "message": self.message,
            "creation_date": self.creation_date,
            "tree": self.tree,
            "metadata": dict(self.metadata),
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def exists(db: sqlite3.Connection, repository: str, commit_id: str) -> bool:
    row = db.execute("SELECT 1 FROM commits WHERE repository = ? AND id = ?", (repository, commit_id)).fetchone()
    return row is not None


LoadCommit = Callable[[str], Commit]


def add(db: sqlite3.Connection, repository: str, commit: Commit) -> None:
    db.execute(
        "INSERT OR IGNORE INTO commits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            repository,
            commit.id,
            json.dumps(commit.parents),
            commit.committer,
            commit.message,
            commit.creation_date,
            commit.tree,
            json.dumps(dict(commit.metadata)),
            commit.generation,
        ),
    )


def find(db: sqlite3.Connection, repository: str, commit_id: str) -> Commit | None:
    row = db.execute("SELECT * FROM commits WHERE repository = ? AND id = ?", (repository, commit_id)).fetchone()
    if row is None:
        return None
    return Commit(
        parents=tuple(json.loads(row["parents"])),
        committer=row["committer"],
        message=row["message"],
        creation_date=row["creation_date"],
        tree=row["tree"],
        generation=row["generation"],
        metadata=json.loads(row["metadata"]),
    )


def get(db: sqlite3.Connection, repository: str, commit_id: str) -> Commit:
    commit = find(db, repository, commit_id)
    if commit is None:
        raise NotFound(f"commit {commit_id} not found in repository {repository}")
    return commit


def log(load: LoadCommit, start: str, *, first_parent: bool = False) -> Iterator[Commit]:
    """History from `start` back, newest first.

    Dates count whole seconds: among commits of one second the one with more history behind it comes first, then a first
    parent before a second.
    """
    head = load(start)
    seen = {start}
    queue = [(-head.creation_date, -head.generation, 0, head)]
    while queue:
        *_, commit = heapq.heappop(queue)
        yield commit
        for parent_id in commit.parents[:1] if first_parent else commit.parents:
            if parent_id not in seen:
                seen.add(parent_id)
                parent = load(parent_id)
                heapq.heappush(queue, (-parent.creation_date, -parent.generation, len(seen), parent))


def merge_base(load: LoadCommit, left: str, right: str) -> Commit:
    """The newest commit, by generation, that both histories contain."""
    reached_by: dict[str, set[str]] = {}
    queue: list[tuple[int, str, Commit]] = []

    def reach(commit_id: str, sides: set[str]) -> None:
        if commit_id not in reached_by:
            commit = load(commit_id)
            heapq.heappush(queue, (-commit.generation, commit_id, commit))
        reached_by.setdefault(commit_id, set()).update(sides)

    reach(left, {"left"})
    reach(right, {"right"})
    while queue:
        # A parent's generation is lower than its children's, so all who can reach this commit have been seen by now.
        _, commit_id, commit = heapq.heappop(queue)
        if len(reached_by[commit_id]) == 2:
            return commit
        for parent_id in commit.parents:
            reach(parent_id, reached_by[commit_id])
    raise NotFound(f"commits {left} and {right} have no common history")
