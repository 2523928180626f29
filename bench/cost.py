"""What ingest costs: processor seconds and requests for a thousand small files, and for a million rows in one.

Files go through the whole function in one process, with S3 and lakeFS in memory, so calls are counted and not waited
for; how many requests a call of a port makes is what its adapter does. The last line is one JSON object.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

from lakeloop.adapters.lakefs import SMALL_BYTES
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryContracts, turns
from tests.faults.crashes import Proxy, Recorder
from tests.world import World

FILES, ROWS_OF_A_FILE, BATCH = 1_000, 50, 250
MILLION = 1_000_000
GIBIBYTES = 3_008 / 1_024

# Requests of one call of a port, by the service that is asked; what lakeFS asks of its bucket and database is its own.
REQUESTS: Mapping[str, Mapping[str, int]] = {
    "landing.opened": {"S3 GET": 1},
    "landing.current": {"S3 GET": 1},
    "landing.open": {"S3 GET": 1},
    "artifacts.upload": {"S3 PUT": 1},
    "publisher.publish": {"SNS": 1},
    "lake.download": {"lakeFS": 1, "S3 GET": 1},
}
# What brings ten files to the function: a receive, a delete, and the event of each through SNS.
SQS_OF_TEN = 2
# US dollars a request or GB-second: list prices of us-east-1 for arm64, without free tiers; check them for your region.
PRICES = {"S3 GET": 0.4e-6, "S3 PUT": 5e-6, "SNS": 0.5e-6, "SQS": 0.4e-6, "lakeFS": 0.0, "GB-s": 13.3334e-6}


@dataclass(frozen=True)
class Cost:
    """Of one kind of delivery; `seconds` are of one processor."""

    seconds: float
    requests: Mapping[str, int]
    commits: int

    @property
    def dollars(self) -> float:
        """As if one processor of the function's 1.7 were busy all the time it is paid for."""
        asked = sum(PRICES[name] * count for name, count in self.requests.items())
        return self.seconds * GIBIBYTES * PRICES["GB-s"] + asked


def cost(deliveries: Sequence[Mapping[str, bytes]]) -> Cost:
    """Of deliveries, each of some files by name."""
    world, recorder = World(tiny()), Recorder()
    ports: dict[str, Any] = {
        "landing": Proxy(recorder, "landing", world.landing),
        "artifacts": Proxy(recorder, "artifacts", world.artifacts),
        "lake": Proxy(recorder, "lake", world.lake),
        "publisher": Proxy(recorder, "publisher", world.publisher),
        "contracts": MemoryContracts(world.contract),
        "max_object_bytes": 2**31,
    }
    service = world.made(**ports)
    messages = [[world.drop(name, body, name) for name, body in files.items()] for files in deliveries]
    before = time.process_time()
    # What the function logs is for nobody here.
    with redirect_stdout(StringIO()):
        failures = [service.handle(some, turns()) for some in messages]
    seconds = time.process_time() - before
    if any(failures):
        raise AssertionError(failures)
    requests: Counter[str] = Counter()
    for call in recorder.calls:
        requests.update(REQUESTS.get(call, {"lakeFS": 1} if call.startswith("lake.") else {}))
    # Two calls of lakeFS around one of S3 in place of one.
    large = sum(len(body) > SMALL_BYTES for body in world.lake.bytes.values())
    requests.update({"lakeFS": large, "S3 PUT": large})
    count = sum(map(len, deliveries))
    requests.update({"SNS": count, "SQS": -(-count // 10) * SQS_OF_TEN})
    return Cost(seconds, requests, len(world.lake.commits) - 1)


def rows(first: int, count: int) -> list[str]:
    return [
        f"k{n},{'yes' if n % 2 else 'no'},{n % 1000 / 100},{n},{'ab'[n % 2]},true" for n in range(first, first + count)
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--rows", type=int, default=MILLION)
    asked = parser.parse_args()
    small = {f"{n}.csv": tiny_csv(*rows(n * ROWS_OF_A_FILE, ROWS_OF_A_FILE)) for n in range(asked.files)}
    names = list(small)
    batches = [{name: small[name] for name in names[at : at + BATCH]} for at in range(0, len(names), BATCH)]
    found = {
        f"{asked.files:,} files of {ROWS_OF_A_FILE} rows, {BATCH} a delivery": cost(batches),
        f"{asked.rows:,} rows in one file": cost([{"large.csv": tiny_csv(*rows(0, asked.rows))}]),
    }
    services = ["lakeFS", "S3 GET", "S3 PUT", "SNS", "SQS"]
    print(
        "|".join(["", " delivery ", " processor seconds ", *(f" {name} " for name in services), " commits ", " $ ", ""])
    )
    print("|".join(["", *["---"] * (len(services) + 4), ""]))
    for name, one in found.items():
        cells = [name, f"{one.seconds:.1f}", *(f"{one.requests.get(s, 0):,}" for s in services), str(one.commits)]
        print("|".join(["", *(f" {cell} " for cell in [*cells, f"{one.dollars:.4f}"]), ""]))
    print(json.dumps({name: {"seconds": round(one.seconds, 2), **one.requests} for name, one in found.items()}))


if __name__ == "__main__":
    main()
