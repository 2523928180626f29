"""What should have happened and has not, told from the state of things alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lakeloop import names
from lakeloop.deployment.decision import BROKEN
from lakeloop.deployment.ports import EndpointState
from lakeloop.lake.ports import LakeCommit
from lakeloop.reconciliation.ports import Step
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.registry.wish import wished
from lakeloop.reports import StepReport
from lakeloop.training.ports import ENDED, TuningRun

# An event that is on its way, or its message with a function that works on it, is not lost.
GRACE = timedelta(minutes=15)
# Older jobs were looked at when they were new, or by a person since.
LOOKED_BACK = timedelta(days=14)
# The longest update of an endpoint: ten minutes for instances, a canary and its alarms for an hour, and as much again.
STUCK = timedelta(hours=3)


@dataclass(frozen=True)
class Seen:
    """One dataset as its systems of record have it; versions and jobs are newest first.

    `changed` is the newest commit of main that brought or took rows. `serving` is the ARN of the version that the
    endpoint's config is made of; `off` says that a person wants no endpoint. `endpoint` is the one that callers are
    sent to, `beside` the dataset's other one.
    """

    dataset: str
    now: datetime
    changed: LakeCommit | None
    runs: Sequence[TuningRun]
    versions: Sequence[ModelVersion]
    endpoint: EndpointState | None
    serving: str
    off: bool
    trained: StepReport | None
    deployed: StepReport | None
    beside: EndpointState | None = None


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be; `name` is the same while nothing changes about it.

    `wakes` is the step that can do something about it, `about` what to tell it: a commit, a job, a version; without a
    step a person has to look.
    """

    name: str
    why: str
    wakes: Step | None = None
    about: str = ""


def findings(seen: Seen) -> Iterator[Finding]:
    yield from _unjudged(seen)
    yield from _unseen_by_training(seen)
    if not seen.off:
        yield from _endpoint(seen)


def _unjudged(seen: Seen) -> Iterator[Finding]:
    """Jobs that ended with a model of which there is no version."""
    judged = {version.metadata.get(lineage.TUNING_JOB) for version in seen.versions}
    for run in seen.runs:
        ended = run.ended or run.created
        if run.status in ENDED and run.models and run.name not in judged and _is_due(ended, seen.now):
            yield Finding(
                f"unjudged {run.name}", f"{run.name} ended and its model is not judged", "evaluate_model", run.name
            )


def _unseen_by_training(seen: Seen) -> Iterator[Finding]:
    """What start_tuning has not looked at: rows that came, and the end of the last job."""
    looked = seen.trained.at if seen.trained else datetime.fromtimestamp(0, UTC)
    commit = seen.changed
    if commit:
        came = datetime.fromtimestamp(commit.created, UTC)
        if looked < came and _is_due(came, seen.now):
            yield Finding(
                f"unseen {commit.id}", f"nobody looked whether to train on {commit.id}", "start_tuning", commit.id
            )
            return
    last = next(iter(seen.runs), None)
    if last and last.ended and last.status in ENDED and looked < last.ended and _is_due(last.ended, seen.now):
        yield Finding(f"ended {last.name}", f"nobody looked on after {last.name} ended", "start_tuning", last.name)


def _endpoint(seen: Seen) -> Iterator[Finding]:
    """An endpoint that is not what its one wish says, or that got nowhere."""
    wish = wished(version for version in seen.versions if version.approval is Approval.APPROVED)
    state = seen.endpoint
    if state and state.status not in ("InService", *BROKEN):
        since = seen.deployed.at if seen.deployed else None
        if since and seen.now - since > STUCK:
            why = f"endpoint {state.name} is {state.status} since {since:%Y-%m-%d %H:%M}: see its events in SageMaker"
            yield Finding(f"stuck {state.status} {since.isoformat()}", why)
    elif state and state.status in BROKEN and wish is None:
        reason = state.failure_reason or "SageMaker gives no reason"
        yield Finding(f"broken {state.config}", f"endpoint {state.name} is {state.status}: {reason}. Approve a version")
    elif wish and seen.beside and not _is_unserved(seen, wish) and seen.beside.status != "Deleting":
        if seen.deployed is None or seen.now - seen.deployed.at > GRACE:
            why = f"endpoint {seen.beside.name} is {seen.beside.status} and answers nobody"
            yield Finding(f"left over {seen.beside.name} {seen.beside.config}", why, "deploy_model", wish.arn)
    elif wish and _is_unserved(seen, wish) and seen.now - wish.settled > GRACE:
        found = f"{state.status} with {state.config}" if state else "not there"
        yield Finding(
            f"unserved {wish.arn} {wish.settled.isoformat()} {found}",
            f"version {wish.version} is approved and the endpoint is {found}",
            "deploy_model",
            wish.arn,
        )
    elif wish and state and _is_untold(seen, state):
        why = f"version {wish.version} serves and nobody noted it: the update's end was not told"
        yield Finding(f"untold {state.config}", why, "deploy_model", wish.arn)


def _is_untold(seen: Seen, state: EndpointState) -> bool:
    """Whether the endpoint says of itself that it serves something else, or nothing, long after the last step."""
    told = state.tags.get(names.SERVED_CONFIG_TAG) == state.config
    return not told and (seen.deployed is None or seen.now - seen.deployed.at > GRACE)


def _is_unserved(seen: Seen, wish: ModelVersion) -> bool:
    return seen.endpoint is None or seen.endpoint.status in BROKEN or seen.serving != wish.arn


def _is_due(moment: datetime, now: datetime) -> bool:
    return GRACE < now - moment < LOOKED_BACK
