"""What the loop asks of lakeFS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class LakeObject:
    """One object at a lakeFS reference; `physical_address` is where its bytes lie in S3."""

    path: str
    physical_address: str
    size_bytes: int


@dataclass(frozen=True)
class LakeCommit:
    id: str
    metadata: Mapping[str, str]


class Lake(Protocol):
    """The versioned side: one repository per dataset, `main` protected."""

    def ensure_branch(self, repository: str, branch: str) -> None:
        """Create a hidden branch from main, or keep the one a crashed attempt left."""

    def upload(self, repository: str, branch: str, path: str, file: Path) -> None: ...

    def delete(self, repository: str, branch: str, path: str) -> None: ...

    def objects(self, repository: str, ref: str, prefix: str) -> Iterator[LakeObject]: ...

    def uncommitted(self, repository: str, branch: str) -> set[str]:
        """Paths that differ from the branch's last commit."""

    def commit(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        """Commit what is uncommitted; with nothing to commit, the branch's last commit."""

    def merge(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        """Merge into main; with nothing to merge, the head of main. A conflict deletes the branch and is transient."""

    def delete_branch(self, repository: str, branch: str) -> None: ...

    def head(self, repository: str) -> str:
        """The commit that main points to."""

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        """Commits from `ref` back to the first, along main's own line."""
