"""`make test-repeat`: the tests that use local servers again and again, half of the runs with both cores busy.

Each run is a line in .local/test-repeat.jsonl, so that runs of several days add up; the last line printed is a summary
of this commit's.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

RECORD = Path(".local") / "test-repeat.jsonl"
CLOUD = ("tests/e2e", "tests/contract", "tests/unit/local")
BUSY = "while True: pass"
CORES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="of the tests that use local servers")
    parser.add_argument("--full", type=int, default=2, help="of all tests")
    parser.add_argument("--only", nargs="*", default=[], help="these tests instead, to try something out")
    options = parser.parse_args()
    for number in range(options.runs):
        run("cloud", options.only or CLOUD, busy=number % 2 == 1)
    for number in range(options.full):
        run("all", options.only, busy=number % 2 == 1)
    summary = summarize(commit())
    print(json.dumps(summary))
    sys.exit(bool(summary["failed"]))


def run(what: str, tests: tuple[str, ...] | list[str], *, busy: bool) -> None:
    started = time.time()
    with busy_cores() if busy else nullcontext():
        done = subprocess.run(
            (sys.executable, "-m", "pytest", "-q", *tests), capture_output=True, text=True, check=False
        )
    lines = done.stdout.splitlines()
    entry = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "commit": commit(),
        "what": what,
        "tests": list(tests),
        "busy": busy,
        "load": round(os.getloadavg()[0], 1),
        "seconds": round(time.time() - started),
        "passed": done.returncode == 0,
        "failures": [line for line in lines if line.startswith(("FAILED", "ERROR"))],
        "last_line": lines[-1] if lines else done.stderr[-500:],
    }
    RECORD.parent.mkdir(exist_ok=True)
    with RECORD.open("a", encoding="utf-8") as record:
        record.write(json.dumps(entry) + "\n")
    print(json.dumps(entry), flush=True)


def summarize(at: str) -> dict[str, int | str]:
    """All runs of a commit so far."""
    entries = [json.loads(line) for line in RECORD.read_text(encoding="utf-8").splitlines()]
    ours = [entry for entry in entries if entry["commit"] == at]
    return {
        "commit": at,
        "runs": len(ours),
        "busy": sum(entry["busy"] for entry in ours),
        "full": sum(entry["what"] == "all" for entry in ours),
        "failed": sum(not entry["passed"] for entry in ours),
    }


def commit() -> str:
    described = ("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
    return subprocess.run(described, capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def busy_cores() -> Iterator[None]:
    """As many processes as there are cores that do nothing but compute."""
    workers = [subprocess.Popen((sys.executable, "-c", BUSY)) for _ in range(CORES)]
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


if __name__ == "__main__":
    main()
