"""W&B's offline folders, kept in memory and read from the outside."""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.contract.tracking.seen import SeenRun

# The files are logs of LevelDB's kind: https://github.com/google/leveldb/blob/main/doc/log_format.md
HEADER = 7
BLOCK = 32768
RECORD = struct.Struct("<IHB")
FULL, LAST = 1, 4


@dataclass
class MemoryFolders:
    files: dict[str, bytes] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def replace(self, folder: str, files: Mapping[str, bytes]) -> None:
        self.files = {path: body for path, body in self.files.items() if not path.startswith(f"{folder}/")}
        self.files |= {f"{folder}/{path}": body for path, body in files.items()}


class WandbReader:
    def __init__(self, folders: MemoryFolders) -> None:
        self._folders = folders

    def runs(self, experiment: str) -> list[SeenRun]:
        files = [path for path in self._folders.files if path.startswith(f"{experiment}/") and path.endswith(".wandb")]
        return sorted((self._seen(path) for path in files), key=lambda run: run.key)

    def artifact(self, run: SeenRun, path: str) -> bytes:
        return self._folders.files[f"{run.tags['folder']}/files/{path}"]

    def _seen(self, path: str) -> SeenRun:
        from wandb.proto import wandb_internal_pb2

        points: list[tuple[str, int, int, float]] = []
        config: dict[str, Any] = {}
        name = ""
        for data in records(self._folders.files[path]):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(data)
            if record.HasField("run"):
                name = record.run.display_name
                config |= {item.key: json.loads(item.value_json) for item in record.run.config.update}
            if record.HasField("history"):
                points += list(told(record.history))
        ours = config.pop("lakeloop")
        return SeenRun(
            key=ours["key"],
            name=name,
            status=ours["status"],
            parent=ours["parent"],
            started=milliseconds(ours["started"]),
            ended=milliseconds(ours["ended"]),
            params=config,
            points=sorted(points),
            tags={**ours["tags"], "folder": path.rpartition("/")[0]},
            sources=[ours["data"]],
        )


def told(history: Any) -> Iterator[tuple[str, int, int, float]]:  # noqa: ANN401 made by protobuf
    row = {item.key or item.nested_key[0]: json.loads(item.value_json) for item in history.item}
    for metric, value in row.items():
        if not metric.startswith("_"):
            yield metric, int(row["_step"]), round(row["_timestamp"] * 1000), value


def milliseconds(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp() * 1000)


def records(raw: bytes) -> Iterator[bytes]:
    at, part = HEADER, b""
    while at + RECORD.size <= len(raw):
        if BLOCK - at % BLOCK < RECORD.size:
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = RECORD.unpack_from(raw, at)
        at += RECORD.size
        part += raw[at : at + length]
        at += length
        if kind in (FULL, LAST):
            yield part
            part = b""
