"""One lakeFS repository in memory, and what training reads of its objects."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lakeloop.errors import MergeConflictError
from lakeloop.lake.ports import CORRELATION_KEY, LakeBranch, LakeCommit, LakeObject
from tests.fakes.crash import Crash

Tree = dict[str, str]


class MemoryLake:
    """One repository: branches of staged and committed trees (path -> sha256), three-way merges that can conflict."""

    def __init__(self, crash: Crash | None = None) -> None:
        self.crash = crash or Crash()
        self.bytes: dict[str, bytes] = {}
        self.trees: dict[str, Tree] = {"c0": {}}
        self.commits: list[LakeCommit] = [LakeCommit("c0", {})]
        self.branch_commits: dict[str, LakeCommit] = {"main": self.commits[0]}
        self.staged: dict[str, Tree] = {}
        self.bases: dict[str, Tree] = {}
        self.made = 0

    def ensure_branch(self, repository: str, branch: str, at: str = "main", *, hidden: bool = True) -> None:
        self.crash.tick()
        if branch not in self.branch_commits:
            commits = {commit.id: commit for commit in self.commits}
            self.branch_commits[branch] = self.branch_commits.get(at) or commits[at]
            self.staged[branch] = dict(self._tree(branch))
            self.bases[branch] = dict(self._tree(branch))

    def upload(self, repository: str, branch: str, path: str, file: Path) -> None:
        self.crash.tick()
        body = file.read_bytes()
        checksum = hashlib.sha256(body).hexdigest()
        self.bytes[checksum] = body
        self.staged[branch][path] = checksum

    def delete(self, repository: str, branch: str, path: str) -> None:
        self.crash.tick()
        self.staged[branch].pop(path, None)

    def objects(self, repository: str, ref: str, prefix: str) -> Iterator[LakeObject]:
        for path, checksum in sorted(self.tree(ref).items()):
            if path.startswith(prefix):
                yield LakeObject(path, f"s3://lake/{repository}/data/{checksum}", len(self.bytes[checksum]))

    def folders(self, repository: str, ref: str, prefix: str) -> list[str]:
        below = (found.path.removeprefix(prefix) for found in self.objects(repository, ref, prefix))
        return sorted({path.partition("/")[0] for path in below if "/" in path})

    def read(self, repository: str, ref: str, path: str) -> bytes | None:
        self.crash.tick()
        checksum = self.tree(ref).get(path)
        return self.bytes[checksum] if checksum else None

    def download(self, repository: str, ref: str, path: str, file: Path) -> bool:
        body = self.read(repository, ref, path)
        if body is not None:
            file.write_bytes(body)
        return body is not None

    def uncommitted(self, repository: str, branch: str) -> set[str]:
        committed, staged = self._tree(branch), self.staged[branch]
        return {path for path in committed.keys() | staged.keys() if committed.get(path) != staged.get(path)}

    def commit(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        self.crash.tick()
        head = self.branch_commits[branch]
        if self.uncommitted(repository, branch):
            self.branch_commits[branch] = self._new_commit(self.staged[branch], metadata, head.id)
            return self.branch_commits[branch]
        return self._merge_of_delivery(metadata) or LakeCommit(head.id, {}) if head in self.commits else head

    def merge(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        self.crash.tick()
        ours, theirs, base = self._tree("main"), self._tree(branch), self.bases[branch]
        head, source = self.branch_commits["main"], self.branch_commits[branch]
        if theirs == base:
            brought = (commit for commit in self.commits if source.id in commit.parents[1:])
            return next(brought, None) or self._merge_of_delivery(metadata) or LakeCommit(head.id, {})
        changes = _changes(base, theirs)
        mine = _changes(base, ours)
        if any(path in mine and mine[path] != changes[path] for path in changes):
            self.delete_branch(repository, branch)
            raise MergeConflictError(f"{branch} conflicts with main of {repository}")
        merged = {path: sum_ for path, sum_ in {**ours, **changes}.items() if sum_ is not None}
        self.branch_commits["main"] = self._new_commit(merged, metadata, head.id, source.id)
        self.commits.append(self.branch_commits["main"])
        self.bases[branch] = theirs
        return self.branch_commits["main"]

    def revert(self, repository: str, branch: str, undone: LakeCommit, metadata: Mapping[str, str]) -> bool:
        self.crash.tick()
        back = _changes(self.trees[undone.id], self.trees[undone.parents[0]])
        since = _changes(self.trees[undone.id], self.staged[branch])
        if any(path in since and since[path] != back[path] for path in back):
            return False
        tree = {path: sum_ for path, sum_ in {**self.staged[branch], **back}.items() if sum_ is not None}
        if tree != self.staged[branch]:
            self.staged[branch] = tree
            self.branch_commits[branch] = self._new_commit(tree, metadata, self.branch_commits[branch].id)
        return True

    def _merge_of_delivery(self, metadata: Mapping[str, str]) -> LakeCommit | None:
        delivery = metadata.get(CORRELATION_KEY)
        merges = (commit for commit in reversed(self.commits) if commit.metadata.get(CORRELATION_KEY) == delivery)
        return next(merges, None) if delivery else None

    def delete_branch(self, repository: str, branch: str) -> None:
        self.crash.tick()
        for by_branch in (self.branch_commits, self.staged, self.bases):
            by_branch.pop(branch, None)

    def branches(self, repository: str, prefix: str) -> Iterator[LakeBranch]:
        self.crash.tick()
        for name, commit in list(self.branch_commits.items()):
            if name.startswith(prefix):
                yield LakeBranch(name, commit.id)

    def head(self, repository: str) -> str:
        return self.branch_commits["main"].id

    def made_at(self, repository: str) -> int:
        return self.made

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        ids = [commit.id for commit in self.commits]
        at = self.branch_commits[ref].id if ref in self.branch_commits else ref
        yield from reversed(self.commits[: ids.index(at) + 1])

    def commit_by_hand(self, changes: Mapping[str, bytes | None]) -> LakeCommit:
        """What a person does to main: objects written, or deleted where there is None, and no word of rows."""
        head = self.branch_commits["main"]
        tree = dict(self.trees[head.id])
        for path, body in changes.items():
            tree.pop(path, None)
            if body is not None:
                tree[path] = hashlib.sha256(body).hexdigest()
                self.bytes[tree[path]] = body
        self.branch_commits["main"] = self._new_commit(tree, {}, head.id)
        self.commits.append(self.branch_commits["main"])
        return self.branch_commits["main"]

    def tree(self, ref: str) -> Tree:
        if ref in self.staged:
            return self.staged[ref]
        return self.trees[ref] if ref in self.trees else self._tree("main")

    def _tree(self, branch: str) -> Tree:
        return self.trees[self.branch_commits[branch].id]

    def _new_commit(self, tree: Tree, metadata: Mapping[str, str], *parents: str) -> LakeCommit:
        commit = LakeCommit(f"c{len(self.trees)}", dict(metadata), parents)
        self.trees[commit.id] = dict(tree)
        return commit


def _changes(base: Tree, changed: Tree) -> dict[str, str | None]:
    """Paths that differ from the base, with what they became; None where they were removed."""
    return {p: changed.get(p) for p in base.keys() | changed.keys() if base.get(p) != changed.get(p)}


@dataclass
class LakeLabels:
    """The labels of what lies in a MemoryLake."""

    lake: MemoryLake
    read: list[str] = field(default_factory=list)

    def codes(self, physical_address: str) -> set[int]:
        self.read.append(physical_address)
        body = self.lake.bytes[physical_address.rpartition("/")[2]]
        return {int(code) for code in pl.read_parquet(io.BytesIO(body)).to_series(0).unique()}


@dataclass
class LakeFooters:
    """The footers of what lies in a MemoryLake."""

    lake: MemoryLake
    read: list[str] = field(default_factory=list)

    def rows(self, entry: LakeObject) -> int:
        self.read.append(entry.path)
        body = self.lake.bytes[entry.physical_address.rpartition("/")[2]]
        return pl.read_parquet(io.BytesIO(body)).height
