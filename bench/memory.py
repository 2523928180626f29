"""Peak memory of the gate, by table: what a function needs does not grow with the file, whatever stands in it.

Each table is judged by a process of its own that imports what the handler imports; VmHWM of Linux is its peak. The last
line is one JSON object: megabytes by table and size, and the largest.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.transform import transform

MEGABYTE = 1024 * 1024
GOAL_MB = 350
HANDLERS_IMPORTS = ("boto3", "lakeloop.adapters.lakefs", "lakeloop.adapters.messaging", "lakeloop.observability")
CONTRACT = DatasetContract.model_validate(
    {
        "name": "memory",
        "problem": "binary",
        "label": "y",
        "positive_class": "yes",
        "row_key": "id",
        "columns": [
            {"name": "id", "type": "integer"},
            {"name": "y", "type": "category", "allowed": ["no", "yes"]},
            {"name": "a", "type": "float", "min": 0, "max": 1000},
            {"name": "b", "type": "float", "nullable": True},
            {"name": "c", "type": "category", "allowed": ["red", "green"], "nullable": True},
            {"name": "note", "type": "string"},
        ],
    }
)
HEADER = b"id,y,a,b,c,note\n"


def rows(line: Callable[[int], str], size: int) -> Iterator[bytes]:
    """The header and lines, about so many bytes."""
    yield HEADER
    number = 0
    while size > 0:
        part = "".join(line(row) for row in range(number, number + 10_000)).encode()
        yield part[: part.rfind(b"\n", 0, size) + 1]
        number, size = number + 10_000, size - len(part)


def repeated(text: bytes, size: int, first: bytes = HEADER) -> Iterator[bytes]:
    yield first
    for _ in range(0, size, MEGABYTE):
        yield text * (MEGABYTE // len(text))


def good(row: int) -> str:
    return f"{row},{'yes' if row % 3 else 'no'},{row % 1000}.25,{row % 7}.5,red,some words of {row}\n"


def quoted(row: int) -> str:
    return ",".join(f'"{field}"' for field in good(row).rstrip().split(",")) + "\n"


TABLES: dict[str, Callable[[int], Iterator[bytes]]] = {
    "good": lambda size: rows(good, size),
    "all rows bad": lambda size: rows(lambda row: f"{row},perhaps,x{row},y,blue,\n", size),
    "one open quote": lambda size: rows(lambda row: good(row) if row else f'{row},"yes,1,1,red,x\n', size),
    "one line": lambda size: repeated(b"abc,def ghi ", size),
    "blank lines": lambda size: repeated(b"\n", size),
    "only commas": lambda size: repeated(b",,,,,\n", size),
    "one line of commas": lambda size: repeated(b",", size),
    "trailing delimiters": lambda size: rows(lambda row: good(row).rstrip("\n") + ",,,\n", size),
    "every field quoted": lambda size: rows(quoted, size),
    "doubled quotes": lambda size: rows(lambda row: good(row).replace("some", '"a ""b""').rstrip("\n") + '"\n', size),
}
JSON = "a new key on each line"


def written(table: str, size: int, folder: Path) -> Path:
    parts: Iterable[bytes]
    if table == JSON:
        path, parts = folder / "t.jsonl", (f'{{"id": {row}, "key{row}": 1}}\n'.encode() for row in range(size // 30))
    else:
        path, parts = folder / "t.csv", TABLES[table](size)
    with path.open("wb") as file:
        file.writelines(parts)
    return path


def judge(path: Path) -> None:
    """What the handler does with one file, and how much memory that took at most."""
    for module in HANDLERS_IMPORTS:
        import_module(module)
    with tempfile.TemporaryDirectory() as folder, suppress(UnreadableObjectError):
        transform(CONTRACT, lambda: path.open("rb"), path.name, Path(folder))
    status = Path("/proc/self/status").read_text()
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def peak_megabytes(table: str, megabytes: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = written(table, megabytes * MEGABYTE, Path(folder))
        command = [sys.executable, "-m", "bench.memory", "--judge", str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", nargs="+", type=int, default=[20, 100], metavar="MB")
    parser.add_argument("--tables", nargs="+", default=[*TABLES, JSON])
    parser.add_argument("--judge", type=Path)
    asked = parser.parse_args()
    if asked.judge:
        judge(asked.judge)
        return
    peaks = {}
    for table in asked.tables:
        peaks[table] = {size: round(peak_megabytes(table, size)) for size in asked.sizes}
        print(f"{table:24}", *(f"{peak:5} MB at {size} MB" for size, peak in peaks[table].items()), flush=True)
    most = max(peak for sizes in peaks.values() for peak in sizes.values())
    print(json.dumps({"peaks_mb": peaks, "most_mb": most, "goal_mb": GOAL_MB}))


if __name__ == "__main__":
    main()
