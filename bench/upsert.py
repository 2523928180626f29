"""What an upsert that touches every bucket costs: time against rewriting the same Parquet, and memory.

Main lies in a folder. The second delivery brings half of the keys again. The last line is one JSON object.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import polars as pl

from bench.memory import CONTRACT, good, written
from lakeloop.contract.digest import reading_digest
from lakeloop.ingest import keyed
from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.prepared import Prepared
from lakeloop.ingest.shelf import Shelf
from lakeloop.ingest.transform import Origin, transform
from lakeloop.lake.index import Index
from lakeloop.lake.ports import LakeObject
from lakeloop.lake.sources import Source

UPSERT = CONTRACT.model_copy(update={"delivery": "upsert"})
MEGABYTE = 1024 * 1024
NO_LIMIT = 2**40


class FolderLake:
    """Of a lake what an upsert asks for, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def upload(self, _repository: str, _branch: str, path: str, file: Path) -> None:
        (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
        copyfile(file, self._folder / path)

    def delete(self, _repository: str, _branch: str, path: str) -> None:
        (self._folder / path).unlink(missing_ok=True)

    def read(self, _repository: str, _ref: str, path: str) -> bytes | None:
        file = self._folder / path
        return file.read_bytes() if file.is_file() else None

    def download(self, _repository: str, _ref: str, path: str, file: Path) -> bool:
        there = self._folder / path
        if there.is_file():
            copyfile(there, file)
        return there.is_file()

    def folders(self, _repository: str, _ref: str, prefix: str) -> list[str]:
        return sorted(path.name for path in (self._folder / prefix).glob("*"))

    def objects(self, _repository: str, _ref: str, prefix: str) -> Iterator[LakeObject]:
        for path in sorted((self._folder / prefix).rglob("*.*")):
            yield LakeObject(str(path.relative_to(self._folder)), str(path), path.stat().st_size)


def delivered(lake: FolderLake, table: Path, name: str, landed: float, folder: Path) -> float:
    """The seconds of one upsert of a file, without those that the gate takes."""
    result = transform(UPSERT, lambda: table.open("rb"), name, folder, origin=Origin(f"s3://b/{name}", landed))
    landing = LandedObject("b", name, "v", "memory")
    source = Source(name, f"s3://b/{name}", "v", result.sha256, result.rows_in, result.rows_committed, 0, "")
    begun = time.perf_counter()
    shelf = Shelf(lake, "", "", UPSERT, folder)  # type: ignore[arg-type]
    index = Index(lake, "", "")  # type: ignore[arg-type]
    keyed.upsert(shelf, index, [Prepared(landing, landed, reading_digest(UPSERT), source, result)])
    shelf.write(index)
    return time.perf_counter() - begun


def rewritten(folder: Path) -> float:
    """The seconds that reading and writing the same rows takes, which nobody can do without."""
    begun = time.perf_counter()
    for path in sorted((folder / "rows").rglob("*.parquet")):
        pl.read_parquet(path).write_parquet(os.devnull, compression="zstd")
    return time.perf_counter() - begun


def measure(megabytes: int) -> None:
    """One size, in a process of its own."""
    keyed.MOST_BYTES = keyed.MOST_ROWS = NO_LIMIT
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "main").mkdir()
        lake = FolderLake(folder / "main")
        table = written("good", megabytes * MEGABYTE, folder)
        delivered(lake, table, "first.csv", 1, folder)
        main = sum(path.stat().st_size for path in (folder / "main/rows").rglob("*.parquet"))
        half = folder / "half.csv"
        lines = megabytes * MEGABYTE // len(good(100_000)) // 2
        half.write_text("id,y,a,b,c,note\n" + "".join(good(2 * row) for row in range(lines)))
        seconds = delivered(lake, half, "second.csv", 2, folder)
        baseline = rewritten(folder / "main")
    status = Path("/proc/self/status").read_text()
    peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
    print(
        json.dumps(
            {
                "csv_mb": megabytes,
                "main_mib": round(main / MEGABYTE, 1),
                "seconds": round(seconds, 1),
                "ratio": round(seconds / baseline, 1),
                "peak_mb": round(peak / 1024),
            }
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", nargs="+", type=int, default=[20, 100, 400], metavar="MB")
    parser.add_argument("--one", type=int)
    asked = parser.parse_args()
    if asked.one:
        measure(asked.one)
        return
    found = []
    for size in asked.sizes:
        command = [sys.executable, "-m", "bench.upsert", "--one", str(size)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found.append(json.loads(done.stdout))
        print(found[-1], flush=True)
    print(json.dumps({"sizes": found, "worst_ratio": max(one["ratio"] for one in found)}))


if __name__ == "__main__":
    main()
