"""Functions report to CloudWatch however they were invoked, and the metrics in their log lines arrive there too.

Gaps in ministack: AWS/Lambda metrics come from the Invoke API only, not from queues, rules and API Gateway; a log line
in the embedded metric format stays a log line.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.lambda_svc"
EMIT_METRICS = PrivateName(MODULE, "_emit_lambda_metrics", ("function_name", "duration_ms", "error", "throttle"))
EMIT_LOGS = PrivateName(
    MODULE, "_emit_lambda_logs", ("func", "request_id", "log_text", "error", "duration_ms", "log_source")
)
DISPATCH = PrivateName(MODULE, "_execute_function_dispatch", ("func", "config", "event", "request_id", "started"))
RECORD = PrivateName(
    "ministack.services.cloudwatch", "record_metric", ("namespace", "metric_name", "value", "unit", "dimensions")
)
TOUCHES = (EMIT_METRICS, EMIT_LOGS, DISPATCH, RECORD)

Datum = tuple[str, str, float, str, dict[str, str]]


def apply(settings: Settings) -> None:
    emit = EMIT_METRICS.get()
    EMIT_METRICS.replace(only_throttles(emit))
    DISPATCH.wrap(lambda original: with_metrics(original, emit))
    EMIT_LOGS.wrap(with_embedded_metrics)


def only_throttles(emit: Callable[..., None]) -> Callable[..., None]:
    """The Invoke API's own report, cut down to what never reaches an execution."""

    def report(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:
        if throttle:
            emit(function_name, duration_ms, error, throttle)

    return report


def with_metrics(original: Callable[..., Any], emit: Callable[..., None]) -> Callable[..., Any]:
    """Report every execution: all ways of invoking a function meet here."""

    def dispatch(func: Any, config: dict[str, Any], event: Any, request_id: str, started: float) -> Any:  # noqa: ANN401
        result = original(func, config, event, request_id, started)
        failed = isinstance(result, dict) and bool(result.get("error"))
        emit(config["FunctionName"], (time.time() - started) * 1000, failed, False)
        return result

    return dispatch


def with_embedded_metrics(original: Callable[..., None]) -> Callable[..., None]:
    def emit_logs(func: Any, request_id: str, log_text: str, *rest: object, **options: object) -> None:  # noqa: ANN401
        original(func, request_id, log_text, *rest, **options)
        for line in (log_text or "").splitlines():
            for datum in embedded_metrics(line):
                RECORD.get()(*datum)

    return emit_logs


def embedded_metrics(line: str) -> Iterator[Datum]:
    """The data in a log line in the embedded metric format; nothing for any other line."""
    if not line.startswith("{") or '"CloudWatchMetrics"' not in line:
        return
    try:
        document = json.loads(line)
        directives = document["_aws"]["CloudWatchMetrics"]
    except (ValueError, KeyError, TypeError):
        return
    for directive in directives:
        for names in directive.get("Dimensions") or [[]]:
            dimensions = {name: str(document[name]) for name in names if name in document}
            for metric in directive.get("Metrics", ()):
                for value in numbers(document.get(metric["Name"])):
                    yield directive["Namespace"], metric["Name"], value, metric.get("Unit", "None"), dimensions


def numbers(value: object) -> list[float]:
    """A metric's value is a number or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [float(item) for item in values if isinstance(item, int | float)]
