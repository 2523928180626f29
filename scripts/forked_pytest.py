"""Runs pytest as often as it is asked, in forks of one process that has imported the libraries; of `scripts.mutants`.

Imports take longer than the tests of most mutants. What is ours is imported anew in each fork, from the checkout in
which this process was started. Reads one JSON object a line, `{"arguments": [...], "seconds": 60, "compile": false}`,
and answers with a line that holds the exit status of pytest, 1 where time was up.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

LIBRARIES = ("aws_lambda_powertools", "boto3", "hypothesis", "numpy", "polars", "pydantic", "yaml")
SECONDS_BETWEEN_LOOKS = 0.02


def run(arguments: Sequence[str], *, compiled: bool) -> None:
    """In a fork of its own group of processes, so that all it began can be ended."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    # Compiled files are known by second and size: those of two mutants would be one.
    sys.dont_write_bytecode = not compiled
    os._exit(pytest.main([*arguments]))


def status(process: int, seconds: float | None) -> int:
    """How a child ended, which is ended when its time is up."""
    begun = time.monotonic()
    while os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if seconds is not None and time.monotonic() - begun > seconds:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return 1
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return abs(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))


def main() -> None:
    for library in LIBRARIES:
        # A checkout may need less than ours.
        with contextlib.suppress(ImportError):
            importlib.import_module(library)
    # As `python -m pytest` has it, instead of the folder of this file.
    sys.path[0] = str(Path.cwd())
    for line in sys.stdin:
        asked = json.loads(line)
        if (process := os.fork()) == 0:
            run(asked["arguments"], compiled=asked["compile"])
        print(status(process, asked["seconds"]), flush=True)


if __name__ == "__main__":
    main()
