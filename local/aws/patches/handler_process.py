"""Handlers run on a bare interpreter, in an environment of their own, from archives unpacked once.

Gap in ministack: handlers run on the emulator's interpreter (so its packages hide what a layer lacks), inherit the
emulator's environment, and each process unpacks its own copy of code and layers.
"""

import json
import queue
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lakeloop.local.aws.archives import UnpackedArchives
from lakeloop.local.aws.interpreters import Interpreters
from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import REGION, Settings

MODULE = "ministack.core.lambda_runtime"
SPAWN = PrivateName(MODULE, "Worker._spawn", ("self",))
READ_STDERR = PrivateName(MODULE, "Worker._read_stderr", ("self",))
DRAIN_STDERR = PrivateName(MODULE, "Worker._drain_stderr", ("self",))
DISCARD = PrivateName(MODULE, "Worker._discard_tmpdir", ("self",))
CREDENTIALS = PrivateName(MODULE, "execution_credentials", ("config",))
LAYER_ARCHIVE = PrivateName("ministack.services.lambda_svc", "_resolve_layer_zip", ("attachment",))
TOUCHES = (SPAWN, READ_STDERR, DRAIN_STDERR, DISCARD, CREDENTIALS, LAYER_ARCHIVE)

BOOTSTRAP = Path(__file__).parents[1] / "bootstrap.py"
# AWS gives the import of a handler ten seconds, and then once more within the function's own timeout.
INIT_SECONDS = 10


class HandlerProcesses:
    """Starts the process behind one of ministack's Lambda workers."""

    def __init__(self, settings: Settings, archives: UnpackedArchives, interpreters: Interpreters) -> None:
        self._settings = settings
        self._archives = archives
        self._interpreters = interpreters

    def spawn(self, worker: Any) -> None:  # noqa: ANN401 - ministack's Worker, whose fields are set here
        DISCARD.get()(worker)
        worker._tmpdir = tempfile.mkdtemp(prefix=f"{worker.func_name}-")
        config = worker.config
        code = self._archives.folder_of(worker.code_zip)
        function = self._function(config, code)
        process = subprocess.Popen(
            [str(self._interpreters.for_runtime(config["Runtime"])), "-P", str(BOOTSTRAP)],
            cwd=code,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=self._environment(config, code, worker._tmpdir),
        )
        worker._proc = process
        worker._stderr_queue = queue.Queue()
        worker._stderr_thread = threading.Thread(target=worker._read_stderr, daemon=True)
        worker._stderr_thread.start()
        limit = threading.Timer(INIT_SECONDS + config.get("Timeout", 3), process.kill)
        limit.start()
        try:
            self._wait_until_ready(worker, process, function)
        finally:
            limit.cancel()
        worker._start_time = time.time()

    def _function(self, config: dict[str, Any], code: Path) -> dict[str, Any]:
        module, _, handler = config["Handler"].rpartition(".")
        resolve = LAYER_ARCHIVE.get()
        archives = [resolve(layer) for layer in config.get("Layers", [])]
        return {
            "code_dir": str(code),
            "layers": [str(self._archives.folder_of(archive)) for archive in archives if archive],
            "module": module.replace("/", "."),
            "handler": handler,
            "function_name": config["FunctionName"],
            "memory": config.get("MemorySize", 128),
            "arn": config["FunctionArn"],
        }

    def _environment(self, config: dict[str, Any], code: Path, scratch: str) -> dict[str, str]:
        own = config.get("Environment", {}).get("Variables", {})
        name = config["FunctionName"]
        return {
            **self._settings.handler_environment(),
            **own,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **CREDENTIALS.get()(config),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": config.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d')}/[$LATEST]{uuid.uuid4().hex}",
            "LAMBDA_TASK_ROOT": str(code),
            "_HANDLER": config["Handler"],
            "HOME": scratch,
            "TMPDIR": scratch,
            # Archives are read-only: byte code is shared between processes beside them.
            "PYTHONPYCACHEPREFIX": str(self._settings.scratch_dir / "pycache"),
        }

    def _wait_until_ready(self, worker: Any, process: subprocess.Popen[str], function: dict[str, Any]) -> None:  # noqa: ANN401
        assert process.stdin is not None  # noqa: S101 - opened as a pipe above
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(json.dumps(function) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"the process ended with status {process.wait()}"}
        if answer.get("status") == "ready":
            return
        process.kill()
        process.wait()
        worker._stderr_thread.join(timeout=1)
        raise RuntimeError("\n".join(filter(None, [answer["error"], worker._drain_stderr()])))


def apply(settings: Settings) -> None:
    archives = UnpackedArchives(settings.scratch_dir / "archives")
    processes = HandlerProcesses(settings, archives, Interpreters(settings.interpreters_dir, settings.search_path))

    def wrapper(original: Callable[[Any], None]) -> Callable[[Any], None]:
        def spawn(worker: Any) -> None:  # noqa: ANN401
            if worker.config["Runtime"].startswith("python"):
                processes.spawn(worker)
            else:
                original(worker)

        return spawn

    SPAWN.wrap(wrapper)
