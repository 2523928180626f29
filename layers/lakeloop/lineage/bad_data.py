"""Which commits of main hold data that was rolled back since, and so which models learned from it.

Bad rows live on in all commits after the one that brought them, until the one that took them back.
"""

from collections.abc import Iterable

from lakeloop.lake.ports import LakeCommit

ROLLED_BACK = "rolled_back"
"""A commit's metadata under this key names the commits that it takes back, with commas between."""


def taken_back_since(log: Iterable[LakeCommit], data_commit: str) -> LakeCommit | None:
    """The rollback of data that a commit of main has; None where all of its data is still wanted.

    `log` is main's own line, newest first. A commit that is not on it, as of a dataset that was made anew, has none.
    """
    rollbacks: list[LakeCommit] = []
    older = set[str]()
    for commit in log:
        if older or data_commit in commit.ids:
            older |= set(commit.ids)
        elif ROLLED_BACK in commit.metadata:
            rollbacks.append(commit)
    return next((found for found in rollbacks if older & set(taken_back(found))), None)


def is_on(log: Iterable[LakeCommit], data_commit: str) -> bool:
    """Whether main, whose own line the log is, has a commit, or merged it as the head of a branch."""
    return any(data_commit in commit.ids for commit in log)


def taken_back(rollback: LakeCommit) -> list[str]:
    """The ids of the commits that a commit takes back."""
    return [id_ for id_ in rollback.metadata.get(ROLLED_BACK, "").split(",") if id_]
