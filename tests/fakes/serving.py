"""Models, endpoints and the contracts of models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.deployment.ports import EndpointState, Placement, ServedConfig
from lakeloop.errors import TransientError
from lakeloop.serving.ports import EndpointView, LiveModel
from tests.fakes.crash import Crash


@dataclass
class MemoryHosting:
    """Models, configs by name with their tags, and endpoints."""

    crash: Crash = field(default_factory=Crash)
    endpoints: dict[str, EndpointState] = field(default_factory=dict)
    made: dict[str, Mapping[str, str]] = field(default_factory=dict)
    model_of: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    refused: list[Exception] = field(default_factory=list)
    # How each update moves requests.
    moves: list[Mapping[str, object] | None] = field(default_factory=list)
    # Whether creating and updating are done at once, or `settle` ends them.
    slow: bool = False

    def served(self, config: str) -> ServedConfig | None:
        self.crash.tick()
        if config not in self.made:
            return None
        return ServedConfig(config, self.model_of.get(config, ""), self.made[config])

    def endpoint(self, name: str) -> EndpointState | None:
        self.crash.tick()
        return self.endpoints.get(name)

    def ensure_model(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None:
        self.crash.tick()
        self.made.setdefault(str(request["ModelName"]), tags)

    def ensure_config(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None:
        self.crash.tick()
        config = str(request["EndpointConfigName"])
        self.made.setdefault(config, tags)
        [variant] = cast("list[dict[str, str]]", request["ProductionVariants"])
        self.model_of[config] = variant["ModelName"]

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None:
        self.crash.tick()
        if name in self.endpoints:
            raise TransientError(f"{name} exists")
        self.calls.append(f"create {config}")
        self.endpoints[name] = EndpointState(name, "Creating" if self.slow else "InService", config, "", tags)

    def update_endpoint(self, name: str, config: str, move: Mapping[str, object] | None = None) -> None:
        self.crash.tick()
        self.moves.append(move)
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
class MemoryPlacements:
    """By dataset; all are at their first endpoints until they are moved."""

    name_prefix: str
    crash: Crash = field(default_factory=Crash)
    moved: dict[str, Placement] = field(default_factory=dict)

    def of(self, dataset: str) -> Placement:
        self.crash.tick()
        return self.moved.get(dataset) or Placement(names.endpoint(self.name_prefix, dataset))

    def move(self, dataset: str, to: Placement) -> None:
        self.crash.tick()
        self.moved[dataset] = to


@dataclass
class MemoryWatch:
    """Alarms that are red, and how many requests an endpoint had."""

    alarms: set[str] = field(default_factory=set)
    requests: int = 1
    asked_since: list[datetime] = field(default_factory=list)

    def red(self, alarms: Sequence[str]) -> list[str]:
        return sorted(self.alarms.intersection(alarms))

    def invocations(self, endpoint: str, since: datetime) -> int:
        self.asked_since.append(since)
        return self.requests


@dataclass
class MemoryEndpoints:
    """One endpoint that answers what it is told to, or raises it.

    `views` are what it looks like, one fresh look after another; the last stays. Other looks see what was seen before.
    """

    answer: str | Exception = "0.9"
    views: list[EndpointView | None] = field(
        default_factory=lambda: [EndpointView(LiveModel("model-1", commit="commit-1"))]
    )
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
class MemorySwitches:
    """Datasets whose endpoint is off."""

    off: set[str] = field(default_factory=set)

    def is_off(self, dataset: str) -> bool:
        return dataset in self.off
