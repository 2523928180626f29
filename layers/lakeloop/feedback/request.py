"""What callers tell: one label or several, before anything is known of their predictions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lakeloop.serving.request import (
    INFERENCE_ID,
    INFERENCE_ID_EXPECTED,
    LARGEST_BODY,
    LONGEST_SHOWN,
    FieldProblem,
    InvalidRequestError,
    json_body,
)

MOST_LABELS = 500
LONGEST_SOURCE = 64
KEYS = ("inference_id", "label", "event_time", "label_source")
EVENT_TIME_EXPECTED = "expected a moment with its zone, such as 2026-11-26T10:04:00Z"
SOURCE_EXPECTED = f"expected text of at most {LONGEST_SOURCE} characters"
LABELS_EXPECTED = f"expected `inference_id` and `label`, or `labels`: a list of 1 to {MOST_LABELS} of them"


@dataclass(frozen=True)
class ToldLabel:
    """One label as it came; `problems` are those that it has under every contract."""

    inference_id: str
    label: object
    event_time: datetime | None = None
    label_source: str = ""
    problems: tuple[FieldProblem, ...] = ()


def told_labels(body: str) -> tuple[list[ToldLabel], bool]:
    """The labels, and whether they came as a list. Raises InvalidRequestError or TooLargeRequestError."""
    found = json_body(body, LARGEST_BODY)
    if not isinstance(found, dict):
        raise InvalidRequestError([FieldProblem("", LABELS_EXPECTED)])
    if "labels" not in found:
        return [_told(found)], False
    listed = found["labels"]
    problems = [FieldProblem(name[:LONGEST_SHOWN], "unknown") for name in found if name != "labels"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_LABELS:
        problems.append(FieldProblem("labels", LABELS_EXPECTED))
    if problems:
        raise InvalidRequestError(problems)
    return [_told(one if isinstance(one, dict) else {}) for one in listed], True


def _told(found: Mapping[str, Any]) -> ToldLabel:
    problems = [*_problems(found)]
    wrong = {problem.field for problem in problems}
    source = found.get("label_source") or ""
    return ToldLabel(
        inference_id="" if "inference_id" in wrong else found["inference_id"],
        label=found.get("label"),
        event_time=None if "event_time" in wrong else _moment(found.get("event_time")),
        label_source="" if "label_source" in wrong else source,
        problems=tuple(problems),
    )


def _problems(found: Mapping[str, Any]) -> Iterator[FieldProblem]:
    for name in found:
        if name not in KEYS:
            yield FieldProblem(name[:LONGEST_SHOWN], "unknown")
    given = found.get("inference_id")
    if not isinstance(given, str) or not INFERENCE_ID.fullmatch(given):
        yield FieldProblem("inference_id", "missing" if given is None else INFERENCE_ID_EXPECTED)
    source = found.get("label_source")
    if source is not None and not (isinstance(source, str) and len(source) <= LONGEST_SOURCE):
        yield FieldProblem("label_source", SOURCE_EXPECTED)
    try:
        _moment(found.get("event_time"))
    except ValueError:
        yield FieldProblem("event_time", EVENT_TIME_EXPECTED)


def _moment(text: object) -> datetime | None:
    """Raises ValueError where it is none, or has no zone."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text if isinstance(text, str) else "")
    if moment.tzinfo is None:
        raise ValueError(text)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error
