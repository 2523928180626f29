"""What a real server remembers for some seconds, so that a change is not seen at once."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lakeloop.local.lakefs.errors import Forbidden
from lakeloop.local.lakefs.refs import is_protected
from lakeloop.local.lakefs.repositories import Repository

CACHED_SECONDS = 5.0


class ProtectionCache:
    """The rules that a writer meets: those that were there when somebody wrote last, for some seconds."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Sequence[str]]] = {}

    def check_unprotected(self, repository: Repository, branch: str) -> None:
        now = time.monotonic()
        until, patterns = self._known.get(repository.uid, (now, ()))
        if now >= until:
            patterns = repository.protected
            self._known[repository.uid] = (now + CACHED_SECONDS, patterns)
        if is_protected(branch, patterns):
            raise Forbidden(f"cannot write to protected branch {branch}")


class DeletedRepositories:
    """Repositories that are read, and whose names are taken, for some seconds after they were deleted."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Repository]] = {}

    def add(self, repository: Repository) -> None:
        self._kept[repository.id] = (time.monotonic() + CACHED_SECONDS, repository)

    def find(self, repository_id: str) -> Repository | None:
        until, repository = self._kept.get(repository_id, (0.0, None))
        return repository if time.monotonic() < until else None
