"""W&B's offline folders, read from the outside."""

import json
import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.contract.tracking.seen import SeenRun

# The files are logs of LevelDB's kind: https://github.com/google/leveldb/blob/main/doc/log_format.md
HEADER = 7
BLOCK = 32768
RECORD = struct.Struct("<IHB")
FULL, LAST = 1, 4


class WandbReader:
    def __init__(self, root: Path) -> None:
        self._root = root

    def runs(self, experiment: str) -> list[SeenRun]:
        files = (self._root / experiment).rglob("*.wandb")
        return sorted((self._seen(file) for file in files), key=lambda run: run.key)

    def artifact(self, run: SeenRun, path: str) -> bytes:
        return Path(run.tags["folder"], "files", path).read_bytes()

    def _seen(self, file: Path) -> SeenRun:
        from wandb.proto import wandb_internal_pb2

        points: list[tuple[str, int, int, float]] = []
        config: dict[str, Any] = {}
        name = ""
        for data in records(file.read_bytes()):
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
            tags={**ours["tags"], "folder": str(file.parent)},
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
