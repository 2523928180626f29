"""Taking away the branches that killed or refused ingests left behind.

They are hidden, and nobody comes back for most of them: a delivery that is repeated may be grouped otherwise and then
has another name. What they hold is kept from garbage collection.
"""

from collections.abc import Mapping

from lakeloop.lake.ports import Branches, LakeBranch
from lakeloop.names import INGEST_BRANCH, MAIN

# An ingest works on its branch for minutes. A delivery that is repeated later than this makes its branch anew.
ORPHAN_SECONDS = 24 * 3600.0


def sweep(lake: Branches, repository: str, *, now: float, orphan_seconds: float = ORPHAN_SECONDS) -> list[str]:
    """Delete the ingest branches that nobody has used for so long; their names. `now` is in seconds since 1970."""
    branches = list(lake.branches(repository, INGEST_BRANCH))
    heads = {branch.name: lake.commit_at(repository, branch.commit).created for branch in branches}
    followers = _followers(lake, repository, min(heads.values(), default=now))
    swept = []
    for branch in branches:
        used = lake.last_written(repository, branch.name) or _known_age(branch, heads[branch.name], followers)
        if used is not None and now - used > orphan_seconds:
            lake.delete_branch(repository, branch.name)
            swept.append(branch.name)
    return swept


def _known_age(branch: LakeBranch, head_created: int, followers: Mapping[str, int | None]) -> int | None:
    """When a branch with nothing uncommitted was used last, or was there already at the latest; None if unknown.

    lakeFS does not say when a branch was made. One with a commit of its own was used then. Any other points to the
    commit that was main's head when it was made, so it is older than the commit that followed on main; while none
    followed, nobody can tell.
    """
    return followers.get(branch.commit, head_created)


def _followers(lake: Branches, repository: str, oldest: float) -> dict[str, int | None]:
    """When main moved on from each of its commits, back to those made at `oldest`; None for its head."""
    followers: dict[str, int | None] = {}
    newer: int | None = None
    for commit in lake.log(repository, MAIN):
        followers[commit.id] = newer
        if commit.created < oldest:
            break
        newer = commit.created
    return followers
