"""A dataset with some versions on a server that the contract is tested on."""

import uuid

from lakeloop.client.environment import Environment, Outputs
from lakeloop.client.table import Table
from lakeloop.client.versions import When
from lakeloop.contract import DatasetContract
from lakeloop.ingest.service import IngestService
from lakeloop.lake.ports import LakeCommit
from tests.contract.lakefs.lakes import adapter, make
from tests.contract.lakefs.servers import Server
from tests.data import tiny, tiny_csv
from tests.fakes import (
    MemoryArtifacts,
    MemoryContracts,
    MemoryLanding,
    MemoryListing,
    MemoryPublisher,
    message,
    notification,
    turns,
)
from tests.unit.client.deployed import OUTPUTS
from tests.world import ROWS

YOUNGER = tiny(
    columns=[
        *(column.model_dump(exclude_unset=True) for column in tiny().columns),
        {"name": "z", "type": "float", "nullable": True},
    ]
)


class World:
    """A lake with three commits: ten rows, all rows, and the first file again with a row changed and one less."""

    def __init__(self, server: Server) -> None:
        prefix = f"t{uuid.uuid4().hex[:8]}"
        make(server, f"{prefix}-tiny")
        self.environment = Environment(
            Outputs.model_validate(
                {**OUTPUTS, "name_prefix": prefix, "landing_bucket": "landing", "datasets": ["tiny"]}
            )
        )
        self.environment.lake = adapter(server)
        self._prefix, self._landing = prefix, MemoryLanding()
        changed = ROWS[0].replace(",0.0,", ",7.5,")
        self.first = self._commit(tiny(), "a.csv", *ROWS[:10])
        self.second = self._commit(YOUNGER, "b.csv", *ROWS[10:])
        self.third = self._commit(tiny(), "a.csv", changed, *ROWS[1:9])
        self.environment.contracts = MemoryContracts(tiny())  # type: ignore[assignment]

    def _commit(self, contract: DatasetContract, name: str, *rows: str) -> LakeCommit:
        service = IngestService(
            landing=self._landing,
            listing=MemoryListing(self._landing),
            contracts=MemoryContracts(contract),
            artifacts=MemoryArtifacts(),
            lake=self.environment.lake,
            publisher=MemoryPublisher(),
            name_prefix=self._prefix,
            git_sha="abc",
            max_object_bytes=1_000_000,
        )
        key = f"incoming/tiny/{name}"
        version = self._landing.drop(key, tiny_csv(*rows))
        assert service.handle([message(notification(key, version))], turns()) == {}
        repository = f"{self._prefix}-tiny"
        return self.environment.lake.commit_at(repository, self.environment.lake.head(repository))

    def again(self, name: str, *rows: str) -> LakeCommit:
        """Another delivery."""
        return self._commit(tiny(), name, *rows)

    def at(self, when: When) -> Table:
        return Table(self.environment, "tiny", when)
