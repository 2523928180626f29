"""Whether to train again, and whether what failed is tried again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Literal

from lakeloop import names
from lakeloop.contract import Retrain
from lakeloop.lake.ports import LakeCommit
from lakeloop.training.failure import explained, is_quota
from lakeloop.training.new_rows import Count, by_others, new_rows, since
from lakeloop.training.ports import TuningRun
from lakeloop.values.splits import seconds

RUNNING = frozenset({"InProgress", "Stopping"})
Reason = Literal["data", "job", "schedule", "drift", "person"]
"""Why it is decided now: new data, the end of a job, the clock, drift of what is predicted, or a person."""

# A job that fails costs money each time: after the third on the same data somebody has to look.
ATTEMPTS = 3
# After the first job that gave no model; doubled after each further one.
COOL_DOWN = timedelta(minutes=10)
# Clocks of callers and of SageMaker may differ by so much.
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True)
class Ask:
    """A person asks for a job on a commit, or the head of main where it is empty; the `id` tells asks apart."""

    id: str
    who: str
    why: str
    commit: str
    at: datetime


@dataclass(frozen=True)
class Situation:
    """What is decided on.

    `head` is that of main, `log` and `runs` come newest first, `contract` is the digest of today's, `count` counts
    where commits do not say how many rows they brought, `failure` says why a job gave no model. With `sparse_labels`
    rows may have none, and commits do not say which.
    """

    head: str
    log: Iterable[LakeCommit]
    runs: Iterable[TuningRun]
    contract: str
    now: datetime
    count: Count
    failure: Callable[[str], str]
    reason: Reason = "data"
    sparse_labels: bool = False


@dataclass(frozen=True)
class Decision:
    """To start a job on `commit`, or not; `key` tells it from other jobs on that commit: an attempt's number, an ask.

    `wait` says that time alone will change the decision, at `due` where that is known; `good` is False where somebody
    should look, `quota` where a quota of the account is too low; `run` is the job that stands in the way, `trained` the
    last one that gave a model; `others` counts the commits with new rows that no ingest made.
    """

    start: bool
    why: str
    commit: str
    key: str = "1"
    wait: bool = False
    due: datetime | None = None
    good: bool = True
    quota: bool = False
    run: str = ""
    trained: TuningRun | None = None
    others: int = 0


def decide(policy: Retrain, situation: Situation) -> Decision:
    """One job at a time per dataset, none before enough rows are new, and none for ever on data that fails.

    A job counts as trained when it gave a model, be it that a person stopped it then. Rows of a job that gave none are
    still new. A model that is too old, and drift, make one new row enough; without any, nothing could be learned that
    is not known. What failed is tried again under another name, until `ATTEMPTS` are used up: then only as many new
    rows as the policy asks for, another contract, or a person begin anew.
    """
    failed: list[TuningRun] = []
    trained: TuningRun | None = None
    running = ""
    for run in situation.runs:
        if run.status in RUNNING:
            running = running or run.name
        elif names.PINNED_TAG in run.tags:
            # A person chose its commit, which says nothing of what main has.
            continue
        elif run.models:
            trained = run
            break
        else:
            failed.append(run)
    if running:
        why = f"{running} is still running"
        return Decision(start=False, commit=situation.head, why=why, run=running, trained=trained)
    return replace(_decide(policy, situation, failed, trained), trained=trained)


def decide_asked(ask: Ask, situation: Situation) -> Decision:
    """One job for each ask, whatever is new: nobody asks in vain, and a message that comes twice starts one."""
    running, commit = "", ask.commit or situation.head
    trained: TuningRun | None = None
    for run in situation.runs:
        if run.tags.get(names.ASK_TAG) == ask.id:
            return Decision(start=False, commit=commit, why=f"{run.name} was started for this already", run=run.name)
        running = running or (run.name if run.status in RUNNING else "")
        trained = trained or (run if run.models and run.status not in RUNNING else None)
        if trained and run.created < ask.at - CLOCKS_DIFFER:
            break
    words = f"asked for by {ask.who}{f': {ask.why}' if ask.why else ''}"
    if running:
        why = f"{running} is still running: another job waits for its end, {words}"
        return Decision(start=False, commit=commit, why=why, wait=True, run=running)
    known = f", though {trained.name} has learned from this commit" if trained and trained.commit == commit else ""
    return Decision(start=True, commit=commit, why=f"{words}{known}", key=ask.id, trained=trained)


def _decide(policy: Retrain, situation: Situation, failed: Sequence[TuningRun], trained: TuningRun | None) -> Decision:
    head = situation.head
    special = _special(policy, situation, trained)
    if trained and trained.commit == head:
        why = f"{_nothing_new(special)}commit {head} is trained by {trained.name} already"
        return Decision(start=False, commit=head, why=why, run=trained.name)
    untrained, base = since(situation.log, trained.commit if trained else "")
    others = by_others(untrained)
    said = f", {others} of their commits by others" if others else ""

    def rows_since(commit: str) -> int:
        newer, found = since(untrained, commit)
        return new_rows(newer, found or base, situation.count, always=situation.sparse_labels)

    rows = rows_since("")
    needed = 1 if special else policy.min_new_rows
    if rows < needed:
        why = f"{_nothing_new(special)}{rows} new rows, {needed} needed{said}"
        return Decision(start=False, commit=head, why=why, others=others)
    mine = [run for run in failed if run.tags.get(names.CONTRACT_TAG, situation.contract) == situation.contract]
    recent = list(takewhile(lambda run: rows_since(run.commit) < policy.min_new_rows, mine))
    if held := _held_back(recent, policy, situation) if recent else _cooling(trained, policy, situation):
        return held
    attempt = 1 + sum(run.commit == head for run in failed)
    again = f", attempt {len(recent) + 1}{f' of {ATTEMPTS}' if len(recent) < ATTEMPTS else ''}" if recent else ""
    why = f"{f'{special}, ' if special else ''}{rows} new rows, at least {needed} needed{said}{again}"
    return Decision(start=True, commit=head, why=why, key=str(attempt), others=others)


def _special(policy: Retrain, situation: Situation, trained: TuningRun | None) -> str:
    """What makes few new rows enough, in words; empty when nothing does."""
    if situation.reason == "drift":
        return "drift"
    if trained is None or policy.max_age is None:
        return ""
    age = situation.now - (trained.ended or trained.created)
    if age < timedelta(seconds=seconds(policy.max_age)):
        return ""
    return f"the model is {_told(age)} old, retrain.max_age is {policy.max_age}"


def _nothing_new(special: str) -> str:
    """How a sentence begins that says why no job starts, where something asks for one."""
    if not special:
        return ""
    return "drift without labels: " if special == "drift" else f"{special}, and nothing is new: "


def _held_back(recent: Sequence[TuningRun], policy: Retrain, situation: Situation) -> Decision | None:
    """Why what failed on this data, newest first, is not tried again now; None when it is."""
    last, head = recent[0], situation.head
    reason = situation.failure(last.name)
    told = f". Its reason: {explained(reason)}"
    anew = f"waits for {policy.min_new_rows} new rows, for a changed contract, or for a person (`lakeloop train`)"
    if last.status == "Stopped":
        why = f"{last.name} was stopped before it gave a model: {anew}{told}"
        return Decision(start=False, commit=head, why=why, good=False, run=last.name)
    pause = max(COOL_DOWN, _cool_down(policy)) * 2 ** (len(recent) - 1)
    due = (last.ended or last.created) + pause
    quota = is_quota(reason)
    # A job that no instance was given for has cost nothing: who sends its message again may have raised the quota.
    sent_again = quota and situation.reason in ("data", "job") and situation.now >= due
    if len(recent) >= ATTEMPTS and not sent_again:
        why = f"{len(recent)} jobs on this data gave no model, the last was {last.name}: {anew}{told}"
        return Decision(start=False, commit=head, why=why, good=False, quota=quota, run=last.name)
    if situation.now < due:
        follows = f"attempt {len(recent) + 1} of {ATTEMPTS} follows after {due:%H:%M} UTC"
        why = f"{last.name} gave no model: {follows}{told}"
        return Decision(start=False, commit=head, why=why, wait=True, due=due, good=False, quota=quota, run=last.name)
    return None


def _cooling(trained: TuningRun | None, policy: Retrain, situation: Situation) -> Decision | None:
    """Why no job follows the last model yet; None when one may."""
    if trained is None:
        return None
    due = (trained.ended or trained.created) + _cool_down(policy)
    if situation.now >= due:
        return None
    why = f"{trained.name} ended just now: the next job follows after {due:%Y-%m-%d %H:%M} UTC, by retrain.cool_down"
    return Decision(start=False, commit=situation.head, why=why, wait=True, due=due, run=trained.name)


def _cool_down(policy: Retrain) -> timedelta:
    return timedelta(seconds=seconds(policy.cool_down)) if policy.cool_down else timedelta()


def _told(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"
