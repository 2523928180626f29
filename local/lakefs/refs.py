"""Names: what they may look like, and which commit an expression such as `main~2` or `v1^1` means."""

from __future__ import annotations

import fnmatch
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from lakeloop.local.lakefs import commits
from lakeloop.local.lakefs.errors import AlreadyExists, BadRequest, NotFound

_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9-]{2,62}")
_BRANCH = re.compile(r"\w[-\w]*", re.ASCII)
_REF = re.compile(r"(?P<base>[^\s@~^:?*\[\]\\$]+)(?P<modifiers>(?:@|[~^][0-9]{0,6})*)")
_MODIFIER = re.compile(r"@|[~^][0-9]*")
_COMMIT_PREFIX = re.compile(r"[0-9a-f]{6,64}")
_TAG_FORBIDDEN_PARTS = ("..", "/", "@{", "^", ":", "?", "*", "[", "\\", "~")
_TAG_FORBIDDEN_ENDS = (".", ".lock")


@dataclass(frozen=True)
class RefExpression:
    """A base name and the steps back from it; `committed` is the `@` that leaves uncommitted changes out."""

    base: str
    steps: tuple[tuple[str, int], ...]
    committed: bool


def parse(text: str) -> RefExpression:
    match = _REF.fullmatch(text)
    if match is None:
        raise BadRequest(f"{text!r} is not a valid reference: expected a branch, tag or commit, then any of @ ~N ^N")
    modifiers = _MODIFIER.findall(match["modifiers"])
    if "@" in modifiers[1:]:
        raise BadRequest(f"{text!r} is not a valid reference: @ must follow the name")
    steps = tuple((mark[0], int(mark[1:] or 1)) for mark in modifiers if mark != "@")
    return RefExpression(match["base"], steps, committed="@" in modifiers)


@dataclass(frozen=True)
class Resolved:
    """The commit an expression means, and the branch whose uncommitted changes are to be seen on top of it."""

    commit_id: str
    branch: str | None


def resolve(db: sqlite3.Connection, repository: str, text: str) -> Resolved:
    expression = parse(text)
    branch_commit = _lookup(db, "branches", repository, expression.base)
    commit_id = (
        branch_commit
        or _lookup(db, "tags", repository, expression.base)
        or _find_commit(db, repository, expression.base)
    )
    if commit_id is None:
        raise NotFound(f"reference {text} not found in repository {repository}")
    for mark, number in expression.steps:
        commit_id = _step_back(db, repository, commit_id, mark, number)
    sees_staged = branch_commit is not None and not expression.committed and not expression.steps
    return Resolved(commit_id, expression.base if sees_staged else None)


def _step_back(db: sqlite3.Connection, repository: str, commit_id: str, mark: str, number: int) -> str:
    if mark == "^" and number > 0:
        return _parent(db, repository, commit_id, number)
    for _ in range(number if mark == "~" else 0):
        commit_id = _parent(db, repository, commit_id, 1)
    return commit_id


def _parent(db: sqlite3.Connection, repository: str, commit_id: str, number: int) -> str:
    parents = commits.get(db, repository, commit_id).parents
    if number > len(parents):
        raise NotFound(f"commit {commit_id} has no parent {number}")
    return parents[number - 1]


def _lookup(db: sqlite3.Connection, table: str, repository: str, name: str) -> str | None:
    query = f"SELECT commit_id FROM {table} WHERE repository = ? AND id = ?"  # noqa: S608 - the table is ours
    row = db.execute(query, (repository, name)).fetchone()
    return None if row is None else str(row["commit_id"])


def check_name_is_free(db: sqlite3.Connection, repository: str, name: str, table: str) -> None:
    """A branch may not be called like a tag, nor a tag like a branch, nor either like a commit."""
    if _lookup(db, table, repository, name) or commits.exists(db, repository, name):
        raise AlreadyExists(f"{name} is the name of a branch, a tag or a commit already")


def _find_commit(db: sqlite3.Connection, repository: str, text: str) -> str | None:
    """A commit by its id, or by the beginning of it when only one commit begins so."""
    if not _COMMIT_PREFIX.fullmatch(text):
        return None
    rows = db.execute(
        "SELECT id FROM commits WHERE repository = ? AND id >= ? AND id < ? LIMIT 2", (repository, text, text + "g")
    ).fetchall()
    return str(rows[0]["id"]) if len(rows) == 1 else None


def check_repository_name(name: str) -> None:
    if not _REPOSITORY.fullmatch(name):
        raise BadRequest(f"{name!r} is not a valid repository name: it must match {_REPOSITORY.pattern}")


def check_branch_name(name: str) -> None:
    if not _BRANCH.fullmatch(name):
        raise BadRequest(f"{name!r} is not a valid branch name: letters, digits, _ and -, not beginning with -")


def check_tag_name(name: str) -> None:
    bad = (
        not name
        or name == "@"
        or any(part in name for part in _TAG_FORBIDDEN_PARTS)
        or name.endswith(_TAG_FORBIDDEN_ENDS)
        or any(character <= " " for character in name)
    )
    if bad:
        raise BadRequest(f"{name!r} is not a valid tag name: the rules of git references, and no /")


def is_protected(branch: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(branch, pattern) for pattern in patterns)
