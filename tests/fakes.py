"""The domain's ports in memory, with the semantics of the real things and a crash on request."""

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

import polars as pl

from lakeloop.attempts import Attempts
from lakeloop.contract import DatasetContract
from lakeloop.deployment.ports import EndpointState, TrainedModel
from lakeloop.errors import MergeConflictError, TransientError, UnknownDatasetError
from lakeloop.failures import Failure
from lakeloop.ingest.ports import LandedVersion
from lakeloop.lake.ports import CORRELATION_KEY, LakeCommit, LakeObject
from lakeloop.messages import LakeMessage, Message
from lakeloop.reports import StepReport
from lakeloop.serving.ports import EndpointView, LiveModel
from lakeloop.training.ports import TuningRun

M = TypeVar("M", bound=LakeMessage)


class CrashError(BaseException):
    """The process ends here: nothing may catch it."""


@dataclass
class Crash:
    """Raises CrashError before the `at`-th call of any port method that shares it; 0 never does."""

    at: int = 0
    calls: int = 0

    def tick(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise CrashError


class MemoryContracts:
    def __init__(self, *contracts: DatasetContract) -> None:
        self._contracts = {contract.name: contract for contract in contracts}

    def get(self, dataset: str) -> DatasetContract:
        if dataset not in self._contracts:
            raise UnknownDatasetError(f"no dataset is called {dataset!r}")
        return self._contracts[dataset]


class MemoryLanding:
    def __init__(self) -> None:
        self.versions: dict[str, list[bytes]] = defaultdict(list)
        self.named: dict[str, str] = {}
        """Versions that are called otherwise than v1, v2: what their key holds now."""
        self.landed: dict[str, float] = {}
        """When what a key holds landed; at 0 where nothing is said."""

    def drop(self, key: str, body: bytes) -> str:
        self.versions[key].append(body)
        return f"v{len(self.versions[key])}"

    def current(self, key: str) -> LandedVersion | None:
        if key not in self.versions:
            return None
        version = self.named.get(key, f"v{len(self.versions[key])}")
        return LandedVersion(version, len(self.versions[key][-1]), self.landed.get(key, 0.0))

    def open(self, key: str, version: str) -> io.BytesIO:
        number = len(self.versions[key]) if version == self.named.get(key) else int(version[1:])
        return io.BytesIO(self.versions[key][number - 1])


@dataclass
class MemoryArtifacts:
    crash: Crash = field(default_factory=Crash)
    objects: dict[str, bytes] = field(default_factory=dict)

    def uri(self, key: str) -> str:
        return f"s3://artifacts/{key}"

    def put(self, key: str, body: bytes) -> str:
        self.crash.tick()
        self.objects[key] = body
        return self.uri(key)

    def upload(self, key: str, file: Path) -> str:
        return self.put(key, file.read_bytes())


Tree = dict[str, str]


class MemoryLake:
    """One repository: branches of staged and committed trees (path -> sha256), three-way merges that can conflict."""

    def __init__(self, crash: Crash | None = None) -> None:
        self.crash = crash or Crash()
        self.bytes: dict[str, bytes] = {}
        self.trees: dict[str, Tree] = {"c0": {}}
        self.commits: list[LakeCommit] = [LakeCommit("c0", {})]
        self.branch_commits: dict[str, LakeCommit] = {"main": self.commits[0]}
        self.staged: dict[str, Tree] = {}
        self.bases: dict[str, Tree] = {}

    def ensure_branch(self, repository: str, branch: str) -> None:
        self.crash.tick()
        if branch not in self.branch_commits:
            self.branch_commits[branch] = self.branch_commits["main"]
            self.staged[branch] = dict(self._tree(branch))
            self.bases[branch] = dict(self._tree("main"))

    def upload(self, repository: str, branch: str, path: str, file: Path) -> None:
        self.crash.tick()
        body = file.read_bytes()
        checksum = hashlib.sha256(body).hexdigest()
        self.bytes[checksum] = body
        self.staged[branch][path] = checksum

    def delete(self, repository: str, branch: str, path: str) -> None:
        self.crash.tick()
        self.staged[branch].pop(path, None)

    def objects(self, repository: str, ref: str, prefix: str) -> Iterator[LakeObject]:
        for path, checksum in sorted(self.tree(ref).items()):
            if path.startswith(prefix):
                yield LakeObject(path, f"s3://lake/{repository}/data/{checksum}", len(self.bytes[checksum]))

    def folders(self, repository: str, ref: str, prefix: str) -> list[str]:
        below = (found.path.removeprefix(prefix) for found in self.objects(repository, ref, prefix))
        return sorted({path.partition("/")[0] for path in below if "/" in path})

    def read(self, repository: str, ref: str, path: str) -> bytes | None:
        self.crash.tick()
        checksum = self.tree(ref).get(path)
        return self.bytes[checksum] if checksum else None

    def download(self, repository: str, ref: str, path: str, file: Path) -> bool:
        body = self.read(repository, ref, path)
        if body is not None:
            file.write_bytes(body)
        return body is not None

    def uncommitted(self, repository: str, branch: str) -> set[str]:
        committed, staged = self._tree(branch), self.staged[branch]
        return {path for path in committed.keys() | staged.keys() if committed.get(path) != staged.get(path)}

    def commit(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        self.crash.tick()
        head = self.branch_commits[branch]
        if self.uncommitted(repository, branch):
            self.branch_commits[branch] = self._new_commit(self.staged[branch], metadata, head.id)
            return self.branch_commits[branch]
        return self._merge_of_delivery(metadata) or LakeCommit(head.id, {}) if head in self.commits else head

    def merge(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        self.crash.tick()
        ours, theirs, base = self._tree("main"), self._tree(branch), self.bases[branch]
        head, source = self.branch_commits["main"], self.branch_commits[branch]
        if theirs == base:
            brought = (commit for commit in self.commits if source.id in commit.parents[1:])
            return next(brought, None) or self._merge_of_delivery(metadata) or LakeCommit(head.id, {})
        changes = _changes(base, theirs)
        mine = _changes(base, ours)
        if any(path in mine and mine[path] != changes[path] for path in changes):
            self.delete_branch(repository, branch)
            raise MergeConflictError(f"{branch} conflicts with main of {repository}")
        merged = {path: sum_ for path, sum_ in {**ours, **changes}.items() if sum_ is not None}
        self.branch_commits["main"] = self._new_commit(merged, metadata, head.id, source.id)
        self.commits.append(self.branch_commits["main"])
        self.bases[branch] = theirs
        return self.branch_commits["main"]

    def _merge_of_delivery(self, metadata: Mapping[str, str]) -> LakeCommit | None:
        delivery = metadata.get(CORRELATION_KEY)
        merges = (commit for commit in reversed(self.commits) if commit.metadata.get(CORRELATION_KEY) == delivery)
        return next(merges, None) if delivery else None

    def delete_branch(self, repository: str, branch: str) -> None:
        self.crash.tick()
        for by_branch in (self.branch_commits, self.staged, self.bases):
            by_branch.pop(branch, None)

    def head(self, repository: str) -> str:
        return self.branch_commits["main"].id

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        ids = [commit.id for commit in self.commits]
        yield from reversed(self.commits[: ids.index(ref) + 1])

    def commit_by_hand(self, changes: Mapping[str, bytes | None]) -> LakeCommit:
        """What a person does to main: objects written, or deleted where there is None, and no word of rows."""
        head = self.branch_commits["main"]
        tree = dict(self.trees[head.id])
        for path, body in changes.items():
            tree.pop(path, None)
            if body is not None:
                tree[path] = hashlib.sha256(body).hexdigest()
                self.bytes[tree[path]] = body
        self.branch_commits["main"] = self._new_commit(tree, {}, head.id)
        self.commits.append(self.branch_commits["main"])
        return self.branch_commits["main"]

    def tree(self, ref: str) -> Tree:
        if ref in self.staged:
            return self.staged[ref]
        return self.trees[ref] if ref in self.trees else self._tree("main")

    def _tree(self, branch: str) -> Tree:
        return self.trees[self.branch_commits[branch].id]

    def _new_commit(self, tree: Tree, metadata: Mapping[str, str], *parents: str) -> LakeCommit:
        commit = LakeCommit(f"c{len(self.trees)}", dict(metadata), parents)
        self.trees[commit.id] = dict(tree)
        return commit


def _changes(base: Tree, changed: Tree) -> dict[str, str | None]:
    """Paths that differ from the base, with what they became; None where they were removed."""
    return {p: changed.get(p) for p in base.keys() | changed.keys() if base.get(p) != changed.get(p)}


@dataclass
class MemoryPublisher(Generic[M]):
    crash: Crash = field(default_factory=Crash)
    published: list[M] = field(default_factory=list)

    def publish(self, message: M) -> None:
        self.crash.tick()
        self.published.append(message)


@dataclass
class MemoryTuner:
    """Keeps started jobs. `status` and `models` are what those become that are started from now on.

    `unlisted` jobs are known by name only, as SageMaker's list lags behind.
    """

    crash: Crash = field(default_factory=Crash)
    status: str = "Completed"
    models: int = 1
    ended: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    started: dict[str, Mapping[str, str]] = field(default_factory=dict)
    requests: list[Mapping[str, object]] = field(default_factory=list)
    jobs: dict[str, TuningRun] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)

    def runs(self, dataset: str) -> Iterator[TuningRun]:
        self.crash.tick()
        yield from [run for name, run in reversed(self.jobs.items()) if name not in self.unlisted]

    def run(self, name: str) -> TuningRun | None:
        self.crash.tick()
        return self.jobs.get(name)

    def failure(self, name: str) -> str:
        return f"reason of {name}"

    def start(self, request: Mapping[str, object], tags: Mapping[str, str]) -> bool:
        self.crash.tick()
        name = str(request["HyperParameterTuningJobName"])
        if name in self.started:
            return False
        self.started[name] = tags
        self.requests.append(request)
        self.jobs[name] = TuningRun(
            name=name,
            commit=tags["lakeloop:commit"],
            status=self.status,
            created=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=len(self.jobs)),
            ended=self.ended,
            models=self.models,
            tags=tags,
        )
        self.crash.tick()
        return True


@dataclass
class MemoryLeases:
    """Leases that end when the test says so: `expire` is the time going by."""

    crash: Crash = field(default_factory=Crash)
    held: set[str] = field(default_factory=set)
    lost: bool = False
    noted: dict[str, str] = field(default_factory=dict)

    def take(self, dataset: str, seconds: float) -> "MemoryLease":
        self.crash.tick()
        if dataset in self.held:
            raise TransientError(f"another start_tuning is deciding on {dataset}")
        self.held.add(dataset)
        return MemoryLease(self, dataset)

    def expire(self) -> None:
        self.held.clear()


@dataclass
class MemoryLease:
    leases: MemoryLeases
    dataset: str

    @property
    def job(self) -> str:
        return self.leases.noted.get(self.dataset, "")

    def note(self, job: str) -> None:
        self.leases.crash.tick()
        self.leases.noted[self.dataset] = job

    def release(self) -> None:
        self.leases.crash.tick()
        self.leases.held.discard(self.dataset)
        if self.leases.lost:
            raise TransientError("the lease went to another start_tuning")


@dataclass
class LakeLabels:
    """The labels of what lies in a MemoryLake."""

    lake: MemoryLake
    read: list[str] = field(default_factory=list)

    def codes(self, physical_address: str) -> set[int]:
        self.read.append(physical_address)
        body = self.lake.bytes[physical_address.rpartition("/")[2]]
        return {int(code) for code in pl.read_parquet(io.BytesIO(body)).to_series(0).unique()}


@dataclass
class LakeFooters:
    """The footers of what lies in a MemoryLake."""

    lake: MemoryLake
    read: list[str] = field(default_factory=list)

    def rows(self, entry: LakeObject) -> int:
        self.read.append(entry.path)
        body = self.lake.bytes[entry.physical_address.rpartition("/")[2]]
        return pl.read_parquet(io.BytesIO(body)).height


@dataclass
class MemoryReports:
    crash: Crash = field(default_factory=Crash)
    reports: dict[tuple[str, str], StepReport] = field(default_factory=dict)

    def get(self, dataset: str, step: str) -> StepReport | None:
        return self.reports.get((dataset, step))

    def put(self, report: StepReport) -> None:
        self.crash.tick()
        self.reports[report.dataset, report.step] = report


@dataclass
class MemoryHosting:
    """Finished tuning jobs to deploy from, and the endpoints that were made of them."""

    crash: Crash = field(default_factory=Crash)
    models: dict[str, TrainedModel] = field(default_factory=dict)
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)
    endpoints: dict[str, EndpointState] = field(default_factory=dict)
    made: dict[str, Mapping[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    refused: list[Exception] = field(default_factory=list)
    # Whether creating and updating are done at once, or `settle` ends them.
    slow: bool = False

    def tuning_status(self, tuning_job: str) -> tuple[str, str]:
        return self.statuses.get(tuning_job, ("Completed", ""))

    def tuning_tags(self, tuning_job: str) -> Mapping[str, str]:
        return self.models[tuning_job].tags if tuning_job in self.models else {}

    def tuning_created(self, tuning_job: str) -> datetime | None:
        return self.models[tuning_job].created if tuning_job in self.models else None

    def best_model(self, tuning_job: str) -> TrainedModel | None:
        found = self.models.get(tuning_job)
        return found if found and found.artifact else None

    def config_tags(self, config: str) -> Mapping[str, str]:
        return self.made.get(config, {})

    def endpoint(self, name: str) -> EndpointState | None:
        self.crash.tick()
        return self.endpoints.get(name)

    def ensure_model(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None:
        self.crash.tick()
        self.made.setdefault(str(request["ModelName"]), tags)

    def ensure_config(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None:
        self.crash.tick()
        self.made.setdefault(str(request["EndpointConfigName"]), tags)

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None:
        self.crash.tick()
        if name in self.endpoints:
            raise TransientError(f"{name} exists")
        self.calls.append(f"create {config}")
        self.endpoints[name] = EndpointState(name, "Creating" if self.slow else "InService", config, "", tags)

    def update_endpoint(self, name: str, config: str) -> None:
        self.crash.tick()
        if self.refused:
            raise self.refused.pop(0)
        self.calls.append(f"update {config}")
        now = self.endpoints[name]
        if self.slow:
            self.endpoints[name] = replace(now, status="Updating", pending=config, failure_reason="")
        else:
            self.endpoints[name] = replace(now, status="InService", config=config, failure_reason="")

    def tag_endpoint(self, name: str, tags: Mapping[str, str]) -> None:
        self.crash.tick()
        now = self.endpoints[name]
        self.endpoints[name] = replace(now, tags={**now.tags, **tags})

    def delete_endpoint(self, name: str) -> None:
        self.crash.tick()
        self.calls.append("delete")
        if self.slow:
            self.endpoints[name] = replace(self.endpoints[name], status="Deleting")
        else:
            del self.endpoints[name]

    def settle(self, name: str, failure: str = "") -> None:
        """What is under way with the endpoint, if anything, ends."""
        now = self.endpoints.get(name)
        if now is None or now.status not in ("Deleting", "Creating", "Updating"):
            return
        if now.status == "Deleting":
            del self.endpoints[name]
        elif now.status == "Creating":
            self.endpoints[name] = replace(now, status="Failed" if failure else "InService", failure_reason=failure)
        else:
            config = now.config if failure else now.pending
            self.endpoints[name] = replace(now, status="InService", config=config, pending="", failure_reason=failure)


@dataclass
class MemoryEndpoints:
    """One endpoint that answers what it is told to, or raises it.

    `views` are what it looks like, one fresh look after another; the last stays. Other looks see what was seen before.
    """

    answer: str | Exception = "0.9"
    views: list[EndpointView | None] = field(default_factory=lambda: [EndpointView(LiveModel("model-1"))])
    bodies: list[str] = field(default_factory=list)
    seen: list[EndpointView | None] = field(default_factory=list)

    def view(self, endpoint: str, *, fresh: bool = False) -> EndpointView | None:
        if fresh or not self.seen:
            self.seen.append(self.views.pop(0) if len(self.views) > 1 else self.views[0])
        return self.seen[-1]

    def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
        self.bodies.append(body)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class MemoryModelContracts:
    contracts: dict[str, DatasetContract] = field(default_factory=dict)

    def get(self, digest: str) -> DatasetContract:
        return self.contracts[digest]


@dataclass
class MemoryFailureLog:
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)

    def get(self, function: str, message_id: str) -> Failure | None:
        return self.failures.get((function, message_id))

    def put(self, failure: Failure) -> None:
        self.failures[(failure.function, failure.message_id)] = failure


@dataclass
class MemoryQueue:
    """A queue and its dead-letter queue: the last wait of each message, and the letters."""

    waits: dict[str, int] = field(default_factory=dict)
    calls: list[dict[str, int]] = field(default_factory=list)
    letters: list[tuple[str, Failure]] = field(default_factory=list)

    def wait(self, seconds: Mapping[Message, int]) -> None:
        called = {message.id: wait for message, wait in seconds.items()}
        self.calls.append(called)
        self.waits |= called

    def bury(self, message: Message, failure: Failure) -> None:
        self.letters.append((message.body, failure))


@dataclass
class MemoryMarks:
    started: dict[str, int] = field(default_factory=dict)

    def starts(self, message_id: str) -> int:
        return self.started.get(message_id, 0)

    def start(self, message_id: str, starts: int) -> None:
        self.started[message_id] = starts

    def finish(self, message_id: str) -> None:
        self.started.pop(message_id, None)


def turns(seconds_left: Callable[[], float] = lambda: 300.0) -> Attempts:
    """The turns of a delivery with all the time of the world, over which no process died."""
    return Attempts(MemoryMarks(), seconds_left=seconds_left, foreseen=lambda _: None)


def message(body: object, id_: str = "m1", attempts: int = 1) -> Message:
    text = body if isinstance(body, str) else json.dumps(body)
    return Message(id=id_, body=text, attempts=attempts, receipt_handle=f"receipt-{id_}", sent=0)


def notification(key: str, version: str = "v1", bucket: str = "landing") -> dict[str, object]:
    """An S3 notification with one record; `key` as S3 writes it, form-encoded."""
    entity = {"bucket": {"name": bucket}, "object": {"key": key, "versionId": version, "sequencer": "00"}}
    return {"Records": [{"eventVersion": "2.1", "eventName": "ObjectCreated:Put", "s3": entity}]}
