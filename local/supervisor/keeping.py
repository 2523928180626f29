"""A part that ended by itself is started again, a few times; what happened stands in the supervisor's log."""

import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from subprocess import Popen

import psutil

from lakeloop.local.errors import LocalCloudError
from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor import processes
from lakeloop.local.supervisor.parts import Part

# More often in one run is no accident, and somebody must look.
MOST_RESTARTS = 3
LOOK_SECONDS = 0.5


@dataclass
class KeptPart:
    """A part that was started here, by whichever process it is now."""

    part: Part
    paths: CloudPaths
    process: "Popen[bytes]" = field(init=False)
    restarts: int = 0

    def __post_init__(self) -> None:
        self.process = processes.start(self.part, self.paths)

    def wait_until_healthy(self) -> None:
        processes.wait_until_healthy(self.part, self.process, self.paths.log(self.part.name))

    def stop(self) -> None:
        if self.process.poll() is None:
            processes.stop(psutil.Process(self.process.pid))

    def ended(self) -> bool:
        """Whether it is down although it could be started again."""
        return self.process.poll() is not None and self.restarts < MOST_RESTARTS

    def start_again(self) -> None:
        """Says what came of it; a part that does not come up counts as ended again."""
        name, status = self.part.name, self.process.returncode
        self.restarts += 1
        say(f"{name}: ended with status {status}; starting it again ({self.restarts} of {MOST_RESTARTS})")
        self.process = processes.start(self.part, self.paths)
        try:
            self.wait_until_healthy()
        except LocalCloudError as error:
            say(f"{name}: {error.what}")
            self.stop()
        else:
            say(f"{name}: up again")
        if self.restarts == MOST_RESTARTS:
            say(f"{name}: stays down when it ends again; run `lakeloop down`, look at its log, run `lakeloop up`")


def start_kept(running: ExitStack, part: Part, paths: CloudPaths) -> KeptPart:
    """Start a part that is stopped with `running`, whatever process it is by then."""
    kept = KeptPart(part, paths)
    running.callback(kept.stop)
    return kept


def wait_for_an_end(parts: list[KeptPart]) -> KeptPart:
    while True:
        for part in parts:
            if part.ended():
                return part
        time.sleep(LOOK_SECONDS)


def say(line: str) -> None:
    """Into the supervisor's log; its standard output belongs to who started it, and may be closed by now."""
    print(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {line}", file=sys.stderr, flush=True)
