"""Model versions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from lakeloop.registry.lineage import as_metadata
from lakeloop.registry.ports import Approval, ModelVersion, Registration
from tests.fakes.crash import Crash

ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package"


@dataclass
class MemoryRegistry:
    """Versions by ARN; a second passes with each that is registered or decided about."""

    crash: Crash = field(default_factory=Crash)
    packages: dict[str, ModelVersion] = field(default_factory=dict)
    by_token: dict[str, str] = field(default_factory=dict)
    decided: list[tuple[str, Approval]] = field(default_factory=list)

    def versions(self, group: str, approval: Approval | None = None) -> Iterator[ModelVersion]:
        self.crash.tick()
        for found in reversed(list(self.packages.values())):
            if found.group == group and approval in (None, found.approval):
                yield found

    def version(self, arn: str) -> ModelVersion | None:
        self.crash.tick()
        return self.packages.get(arn)

    def register(self, registration: Registration) -> ModelVersion:
        self.crash.tick()
        if registration.token not in self.by_token:
            number = 1 + sum(found.group == registration.group for found in self.packages.values())
            arn = f"{ARN}/{registration.group}/{number}"
            self.by_token[registration.token] = arn
            self.packages[arn] = ModelVersion(
                arn=arn,
                group=registration.group,
                version=number,
                approval=registration.approval,
                why=registration.why,
                artifact=registration.artifact,
                image=registration.image,
                created=self._now(),
                metadata=as_metadata(registration.metadata),
                evaluation=registration.evaluation,
            )
        self.crash.tick()
        return self.packages[self.by_token[registration.token]]

    def decide(self, arn: str, approval: Approval, why: str, metadata: Mapping[str, str]) -> None:
        self.crash.tick()
        found = self.packages[arn]
        merged = {**found.metadata, **as_metadata(metadata)}
        self.packages[arn] = replace(found, approval=approval, why=why, metadata=merged, changed=self._now())
        self.decided.append((arn, approval))

    def _now(self) -> datetime:
        return datetime(2026, 1, 2, tzinfo=UTC) + timedelta(seconds=len(self.packages) + len(self.decided))
