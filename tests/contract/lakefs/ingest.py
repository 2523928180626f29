"""Ingest cycles as a handler runs them, for tests that run many at once.

A module of its own, so that worker processes import it and little else.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository, Server

_TRIES = 8
_CONTENDED = (429, 500)

T = TypeVar("T")


def run_cycles(server: Server, repository_id: str, events: list[str]) -> dict[str, str]:
    """One cycle for each event; the merge commit of each."""
    repository = Repository(server.client(), repository_id, "")
    return {event: run_cycle(repository, event) for event in events}


def run_cycle(repository: Repository, event: str) -> str:
    """Branch, put, link, commit, merge, delete."""
    branch = repository.branch(f"ingest-{event}", hidden=True)
    for split in ("train", "test"):
        repository.put(branch, f"{split}/{event}.parquet", f"{split} {event}".encode())
    repository.commit(branch, metadata={"event": event})
    merged = _when_contended_again(lambda: repository.merge(branch, metadata={"event": event}))
    repository.client.branches_api.delete_branch(repository.id, branch)
    return merged


def _when_contended_again(merge: Callable[[], T]) -> T:
    """A real server gives up merges into a busy branch with 429, or loses a race with 500."""
    for attempt in range(_TRIES):
        try:
            return merge()
        except ApiException as error:
            if error.status not in _CONTENDED or attempt == _TRIES - 1:
                raise
            time.sleep(random.uniform(0, 0.1 * 2**attempt))  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable")
