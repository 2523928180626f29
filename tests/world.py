"""The ingest service with everything around it in memory."""

from lakeloop.contract import DatasetContract
from lakeloop.ingest.service import IngestService
from lakeloop.messages import Message
from tests.data import tiny
from tests.fakes import (
    Crash,
    MemoryArtifacts,
    MemoryContracts,
    MemoryLake,
    MemoryLanding,
    MemoryPublisher,
    MemoryReports,
    message,
    notification,
)

ROWS = [f"k{n},{'yes' if n % 2 else 'no'},{n / 10},,," for n in range(20)]


class World:
    """The service and everything around it, as one crash may hit it."""

    def __init__(self, contract: DatasetContract | None = None) -> None:
        contract = contract or tiny(quality={"max_rejected_fraction": 0.5})
        self.dataset = contract.name
        self.crash = Crash()
        self.landing = MemoryLanding()
        self.lake = MemoryLake(self.crash)
        self.artifacts = MemoryArtifacts(self.crash)
        self.publisher = MemoryPublisher(self.crash)
        self.reports = MemoryReports(self.crash)
        self.service = IngestService(
            landing=self.landing,
            contracts=MemoryContracts(contract),
            artifacts=self.artifacts,
            lake=self.lake,
            publisher=self.publisher,
            name_prefix="lakeloop-test",
            git_sha="abc",
        )

    def drop(self, name: str, body: bytes, id_: str = "m1") -> Message:
        key = f"incoming/{self.dataset}/{name}"
        return message(notification(key, self.landing.drop(key, body)), id_)

    @property
    def main(self) -> dict[str, str]:
        return self.lake.trees[self.lake.head("")]
