"""Moving a branch to a new commit: commit, merge, revert, cherry-pick.

Each prepares its commit from the branch as it stands and moves the branch in the same transaction. Where hooks have a
say, they run between two transactions, since they may take a minute and may read the commit; the branch then moves only
if it still stands where it stood, else everything starts over, hooks included.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lakeloop.local.lakefs import commits, merge, refs, repositories, staging
from lakeloop.local.lakefs.actions import ACTIONS_PREFIX, Event
from lakeloop.local.lakefs.commits import Commit
from lakeloop.local.lakefs.errors import (
    BadRequest,
    Conflict,
    DirtyBranch,
    LakeFSError,
    MergeConflict,
    NoChanges,
    TooManyTries,
)
from lakeloop.local.lakefs.hooks import ActionFiles, Occasion
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.merge import Strategy
from lakeloop.local.lakefs.objects import Address
from lakeloop.local.lakefs.repositories import Branch, Repository
from lakeloop.local.lakefs.snapshots import Snapshot
from lakeloop.local.lakefs.staging import Staged

_TRIES = 10
_STRATEGY_KEY = ".lakefs.merge.strategy"


@dataclass(frozen=True)
class Say:
    """What a person says about a commit."""

    committer: str
    message: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    date: int | None = None
    allow_empty: bool = False
    force: bool = False


@dataclass(frozen=True)
class _Plan:
    """The commit a branch is to move to, the staged changes it takes in, and the reference whose action files count."""

    commit: Commit
    source_ref: str
    taken: list[Staged] = field(default_factory=list)
    merge_source: str = ""


@dataclass(frozen=True)
class _Site:
    """The branch to be moved, as one transaction sees it."""

    lake: Lake
    db: sqlite3.Connection
    repository: Repository
    branch: Branch

    @classmethod
    def open(cls, lake: Lake, db: sqlite3.Connection, repository_id: str, branch_id: str) -> _Site:
        repository = repositories.get(db, repository_id)
        return cls(lake, db, repository, repositories.get_branch(db, repository_id, branch_id))

    def commit(self, commit_id: str) -> Commit:
        return commits.get(self.db, self.repository.id, commit_id)

    @property
    def head(self) -> Commit:
        return self.commit(self.branch.commit_id)

    def check_clean(self) -> None:
        """What is staged and equals what is committed does not count."""
        snapshot = self.lake.snapshot(self.db, self.repository, self.branch.id)
        if next(snapshot.uncommitted(), None) is not None:
            raise DirtyBranch

    def resolve(self, ref: str) -> Commit:
        return self.commit(refs.resolve(self.db, self.repository.id, ref).commit_id)

    def merge_trees(self, source: str, base: str, strategy: Strategy = Strategy.NONE) -> str | None:
        """The head's tree with what changed between base and source; none if that conflicts."""
        trees = self.lake.trees(self.db, self.repository)
        head = self.head.tree
        if head == base:
            return source
        merged = merge.three_way(trees.diff(base, source), trees.diff(base, head), strategy)
        return None if merged.conflicts else trees.write(head, merged.changes)

    def next_commit(self, say: Say, tree: str, *other_parents: Commit) -> Commit:
        head = self.head
        return Commit(
            parents=(head.id, *(parent.id for parent in other_parents)),
            committer=say.committer,
            message=say.message,
            creation_date=int(time.time()) if say.date is None else say.date,
            tree=tree,
            generation=1 + max(parent.generation for parent in (head, *other_parents)),
            metadata=say.metadata,
        )


def commit(lake: Lake, repository_id: str, branch_id: str, say: Say) -> Commit:
    """Everything staged on the branch becomes a commit."""

    def plan(site: _Site) -> _Plan:
        lake.protection.check_unprotected(site.repository, branch_id)
        staged = list(staging.scan(site.db, repository_id, branch_id))
        snapshot = lake.snapshot(site.db, site.repository, branch_id)
        changes = {change.path: change.right for change in snapshot.uncommitted()}
        if not changes and not say.allow_empty:
            raise NoChanges("commit")
        tree = lake.trees(site.db, site.repository).write(site.head.tree, changes) if changes else site.head.tree
        return _Plan(site.next_commit(say, tree), source_ref=branch_id, taken=staged)

    return _move(lake, repository_id, branch_id, plan, event=Event.PRE_COMMIT, force=say.force)


def merge_into(
    lake: Lake, repository_id: str, source_ref: str, branch_id: str, *, say: Say, strategy: Strategy, squash: bool
) -> Commit:
    """Bring into the branch what the source changed since both last agreed."""

    def plan(site: _Site) -> _Plan:
        site.check_clean()
        source = site.resolve(source_ref)
        base = commits.merge_base(site.commit, source.id, site.head.id)
        if source.tree == base.tree and not (say.allow_empty or say.force):
            raise NoChanges(f"update branch {branch_id}")
        tree = site.merge_trees(source.tree, base.tree, strategy)
        if tree is None:
            raise MergeConflict(f"merging {source_ref} into {branch_id}: conflict found")
        parents = () if squash else (source,)
        return _Plan(site.next_commit(signed, tree, *parents), source_ref=source.id, merge_source=source_ref)

    signed = Say(
        committer=say.committer,
        message=say.message or f"Merge {source_ref!r} into {branch_id!r}",
        metadata={**say.metadata, _STRATEGY_KEY: strategy or "default"},
    )
    return _move(lake, repository_id, branch_id, plan, event=Event.PRE_MERGE, force=say.force)


def revert(lake: Lake, repository_id: str, branch_id: str, ref: str, *, parent_number: int, say: Say) -> Commit:
    """Undo one commit, by merging the commit before it with the commit itself as the base."""

    def plan(site: _Site) -> _Plan:
        undone = site.resolve(ref)
        before = _parent_of(site, undone, parent_number)
        site.check_clean()
        tree = site.merge_trees(source=before, base=undone.tree)
        if tree is None:
            raise Conflict(f"revert of {undone.id}: later commits changed the same paths")
        if tree == site.head.tree and not say.allow_empty:
            raise NoChanges("update branch")
        signed = Say(say.committer, say.message or f"Revert {ref}", say.metadata)
        return _Plan(site.next_commit(signed, tree), source_ref=branch_id)

    return _move(lake, repository_id, branch_id, plan, event=Event.PRE_REVERT, force=say.force)


def cherry_pick(lake: Lake, repository_id: str, branch_id: str, ref: str, *, parent_number: int, say: Say) -> Commit:
    """Repeat on the branch what one commit changed elsewhere."""

    def plan(site: _Site) -> _Plan:
        picked = site.resolve(ref)
        if parent_number == 0 and len(picked.parents) > 1:
            raise BadRequest(f"{picked.id} is a merge commit: say which parent_number to compare with")
        before = _parent_of(site, picked, parent_number)
        site.check_clean()
        if picked.tree == before:
            raise NoChanges("cherry-pick")
        tree = site.merge_trees(source=picked.tree, base=before)
        if tree is None:
            raise Conflict(f"cherry-pick of {picked.id}: the branch changed the same paths")
        origin = {"cherry-pick-origin": picked.id, "cherry-pick-committer": picked.committer}
        signed = Say(say.committer, say.message or picked.message, {**(say.metadata or picked.metadata), **origin})
        return _Plan(site.next_commit(signed, tree), source_ref=branch_id)

    return _move(lake, repository_id, branch_id, plan, event=None, force=say.force)


def _parent_of(site: _Site, commit: Commit, number: int) -> str:
    """The tree of a parent, counted from 1; 0 means the only one."""
    if number == 0 and len(commit.parents) > 1:
        raise Conflict(f"{commit.id} is a merge commit: say which parent_number to compare with")
    if number > max(1, len(commit.parents)):
        raise BadRequest(f"{commit.id} has no parent {number}")
    return site.commit(commit.parents[max(0, number - 1)]).tree if commit.parents else ""


def _move(
    lake: Lake,
    repository_id: str,
    branch_id: str,
    plan: Callable[[_Site], _Plan],
    *,
    event: Event | None,
    force: bool,
) -> Commit:
    # The real server tries again when a merge loses a race, and only then.
    expected = None if event is Event.PRE_MERGE else _branch(lake, repository_id, branch_id)
    for _ in range(_TRIES):
        with lake.store.write() as db:
            site = _Site.open(lake, db, repository_id, branch_id)
            if expected not in (None, site.branch):
                raise LakeFSError(f"update branch {branch_id}: predicate failed")
            site.repository.check_writable(force=force)
            planned = plan(site)
            commits.add(db, repository_id, planned.commit)
            files = _action_files(lake.snapshot(db, site.repository, planned.source_ref)) if event else []
            if event is None or not files:
                _settle(site, planned)
                return planned.commit
        occasion = Occasion(repository_id, branch_id, planned.source_ref, planned.commit, planned.merge_source)
        lake.hooks.before(event, files, occasion)
        if _settle_if_unmoved(lake, site.branch, repository_id, planned):
            lake.hooks.after(event.afterwards, files, occasion)
            return planned.commit
    raise TooManyTries(f"branch {branch_id} kept moving while hooks ran: too many tries")


def _branch(lake: Lake, repository_id: str, branch_id: str) -> Branch:
    with lake.store.read() as db:
        repositories.get(db, repository_id)
        return repositories.get_branch(db, repository_id, branch_id)


def _settle_if_unmoved(lake: Lake, expected: Branch, repository_id: str, planned: _Plan) -> bool:
    with lake.store.write() as db:
        site = _Site.open(lake, db, repository_id, expected.id)
        unmoved = site.branch == expected
        if unmoved:
            _settle(site, planned)
        return unmoved


def _settle(site: _Site, planned: _Plan) -> None:
    repositories.move_branch(site.db, site.repository.id, site.branch.id, planned.commit.id)
    staging.drop(site.db, site.repository.id, site.branch.id, planned.taken)


def _action_files(snapshot: Snapshot) -> ActionFiles:
    files = []
    for path, entry in snapshot.scan(ACTIONS_PREFIX):
        if not path.startswith(ACTIONS_PREFIX):
            break
        if path.endswith((".yaml", ".yml")):
            files.append((path, Address.parse(entry.address)))
    return files
