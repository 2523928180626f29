"""What can be seen of the loop while it works: each function takes what was read and says how far it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from lakeloop import names
from lakeloop.client.errors import LoopFailedError
from lakeloop.client.waiting import Look
from lakeloop.deployment.decision import outcome
from lakeloop.deployment.ports import EndpointState
from lakeloop.ingest.notification import LandedObject
from lakeloop.lake.ports import LakeCommit
from lakeloop.lake.sources import sources
from lakeloop.registry.ports import ModelVersion
from lakeloop.training.ports import TuningRun

READ_TRIALS_LOG = "read the trials' log group /aws/sagemaker/TrainingJobs; locally, `lakeloop logs sagemaker`"
TUNING_FAILED = frozenset({"Failed", "Stopped", "DeleteFailed"})


@dataclass(frozen=True)
class Drop:
    """A file as it was dropped."""

    landed: LandedObject
    sha256: str
    rows: int


@dataclass(frozen=True)
class Ingested:
    """Where the rows of a dropped file went; `commit` is empty when the whole file was quarantined."""

    commit: str
    rows_committed: int
    rows_quarantined: int
    quarantine_uri: str

    def __str__(self) -> str:
        quarantined = f", {self.rows_quarantined} quarantined" if self.rows_quarantined else ""
        if not self.commit:
            return f"the file is quarantined whole at {self.quarantine_uri}"
        return f"{self.rows_committed} rows in commit {self.commit[:12]}{quarantined}"


@dataclass(frozen=True)
class Postponed:
    """No tuning now, by the dataset's own retrain policy."""

    why: str


@dataclass(frozen=True)
class Trial:
    """One training job of a tuning job; `value` is None until it has ended well."""

    name: str
    status: str
    value: float | None


@dataclass(frozen=True)
class TuningState:
    """How far a tuning job is."""

    name: str
    status: str
    failure_reason: str


def look_for_rows(drop: Drop, log: Iterable[LakeCommit]) -> Look[Ingested]:
    """Look for a dropped file on main, newest commit first.

    The same bytes dropped again under the same name change nothing: the commit that has them already is the answer.
    """
    ours = ((commit, source) for commit in log for source in sources(commit) if source.uri == drop.landed.uri)
    commit, source = next(ours, (None, None))
    if commit and source and (source.version == drop.landed.version or source.sha256 == drop.sha256):
        found = Ingested(commit.id, source.rows_committed, source.rows_quarantined, source.quarantine_uri)
        again = "" if source.version == drop.landed.version else "nothing new, the same file is there already: "
        return Look(f"{again}{found}", found)
    return Look(f"{drop.landed.uri} is not on main yet")


def look_for_rejection(drop: Drop, quarantine_uri: str, quarantined: int) -> Look[Ingested]:
    """Look whether the whole file was set aside; no commit tells of a file that brought nothing to main."""
    if quarantined < drop.rows or not quarantined:
        return Look(f"{drop.landed.uri} is not on main yet")
    whole = Ingested("", 0, quarantined, quarantine_uri)
    return Look(str(whole), whole)


def look_for_tuning(last: TuningRun | None, commits: Sequence[str], why_not: str) -> Look[TuningRun | Postponed]:
    """Look for a tuning job on one of these commits; `why_not` is the rule that keeps the loop from starting one."""
    if last and last.commit in commits:
        return Look(f"{last.name} on commit {last.commit[:12]}", last)
    if why_not:
        return Look(why_not, Postponed(why_not))
    return Look("no tuning job yet")


def look_at_trials(tuning: TuningState, trials: list[Trial], *, planned: int, maximize: bool) -> Look[list[Trial]]:
    """Look whether a tuning job has ended well. Raises LoopFailedError when it has ended otherwise."""
    text = describe_trials(trials, planned=planned, maximize=maximize)
    if tuning.status in TUNING_FAILED:
        what = f"tuning job {tuning.name} ended {tuning.status}: {tuning.failure_reason or text}"
        raise LoopFailedError(what, READ_TRIALS_LOG)
    return Look(text, trials if tuning.status == "Completed" else None)


def describe_trials(trials: Sequence[Trial], *, planned: int, maximize: bool) -> str:
    """Like `4 of 6 trials done, 2 running, best 0.98812`."""
    values = [trial.value for trial in trials if trial.value is not None]
    running = sum(trial.status == "InProgress" for trial in trials)
    failed = sum(trial.status == "Failed" for trial in trials)
    best = [f"best {(max if maximize else min)(values):.5f}"] if values else []
    counts = [f"{len(values)} of {planned} trials done", *_count(running, "running"), *_count(failed, "failed")]
    return ", ".join(chain(counts, best))


def _count(number: int, state: str) -> list[str]:
    return [f"{number} {state}"] if number else []


def look_at_verdict(version: ModelVersion | None, complaint: str) -> Look[ModelVersion]:
    """Look whether the model of a tuning job was judged, whatever the verdict.

    `complaint` is what keeps it from being judged, empty where nothing is known to.
    """
    if version is None:
        return Look(complaint or "its test rows are being scored")
    return Look(described(version), version)


def described(version: ModelVersion) -> str:
    """Like `version 3 is Rejected: no gain on 850 test rows`."""
    return f"version {version.version} is {version.approval}: {version.why}"


def look_at_endpoint(state: EndpointState | None, tuning_job: str) -> Look[EndpointState]:
    """Look whether an endpoint serves the model of a tuning job. Raises LoopFailedError when it never will."""
    if state is None:
        return Look("no endpoint yet")
    if state.tags.get(names.TUNING_JOB_TAG) != tuning_job:
        return Look(f"{state.name} still serves the model of {state.tags.get(names.TUNING_JOB_TAG, 'an unknown job')}")
    result = outcome(state)
    if result.done and result.good:
        return Look(f"{state.name} is {state.status}", state)
    if result.done:
        raise LoopFailedError(
            f"endpoint {state.name} does not serve the new model: {result.why}",
            "read the log group /aws/sagemaker/Endpoints/ of the endpoint; locally, `lakeloop logs sagemaker`",
        )
    return Look(f"{state.name} is {state.status}")
