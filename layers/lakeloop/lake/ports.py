"""What the loop asks of lakeFS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lakeloop.names import MAIN

# A commit's metadata under this key tells one delivery's commits from all others.
CORRELATION_KEY = "correlation_id"
ROWS_KEY = "rows_committed"
# Of those, rows that replaced equal ones, and rows that were left out because main has newer ones of their keys.
NOT_NEW = ("rows_equal", "rows_older")
# Under a split by time: the rows that came to train, which are all that a model can learn more from.
NEW_ROWS_KEY = "rows_new"


@dataclass(frozen=True)
class LakeObject:
    """One object at a lakeFS reference; `physical_address` is where its bytes lie in S3."""

    path: str
    physical_address: str
    size_bytes: int


@dataclass(frozen=True)
class LakeCommit:
    """A commit; `created` is in seconds since 1970, `parents` begin with the one on the branch's own line.

    `parents` and `created` are known of commits that were read back, not of one that was just made.
    """

    id: str
    metadata: Mapping[str, str]
    parents: tuple[str, ...] = ()
    created: int = 0

    @property
    def ids(self) -> tuple[str, ...]:
        """Its own, and those of the heads of branches that it merged."""
        return (self.id, *self.parents[1:])

    @property
    def rows(self) -> int | None:
        """The rows it brought that are new to training; None where it does not say, as of what a person did."""
        if ROWS_KEY not in self.metadata:
            return None
        if NEW_ROWS_KEY in self.metadata:
            return int(self.metadata[NEW_ROWS_KEY])
        return int(self.metadata[ROWS_KEY]) - sum(int(self.metadata.get(key, 0)) for key in NOT_NEW)


@dataclass(frozen=True)
class LakeBranch:
    """A branch and the commit that it points to."""

    name: str
    commit: str


class Lake(Protocol):
    """The versioned side: one repository per dataset, `main` protected."""

    def ensure_branch(self, repository: str, branch: str, at: str = MAIN, *, hidden: bool = True) -> None:
        """Create a branch at a reference, or keep the one of that name that is there, such as a crashed attempt's."""

    def upload(self, repository: str, branch: str, path: str, file: Path) -> None: ...

    def delete(self, repository: str, branch: str, path: str) -> None: ...

    def objects(self, repository: str, ref: str, prefix: str) -> Iterator[LakeObject]:
        """What lies below the prefix; an object whose bytes are in another bucket than the lake's is an error."""

    def folders(self, repository: str, ref: str, prefix: str) -> list[str]:
        """The names directly below a prefix that ends with a slash and that have something below them."""

    def read(self, repository: str, ref: str, path: str) -> bytes | None:
        """A small object; None where there is none."""

    def download(self, repository: str, ref: str, path: str, file: Path) -> bool:
        """Write an object to a local file; False where there is none."""

    def uncommitted(self, repository: str, branch: str) -> set[str]:
        """Paths that differ from the branch's last commit."""

    def commit(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        """Commit what is uncommitted.

        With nothing to commit, the commit that an earlier try of this delivery made; where there is none, a
        commit without metadata.
        """

    def revert(self, repository: str, branch: str, undone: LakeCommit, metadata: Mapping[str, str]) -> bool:
        """Undo on a branch, in a commit of its own, what a commit did to its first parent; done before is done.

        False, and nothing changed, where later commits wrote the same objects.
        """

    def merge(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        """Merge into main. A conflict deletes the branch and raises MergeConflictError.

        With nothing to merge, the merge that an earlier try of this delivery made; where there is none, the head
        of main without metadata: it is another's, and no rows of it are this delivery's.
        """

    def branches(self, repository: str, prefix: str) -> Iterator[LakeBranch]:
        """Branches whose names begin so, hidden ones too."""

    def delete_branch(self, repository: str, branch: str) -> None: ...

    def head(self, repository: str) -> str:
        """The commit that main points to."""

    def made_at(self, repository: str) -> int:
        """When the repository was made, in seconds since 1970."""

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        """Commits from `ref` back to the first, along main's own line."""


class Branches(Protocol):
    """What sweeping asks of lakeFS."""

    def branches(self, repository: str, prefix: str) -> Iterator[LakeBranch]:
        """Branches whose names begin so, hidden ones too."""

    def commit_at(self, repository: str, ref: str) -> LakeCommit: ...

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        """Commits from `ref` back to the first, along main's own line."""

    def last_written(self, repository: str, branch: str) -> int | None:
        """When the newest uncommitted object of the branch was written, in seconds since 1970; None without one."""

    def delete_branch(self, repository: str, branch: str) -> None: ...
