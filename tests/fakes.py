"""The domain's ports in memory, with the semantics of the real things and a crash on request."""

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lakeloop.contract import DatasetContract
from lakeloop.deployment.ports import EndpointState, TrainedModel
from lakeloop.errors import TransientError, UnknownDatasetError
from lakeloop.failures import Failure
from lakeloop.lake.ports import CORRELATION_KEY, LakeCommit, LakeObject
from lakeloop.messages import DataCommitted, Message
from lakeloop.serving.ports import LiveModel
from lakeloop.training.ports import TuningRun


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

    def drop(self, key: str, body: bytes) -> str:
        self.versions[key].append(body)
        return f"v{len(self.versions[key])}"

    def current_version(self, key: str) -> str | None:
        return f"v{len(self.versions[key])}" if key in self.versions else None

    def open(self, key: str, version: str) -> io.BytesIO:
        return io.BytesIO(self.versions[key][int(version[1:]) - 1])


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
        tree = self.staged.get(ref) or self.trees.get(ref) or self._tree("main")
        for path, checksum in sorted(tree.items()):
            if path.startswith(prefix):
                yield LakeObject(path, f"s3://lake/{repository}/data/{checksum}", len(self.bytes[checksum]))

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
            raise TransientError(f"{branch} conflicts with main of {repository}")
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
class MemoryPublisher:
    crash: Crash = field(default_factory=Crash)
    published: list[DataCommitted] = field(default_factory=list)

    def publish(self, message: DataCommitted) -> None:
        self.crash.tick()
        self.published.append(message)


@dataclass
class MemoryTuner:
    """Keeps started jobs; `status` is what they all are."""

    crash: Crash = field(default_factory=Crash)
    status: str = "Completed"
    started: dict[str, Mapping[str, str]] = field(default_factory=dict)
    requests: list[Mapping[str, object]] = field(default_factory=list)

    def latest(self, name_contains: str) -> TuningRun | None:
        jobs = [name for name in self.started if name_contains in name]
        if not jobs:
            return None
        commit = self.started[jobs[-1]]["lakeloop:commit"]
        return TuningRun(name=jobs[-1], commit=commit, status=self.status, created=datetime.now(UTC))

    def start(self, request: Mapping[str, object], tags: Mapping[str, str]) -> bool:
        self.crash.tick()
        name = str(request["HyperParameterTuningJobName"])
        if name in self.started:
            return False
        self.started[name] = tags
        self.requests.append(request)
        return True


@dataclass
class MemoryHosting:
    """Finished tuning jobs to deploy from, and the endpoints that were made of them."""

    crash: Crash = field(default_factory=Crash)
    models: dict[str, TrainedModel] = field(default_factory=dict)
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)
    endpoints: dict[str, EndpointState] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    def tuning_status(self, tuning_job: str) -> tuple[str, str]:
        return self.statuses.get(tuning_job, ("Completed", ""))

    def tuning_created(self, tuning_job: str) -> datetime | None:
        return self.models[tuning_job].created if tuning_job in self.models else None

    def best_model(self, tuning_job: str) -> TrainedModel | None:
        return self.models.get(tuning_job)

    def endpoint(self, name: str) -> EndpointState | None:
        return self.endpoints.get(name)

    def ensure_model(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None:
        self.crash.tick()
        self.made.add(str(request["ModelName"]))

    def ensure_config(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None:
        self.crash.tick()
        self.made.add(str(request["EndpointConfigName"]))

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None:
        self.crash.tick()
        self.calls.append(f"create {config}")
        self.endpoints[name] = EndpointState(name, "InService", config, "", tags)

    def update_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None:
        self.crash.tick()
        old = self.endpoints[name]
        self.endpoints[name] = EndpointState(name, old.status, old.config, old.failure_reason, tags)
        self.crash.tick()
        self.calls.append(f"update {config}")
        self.endpoints[name] = EndpointState(name, "InService", config, "", tags)

    def delete_endpoint(self, name: str) -> None:
        self.crash.tick()
        self.calls.append("delete")
        del self.endpoints[name]


@dataclass
class MemoryEndpoints:
    """One endpoint that answers what it is told to, or raises it."""

    answer: str | Exception = "0.9"
    live: LiveModel | None = field(default_factory=lambda: LiveModel("model-1"))
    bodies: list[str] = field(default_factory=list)

    def live_model(self, endpoint: str) -> LiveModel | None:
        return self.live

    def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
        self.bodies.append(body)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class MemoryFailureLog:
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)

    def get(self, function: str, message_id: str) -> Failure | None:
        return self.failures.get((function, message_id))

    def put(self, failure: Failure) -> None:
        self.failures[(failure.function, failure.message_id)] = failure


@dataclass
class MemoryQueue:
    retries: list[tuple[str, int]] = field(default_factory=list)

    def retry_after(self, queue_arn: str, receipt_handle: str, seconds: int) -> None:
        self.retries.append((receipt_handle, seconds))


def message(body: object, id_: str = "m1", attempts: int = 1) -> Message:
    text = body if isinstance(body, str) else json.dumps(body)
    return Message(
        id=id_,
        body=text,
        attempts=attempts,
        receipt_handle=f"receipt-{id_}",
        queue_arn="arn:aws:sqs:us-east-1:000000000000:q",
    )


def notification(key: str, version: str = "v1", bucket: str = "landing") -> dict[str, object]:
    """An S3 notification with one record; `key` as S3 writes it, form-encoded."""
    entity = {"bucket": {"name": bucket}, "object": {"key": key, "versionId": version, "sequencer": "00"}}
    return {"Records": [{"eventVersion": "2.1", "eventName": "ObjectCreated:Put", "s3": entity}]}
