"""Whether new data is enough to train again, and whether what failed is tried again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from lakeloop import names
from lakeloop.contract import Retrain
from lakeloop.lake.ports import LakeCommit
from lakeloop.training.new_rows import Count, by_others, new_rows, since
from lakeloop.training.ports import TuningRun

RUNNING = frozenset({"InProgress", "Stopping"})

# A job that fails costs money each time: after the third on the same data somebody has to look.
ATTEMPTS = 3
# Before the second and the third. Both fit into the two hours for which a message that waits comes back.
COOL_DOWNS = (timedelta(minutes=10), timedelta(minutes=40))


@dataclass(frozen=True)
class Decision:
    """To start a job on `commit`, the head of main, or not; `attempt` counts the jobs on that commit from 1.

    `wait` says that time alone will change the decision; `good` is False where somebody should look; `run` is the job
    that stands in the way, `trained` the last one that gave a model; `others` counts the commits with new rows that no
    ingest made.
    """

    start: bool
    why: str
    commit: str
    attempt: int = 1
    wait: bool = False
    good: bool = True
    run: str = ""
    trained: TuningRun | None = None
    others: int = 0


def decide(
    policy: Retrain,
    *,
    head: str,
    log: Iterable[LakeCommit],
    runs: Iterable[TuningRun],
    contract: str,
    now: datetime,
    count: Count,
) -> Decision:
    """One job at a time per dataset, none before enough rows are new, and none for ever on data that fails.

    `log` and `runs` come newest first, `contract` is the digest of today's, `count` counts where commits do not say how
    many rows they brought. A job counts as trained when it gave a
    model, be it that a person stopped it then. Rows of a job that gave none are still new. What failed is tried again
    under another name, until `ATTEMPTS` are used up: then only as many new rows as the policy asks for, or another
    contract, begin anew.
    """
    failed: list[TuningRun] = []
    trained: TuningRun | None = None
    for run in runs:
        if run.status in RUNNING:
            return Decision(start=False, commit=head, why=f"{run.name} is still running", run=run.name)
        if run.models:
            trained = run
            break
        failed.append(run)
    decision = _decide(
        policy, head=head, log=log, failed=failed, trained=trained, contract=contract, now=now, count=count
    )
    return replace(decision, trained=trained)


def _decide(
    policy: Retrain,
    *,
    head: str,
    log: Iterable[LakeCommit],
    failed: Sequence[TuningRun],
    trained: TuningRun | None,
    contract: str,
    now: datetime,
    count: Count,
) -> Decision:
    if trained and trained.commit == head:
        why = f"commit {head} is trained by {trained.name} already"
        return Decision(start=False, commit=head, why=why, run=trained.name)
    untrained, base = since(log, trained.commit if trained else "")
    others = by_others(untrained)
    said = f", {others} of their commits by others" if others else ""

    def rows_since(commit: str) -> int:
        newer, found = since(untrained, commit)
        return new_rows(newer, found or base, count)

    rows = rows_since("")
    if rows < policy.min_new_rows:
        why = f"{rows} new rows, {policy.min_new_rows} needed{said}"
        return Decision(start=False, commit=head, why=why, others=others)
    mine = [run for run in failed if run.tags.get(names.CONTRACT_TAG, contract) == contract]
    recent = list(takewhile(lambda run: rows_since(run.commit) < policy.min_new_rows, mine))
    if recent and (held := _held_back(recent, policy, head, now)):
        return held
    attempt = 1 + sum(run.commit == head for run in failed)
    again = f", attempt {len(recent) + 1} of {ATTEMPTS}" if recent else ""
    why = f"{rows} new rows, at least {policy.min_new_rows} needed{said}{again}"
    return Decision(start=True, commit=head, why=why, attempt=attempt, others=others)


def _held_back(recent: Sequence[TuningRun], policy: Retrain, head: str, now: datetime) -> Decision | None:
    """Why what failed on this data, newest first, is not tried again now; None when it is."""
    last = recent[0]
    anew = f"waits for {policy.min_new_rows} new rows, for a changed contract, or for a person who deletes the job"
    if last.status == "Stopped":
        why = f"{last.name} was stopped before it gave a model: {anew}"
        return Decision(start=False, commit=head, why=why, good=False, run=last.name)
    if len(recent) >= ATTEMPTS:
        why = f"{len(recent)} jobs on this data gave no model, the last was {last.name}: {anew}"
        return Decision(start=False, commit=head, why=why, good=False, run=last.name)
    due = (last.ended or last.created) + COOL_DOWNS[len(recent) - 1]
    if now < due:
        why = f"{last.name} gave no model: attempt {len(recent) + 1} of {ATTEMPTS} follows after {due:%H:%M} UTC"
        return Decision(start=False, commit=head, why=why, wait=True, good=False, run=last.name)
    return None
