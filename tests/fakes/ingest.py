"""What ingest reads and writes beside the lake."""

import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.errors import UnknownDatasetError
from lakeloop.ingest.ports import LandedVersion, ListedObject, ListedPage
from lakeloop.messages import LoopMessage
from tests.fakes.crash import Crash

M = TypeVar("M", bound=LoopMessage)


class MemoryContracts:
    def __init__(self, *contracts: DatasetContract) -> None:
        self._contracts = {contract.name: contract for contract in contracts}

    @property
    def names(self) -> list[str]:
        return sorted(self._contracts)

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
        self.deleted: set[str] = set()

    def drop(self, key: str, body: bytes) -> str:
        self.versions[key].append(body)
        return f"v{len(self.versions[key])}"

    def delete(self, key: str) -> None:
        """Put a delete marker on a key; `restore` takes it away."""
        self.deleted.add(key)

    def restore(self, key: str) -> None:
        self.deleted.discard(key)

    def current(self, key: str) -> LandedVersion | None:
        if key not in self.versions or key in self.deleted:
            return None
        version = self.named.get(key, f"v{len(self.versions[key])}")
        return LandedVersion(version, len(self.versions[key][-1]), self.landed.get(key, 0.0))

    def opened(self, key: str) -> tuple[LandedVersion, io.BytesIO] | None:
        current = self.current(key)
        return (current, io.BytesIO(self.versions[key][-1])) if current else None

    def open(self, key: str, version: str) -> io.BytesIO:
        number = len(self.versions[key]) if version == self.named.get(key) else int(version[1:])
        return io.BytesIO(self.versions[key][number - 1])


@dataclass
class MemoryListing:
    """What a MemoryLanding holds, some keys a page."""

    landing: MemoryLanding
    bucket: str = "landing"
    keys_of_a_page: int = 2

    def page(self, prefix: str, after: str) -> ListedPage:
        keys = [key for key in sorted(self.landing.versions) if key.startswith(prefix) and key > after]
        some = keys[: self.keys_of_a_page]
        return ListedPage([self._listed(key) for key in some], some[-1] if len(keys) > len(some) else "")

    def _listed(self, key: str) -> ListedObject:
        if found := self.landing.current(key):
            return ListedObject(key, found.version, found.size_bytes, found.landed)
        return ListedObject(key, "", 0, self.landing.landed.get(key, 0.0))


@dataclass
class MemoryOutcomes:
    """Quarantine is that of the artifacts; failures are said by the test."""

    artifacts: "MemoryArtifacts"
    failures: list[str] = field(default_factory=list)
    answers: dict[tuple[str, str], str] = field(default_factory=dict)

    def is_quarantined(self, dataset: str, event_id: str) -> bool:
        return names.quarantine_key(dataset, event_id) in self.artifacts.objects

    def failed(self) -> Iterator[str]:
        yield from self.failures

    def answered(self, dataset: str, source_id: str) -> str:
        return self.answers.get((dataset, source_id), "")

    def answer(self, dataset: str, source_id: str, finding: str) -> None:
        self.artifacts.crash.tick()
        self.answers[dataset, source_id] = finding


@dataclass
class MemoryAnnouncer:
    """A chain's topic: what it was told, by notification."""

    crash: Crash = field(default_factory=Crash)
    told: list[str] = field(default_factory=list)

    def announce(self, notification: str) -> None:
        self.crash.tick()
        self.told.append(notification)


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

    def delete(self, key: str) -> None:
        self.crash.tick()
        self.objects.pop(key, None)

    def read(self, key: str) -> bytes | None:
        self.crash.tick()
        return self.objects.get(key)


@dataclass
class MemoryPublisher(Generic[M]):
    crash: Crash = field(default_factory=Crash)
    published: list[M] = field(default_factory=list)

    def publish(self, message: M) -> None:
        self.crash.tick()
        self.published.append(message)
