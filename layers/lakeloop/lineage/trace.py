"""From a landed file to the endpoint that serves its model, and from the endpoint back to its files.

Nothing is kept for it: all of it is told by the commits of main, the tuning jobs, the model versions and the endpoint.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lakeloop import names
from lakeloop.capture.record import Capture
from lakeloop.deployment.requests import is_made_of
from lakeloop.lake.ports import LakeCommit
from lakeloop.lake.sources import sources
from lakeloop.lineage.bad_data import taken_back, taken_back_since
from lakeloop.registry import lineage
from lakeloop.registry.ports import ModelVersion
from lakeloop.training.ports import TuningRun

Kind = Literal["file", "commit", "job", "model", "endpoint", "prediction"]

# Of a commit that holds thousands of files, a person reads the first.
MOST_FILES = 20


@dataclass(frozen=True)
class Node:
    """One thing of the chain, with what is said of it and what follows it in the direction that is walked."""

    kind: Kind
    name: str
    facts: Mapping[str, str] = field(default_factory=dict)
    then: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Trace:
    """What was asked for, what it was made of, and what came of it."""

    dataset: str
    asked: Node
    made_of: tuple[Node, ...]
    led_to: tuple[Node, ...]


@dataclass(frozen=True)
class Endpoint:
    """`version` is the ARN of the version that serves, `status` SageMaker's word."""

    name: str
    status: str
    version: str


@dataclass(frozen=True)
class Records:
    """One dataset as its systems of record have it: main's log, jobs and versions, each newest first.

    `files_at` tells the addresses of the files on main at a commit, with their rows.
    """

    dataset: str
    log: Sequence[LakeCommit]
    runs: Sequence[TuningRun]
    versions: Sequence[ModelVersion]
    endpoint: Endpoint | None
    files_at: Callable[[str], Iterable[tuple[str, int]]]


class Tracer:
    """Walks the records both ways."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def file(self, uri: str) -> Trace | None:
        """None where no commit of main brought the file."""
        brought = [commit for commit in self._records.log if uri in {source.uri for source in sources(commit)}]
        if not brought:
            return None
        asked = Node("file", uri, self._state_of(uri, brought[0]))
        return self._trace(asked, (), [self._commit_onward(commit) for commit in reversed(brought)])

    def commit(self, id_: str) -> Trace | None:
        """A commit of main by its id, or by that of the branch it merged, or how either begins."""
        found = next((commit for commit in self._records.log if _begins(commit, id_)), None)
        if found is None:
            return None
        asked = Node("commit", found.id, self._facts_of(found))
        return self._trace(asked, self._own_files(found), self._commit_onward(found).then)

    def job(self, name: str) -> Trace | None:
        run = next((run for run in self._records.runs if run.name == name), None)
        if run is None:
            return None
        asked = Node("job", name, _facts_of_run(run))
        return self._trace(asked, [self._commit_back(run.commit)], self._versions_onward(run))

    def model(self, version: int) -> Trace | None:
        found = next((one for one in self._records.versions if one.version == version), None)
        if found is None:
            return None
        node = self._version_back(found)
        return self._trace(Node("model", node.name, node.facts), node.then, self._served_by(found))

    def endpoint(self) -> Trace | None:
        served = self._records.endpoint
        if served is None:
            return None
        asked = Node("endpoint", served.name, {"status": served.status})
        version = next((one for one in self._records.versions if one.arn == served.version), None)
        return self._trace(asked, [self._version_back(version)] if version else [], ())

    def prediction(self, capture: Capture, label: str, window: str) -> Trace:
        """From an answer to the model that gave it, and to what learned from it since.

        `label` is what callers said of it, empty without any; `window` the file that both are a row of then.
        """
        facts = {"at": capture.predicted_at.isoformat(timespec="seconds"), "said": capture.prediction}
        if capture.confidence is not None:
            facts["confidence"] = f"{capture.confidence:.4f}"
        asked = Node("prediction", capture.inference_id, {**facts, "label": label or "none yet"})
        by = next((one for one in self._records.versions if is_made_of(capture.model, one)), None)
        data = (self._commit_back(capture.data_commit),) if capture.data_commit else ()
        row = self.file(window) if label else None
        led_to = (Node("file", window, row.asked.facts, row.led_to),) if row else ()
        return self._trace(asked, (self._version_back(by),) if by else data, led_to)

    def _trace(self, asked: Node, made_of: Iterable[Node], led_to: Iterable[Node]) -> Trace:
        return Trace(self._records.dataset, asked, tuple(made_of), tuple(led_to))

    def _commit_onward(self, commit: LakeCommit) -> Node:
        """A commit and the jobs that learned from what it brought."""
        learned = [run for run in self._records.runs if commit.id in self._holds(run.commit)]
        return Node("commit", commit.id, self._facts_of(commit), tuple(map(self._job_onward, learned)))

    def _holds(self, data_commit: str) -> set[str]:
        """The commits whose data a commit of main has: all before it but those that were taken back before it."""
        held: set[str] = set()
        gone: set[str] = set()
        there = False
        for commit in self._records.log:
            there = there or data_commit in commit.ids
            if there:
                gone |= set(taken_back(commit))
                held.add(commit.id)
        return held - gone

    def _job_onward(self, run: TuningRun) -> Node:
        return Node("job", run.name, _facts_of_run(run), tuple(self._versions_onward(run)))

    def _versions_onward(self, run: TuningRun) -> Iterator[Node]:
        for version in self._records.versions:
            if version.metadata.get(lineage.TUNING_JOB) == run.name:
                yield Node("model", _name_of(version), _facts_of_version(version), tuple(self._served_by(version)))

    def _served_by(self, version: ModelVersion) -> Iterator[Node]:
        served = self._records.endpoint
        if served and served.version == version.arn:
            yield Node("endpoint", served.name, {"status": served.status})

    def _version_back(self, version: ModelVersion) -> Node:
        job = version.metadata.get(lineage.TUNING_JOB, "")
        run = next((run for run in self._records.runs if run.name == job), None)
        commit = version.metadata.get(lineage.DATA_COMMIT, "")
        data = (self._commit_back(commit),) if commit else ()
        facts = _facts_of_run(run) if run else {"status": "SageMaker lists no job of this name"}
        then = (Node("job", job, facts, data),) if job else data
        return Node("model", _name_of(version), _facts_of_version(version), then)

    def _commit_back(self, id_: str) -> Node:
        commit = next((commit for commit in self._records.log if commit.id == id_), None)
        if commit is None:
            return Node("commit", id_, {"state": "not on main of today's repository"})
        files = sorted(self._records.files_at(id_))
        nodes = [Node("file", uri, {"rows": f"{rows:,}"} if rows else {}) for uri, rows in files[:MOST_FILES]]
        facts = {**self._facts_of(commit), "files": f"{len(files):,}"}
        if len(files) > MOST_FILES:
            facts["shown"] = f"the first {MOST_FILES}"
        return Node("commit", id_, facts, tuple(nodes))

    def _own_files(self, commit: LakeCommit) -> list[Node]:
        return [Node("file", source.uri, {"version": source.version}) for source in sources(commit)]

    def _facts_of(self, commit: LakeCommit) -> dict[str, str]:
        facts = {"rows": f"{commit.rows:,}"} if commit.rows is not None else {"by": "a person"}
        if undone := taken_back(commit):
            facts["takes back"] = ", ".join(undone)
        if bad := taken_back_since(self._records.log, commit.id):
            facts["data taken back by"] = bad.id
        return facts

    def _state_of(self, uri: str, newest: LakeCommit) -> dict[str, str]:
        """Whether main has the version that came last."""
        version = {source.uri: source.version for source in sources(newest)}[uri]
        head = self._records.log[0]
        there = any(found == uri for found, _ in self._records.files_at(head.id))
        return {"version": version, "on main": "yes" if there else "no"}


def _begins(commit: LakeCommit, id_: str) -> bool:
    return any(found.startswith(id_) for found in commit.ids)


def _name_of(version: ModelVersion) -> str:
    return f"{version.group}/{version.version}"


def _facts_of_version(version: ModelVersion) -> dict[str, str]:
    told = version.metadata
    facts = {"approval": version.approval.value, "why": version.why}
    if lineage.METRIC in told:
        facts["metric"] = f"{told[lineage.METRIC]} {told.get(lineage.VALUE, '')}".strip()
    if lineage.DECIDED_BY in told:
        facts["decided by"] = f"{told[lineage.DECIDED_BY]} {told.get(lineage.DECIDED_AT, '')}".strip()
    return facts


def _facts_of_run(run: TuningRun) -> dict[str, str]:
    facts = {"status": run.status, "began": run.created.isoformat(timespec="seconds")}
    if why := run.tags.get(names.WHY_TAG):
        facts["why"] = why
    return facts
