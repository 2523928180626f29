"""Whether new data is enough to train again."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from lakeloop.contract import Retrain
from lakeloop.lake.ports import LakeCommit
from lakeloop.training.ports import TuningRun

RUNNING = frozenset({"InProgress", "Stopping"})


@dataclass(frozen=True)
class Decision:
    start: bool
    why: str


def new_rows(log: Iterable[LakeCommit], trained_commit: str) -> int:
    """Rows committed since the commit that was trained last; all of them when none was."""
    untrained = takewhile(lambda commit: commit.id != trained_commit, log)
    return sum(int(commit.metadata.get("rows_committed", 0)) for commit in untrained)


def decide(policy: Retrain, *, head: str, rows: int, last: TuningRun | None) -> Decision:
    """One job at a time per dataset, and none before enough rows are new."""
    if last and last.commit == head:
        return Decision(start=False, why=f"commit {head} is trained by {last.name} already")
    if last and last.status in RUNNING:
        return Decision(start=False, why=f"{last.name} is still running")
    if rows < policy.min_new_rows:
        return Decision(start=False, why=f"{rows} new rows, {policy.min_new_rows} needed")
    return Decision(start=True, why=f"{rows} new rows, at least {policy.min_new_rows} needed")
