"""What a reference shows: a committed tree, and for a branch its uncommitted changes on top."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from lakeloop.local.lakefs import commits, refs, staging
from lakeloop.local.lakefs.entries import Difference, Entry, same
from lakeloop.local.lakefs.errors import NotFound
from lakeloop.local.lakefs.repositories import Repository, RepositoryBlobs
from lakeloop.local.lakefs.trees import RangeCache, Trees


@dataclass(frozen=True)
class Snapshot:
    """The content of one reference, inside one transaction."""

    db: sqlite3.Connection
    repository: Repository
    trees: Trees
    tree: str
    commit_id: str
    branch: str | None

    @classmethod
    def of(cls, db: sqlite3.Connection, repository: Repository, cache: RangeCache, ref: str) -> Snapshot:
        resolved = refs.resolve(db, repository.id, ref)
        commit = commits.get(db, repository.id, resolved.commit_id)
        trees = Trees(RepositoryBlobs(db, repository), cache)
        return cls(db, repository, trees, commit.tree, commit.id, resolved.branch)

    def find(self, path: str) -> Entry | None:
        if self.branch is not None:
            staged = staging.find(self.db, self.repository.id, self.branch, path)
            if staged is not None:
                return staged.entry
        return self.trees.get(self.tree, path)

    def get(self, path: str) -> Entry:
        entry = self.find(path)
        if entry is None:
            raise NotFound(f"path {path!r} not found")
        return entry

    def scan(self, start: str = "") -> Iterator[tuple[str, Entry]]:
        """All paths from `start` on, in order."""
        committed = self.trees.scan(self.tree, start)
        if self.branch is None:
            return committed
        # A staged change sorts before the committed entry of the same path, and so hides it.
        changes = ((change.path, 0, change.entry) for change in self._staged(start))
        layers = heapq.merge(changes, ((path, 1, entry) for path, entry in committed), key=lambda item: item[:2])
        return _top_layer(layers)

    def uncommitted(self, start: str = "") -> Iterator[Difference]:
        """How the branch differs from its last commit, in the order of paths."""
        for change in self._staged(start):
            committed = self.trees.get(self.tree, change.path)
            if not same(committed, change.entry):
                yield Difference(change.path, committed, change.entry)

    def _staged(self, start: str) -> Iterator[staging.Staged]:
        if self.branch is None:
            return iter(())
        return staging.scan(self.db, self.repository.id, self.branch, start)


def _top_layer(layers: Iterator[tuple[str, int, Entry | None]]) -> Iterator[tuple[str, Entry]]:
    previous = None
    for path, _, entry in layers:
        if path != previous and entry is not None:
            yield path, entry
        previous = path
