"""The ingest service with everything around it in memory."""

from collections.abc import Sequence
from typing import Any

from lakeloop.consumer import Failures
from lakeloop.contract import DatasetContract
from lakeloop.ingest.service import IngestService
from lakeloop.messages import DataCommitted, FeaturesMissing, Message, TrainingAsked
from lakeloop.training.ports import Tuner
from lakeloop.training.service import TrainingService
from tests.data import tiny
from tests.fakes import (
    Crash,
    LakeFooters,
    LakeLabels,
    MemoryArtifacts,
    MemoryContracts,
    MemoryLake,
    MemoryLanding,
    MemoryLeases,
    MemoryListing,
    MemoryPublisher,
    MemoryReadings,
    MemoryReports,
    message,
    notification,
    turns,
)

ROWS = [f"k{n},{'yes' if n % 2 else 'no'},{n / 10},,," for n in range(20)]


class Ingest:
    """The service, with a delivery that has time enough."""

    def __init__(self, service: IngestService) -> None:
        self._service = service

    def handle(self, messages: Sequence[Message]) -> Failures:
        return self._service.handle(messages, turns())


class World:
    """The service and everything around it, as one crash may hit it."""

    def __init__(self, contract: DatasetContract | None = None) -> None:
        contract = contract or tiny(quality={"max_rejected_fraction": 0.5})
        self.dataset = contract.name
        self.crash = Crash()
        self.landing = MemoryLanding()
        self.lake = MemoryLake(self.crash)
        self.artifacts = MemoryArtifacts(self.crash)
        self.publisher: MemoryPublisher[DataCommitted] = MemoryPublisher(self.crash)
        self.remaker: MemoryPublisher[FeaturesMissing] = MemoryPublisher(self.crash)
        self.waker: MemoryPublisher[TrainingAsked] = MemoryPublisher(self.crash)
        self.reports = MemoryReports(self.crash)
        self.contract = contract
        self.service = Ingest(self.made())

    def made(self, **changes: object) -> IngestService:
        """The service, with other ports or settings than the world's own."""
        ports: dict[str, Any] = {
            "landing": self.landing,
            "listing": MemoryListing(self.landing),
            "contracts": MemoryContracts(self.contract),
            "artifacts": self.artifacts,
            "lake": self.lake,
            "publisher": self.publisher,
            "name_prefix": "lakeloop-test",
            "git_sha": "abc",
            "max_object_bytes": 1_000_000,
            # Calls in one order, so that what happens around one of them can be repeated.
            "threads": 1,
            "turn_seconds": 0,
        }
        return IngestService(**{**ports, **changes})

    def training(self, tuner: Tuner, contract: DatasetContract | None = None, **changes: object) -> TrainingService:
        """The service of start_tuning on main, with other ports or settings than the world's own."""
        ports: dict[str, Any] = {
            "contracts": MemoryContracts(contract or self.contract),
            "lake": self.lake,
            "artifacts": self.artifacts,
            "tuner": tuner,
            "leases": MemoryLeases(),
            "labels": LakeLabels(self.lake),
            "footers": LakeFooters(self.lake),
            "remaker": self.remaker,
            "readings": MemoryReadings(),
            "waker": self.waker,
            "reports": self.reports,
            "name_prefix": "lakeloop-test",
            "image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
            "role_arn": "arn:aws:iam::000000000000:role/r",
            "kms_key_arn": "arn:aws:kms:us-east-1:000000000000:key/k",
        }
        return TrainingService(**{**ports, **changes})

    def told(self, index: int = -1) -> Message:
        """What start_tuning hears of a commit, by default the last."""
        return message(self.publisher.published[index].model_dump_json())

    def drop(self, name: str, body: bytes, id_: str = "m1") -> Message:
        key = f"incoming/{self.dataset}/{name}"
        return message(notification(key, self.landing.drop(key, body)), id_)

    @property
    def main(self) -> dict[str, str]:
        return self.lake.trees[self.lake.head("")]
