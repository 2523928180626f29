"""Branches on which main is changed: hidden, of one try alone, and gone behind it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import uuid4

from lakeloop.errors import MergeConflictError
from lakeloop.lake.ports import Lake
from lakeloop.names import INGEST_BRANCH, MAIN
from lakeloop.observability import logger

R = TypeVar("R")

# How often a merge is tried before deliveries that are quicker win for now.
TRIES = 5


@contextmanager
def own_branch(lake: Lake, repository: str, correlation_id: str, at: str = MAIN) -> Iterator[str]:
    """A new branch, of main unless told, that no other try shares. One that cannot be deleted is swept later."""
    branch = f"{INGEST_BRANCH}{correlation_id}-{uuid4().hex[:8]}"
    lake.ensure_branch(repository, branch, at)
    try:
        yield branch
    except Exception:
        _drop(lake, repository, branch)
        raise
    _drop(lake, repository, branch)


def in_tries(lake: Lake, repository: str, correlation_id: str, merge: Callable[[str], R]) -> R | None:
    """What merging a branch of its own answers; None where others were quicker at this part of main each time."""
    for _ in range(TRIES):
        try:
            with own_branch(lake, repository, correlation_id) as branch:
                return merge(branch)
        except MergeConflictError as error:
            logger.info("begins again", extra={"repository": repository, "why": str(error)})
    return None


def _drop(lake: Lake, repository: str, branch: str) -> None:
    try:
        lake.delete_branch(repository, branch)
    except Exception:  # noqa: BLE001 what was merged is merged
        logger.exception("a branch is left behind", extra={"branch": branch})
