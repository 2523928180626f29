"""Handler processes that nobody uses end, busy and fresh ones stay."""

import json

import pytest

from tests.contract.aws.calls import in_emulator

PROGRAM = """
import json, subprocess, time
from ministack.core import lambda_runtime
from lakeloop.local.aws.patches import idle_handlers

class Worker(lambda_runtime.Worker):
    def __init__(self, idle_for, in_use=False):
        super().__init__("function", {}, b"")
        self.last_used, self.in_use = time.time() - idle_for, in_use
        self._proc = self.process = subprocess.Popen(["sleep", "60"])

workers = {"idle": Worker(500), "busy": Worker(500, in_use=True), "fresh": Worker(1)}
lambda_runtime._workers.update({"one": [workers["idle"]], "two": [workers["busy"], workers["fresh"]]})
ended = idle_handlers.end_idle_handlers()
print(json.dumps([ended, [name for name, worker in workers.items() if worker.process.poll() is None]]))
lambda_runtime.reset()
"""


def test_an_idle_handler_ends_even_if_it_is_the_only_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    ended, running = json.loads(in_emulator(PROGRAM, str(tmp_path_factory.mktemp("idle"))))

    assert ended == 1
    assert running == ["busy", "fresh"]
