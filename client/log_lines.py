"""What functions log, as it was meant: a moment, a level, a sentence and what it is about."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# Lambda's own lines about each call; `--raw` shows them.
OF_LAMBDA = ("START RequestId:", "END RequestId:", "REPORT RequestId:", "INIT_START ", "XRAY TraceId:")
# What Powertools adds to each line and nobody reads twice.
OF_POWERTOOLS = frozenset(
    {
        *("level", "location", "message", "timestamp", "service", "cold_start", "function_name", "function_arn"),
        *("function_memory_size", "function_request_id", "xray_trace_id", "exception", "exception_name", "stack_trace"),
    }
)


@dataclass(frozen=True)
class LogEvent:
    """One event of a function's log; `moment` is aware, `text` as it was written."""

    function: str
    moment: datetime
    text: str


@dataclass(frozen=True)
class LogLine:
    """One event as a person reads it; `trace` is a traceback's lines, empty when there is none."""

    moment: datetime
    function: str
    level: str
    message: str
    fields: Mapping[str, object]
    trace: str
    request_id: str


def parsed(event: LogEvent) -> LogLine | None:
    """The event as a line; None for what Lambda and the metrics say of themselves."""
    if event.text.startswith(OF_LAMBDA) or not event.text.strip():
        return None
    try:
        said = json.loads(event.text)
    except ValueError:
        said = None
    if isinstance(said, dict):
        return None if "_aws" in said else _structured(event, said)
    first, _, rest = event.text.strip("\n").partition("\n")
    level = next((level for level in LEVELS if f"[{level}]" in first), "ERROR" if "Traceback" in event.text else "INFO")
    return LogLine(event.moment, event.function, level, first, {}, rest, "")


def _structured(event: LogEvent, said: Mapping[str, object]) -> LogLine:
    return LogLine(
        moment=event.moment,
        function=event.function,
        level=str(said.get("level", "INFO")),
        message=str(said.get("message", "")),
        fields=dict(_flat({name: value for name, value in said.items() if name not in OF_POWERTOOLS})),
        trace=str(said.get("exception") or ""),
        request_id=str(said.get("function_request_id", "")),
    )


def _flat(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Fields of what is logged as one thing stand beside the others: nobody looks for `source.rows_in`."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield name.removeprefix("lakeloop:"), value


@dataclass(frozen=True)
class Wanted:
    """Which lines are shown: of a level or above it, and with all these words anywhere in them."""

    level: str = "DEBUG"
    words: tuple[str, ...] = ()

    def takes(self, line: LogLine, text: str) -> bool:
        # Levels that others made up count as an INFO.
        rank = LEVELS.index(line.level) if line.level in LEVELS else 1
        return rank >= LEVELS.index(self.level) and self.takes_text(text)

    def takes_text(self, text: str) -> bool:
        return all(word.lower() in text.lower() for word in self.words)


def without_banner(written: Iterable[str]) -> Iterator[str]:
    """The lines of a part's log without the picture that the emulated AWS begins with."""
    drawing = False
    for line in written:
        drawing = line.endswith("[ministack] ") or (drawing and not line[:4].isdigit())
        if not drawing:
            yield line


def from_milliseconds(timestamp: int) -> datetime:
    """The moment of a CloudWatch Logs timestamp."""
    return datetime.fromtimestamp(timestamp / 1000, UTC)
