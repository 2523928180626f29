"""Branches on which main is changed: hidden, of one try alone, and gone behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from lakeloop.lake.ports import Lake
from lakeloop.names import INGEST_BRANCH
from lakeloop.observability import logger


@contextmanager
def own_branch(lake: Lake, repository: str, correlation_id: str) -> Iterator[str]:
    """A new branch of main that no other try shares. One that cannot be deleted is swept later."""
    branch = f"{INGEST_BRANCH}{correlation_id}-{uuid4().hex[:8]}"
    lake.ensure_branch(repository, branch)
    try:
        yield branch
    except Exception:
        _drop(lake, repository, branch)
        raise
    _drop(lake, repository, branch)


def _drop(lake: Lake, repository: str, branch: str) -> None:
    try:
        lake.delete_branch(repository, branch)
    except Exception:  # noqa: BLE001 what was merged is merged
        logger.exception("a branch is left behind", extra={"branch": branch})
