"""The logs of deployed functions, from CloudWatch Logs."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lakeloop.client.log_lines import LogEvent, from_milliseconds

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

# Lines may arrive after later ones were shown.
OVERLAP_MS = 10_000


@dataclass
class FunctionLog:
    """One log group, read event by event, each once."""

    client: "CloudWatchLogsClient"
    group: str
    minutes: int = 60
    function: str = ""
    _seen: set[tuple[str, int, str]] = field(default_factory=set)
    _latest_ms: int = 0

    def read(self) -> Iterator[str]:
        """The lines that came since the last call; none for a function that has never run."""
        return (event.text for event in self.events())

    def events(self) -> Iterator[LogEvent]:
        """The events that came since the last call, with their moments."""
        start = max(int((time.time() - 60 * self.minutes) * 1000), self._latest_ms - OVERLAP_MS)
        pages = self.client.get_paginator("filter_log_events").paginate(logGroupName=self.group, startTime=start)
        for event in (event for page in pages for event in page["events"]):
            identity = (event.get("logStreamName", ""), event["timestamp"], event["message"])
            if identity not in self._seen:
                self._seen.add(identity)
                self._latest_ms = max(self._latest_ms, event["timestamp"])
                yield LogEvent(self.function, from_milliseconds(event["timestamp"]), event["message"].rstrip("\n"))
