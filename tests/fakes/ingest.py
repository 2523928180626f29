"""What ingest reads and writes beside the lake."""

import io
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnknownDatasetError
from lakeloop.ingest.ports import LandedVersion
from lakeloop.messages import LakeMessage
from tests.fakes.crash import Crash

M = TypeVar("M", bound=LakeMessage)


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


@dataclass
class MemoryPublisher(Generic[M]):
    crash: Crash = field(default_factory=Crash)
    published: list[M] = field(default_factory=list)

    def publish(self, message: M) -> None:
        self.crash.tick()
        self.published.append(message)
