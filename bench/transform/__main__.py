"""Each variant and size in a process of its own. The last line is one JSON object, of the largest size.

`ratio_x` is how many times longer x takes in wall seconds, `cpu_ratio_x` in seconds of both cores; `ratio_floor` and
`ratio_floor_text` how many times longer the product takes than a pass that touches all columns; `times_csv_x` how many
times the processor seconds of the CSV the same rows take in another format. Trust ratios, not
seconds: machines differ and are busy.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from logging import getLogger
from pathlib import Path

import boto3
import polars as pl
from moto.server import ThreadedMotoServer

from bench.memory import HANDLERS_IMPORTS
from bench.transform.formats import FORMATS, contract_of
from bench.transform.table import CONTRACT, MEGABYTE, TABLES, written
from lakeloop.ingest.cells import DTYPES
from lakeloop.ingest.transform import transform

Measured = dict[str, float]
PEERS_PYTHON = Path(".local/venvs/bench/bin/python")
PEERS = ("pandas", "pandas_fast", "awswrangler")
REPEATS = 3
# Beyond this a run says what it says; below, the shortest of some.
ONCE_FROM_MB = 200
MEMORY_MB = 2_000
FORMATS_MB = 50


def product(table: Path, folder: Path) -> tuple[int, int]:
    result = transform(contract_of(table), lambda: table.open("rb"), table.name, folder)
    return result.rows_committed, result.rows_quarantined


def floor(table: Path, _folder: Path) -> tuple[int, int]:
    """The least that a reader of all columns does: read them typed and look at each value."""
    schema = {column.name: DTYPES[column.type] for column in CONTRACT.columns}
    schema["active"] = pl.String()
    scan = pl.scan_csv(table, schema=schema, ignore_errors=True)
    seen = scan.select(pl.len().alias("rows"), pl.all().max()).collect(engine="streaming")
    return seen["rows"].item(), 0


def measure(variant: str, table: Path, folder: Path) -> None:
    for module in HANDLERS_IMPORTS:
        import_module(module)
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    good, bad = {"product": product, "floor": floor}[variant](table, folder)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "peak_mb": peak_megabytes(), "good": good, "bad": bad}))


def peak_megabytes() -> float:
    """Of this program alone; what getrusage tells is at least what the program before it took."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def run(variant: str, table: Path, megabytes: int) -> Measured:
    """The fastest of some runs."""
    runs = [measured(variant, table) for _ in range(1 if megabytes >= ONCE_FROM_MB else REPEATS)]
    best = {key: min(one[key] for one in runs) for key in runs[0]}
    print(
        f"{megabytes:5} MB {table.name.partition('.')[0]:10} {variant:12}",
        *(f"{key} {best[key]:,.2f}" for key in best),
        flush=True,
    )
    return best


def measured(variant: str, table: Path) -> Measured:
    command = [sys.executable, "-m", "bench.transform", "--measure", variant]
    if variant in PEERS:
        command = [str(PEERS_PYTHON), "bench/transform/peers.py", variant]
    with tempfile.TemporaryDirectory(prefix="lakeloop") as folder, ExitStack() as stack:
        environment = dict(os.environ)
        if variant == "awswrangler":
            environment |= stack.enter_context(bucket(Path(folder).name, table))
        done = subprocess.run(
            [*command, str(table), folder], check=True, stdout=subprocess.PIPE, text=True, env=environment
        )
        result: Measured = json.loads(done.stdout)
        return result


@contextmanager
def bucket(name: str, table: Path) -> Iterator[dict[str, str]]:
    """Holds the table; gives the environment by which a client finds it."""
    getLogger("werkzeug").setLevel("ERROR")
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    found = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    session = boto3.Session("none", "none", region_name=found["AWS_DEFAULT_REGION"])
    client = session.client("s3", endpoint_url=found["AWS_ENDPOINT_URL"])
    client.create_bucket(Bucket=name)
    client.upload_file(str(table), name, table.name)
    try:
        yield found
    finally:
        server.stop()


def compared(table: str, megabytes: int, variants: list[str], folder: Path) -> dict[str, Measured]:
    path = written(table, megabytes * MEGABYTE, folder / f"{table}.csv")
    try:
        return {variant: run(variant, path, megabytes) for variant in variants}
    finally:
        path.unlink()


def formats(megabytes: int, asked: list[str], folder: Path) -> dict[str, Measured]:
    """The product on the same rows as CSV and in other formats."""
    table = written("ascii", megabytes * MEGABYTE, folder / "csv.csv")
    found = {"csv": run("product", table, megabytes)}
    for name in asked:
        path = FORMATS[name](table, folder)
        found[name] = run("product", path, megabytes)
        path.unlink()
    table.unlink()
    return found


def ratios(found: dict[str, Measured], of: str) -> dict[str, float]:
    mine = found["product"][of]
    over = {f"ratio_{peer}": round(found[peer][of] / mine, 2) for peer in PEERS if peer in found}
    return over | {"ratio_floor": round(mine / found["floor"][of], 2)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", nargs="+", type=int, default=[1, 50, 500], metavar="MB")
    parser.add_argument("--memory", type=int, default=MEMORY_MB, metavar="MB", help="0 for none")
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS)
    parser.add_argument("--formats", nargs="*", default=list(FORMATS), choices=FORMATS)
    parser.add_argument("--measure", nargs=3, metavar=("VARIANT", "TABLE", "FOLDER"))
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.measure[0], *map(Path, asked.measure[1:]))
        return
    peers = [peer for peer in asked.peers if PEERS_PYTHON.exists()]
    with tempfile.TemporaryDirectory(prefix="lakeloop") as temporary:
        folder = Path(temporary)
        for size in sorted(asked.sizes):
            found = compared("ascii", size, ["floor", "product", *peers], folder)
        others = {table: compared(table, size, ["floor", "product"], folder) for table in TABLES if table != "ascii"}
        summary = ratios(found, "wall")
        summary |= {f"cpu_{name}": ratio for name, ratio in ratios(found, "cpu").items()}
        for table, those in others.items():
            summary[f"ratio_floor_{table}"] = ratios(those, "wall")["ratio_floor"]
            summary[f"cpu_ratio_floor_{table}"] = ratios(those, "cpu")["ratio_floor"]
        summary["peak_mb"] = round(max(one["product"]["peak_mb"] for one in (found, *others.values())))
        if asked.formats:
            those = formats(min(max(asked.sizes), FORMATS_MB), asked.formats, folder)
            summary |= {
                f"times_csv_{name}": round(those[name]["cpu"] / those["csv"]["cpu"], 2) for name in asked.formats
            }
        if asked.memory:
            large = compared("ascii", asked.memory, ["product"], folder)["product"]
            summary["peak_mb_2gb"] = round(large["peak_mb"])
            rows = {name: one["good"] + one["bad"] for name, one in (("large", large), ("small", found["product"]))}
            summary["seconds_per_row_growth"] = round(
                large["wall"] / rows["large"] / (found["product"]["wall"] / rows["small"]), 2
            )
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
