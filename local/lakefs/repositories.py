"""Repositories and what belongs to one of them alone: branches, tags, settings and the pieces of its trees."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakeloop.local.lakefs import commits
from lakeloop.local.lakefs.commits import Commit
from lakeloop.local.lakefs.errors import AlreadyExists, Forbidden, LakeFSError, NotFound
from lakeloop.local.lakefs.trees import EMPTY_TREE


@dataclass(frozen=True)
class Repository:
    """A repository; `uid` tells it from another one that had or will have the same name."""

    id: str
    uid: str
    storage_namespace: str
    default_branch: str
    creation_date: int
    read_only: bool
    protected: Sequence[str]
    metadata: Mapping[str, str]

    def check_writable(self, *, force: bool) -> None:
        if self.read_only and not force:
            raise Forbidden(f"repository {self.id} is read-only")


@dataclass(frozen=True)
class Branch:
    """A name that moves from commit to commit."""

    id: str
    commit_id: str
    hidden: bool


class RepositoryBlobs:
    """The pieces of one repository's trees, inside one transaction."""

    def __init__(self, db: sqlite3.Connection, repository: Repository) -> None:
        self._db = db
        self.owner = repository.uid

    def load(self, blob_id: str) -> str:
        row = self._db.execute(
            "SELECT body FROM blobs WHERE repository_uid = ? AND id = ?", (self.owner, blob_id)
        ).fetchone()
        if row is None:
            raise LakeFSError(f"repository {self.owner} has lost the tree or range {blob_id}")
        return str(row["body"])

    def save(self, blob_id: str, body: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", (self.owner, blob_id, body))


def create(
    db: sqlite3.Connection,
    repository_id: str,
    storage_namespace: str,
    default_branch: str,
    *,
    read_only: bool,
    now: int,
) -> Repository:
    db.execute(
        "INSERT INTO repositories (id, uid, storage_namespace, default_branch, creation_date, read_only)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (repository_id, uuid.uuid4().hex, storage_namespace, default_branch, now, read_only),
    )
    # The real server's first commit has no committer either.
    first = Commit((), "", "Repository created", now, EMPTY_TREE, generation=1)
    commits.add(db, repository_id, first)
    create_branch(db, repository_id, Branch(default_branch, first.id, hidden=False))
    return get(db, repository_id)


def find(db: sqlite3.Connection, repository_id: str) -> Repository | None:
    row = db.execute("SELECT * FROM repositories WHERE id = ?", (repository_id,)).fetchone()
    return None if row is None else _from_row(row)


def get(db: sqlite3.Connection, repository_id: str) -> Repository:
    repository = find(db, repository_id)
    if repository is None:
        raise NotFound(f"repository {repository_id} not found")
    return repository


def list_all(db: sqlite3.Connection) -> list[Repository]:
    return [_from_row(row) for row in db.execute("SELECT * FROM repositories ORDER BY id")]


def delete(db: sqlite3.Connection, repository_id: str) -> None:
    db.execute("DELETE FROM repositories WHERE id = ?", (repository_id,))


def set_protected(db: sqlite3.Connection, repository_id: str, patterns: Sequence[str]) -> None:
    db.execute("UPDATE repositories SET protected = ? WHERE id = ?", (json.dumps(list(patterns)), repository_id))


def set_metadata(db: sqlite3.Connection, repository_id: str, metadata: Mapping[str, str]) -> None:
    db.execute("UPDATE repositories SET metadata = ? WHERE id = ?", (json.dumps(dict(metadata)), repository_id))


def _from_row(row: sqlite3.Row) -> Repository:
    return Repository(
        id=row["id"],
        uid=row["uid"],
        storage_namespace=row["storage_namespace"],
        default_branch=row["default_branch"],
        creation_date=row["creation_date"],
        read_only=bool(row["read_only"]),
        protected=json.loads(row["protected"]),
        metadata=json.loads(row["metadata"]),
    )


def create_branch(db: sqlite3.Connection, repository_id: str, branch: Branch) -> None:
    try:
        db.execute(
            "INSERT INTO branches VALUES (?, ?, ?, ?)", (repository_id, branch.id, branch.commit_id, branch.hidden)
        )
    except sqlite3.IntegrityError as error:
        raise AlreadyExists(f"branch {branch.id} already exists") from error


def get_branch(db: sqlite3.Connection, repository_id: str, branch_id: str) -> Branch:
    row = db.execute("SELECT * FROM branches WHERE repository = ? AND id = ?", (repository_id, branch_id)).fetchone()
    if row is None:
        raise NotFound(f"branch {branch_id} not found in repository {repository_id}")
    return Branch(row["id"], row["commit_id"], bool(row["hidden"]))


def list_branches(db: sqlite3.Connection, repository_id: str, *, show_hidden: bool) -> list[Branch]:
    rows = db.execute("SELECT * FROM branches WHERE repository = ? ORDER BY id", (repository_id,))
    branches = [Branch(row["id"], row["commit_id"], bool(row["hidden"])) for row in rows]
    return [branch for branch in branches if show_hidden or not branch.hidden]


def move_branch(db: sqlite3.Connection, repository_id: str, branch_id: str, commit_id: str) -> None:
    db.execute(
        "UPDATE branches SET commit_id = ? WHERE repository = ? AND id = ?", (commit_id, repository_id, branch_id)
    )


def delete_branch(db: sqlite3.Connection, repository_id: str, branch_id: str) -> None:
    db.execute("DELETE FROM branches WHERE repository = ? AND id = ?", (repository_id, branch_id))


def create_tag(db: sqlite3.Connection, repository_id: str, tag: str, commit_id: str) -> None:
    try:
        db.execute("INSERT INTO tags VALUES (?, ?, ?)", (repository_id, tag, commit_id))
    except sqlite3.IntegrityError as error:
        raise AlreadyExists(f"tag {tag} already exists") from error


def list_tags(db: sqlite3.Connection, repository_id: str) -> dict[str, str]:
    rows = db.execute("SELECT id, commit_id FROM tags WHERE repository = ? ORDER BY id", (repository_id,))
    return {row["id"]: row["commit_id"] for row in rows}


def get_tag(db: sqlite3.Connection, repository_id: str, tag: str) -> str:
    row = db.execute("SELECT commit_id FROM tags WHERE repository = ? AND id = ?", (repository_id, tag)).fetchone()
    if row is None:
        raise NotFound(f"tag {tag} not found in repository {repository_id}")
    return str(row["commit_id"])


def delete_tag(db: sqlite3.Connection, repository_id: str, tag: str) -> None:
    db.execute("DELETE FROM tags WHERE repository = ? AND id = ?", (repository_id, tag))
