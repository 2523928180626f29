"""Runs inside a handler's process, on the bare interpreter: imports the handler, then answers one event per line.

Stands where the Lambda runtime stands on AWS. Only the standard library may be imported here. The dialogue is
ministack's: a line that describes the function, a line saying ready or why not, then event lines and result lines.
"""

import importlib
import json
import os
import site
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

Handler = Callable[[Any, "Context"], Any]


class Context:
    """The context object of a Python Lambda function."""

    identity = None
    client_context = None
    tenant_id = None

    def __init__(self, function: dict[str, Any], invocation: dict[str, Any]) -> None:
        self.function_name: str = function["function_name"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = str(function["memory"])
        self.invoked_function_arn: str = invocation.get("invoked_function_arn") or function["arn"]
        self.aws_request_id: str = invocation.get("request_id", "")
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self._deadline = time.monotonic() + invocation.get("timeout_ms", 0) / 1000

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def main() -> None:
    answers = claim_standard_output()
    function = json.loads(sys.stdin.readline())
    try:
        handler = load_handler(function)
    except BaseException as error:  # noqa: BLE001 - module code may raise anything, SystemExit included
        traceback.print_exc()
        answer(answers, {"status": "error", "error": f"Unable to import module '{function['module']}': {error}"})
        return
    answer(answers, {"status": "ready"})
    for line in sys.stdin:
        message = json.loads(line)
        answer(answers, invoke(handler, message["event"], Context(function, message.get("ctx") or {})))


def claim_standard_output() -> TextIO:
    """Keep the real standard output for answers; whatever else writes to it, C code included, goes to the log."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def answer(answers: TextIO, result: dict[str, Any]) -> None:
    # Logs go over another pipe: they must be out before the answer is.
    sys.stdout.flush()
    sys.stderr.flush()
    answers.write(json.dumps(result) + "\n")
    answers.flush()


def load_handler(function: dict[str, Any]) -> Handler:
    """Set up the import path in AWS's order (function before layers, later layers first) and import the handler."""
    for layer in function["layers"]:
        add_layer(Path(layer))
    sys.path.insert(0, function["code_dir"])
    handler: Handler = getattr(importlib.import_module(function["module"]), function["handler"])
    return handler


def add_layer(layer: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = layer / "python" / "lib" / version / "site-packages"
    if packages.is_dir():
        site.addsitedir(str(packages))
    sys.path.insert(0, str(layer / "python"))


def invoke(handler: Handler, event: object, context: Context) -> dict[str, Any]:
    try:
        return {"status": "ok", "result": json_value(handler(event, context))}
    except Exception as error:  # noqa: BLE001 - every error of a handler becomes the answer of its invocation
        return {"status": "error", "error": str(error), "trace": traceback.format_exc()}


def json_value(result: object) -> object:
    """The result as JSON carries it; what JSON cannot carry is the handler's error, as on AWS."""
    return json.loads(json.dumps(result))


if __name__ == "__main__":
    main()
